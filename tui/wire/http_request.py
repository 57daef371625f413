"""An HTTP/1.1 request, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Iterable

_TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # noqa: S105  # RFC 9110 calls it so
_PLAIN = _TOKEN.replace("#", "").replace("`", "") + "/?=&:"
_PATH = "/:@!$&'()*+,;=~%[]\\^|"  # as browsers do; what is escaped already stays so
_QUERY = _PATH + "?`{}"


class UnsendableError(ValueError):
    """What cannot stand in a request; never says a value, which may be a key."""


def request_head(method: str, target: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """The first line and the headers.

    Raises:
        UnsendableError: If something cannot stand there.
    """
    if any(char <= " " or char == "\x7f" for char in target) or not target.isascii():
        raise UnsendableError("its address has characters that none may have")
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in headers:
        if not name or name.strip(_TOKEN):
            raise UnsendableError(f"no header can have the name {name!r}")
        if not value.isascii():
            raise UnsendableError(f"the header {name} is not ASCII")
        if value != value.strip() or any((char < " " and char != "\t") or char == "\x7f" for char in value):
            raise UnsendableError(f"the header {name} has a value that no header can have")
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def request_target(path: str, query: str) -> str:
    """A path and a query as they stand in the first line."""
    return (_escaped(path, _PATH) or "/") + (f"?{_escaped(query, _QUERY)}" if query else "")


def _escaped(text: str, safe: str) -> str:
    if text.isascii() and not text.strip(_PLAIN):
        return text
    from urllib.parse import quote

    return quote(text, safe)
