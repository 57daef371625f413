"""What the turns of a conversation ask, as it is sent to an endpoint."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from tui.chat.context import deciding, recent_enough, sent_before
from tui.chat.history import messages_of
from tui.domain.collector import collector_at_rest
from tui.domain.endpoint import Source
from tui.domain.model import refused_options, refuses_effort
from tui.domain.option import ALWAYS, OPTIONS
from tui.domain.request import Request, SentBefore
from tui.domain.turn import Prompt, Summary, Turn
from tui.wire.dialect import dialect_named, is_dialect

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.saved_session import SavedSession
    from tui.chat.sheet import ConversationSheet
    from tui.chat.turn_tree import TurnTree


_MANY = 1024
"""After so many turns the collector is told to leave what is held alone: to walk through 100,000 takes it a second each time."""

_BREATH = 32
"""After so many turns that are gathered, everything else has its turn."""


class Requests:
    """Builds the request of a turn from the turns above it and the sheet.

    Attributes:
        sent: What the last request of this run began with.
    """

    def __init__(self, program: ChatProgram, sheet: ConversationSheet, session: SavedSession, tree: TurnTree) -> None:
        """Nothing was sent yet."""
        self.sent: SentBefore | None = None
        self._program = program
        self._sheet = sheet
        self._session = session
        self._tree = tree
        self._chance = f"{id(self):x}.{time.time_ns():x}"

    def of(self, turn: Turn) -> Request:
        """What a turn asks, as it would be sent now."""
        return self._request(turn, self._path(turn, self._above(turn)))

    def alone(self, turn: Turn) -> Request:
        """The same, as if nothing had been said before it."""
        return self._request(turn, [Turn(turn.opening, id=turn.id)])

    def of_prompt(self, prompt: Prompt, most: int | None = None) -> Request:
        """What a prompt would ask, if it were sent now; as if only so many of the turns before had been said."""
        sheet = self._sheet
        turn = Turn(prompt, model=sheet.model, endpoint=sheet.endpoint, schema=sheet.schema)
        turn.dialect = sheet.asked.dialect
        path = recent_enough(islice(self._tree.up(self._tree.head), most))
        return self._request(turn, [*sent_before(path, prompt), turn])

    async def gather(self, turn: Turn) -> list[Turn]:
        """Read the turns that are sent with one, the last first, some at a time: everything else goes on meanwhile."""
        up = islice(self._tree.up(turn.id), 1, None)
        gathered: list[Turn] = []
        for each in up if isinstance(turn.opening, Summary) else deciding(up):
            gathered.append(each)
            if len(gathered) % _MANY == 0:
                gc.freeze()
            if len(gathered) % _BREATH == 0:
                await asyncio.sleep(0)
        return gathered

    async def send(self, turn: Turn) -> Request:
        """What a turn asks, which is sent now: what it began with is remembered.

        Of a long conversation it is put together in a thread, and what was gathered is let go in steps: all at once it
        takes seconds.
        """
        above = (await self.gather(turn))[::-1]
        if len(above) < _MANY:
            request, sent = self._send(turn, above)
        else:
            with collector_at_rest():
                request, sent = await asyncio.to_thread(self._send, turn, above)
            while above:
                del above[-_BREATH:]
                await asyncio.sleep(0)
        if turn.standing != "aside":
            self.sent = sent
        return request

    def _send(self, turn: Turn, above: Sequence[Turn]) -> tuple[Request, SentBefore]:
        path = self._path(turn, above)
        request = self._request(turn, path)
        names = tuple(tool.name for tool in request.tools)
        return request, SentBefore(request.system, names, frozenset(each.id for each in path))

    def _above(self, turn: Turn) -> list[Turn]:
        up = islice(self._tree.up(turn.id), 1, None)
        return [*up][::-1] if isinstance(turn.opening, Summary) else recent_enough(up)

    def _path(self, turn: Turn, above: Sequence[Turn]) -> list[Turn]:
        """The turns that are sent with one, and itself, as it was before its reply."""
        return [*sent_before(above, turn.opening), Turn(turn.opening, id=turn.id)]

    def _request(self, turn: Turn, path: Sequence[Turn]) -> Request:
        sheet, endpoints = self._sheet, self._program.endpoints
        # A turn that was imported, or whose endpoint is gone, would go where one is asked now.
        endpoint = endpoints.get(turn.endpoint) or sheet.asked
        options, refused = sheet.all_options, refused_options(turn.model)
        asked = {row.name: getattr(options, row.name) for row in OPTIONS if row.name not in ALWAYS | refused}
        write = dialect_named(turn.dialect if is_dialect(turn.dialect) else endpoint.dialect).server_tool
        # Tools stay in the request, which begins alike then and is read from the cache; they are not to be called here.
        is_aside = turn.standing == "aside" or isinstance(turn.opening, Summary)
        # A call that is asked for is one: with its results the model may answer, or it would call without end.
        may_answer = asked.get("tool_choice") != "none" and not isinstance(turn.opening, Prompt)
        asked["tool_choice"] = "none" if is_aside else "" if may_answer else asked.get("tool_choice", "")
        switched_on = [name for name in sheet.server_tools if name in endpoint.server_tools]
        return Request(
            model=turn.model,
            messages=messages_of(path),
            system="\n\n".join(part for part in (sheet.system, sheet.tool_instructions) if part),
            tools=sheet.tools,
            server_tools=tuple(write(name, _shown(endpoint.tool_fields.get(name, {}))) for name in switched_on)
            if write
            else (),
            schema=turn.schema,
            **asked,
            reasoning_effort="" if endpoint.is_local or refuses_effort(turn.model) else sheet.effort or endpoint.effort,
            cache_key=self._cache_key,
            origin=turn.endpoint,
        )

    @property
    def _cache_key(self) -> str:
        """What tells an endpoint's cache one conversation from another: the session's id, hashed, or chance."""
        from tui.domain.digest import blake2s

        return blake2s((self._session.id or self._chance).encode(), digest_size=16, person=b"rillet").hexdigest()


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a server tool; a key that stands elsewhere is put in only when they are sent."""
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        nested = _shown(value) if isinstance(value, Mapping) else value
        shown[name] = value.placeholder if isinstance(value, Source) else nested
    return shown
