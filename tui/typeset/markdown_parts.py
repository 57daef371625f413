"""What `markdown_it` brings along and rillet hardly ever uses: a megabyte that most replies have no need of."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import ModuleType
from typing import cast

_ENTITIES = "markdown_it.common.entities"
_LINKS = "linkify_it"


def leave_out() -> None:
    """Import `markdown_it`, whenever it comes, without its finder of links, and its names of characters once one is met."""
    if "markdown_it" in sys.modules:
        return
    entities = ModuleType(_ENTITIES)
    entities.__dict__["entities"] = _Entities()
    sys.modules[_ENTITIES] = entities
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    modules.setdefault(_LINKS, None)  # which says that there is none: addresses are ours to find


class _Entities(Mapping[str, str]):
    """The characters that have names, by name without the semicolon."""

    @cached_property
    def _table(self) -> dict[str, str]:
        from html.entities import html5

        return {name.rstrip(";"): characters for name, characters in html5.items()}

    def __getitem__(self, name: str) -> str:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)
