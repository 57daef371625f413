"""The switches of an endpoint in the list of models: its own tools, and the dialect that they need."""

from __future__ import annotations

from tui.domain.endpoint_word import DIALECT_NAMES
from tui.page.line import Line
from tui.page.wording import place
from tui.ui.host import Chat
from tui.ui.panes.model_rows import Offer
from tui.wire.dialect import dialect_named

SWITCHES = 3
"""Server tools that have a key of their own."""


_ABOUT_MODEL = ("make_default", "favour", "inspect")
_ABOUT_ENDPOINT = ("key", "remove", "examine", "switch_dialect")


class EndpointSwitches:
    """Switches the tools that an endpoint runs itself, and its dialect, and says what that means."""

    def __init__(self, chat: Chat) -> None:
        """Switch for the conversation on the screen."""
        self._chat = chat

    def line(self, offer: Offer | None) -> Line:
        """The tools of the endpoint of a model, or of the one that is asked, each with its key."""
        sheet = self._chat.conversation.sheet
        endpoint = self._chat.program.endpoints[offer.endpoint if offer is not None else sheet.endpoint]
        keys = self._chat.rillet.keys
        line: Line = []
        for number, name in enumerate(endpoint.server_tools):
            is_on = name in sheet.server_tools
            line += [
                (f"{keys.name(f'models.tool_{number + 1}')} " if number < SWITCHES else "", "key"),
                (f"{'✓ ' if is_on else ''}{name}   ", "success" if is_on else "muted"),
            ]
        return line

    def suits(self, action: str, parameters: tuple[object, ...], offer: Offer | None) -> bool:
        """Whether an action of the pane makes sense for a row: some are about a model, some about an endpoint."""
        if action in _ABOUT_MODEL:
            return offer is not None and offer.model is not None
        if action in _ABOUT_ENDPOINT:
            return offer is not None
        if action in ("switch_tools", "switch_tool"):
            number = parameters[0] if parameters and isinstance(parameters[0], int) else 0
            return offer is not None and number < len(self._tools_of(offer))
        return True

    def switch_dialect(self, offer: Offer) -> None:
        """Speak the next dialect to the endpoint."""
        program = self._chat.program
        endpoint = program.endpoints[offer.endpoint]
        place_now = DIALECT_NAMES.index(endpoint.dialect)
        program.use_dialect(offer.endpoint, DIALECT_NAMES[(place_now + 1) % len(DIALECT_NAMES)])
        if self._chat.conversation.sheet.endpoint == offer.endpoint:
            self._chat.conversation.session.set_dialect(None)
        self._chat.tell_title()
        self._chat.say(f"{place(endpoint)} now uses {dialect_named(program.endpoints[offer.endpoint].dialect).title}")
        self._warn_of_dialect(offer)

    def switch_all(self, offer: Offer) -> None:
        """Switch on all of the endpoint's own tools, or off."""
        tools = self._tools_of(offer)
        on_now = [name for name in self._chat.conversation.sheet.server_tools if name in tools]
        self._use(offer, () if on_now else tools)

    def switch(self, offer: Offer, number: int) -> None:
        """Switch one of the endpoint's own tools on or off."""
        tools = self._tools_of(offer)
        on_now = self._chat.conversation.sheet.server_tools
        named = tools[number : number + 1]
        self._use(offer, tuple(name for name in tools if (name in on_now) != (name in named)))

    def _tools_of(self, offer: Offer) -> tuple[str, ...]:
        return self._chat.program.endpoints[offer.endpoint].server_tools

    def _use(self, offer: Offer, names: tuple[str, ...]) -> None:
        if not self._tools_of(offer):
            self._chat.say(f"{offer.where} has no tools of its own")
            return
        self._chat.conversation.sheet.server_tools = names
        self._chat.conversation.session.save_sheet()
        self._chat.say(
            f"{offer.where} may use {', '.join(names)}" if names else f"{offer.where} uses no tools of its own"
        )
        self._warn_of_dialect(offer)
        self._chat.tell_title()

    def _warn_of_dialect(self, offer: Offer) -> None:
        endpoint = self._chat.program.endpoints[offer.endpoint]
        has_tools = dialect_named(endpoint.dialect).has_server_tools
        if not has_tools and set(endpoint.server_tools) & set(self._chat.conversation.sheet.server_tools):
            able = " or ".join(name for name in DIALECT_NAMES if dialect_named(name).has_server_tools)
            self._chat.say(
                f"server tools are not offered in {endpoint.dialect}, they need {able}: {{models.dialect}} switches",
                "warning",
            )
