"""How a turn ended, in words: what happened, what was kept, what it took, what to press."""

from __future__ import annotations

from typing import Protocol

from tui.domain.doubt import BETWEEN_WORDS, NO_TEXT
from tui.domain.kept import describe_kept
from tui.domain.message import ImagePart
from tui.domain.quantity import describe_rate, describe_seconds
from tui.domain.rate import first_word, rate_of
from tui.domain.turn import Turn, TurnState
from tui.page.block import Note
from tui.page.picture import PictureBlock
from tui.page.wording import retry_words, server_figures, usage_figures
from tui.typeset.line import LINK, Run
from tui.wire.printable import printable_line

ODD = frozenset({NO_TEXT, BETWEEN_WORDS, "usage", "late break", "bad frame", "text replaced", "no end"})
"""The kinds of oddities that make one doubt a reply; what is only unknown is seen in the wire."""

RUN = "run:"
"""What the target of a run begins with that is no address: the id of an action stands behind it."""


class Keys(Protocol):
    """What the page asks of the keymap."""

    def name(self, action_id: str) -> str:
        """The first key of an action as people write it; empty where it has none."""

    def short(self, action_id: str) -> str:
        """What it does, in a word."""


def describe_ending(turn: Turn, keys: Keys | None) -> list[list[Run]]:
    """The lines under a finished reply; muted when all is well.

    The first says how it ended and what it took; after a fault, what can be done follows, where there are keys for it.
    """
    return [line for line in _describe_ending(turn, keys) if line]


def image_blocks(turn: Turn, *, is_over: bool) -> list[Note]:
    """The images that were made, with where each is kept once the reply is over, and those that are being made."""
    from tui.chat.made_image import image_lines

    words = dict(zip(sorted(turn.images), image_lines(turn), strict=True)) if is_over and turn.images else {}
    blocks: list[Note] = []
    for index in sorted({*turn.images, *turn.previews}):
        if index in turn.images:
            image = ImagePart(turn.images[index])
            blocks.append(PictureBlock(image, printable_line(words.get(index, ""))))
        elif not is_over:
            seen = turn.previews[index]
            said = f"an image is being made: {seen} preview{'' if seen == 1 else 's'} so far"
            blocks.append(Note("image", [[("▣ ", "muted"), (said, "muted")]]))
    return blocks


def _describe_ending(turn: Turn, keys: Keys | None) -> list[list[Run]]:
    lines = _describe_outcome(turn, keys)
    odd = [oddity for oddity in turn.oddities if oddity.kind in ODD]
    if odd:
        more = len(odd) - 1
        tail = f", and {more:,} more such {'thing' if more == 1 else 'things'}" if more else ""
        lines.append([(f"odd: {printable_line(odd[0].detail)[:200]}{tail}", "muted")])
    return lines


def _describe_outcome(turn: Turn, keys: Keys | None) -> list[list[Run]]:
    finish = turn.finish
    figures = describe_figures(turn)
    if turn.state is TurnState.COMPLETE and turn.error is None:
        if turn.source and not turn.finish_reason:
            words = f"from {printable_line(turn.source)}" + ("" if _holds_anything(turn) else ", which kept no reply")
            return [[(" · ".join([words, *figures]), "ending-ok")]]
        words = printable_line(finish.words)
        if finish.is_cut:
            return [_line("✂ ", words, "ending-warn", figures), _ways_on(turn, keys)]
        if not finish.is_plain:
            return [_line("✂ " if not finish.words.startswith("ended") else "", words, "ending-warn", figures)]
        return [[(" · ".join([words, *figures]), "ending-ok")]]
    came = describe_kept(turn)
    after = f" after {came}, kept" if came else ""
    message = printable_line(turn.error.message).rstrip(".") if turn.error else ""
    if turn.state is TurnState.STOPPED:
        return [
            _line("■ ", f"{message or 'stopped by you'}{after}", "ending-warn", figures),
            _ways_on(turn, keys),
        ]
    if turn.state is TurnState.TRUNCATED:
        first_line = _line("✂ ", f"{message or 'ended early'}{after}", "ending-bad", figures)
    elif turn.state is TurnState.LIMIT:
        first_line = _line("✂ ", f"{message or 'a limit was reached'}{after}", "ending-warn", figures)
    else:
        first_line = _line("✖ ", f"{message or 'failed'}{after}", "ending-bad", figures)
    lines = [first_line]
    if turn.error and turn.error.hint:
        lines.append([(printable_line(turn.error.hint), "")])
    carries_on = ("chat.continue",) if turn.body.size else ()
    lines.append(_offers(keys, "chat.retry", *carries_on, "chat.edit"))
    return lines


def _holds_anything(turn: Turn) -> bool:
    return bool(turn.body.size or turn.thoughts.size or turn.refusals.size or turn.tool_calls or turn.images)


def describe_figures(turn: Turn) -> list[str]:
    """What the reply took, as far as it is known: latency, duration, rate, tokens."""
    timing = turn.timing
    figures = [words] if (words := retry_words(turn)) else []
    if timing.latency is not None:
        figures.append(f"first token {describe_seconds(timing.latency)}")
    if (to_word := first_word(timing)) is not None:
        figures.append(f"first word {describe_seconds(to_word)}")
    if timing.duration is not None:
        figures.append(describe_seconds(timing.duration))
    if (speed := rate_of(turn)) is not None:
        figures.append(describe_rate(speed[0], is_exact=speed[1]))
    if turn.usage is not None:
        figures += [*usage_figures(turn.usage), *server_figures(turn.usage)]
    return figures


def _line(symbol: str, words: str, key: str, figures: list[str]) -> list[Run]:
    tail = "".join(f" · {figure}" for figure in figures)
    return [(f"{symbol}{words}", key), *([(tail, "muted")] if tail else [])]


def _ways_on(turn: Turn, keys: Keys | None) -> list[Run]:
    """What can be done about a reply that is not whole: it can be continued only where something of it came."""
    return _offers(keys, *(["chat.continue"] if turn.text else []), "chat.retry")


def _offers(keys: Keys | None, *action_ids: str) -> list[Run]:
    runs: list[Run] = []
    for action_id in action_ids:
        target = f"{LINK}{RUN}{action_id}"
        if keys is not None and (key := keys.name(action_id)):
            gap: list[Run] = [(" · ", "muted")] if runs else []
            runs += [*gap, (key, f"key+{target}"), (f" {keys.short(action_id)}", f"muted+{target}")]
    return runs
