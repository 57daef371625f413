"""The connection to one MCP server: started in the background, started again when it ends, and asked for its tools.

The SDK is an extra, and heavy: it is imported in a thread when the first server starts. Its client must be
entered and left in one task, so each run of a server has an owner task that does both and nothing else may
touch the client; callers post what is to be done with it and wait for its future.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Literal

from tui import __version__
from tui.schema.json_value import thaw
from tui.tools.clock import CallClock, Progress, current_clock
from tui.tools.definition import Output, Tool, ToolError
from tui.tools.mcp.library import (
    PromptText,
    Resource,
    ServerPrompt,
    list_prompts,
    list_resources,
    make_prompt,
    read_resource,
)
from tui.tools.mcp.listing import Listing, ToolSpec, full_names, read_tools, tool_of
from tui.tools.mcp.log import ServerLog
from tui.tools.mcp.patience import Patience
from tui.tools.mcp.question import Person, is_safe_address
from tui.tools.mcp.result import read_result
from tui.tools.mcp.run import MODERN, Done, Run, serve
from tui.tools.mcp.server import McpServer
from tui.tools.mcp.sign_in import SignInFlow
from tui.tools.mcp.talk import Talk
from tui.tools.mcp.transport import Way, import_sdk
from tui.tools.mcp.words import error_words

ServerState = Literal["off", "idle", "starting", "signing in", "ready", "needs a sign-in", "failed", "ended"]
"""Where a server is: `idle` before it is first started, `ended` when it has gone and the next call starts it again."""

_CLOSE_SECONDS = 8.0
_INSTRUCTIONS = 4_000


class McpConnection:
    """One server: started when needed, and again after a crash or a restart of its own.

    Attributes:
        name: The server's name.
        state: Where it is.
        tools: Its tools, as last listed.
        problem: Why it does not run, in a sentence; empty while it runs or has not been asked to.
        notes: Tools that are left out or not checked, a sentence each.
        instructions: What it says about its tools, for the model; foreign, and cut where it is long.
        title: What it calls itself.
        log: What it complains about.
        starts: How often it was started.
        listeners: Called with the connection whenever anything of this changes.
    """

    def __init__(self, server: McpServer, log_dir: Path | None = None, person: Person | None = None) -> None:
        """Describe the connection; nothing is started."""
        self.name = server.name
        self.server = server
        self.state: ServerState = "idle" if server.is_on else "off"
        self.tools: tuple[Tool, ...] = ()
        self.problem = ""
        self.notes: tuple[str, ...] = ()
        self.instructions = ""
        self.title = ""
        self.log = ServerLog(log_dir, server.name)
        self.talk = Talk(server, self.log, person, self._tell)
        self.starts = 0
        self.listeners: list[Callable[[McpConnection], None]] = []
        self._folder = log_dir
        self._run: Run | None = None
        self._is_closed = False
        self._patience = Patience(self._try_again, is_service=bool(server.url))
        self._is_trying = False
        self._trying: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """Why it does not run, with what its program complained about last, for the person; foreign text in part."""
        said = self.log.complaint if self.state == "failed" and self.server.command else ""
        return f"{self.problem}; it said: {said}" if self.problem and said else self.problem

    @property
    def is_running(self) -> bool:
        """Whether the server has listed its tools and not ended since."""
        return self._run is not None and self._run.is_up

    @property
    def is_settled(self) -> bool:
        """Whether nothing more comes of waiting."""
        return self.state not in ("idle", "starting", "signing in")

    async def start(self) -> None:
        """Start the server unless it runs, and list its tools; a failure is said in `problem`."""
        if self._is_closed or self.state == "off":
            return
        run = self._run
        if run is not None and run.ended.is_set():
            await asyncio.wait({run.owner}, timeout=_CLOSE_SECONDS)
        if run is None or run.owner.done():
            self.starts += 1
            if not self._is_trying:  # else it is told of as it was until it comes up, and nobody waits for it
                self.problem = ""
                self._become("starting")
            run = self._run = Run(asyncio.get_running_loop().create_future())
            run.owner = asyncio.create_task(self._own(run), name=f"mcp {self.name}")
            run.owner.add_done_callback(lambda _: self._note_end(run))
        await asyncio.wait({run.ready, run.owner}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0)  # an owner that has ended tells why in its callback

    async def stop(self) -> None:
        """End the server, and its process with it; a call starts it again."""
        self._patience.end()
        run = self._run
        if run is None or run.owner.done():
            return
        run.stop.set()
        if run.ends_by_itself:
            await asyncio.wait({run.owner}, timeout=_CLOSE_SECONDS)
        if not run.owner.done():
            run.owner.cancel()
            await asyncio.wait({run.owner}, timeout=_CLOSE_SECONDS)

    async def restart(self) -> None:
        """End the server and start it anew; one that was switched off is on again."""
        await self.stop()
        if not self._is_closed:
            self.state = "idle"
            await self.start()

    async def switch_off(self) -> None:
        """End the server and do without it and its tools."""
        await self.stop()
        self.tools, self.problem, self.notes = (), "", ()
        self._become("off")

    async def aclose(self) -> None:
        """End the server for good."""
        self._is_closed = True
        await self.stop()
        if self._trying is not None:
            await asyncio.wait({self._trying}, timeout=_CLOSE_SECONDS)

    # -- asking the server ------------------------------------------------------------------------------

    async def call(self, tool: Tool, name: str, arguments: Mapping[str, Any]) -> Output:
        """Call a tool, starting the server again if it has ended.

        Raises:
            ToolError: If the server does not run, ends meanwhile, or no longer means the same by the tool.
        """
        above = current_clock()
        return await self._do(lambda client: self._answer(client, tool, name, arguments, above))

    async def renew(self) -> None:
        """List the tools again: what a server announces may come late, or to nobody.

        Raises:
            ToolError: If the server does not run, or ends meanwhile.
        """
        await self._do(self._renew)

    async def resources(self) -> tuple[Resource, ...]:
        """What the server has to read; nothing where it has none.

        Raises:
            ToolError: If it cannot say.
        """
        return await self._do(list_resources)

    async def read(self, uri: str) -> Output:
        """Read a resource.

        Raises:
            ToolError: If it cannot be read.
        """
        return await self._do(lambda client: read_resource(client, uri))

    async def prompts(self) -> tuple[ServerPrompt, ...]:
        """The prompts that the server has; nothing where it has none.

        Raises:
            ToolError: If it cannot say.
        """
        return await self._do(list_prompts)

    async def prompt(self, name: str, arguments: Mapping[str, str]) -> PromptText:
        """What the server makes of a prompt.

        Raises:
            ToolError: If it cannot make anything of it.
        """
        return await self._do(lambda client: make_prompt(client, name, arguments))

    async def _do(self, work: Callable[[Any], Coroutine[Any, Any, Done]]) -> Done:
        """Have the owner do something with the client, and wait for what comes of it.

        A server that was restarted and has forgotten the session is started anew, and asked once more: it has
        not done what it did not know us for.
        """
        for attempt in (1, 2):
            await self.start()
            run = self._run
            if attempt == 1 and run is not None and run.ready.done() and not run.is_up:
                continue  # it was just ending
            if run is None or not run.is_up:
                raise ToolError(f"the server {self.name} does not run: {self.problem or _why(self.state)}")
            try:
                return await run.post(work, self.name)
            except ToolError:
                if attempt == 2 or not run.faults.has_lost_session:
                    raise
        raise AssertionError  # the loop returns or raises

    # -- the owner --------------------------------------------------------------------------------------

    async def _own(self, run: Run) -> None:
        """Enter the client, serve calls, leave the client: all in this one task."""
        sdk, server = await asyncio.to_thread(import_sdk), self.server
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(self.log.opened())
            way = Way(sdk, server, log, run.ended, run.faults, notes=[])
            self.talk.begin()
            async with asyncio.timeout(server.start_timeout) as limit:
                run.limit = limit
                if server.url and server.sign_in is not None and not _has_key(server):
                    flow = SignInFlow(server, self._folder, self._go_and_sign_in)
                    stack.callback(flow.close)
                    way.auth = await flow.provider()
                client = sdk.client(
                    way.opened(),
                    message_handler=self._notice,
                    client_info=sdk.types.Implementation(name="rillet", version=__version__),
                    elicitation_callback=self.talk.asked(sdk),
                    list_roots_callback=self.talk.roots(sdk) if server.roots else None,
                    logging_callback=self.talk.take_log,
                    log_level="info",
                    mode="auto" if server.protocol == "newest" else "legacy",
                )
                async with client:
                    run.way = way
                    listing = await self._list(client)
                    self._take(client, listing)
                    limit.reschedule(None)
                    run.limit = None
                    run.ready.set_result(None)
                    self.problem = ""
                    self._patience.end()
                    self._become("ready")
                    await serve(client, run, self.name, self._renew)

    async def _notice(self, message: Any) -> None:
        if self._run is not None and getattr(message, "method", "") == "notifications/tools/list_changed":
            self._run.stale.set()

    def _note_end(self, run: Run) -> None:
        """A run has ended: say why where it never came up; the next call starts it again."""
        owner = run.owner
        error = None if owner.cancelled() else owner.exception()
        if run is not self._run or self.state == "off":
            return
        if self.state == "needs a sign-in":
            self._become("needs a sign-in")
        elif error is None or run.ready.done():
            self._become("ended")
        else:
            self.problem = error_words(error, run.faults.words())
            self._become("failed")
            if not self._is_closed:
                self._patience.wait(error, run.faults)

    def _try_again(self) -> None:
        """Start it once more, which says nothing until it has come up, or fails for another reason."""

        async def start() -> None:
            self._is_trying = True
            try:
                await self.start()
            finally:
                self._is_trying = False

        if self.state == "failed":
            self._trying = asyncio.ensure_future(start())

    # -- what is done with the client -------------------------------------------------------------------

    async def _answer(
        self, client: Any, tool: Tool, name: str, arguments: Mapping[str, Any], above: CallClock | None
    ) -> Output:
        current = next((other for other in self.tools if other.name == tool.name), None)
        if current is None or current.hash != tool.hash:
            raise ToolError(f"the server {self.name} has changed the definition of {name}; nothing was run")
        if client.protocol_version < MODERN:  # newer ones ask when they need to know
            await self.talk.settle_roots()
        clock = CallClock(self.server.timeout, parent=above)

        async def tell(done: float, total: float | None, message: str | None) -> None:
            clock.tell(Progress(done, total, message or ""))

        self.talk.clocks.add(clock)
        try:
            async with clock:
                return read_result(await client.call_tool(name, thaw(arguments), progress_callback=tell))
        finally:
            self.talk.clocks.discard(clock)

    async def _renew(self, client: Any) -> None:
        if self._run is not None:
            self._run.stale.clear()
        async with asyncio.timeout(self.server.timeout):
            listing = await self._list(client)
        self._take(client, listing)
        self._tell()

    async def _list(self, client: Any) -> Listing:
        if getattr(client.server_capabilities, "tools", None) is None:
            return Listing()
        if self._run is not None and self._run.way is not None:
            self._run.way.notes.clear()
        return await read_tools(client, self.server)

    def _take(self, client: Any, listing: Listing) -> None:
        """Take a listing as what the server offers from now on."""
        names = full_names(self.server, [spec.name for spec in listing.tools])
        self.tools = tuple(self._tool(spec, names[spec.name]) for spec in listing.tools)
        mended = tuple(self._run.way.notes) if self._run is not None and self._run.way is not None else ()
        self.notes = tuple(dict.fromkeys((*mended, *listing.notes)))
        said = (client.instructions or "").strip()
        self.instructions = f"{said[:_INSTRUCTIONS]} […]" if len(said) > _INSTRUCTIONS else said
        info = client.server_info
        self.title = " ".join(part for part in (info.title or info.name, info.version) if part) if info else ""

    def _tool(self, spec: ToolSpec, full_name: str) -> Tool:
        async def run(arguments: Mapping[str, Any]) -> Output:
            return await self.call(tool, spec.name, arguments)

        tool = tool_of(self.server, spec, full_name, run, self.renew)
        return tool

    async def _go_and_sign_in(self, address: str) -> bool:
        """Bring the person to the sign-in; the start waits for them as long as they take."""
        run = self._run
        if run is not None and run.limit is not None:
            run.limit.reschedule(None)
        clocks = list(self.talk.clocks)
        if not await self.talk.person.sign_in(self.name, address):
            self.problem = f"it needs a sign-in: {address}" if is_safe_address(address) else "it needs a sign-in"
            self._become("needs a sign-in")
            return False
        for clock in clocks:
            clock.pause()
        if self.state in ("starting", "failed"):
            self._become("signing in")
        return True

    def _become(self, state: ServerState) -> None:
        self.state = state
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener(self)


def _has_key(server: McpServer) -> bool:
    return server.key is not None or any(name.lower() == "authorization" for name in server.headers)


def _why(state: ServerState) -> str:
    match state:
        case "off":
            return "it is switched off"
        case "needs a sign-in":
            return "it needs a sign-in"
        case _:
            return "it has ended"
