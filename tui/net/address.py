"""Addresses: what a base URL may be, and how hosts are named on the screen."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tui.domain.error import ConfigError
from tui.domain.host import is_loopback, with_scheme
from tui.domain.key_word import names_key
from tui.wire.printable import printable_line

_VENDORS = {"xai": "api.x.ai", "openai": "api.openai.com", "anthropic": "api.anthropic.com"}
_PATHS = ("/chat/completions", "/responses", "/messages", "/completions", "/models", "/language-models")


def check_base_url(url: str, *, allow_http: bool = False) -> str:
    """Check a base URL and bring it into its one form: no slash at the end of its path, the host in lower case.

    One that does not say how to get there, such as `localhost:11434`, means http on this machine, and https elsewhere.

    Args:
        url: As a person wrote it.
        allow_http: Whether plain http may leave this machine.

    Raises:
        ConfigError: If it cannot be used; the hint is the fix. A password in it is never repeated.
    """
    text = with_scheme(url)
    if not text:
        raise ConfigError("The base URL is empty.", "Write one such as https://api.x.ai/v1.")
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"The base URL of {host_of(text)} holds a user name or password.",
            "Take out what stands before the @; keys come from key_env or key_command.",
        )
    _refuse_key(parts)
    shown = printable_line(text)
    if parts.scheme not in ("http", "https"):
        raise ConfigError(f"The base URL {shown} is neither https nor http.", "Begin it with https://")
    if not parts.hostname or any(each.isspace() or not each.isprintable() for each in text):
        raise ConfigError(f"The base URL {shown} has no proper host.", "Write one such as https://api.x.ai/v1.")
    if parts.fragment or text.endswith("#"):
        raise ConfigError(f"The base URL {shown} has a fragment, which is never sent.", "End it before the #.")
    path = re.sub("/{2,}", "/", parts.path).rstrip("/") if "//" in parts.path else parts.path.rstrip("/")
    for ending in _PATHS:
        if path.endswith(ending):
            fixed = _joined(parts, path.removesuffix(ending))
            raise ConfigError(f"The base URL {shown} ends in {ending}, which rillet adds itself.", f"Write {fixed}")
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname):
        raise ConfigError(
            f"Plain http to {host_of(text)} would send the conversation and the key unencrypted.",
            "Write https://, or set allow_http = true for this endpoint.",
        )
    return _joined(parts, path)


def url_at(base_url: str, path: str) -> str:
    """The URL of a path below a base URL; the query of that stays at the end."""
    parts = urlsplit(base_url)
    return _joined(parts, parts.path.rstrip("/") + path)


def places_of(base_url: str) -> tuple[str, ...]:
    """Where an endpoint may be found: below `/v1` first, where a base URL has no path of its own."""
    return (base_url,) if urlsplit(base_url).path.strip("/") else (url_at(base_url, "/v1"), base_url)


def base_url_hint(url: str) -> str:
    """What may be wrong with a base URL under which nothing was found; empty where nothing seems to be."""
    if not urlsplit(url).path.strip("/"):
        return f"Nothing is at {url_at(url, '/v1')} either. Does its address want another path?"
    return ""


def origin_of(url: str) -> str:
    """Scheme, host and port: what a key belongs to."""
    parts = _split(url)
    port = _port(parts) or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{_host(parts)}:{port}"


def host_of(url: str) -> str:
    """The host, and the port where the URL names one, fit to be painted; never a user or password."""
    return printable_line(_netloc(urlsplit(url)))


def vendor_of(url: str) -> str:
    """Whose endpoint a base URL is, by its host or its region's: `xai`, `openai`, `anthropic`; empty for others."""
    host = (_split(url).hostname or "").rstrip(".").lower()
    return next((name for name, own in _VENDORS.items() if host == own or host.endswith(f".{own}")), "")


def _refuse_key(parts: SplitResult) -> None:
    """See that no key stands in the query: the URL is written on tapes and shown in errors."""
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if value and names_key(name):
            raise ConfigError(
                f"The query of the base URL of {_netloc(parts)} holds a key, as {printable_line(name)[:60]}.",
                'Let a header carry it: headers = { NAME = { env = "KEY" } }, or key_header = "NAME" with key_env.',
            )


def _joined(parts: SplitResult, path: str) -> str:
    return f"{parts.scheme}://{_netloc(parts)}{path}" + (f"?{parts.query}" if parts.query else "")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname  # both are read, and can fail, only here
    except ValueError as error:
        raise ConfigError(
            f"The base URL {printable_line(url.rpartition('@')[2])} cannot be read",
            "write one such as https://api.x.ai/v1",
        ) from error
    return parts


def _netloc(parts: SplitResult) -> str:
    port = _port(parts)
    return _host(parts) + (f":{port}" if port is not None else "")


def _host(parts: SplitResult) -> str:
    try:
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    return f"[{host}]" if ":" in host else host


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None
