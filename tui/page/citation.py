"""Citations on the page: the number of each source where the answer names it, and the list of them below."""

from __future__ import annotations

import re

from tui.domain.delta import CitationDelta
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.turn import Mark, Turn
from tui.page.block import Note
from tui.typeset.line import Run
from tui.wire.printable import printable_line

_OWN_NUMBER = LazyPattern(r"\s*\[+(\d{1,4})\]")
"""How an answer that numbers its sources itself begins the words that name one."""
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)


def marked_texts(turn: Turn) -> list[str]:
    """The parts of the answer, with the number of a source where its words do not name it themselves."""
    if not turn.marks:
        return turn.body.parts
    numbers = numbers_of(turn)
    return [_marked(turn, number, text, numbers) for number, text in turn.body.numbered]


def numbers_of(turn: Turn) -> list[int]:
    """The number of each source: the answer's own, where it numbers them all apart, else by their order."""
    own: dict[int, int] = {}
    texts = dict(turn.body.numbered)
    for mark in turn.marks:
        if (match := _OWN_NUMBER.match(_named(texts, mark))) is not None:
            own.setdefault(mark.source, int(match[1]))
    count = len(turn.citations)
    if len(set(own.values())) < len(own):
        own = {}
    free = (number for number in range(1, count + len(own) + 1) if number not in own.values())
    return [own[source] if source in own else next(free) for source in range(count)]


def citation_block(turn: Turn) -> Note:
    """The sources an answer names, by their numbers, each with its real address."""
    rows: list[list[Run]] = [[("Sources", "muted")]]
    for number, citation in sorted(zip(numbers_of(turn), turn.citations, strict=True), key=lambda pair: pair[0]):
        rows.append([(f"[{number}] ", "muted"), *_source(citation)])
    return Note("citations", rows, gap=1)


def source_lines(turn: Turn) -> list[str]:
    """The same as plain lines; each says for which words of the answer it is named."""
    texts = dict(turn.body.numbered)
    lines = []
    for source, (number, citation) in enumerate(zip(numbers_of(turn), turn.citations, strict=True)):
        line = " ".join("".join(text for text, _ in _source(citation)).split())
        words = (_named(texts, mark) for mark in turn.marks if mark.source == source)
        named = [f"“{_short(word)}”" for word in words if word.strip() and not _says_itself(word, citation)]
        lines.append(f"[{number}] {line}" + (f", for {', '.join(named)}" if named else ""))
    return lines


def _source(citation: CitationDelta) -> list[Run]:
    url, title = printable_line(citation.url), printable_line(citation.title)
    is_named = bool(title) and title != url
    runs: list[Run] = [(f"{title}  " if url else title, "")] if is_named else []
    return [*runs, (url, f"link:{url}")] if url else runs


def _named(texts: dict[int, str], mark: Mark) -> str:
    return texts.get(mark.part, "")[mark.start : mark.end]


def _says_itself(words: str, citation: CitationDelta) -> bool:
    """Whether the words that name a source are a link to it, or its number."""
    return _OWN_NUMBER.match(words) is not None or (bool(citation.url) and citation.url in words)


def _marked(turn: Turn, part: int, text: str, numbers: list[int]) -> str:
    """A part with numbers in it, from its end on, so that the places before stay where they are."""
    places: dict[int, list[int]] = {}
    for mark in turn.marks:
        if mark.part == part and not _says_itself(text[mark.start : mark.end], turn.citations[mark.source]):
            at = len(text[: mark.end].rstrip())
            if len(_FENCE.findall(text, 0, at)) % 2 == 0:  # in code it would be code
                places.setdefault(at, []).append(mark.source)
    for at in sorted(places, reverse=True):
        signs = "".join(_sign(turn.citations[source], numbers[source]) for source in dict.fromkeys(places[at]))
        text = f"{text[:at]} {signs}{text[at:]}"
    return text


def _sign(citation: CitationDelta, number: int) -> str:
    """The number of a source in Markdown; a link where it has an address."""
    url = citation.url
    is_address = url.startswith(("http://", "https://")) and not re.search(r"[<>\s\\]", url)
    return f"[\\[{number}\\]](<{url}>)" if is_address else f"\\[{number}\\]"


def _short(text: str, limit: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= limit else f"…{words[-limit:]}"
