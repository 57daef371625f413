"""The client: one pool of connections for each origin, made when first needed."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import ssl
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from tui import __version__
from tui.domain.endpoint import Endpoint, Secret, Source, Way
from tui.domain.error import ConfigError
from tui.domain.tape import HIDDEN_KEY
from tui.net.address import host_of, origin_of
from tui.net.certificate import trust_of
from tui.net.proxy import find_proxy
from tui.wire.dialect import Dialect
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    import httpx

USER_AGENT = f"rillet/{__version__}"
_IDLE_SECONDS = 55.0  # a little less than the minute after which most servers hang up
_IDLE_CONNECTIONS = 4
_USUAL_WAY = Way()
_FOREIGN = ("httpx", "httpcore", "httpcore._backends.anyio", "anyio._backends._asyncio")


class Client:
    """Connections to endpoints. It holds no key, follows no redirect, keeps no cookie, has no timeouts of its own.

    httpx is imported, and the certificates are read, off the event loop, when the first connection is wanted
    (or before, by `warm_up`). Proxies come from the environment, but never stand between rillet and this machine.
    """

    def __init__(
        self, *, transport: httpx.AsyncBaseTransport | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        """Make a client; `transport` replaces the network, for tests."""
        self._transport = transport
        self._environ = os.environ if environ is None else environ
        self._pools: dict[tuple[str, bool, Way], httpx.AsyncClient] = {}
        self._lock = asyncio.Lock()
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

    async def pool(self, url: str, *, keeps_alive: bool = True, way: Way = _USUAL_WAY) -> httpx.AsyncClient:
        """The pool of connections for a URL's origin, and a way there.

        Raises:
            ConfigError: If the proxy that the environment names cannot be used, or a certificate of the settings.
        """
        name = (origin_of(url), keeps_alive, way)
        if (pool := self._pools.get(name)) is None:
            async with self._lock:
                if (pool := self._pools.get(name)) is None:
                    pool = self._pools[name] = await self._make(url, keeps_alive=keeps_alive, way=way)
        return pool

    def proxy_of(self, url: str) -> str:
        """The proxy that stands between us and a URL, as it may be shown; empty where there is none."""
        return host_of(proxy) if (proxy := self._proxy_url(url)) else ""

    async def aclose(self) -> None:
        """Close every connection."""
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.aclose()

    async def _make(self, url: str, *, keeps_alive: bool, way: Way) -> httpx.AsyncClient:
        proxy = "" if way.socket else self._proxy_url(url)
        needs_tls = self._transport is None and (url.startswith("https:") or proxy.startswith("https:"))
        if needs_tls and not way.authority:
            _check_trust(self._environ)
        usual = trust = await asyncio.to_thread(warm_up, needs_tls=needs_tls)
        if needs_tls and (way.authority or way.certificate):
            trust = await asyncio.to_thread(trust_of, way)
        import httpx

        limits = httpx.Limits(
            max_connections=None,
            max_keepalive_connections=_IDLE_CONNECTIONS if keeps_alive else 0,
            keepalive_expiry=_IDLE_SECONDS,
        )
        verify = trust if trust is not None else False  # plain http only: nothing to verify
        more: dict[str, Any] = {"transport": self._transport}
        if way.socket and self._transport is None:
            more["transport"] = httpx.AsyncHTTPTransport(uds=way.socket, verify=verify, trust_env=False, limits=limits)
        if proxy:
            try:
                more["proxy"] = httpx.Proxy(proxy, ssl_context=usual if proxy.startswith("https:") else None)
            except httpx.InvalidURL as error:
                raise ConfigError(
                    f"The proxy {printable_line(host_of(proxy))} has a name that is none.",
                    "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or unset them.",
                ) from error
            except ValueError as error:
                raise ConfigError(
                    f"The proxy {host_of(proxy)} is of a kind rillet cannot use.",
                    "Use an HTTP proxy, or unset HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, whichever names it.",
                ) from error
        try:
            return httpx.AsyncClient(
                verify=verify,
                http1=True,
                http2=False,
                timeout=None,  # noqa: S113 - `Watch` keeps the clocks
                follow_redirects=False,
                trust_env=False,  # the environment is read here, where loopback can be kept out of it
                limits=limits,
                **more,
            )
        except ImportError as error:
            raise ConfigError(
                f"The proxy {host_of(proxy)} speaks SOCKS, which rillet does not.",
                "Use an HTTP proxy, or unset HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, whichever names it.",
            ) from error

    def _proxy_url(self, url: str) -> str:
        return "" if self._transport is not None else find_proxy(url, self._environ)


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
    """Headers as a tape may hold them: without keys. Of a header that this endpoint alone has for its key, the name stays."""
    secret = {name.lower() for name, value in endpoint.headers.items() if not isinstance(value, str)}
    key_name = _key_header(endpoint, dialect)[0]
    secret.add(key_name)
    shown = {name: value for name, value in headers if name not in secret}
    if key_name != dialect.key_header[0] and any(name == key_name for name, _ in headers):
        shown[key_name] = HIDDEN_KEY
    return shown


def _key_header(endpoint: Endpoint, dialect: Dialect) -> tuple[str, str]:
    """The header that carries the key, and what stands before the key in it."""
    name = endpoint.key_header.lower()
    return (name, "Bearer " if name == "authorization" else "") if name else dialect.key_header


def warm_up(*, needs_tls: bool) -> ssl.SSLContext | None:
    """Pay for the first connection, in a thread: two tenths of a second of imports and certificates.

    Returns:
        What connections trust, if they need that.
    """
    _spare_command_line()
    for name in _FOREIGN:  # httpx would import these at its first request, on the event loop
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    return _read_certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")) if needs_tls else None


def _spare_command_line() -> None:
    """Keep httpx from importing its command line, which it does where click happens to be there: 70 ms for nothing."""
    if "httpx" not in sys.modules:
        stub = ModuleType("httpx._main")
        stub.__dict__["main"] = lambda: None
        sys.modules.setdefault(stub.__name__, stub)


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
    return context
