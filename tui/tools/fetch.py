"""`fetch_url`: a web page as text, and never anything on this machine or its network.

The host is resolved here, every address it has is checked, and the connection goes to the very address
that was checked: a name that answers differently a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tui.tools.definition import Output, Tool, ToolError
from tui.tools.network import Address, is_public
from tui.tools.page_text import page_text
from tui.tools.redirect import MAY_FOLLOW

if TYPE_CHECKING:
    import httpx

LIMIT = 1024 * 1024
REDIRECTS = 5
SECONDS = 30.0

Resolve = Callable[[str, int], Awaitable[list[str]]]
_TEXT_TYPES = (
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-ndjson",
    "application/yaml",
)
_REDIRECT = (301, 302, 303, 307, 308)


def fetch_tool(*, allows: Callable[[Address], bool] | None = None, resolve: Resolve | None = None) -> Tool:
    """The tool; tests pass `allows` to reach this machine and `resolve` to answer for names."""
    fetch = _Fetch(allows or is_public, resolve or resolve_host)

    async def run(arguments: Mapping[str, Any]) -> Output:
        return await fetch.get(str(arguments["url"]))

    return Tool(
        "fetch_url",
        "Fetch a public web page or text file by http or https. Private and local addresses are refused.",
        _PARAMETERS,
        "builtin",
        run,
        preview=lambda arguments: f"GET {arguments['url']}",
        runs_parallel=True,
        timeout=SECONDS,
        output_limit=LIMIT,
    )


async def resolve_host(host: str, port: int) -> list[str]:
    """Every address of a host, as the system resolves it.

    Raises:
        ToolError: If it has none.
    """
    loop = asyncio.get_running_loop()
    try:
        addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ToolError(f"cannot find the host {host}") from error
    return list(dict.fromkeys(str(row[4][0]) for row in addresses))


_PARAMETERS = {
    "type": "object",
    "properties": {"url": {"type": "string", "description": "An http or https address"}},
    "required": ["url"],
    "additionalProperties": False,
}


class _Fetch:
    """One rule for what may be reached, and the way there."""

    def __init__(self, allows: Callable[[Address], bool], resolve: Resolve) -> None:
        self._allows = allows
        self._resolve = resolve

    async def get(self, url: str) -> Output:
        httpx = _import_httpx()

        start = url
        for _ in range(REDIRECTS + 1):
            try:
                answer = await self._ask(url)
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:  # idna's is one of these
                raise ToolError(f"{url}: {_words(error)}") from error
            if isinstance(answer, Output):
                return answer
            if not MAY_FOLLOW.get()(start, answer):
                raise ToolError(
                    f"the page has moved to {answer}, which was not allowed with {start}: ask for that address"
                )
            url = answer
        raise ToolError(f"more than {REDIRECTS} redirects")

    async def _ask(self, url: str) -> Output | str:
        """The page, or the address it has moved to."""
        httpx = _import_httpx()

        host, port, scheme = _parts(url)
        address = await self._checked(host, port)
        # Loading the certificates takes long enough to be felt; without TLS an empty store does, and trusts nobody.
        store = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if scheme == "https":
            store = await asyncio.to_thread(httpx.create_ssl_context)
        # No proxy from the environment: it would resolve names by itself, unchecked.
        async with httpx.AsyncClient(verify=store, trust_env=False, follow_redirects=False, timeout=10.0) as client:
            request = client.build_request(
                "GET",
                _pinned(url, address, port),
                headers={"host": _authority(host, port, scheme), "accept-encoding": "identity", "user-agent": "rillet"},
                extensions={"sni_hostname": host},
            )
            response = await client.send(request, stream=True)
            try:
                if response.status_code in _REDIRECT and "location" in response.headers:
                    return urljoin(url, str(response.headers["location"]))
                return await _read(url, response)
            finally:
                await response.aclose()

    async def _checked(self, host: str, port: int) -> str:
        addresses = await self._resolve(host, port)
        for text in addresses:
            # A scope (`fe80::1%eth0`) belongs to link-local addresses only.
            if "%" in text or not self._allows(ipaddress.ip_address(text)):
                raise ToolError(f"{host} is at {text}, which is not a public address: refused")
        if not addresses:
            raise ToolError(f"cannot find the host {host}")
        return addresses[0]


def _parts(url: str) -> tuple[str, int, str]:
    if any(ord(char) <= 0x20 or ord(char) == 0x7F for char in url):
        raise ToolError("an address holds no spaces or control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ToolError(f"{url} is no web address: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise ToolError(f"only http and https are fetched, not {parts.scheme or 'an address without a scheme'}")
    if parts.username is not None or parts.password is not None:
        raise ToolError("an address with a user name or password is refused")
    if not parts.hostname:
        raise ToolError(f"{url} names no host")
    try:
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    except UnicodeError as error:
        raise ToolError(f"{parts.hostname} is no host name") from error
    return host, port or (443 if parts.scheme == "https" else 80), parts.scheme


def _pinned(url: str, address: str, port: int) -> str:
    host = f"[{address}]" if ":" in address else address
    return urlsplit(url)._replace(netloc=f"{host}:{port}", fragment="").geturl()


def _authority(host: str, port: int, scheme: str) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == {"http": 80, "https": 443}[scheme] else f"{name}:{port}"


def _import_httpx() -> ModuleType:
    """Httpx without its command line, which it imports where click happens to be there: 70 ms for nothing."""
    if "httpx" not in sys.modules:
        stub = ModuleType("httpx._main")
        stub.__dict__["main"] = lambda: None
        sys.modules.setdefault(stub.__name__, stub)
    import httpx

    return httpx


async def _read(url: str, response: httpx.Response) -> Output:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml"))):
        raise ToolError(f"{url} is {kind or 'of no stated type'}, not text")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ToolError(f"{url} came compressed, unasked")
    data, is_cut = bytearray(), False
    async for chunk in response.aiter_raw():
        data += chunk[: LIMIT - len(data)]
        if len(data) >= LIMIT:
            is_cut = True
            break
    try:
        text = data.decode(response.charset_encoding or "utf-8", "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    if kind in ("text/html", "application/xhtml+xml"):
        text = await asyncio.to_thread(page_text, text)
    head = f"[{url}: status {response.status_code}]\n" if response.is_error else ""
    return Output(head + text + (f"\n[cut after {LIMIT:,} bytes]" if is_cut else ""), is_error=response.is_error)


def _words(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return f"cannot connect ({error})" if str(error) else "cannot connect"
    return str(error) or "the connection broke"
