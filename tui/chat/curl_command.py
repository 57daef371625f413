"""A curl command as a request: what a shell would make of it, read without one; told with the place where it cannot be."""

from __future__ import annotations

import itertools
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from tui.chat.shell_words import BEGIN, Word, error_at, words_of
from tui.domain.error import ConfigError
from tui.wire.printable import printable_line

_DATA = frozenset(("--data", "--data-raw", "--data-binary", "--data-ascii", "--json"))
_VALUE_NAMES = """
request header user-agent output max-time user proxy url referer cookie cookie-jar connect-timeout write-out retry cacert cert
key form upload-file resolve interface config limit-rate speed-time speed-limit max-redirs aws-sigv4 capath ciphers connect-to
dump-header expect100-timeout cert-type key-type pass keepalive-time local-port max-filesize netrc-file noproxy oauth2-bearer
output-dir pinnedpubkey preproxy proxy-header proxy-user range retry-delay retry-max-time socks5 socks5-hostname stderr
tls-max tls13-ciphers trace trace-ascii unix-socket abstract-unix-socket url-query variable dns-servers doh-url
happy-eyeballs-timeout-ms request-target
"""
_TAKES_VALUE = frozenset(f"--{name}" for name in _VALUE_NAMES.split())
_SHORT_VALUES = frozenset("XHAomuxbcedFTwEKyYrCDPQtUz")
"""Options of one letter with a value, which may stand in the same word."""
_LONG = {
    "-d": "--data",
    "-H": "--header",
    "-F": "--form",
    "-K": "--config",
    "-T": "--upload-file",
    "-A": "--user-agent",
    "-E": "--cert",
    "-b": "--cookie",
    "-e": "--referer",
    "-u": "--user",
    "-x": "--proxy",
}
_SHORT = {long: short for short, long in _LONG.items()}
_UNSENT = {
    **dict.fromkeys(("--form", "--form-string", "--data-urlencode"), "sends a form, and no model takes one"),
    **dict.fromkeys(("-G", "--get"), "puts the data into the address: a model is asked by POST"),
    "--upload-file": "sends a file, which is not read: paste it after -d",
    "--unix-socket": "asks through a socket: rillet --base-url unix:PATH does that",
    "--config": "takes options from a file, which is not read: paste them",
    "--next": "makes a second request: paste them one by one",
}
"""What makes a request that no model takes."""
_AS_HEADER = {"--user-agent": "user-agent", "--referer": "referer", "--cookie": "cookie"}
_FILES = {"--cacert": "authority", "--cert": "certificate", "--key": "private_key"}
_LEFT_OUT = {
    "--insecure": "rillet always checks whom it talks to: trust the server's own certificate with --cacert FILE",
    **dict.fromkeys(("--proxy", "--preproxy", "--socks5", "--socks5-hostname"), "set HTTPS_PROXY to go through one"),
    **dict.fromkeys(("--resolve", "--connect-to"), "the address is looked up as usual"),
    **dict.fromkeys(("--netrc", "--netrc-file"), "files of passwords are not read"),
    **dict.fromkeys(("--digest", "--ntlm", "--negotiate", "--aws-sigv4"), "rillet signs in by a header alone"),
}
"""What changes whom is asked or how, and cannot be carried over, with what there is instead."""
_FLAGS = {"k": "--insecure", "n": "--netrc"}
_TYPOGRAPHIC = ("‘", "’", "“", "”", "„", "«")
_KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
_MOST_DIGITS = 4000
_SECRET_QUERY = frozenset(("key", "api_key", "api-key", "apikey", "token", "access_token", "sig", "signature", "code"))
_CMD = re.compile(r"\^[ \t]*\r?\n\s*-|^\s*curl(?:\.exe)?\s+\^\"")
"""How the command line of Windows goes on, and quotes."""
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-[^}]*)?\})")


class CurlRequest(Struct):
    """A request as curl would send it; `key_variable` names the variable that holds the key, where the command uses one.

    `key_header` is the header that carries it. Keys in the address are left out. `files` are those of certificates, by their
    names in `Way`, and `left_out` says what of the command is not carried over.
    """

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    key_variable: str = ""
    key_header: str = ""
    files: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def is_curl(text: str) -> bool:
    """Whether a text is a curl command with an address."""
    return BEGIN.match(text.lstrip("\r\n")) is not None and "://" in text


