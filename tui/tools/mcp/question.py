"""Questions that servers ask a person while they work (elicitation), and the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from tui.domain.host import is_loopback
from tui.schema.check import violations
from tui.schema.json_value import freeze, is_sequence, thaw
from tui.schema.schema_problem import schema_problems

Action = Literal["accept", "decline", "cancel"]
FieldKind = Literal["text", "number", "integer", "boolean", "choice", "choices"]

_MOST_FIELDS = 50


class QuestionField(Struct, frozen=True):
    """One thing that is asked for. `choices` are values with their titles; `default` is `None` where there is none."""

    name: str
    title: str
    kind: FieldKind
    description: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    default: Any = None
    is_required: bool = False


class Question(Struct, frozen=True):
    """What a server asks: values for the fields, or that a person goes to `url`. All of its texts are foreign."""

    server: str
    message: str
    fields: tuple[QuestionField, ...] = ()
    url: str = ""
    schema: Mapping[str, Any] = {}

    def problems(self, content: Mapping[str, Any]) -> list[str]:
        """What is wrong with values for the fields, a sentence each."""
        if schema_problems(self.schema):
            return []
        return [str(fault) for fault in violations(self.schema, freeze(content))]

    def defaults(self) -> Mapping[str, Any] | None:
        """The values that the server itself proposes; `None` where they do not suffice."""
        return None if self.lacks() else self._proposed()

    def lacks(self) -> list[str]:
        """What the values that the server proposes do not suffice for, a sentence each."""
        content = self._proposed()
        missing = [field.name for field in self.fields if field.is_required and field.name not in content]
        return [f"it proposes nothing for {name}" for name in missing] or self.problems(content)

    def _proposed(self) -> dict[str, Any]:
        return {field.name: field.default for field in self.fields if field.default is not None}


class QuestionReply(Struct, frozen=True):
    """What a person says to a question; `content` has the values where they accept."""

    action: Action
    content: Mapping[str, Any] | None = None


class Person(Protocol):
    """Whoever can be asked."""

    async def answer(self, question: Question) -> QuestionReply:
        """Answer a server's question; this may take as long as a person takes."""
        ...

    async def sign_in(self, server: str, address: str) -> bool:
        """Bring a person to the address where they sign in at a server; whether they go there now."""
        ...


class Unattended:
    """Nobody is there: questions are declined, or answered with the values that the server proposes."""

    def __init__(self, *, takes_defaults: bool = False) -> None:
        self._takes_defaults = takes_defaults

    async def answer(self, question: Question) -> QuestionReply:
        """Decline, or take what is proposed."""
        content = question.defaults() if self._takes_defaults and not question.url else None
        return QuestionReply("decline") if content is None else QuestionReply("accept", content)

    async def sign_in(self, server: str, address: str) -> bool:
        """Nobody can sign in."""
        del server, address
        return False


def read_question(server: str, params: Any) -> Question | None:
    """A question as the SDK gives it; `None` for one that no form can be made of, or that leads nowhere safe."""
    if params.mode == "url":
        return Question(server, params.message, url=params.url) if is_safe_address(params.url) else None
    schema = params.requested_schema
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping) or len(properties) > _MOST_FIELDS:
        return None
    required = schema.get("required", ())
    fields = []
    for name, rule in properties.items():
        if not isinstance(rule, Mapping):
            return None
        fields.append(_field(str(name), rule, is_required=is_sequence(required) and name in required))
    return Question(server, params.message, tuple(fields), schema=thaw(schema))


def is_safe_address(address: str) -> bool:
    """Whether a person may be led to an address: https, or plain http on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_plain = all(" " < letter < "\x7f" for letter in address)
    return is_plain and bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _field(name: str, rule: Mapping[str, Any], *, is_required: bool) -> QuestionField:
    choices = tuple(_choices(rule))
    kind: FieldKind
    match rule.get("type"):
        case "boolean":
            kind = "boolean"
        case "integer":
            kind = "integer"
        case "number":
            kind = "number"
        case "array":
            items = rule.get("items")
            kind, choices = "choices", tuple(_choices(items)) if isinstance(items, Mapping) else ()
        case _:
            kind = "choice" if choices else "text"
    title, description = rule.get("title"), rule.get("description")
    return QuestionField(
        name,
        title if isinstance(title, str) and title else name,
        kind,
        description if isinstance(description, str) else "",
        choices,
        rule.get("default"),
        is_required,
    )


def _choices(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The values a field allows: a list, a list with names beside it, or one constant with a title each."""
    values, names = rule.get("enum"), rule.get("enumNames")
    if is_sequence(values):
        titles = names if is_sequence(names) and len(names) == len(values) else values
        yield from ((str(value), str(title)) for value, title in zip(values, titles, strict=True))
        return
    listed = rule.get("oneOf") or rule.get("anyOf")
    for one in listed if is_sequence(listed) else ():
        if isinstance(one, Mapping) and "const" in one:
            yield str(one["const"]), str(one.get("title", one["const"]))
