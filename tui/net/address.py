"""Addresses: what a base URL may be, and how hosts are named on the screen."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from tui.domain.error import ConfigError
from tui.wire.printable import printable_line

_VENDORS = {"xai": "api.x.ai", "openai": "api.openai.com", "anthropic": "api.anthropic.com"}
_PATHS = ("/chat/completions", "/responses", "/messages", "/completions", "/models", "/language-models")


def check_base_url(url: str, *, allow_http: bool = False) -> str:
    """Check a base URL and bring it into its one form: no slash at the end, the host in lower case.

    Args:
        url: As a person wrote it.
        allow_http: Whether plain http may leave this machine.

    Raises:
        ConfigError: If it cannot be used; the hint is the fix. A password in it is never repeated.
    """
    text = url.strip()
    if not text:
        raise ConfigError("The base URL is empty.", "Write one such as https://api.x.ai/v1.")
    if "://" not in text:
        scheme = "http" if _starts_at_loopback(text) else "https"
        shown = printable_line(text.rpartition("@")[2])
        raise ConfigError(f"The base URL {shown} does not say how to get there.", f"Write {scheme}://{shown}")
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"The base URL of {host_of(text)} holds a user name or password.",
            "Take out what stands before the @; keys come from key_env or key_command.",
        )
    shown = printable_line(text)
    if parts.scheme not in ("http", "https"):
        raise ConfigError(f"The base URL {shown} is neither https nor http.", "Begin it with https://")
    if not parts.hostname or any(each.isspace() or not each.isprintable() for each in text):
        raise ConfigError(f"The base URL {shown} has no proper host.", "Write one such as https://api.x.ai/v1.")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ConfigError(f"The base URL {shown} has a query or a fragment.", "End it before the ? or #.")
    path = re.sub("/{2,}", "/", parts.path).rstrip("/") if "//" in parts.path else parts.path.rstrip("/")
    for ending in _PATHS:
        if path.endswith(ending):
            fixed = f"{parts.scheme}://{_netloc(parts)}{path.removesuffix(ending)}"
            raise ConfigError(f"The base URL {shown} ends in {ending}, which rillet adds itself.", f"Write {fixed}")
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname):
        raise ConfigError(
            f"Plain http to {host_of(text)} would send the conversation and the key unencrypted.",
            "Write https://, or set allow_http = true for this endpoint.",
        )
    return f"{parts.scheme}://{_netloc(parts)}{path}"


def base_url_hint(url: str) -> str:
    """What may be wrong with a base URL under which nothing was found; empty where nothing seems to be."""
    if not urlsplit(url).path.strip("/"):
        return f"Most endpoints want a path: {url.rstrip('/')}/v1"
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


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    name = host.lower().strip("[]").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified  # 0.0.0.0 and [::] lead here too


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


def _starts_at_loopback(text: str) -> bool:
    return is_loopback(re.split(r"[:/]", text, maxsplit=1)[0])
