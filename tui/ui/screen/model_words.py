"""The models that a command can be given, by the words that name them."""

from __future__ import annotations

from collections.abc import Sequence

from tui.domain.error import RilletError
from tui.ui.screen.stage import Stage
from tui.wire.printable import printable_line

MODEL_COMMANDS = ("model", "race")
"""The commands that take models: `/model` one of the endpoint that is asked now, `/race` any."""
MOST_OFFERED = 200


def favourites(stage: Stage) -> list[tuple[str, str]]:
    """The endpoints and models that are marked, as far as they can be asked."""
    pairs = (word.partition("/")[::2] for word in stage.program.choices.favourites)
    return [(endpoint, model) for endpoint, model in pairs if endpoint in stage.program.endpoints and model]


async def model_words(stage: Stage, command: str) -> list[str]:
    """Models in the words that a command takes them in, those that were marked or set first.

    The list of the endpoint that is asked now is fetched where it is not there yet; of the others, what is set.
    """
    here = stage.conversation.sheet.endpoint
    endpoints = stage.program.endpoints
    pairs = [*favourites(stage), *((name, each.model) for name, each in endpoints.items() if each.model)]
    try:
        pairs += [(here, model.id) for model in await stage.program.models(here)]
    except RilletError:
        pairs.append((here, stage.conversation.sheet.model))
    words = (
        model if endpoint == here else f"{model}@{endpoint}"
        for endpoint, model in pairs
        if model and (endpoint == here or command == "race")
    )
    return [word for word in dict.fromkeys(words) if not any(map(str.isspace, word)) and printable_line(word) == word]


def fitting(words: Sequence[str], text: str) -> list[str]:
    """The words that hold a text, those that begin with it first; none once one of them is written."""
    if text in words:
        return []
    low = text.lower()
    begin = [word for word in words if word.lower().startswith(low)]
    return [*begin, *(word for word in words if low in word.lower() and word not in begin)][:MOST_OFFERED]
