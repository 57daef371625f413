"""The child process in which a Python tool runs: one request on stdin, one reply on a pipe.

It stands alone: it is started by its path, imports nothing of rillet, and whatever the function prints
goes to the errors, so that the reply stays one JSON object.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import os
import re
import sys
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_SIMPLE = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "array",
}


def main() -> int:
    """Answer one request: `describe` a function or `call` it."""
    request = json.loads(sys.stdin.buffer.read())
    reply_to = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  # open to the end
    try:
        sys.path[:0] = request.get("path", [])
        function = find(request["target"])
        reply = describe(function) if request["do"] == "describe" else call(function, request["arguments"])
    except Exception as error:  # noqa: BLE001  # whatever the user's function raises is the reply
        reply = {"error": " ".join(str(error).split()) or type(error).__name__, "type": type(error).__name__}
    for name in ("value", "error"):
        if name in reply:
            reply[name], reply["size"] = cut(reply[name], request["limit"])
    with reply_to:
        reply_to.write(json.dumps(reply, default=str).encode())
    return 0


def cut(text: str, limit: int) -> tuple[str, int]:
    """As much of a text as is taken, and its size in bytes: what is too long for a reply would be lost."""
    data = text.encode("utf-8", "surrogatepass")
    return (text if len(data) <= limit else data[:limit].decode("utf-8", "ignore")), len(data)


def find(target: str) -> Any:
    """The function that `module:function` names."""
    module_name, _, name = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise LookupError(f"there is no module {error.name}") from error
    member: Any = module
    for step in name.split("."):
        member = getattr(member, step, None)
        if member is None:
            raise LookupError(f"{module_name} has no {name}")
    if not callable(member):
        raise TypeError(f"{target} is not a function")
    return member


def call(function: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call the function and give its value as text."""
    value = function(**arguments)
    if inspect.isawaitable(value):
        import asyncio

        value = asyncio.run(_wait(value))
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return {"value": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)}


async def _wait(value: Any) -> Any:
    return await value


def describe(function: Any) -> dict[str, Any]:
    """The description, the schema of the parameters, and the hash of the source."""
    text, words = read_docstring(inspect.getdoc(function) or "")
    hinted = (
        function
        if inspect.isroutine(function)
        else function.__init__
        if inspect.isclass(function)
        else type(function).__call__
    )
    hints = typing.get_type_hints(hinted, include_extras=True)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"the parameter {parameter} cannot be given by name")
        properties[name] = schema_of(hints.get(name, Any))
        if name in words:
            properties[name] = {**properties[name], "description": words[name]}
        if parameter.default is parameter.empty:
            required.append(name)
        elif isinstance(parameter.default, str | int | float | bool):
            properties[name] = {**properties[name], "default": parameter.default}
    parameters = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"description": text, "parameters": parameters, "source": _source_hash(inspect.unwrap(hinted))}


def schema_of(hint: Any) -> dict[str, Any]:
    """The JSON Schema of a type hint; what JSON has no word for allows everything."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        words = next((extra for extra in inner[1:] if isinstance(extra, str)), None)
        return {**schema_of(inner[0]), **({"description": words} if words else {})}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if origin in (typing.Union, types.UnionType):
        choices = [schema_of(choice) for choice in inner]
        kinds = [choice.get("type") for choice in choices if set(choice) == {"type"}]
        return {"type": kinds} if len(kinds) == len(choices) else {"anyOf": choices}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", **({"additionalProperties": schema_of(inner[1])} if len(inner) > 1 else {})}
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return {"type": "array", **({"items": schema_of(inner[0])} if inner else {})}
    if typing.is_typeddict(hint):
        fields = {name: schema_of(field) for name, field in typing.get_type_hints(hint).items()}
        return {
            "type": "object",
            "properties": fields,
            "required": sorted(hint.__required_keys__),
            "additionalProperties": False,
        }
    kind = _SIMPLE.get(hint) if isinstance(hint, type) else None
    return {"type": kind} if kind else {}


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """The description, and what the `Args:` section says of each parameter (Google style)."""
    head, _, rest = text.partition("\nArgs:\n")
    lines = [line for line in re.split(r"\n(?=\S)", rest)[0].splitlines() if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    words: dict[str, str] = {}
    name = ""
    for line, indent in zip(lines, indents, strict=True):
        match = re.match(r"\s+\*{0,2}(\w+)(?: *\([^)]*\))?: *(.*)", line)
        if match and indent == indents[0]:
            name = match[1]
            words[name] = match[2].strip()
        elif name:
            words[name] = f"{words[name]} {line.strip()}".strip()
    head = re.split(r"\n(?:Returns|Raises|Yields|Examples?|Note|Notes|Attributes):\n", head)[0]
    return head.strip(), words


def _source_hash(function: Any) -> str:
    try:
        path = inspect.getsourcefile(function)
    except TypeError:  # written in C
        path = None
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


if __name__ == "__main__":
    sys.exit(main())
