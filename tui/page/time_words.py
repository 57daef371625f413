"""Why an exchange took as long as it did, in words: the shares of its time, what took most of it first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from tui.domain.quantity import describe_rate, describe_seconds
from tui.domain.rate import CHARACTERS_PER_TOKEN, FASTEST
from tui.domain.usage import Usage
from tui.page.line import Line, Run, width_of
from tui.page.time_parts import WRITTEN
from tui.page.timeline import Timeline
from tui.typeset.wrap import wrap_told

MOST_OF = 0.8
"""The part of a wait from which on what it was for is said."""
SLOW_CONNECT = 0.3
"""Seconds that making a connection may take without a word."""
AHEAD = {"connection": "connecting", "sending": "connected, sending", "head": "waiting for the first byte"}
"""What is waited for before the head, in words."""
SLOW_RATE = 12
"""Tokens a second that are slow, for whoever reads along."""
MOST_SHARES = 5
WRITES = ("writing", "thinking")
"""The shares that a rest which is not worth a word of its own is added to."""
UNTIMED = "it does not tell when what of it came"
"""What is said of a raw stream."""
_BRIEFER = {
    " (kept alive)": "",
    "waiting for the server to answer": "until the server answered",
    "waiting for the ": "until the ",
    "held back and sent in bursts": "held back, in bursts",
}


class Share(Struct, frozen=True):
    """A part of the time that went by: what it was, and how long."""

    words: str
    seconds: float
    key: str

    @property
    def brief(self) -> str:
        """The same where there is less room."""
        words = self.words
        for long, short in _BRIEFER.items():
            words = words.replace(long, short)
        return words


def sentence(timeline: Timeline, width: int, rows: int = 1, now: float | None = None) -> list[Line]:
    """Why it took as long as it did, in at most so many rows; more than one where that says more."""
    line = words_of(timeline, width, now)
    if rows == 1 or (_says_all(line) and width_of(line) <= width):
        return [line]
    room = rows * width
    while room > width:
        runs = words_of(timeline, room, now)
        if len(broken := [row for row, _ in wrap_told(runs, width)]) <= rows:
            return broken
        room = width_of(runs) - 1  # the next fewer words
    return [line]


def _says_all(line: Sequence[Run]) -> bool:
    """Whether a sentence names each share of the time, where it speaks of shares."""
    text = "".join(words for words, _ in line)
    counts = [int(each) for each in re.findall(r"(\d+) %", text)]
    return not counts or (sum(counts) == 100 and not text.endswith(" other"))


def words_of(timeline: Timeline, width: int, now: float | None = None) -> Line:
    """Why it took as long as it did: styled runs, what took most of it first, as far as there is room in one row."""
    span = timeline.span if now is None else max(now, timeline.span)
    if timeline.unread:
        left = sum(each.reads for each in timeline.unread)
        percent = 100 * timeline.reads / max(1, timeline.reads + left)
        return [(f"{describe_seconds(span)}: ", "title"), (f"reading the tape, {percent:.0f} %", "muted")]
    if timeline.is_untimed:
        return [(UNTIMED, "muted")]
    shares = shares_of(timeline, now)
    if not shares or span <= 0:
        return []
    retry = timeline.retry if timeline.awaits_retry or not timeline.lost else ""  # else it is one of the shares
    runs = [(retry, "warning")] if retry else []
    if timeline.awaits_retry:
        return runs
    if timeline.awaits and now is not None:
        return [*runs, *_ahead_runs(timeline, now, width - width_of(runs), follows=bool(retry))]
    runs.append((f"{', then ' if retry else ''}{describe_seconds(span)}: ", "title"))
    return runs + _share_runs(shares, span, width - width_of(runs), rate_of(timeline))


def _ahead_runs(timeline: Timeline, now: float, room: int, *, follows: bool) -> Line:
    """What is waited for before the head, and for how long."""
    made, awaits = timeline.made, timeline.awaits
    since = max(made, timeline.phases.get("sent", 0.0)) if awaits == "head" else timeline.lead
    words = f"{', then ' if follows else ''}{AHEAD[awaits]} for {describe_seconds(now - since)}"
    more = f", connecting took {describe_seconds(made - timeline.lead)}"
    is_slow = awaits == "head" and made - timeline.lead > SLOW_CONNECT
    return [(words, "title"), *([(more, "warning")] if is_slow and len(words) + len(more) <= room else [])]


def shares_of(timeline: Timeline, now: float | None = None) -> list[Share]:
    """Where the time went, the largest share first; together they are all of it."""
    phases, span = timeline.phases, timeline.span if now is None else max(now, timeline.span)
    lead, made = timeline.lead, timeline.made
    parts = [Share(timeline.lost_words, lead, "warning")] if lead else []
    if made > lead:
        parts.append(Share("connecting", made - lead, "muted"))
    first = phases.get("delta")
    if first is None:
        what = "waiting for an answer" if "head" not in phases else _first_token(timeline, span)
        parts.append(Share(what, max(0.0, span - made), "warning"))
        return sorted(parts, key=lambda part: -part.seconds)
    parts.append(Share(_wait_words(timeline, first), max(0.0, first - made), "warning"))
    last = timeline.last_written or first
    quiet = [gap for gap in timeline.unusual_gaps() if gap.begin >= first and timeline.comes_in != "bursts"]
    begins_text = phases.get("text")
    thought = max(0.0, (begins_text or last) - phases["thinking"]) if "thinking" in phases else 0.0
    if thought:
        parts.append(Share("thinking", thought, "kw"))
    wrote = [gap for gap in quiet if begins_text is not None and begins_text <= gap.begin < last]
    count, still = len(wrote), sum(gap.length for gap in wrote)
    if count:
        parts.append(Share("in silence" if count == 1 else f"in {count} silences", still, "error"))
    if begins_text is not None:
        words, key = (
            ("held back and sent in bursts", "warning") if timeline.comes_in == "bursts" else ("writing", "accent")
        )
        parts.append(Share(words, max(0.0, last - begins_text - still), key))
    rest, is_written = span - last, any(part.seconds > 0 and part.words in WRITES for part in parts)
    if rest > (min(0.1 * span, max(timeline.usual, 0.02 * span)) if is_written else 0.02 * span):
        words = "waiting for the end" if "end" in phases else "waiting for more"
        parts.append(Share(words, rest, "warning"))
    return sorted((part for part in parts if part.seconds > 0), key=lambda part: -part.seconds)


def _wait_words(timeline: Timeline, first: float) -> str:
    """What was waited for until the first token came, in words that follow a share of the time."""
    if timeline.comes_in == "one":
        return "held back until it was whole"
    made = timeline.made
    if timeline.phases.get("head", 0.0) - made > MOST_OF * (first - made):
        return "waiting for the server to answer"
    return _first_token(timeline, first)


def _first_token(timeline: Timeline, until: float) -> str:
    """That the first token is waited for, and whether the connection was kept alive meanwhile."""
    return "waiting for the first token" + (" (kept alive)" if timeline.comments_until(until) > 1 else "")


def rate_of(timeline: Timeline) -> tuple[float, bool] | None:
    """Tokens a second while it wrote, silences apart, and whether the endpoint counted them; `None` where that says nothing."""
    took = sum(share.seconds for share in shares_of(timeline) if share.words == "writing")
    if took < 0.1:
        return None
    thought = timeline.characters[WRITTEN.index("thinking")]
    characters = sum(timeline.characters) - thought
    tokens, is_exact = _written_tokens(timeline.usage, characters, thought)
    return (tokens / took, is_exact) if 0 < tokens / took <= FASTEST else None


def _written_tokens(usage: Usage | None, characters: int, thought: int) -> tuple[float, bool]:
    """The tokens of what was written, thoughts apart: those that were counted, else by a rough measure."""
    if usage is None or not usage.output:
        return characters / CHARACTERS_PER_TOKEN, False
    if usage.reasoning or not thought:
        return usage.output - (usage.reasoning or 0), True
    return usage.output * characters / (characters + thought), False


def percents(shares: Sequence[Share], span: float) -> list[int]:
    """The share of each in percent, rounded so that they are a hundred together; a rest that is no share of its own is writing's."""
    seconds = [share.seconds for share in shares]
    at_writing = next((at for at, share in enumerate(shares) if share.words in WRITES), 0)
    seconds[at_writing] += max(0.0, span - sum(seconds))
    exact = [100 * each / max(span, sum(seconds)) for each in seconds]
    whole = [int(percent) for percent in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: whole[at] - exact[at])
    for at in by_rest[: 100 - sum(whole)]:
        whole[at] += 1
    return whole


