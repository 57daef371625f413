"""Quantities in words: lengths of time, sizes and rates, written the same wherever they are shown."""

from __future__ import annotations


def describe_seconds(seconds: float) -> str:
    """A length of time: `1.7 ms`, `40 ms`, `0.31 s`, `12.3 s`, `1 min 30 s`, `2 h 5 min`.

    Whole seconds, as settings have them, carry no decimals: `30 s`.
    """
    if seconds < 59.95 and seconds != int(seconds):
        if seconds < 0.0995:
            return f"{seconds * 1000:.{1 if seconds < 0.00995 else 0}f} ms".replace(".0 ", " ")
        return f"{seconds:.2f} s" if seconds < 0.995 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest, names = (*divmod(whole, 60), ("min", "s"))
    if minutes >= 60:
        minutes, rest, names = (*divmod(round(whole / 60), 60), ("h", "min"))
    return f"{minutes} {names[0]}" + (f" {rest} {names[1]}" if rest else "")


def describe_seconds_in(seconds: float, cells: int) -> str:
    """The same in a column: where there is no room for minutes and seconds it is rounded, and keeps its unit."""
    words = describe_seconds(seconds)
    if len(words) <= cells:
        return words
    whole = round(seconds)
    if whole < 1000:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 600 else f"{round(minutes / 60)} h"


def describe_size(count: float) -> str:
    """A number of bytes: `840 B`, `1.5 KB`, `93 MB`; a KB is 1,000 B."""
    if count < 999.5:
        return f"{count:.0f} B"
    for unit in ("KB", "MB", "GB"):
        count /= 1000
        if count < 999.5 or unit == "GB":
            break
    return f"{count:.0f} {unit}" if count >= 9.95 else f"{count:.1f} {unit}".replace(".0 ", " ")


def describe_turns(count: int) -> str:
    """A number of turns: `1 turn`, `1,200 turns`."""
    return "1 turn" if count == 1 else f"{count:,} turns"


def describe_rate(tokens: float, *, is_exact: bool = True) -> str:
    """Tokens a second: `1,256 tok/s`, `8.4 tok/s`; marked `~` where they were not counted by the endpoint."""
    number = f"{tokens:,.0f}" if tokens >= 9.95 else f"{tokens:.1f}".removesuffix(".0")
    return f"{'' if is_exact else '~'}{number} tok/s"
