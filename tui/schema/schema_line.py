"""The one-line form of a schema: `name, age int?, tags [str], home {city, zip str: "five digits"}`.

A field is a name, then a type (`str` where none is given), then `?` where it may be left out, then a
description after a colon. Types are `str`, `int`, `float`, `bool`, `any`, a list `[type]`, an object
`{fields}`, and a choice of words `a|b|c`. A line that begins with `[` describes an array of objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tui.domain.error import ConfigError
from tui.schema.json_value import JsonError, is_sequence, parse_frozen, thaw
from tui.schema.schema_problem import schema_problems

_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_OTHER_WORDS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "num": "float", "text": "str"}
_NAMES = {name: word for word, name in _TYPES.items()}
_TOKEN = re.compile(r'\s*(?:(?P<name>[^\W\d][\w.-]*)|(?P<mark>[\[\]{},?:|])|(?P<text>"(?:[^"\\]|\\.)*"))')
_DEPTH = 20


class SchemaLineError(ConfigError):
    """The line does not read as a schema; `position` counts characters from 0."""

    def __init__(self, message: str, position: int, hint: str = "") -> None:
        """Keep the place."""
        super().__init__(f"{message} (character {position + 1})", hint)
        self.position = position


def read_schema(text: str) -> dict[str, Any]:
    """A schema from either form: JSON where the text begins with `{"` or is an object, else the one line.

    Raises:
        ConfigError: If it is neither, or the schema cannot be used; with the place where there is one.
    """
    if re.match(r'\s*\{\s*["}]', text):
        try:
            schema = thaw(parse_frozen(text))
        except JsonError as error:
            raise ConfigError(f"the schema is not JSON: {error}") from error
        if problems := schema_problems(schema):
            raise ConfigError(f"the schema cannot be used: {problems[0]}")
        return dict(schema)
    return read_schema_line(text)


def read_schema_line(line: str) -> dict[str, Any]:
    """A schema from its one-line form.

    Raises:
        SchemaLineError: With the position of the fault.
    """
    return _Reader(line).read()


def write_schema_line(schema: Mapping[str, Any] | bool) -> str:
    """A schema in the one-line form; what it cannot say is left out, an unknown shape is `any`."""
    text = _written(schema)
    return text[1:-1] if text.startswith("{") else text


class _Reader:
    """Reads tokens one after another; `at` is where the last one began."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.tokens: list[tuple[str, str, int]] = []
        at = 0
        while line[at:].strip():
            match = _TOKEN.match(line, at)
            if match is None:
                start = at + len(line[at:]) - len(line[at:].lstrip())
                raise SchemaLineError(f"“{line[start]}” has no meaning here", start)
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind], match.start(kind)))
            at = match.end()
        self.tokens.append(("end", "", len(line.rstrip())))
        self.next = 0

    @property
    def token(self) -> tuple[str, str, int]:
        return self.tokens[self.next]

    def take(self, mark: str) -> bool:
        if self.token[:2] == ("mark", mark):
            self.next += 1
            return True
        return False

    def fault(self, message: str, hint: str = "") -> SchemaLineError:
        return SchemaLineError(message, self.token[2], hint)

    def read(self) -> dict[str, Any]:
        schema = self.kind(0) if self.token[1] in ("[", "{") else self.fields("", 0)
        if self.token[0] != "end":
            raise self.fault(f"“{self.token[1]}” does not belong here")
        return schema

    def fields(self, closer: str, depth: int) -> dict[str, Any]:
        if depth > _DEPTH:
            raise self.fault(f"nested more than {_DEPTH} levels")
        properties: dict[str, Any] = {}
        required: list[str] = []
        while True:
            kind, name, at = self.token
            if kind != "name":
                raise self.fault("a field's name is missing")
            if name in properties:
                raise self.fault(f"the field “{name}” is given twice")
            self.next += 1
            properties[name] = self.kind(depth)
            is_optional = self.take("?")
            if self.take(":"):
                kind, text, at = self.token
                if kind != "text":
                    raise self.fault('a description stands in double quotes: name: "what it is"')
                properties[name]["description"] = _unquoted(text, at)
                self.next += 1
                is_optional = self.take("?") or is_optional
            if not is_optional:
                required.append(name)
            if not self.take(","):
                break
            if (self.token[0] == "end" and not closer) or self.token[1] == closer != "":
                break  # a comma after the last field
        if closer and not self.take(closer):
            raise self.fault(f"a comma or “{closer}” is missing")
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def kind(self, depth: int) -> dict[str, Any]:
        if self.take("{"):
            return self.fields("}", depth + 1)
        if self.take("["):
            if depth > _DEPTH:
                raise self.fault(f"nested more than {_DEPTH} levels")
            after = self.tokens[self.next + 1] if self.token[0] == "name" else self.token
            is_row = self.token[0] == "name" and after[1] not in ("]", "|")
            items = self.fields("]", depth + 1) if is_row else self.kind(depth + 1)
            if not is_row and not self.take("]"):
                raise self.fault("a closing “]” is missing")
            return {"type": "array", "items": items}
        if self.token[0] != "name":
            return {"type": "string"}
        word, at = self.token[1], self.token[2]
        self.next += 1
        if self.token[:2] == ("mark", "|"):
            words = [word]
            while self.take("|"):
                if self.token[0] != "name":
                    raise self.fault("a word is missing after “|”")
                words.append(self.token[1])
                self.next += 1
            return {"type": "string", "enum": words}
        if word == "any":
            return {}
        if word not in _TYPES:
            meant = _OTHER_WORDS.get(word)
            hint = f"did you mean {meant}?" if meant else f"types are {', '.join(_TYPES)}, any, [type], {{fields}}, a|b"
            raise SchemaLineError(f"“{word}” is not a type", at, hint)
        return {"type": _TYPES[word]}


def _unquoted(text: str, at: int) -> str:
    try:
        return str(json.loads(text))
    except ValueError as error:
        raise SchemaLineError("a bad escape in the description", at) from error


def _written(schema: Any, depth: int = 0) -> str:
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return "any"
    if is_sequence(words := schema.get("enum")) and words and all(isinstance(word, str) for word in words):
        return "|".join(words)
    kind = schema.get("type")
    if is_sequence(kind):
        kind = next((one for one in kind if one != "null"), None)
    if kind == "array":
        inner = _written(schema.get("items"), depth + 1)
        # `[name]` would be a list of a type called name, so one plain field keeps its braces.
        is_row = inner.startswith("{") and any(mark in inner for mark in ", ?:")
        return f"[{inner[1:-1] if is_row else inner}]"
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties")
        fields = properties.items() if isinstance(properties, Mapping) else ()
        required = schema.get("required", ())
        return f"{{{', '.join(_field(name, inner, name in required, depth) for name, inner in fields)}}}"
    return _NAMES.get(kind, "any") if isinstance(kind, str) else "any"


def _field(name: str, schema: Any, is_required: bool, depth: int) -> str:
    kind = _written(schema, depth + 1)
    text = name if kind == "str" else f"{name} {kind}"
    text += "" if is_required else "?"
    description = schema.get("description") if isinstance(schema, Mapping) else None
    return f"{text}: {json.dumps(description, ensure_ascii=False)}" if description and depth == 0 else text