def _share_runs(shares: Sequence[Share], span: float, room: int, rate: tuple[float, bool] | None) -> Line:
    """Shares of the time in words, the largest first, as many as there is room for; those left out are told as one, or as “…”.

    The rate belongs to what was written: where that took most of the time and was slow, it comes before anything else.
    """
    by_size = sorted(
        zip(percents(shares, span), shares, strict=True), key=lambda each: -each[0]
    )  # with what is rounded
    counts, shares = [count for count, _ in by_size], [share for _, share in by_size]
    pace = "" if rate is None else describe_rate(rate[0], is_exact=rate[1])
    is_slow = rate is not None and rate[0] < SLOW_RATE and shares[0].words == "writing"
    most = sum(count >= 1 or not number for number, count in enumerate(counts[:MOST_SHARES]))
    for number in range(most, 0, -1):
        left = 100 - sum(counts[:number])
        rest = f", {left} % other" if left else ""
        for is_brief in (False, True):
            texts = [
                f"{count} % {share.brief if is_brief else share.words}"
                for share, count in zip(shares[:number], counts, strict=False)
            ]
            texts[0] += f" at only {pace}" if is_slow else ""
            endings = [rest] if not is_brief else [rest, *([", …"] if number > 1 and left < counts[number - 1] else [])]
            for ending in endings:
                spare = room - len(", ".join(texts)) - len(ending)
                if spare >= 0 or (number == 1 and is_brief):
                    return _runs(shares, texts, ending if spare >= 0 else "", "" if is_slow else pace, spare)
    return []


def _runs(shares: Sequence[Share], texts: list[str], ending: str, pace: str, spare: int) -> Line:
    for number, share in enumerate(shares[: len(texts)]):
        if share.words == "writing" and pace and len(f" at {pace}") <= spare:
            texts[number] += f" at {pace}"
    runs = [
        (f"{', ' if number else ''}{text}", "muted" if number else shares[0].key) for number, text in enumerate(texts)
    ]
    return runs + ([(ending, "muted")] if ending else [])
