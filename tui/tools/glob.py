"""Globs for the arguments of tools: whole texts, and web addresses part by part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_GLOB_URL = re.compile(
    r"(?P<scheme>[^:/?#]*)://(?P<host>\[[^\]]*\]|[^/:#]*)(?::(?P<port>[^/:#]*))?(?P<path>/.*)?", re.DOTALL
)
_PLAIN_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[!-~]+")
_SLY = re.compile(r"%(2e|2f|5c|25|00)|(^|/)\.\.?(/|$)|//", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9._:-]+")
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}


def fits_url(glob: str, text: str) -> bool:
    """Whether a web address fits a pattern: its scheme, host, port and path each fit theirs.

    In the host a `*` stands for one label or a part of one (`*.example.com`), `**` for any number. Without a
    port only the scheme's own fits, without a path only the root. A `*` in the path ends at `/`, `?` and `#`.
    An address with a user name, with characters that need no encoding encoded, or that climbs, fits nothing.
    """
    wanted = _GLOB_URL.fullmatch(glob)
    if wanted is None or _PLAIN_URL.fullmatch(text) is None or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or not _HOST.fullmatch(parts.hostname) or "@" in parts.netloc:
        return False
    scheme = parts.scheme.lower()
    path = parts.path or "/"
    if _SLY.search(path):
        return False
    usual = _PORTS.get(scheme, "")
    rest = path + text[len(text.split("?", 1)[0].split("#", 1)[0]) :]
    wanted_host = wanted["host"].strip("[]").lower()
    return (
        match_glob(wanted["scheme"].lower(), scheme)
        and match_glob(wanted_host, parts.hostname.lower(), ".")
        and match_glob(wanted["port"] or usual, str(port) if port is not None else usual)
        and match_glob(wanted["path"] or "/", rest, "/?#")
    )


def match_glob(glob: str, text: str, stops: str = "/") -> bool:
    """Match the whole text; a `*` or `?` takes no character of `stops`.

    The positions reached so far are one set, so no glob takes long.
    """
    pieces = [*_pieces(glob)]
    places = {0}
    for piece in pieces:
        if piece == "**":
            places = set(range(min(places), len(text) + 1))
        elif piece == "*":
            places = _run(places, text, stops)
        elif piece == "?":
            places = {at + 1 for at in places if at < len(text) and text[at] not in stops}
        else:
            places = {at + 1 for at in places if text[at : at + 1] == piece}
        if not places:
            return False
    return len(text) in places


def _pieces(glob: str) -> Iterable[str]:
    at = 0
    while at < len(glob):
        piece = "**" if glob.startswith("**", at) else glob[at]
        yield piece
        at += len(piece)


def _run(places: set[int], text: str, stops: str) -> set[int]:
    reached: set[int] = set()
    for start in sorted(places):
        at = start
        while at not in reached:
            reached.add(at)
            if at >= len(text) or text[at] in stops:
                break
            at += 1
    return reached