def read_curl(text: str) -> CurlRequest:
    """Read a curl command.

    Raises:
        ConfigError: If it cannot be read, or asks no model; the message says where.
    """
    if _CMD.search(text) is not None:
        text = re.sub(r"\^(.)", r"\1", re.sub(r"\^[ \t]*\r?\n", "\\\\\n", text))
    begin = _beginning(text)
    words, stdin = words_of(text, begin)
    request = CurlRequest("")
    url, query, data = Word("", begin), "", []
    unknown = ""
    rest = iter(words[1:])
    for word in rest:
        name, value = _option(word.text)
        if name in _UNSENT:
            raise error_at(text, word.at, f"{_SHORT.get(name, name)} {_UNSENT[name]}")
        request.left_out += _left_out(name, *_flags(word.text))
        if name in _DATA or name in _TAKES_VALUE:
            following = next(rest, None) if value is None else Word(value, word.at)
            if following is None:
                raise error_at(text, word.at, f"{word.text[:40]} has no value")
            if name in _DATA:
                data.append(_data(text, name, following, stdin))
            elif name == "--header" and following.text.startswith("@"):
                raise error_at(text, following.at, "the headers are in a file, which is not read: paste them")
            elif name == "--url-query":
                query += f"&{following.text}"
            elif name == "--url":
                url = _second(text, url, following, "")
            elif word.text.startswith(("-X", "--request")) and following.text.upper() != "POST":
                raise error_at(text, following.at, f"a model is asked by POST, and not by {following.text[:20]}")
            else:
                _take_option(request, name, following.text)
        elif not name.startswith("-"):
            url = _second(text, url, word, unknown)
        unknown = word.text if word.text.startswith("-") and value is None and name not in _TAKES_VALUE else ""
    if not url.text:
        raise ConfigError("the curl command has no address", "For example: curl https://api.x.ai/v1/chat/completions …")
    request.url = _address(text, url, query[1:])
    request.body = _body(text, data)
    _take_key(request)
    return request


def _second(text: str, before: Word, word: Word, option: str) -> Word:
    """An address, where none came before it; `option` is what stands before it and is not known to take a value."""
    if before.text:
        or_what = f", or the value of {option[:40]}, an option that is not known here" if option else ""
        raise error_at(text, word.at, f"“{word.text[:40]}” is a second address{or_what}")
    return word


def _take_option(request: CurlRequest, name: str, value: str) -> None:
    """What an option says of headers and certificates."""
    if name == "--header":
        header, _, content = value.partition(":")
        if content.strip():  # curl sends none without a content, and where that is missing leaves its own out
            request.headers[header.strip().lower()] = content.strip()
    elif name == "--oauth2-bearer":
        request.headers["authorization"] = f"Bearer {value}"
    elif name == "--user":
        request.headers.setdefault("authorization", f"Basic {b64encode(value.encode()).decode()}")
    elif name == "--cookie" and "=" not in value:
        request.left_out.append("--cookie is left out: its file is not read")
    elif name in _AS_HEADER:
        request.headers.setdefault(_AS_HEADER[name], value)
    elif name in _FILES:
        request.files[_FILES[name]] = value


def _left_out(*names: str) -> Iterator[str]:
    """What options want that is not carried over, in words."""
    return (f"{name} is left out: {_LEFT_OUT[name]}" for name in names if name in _LEFT_OUT)


def _beginning(text: str) -> int:
    """Where the command begins: on the first line that is one."""
    at = 0
    for line in text.splitlines(keepends=True):
        if (match := BEGIN.match(line)) is not None:
            return at + match.end()
        at += len(line)
    first = re.match(r"[\s$#>`]*(\S{1,40})", text)
    if first is None or first[1] in ("curl", "curl.exe"):
        raise ConfigError("the curl command has no address", "For example: curl https://api.x.ai/v1/chat/completions …")
    hint = "Copy the request as cURL. For example: curl URL -d '{…}'"
    raise ConfigError(f"this is no curl command: it begins with “{printable_line(first[1])}”", hint)


