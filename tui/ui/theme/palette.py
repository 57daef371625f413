"""The palette: a theme's colours as the styles that lines are painted in, by style key.

The keys are those of `tui.typeset` and a few of the screen's own. A style has no background unless the key is
about one, so that a line can stand on any surface.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style

from tui.ui.theme.theming import Theme, blend

Palette = Mapping[str, Style]


def palette(theme: Theme) -> Palette:
    """The styles of a theme."""

    def ink(colour: str, *, bold: bool | None = None, italic: bool | None = None, under: bool | None = None) -> Style:
        if colour == "dim":  # a terminal's own grey is often unreadable; its own faint text never is
            return Style(dim=True, bold=bold, italic=italic, underline=under)
        return Style(color=colour, bold=bold, italic=italic, underline=under)

    muted, accent, code = ink(theme.muted), ink(theme.accent), theme.code
    success, warning, error = ink(theme.success), ink(theme.warning), ink(theme.error)
    heading = Style(bold=True)
    return {
        "": Style.null(),
        "text": ink(theme.text),
        "muted": muted,
        "accent": accent,
        "success": success,
        "warning": warning,
        "error": error,
        "strong": Style(bold=True),
        "em": Style(italic=True),
        "strike": Style(strike=True),
        "code": ink(code.builtin),
        "h1": ink(theme.accent, bold=True),
        "h2": ink(theme.text, bold=True, under=True),
        "h3": heading,
        "h4": heading,
        "h5": ink(theme.muted, bold=True),
        "h6": ink(theme.muted, bold=True),
        "bullet": accent,
        "quote": ink(theme.muted, italic=True),
        "rule": muted,
        "gap": muted if theme.ansi else ink(blend(theme.background, theme.muted, 0.75)),
        "fence": _ground(theme),
        "fence-head": muted + _ground(theme),
        "kw": ink(code.keyword),
        "str": ink(code.string),
        "num": ink(code.number),
        "com": ink(theme.muted, italic=True),
        "fn": ink(code.function),
        "op": Style.null(),
        "bi": ink(code.builtin),
        "link": ink(theme.accent, under=True),
        "image": ink(theme.accent, italic=True),
        "math": ink(code.number, italic=True),
        "task-done": success,
        "task-open": muted,
        "footnote": muted,
        "th": heading,
        "role-user": ink(theme.text, bold=True),
        "prompt-side": accent,
        "role-reply": ink(theme.accent, bold=True),
        "ending-ok": muted,
        "ending-warn": warning,
        "ending-bad": error,
        "cursor": Style(reverse=True) if theme.ansi else Style(bgcolor=theme.cursor_ground, bold=True),
        "selection": _selection(theme),
        "lit": _laid(theme, theme.warning, 0.42),
        "match": Style(color=theme.background, bgcolor=theme.warning)
        if not theme.ansi
        else Style(color="black", bgcolor="yellow"),
        "key": ink(theme.text, bold=True),
        "title": ink(theme.text, bold=True),
        "title-now": ink(theme.accent, bold=True),
        "loud": Style(color=theme.background, bgcolor=theme.warning, bold=True)
        if not theme.ansi
        else Style(reverse=True, bold=True),
        "tool-arriving": accent,
        "tool-waiting": warning,
        "tool-running": accent,
        "tool-done": success,
        "tool-failed": error,
        "tool-denied": warning,
        "tool-stopped": warning,
    }


def _ground(theme: Theme) -> Style:
    """What code stands on; a terminal's own colours have only one ground."""
    return Style.null() if theme.ansi else Style(bgcolor=theme.surface)


def _selection(theme: Theme) -> Style:
    return Style(reverse=True) if theme.ansi else Style(color=theme.text, bgcolor=theme.selection_ground)


def _laid(theme: Theme, colour: str, share: float) -> Style:
    if theme.ansi:
        return Style(reverse=True)
    return Style(color=theme.text, bgcolor=blend(theme.background, colour, share))
