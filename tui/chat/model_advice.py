"""What was meant by the name of a model, or by an address, that an endpoint does not know."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import RilletError

if TYPE_CHECKING:
    from tui.chat.pricing import Lists
    from tui.domain.turn import Turn

_ADVICE_SECONDS = 3.0


async def advise(lists: Lists, turn: Turn, hint: str) -> str:
    """What to ask in place of a model or an address that the endpoint does not know; the hint where that is not seen."""
    from difflib import get_close_matches

    try:
        async with asyncio.timeout(_ADVICE_SECONDS):
            names = [name for model in await lists.models(turn.endpoint) for name in (model.id, *model.aliases)]
    except (RilletError, TimeoutError):
        return hint
    if turn.model in names:
        if "--dialect" in hint:  # it knows which of them were tried
            return hint
        others = [name for name in DIALECT_NAMES if name != turn.dialect]
        return f"It lists this model: it may not speak {turn.dialect}. Try --dialect {' or '.join(others)}."
    near = get_close_matches(turn.model, names, 1, 0.4)
    return f"Did you mean “{near[0]}”? The endpoint lists it." if near else hint
