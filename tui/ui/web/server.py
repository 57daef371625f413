"""The server of `rillet --web`: for this machine alone, and there only for whoever has the token.

Any page that a person visits can send requests to a server on their machine. So every request must name this server
(`Host`), come from its own page if it says where from (`Origin`), and bring the token, in the address once and then as a cookie.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import secrets
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from tui.child import end_child, exit_status, start_child

HOST = "127.0.0.1"
DRIVER = "tui.ui.web.driver:WebDriver"
COOKIE = "rillet-{port}"
"""Cookies do not tell ports apart; a name can."""

OF_THE_SERVER = (
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "TMUX",
    "STY",
    "WSL_DISTRO_NAME",
    "NO_COLOR",
    "COLORFGBG",
    "TERM_PROGRAM",
)
"""Variables that tell of the terminal which the server runs in, and not of the page."""

ENDING_SECONDS = 4.0
"""How long a screen may take to put everything away."""

PASTE_LIMIT_BYTES = 32 * 1024 * 1024

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self' ws://{host}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_PAGE = {"": "text/html", "page.js": "text/javascript", "page.css": "text/css"}
_STATIC = re.compile(r"(?:css|js|fonts)/[\w-]+\.(?:css|js|ttf)\Z")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Screen(AppService):
    """One rillet, shown by one page.

    Attributes:
        session_id: The conversation it showed, once it has ended and was saved.
    """

    def __init__(self, argv: list[str], websocket: web.WebSocketResponse) -> None:
        """Run this command and show it there."""
        super().__init__(
            "rillet",
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self.hang_up,
            download_manager=DownloadManager(),
        )
        self._argv, self._websocket = argv, websocket
        self._has_shown = False
        self.session_id = ""

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environ = child_environ(os.environ, width, height)
        self._process = await start_child(
            *self._argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ, start_new_session=True
        )
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Pass on what it writes, until it ends; one that ends before it has shown anything is told on the page."""
        await super().run()
        with suppress(ConnectionError, RuntimeError):
            if not self._has_shown:
                words = "rillet ended before it showed anything; the shell that runs rillet --web says why."
                await self.remote_write_bytes(f"\r\n  {words}\r\n".encode())
            await self.hang_up()

    async def hang_up(self) -> None:
        """Close the connection of its page."""
        await self._websocket.close()

    async def on_data(self, payload: bytes) -> None:
        """Pass on what is for the terminal in the page."""
        self._has_shown = True
        with suppress(ConnectionError, RuntimeError):  # the page may have gone
            await super().on_data(payload)

    async def on_meta(self, data: bytes) -> None:
        """Keep which conversation it was; everything else is textual-serve's."""
        import json

        message = json.loads(data)
        if message["type"] == "session":
            self.session_id = str(message["id"])
        elif message["type"] != "exit":  # its end is the end of its output
            await super().on_meta(data)

    async def end(self) -> None:
        """Have it put everything away and end; after a while, end it."""
        process = self._process
        try:
            async with asyncio.timeout(ENDING_SECONDS):
                await self.stop()
                if process is not None:
                    await exit_status(process)
        except TimeoutError:
            pass
        finally:
            if process is not None:
                await end_child(process)


