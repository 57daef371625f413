"""The request of a tape as code that sends it again: curl, Python, JavaScript; its key is a variable."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tui.domain.endpoint import Endpoint, Source
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError
from tui.domain.export_word import CodeForm
from tui.domain.host import is_loopback
from tui.domain.tape import HIDDEN_KEY, SentRequest, Tape
from tui.net.address import origin_of, vendor_of
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
_Headers = dict[str, list[tuple[str, str]]]
"""Headers by their names: what each holds, as texts and the variable after each, which is empty where none is."""
_OF_OPENAI_SDK = frozenset({"user-agent", "accept", "accept-encoding", "content-type"})
"""Headers that the SDK writes itself."""


def request_code(tape: Tape, form: CodeForm, endpoints: Iterable[Endpoint] = ()) -> str:
    """The code that sends a tape's request again; run as it stands, it prints what the endpoint streams.

    Where the settings name a variable for the key of the endpoint that was asked, it is that one.

    Raises:
        ConfigError: If nothing was sent, or the form cannot say it.
    """
    if tape.request is None:
        raise ConfigError("the tape holds no request", "It can be exported as sse or har.")
    dialect = dialect_of(tape)
    request = tape.request
    endpoint = endpoint_of(tape, endpoints)
    variable = key_variable(request.url, endpoint)
    headers = _headers(request, endpoint)
    match form:
        case "curl":
            return _curl(request, headers, dialect, variable)
        case "python":
            return _python(request, headers, dialect, variable)
        case "openai":
            return _openai(request, headers, dialect, variable)
        case "fetch":
            return _fetch(request, headers, dialect, variable)


def dialect_of(tape: Tape) -> Dialect:
    """The dialect of a tape; the first where it names none."""
    return dialect_named(tape.dialect if is_dialect(tape.dialect) else DIALECT_NAMES[0])


def key_variable(url: str, endpoint: Endpoint | None = None) -> str:
    """The environment variable in which the key for an address is kept, as its endpoint says, else as people do."""
    usual = _VARIABLES.get(vendor_of(url), "API_KEY")
    variables = [each for each in endpoint.key_env if _is_variable(each)] if endpoint is not None else []
    return usual if usual in variables or not variables else variables[0]


def endpoint_of(tape: Tape, endpoints: Iterable[Endpoint]) -> Endpoint | None:
    """The endpoint that was asked, by its name, else any other of the same origin: a key belongs to that."""
    asked = origin_of(tape.request.url) if tape.request is not None else ""
    same = [each for each in endpoints if each.base_url and origin_of(each.base_url) == asked]
    return next((each for each in same if each.name == tape.endpoint), same[0] if same else None)


def _is_variable(name: str) -> bool:
    """Whether a shell takes it for the name of a variable."""
    return name.isascii() and name.isidentifier()


def _needs_key(url: str) -> bool:
    return not is_loopback(urlsplit(url).hostname or "")


def _sendable(request: SentRequest) -> Any:
    """The body as it was sent: half a surrogate pair went out as a question mark."""
    return json.loads(json.dumps(dict(request.body), ensure_ascii=False).encode("utf-8", "replace"))


def _headers(request: SentRequest, endpoint: Endpoint | None) -> _Headers:
    """The headers, each a line, but for that of the key; those that stand in a variable are on no tape."""
    headers = {
        _in_line(name): [(_in_line(value), "")] for name, value in request.headers.items() if value != HIDDEN_KEY
    }
    for name, value in endpoint.headers.items() if endpoint is not None else ():
        if isinstance(value, Source) and _is_variable(value.env):
            before, _, after = value.form.partition("{}")
            headers[name.lower()] = [(before, value.env), (after, "")]
    return headers


def _own_key_header(request: SentRequest, dialect: Dialect) -> str | None:
    """The header that this endpoint alone has for its key."""
    names = (_in_line(name) for name, value in request.headers.items() if value == HIDDEN_KEY)
    return next((name for name in names if name != dialect.key_header[0]), None)


def _key_header(request: SentRequest, dialect: Dialect) -> tuple[str, str]:
    """The header that carries the key, and what stands before the key in it."""
    name = _own_key_header(request, dialect)
    return dialect.key_header if name is None else (name, "Bearer " if name == "authorization" else "")


def _in_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


# -- the shell ---------------------------------------------------------------------------------------------------


def _curl(request: SentRequest, headers: _Headers, dialect: Dialect, variable: str) -> str:
    import shlex

    name, prefix = _key_header(request, dialect)
    value = f"${variable}" if _needs_key(request.url) else f"${{{variable}:-none}}"
    lines = [f"curl -N {shlex.quote(_in_line(request.url))}"]
    if request.method != "POST":
        lines[0] = f"curl -N -X {shlex.quote(_in_line(request.method))} {shlex.quote(_in_line(request.url))}"
    if name not in headers:
        lines.append(f'-H "{name}: {prefix}{value}"')
    for header, ((said, held), *more) in headers.items():
        pieces = [(f"{header}: {said}", held), *more]
        words = ((shlex.quote(text) if text else "") + (f'"${name}"' if name else "") for text, name in pieces)
        lines.append(f"-H {''.join(words)}")
    body = write_shown_json(_sendable(request), indent=2)
    if len(body.encode()) > _ARGUMENT_BYTES:
        compact = write_shown_json(_sendable(request))
        return " \\\n  ".join([*lines, "--data-binary @- <<'BODY'"]) + f"\n{compact}\nBODY\n"
    return " \\\n  ".join([*lines, f"--data-raw {shlex.quote(body)}"]) + "\n"


# -- Python ------------------------------------------------------------------------------------------------------


def _python_key(request: SentRequest, variable: str) -> str:
    return f'os.environ["{variable}"]' if _needs_key(request.url) else f'os.environ.get("{variable}", "none")'


def _python_text(pieces: Sequence[tuple[str, str]]) -> str:
    """A header as Python writes it, with the variables that it stood in."""
    terms = [term for said, held in pieces for term in (said and repr(said), held and f'os.environ["{held}"]')]
    return " + ".join(filter(None, terms)) or "''"


def _python(request: SentRequest, headers: _Headers, dialect: Dialect, variable: str) -> str:
    name, prefix = _key_header(request, dialect)
    key = _python_key(request, variable)
    lines = [f"    {name!r}: {f'{prefix!r} + ' if prefix else ''}{key},"]
    lines += [f"    {header!r}: {_python_text(value)}," for header, value in headers.items()]
    return "\n".join(
        (
            "import os",
            "",
            "import httpx",
            "",
            f"url = {_in_line(request.url)!r}",
            "headers = {",
            *lines,
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


def _openai(request: SentRequest, headers: _Headers, dialect: Dialect, variable: str) -> str:
    if dialect.name not in ("chat", "responses"):
        raise ConfigError(
            f"the openai SDK does not speak {dialect.title}", "Export it as python (httpx), curl or fetch."
        )
    body = _sendable(request)
    call = "client.chat.completions.create" if dialect.name == "chat" else "client.responses.create"
    named = {field: value for field, value in body.items() if field in _OPENAI_ARGUMENTS}
    more = {field: value for field, value in body.items() if field not in _OPENAI_ARGUMENTS}
    extra = {header: value for header, value in headers.items() if header not in _OF_OPENAI_SDK}
    arguments = [f"    {field}={_literal(value, 1)}," for field, value in named.items()]
    if more:
        arguments.append(f"    extra_body={_literal(more, 1)},")
    if extra:
        held = "".join(f"        {header!r}: {_python_text(text)},\n" for header, text in extra.items())
        arguments.append(f"    extra_headers={{\n{held}    }},")
    key = _python_key(request, variable)
    address, _, query = _in_line(request.url).partition("?")
    client = [f"base_url={address.removesuffix(dialect.path)!r}", f"api_key={key}"]
    if query:  # the SDK puts its path behind all that it is given
        client.append(f"default_query={dict(parse_qsl(query, keep_blank_values=True))!r}")
    if (own := _own_key_header(request, dialect)) is not None:
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


def _script_text(pieces: Sequence[tuple[str, str]]) -> str:
    """A header as JavaScript writes it, with the variables that it stood in."""
    terms = [
        term for said, held in pieces for term in (said and write_shown_json(said), held and f"process.env.{held}")
    ]
    return " + ".join(filter(None, terms)) or '""'


def _fetch(request: SentRequest, headers: _Headers, dialect: Dialect, variable: str) -> str:
    name, prefix = _key_header(request, dialect)
    read = f"process.env.{variable}"
    value = read if _needs_key(request.url) else f'({read} ?? "none")'
    taken = {header: text for header, text in headers.items() if header != "accept-encoding"}
    body = write_shown_json(_sendable(request), indent=2).replace("\n", "\n  ")
    return "\n".join(
        (
            f"const response = await fetch({write_shown_json(_in_line(request.url))}, {{",
            f"  method: {write_shown_json(_in_line(request.method))},",
            "  headers: {",
            f"    {write_shown_json(name)}: {f'{write_shown_json(prefix)} + ' if prefix else ''}{value},",
            *(f"    {write_shown_json(header)}: {_script_text(text)}," for header, text in taken.items()),
            "  },",
            f"  body: JSON.stringify({body}),",
            "});",
            "if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);",
            "const decoder = new TextDecoder();",
            "for await (const piece of response.body) process.stdout.write(decoder.decode(piece, { stream: true }));",
            "",
        )
    )
