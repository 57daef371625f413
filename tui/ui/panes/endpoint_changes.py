"""Setting up an endpoint from the list of models: adding it, giving it a key, taking it away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from tui.chat.endpoint_form import EndpointForm
from tui.domain.endpoint import Endpoint
from tui.domain.error import ConfigError, RilletError
from tui.store.endpoint_setting import BUILT_IN
from tui.store.setting_edit import Edit
from tui.ui.host import Chat
from tui.ui.panes.model_rows import Offer, is_address


class EndpointChanges:
    """Goes where an endpoint is changed; imported when one is."""

    def __init__(self, chat: Chat) -> None:
        """Change those of a program."""
        self._chat = chat

    async def add(self, offer: Offer | None, typed: str) -> None:
        """Set up an endpoint; one that was found or typed for this run is where that begins."""
        program, settings = self._chat.program, self._chat.settings
        if is_address(typed):
            await settings.set_up(EndpointForm(address=typed.strip()))
        elif offer is None or offer.endpoint in (*BUILT_IN, *program.settings.endpoints):
            await settings.set_up(EndpointForm())
        else:
            await settings.set_up(EndpointForm.of(program.endpoints[offer.endpoint]))

    async def give_key(self, offer: Offer) -> None:
        """Type a key for an endpoint that needs one."""
        if not self._chat.program.endpoints[offer.endpoint].is_local:
            await self._chat.settings.ask_key(offer.endpoint, back="models")

    async def help_out(self, offer: Offer) -> None:
        """Go where an endpoint that cannot be asked gets what it lacks: its key, or the built-in model."""
        if self._chat.program.endpoints[offer.endpoint].is_local:
            await self._chat.action_do("chat.install")
        else:
            await self.give_key(offer)

    async def remove(self, offer: Offer) -> bool:
        """Take an endpoint out of the settings, once that is confirmed; one of this run goes at once, whether it did."""
        name, chat = offer.endpoint, self._chat
        program = chat.program
        if name in program.settings.endpoints:
            edits = [Edit(("endpoints", name))]
            edits += [Edit((key,)) for key in ("endpoint", "model") if program.settings.endpoint == name]
            try:
                await chat.settings.propose(edits[::-1], back="models")
            except RilletError as error:
                chat.say(error.in_full, "warning")
        elif name in BUILT_IN:
            chat.say(f"{offer.where} comes with rillet: it can be left unused, not removed")
        elif name == chat.conversation.sheet.endpoint:
            chat.say(f"{offer.where} answers this conversation: choose another model first", "warning")
        else:
            del program.endpoints[name]
            chat.say(f"{offer.where} is gone from this run")
            return True
        return False

    def use_for_run(self, address: str) -> str:
        """Have an endpoint that was typed as an address, for this run: its name; empty where it cannot be one."""
        from tui.chat.opening import one_run_endpoint

        program = self._chat.program
        try:
            endpoint = one_run_endpoint(address, None, program.settings)
        except ConfigError as error:
            self._chat.say(error.in_full, "warning")
            return ""
        name = next((name for name, each in program.endpoints.items() if each.base_url == endpoint.base_url), "")
        if not name:
            name = _free_name(endpoint.title, program.endpoints)
            program.endpoints[name] = replace(endpoint, name=name)
        return name


def _free_name(wanted: str, taken: Mapping[str, Endpoint]) -> str:
    """A name for an endpoint that no other has."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-")[:60] or "url"
    return next(name for name in (plain, *(f"{plain}-{n}" for n in range(2, 1000))) if name not in taken)