class Server:
    """Serves the page and its screens.

    Attributes:
        token: What a request must bring.
    """

    def __init__(self, argv: list[str]) -> None:
        """Show what this command shows, with `--session ID` behind it where a page comes back."""
        self._argv = argv
        self.token = secrets.token_urlsafe(32)
        self._port = 0
        self._sockets: set[web.WebSocketResponse] = set()
        self._sessions: dict[str, str] = {}
        self._screens: dict[str, Screen] = {}

    @property
    def origin(self) -> str:
        """Where it is served."""
        return f"http://{HOST}:{self._port}"

    async def run(self, port: int, say: Callable[[str], None]) -> None:
        """Serve until SIGINT or SIGTERM, on this port, or on any where it is 0."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, over.set)
        application = web.Application(middlewares=[self.guard], client_max_size=4096)
        application.add_routes(
            [
                web.get("/", self.page),
                web.get("/{name:page\\.(?:js|css)}", self.page),
                web.get("/static/{path:.+}", self.static),
                web.get("/ws/{tab:[0-9a-f-]{36}}", self.websocket),
            ]
        )
        application.on_shutdown.append(self.close)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=ENDING_SECONDS)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, port)
            await site.start()
            self._port = runner.addresses[0][1]
            say(f"{self.origin}/?token={self.token}")
            await over.wait()
        finally:
            await runner.cleanup()

    async def close(self, _application: web.Application) -> None:
        """Close every page's connection, which ends its screen."""
        for websocket in list(self._sockets):
            await websocket.close(code=WSCloseCode.GOING_AWAY)

    # -- who may come in ----------------------------------------------------------------------------------

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse whatever does not come from our own page with the token."""
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        if host not in {f"{HOST}:{self._port}", f"localhost:{self._port}"}:
            return _refuse("this server has another name")
        is_socket = request.path.startswith("/ws/")
        if (origin is None and is_socket) or (origin is not None and origin != f"http://{host}"):
            return _refuse("this request comes from another page")
        if request.path == "/" and "token" in request.query:
            if not self._is_token(request.query["token"]):
                return _refuse("the token is not the one that rillet --web printed")
            answer = web.Response(status=303, headers={"Location": "/", **self._headers(host)})
            answer.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict", path="/")
            return answer
        if not self._is_token(request.cookies.get(self._cookie, "")):
            return _refuse("open the address that rillet --web printed")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(self._headers(host))
        return response

    @property
    def _cookie(self) -> str:
        return COOKIE.format(port=self._port)

    def _is_token(self, word: str) -> bool:
        return hmac.compare_digest(word.encode(), self.token.encode())

    def _headers(self, host: str) -> dict[str, str]:
        return {name: value.replace("{host}", host) for name, value in _HEADERS.items()}

    # -- what there is ------------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page and its own files."""
        name = request.match_info.get("name", "")
        body = (files("tui.ui.web") / (name or "page.html")).read_bytes()
        return web.Response(body=body, content_type=_PAGE[name], charset="utf-8")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """What textual-serve brings: the terminal in the page, its style and its font."""
        path = request.match_info["path"]
        file = Path(textual_serve.__file__).parent / "static" / path
        if not _STATIC.match(path) or not file.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(file)

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """The connection of a page: one screen, as long as it lasts."""
        tab = request.match_info["tab"]
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=PASTE_LIMIT_BYTES)
        await websocket.prepare(request)
        self._sockets.add(websocket)
        if (before := self._screens.get(tab)) is not None:  # the page was loaded again
            await before.end()
            self._sessions[tab] = before.session_id or self._sessions.get(tab, "")
        session_id = self._sessions.get(tab, "")
        screen = self._screens[tab] = Screen(
            [*self._argv, *(["--session", session_id] if session_id else [])], websocket
        )
        try:
            await screen.start(_cells(request.query.get("width"), 80), _cells(request.query.get("height"), 24))
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await self._take(screen, websocket, message.json())
        finally:
            self._sockets.discard(websocket)
            await screen.end()
            self._sessions[tab] = screen.session_id or session_id
            if self._screens.get(tab) is screen:
                del self._screens[tab]
        return websocket

    async def _take(self, screen: Screen, websocket: web.WebSocketResponse, message: Any) -> None:
        match message:
            case ["stdin", str(text)]:
                await screen.send_bytes(text.encode(errors="replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await screen.set_terminal_size(_cells(width, 80), _cells(height, 24))
            case ["ping", str() | int() | float() as data]:
                await websocket.send_json(["pong", data])
            case ["focus"]:
                await screen.focus()
            case ["blur"]:
                await screen.blur()
            case _:
                pass  # what the page says of itself


def _refuse(why: str) -> web.Response:
    return web.Response(status=403, text=f"rillet: {why}\n", headers={"X-Content-Type-Options": "nosniff"})


def _cells(value: object, usual: int) -> int:
    """A number of columns or rows, within what a screen may have."""
    word = str(value)
    return min(1000, max(2, int(word))) if word.isdecimal() else usual


def child_environ(environ: Mapping[str, str], width: int, height: int) -> dict[str, str]:
    """The environment of a screen: that of the server, but for what it tells of a terminal."""
    inherited = {name: value for name, value in environ.items() if name not in OF_THE_SERVER}
    return inherited | {
        "TEXTUAL_DRIVER": DRIVER,
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLUMNS": str(width),
        "ROWS": str(height),
        "PYTHONUNBUFFERED": "1",
    }


def serve(words: list[str], port: int) -> int:
    """Serve `rillet` with these words until Ctrl+C."""

    def say(address: str) -> None:
        print(f"Open {address}\nWhoever has this address has your chats. Ctrl+C ends it.", flush=True)  # noqa: T201

    asyncio.run(Server([sys.executable, "-m", "tui", *words]).run(port, say))
    return 0
