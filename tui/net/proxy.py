"""Proxies: which of those that the environment names stands between rillet and an endpoint."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tui.domain.error import ConfigError
from tui.domain.host import is_loopback
from tui.wire.printable import printable_line

_HINT = "Write it as http://user:password@host:port; in the password, # is written %23, / is %2F and ? is %3F."


def find_proxy(url: str, environ: Mapping[str, str]) -> str:
    """The URL of the proxy for a URL, with its user and password; empty where there is none.

    Nothing ever stands between rillet and this machine. `NO_PROXY` holds names, addresses and ranges of them, each
    with or without a port.

    Raises:
        ConfigError: If the variable cannot be read; it is named, and nothing of its value is repeated.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or is_loopback(host):
        return ""
    asks_system = environ is os.environ and sys.platform in ("darwin", "win32")  # which have proxies elsewhere too
    if asks_system:
        import urllib.request  # not for those who need it not: it takes 15 ms

        proxies = urllib.request.getproxies()
    else:
        proxies = proxies_of(environ)
    if _is_spared(host, parts.port or (443 if parts.scheme == "https" else 80), proxies.get("no", "")):
        return ""
    if asks_system and urllib.request.proxy_bypass(host):
        return ""
    kind = parts.scheme if proxies.get(parts.scheme) else "all"
    proxy = proxies.get(kind, "").strip()
    if not proxy:
        return ""
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not _is_readable(proxy):
        name = next((name for name in environ if name.lower() == f"{kind}_proxy"), f"{kind.upper()}_PROXY")
        raise ConfigError(f"{printable_line(name)} cannot be read as the address of a proxy.", _HINT)
    return proxy


def proxies_of(environ: Mapping[str, str]) -> dict[str, str]:
    """What `urllib.request.getproxies_environment` reads, from a given environment; lower case wins."""
    proxies: dict[str, str] = {}
    for is_lower in (False, True):
        if is_lower and "REQUEST_METHOD" in environ:  # a CGI program's, in which a header named Proxy sets HTTP_PROXY
            proxies.pop("http", None)
        for name, value in environ.items():
            if name.lower().endswith("_proxy") and (name == name.lower()) is is_lower:
                proxies[name.lower().removesuffix("_proxy")] = value
    return {name: value for name, value in proxies.items() if value}


def _is_readable(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    has_more = bool(parts.query or parts.fragment or parts.path.strip("/"))
    return bool(host) and not has_more and all(each.isprintable() and not each.isspace() for each in proxy)


def _is_spared(host: str, port: int, spared: str) -> bool:
    """Whether `NO_PROXY` names a host: by itself, as the end of its name, or as an address in a range."""
    if not spared.strip():
        return False
    import ipaddress

    name = host.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        address = None
    for entry, at in _entries(spared):
        if at not in (None, port):
            continue
        if entry == "*":
            return True
        if address is None:
            bare = entry.removeprefix("*").lstrip(".")
            if bare and (name == bare or name.endswith(f".{bare}")):
                return True
            continue
        if entry.endswith((".", ".*")) and f"{address}.".startswith(entry.removesuffix("*")):
            return True
        try:
            if address in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return False


def _entries(spared: str) -> Iterator[tuple[str, int | None]]:
    """The entries of `NO_PROXY`, each with the port it is for, if any."""
    for word in spared.lower().replace(",", " ").split():
        entry, _, port = word.rpartition(":")
        if entry.startswith("[") and entry.endswith("]") and port.isdigit():
            yield entry[1:-1], int(port)
        elif entry and ":" not in entry and port.isdigit():
            yield entry, int(port)
        else:
            yield word.strip("[]"), None
