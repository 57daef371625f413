"""A program without a network: endpoints that say what a test scripts, and a database in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from tui.chat.built_in import BuiltIn
from tui.chat.chat_program import ChatProgram
from tui.chat.program import Program
from tui.chat.recorder import TapeRecorder
from tui.chat.settings_file import SettingsFile
from tui.domain.delta import Delta, FinishDelta, TextDelta, UsageDelta
from tui.domain.endpoint import Endpoint, Secret
from tui.domain.endpoint_word import DialectName
from tui.domain.error import RilletError
from tui.domain.model import Model
from tui.domain.request import Request
from tui.domain.straight import Straight
from tui.domain.tape import Recorder, Tape, TapeEnd
from tui.domain.turn import Turn
from tui.domain.usage import Usage
from tui.net.watch import Patience
from tui.store.database import Database
from tui.store.settings import Choices, LocalSettings, Settings
from tui.tools.mcp.question import Person
from tui.tools.registry import Registry
from tui.wire.dialect import dialect_named
from tui.wire.reply import Reply


class Gate:
    """A step of a script at which the reply waits until the test opens it."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    def open(self) -> None:
        self.opened.set()


def reply(*texts: str, reason: str = "stop") -> list[Any]:
    """A plain reply in fragments."""
    usage = Usage(input=12, output=34, total=46)
    return [*(TextDelta(text) for text in texts), UsageDelta(usage), FinishDelta(reason)]


MODELS = [
    Model("grok-4", "xai", ("grok-4-latest",), 256_000, 3.0, 0.75, 15.0, ("text", "image"), ("text",), "xai"),
    Model("grok-4-fast", "xai", (), 2_000_000, 0.2, 0.05, 0.5, ("text", "image"), ("text",), "xai"),
    Model(
        "grok-2-image", "xai", (), None, None, None, None, ("text",), ("image",), "xai", "images only: cannot stream"
    ),
]


class Clock:
    """Time that passes only when a script says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Played:
    """A step of a script: a tape, read by read, up to an instant of it; gates may follow."""

    tape: Tape
    until: float = 1e9
    begin: float = -1.0


class NotInstalled(BuiltIn):
    """A built-in model that is not on this machine, whatever is."""

    def open(self) -> None:
        self.model = None


class FakeProgram:
    """A `ChatProgram` without a network; `scripts` holds one list of steps for each reply to come."""

    def __init__(self, *scripts: list[Any], choices: Choices | None = None, settings: Settings | None = None) -> None:
        self.scripts = list(scripts)
        self.settings = settings or Settings()
        self.choices = choices or Choices()
        self.database = Database.memory()
        self.settings_file: SettingsFile | None = None
        self.environ: dict[str, str] = {}
        self.endpoints = {
            "xai": Endpoint("xai", "https://api.x.ai/v1", title="xAI", key_env=("XAI_API_KEY",)),
            "local": Endpoint("local", "http://127.0.0.1:1/v1", title="built in", needs_key=False, is_local=True),
            "openai": Endpoint("openai", "https://api.openai.com/v1", title="OpenAI", key_env=("OPENAI_API_KEY",)),
        }
        self.notices: list[str] = []
        self.store_problem = ""
        self.blind = ""
        self.built_in: BuiltIn = NotInstalled(LocalSettings())
        self.person: Person | None = None
        self.registry = Registry()
        self.clock = Clock()
        self.default_endpoint, self.default_model = "xai", "grok-4"
        self.requests: list[Request] = []
        self.ended: list[str] = []
        self._decoded: dict[str, Reply] = {}
        self.patience: Patience | None = None
        self.is_closed = False
        self.keys: dict[str, Secret] = {}

    def about(self, name: str, model_id: str) -> Model | None:
        return next((model for model in MODELS if model_id in (model.id, *model.aliases)), None)

    async def use_settings(self, settings: Settings) -> None:
        self.settings = settings

    def blindness(self, name: str, model_id: str) -> str:
        return self.blind

    async def exchange(
        self,
        request: Request,
        turn: Turn,
        recorder: Recorder,
        patience: Patience | None,
        clock: Callable[[], float],
        *,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        self.requests.append(request)
        self.patience = patience
        script = self.scripts.pop(0) if self.scripts else reply("Fine.")
        turn.timing.sent_at = clock()
        try:
            for step in script:
                if isinstance(step, Gate):
                    step.reached.set()
                    await step.opened.wait()
                elif isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, RilletError):
                    raise step
                elif isinstance(step, Played):
                    async for delta in self._play(step, recorder, turn):
                        turn.timing.saw(delta, clock())
                        here = self.clock.now
                        yield delta
                        self.clock.now = here  # another column of a race may have been played meanwhile
                elif callable(step):
                    await step(patience)
                else:
                    turn.timing.saw(step, clock())
                    yield step
        finally:
            self.ended.append(turn.id)

    async def _play(self, step: Played, recorder: Recorder, turn: Turn) -> AsyncGenerator[Delta, None]:
        tape = step.tape
        if step.begin < 0:
            recorder.sent(tape.request)
            recorder.head(tape.response)
            self._decoded[turn.id] = Reply(dialect_named(turn.dialect), tape.response)
        decoded = self._decoded[turn.id]  # columns of a race are played side by side
        for read in tape.reads:
            if step.begin < read.at <= step.until:
                self.clock.now = turn.timing.sent_at + read.at
                recorder.read(read)
                for delta in decoded.feed(read.data):
                    yield delta
        assert isinstance(recorder, TapeRecorder)
        recorder.flush()
        if step.until > tape.reads[-1].at:
            for delta in decoded.close():
                yield delta
            recorder.ended(TapeEnd(tape.reads[-1].at, "eof"))

    async def models(self, name: str, *, refresh: bool = False) -> list[Model]:
        return [model for model in MODELS if model.endpoint == name]

    async def find_neighbours(self) -> list[str]:
        return []

    async def tools(self) -> Registry:
        return self.registry

    def mask_keys(self, text: str) -> str:
        return text

    def has_key(self, name: str) -> bool:
        return name != "openai"

    def endpoint(self, name: str) -> Endpoint:
        return self.endpoints[name]

    def use_endpoint(self, endpoint: Endpoint, model: str = "") -> None:
        self.endpoints[endpoint.name] = endpoint
        self.default_endpoint, self.default_model = endpoint.name, model

    def put_endpoint(self, endpoint: Endpoint) -> None:
        self.endpoints[endpoint.name] = endpoint

    def rename_endpoint(self, old: str, new: str) -> None:
        self.endpoints[new] = replace(self.endpoints.pop(old), name=new, title=new)

    def use_key(self, name: str, key: Secret) -> None:
        self.keys[name] = key

    def drop_key(self, name: str) -> None:
        self.keys.pop(name, None)

    def has_typed_key(self, name: str) -> bool:
        return name in self.keys

    def use_dialect(self, name: str, dialect: DialectName) -> None:
        self.endpoints[name] = replace(self.endpoints[name], dialect=dialect)

    def free(self, name: str) -> None:
        pass

    def lose_disk(self, error: RilletError) -> None:
        self.store_problem = error.message

    def regain_disk(self) -> None:
        self.store_problem = ""

    async def close(self) -> None:
        self.is_closed = True


def as_chat_program(program: FakeProgram | Program) -> ChatProgram:
    """What the screen is given: mypy checks here that the program and its stand-in both keep what is asked of them."""
    return program
