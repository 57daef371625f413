"""The sheet of a conversation: whom it asks, and with what, in its turns to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.domain.endpoint_word import DialectName, Effort
from tui.domain.model import refused_options
from tui.domain.option import ALWAYS, Options
from tui.domain.request import ReplySchema, ToolDefinition
from tui.domain.session import Sheet
from tui.domain.turn import Opening, Prompt, Turn
from tui.wire.dialect import dialect_named

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.domain.endpoint import Endpoint
    from tui.store.settings import Settings


class ConversationSheet:
    """What a person has set for a conversation. What of it is saved is set through its session.

    Attributes:
        endpoint: The name of the endpoint that is asked next.
        model: The model that is asked next.
        dialect: What is spoken there in this conversation, where that is not what the endpoint usually speaks.
        lost_endpoint: The endpoint that answered here last, where it is not in the settings any more.
        system: The system prompt, that of the settings until it is given another; empty for none.
        tool_instructions: What servers say about the tools that the model is told of; goes along after the system prompt.
        schema: What the next reply must follow, if anything; `keeps_schema` keeps it after that. A turn keeps
            what it was asked with, and so do the turns that ask it again or go on with it.
        tools: The tools the model is told of.
        switched_tools: Tools that were switched on or off here, against what is usual; `None` for those chosen last.
        server_tools: Names of the endpoint's own tools that are switched on.
        effort: How hard the model is asked to think; empty leaves it to the endpoint.
        options: What else is asked of the model.
    """

    def __init__(self, program: ChatProgram, endpoint: str, model: str) -> None:
        """Ask a model as the settings say."""
        self._program = program
        self.endpoint = endpoint
        self.model = model
        self.dialect: DialectName | None = None
        self.lost_endpoint = ""
        self.system = program.settings.system
        self.tool_instructions = ""
        self.schema: ReplySchema | None = None
        self.keeps_schema = False
        self.tools: tuple[ToolDefinition, ...] = ()
        self.server_tools: tuple[str, ...] = ()
        self.switched_tools: tuple[str, ...] | None = None
        self.effort: Effort = ""
        self.options = Options()

    def use_model(self, endpoint: str, model: str) -> None:
        """Ask another model from the next turn on; a dialect is one endpoint's."""
        self.dialect = self.dialect if endpoint == self.endpoint else None
        self.endpoint, self.model = endpoint, model
        self.lost_endpoint = ""

    @property
    def asked(self) -> Endpoint:
        """The endpoint that is asked next, in the dialect that is spoken there in this conversation."""
        endpoint = self._program.endpoints[self.endpoint]
        return endpoint if self.dialect is None else replace(endpoint, dialect=self.dialect)

    def heed_settings(self, before: Settings, asked_before: tuple[str, str], *, is_begun: bool) -> None:
        """The settings changed: where nothing was said yet, begin as they say now; never go on with another endpoint unasked.

        Args:
            before: The settings as they were.
            asked_before: The endpoint and the model that were asked by default.
            is_begun: Whether anything was said.
        """
        program = self._program
        is_lost = self.endpoint not in program.endpoints
        if not is_begun and self.system == before.system:
            self.system = program.settings.system
        if is_lost or (not is_begun and (self.endpoint, self.model) == asked_before):
            lost = self.endpoint if is_lost and (is_begun or self.endpoint != asked_before[0]) else ""
            self.use_model(program.default_endpoint, program.default_model)
            self.lost_endpoint = lost
        elif program.endpoints[self.endpoint].is_local:  # it has one model, by the name of its file
            self.model = program.endpoints[self.endpoint].model or self.model

    @property
    def all_options(self) -> Options:
        """What is asked of the model: the options of this conversation, and where they say nothing, those of the settings."""
        settings = self._program.settings
        return self.options.over(Options(temperature=settings.temperature, max_tokens=settings.max_tokens))

    def takes(self, name: str) -> bool:
        """Whether an option makes sense: the dialect has it, and the model is not known to refuse it."""
        if name in ALWAYS:
            return True
        return name in dialect_named(self.asked.dialect).options and name not in refused_options(self.model)

    def take_schema(self, opening: Opening, earlier: Turn | None) -> ReplySchema | None:
        """What a turn must follow: the schema that was set, which is then used up, or that of the earlier turn."""
        if earlier is not None and (self.schema is None or not isinstance(opening, Prompt)):
            return earlier.schema
        schema = self.schema
        if not self.keeps_schema:
            self.schema = None
        return schema

    @property
    def lasting(self) -> Sheet:
        """What of it is saved as one: all but the system prompt, the effort, and a schema that is used up."""
        schema = self.schema if self.keeps_schema else None
        tools = self.switched_tools
        return Sheet(self.options, self.server_tools, schema, self.endpoint, self.model, self.dialect, tools)

    def restore(self, system: str | None, effort: Effort, lasting: Sheet) -> None:
        """Ask as it was saved; a system prompt that was never saved is that of the settings."""
        if system is not None:
            self.system = system
        self.effort = effort
        self.options, self.server_tools = lasting.options, lasting.server_tools
        self.schema, self.keeps_schema = lasting.schema, lasting.schema is not None
        self.switched_tools = lasting.switched_tools
