"""The client: the way to each origin, found when first needed, and the connections there that can be used again."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from tui import __version__
from tui.domain.endpoint import Endpoint, Secret, Source, Way
from tui.domain.error import ConfigError
from tui.domain.tape import HIDDEN_KEY
from tui.net.address import host_of, origin_of
from tui.net.certificate import ALPN, trust_of
from tui.net.connection import Connection
from tui.net.dial import Phase, Proxy, Route, dial, host_name
from tui.net.proxy import find_proxy
from tui.wire.dialect import Dialect
from tui.wire.http_request import UnsendableError
from tui.wire.printable import printable_line

USER_AGENT = f"rillet/{__version__}"
_IDLE_SECONDS = 55.0  # a little less than the minute after which most servers hang up
_IDLE_CONNECTIONS = 4
_PORTS = {"http": 80, "https": 443}


class Client:
    """Connections to endpoints. It holds no key, follows no redirect, keeps no cookie, has no timeouts of its own.

    Certificates are read off the event loop, when the first connection wants them (or before, by `warm_up`). Proxies
    come from the environment, but never stand between rillet and this machine.
    """

    def __init__(self, *, environ: Mapping[str, str] | None = None) -> None:
        """Make a client."""
        self._environ = os.environ if environ is None else environ
        self._routes: dict[tuple[str, Way], Route] = {}
        self._idle: dict[Route, list[Connection]] = {}
        self._lock = asyncio.Lock()
        self.connections: set[Connection] = set()
        """Those that are made, and those that are being made."""
        self.unknown_fields: dict[str, set[str]] = {}
        """Fields of the request body that an origin has refused by name; they are not sent there again."""
        self.requests = 0
        """How many were begun."""
        self.unclean: set[str] = set()
        """How connections ended that could have been used again, each a sentence."""
        self.places: dict[str, str] = {}
        """Where below an origin an endpoint was found whose base URL does not say."""
        self.progress_tellers: set[str] = set()
        """Origins that are known to tell how far they have read a prompt, where they are asked to."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def route(self, url: str, way: Way) -> Route:
        """The way to a URL's origin.

        Raises:
            ConfigError: If the proxy that the environment names cannot be used, or a certificate of the settings.
            UnsendableError: If its host is none.
        """
        name = (origin_of(url), way)
        if (route := self._routes.get(name)) is None:
            async with self._lock:
                if (route := self._routes.get(name)) is None:
                    route = self._routes[name] = await self._find_route(url, way)
        return route

    def take(self, route: Route) -> Connection | None:
        """A connection that waits for its next request, if there is one."""
        now = asyncio.get_running_loop().time()
        waiting = self._idle.get(route, [])
        while waiting:
            connection = waiting.pop()
            if connection.is_idle and now - connection.idle_since < _IDLE_SECONDS:
                return connection
            connection.hang_up()
        return None

    async def dial(self, route: Route, notice: Callable[[Phase], None], *, keeps_alive: bool) -> Connection:
        """A new connection.

        Raises:
            Exception: As `net.dial.dial` does.
        """
        is_made = False

        def keep(connection: Connection) -> None:
            if is_made and keeps_alive:
                self._keep(route, connection)
            elif is_made:
                connection.hang_up()

        connection = Connection(keep, self.connections.discard)
        self.connections.add(connection)
        try:
            await dial(route, connection, notice)
        except BaseException:
            self.connections.discard(connection)
            raise
        is_made = True
        return connection

    def _keep(self, route: Route, connection: Connection) -> None:
        waiting = self._idle.setdefault(route, [])
        waiting[:] = [each for each in waiting if each.is_idle]
        waiting.append(connection)
        if len(waiting) > _IDLE_CONNECTIONS:
            waiting.pop(0).hang_up()

    def proxy_of(self, url: str) -> str:
        """The proxy that stands between us and a URL, as it may be shown; empty where there is none."""
        return host_of(proxy) if (proxy := find_proxy(url, self._environ)) else ""

    async def aclose(self) -> None:
        """Close every connection."""
        self._idle.clear()
        for connection in list(self.connections):
            connection.hang_up()
            await connection.gone()

    async def _find_route(self, url: str, way: Way) -> Route:
        parts = urlsplit(url)
        proxy_url = "" if way.socket else find_proxy(url, self._environ)
        is_tls, through_tls = parts.scheme == "https", proxy_url.startswith("https:")
        if (is_tls or through_tls) and not way.authority:
            _check_trust(self._environ)
        proxy = _proxy_at(proxy_url) if proxy_url else None
        host = host_name(parts.hostname or "")
        usual = trust = await asyncio.to_thread(warm_up, needs_tls=True) if is_tls or through_tls else None
        if is_tls and (way.authority or way.certificate):
            trust = await asyncio.to_thread(trust_of, way)
        if proxy is not None and through_tls:
            proxy = Proxy(proxy.host, proxy.port, proxy.authorization, usual)
        port = parts.port or _PORTS[parts.scheme]
        return Route(host, port, trust if is_tls else None, way.socket, proxy)