def _option(word: str) -> tuple[str, str | None]:
    """An option by its long name, with the value that stands in the same word; a word that is none as it is."""
    if word.startswith("--"):
        name, mark, value = word.partition("=")
        return name, value if mark else None
    if not word.startswith("-"):
        return word, None
    for place, letter in enumerate(word[1:], 2):
        if letter in _SHORT_VALUES:
            name = _LONG.get(f"-{letter}", "--request")  # of the others it matters only that they have a value
            return name, word[place:] or None
        if f"-{letter}" in _UNSENT:
            return f"-{letter}", None
    return word, None


def _flags(word: str) -> list[str]:
    """The options without a value among the letters of one word that matter, by their long names."""
    if not word.startswith("-") or word.startswith("--"):
        return []
    letters = itertools.takewhile(lambda letter: letter not in _SHORT_VALUES, word[1:])
    return [_FLAGS[letter] for letter in letters if letter in _FLAGS]


def _data(text: str, name: str, word: Word, stdin: str | None) -> Word:
    """What is sent, in place of what names it."""
    if not word.text.startswith("@") or name == "--data-raw":
        return word
    if word.text == "@-" and stdin is not None:
        return Word(stdin, word.at)
    where = "on standard input" if word.text == "@-" else "in a file"
    raise error_at(text, word.at, f"the body is {where}, which is not read: paste it")


def _address(text: str, word: Word, more: str) -> str:
    """The address as curl would take it, without the keys in its query."""
    url = word.text if "://" in word.text else f"http://{word.text}"
    if (match := VARIABLE.search(url)) is not None:
        raise error_at(text, word.at, f"the address holds the variable {match[0]}, whose value is not known here")
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host = False
    if not has_host or not url.lower().startswith(("https://", "http://")):
        raise error_at(text, word.at, f"“{word.text[:60]}” is no web address")
    head, _, query = url.partition("?")
    pieces = [*query.split("&"), *more.split("&")]
    shown = [piece for piece in pieces if piece and piece.partition("=")[0].lower() not in _SECRET_QUERY]
    return f"{head}?{'&'.join(shown)}" if shown else head


def _body(text: str, data: list[Word]) -> Mapping[str, Any]:
    if not data:
        raise ConfigError("the curl command sends no body", "A request to a model has one: -d '{…}'")
    written = "&".join(word.text for word in data)
    if written[:1] in _TYPOGRAPHIC:
        raise error_at(
            text, data[0].at, f"the quotes around the body are {written[0]}, which no shell knows: write ' there"
        )
    if written.startswith(("$(", "`")):
        raise error_at(text, data[0].at, "the body is what another command prints, which is not run: paste it")
    if (match := VARIABLE.fullmatch(written)) is not None:
        raise error_at(
            text, data[0].at, f"the body is in the variable {match[0]}, whose value is not known here: paste it"
        )
    try:
        value = json.loads(written, parse_constant=_refuse, parse_int=_whole)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno} of the body: {error.msg}"
        raise error_at(text, data[0].at, f"the body is not JSON, at {place}") from error
    except ValueError as error:
        raise error_at(text, data[0].at, f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise error_at(text, data[0].at, "the body is nested too deeply") from error
    if not isinstance(value, dict):
        raise error_at(text, data[0].at, "the body is no JSON object")
    return value


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number there")


def _take_key(request: CurlRequest) -> None:
    """The key, or the variable that holds it, out of the headers: none of them is kept."""
    for name in _KEY_HEADERS:
        if request.headers.get(name, "").lower().startswith("basic "):
            continue  # no key: name and password, and a header of its own
        value = request.headers.pop(name, "")
        if value:
            request.key_header = name
        value = re.sub(r"^bearer\s+", "", value, flags=re.IGNORECASE)
        if (match := VARIABLE.search(value)) is not None:
            request.key_variable = match[1] or match[2]
        elif value and not value.startswith(("$(", "`")):  # a command that only a shell can run
            request.key = value
