"""The words of which settings and the command line choose one for an endpoint.

Nothing but the standard library is imported here: the command line knows them before anything else is there.
"""

from __future__ import annotations

from typing import Literal, get_args

DialectName = Literal["chat", "responses", "messages"]
"""The dialects there are; each is a folder of that name in `wire/dialect`."""

DIALECT_NAMES: tuple[DialectName, ...] = get_args(DialectName)
"""The names of the dialects; the first is spoken where nobody says which."""

Effort = Literal["", "none", "minimal", "low", "medium", "high", "xhigh", "max"]
"""How hard a model is asked to think; empty leaves it to the model."""

EFFORTS: tuple[Effort, ...] = tuple(word for word in get_args(Effort) if word)
"""The words for it, from the least to the most."""
