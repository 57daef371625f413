"""Citations: the sources an answer names, and where in its text it names them, in any dialect's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui.domain.delta import CitationDelta
from tui.wire.limit import Limits

Span = tuple[int, int]
"""From which character of a part of the text to which, the end not included."""


class CitationReader:
    """Tells each source once, and once for each place at which it is named."""

    def __init__(self, limits: Limits) -> None:
        """Start with none."""
        self._most = limits.citations
        self._sources: set[tuple[str, str]] = set()
        self._places: set[CitationDelta] = set()

    def read(self, raw: Any, part: int = 0, span: Span | None = None) -> Iterator[CitationDelta]:
        """Read one source: an address, an annotation with its place in it, or one that stands for a span of a part."""
        citation = _read(raw, part, span)
        if citation is None or len(self._places) >= self._most:
            return
        source = (citation.url, "" if citation.url else citation.title)
        if citation in self._places or (citation.end is None and source in self._sources):
            return
        self._sources.add(source)
        self._places.add(citation)
        yield citation


def _read(raw: Any, part: int, span: Span | None) -> CitationDelta | None:
    if isinstance(raw, str):
        return CitationDelta(raw, "", part, *(span or (None, None))) if raw else None
    if not isinstance(raw, Mapping):
        return None
    inner = raw.get("url_citation")
    if isinstance(inner, Mapping):  # Chat Completions
        raw = inner
    url = _word(raw.get("url")) or _word(raw.get("source"))
    title = _word(raw.get("title"))
    if not url:  # a file, or a document that was sent along
        names = (raw.get(name) for name in ("filename", "document_title", "title", "file_id"))
        title = next((name for name in names if isinstance(name, str) and name), "")
        if not title:
            return None
    start, end = span or _span(raw)
    return CitationDelta(url, title, part, start, end)


def _span(raw: Mapping[str, Any]) -> tuple[int | None, int | None]:
    start, end, at = (_place(raw.get(name)) for name in ("start_index", "end_index", "index"))
    if start is None or end is None or start > end:
        return at, at  # a file is named at one place
    return start, end


def _place(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
