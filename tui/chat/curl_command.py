"""A curl command as a request: what a shell would make of it, read without one; told with the place where it cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tui.domain.error import ConfigError
from tui.wire.printable import printable_line

_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "0": "\0",
}
_DATA = frozenset(("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"))
_TAKES_VALUE = frozenset(
    (
        *(
            "-X",
            "--request",
            "-H",
            "--header",
            "-A",
            "--user-agent",
            "-o",
            "--output",
            "-m",
            "--max-time",
            "-u",
            "--user",
        ),
        *("-x", "--proxy", "--url", "-e", "--referer", "-b", "--cookie", "-c", "--cookie-jar", "--connect-timeout"),
        *("-w", "--write-out", "--retry", "--cacert", "-E", "--cert", "--key", "-F", "--form", "-T", "--upload-file"),
        *("--resolve", "--interface", "-K", "--config", "--limit-rate", "-y", "-Y", "--max-redirs", "--aws-sigv4"),
    )
)
_UNSENT = {
    **dict.fromkeys(("-F", "--form"), "sends a form, and no model takes one"),
    **dict.fromkeys(("-T", "--upload-file"), "sends a file, which is not read: paste it after -d"),
    **dict.fromkeys(("-G", "--get"), "puts the data into the address: a model is asked by POST"),
    "--data-urlencode": "sends a form, and no model takes one",
}
"""What makes a request that no model takes."""
_CMD = re.compile(r"\^[ \t]*\r?\n\s*-|^\s*curl(?:\.exe)?\s+\^\"")
"""How the command line of Windows goes on, and quotes."""
_HEX = {letter: re.compile(f"[0-9a-fA-F]{{1,{most}}}") for letter, most in (("x", 2), ("u", 4), ("U", 8))}
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-[^}]*)?\})")


class CurlRequest(Struct):
    """A request as curl would send it; `key_variable` names the variable that holds the key, where the command uses one."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    key_variable: str = ""


class _Word(Struct):
    text: str
    at: int


def is_curl(text: str) -> bool:
    """Whether a text is a curl command with an address."""
    return re.match(r"\s*(?:\$\s+)?curl(?:\.exe)?\s+(?=.)", text) is not None and "://" in text


def read_curl(text: str) -> CurlRequest:
    """Read a curl command.

    Raises:
        ConfigError: If it cannot be read, or asks no model; the message says where.
    """
    if _CMD.search(text) is not None:
        text = re.sub(r"\^(.)", r"\1", re.sub(r"\^[ \t]*\r?\n", "\\\\\n", text))
    words = _words(text)
    if words and words[0].text == "$":
        words = words[1:]
    if not words or words[0].text not in ("curl", "curl.exe"):
        raise ConfigError("this is no curl command: it does not begin with “curl”", "For example: curl URL -d '{…}'")
    url, data, headers = "", [], {}
    rest = iter(words[1:])
    for word in rest:
        name, value = word.text, None
        if name.startswith("--") and "=" in name:
            name, _, value = name.partition("=")
        elif re.match(r"-[XHdAomubxFT].", name):
            name, value = name[:2], name[2:]
        if name in _UNSENT:
            raise _error(text, word.at, f"{name} {_UNSENT[name]}")
        if name in _DATA or name in _TAKES_VALUE:
            following = next(rest, None) if value is None else _Word(value, word.at)
            if following is None:
                raise _error(text, word.at, f"{name} has no value")
            if name in _DATA:
                if following.text.startswith("@") and name != "--data-raw":
                    raise _error(text, following.at, "the body is in a file, which is not read: paste it")
                data.append(following)
            elif name in ("-H", "--header"):
                header, _, content = following.text.partition(":")
                headers[header.strip().lower()] = content.strip()
            elif name == "--url":
                url = following.text
        elif not name.startswith("-"):
            if url:
                raise _error(text, word.at, f"“{name[:40]}” is a second address")
            url = name
    if not url:
        raise ConfigError("the curl command has no address", "For example: curl https://api.x.ai/v1/chat/completions …")
    request = CurlRequest(url, headers, _body(text, data))
    _take_key(request)
    return request


