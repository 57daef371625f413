"""Model lists, good and bad."""

from __future__ import annotations

from typing import Any

from tests.server.scenario import Ask, scenario
from tests.server.step import Answer, json_answer, text_answer

IDS = ("scripted-1", "scripted-2", "scripted-reasoning")


def models_answer(ask: Ask) -> Answer:
    """The plain list; there is no `/language-models`."""
    if ask.path.endswith("/language-models"):
        return json_answer({"error": {"message": "no such route"}}, 404)
    return json_answer({"object": "list", "data": [_entry(name) for name in IDS]})


def _entry(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1770000000, "owned_by": "tests", **more}


@scenario("models-xai", group="H")
def models_xai(ask: Ask) -> Answer:
    """xAI's `/language-models`, with prices and modalities."""
    if not ask.path.endswith("/language-models"):
        return json_answer({"object": "list", "data": [_entry("grok-image")]})
    common = {
        "object": "model",
        "owned_by": "xai",
        "created": 1770000000,
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "prompt_text_token_price": 12500,
        "cached_prompt_text_token_price": 3000,
        "completion_text_token_price": 25000,
    }
    models = [{"id": "grok-4", "aliases": ["grok-4-latest"], **common}, {"id": "grok-4-fast", "aliases": [], **common}]
    return json_answer({"models": models})


@scenario("models-404", group="H")
def models_404(ask: Ask) -> Answer:
    """No model list anywhere."""
    return json_answer({"detail": "Not Found"}, 404)


@scenario("models-html", group="H")
def models_html(ask: Ask) -> Answer:
    """A web page instead of a list."""
    return text_answer("<!doctype html><html><title>Welcome to the hotel</title></html>", 200, "text/html")


@scenario("models-junk", group="H")
def models_junk(ask: Ask) -> Answer:
    """JSON that is no list."""
    return text_answer('{"data": [1, {"id": null}, "x"', 200, "application/json")


@scenario("models-huge", group="H")
def models_huge(ask: Ask) -> Answer:
    """A list of 40 MB."""
    return Answer((b" " * 65536 for _ in range(640)), 200, {"content-type": "application/json"})


@scenario("models-many", group="H")
def models_many(ask: Ask) -> Answer:
    """10,000 entries."""
    if ask.path.endswith("/language-models"):
        return json_answer({}, 404)
    return json_answer({"data": [_entry(f"model-{number}") for number in range(10_000)]})


@scenario("models-escapes", group="D")
def models_escapes(ask: Ask) -> Answer:
    """Escape codes and markup in ids."""
    if ask.path.endswith("/language-models"):
        return json_answer({}, 404)
    return json_answer(
        {"data": [_entry("\x1b]0;pwned\x07evil"), _entry("[/]markup[@click=app.quit]"), _entry("a\u202eb")]}
    )


@scenario("models-stall", group="H")
def models_stall(ask: Ask) -> Answer:
    """Never answers."""
    from tests.server.step import End

    return Answer([End.HOLD], status=0)
