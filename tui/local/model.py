"""The built-in model: started when it is first needed, watched, freed, and stopped with rillet."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tui.domain.endpoint import Secret
from tui.domain.error import EndpointError, RilletError
from tui.local.process import HOST_COMMAND, Host
from tui.local.runtime import check_runtime, count_threads
from tui.local.weights import Weights, find_weights, own_weights, verify_weights

READY_SECONDS = 60.0
# A file of the user's own may be a hundred times as large.
OWN_READY_SECONDS = 300.0
CONTEXT_TOKENS = 4096
# A second request is answered while a first one is still read; each slot has a context of its own.
SLOTS = 2

_TEMPLATE = Path(__file__).with_name("smollm2-tools.jinja")

StateName = Literal["idle", "starting", "loading", "ready", "failed", "stopped"]


class LocalState(Struct, frozen=True):
    """Where the built-in model is: `error` says why it failed."""

    name: StateName
    error: RilletError | None = None

    @property
    def reason(self) -> str:
        """Why it failed, in a sentence; empty otherwise."""
        return self.error.message if self.error else ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing will change by waiting."""
        return self.name not in {"starting", "loading"}


class LocalModel:
    """The built-in model, served by a child process on loopback.

    All methods are called from the event loop that runs when it is started. A child that dies is noticed, and
    started again at the next use.

    Attributes:
        weights: The file that is served.
        context: Tokens that one request and its reply may have.
        state: Where it is.
        listener: Called with each new state.
    """

    def __init__(
        self,
        weights: Weights,
        data_dir: Path,
        log_path: Path,
        *,
        listener: Callable[[LocalState], None] | None = None,
        threads: int | None = None,
        context: int | None = None,
        command: Sequence[str] | None = None,
        ready_timeout: float | None = None,
    ) -> None:
        """Know the weights; nothing is started. `command` stands in for the child in tests."""
        self.weights = weights
        self.context = context or CONTEXT_TOKENS
        self._threads = threads
        self.state = LocalState("idle")
        self.listener = listener
        self._data_dir = data_dir
        self._log_path = log_path
        self._command = command
        self._ready_timeout = ready_timeout or (OWN_READY_SECONDS if weights.is_own else READY_SECONDS)
        self._key = Secret(secrets.token_urlsafe(32))
        self._url = ""
        self._host: Host | None = None
        # Each start has a number, so that what an earlier child does concerns nobody.
        self._number = 0
        self._settled = asyncio.Event()
        self._runs: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start the child unless it runs or is being started; returns at once."""
        if self.state.name in {"starting", "loading", "ready"}:
            return
        self._number += 1
        self._settled.clear()
        self._become(self._number, LocalState("starting"))
        run = asyncio.ensure_future(self._run(self._number))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)

    async def ready(self) -> tuple[str, Secret]:
        """Its base URL and key, once it can be asked; both can change when it was restarted, so ask for each use.

        Raises:
            ConfigError: If the runtime is not installed.
            StoreError: If the weights cannot be read or are damaged.
            EndpointError: If it does not start, or was stopped meanwhile.
        """
        self.start()
        while not self.state.is_settled:
            await self._settled.wait()
        if self.state.name == "ready":
            return self._url, self._key
        raise self.state.error or EndpointError("the built-in model was stopped", kind="server")

    def stop(self) -> None:
        """End the child now. `close` also waits for its end."""
        self._number += 1
        if self._host is not None:
            self._host.kill()
            self._host = None
        self._become(self._number, LocalState("stopped"))

    async def close(self) -> None:
        """End the child and wait until it is gone."""
        self.stop()
        await asyncio.gather(*self._runs, return_exceptions=True)

    def free(self) -> None:
        """Give up what it is computing: for a request that was dropped before its first token; returns at once.

        llama.cpp notices a closed connection only when it next writes to it, and a long prompt keeps it busy for
        a minute before that. A new child is ready in a second.
        """
        if self.state.name in {"starting", "loading", "ready"}:
            self.stop()
            self.start()

    async def _run(self, number: int) -> None:
        """Start a child, and watch it until it ends."""
        host: Host | None = None
        try:
            if self._command is None:
                check_runtime()
            await asyncio.to_thread(self._prepare)
            if number != self._number:
                return
            host = await Host.start(self._command or HOST_COMMAND, self._config(), self._log_path)
            if number != self._number:
                return
            self._host = host
            async with asyncio.timeout(self._ready_timeout):
                await self._await_ready(host, number)
            await host.wait()
            raise host.failure(was_ready=True)
        except TimeoutError:
            self._fail(number, EndpointError(*self._too_slow(), kind="server"))
        except RilletError as error:
            self._fail(number, error)
        except OSError as error:
            why = error.strerror or type(error).__name__
            self._fail(number, EndpointError(f"the built-in model could not be started: {why}", kind="server"))
        finally:
            if host is not None:
                await host.end()

    async def _await_ready(self, host: Host, number: int) -> None:
        while (said := await host.hear()) is not None:
            if said.get("state") == "ready":
                self._url = said.get("url", "")
                self._become(number, LocalState("ready"))
                return
            self._become(number, LocalState("loading"))
        await host.wait()
        raise host.failure(was_ready=False)

    def _prepare(self) -> None:
        verify_weights(self.weights, self._data_dir)
        self._log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _config(self) -> dict[str, object]:
        return {
            "model": str(self.weights.path),
            "alias": self.weights.alias,
            "key": self._key.reveal(),
            "threads": self._threads or count_threads(),
            "n_ctx": self.context * SLOTS,
            "n_parallel": SLOTS,
            "template": "" if self.weights.is_own else _TEMPLATE.read_text("utf-8"),
        }

    def _too_slow(self) -> tuple[str, str]:
        return (
            f"the built-in model was not ready after {self._ready_timeout:g} seconds",
            "Is the machine busy? Another try starts it again.",
        )

    def _fail(self, number: int, error: RilletError) -> None:
        if number == self._number:
            self._host = None
        self._become(number, LocalState("failed", error))

    def _become(self, number: int, state: LocalState) -> None:
        if number != self._number or state == self.state:
            return
        self.state = state
        if state.is_settled:
            self._settled.set()
        if self.listener is not None:
            self.listener(state)


def open_local_model(
    data_dir: Path,
    log_path: Path,
    gguf: Path | None = None,
    *,
    threads: int | None = None,
    context: int | None = None,
) -> LocalModel | None:
    """The built-in model, or the user's own GGUF file; `None` where no weights are installed. Starts nothing.

    Raises:
        ConfigError: If `gguf` is not a GGUF file that can be read.
    """
    weights = own_weights(gguf) if gguf is not None else find_weights(data_dir)
    if weights is None:
        return None
    return LocalModel(weights, data_dir, log_path, threads=threads, context=context)
