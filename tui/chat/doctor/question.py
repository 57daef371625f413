"""The questions of the doctor: what is sent, and what it costs at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.message import Message, TextPart
from tui.domain.request import ReplySchema, Request, ToolDefinition
from tui.wire.dialect import dialect_named

QuestionKind = Literal["text", "tools", "schema", "error", "again", "cancel", "after"]

TOOL = ToolDefinition(
    "get_weather",
    "The weather in a city",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "minLength": 1, "maxLength": 40}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
SCHEMA = ReplySchema(
    "place",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string", "minLength": 1, "maxLength": 30},
            "is_capital": {"type": "boolean"},
        },
        "required": ["city", "is_capital"],
        "additionalProperties": False,
    },
)
TRIES = 3
"""How often the time to the first token is taken; the first question is one of them."""


class Question(Struct, frozen=True):
    """One request: what it is for, the prompt, and the most tokens of the reply."""

    kind: QuestionKind
    prompt: str
    max_tokens: int
    about: str

    def request(self, model: str) -> Request:
        """As it is asked of a model."""
        return Request(
            model,
            (Message("user", (TextPart(self.prompt),)),),
            max_tokens=self.max_tokens,
            tools=(TOOL,) if self.kind == "tools" else (),
            schema=SCHEMA if self.kind == "schema" else None,
            # What no endpoint can take: its answer shows how it says no.
            body={"messages": 7, "input": 7} if self.kind == "error" else {},
        )


_COUNT = "Count from 1 to 20, with commas between."
TEXT = Question("text", _COUNT, 40, "a reply of text: how it streams and ends, its usage")
TOOLS = Question("tools", "What is the weather in Paris? Use the tool.", 96, "a tool call: whole or in fragments")
STRUCTURE = Question("schema", "Where is the Eiffel Tower? Answer as JSON.", 48, "JSON by a schema: whether it is kept")
ERROR = Question("error", "", 1, "a request that is wrong on purpose: how errors are written")
AGAIN = Question("again", _COUNT, 16, "the time to the first token, once more")
CANCEL = Question(
    "cancel", "Write a long story about a lighthouse.", 400, "a long reply, hung up on at its first token"
)
AFTER = Question("after", "Say hello.", 8, "and how soon the next one is answered")

OF_A_DIALECT = (TOOLS, STRUCTURE, ERROR)
"""Asked in each dialect that is spoken, after the first question."""


def plan(dialects: Sequence[DialectName] = DIALECT_NAMES, *, is_local: bool) -> Iterator[tuple[str, str]]:
    """Each request that may be sent: where, and what it is for."""
    if not is_local:  # its model is known
        yield "GET /language-models", "the models it lists, with their prices"
        yield "GET /models", "the models it lists"
    for name in dialects:
        for question in (TEXT, *OF_A_DIALECT):
            yield _line(name, question)
    where = "in one of these" if len(dialects) > 1 else "as above"
    for question in (*[AGAIN] * (TRIES - 1), CANCEL, AFTER):
        yield where, question.about + _limit(question)


def _line(name: DialectName, question: Question) -> tuple[str, str]:
    return f"POST {dialect_named(name).path}", question.about + _limit(question)


def _limit(question: Question) -> str:
    return "" if question.kind == "error" else f" ({question.max_tokens} tokens at most)"
