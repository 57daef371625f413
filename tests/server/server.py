"""The server: a thread of its own, so that any kind of test can use it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from tests.server.case import case_answer
from tests.server.connection import Connection, Exchange
from tests.server.model import models_answer
from tests.server.scenario import SCENARIOS, Ask, Play, parse_scenario
from tests.server.step import Answer, text_answer


class FaultServer:
    """A loopback server that does what its scenarios say, byte for byte.

    Use it as a context manager, plain or async. `url("reset@400")` is a base URL under which every request
    plays that scenario; under `url()` the request's `model` names the scenario, and `default` is played
    where it names none. `add` enters a scenario of the test's own. `log` holds what was asked, and `lists` the requests for
    lists of models, which rillet may make for their prices whenever it sees fit.
    """

    def __init__(
        self, default: str = "ok", *, port: int = 0, tls: ssl.SSLContext | None = None, socket_path: str = ""
    ) -> None:
        self.default = default
        self.log: list[Exchange] = []
        self.lists: list[Exchange] = []
        self.port = port
        self._tls, self._socket_path = tls, socket_path
        self._own: dict[str, Play] = {}
        self._counts: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._connections: dict[int, Connection] = {}
        self._opened = 0
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._fault: BaseException | None = None

    # -- life

    def start(self) -> Self:
        """Listen; returns when the port is open."""
        self._thread = threading.Thread(target=self._run, name="fault-server", daemon=True)
        self._thread.start()
        self._ready.wait(10)
        if self._fault is not None:
            raise self._fault
        return self

    def close(self) -> None:
        """Hang up on everybody and stop."""
        if self._thread is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    # -- what tests ask

    @property
    def origin(self) -> str:
        """The scheme, host and port."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def url(self, scenario: str = "") -> str:
        """A base URL; with a scenario, one under which every request plays it."""
        return f"{self.origin}/s/{scenario}/v1" if scenario else f"{self.origin}/v1"

    def add(self, name: str, play: Play | Answer) -> str:
        """Enter a scenario of the test's own; returns its base URL."""
        self._own[name] = (lambda _ask: play) if isinstance(play, Answer) else play
        return self.url(name)

    def play(self, case: Mapping[str, Any], *, cut: int = 0, name: str = "") -> str:
        """Enter a conformance case (its bytes re-cut every `cut`); returns its base URL."""
        return self.add(name or f"case-{case['name']}-{cut}", lambda _ask: case_answer(case, cut))

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return len(self._connections)

    def count(self, scenario: str) -> int:
        """How often a scenario was asked for, exactly as written; lists of models are not counted."""
        return self._asked[scenario]

    def wait_for(self, condition: Callable[[], Any], timeout: float = 60.0) -> Any:
        """Block until something about the log or the connections is true; returns it, or fails."""
        until = time.monotonic() + timeout
        with self._changed:
            while not (seen := condition()):
                if time.monotonic() > until:
                    raise AssertionError(f"the server did not see it within {timeout} s; last: {self.log[-3:]}")
                self._changed.wait(0.05)  # it may be about something else than the server, too
            return seen

    async def until(self, condition: Callable[[], Any], timeout: float = 60.0) -> Any:
        """The same for async tests."""
        return await asyncio.to_thread(self.wait_for, condition, timeout)

    # -- inside

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._fault = error
            raise
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if self._socket_path:
            server = await self._loop.create_unix_server(self._connect, self._socket_path, ssl=self._tls)
        else:
            server = await self._loop.create_server(self._connect, "127.0.0.1", self.port, ssl=self._tls)
            self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        connections = list(self._connections.values())
        for connection in connections:
            connection.task.cancel()
            connection.abort()
        await asyncio.gather(*(connection.task for connection in connections), return_exceptions=True)

    def _connect(self) -> Connection:
        self._opened += 1
        number = self._opened
        server = self

        class Counted(Connection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                server._connections[number] = self
                super().connection_made(transport)
                server._tell(None)

            def connection_lost(self, exc: Exception | None) -> None:
                server._connections.pop(number, None)
                super().connection_lost(exc)
                server._tell(None)

        return Counted(number, self._answer, self._tell)

    def _tell(self, exchange: Exchange | None) -> None:
        with self._changed:
            if exchange is not None:
                (self.lists if _is_list(exchange.path) else self.log).append(exchange)
            self._changed.notify_all()

    def _answer(self, exchange: Exchange, earlier: int) -> Answer:
        text, path = self._choose(exchange)
        name, argument, options = parse_scenario(text)
        exchange.scenario = text
        is_list = _is_list(path)
        play = self._own.get(text) or self._own.get(name)
        if play is None and name in SCENARIOS:
            play = SCENARIOS[name].play
        if play is None or (is_list and SCENARIOS.get(name) and SCENARIOS[name].group in ("good", "S", "D")):
            if is_list:
                play = models_answer
            elif play is None:
                return text_answer(f"no such scenario: {text}", 599)
        ask = Ask(
            name,
            argument,
            options,
            exchange.method,
            path,
            exchange.headers,
            exchange.body,
            self._counts[text],
            reused=earlier > 0,
            origin=self.origin,
        )
        self._counts[text] += 1
        self._asked[text] += not is_list
        return play(ask)

    def _choose(self, exchange: Exchange) -> tuple[str, str]:
        path = exchange.path
        if path.startswith("/s/"):
            text, _, rest = path.removeprefix("/s/").partition("/")
            return text, "/" + rest
        body = exchange.body
        model = body.get("model") if isinstance(body, dict) else None
        if isinstance(model, str):
            name = parse_scenario(model)[0]
            if name in SCENARIOS or name in self._own or model in self._own:
                return model, path
        return self.default, path


def _is_list(path: str) -> bool:
    return path.partition("?")[0].endswith(("/models", "/language-models"))


def run_forever(server: FaultServer) -> None:
    """Serve until interrupted; the server has been started."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
    server.close()
