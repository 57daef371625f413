"""What the turns of a conversation ask, as it is sent to an endpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.chat.history import messages_of
from tui.domain.model import refused_options, refuses_effort
from tui.domain.option import ALWAYS, OPTIONS
from tui.domain.request import Request, SentBefore
from tui.domain.turn import Prompt, ToolResults, Turn
from tui.wire.dialect import dialect_named

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.saved_session import SavedSession
    from tui.chat.sheet import ConversationSheet
    from tui.chat.turn_tree import TurnTree


class Requests:
    """Builds the request of a turn from the turns above it and the sheet.

    Attributes:
        left_out: The turns that a person took out of what is sent, with those that answer their calls.
        sent: What the last request of this run began with.
    """

    def __init__(self, program: ChatProgram, sheet: ConversationSheet, session: SavedSession, tree: TurnTree) -> None:
        """Leave nothing out."""
        self.left_out: set[str] = set()
        self.sent: SentBefore | None = None
        self._program = program
        self._sheet = sheet
        self._session = session
        self._tree = tree
        self._chance = f"{id(self):x}.{time.time_ns():x}"

    def of(self, turn: Turn) -> Request:
        """What a turn asks, as it would be sent now."""
        return self._request(turn, self._path(turn))

    def of_prompt(self, prompt: Prompt) -> Request:
        """What a prompt would ask, if it were sent now."""
        sheet = self._sheet
        turn = Turn(prompt, model=sheet.model, endpoint=sheet.endpoint, schema=sheet.schema)
        turn.dialect = sheet.asked.dialect
        return self._request(turn, [*self._without_left_out(self._tree.path(self._tree.head)), turn])

    def send(self, turn: Turn) -> Request:
        """What a turn asks, which is sent now: what it began with is remembered."""
        request = self.of(turn)
        names = tuple(tool.name for tool in request.tools)
        self.sent = SentBefore(request.system, names, frozenset(each.id for each in self._path(turn)))
        return request

    def _path(self, turn: Turn) -> list[Turn]:
        """The turns that are sent with one, and itself."""
        *above, last = self._tree.path(turn.id)
        return [*self._without_left_out(above), last]

    def _without_left_out(self, turns: Sequence[Turn]) -> list[Turn]:
        """Turns without those that were taken out, and without what answers the calls of those."""
        sent: list[Turn] = []
        is_out = False
        for turn in turns:
            is_out = is_out if isinstance(turn.opening, ToolResults) else turn.id in self.left_out
            if not is_out:
                sent.append(turn)
        return sent

    def _request(self, turn: Turn, path: Sequence[Turn]) -> Request:
        sheet, endpoint = self._sheet, self._program.endpoints[turn.endpoint]
        options, refused = sheet.all_options, refused_options(turn.model)
        asked = {row.name: getattr(options, row.name) for row in OPTIONS if row.name not in ALWAYS | refused}
        write = dialect_named(turn.dialect).server_tool
        switched_on = [name for name in sheet.server_tools if name in endpoint.server_tools]
        return Request(
            model=turn.model,
            messages=messages_of(path),
            system="\n\n".join(part for part in (sheet.system, sheet.tool_instructions) if part),
            tools=sheet.tools,
            tool_choice=sheet.tool_choice,
            server_tools=tuple(write(name, endpoint.tool_fields.get(name, {})) for name in switched_on)
            if write
            else (),
            schema=turn.schema,
            **asked,
            reasoning_effort="" if refuses_effort(turn.model) else sheet.effort or endpoint.effort,
            cache_key=self._cache_key,
            origin=turn.endpoint,
        )

    @property
    def _cache_key(self) -> str:
        """What tells an endpoint's cache one conversation from another: the session's id, hashed, or chance."""
        from hashlib import blake2s

        return blake2s((self._session.id or self._chance).encode(), digest_size=16, person=b"rillet").hexdigest()
