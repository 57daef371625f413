"""Patterns that are compiled when first used: most are for what goes wrong, and a start should not wait for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import AnyStr, Generic


class LazyPattern(Generic[AnyStr]):
    """A regular expression, compiled by its first use."""

    def __init__(self, pattern: AnyStr, flags: int = 0) -> None:
        """Keep a pattern and its flags, as `re.compile` takes them."""
        self._pattern: AnyStr = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[AnyStr]:
        return re.compile(self._pattern, self._flags)

    def search(self, text: AnyStr) -> re.Match[AnyStr] | None:
        """Find the pattern anywhere."""
        return self._compiled.search(text)

    def match(self, text: AnyStr) -> re.Match[AnyStr] | None:
        """Find the pattern at the beginning."""
        return self._compiled.match(text)

    def fullmatch(self, text: AnyStr) -> re.Match[AnyStr] | None:
        """See whether all of the text is the pattern."""
        return self._compiled.fullmatch(text)

    def finditer(self, text: AnyStr) -> Iterator[re.Match[AnyStr]]:
        """Find the pattern everywhere."""
        return self._compiled.finditer(text)

    def sub(self, replacement: AnyStr | Callable[[re.Match[AnyStr]], AnyStr], text: AnyStr, count: int = 0) -> AnyStr:
        """Replace the pattern wherever it is."""
        return self._compiled.sub(replacement, text, count)
