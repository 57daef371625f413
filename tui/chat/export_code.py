"""The request of a tape as code that sends it again: curl, Python, JavaScript; its key is a variable."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError
from tui.domain.export_word import CodeForm
from tui.domain.host import is_loopback
from tui.domain.tape import HIDDEN_KEY, SentRequest, Tape
from tui.net.address import vendor_of
from tui.wire.dialect import Dialect, dialect_named, is_dialect
from tui.wire.json_text import write_shown_json

_VARIABLES = {"xai": "XAI_API_KEY", "openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_ARGUMENT_BYTES = 100_000
"""Linux takes no argument of more than 128 KB: a longer body goes to curl on its standard input."""

_OPENAI_ARGUMENTS = frozenset(
    (
        *("model", "messages", "input", "instructions", "stream", "stream_options", "temperature", "top_p", "tools"),
        *("tool_choice", "response_format", "max_tokens", "max_completion_tokens", "max_output_tokens", "stop", "seed"),
        *("reasoning", "include", "store", "text", "n", "user", "parallel_tool_calls", "previous_response_id"),
    )
)
"""Fields that every version of the SDK takes by name; any other goes into `extra_body`."""
_OF_OPENAI_SDK = frozenset({"user-agent", "accept", "accept-encoding", "content-type"})
"""Headers that the SDK writes itself."""


def request_code(tape: Tape, form: CodeForm) -> str:
    """The code that sends a tape's request again; run as it stands, it prints what the endpoint streams.

    Raises:
        ConfigError: If nothing was sent, or the form cannot say it.
    """
    if tape.request is None:
        raise ConfigError("the tape holds no request", "It can be exported as sse or har.")
    dialect = dialect_of(tape)
    request = tape.request
    match form:
        case "curl":
            return _curl(request, dialect)
        case "python":
            return _python(request, dialect)
        case "openai":
            return _openai(request, dialect)
        case "fetch":
            return _fetch(request, dialect)


def dialect_of(tape: Tape) -> Dialect:
    """The dialect of a tape; the first where it names none."""
    return dialect_named(tape.dialect if is_dialect(tape.dialect) else DIALECT_NAMES[0])


def key_variable(url: str) -> str:
    """The environment variable in which people keep the key of that endpoint."""
    return _VARIABLES.get(vendor_of(url), "API_KEY")


def _needs_key(url: str) -> bool:
    return not is_loopback(urlsplit(url).hostname or "")


def _sendable(request: SentRequest) -> Any:
    """The body as it was sent: half a surrogate pair went out as a question mark."""
    return json.loads(json.dumps(dict(request.body), ensure_ascii=False).encode("utf-8", "replace"))


def _headers(request: SentRequest) -> dict[str, str]:
    """The headers, each a line, but for that of the key."""
    return {_in_line(name): _in_line(value) for name, value in request.headers.items() if value != HIDDEN_KEY}


def _own_key_header(request: SentRequest) -> str | None:
    """The header that this endpoint alone has for its key."""
    return next((_in_line(name) for name, value in request.headers.items() if value == HIDDEN_KEY), None)


def _key_header(request: SentRequest, dialect: Dialect) -> tuple[str, str]:
    """The header that carries the key, and what stands before the key in it."""
    name = _own_key_header(request)
    return dialect.key_header if name is None else (name, "Bearer " if name == "authorization" else "")


def _in_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


# -- the shell ---------------------------------------------------------------------------------------------------


def _curl(request: SentRequest, dialect: Dialect) -> str:
    import shlex

    name, prefix = _key_header(request, dialect)
    variable = key_variable(request.url)
    value = f"${variable}" if _needs_key(request.url) else f"${{{variable}:-none}}"
    lines = [f"curl -N {shlex.quote(_in_line(request.url))}"]
    if request.method != "POST":
        lines[0] = f"curl -N -X {shlex.quote(_in_line(request.method))} {shlex.quote(_in_line(request.url))}"
    lines.append(f'-H "{name}: {prefix}{value}"')
    lines += [f"-H {shlex.quote(f'{header}: {text}')}" for header, text in _headers(request).items()]
    body = write_shown_json(_sendable(request), indent=2)
    if len(body.encode()) > _ARGUMENT_BYTES:
        compact = write_shown_json(_sendable(request))
        return " \\\n  ".join([*lines, "--data-binary @- <<'BODY'"]) + f"\n{compact}\nBODY\n"
    return " \\\n  ".join([*lines, f"--data-raw {shlex.quote(body)}"]) + "\n"


# -- Python ------------------------------------------------------------------------------------------------------


def _python_key(request: SentRequest) -> str:
    variable = key_variable(request.url)
    return f'os.environ["{variable}"]' if _needs_key(request.url) else f'os.environ.get("{variable}", "none")'


def _python(request: SentRequest, dialect: Dialect) -> str:
    name, prefix = _key_header(request, dialect)
    key = _python_key(request)
    headers = [f"    {name!r}: {f'{prefix!r} + ' if prefix else ''}{key},"]
    headers += [f"    {header!r}: {value!r}," for header, value in _headers(request).items()]
    return "\n".join(
        (
            "import os",
            "",
            "import httpx",
            "",
            f"url = {_in_line(request.url)!r}",
            "headers = {",
            *headers,
            "}",
            f"body = {_literal(_sendable(request))}",
            "",
            f"with httpx.stream({_in_line(request.method)!r}, url, headers=headers, json=body, timeout=None) as response:",
            "    if response.is_error:",
            "        raise SystemExit(response.read().decode())",
            "    for line in response.iter_lines():",
            "        print(line, flush=True)",
            "",
        )
    )


def _openai(request: SentRequest, dialect: Dialect) -> str:
    if dialect.name not in ("chat", "responses"):
        raise ConfigError(
            f"the openai SDK does not speak {dialect.title}", "Export it as python (httpx), curl or fetch."
        )
    body = _sendable(request)
    call = "client.chat.completions.create" if dialect.name == "chat" else "client.responses.create"
    named = {field: value for field, value in body.items() if field in _OPENAI_ARGUMENTS}
    more = {field: value for field, value in body.items() if field not in _OPENAI_ARGUMENTS}
    extra = {header: value for header, value in _headers(request).items() if header not in _OF_OPENAI_SDK}
    arguments = [f"    {field}={_literal(value, 1)}," for field, value in named.items()]
    if more:
        arguments.append(f"    extra_body={_literal(more, 1)},")
    if extra:
        arguments.append(f"    extra_headers={_literal(extra, 1)},")
    key = _python_key(request)
    client = [f"base_url={_in_line(request.url).removesuffix(dialect.path)!r}", f"api_key={key}"]
    if (own := _own_key_header(request)) is not None:
        client.append(f"default_headers={{{own!r}: {key}}}")
    lines = [
        "import os",
        "",
        "from openai import OpenAI",
        "",
        f"client = OpenAI({', '.join(client)})",
        f"reply = {call}(",
        *arguments,
        ")",
    ]
    lines += ["for event in reply:", "    print(event, flush=True)"] if body.get("stream") else ["print(reply)"]
    return "\n".join([*lines, ""])


def _literal(value: Any, depth: int = 0) -> str:
    """A JSON value as Python writes it, a member a line; `repr` escapes what cannot be shown."""
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, dict) and value:
        rows = [f"{inner}{key!r}: {_literal(member, depth + 1)},\n" for key, member in value.items()]
        return "{\n" + "".join(rows) + outer + "}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{_literal(member, depth + 1)},\n" for member in value) + outer + "]"
    return repr(value)


# -- JavaScript --------------------------------------------------------------------------------------------------


def _fetch(request: SentRequest, dialect: Dialect) -> str:
    name, prefix = _key_header(request, dialect)
    variable = f"process.env.{key_variable(request.url)}"
    value = variable if _needs_key(request.url) else f'({variable} ?? "none")'
    headers = {header: text for header, text in _headers(request).items() if header != "accept-encoding"}
    body = write_shown_json(_sendable(request), indent=2).replace("\n", "\n  ")
    return "\n".join(
        (
            f"const response = await fetch({write_shown_json(_in_line(request.url))}, {{",
            f"  method: {write_shown_json(_in_line(request.method))},",
            "  headers: {",
            f"    {write_shown_json(name)}: {f'{write_shown_json(prefix)} + ' if prefix else ''}{value},",
            *(f"    {write_shown_json(header)}: {write_shown_json(text)}," for header, text in headers.items()),
            "  },",
            f"  body: JSON.stringify({body}),",
            "});",
            "if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);",
            "const decoder = new TextDecoder();",
            "for await (const piece of response.body) process.stdout.write(decoder.decode(piece, { stream: true }));",
            "",
        )
    )
