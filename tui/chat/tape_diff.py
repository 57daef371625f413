"""Two tapes compared: what differs in words, in frames and in timing."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import zip_longest
from statistics import median
from typing import Any

from msgspec import Struct

from tui.chat.export_code import dialect_of
from tui.chat.export_tape import opened_reads
from tui.chat.fold import fold
from tui.chat.word_diff import changes, share_alike
from tui.domain.error import LimitError, RilletError
from tui.domain.quantity import describe_rate, describe_seconds, describe_size
from tui.domain.rate import rate_of
from tui.domain.tape import Head, Tape
from tui.domain.turn import Prompt, Turn
from tui.wire.dialect import Dialect
from tui.wire.json_text import parse_json
from tui.wire.sse import Frame, FrameReader

MOST_WORDS = 400_000
"""Words of a text that are compared one by one."""
_SHOWN = 60
_CHANGES = 8
_VOLATILE = frozenset(("id", "created", "created_at", "item_id", "system_fingerprint", "obfuscation", "call_id"))
"""What differs between any two replies, and says nothing."""


class Difference(Struct, frozen=True):
    """One thing in which two exchanges differ: where, and what it is in each."""

    place: str
    first: str
    second: str


def compare_tapes(first: Tape, second: Tape) -> list[Difference]:
    """What differs, in the order request, words, frames, timing; nothing where the two are alike."""
    turns = [
        fold(tape, Turn(Prompt(""), id="tape", dialect=tape.dialect, model=tape.model)) for tape in (first, second)
    ]
    differences = [*_requests(first, second), *_replies(turns[0], turns[1])]
    volatile = _VOLATILE | ({"model"} if turns[0].answered_by != turns[1].answered_by else set())
    frames = _frames(first, second, volatile)
    return [*differences, *frames, *_times(first, second, turns[0], turns[1])]


def difference_lines(differences: Sequence[Difference]) -> list[str]:
    """The differences as lines; what is in the first tape, then what is in the second."""
    if not differences:
        return ["the two do not differ"]
    return [f"{each.place:<24} {each.first or '–'}  →  {each.second or '–'}" for each in differences]


def _requests(first: Tape, second: Tape) -> Iterator[Difference]:
    bodies: list[dict[str, Any]] = [dict(tape.request.body) if tape.request else {} for tape in (first, second)]
    yield from _told("asked at", first.endpoint, second.endpoint)
    yield from _told("dialect", dialect_of(first).title, dialect_of(second).title)
    if first.request is None or second.request is None:  # a raw stream: what was asked is not known
        yield from _told("request", *("on the tape" if tape.request is not None else "" for tape in (first, second)))
        return
    for name in sorted(set(bodies[0]) | set(bodies[1])):
        one, other = bodies[0].get(name), bodies[1].get(name)
        if one != other:
            yield Difference(f"request: {name}", _shown(one), _shown(other))


def _replies(one: Turn, other: Turn) -> Iterator[Difference]:
    yield from _told("model", one.answered_by, other.answered_by)
    yield from _told("ended", _ending(one), _ending(other))
    for name, text, text_2 in (
        ("words", one.text, other.text),
        ("reasoning", one.reasoning, other.reasoning),
        ("refusal", one.refusal, other.refusal),
    ):
        yield from _texts(name, text, text_2)
    for number, (call, call_2) in enumerate(zip_longest(one.tool_calls, other.tool_calls), 1):
        said = f"{call.name}({call.arguments})" if call is not None else ""
        said_2 = f"{call_2.name}({call_2.arguments})" if call_2 is not None else ""
        yield from _told(f"call {number}", said, said_2)
    tokens = [turn.usage.tokens() if turn.usage is not None else {} for turn in (one, other)]
    for name in ("input", "cached", "output", "reasoning"):
        yield from _told(f"tokens: {name}", _number(tokens[0].get(name)), _number(tokens[1].get(name)))


def _ending(turn: Turn) -> str:
    if turn.error is not None:
        return f"{turn.state}: {turn.error.message}"
    return f"{turn.state} ({turn.incomplete_reason or turn.finish_reason or 'no reason'})"


def _texts(name: str, one: str, other: str) -> Iterator[Difference]:
    if one == other:
        return
    words, words_2 = re.findall(r"\s+|\S+", one), re.findall(r"\s+|\S+", other)
    if max(len(words), len(words_2)) > MOST_WORDS:
        yield Difference(name, f"{len(one):,} characters", f"{len(other):,} characters")
        return
    differing = changes(words, words_2)
    count = "1 change" if len(differing) == 1 else f"{len(differing):,} changes"
    alike = share_alike(words, words_2, differing)
    yield Difference(name, f"{len(one):,} characters", f"{len(other):,}, {alike:.0%} alike, {count}")
    for change in differing[:_CHANGES]:
        at = len("".join(words[: change.start]))
        said, said_2 = words[change.start : change.end], words_2[change.other_start : change.other_end]
        yield Difference(f"  at {at:,}", _cut("".join(said)), _cut("".join(said_2)))


def _frames(first: Tape, second: Tape, volatile: Set[str]) -> Iterator[Difference]:
    """How many frames of each kind came, and where the two part; both are gone through once, side by side."""
    kinds, kinds_2 = Counter[str](), Counter[str]()
    parting: Difference | None = None
    pairs = zip_longest(_counted(first, kinds), _counted(second, kinds_2))
    for number, ((frame, value), (frame_2, value_2)) in enumerate(
        ((one or (None, None), other or (None, None)) for one, other in pairs), 1
    ):
        if parting is None and frame != frame_2:
            one, other = _stable(frame, value, volatile), _stable(frame_2, value_2, volatile)
            if one != other:
                name, part, part_2 = _parting(one, other)
                parting = Difference(f"first at frame {number:,}", f"{name}{_shown(part)}", _shown(part_2))
    yield from _told("frames", f"{kinds.total():,}", f"{kinds_2.total():,}")
    for kind in sorted(kinds.keys() | kinds_2.keys()):
        if kinds[kind] != kinds_2[kind]:
            yield Difference(f"  {kind}", f"{kinds[kind]:,}", f"{kinds_2[kind]:,}")
    if parting is not None:
        yield parting


def _counted(tape: Tape, kinds: Counter[str]) -> Iterator[tuple[Frame, Any]]:
    """The frames of a tape with what they say, each counted among those of its kind."""
    dialect: Dialect = dialect_of(tape)
    for frame in _frames_of(tape):
        value = _value(frame)
        is_odd = not isinstance(value, dict)
        kinds[("done" if "DONE" in frame.data else "odd") if is_odd else dialect.describes(value)[0]] += 1
        yield frame, value


def _times(first: Tape, second: Tape, one: Turn, other: Turn) -> Iterator[Difference]:
    figures = [_figures(first, one), _figures(second, other)]
    if first.is_untimed or second.is_untimed:
        yield from _told("time", *("" if tape.is_untimed else "on the tape" for tape in (first, second)))
        figures = [{name: each[name] for name in ("reads", "bytes")} for each in figures]
    for name in figures[0]:
        yield from _told(f"time: {name}", figures[0][name], figures[1][name])


def _figures(tape: Tape, turn: Turn) -> dict[str, str]:
    gaps, size = array("d"), 0
    before: float | None = None
    for read in tape.reads:
        if before is not None:
            gaps.append(read.at - before)
        before, size = read.at, size + len(read.data)
    rate = rate_of(turn)
    return {
        "head": _seconds(tape.response.at if tape.response is not None else None),
        "first token": _seconds(turn.timing.latency),
        "duration": _seconds(turn.timing.duration),
        "usual gap": _seconds(median(gaps) if gaps else None),
        "longest gap": _seconds(max(gaps, default=None)),
        "rate": describe_rate(rate[0], is_exact=rate[1]) if rate is not None else "",
        "reads": f"{len(tape.reads):,}",
        "bytes": describe_size(size),
    }


def _frames_of(tape: Tape) -> Iterator[Frame]:
    head = tape.response or Head(200, {})
    reader = FrameReader(takes_error_field=True)
    try:
        for read in opened_reads(tape, head):
            yield from reader.feed(read.data)
    except LimitError:
        return
    if (last := reader.close()) is not None:
        yield last


def _value(frame: Frame) -> Any:
    try:
        return parse_json(frame.data)
    except RilletError:
        return frame.data


def _stable(frame: Frame | None, value: Any, volatile: Set[str]) -> Any:
    """What a frame says, without what differs between any two replies."""
    said = _without(value, volatile)
    return said if frame is None or frame.event == "message" else {"event": frame.event, "data": said}


def _without(value: Any, volatile: Set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(member, volatile) for name, member in value.items() if name not in volatile}
    if isinstance(value, list):
        return [_without(member, volatile) for member in value]
    return value


def _parting(one: Any, other: Any, name: str = "") -> tuple[str, Any, Any]:
    """The first part in which two values differ: its name as a lead, and what it is in each."""
    names: Sequence[Any] = ()
    if isinstance(one, dict) and isinstance(other, dict):
        names = [*one, *(each for each in other if each not in one)]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        names = range(len(one))
    for each in names:
        part, part_2 = (value.get(each) if isinstance(value, dict) else value[each] for value in (one, other))
        if part != part_2:
            return _parting(part, part_2, f"{each}: " if isinstance(each, str) else name)
    return name, one, other


def _told(place: str, first: str, second: str) -> Iterator[Difference]:
    if first != second:
        yield Difference(place, _cut(first), _cut(second))


def _shown(value: Any) -> str:
    from tui.wire.json_text import write_shown_json

    return "" if value is None else _cut(write_shown_json(value))


def _cut(text: str) -> str:
    text = " ".join(text.split()) if text.strip() else text.replace("\n", "⏎")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else describe_seconds(seconds)