def _error(text: str, at: int, what: str) -> ConfigError:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return ConfigError(f"the curl command cannot be read at line {line}, column {column}: {printable_line(what)}")


def _body(text: str, data: list[_Word]) -> Mapping[str, Any]:
    if not data:
        raise ConfigError("the curl command sends no body", "A request to a model has one: -d '{…}'")
    written = "&".join(word.text for word in data)
    try:
        value = json.loads(written)
    except ValueError as error:
        place = (
            f"line {error.lineno}, column {error.colno} of the body: {error.msg}"
            if isinstance(error, json.JSONDecodeError)
            else str(error)
        )
        raise _error(text, data[0].at, f"the body is not JSON, at {place}") from error
    except RecursionError as error:
        raise _error(text, data[0].at, "the body is nested too deeply") from error
    if not isinstance(value, dict):
        raise _error(text, data[0].at, "the body is no JSON object")
    return value


def _take_key(request: CurlRequest) -> None:
    """The key, or the variable that holds it, out of the headers: none of them is kept."""
    for name in ("authorization", "x-api-key", "api-key"):
        value = request.headers.pop(name, "")
        value = re.sub(r"^bearer\s+", "", value, flags=re.IGNORECASE)
        if (match := _VARIABLE.search(value)) is not None:
            request.key_variable = match[1] or match[2]
        elif value:
            request.key = value


def _words(text: str) -> list[_Word]:
    """The words of a command as a shell cuts them; nothing in them is expanded."""
    words: list[_Word] = []
    word: list[str] | None = None
    at = start = 0
    while at < len(text):
        letter = text[at]
        if letter in " \t\r\n":
            if word is not None:
                words.append(_Word("".join(word), start))
                word = None
            if letter == "\n" and words:
                rest = text[at:].strip()
                if rest and not rest.startswith("-"):
                    raise _error(text, at + 1, "the command ended on the line before: a line that goes on ends with \\")
            at += 1
            continue
        if word is None:
            word, start = [], at
        if letter == "\\":
            at += 2
            if text[at - 1 : at] in ("\n", "\r"):
                at += text[at - 1 : at + 1] == "\r\n"
                word = word or None
            else:
                word.append(text[at - 1 : at])
        elif letter in "'\"" or text.startswith(("$'", '$"'), at):
            quoted, at = _quoted(text, at)
            word.append(quoted)
        elif letter in "|;&<>":
            raise _error(text, at, f"“{letter}” belongs to a shell, and not to curl")
        else:
            word.append(letter)
            at += 1
    if word is not None:
        words.append(_Word("".join(word), start))
    return words


def _quoted(text: str, at: int) -> tuple[str, int]:
    """What stands within quotes, and where it goes on behind them."""
    start = at
    is_ansi = text[at] == "$"
    at += is_ansi
    quote = text[at]
    at += 1
    parts: list[str] = []
    while at < len(text):
        letter = text[at]
        if letter == quote:
            return "".join(parts), at + 1
        if letter == "\\" and (quote == '"' or is_ansi):
            following = text[at + 1 : at + 2]
            if is_ansi and following in "xuU" and following:
                match = _HEX[following].match(text, at + 2)
                if match is None:
                    raise _error(text, at, f"\\{following} is no character")
                parts.append(chr(int(match[0], 16)))
                at += 2 + len(match[0])
                continue
            if is_ansi:
                parts.append(_ESCAPES.get(following, f"\\{following}"))
            elif following in ('"', "\\", "$", "`"):
                parts.append(following)
            elif following != "\n":
                parts.append(f"\\{following}")
            at += 2
            continue
        parts.append(letter)
        at += 1
    raise _error(text, start, "a quote is opened here and not closed")
