"""Strips of which nothing is derived: Textual's own bring seven caches each, more than the text in them."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip


class _NoCache(FIFOCache[Any, Any]):
    """Keeps nothing."""

    __slots__ = ()

    def set(self, key: Any, value: Any) -> None:
        """Forget it."""

    __setitem__ = set  # noqa: A003  Textual's own name


_NOTHING = _NoCache(0)


class LightStrip(Strip):
    """A row that is painted as it is: what is made of it otherwise is made each time; only where it is cut is kept."""

    __slots__ = ()

    def __init__(self, segments: list[Segment], cell_length: int) -> None:
        """Take the segments, the list as well, and how many cells they have."""
        self._segments = segments
        self._cell_length = cell_length
        self._divide_cache = FIFOCache(4)
        self._crop_cache = FIFOCache(16)
        self._style_cache = self._filter_cache = self._line_length_cache = _NOTHING
        self._crop_extend_cache = self._offsets_cache = _NOTHING
        self._render_cache = self._link_ids = self._cell_count = None