def _proxy_at(url: str) -> Proxy:
    """The proxy that a URL names.

    Raises:
        ConfigError: If it cannot be used.
    """
    parts = urlsplit(url)
    hint = "Use an HTTP proxy, or unset HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, whichever names it."
    if parts.scheme.startswith("socks"):
        raise ConfigError(f"The proxy {host_of(url)} speaks SOCKS, which rillet does not.", hint)
    if parts.scheme not in _PORTS:
        raise ConfigError(f"The proxy {host_of(url)} is of a kind rillet cannot use.", hint)
    try:
        host = host_name(parts.hostname or "")
    except UnsendableError as error:
        raise ConfigError(
            f"The proxy {printable_line(host_of(url))} has a name that is none.",
            "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or unset them.",
        ) from error
    authorization = ""
    if parts.username or parts.password:
        from base64 import b64encode

        pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        authorization = f"Basic {b64encode(pair.encode()).decode()}"
    return Proxy(host, parts.port or _PORTS[parts.scheme], authorization)


def headers_for(
    endpoint: Endpoint, key: Secret | None, dialect: Dialect, *, is_stream: bool, has_body: bool
) -> list[tuple[str, str]]:
    """The headers of a request, as a dialect and then the endpoint want them; `show_headers` is the same without keys."""
    headers = [
        ("user-agent", USER_AGENT),
        ("accept", "text/event-stream" if is_stream else "application/json"),
        ("accept-encoding", "identity"),  # 64 KB of gzip can become 250 MB
    ]
    if has_body:
        headers.append(("content-type", "application/json"))
    headers += dialect.headers
    if key is not None:
        name, prefix = _key_header(endpoint, dialect)
        headers.append((name, prefix + key.reveal()))
    own = {
        name.lower(): value.in_form() if isinstance(value, Secret) else value
        for name, value in endpoint.headers.items()
        if not isinstance(value, Source)  # which is found before anything is sent
    }
    return [(name, value) for name, value in headers if name not in own] + list(own.items())


def merge_headers(headers: list[tuple[str, str]], more: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers with more of them; where one is there already, both values are said in it."""
    merged = dict(headers)
    for name, value in more:
        words = [word.strip() for word in merged.get(name, "").split(",") if word.strip()]
        merged[name] = ", ".join([*words, *([] if value in words else [value])])
    return list(merged.items())


def show_headers(headers: list[tuple[str, str]], endpoint: Endpoint, dialect: Dialect) -> dict[str, str]:
    """Headers as a tape may hold them: of the one that carries the key the name alone, and none that hold other secrets."""
    secret = {name.lower() for name, value in endpoint.headers.items() if not isinstance(value, str)}
    key_name = _key_header(endpoint, dialect)[0]
    return {
        name: HIDDEN_KEY if name == key_name else value
        for name, value in headers
        if name == key_name or name not in secret
    }


def _key_header(endpoint: Endpoint, dialect: Dialect) -> tuple[str, str]:
    """The header that carries the key, and what stands before the key in it."""
    name = endpoint.key_header.lower()
    return (name, "Bearer " if name == "authorization" else "") if name else dialect.key_header


def warm_up(*, needs_tls: bool) -> ssl.SSLContext | None:
    """Read the certificates, in a thread: they take a tenth of a second.

    Returns:
        What connections trust, if they need that.
    """
    return _read_certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")) if needs_tls else None


def _check_trust(environ: Mapping[str, str]) -> None:
    """See that the certificates that the environment names are there: OpenSSL itself would say nothing, and trust nobody.

    Raises:
        ConfigError: If they are not.
    """
    for name, is_there in (("SSL_CERT_FILE", os.path.isfile), ("SSL_CERT_DIR", os.path.isdir)):
        places = environ.get(name, "").split(os.pathsep if name == "SSL_CERT_DIR" else "\0")
        if any(places) and not any(map(is_there, places)):
            what = "file" if name == "SSL_CERT_FILE" else "directory"
            raise ConfigError(
                f"{name} names a {what} that is not there: {printable_line(environ[name])}",
                f"Correct {name}, or unset it.",
            )


@lru_cache(maxsize=1)
def _read_certificates(file: str | None, folder: str | None) -> ssl.SSLContext:
    """What this machine trusts: its own certificates, and those of certifi where it has none.

    OpenSSL itself obeys `SSL_CERT_FILE` and `SSL_CERT_DIR`, which are given to tell one environment from another.
    """
    context = ssl.create_default_context()
    if not file and not folder:
        import certifi

        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(ALPN)
    return context
