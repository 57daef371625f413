"""How the tests of this package ask: an endpoint on the fault server, short clocks, everything collected."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from tests.server import FaultServer
from tui.domain.delta import Delta, RetryDelta, TextDelta
from tui.domain.endpoint import Deadlines, Endpoint, Secret
from tui.domain.error import RilletError
from tui.domain.message import Message, TextPart
from tui.domain.request import Request
from tui.domain.tape import Tape
from tui.domain.timing import Timing
from tui.net.client import Client
from tui.net.exchange import exchange
from tui.net.retry import Pauses

KEY = "xai-abcdefghijklmnopqrstuvwxyz0123456789"
SWIFT = Pauses(retry=0.002, retry_cap=0.01, error_body=0.1, after_finish=0.1, last_chunk=0.05)
KEEPING = Pauses(retry=0.002, retry_cap=0.01, after_finish=30, last_chunk=30)
"""Waits for all of a reply and of its body, however late it is: it is on the tape, and the connection can be used again."""
PATIENT = Deadlines(connect=30, first_byte=30, first_byte_reasoning=30, quiet=30, alive=30, whole_turn=60)
LIMITS = Deadlines(connect=5, first_byte=5, first_byte_reasoning=8, quiet=5, quiet_notice=0.1, alive=8)


def endpoint_at(url: str, **more: Any) -> Endpoint:
    """An endpoint with short clocks."""
    more.setdefault("deadlines", LIMITS)
    more.setdefault("key_env", ("TEST_API_KEY",))
    return Endpoint("test", url, **more)


def request_for(model: str = "scripted-1", **more: Any) -> Request:
    return Request(model, (Message("user", (TextPart("hello"),)),), **more)


@dataclass
class Outcome:
    """All that came of an exchange."""

    deltas: list[Delta] = field(default_factory=list)
    error: RilletError | None = None
    tape: Tape = field(default_factory=Tape)
    timing: Timing = field(default_factory=Timing)
    seconds: float = 0.0

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas if isinstance(delta, TextDelta) and not delta.replaces)

    @property
    def retries(self) -> list[RetryDelta]:
        return [delta for delta in self.deltas if isinstance(delta, RetryDelta)]


async def ask(client: Client, endpoint: Endpoint, request: Request | None = None, **more: Any) -> Outcome:
    """Run an exchange to its end, whatever that is."""
    outcome = Outcome()
    more.setdefault("pauses", SWIFT)
    key = more.pop("key", Secret(KEY))
    outcome.timing = more.pop("timing", outcome.timing)
    outcome.deltas = more.pop("deltas", outcome.deltas)
    began = time.monotonic()
    try:
        async with aclosing(
            exchange(
                client, endpoint, key, request or request_for(), recorder=outcome.tape, timing=outcome.timing, **more
            )
        ) as deltas:
            async for delta in deltas:
                outcome.deltas.append(delta)
    except RilletError as error:
        outcome.error = error
    outcome.seconds = time.monotonic() - began
    return outcome


def pooled(client: Client) -> list[Any]:
    """The connections that a client holds."""
    return list(client.connections)


async def ask_scenario(server: FaultServer, client: Client, scenario: str, **more: Any) -> Outcome:
    """Ask for one scenario by name."""
    keys = {name: more.pop(name) for name in ("dialect", "deadlines", "keeps_alive") if name in more}
    return await ask(client, endpoint_at(server.url(scenario), **keys), **more)
