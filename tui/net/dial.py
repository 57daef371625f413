"""Making a connection: names, addresses, a proxy between, TLS."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from tui.net.connection import Answer, Connection
from tui.net.plain_transport import PlainTransport
from tui.wire.http_request import UnsendableError, request_head

_NEXT_ADDRESS_SECONDS = 0.25  # RFC 8305: how long an address may be silent before the next is tried beside it

Phase = Literal["connected", "secured"]


class Proxy(Struct, frozen=True):
    """What stands between: where it is, what it is told of us, and its TLS, if it speaks that."""

    host: str
    port: int
    authorization: str = ""
    trust: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"Proxy({self.host}:{self.port})"


class Route(Struct, frozen=True, eq=False):
    """The way to an origin."""

    host: str
    port: int
    trust: ssl.SSLContext | None = None
    """What is trusted there; none where plain HTTP is spoken."""
    socket: str = ""
    proxy: Proxy | None = None

    @property
    def authority(self) -> str:
        """Host and port as they stand in a request."""
        return self.host if self.port == (443 if self.trust else 80) else f"{self.host}:{self.port}"


class ProxyRefusalError(Exception):
    """The proxy does not open a tunnel; its status and reason."""


async def dial(route: Route, connection: Connection, notice: Callable[[Phase], None]) -> None:
    """Connect, as a route says; `notice` is told of each step.

    Raises:
        OSError: If it cannot be done; `ssl.SSLError` is one.
        HttpError: If the proxy does not speak HTTP.
        ProxyRefusalError: If it refuses.
    """
    try:
        await _connect(route, connection)
        notice("connected")
        proxy = route.proxy
        if proxy is not None and proxy.trust is not None:
            await connection.secure(proxy.trust, _bare(proxy.host))
        if route.trust is not None:
            if proxy is not None:
                await _open_tunnel(route, proxy, connection)
            await connection.secure(route.trust, _bare(route.host))
            notice("secured")
    except BaseException:
        connection.hang_up()
        raise


async def _connect(route: Route, connection: Connection) -> None:
    near = route.proxy or route
    reaching = _connected(socket.AF_UNIX, route.socket) if route.socket else _reach(_bare(near.host), near.port)
    sock = await reaching
    if route.trust is None and (route.proxy is None or route.proxy.trust is None):
        PlainTransport(sock, connection)
        return
    loop = asyncio.get_running_loop()
    await (loop.create_unix_connection if route.socket else loop.create_connection)(lambda: connection, sock=sock)


async def _open_tunnel(route: Route, proxy: Proxy, connection: Connection) -> None:
    """Ask a proxy for a way through it."""
    woken = asyncio.Event()
    answer = Answer(woken.set, is_tunnel=True)
    target = f"{route.host}:{route.port}"
    headers = [("Host", target), ("Accept", "*/*")]
    if proxy.authorization:
        headers.append(("Proxy-Authorization", proxy.authorization))
    connection.ask(request_head("CONNECT", target, headers), answer)
    while not answer.status:
        if answer.error is not None:
            raise answer.error
        woken.clear()
        await woken.wait()
    if not 200 <= answer.status < 300:
        raise ProxyRefusalError(f"{answer.status} {answer.reason}".strip())


async def _reach(host: str, port: int) -> socket.socket:
    """A socket that is connected to a host: its addresses are tried in turn, the next one soon beside a silent one.

    Raises:
        OSError: If none can be reached.
    """
    addresses = await _addresses(host, port)
    if len(addresses) == 1:
        return await _connected(*addresses[0])
    waiting: set[asyncio.Task[socket.socket]] = set()
    errors: list[OSError] = []
    reached: socket.socket | None = None
    try:
        for number, (family, address) in enumerate(addresses, 1):
            waiting.add(asyncio.create_task(_connected(family, address)))
            is_last = number == len(addresses)
            while waiting and reached is None:
                seconds = None if is_last else _NEXT_ADDRESS_SECONDS
                done, waiting = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if isinstance(error := task.exception(), OSError):
                        errors.append(error)
                    elif reached is None:
                        reached = task.result()
                    else:
                        task.result().close()
                if not is_last:
                    break
            if reached is not None:
                return reached
    finally:
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting)
        for task in waiting:
            if not task.cancelled() and task.exception() is None:
                task.result().close()
    raise OSError("no address can be reached") from ExceptionGroup("each of them", errors)


async def _connected(family: int, address: tuple[str, int] | str) -> socket.socket:
    """A socket that is connected; as `sock_connect` of the loop does it, which wants ssl to be there."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            sock.connect(address)
        except (BlockingIOError, InterruptedError):
            await _writable(sock)
            if number := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(number, os.strerror(number)) from None
    except BaseException:
        sock.close()
        raise
    return sock


async def _writable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()
    loop.add_writer(sock, lambda: None if waiter.done() else waiter.set_result(None))
    try:
        await waiter
    finally:
        loop.remove_writer(sock)


async def _addresses(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    """Where a host is: addresses of both kinds by turns, the system's favourite first."""
    name = host.encode("ascii")  # for text, Python would load its own IDNA first
    try:
        rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:  # it is a name
        rows = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    kinds: dict[int, list[tuple[int, tuple[str, int]]]] = {}
    for family, _, _, _, address in rows:
        kinds.setdefault(family, []).append((family, address))  # type: ignore[arg-type]  # of IPv6 it has two more
    longest = max(map(len, kinds.values()))
    return [each[turn] for turn in range(longest) for each in kinds.values() if turn < len(each)]


def host_name(host: str) -> str:
    """A host as it stands in a request: in ASCII, small letters, an IPv6 address in brackets.

    Raises:
        UnsendableError: If it is none.
    """
    name = host.strip("[]").lower()
    if ":" in name:
        return f"[{name}]"
    if name.isascii() and not name.startswith("xn--") and ".xn--" not in name:
        last = name.rstrip(".").rpartition(".")[2]
        if last.isdigit() and not _is_address(name.rstrip(".")):
            raise UnsendableError("its host is no address")
        return name
    import idna

    try:
        encoded = name if name.isascii() else idna.encode(name).decode("ascii")
        idna.decode(encoded)
    except idna.IDNAError as error:
        raise UnsendableError(str(error)) from error
    return encoded


def _is_address(name: str) -> bool:
    """Whether four numbers are an IPv4 address, as it is written in one way only."""
    parts = name.split(".")
    return (
        name.isascii()
        and len(parts) == 4
        and all(part.isdigit() and len(part) <= 3 and int(part) <= 255 and str(int(part)) == part for part in parts)
    )


def _bare(host: str) -> str:
    return host.strip("[]")
