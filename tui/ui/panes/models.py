"""The models: what each endpoint offers, what it can and costs, and which one answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui.domain.error import RilletError
from tui.domain.model import Model
from tui.net.address import host_of
from tui.page.line import Line
from tui.page.wording import place
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.endpoint_switches import EndpointSwitches
from tui.ui.panes.field import Field
from tui.ui.panes.list_height import FRAME, ListHeight
from tui.ui.panes.model_card import ModelCard
from tui.ui.panes.model_rows import (
    Offer,
    Standing,
    group_line,
    heading_line,
    model_facts,
    offer_line,
    rows_matching,
    rows_of,
    unlisted,
)
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen, RowReached
from tui.ui.wish import UseModel

if TYPE_CHECKING:
    from tui.ui.panes.endpoint_changes import EndpointChanges


def _models(number: int) -> str:
    return "model" if number == 1 else "models"


class ModelsPane(Pane):
    """A list of models that shrinks as one types. No letter is a key: every letter filters."""

    columns = 112
    title_words = "Models"
    hints = (
        Hint(("list.choose",), "use"),
        "chat.row_menu",
        "models.default",
        "models.favourite",
        "models.add",
        "models.key",
        "models.inspect",
        "models.examine",
        "models.dialect",
        Hint(("models.tools", "models.tool_1", "models.tool_2", "models.tool_3"), "server tools"),
        "models.refresh",
        "pane.close",
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings("models")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._endpoint = EndpointSwitches(chat)
        self.suits_row = lambda action, parameters: self._endpoint.suits(action, parameters, self._offer)
        self._standings: dict[str, Standing] = {}
        self._asked_at = time.monotonic()
        self._shows_where = self._has_moved = False
        self._card = ModelCard(chat.program, lambda: self._show(cursor=0))
        self._set_up = chat.settings.take_set_up_model()
        self.rows = ListView(self._paint, empty="asking…", takes_focus=False)
        self.list_height = ListHeight(self, self.rows, frame=FRAME + 1)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield _Columns(self)
        yield self.rows

    def on_mount(self) -> None:
        """Ask every endpoint at once, and whoever serves models on this machine; each shows as it answers."""
        self._ask_all(refresh=False)
        self.run_worker(self._look_around(), exit_on_error=False)

    async def _look_around(self) -> None:
        for name in await self._chat.program.find_neighbours():
            await self._ask(name, refresh=False)

    @property
    def shows_where(self) -> bool:
        """Whether a model's endpoint stands beside it: where no heading says it."""
        return self._shows_where

    def _ask_all(self, *, refresh: bool) -> None:
        self._asked_at = time.monotonic()
        for name in self._chat.program.endpoints:
            self.run_worker(self._ask(name, refresh=refresh), exit_on_error=False)

    async def _ask(self, name: str, *, refresh: bool) -> None:
        program = self._chat.program
        endpoint = program.endpoints[name]
        where = place(endpoint)
        named = [Offer(name, where, Model(endpoint.model, name))] if endpoint.model else []
        if endpoint.is_local:
            self._standings[name] = self._local_standing(name, where)
        elif not program.has_key(name):
            variables = " or ".join(endpoint.key_env) or "a key"
            self._standings[name] = Standing("missing", f"no key: Enter types one, or set {variables}")
        else:
            self._standings.setdefault(name, Standing("asking", "asking…"))
            self._show()
            try:
                models = await program.models(name, refresh=refresh)
                offers = [Offer(name, where, model, model.refusal) for model in models] or named
                if models and not any(endpoint.model in (model.id, *model.aliases) for model in models):
                    offers += [replace(each, words="not listed by the endpoint") for each in named]
                words = f"{host_of(endpoint.base_url)} answers: {len(models)} {_models(len(models))}"
                self._standings[name] = Standing("ready", words, offers)
            except RilletError as error:
                self._standings[name] = Standing("failed", error.message, named)
            except asyncio.CancelledError:
                return
        self._show()

    def _local_standing(self, name: str, where: str) -> Standing:
        """How the built-in model stands, known without asking."""
        from tui.local.model import CONTEXT_TOKENS
        from tui.local.request import local_models

        local = self._chat.program.built_in.model
        missing = "" if local is not None else "not installed: /local installs it"
        context = local.context if local is not None else CONTEXT_TOKENS
        models = local_models(local.weights if local is not None else None, context)
        offers = [Offer(name, where, model, missing) for model in models]
        words = "not installed: Enter offers it" if missing else "on this machine, free"
        return Standing("missing" if missing else "ready", words, offers)

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        self._show(cursor=0)

    def _show(self, cursor: int | None = None) -> None:
        if self._card.lines:
            self.heading.tell([("Doctor", "title")], [])
            self.rows.show(self._card.lines, cursor=cursor, empty="")
            return
        choices, words = self._chat.program.choices, self.field.value
        rows = rows_of(
            self._standings,
            self._chat.program.endpoints,
            recents=choices.recents,
            favourites=choices.favourites,
        )
        self._shows_where = bool(words.strip())
        shown = [*rows_matching(words, rows), *self._unlisted(words, rows)] if self._shows_where else rows
        if cursor is None:
            sheet = self._chat.conversation.sheet
            now = self._set_up or f"{sheet.endpoint}/{sheet.model}"
            at = self.rows.item if isinstance(self.rows.item, Offer) else None
            ids = [offer.id for offer in shown]
            wanted = at.id if at is not None and at.model is not None and self._has_moved else now
            if at is not None and at.model is None and self._has_moved:
                cursor = next(
                    (n for n, row in enumerate(shown) if (row.where, row.state == "") == (at.where, at.state == "")), 0
                )
            else:
                cursor = ids.index(wanted) if wanted in ids else 0
        self.rows.show(shown, cursor=cursor, empty="No match")
        minutes = int((time.monotonic() - self._asked_at) / 60)
        self.heading.tell(
            [(self.title_words, "title")],
            [
                *self._endpoint.line(self._offer),
                (f"price list fetched {minutes} min ago" if minutes else "price list fetched just now", "muted"),
            ],
        )

        self.query_one(_Columns).refresh()

    def _unlisted(self, words: str, rows: Sequence[Offer]) -> list[Offer]:
        program, name = self._chat.program, self._chat.conversation.sheet.endpoint
        endpoint = program.endpoints.get(name)
        if endpoint is None or endpoint.is_local or not program.has_key(name):
            return []
        offer = unlisted(words, rows, name, place(endpoint))
        return [] if offer is None else [offer]

    @on(RowReached)
    def stay(self, notice: RowReached) -> None:
        """The cursor was moved by hand: what comes later leaves it there."""
        notice.stop()
        self._has_moved = True

    @property
    def _offer(self) -> Offer | None:
        """The row under the cursor, if it belongs to an endpoint."""
        offer = self.rows.item
        return offer if isinstance(offer, Offer) and offer.endpoint in self._chat.program.endpoints else None

    # -- keys ---------------------------------------------------------------------------------------------

    @on(RowChosen)
    async def use(self, notice: RowChosen) -> None:
        """Ask this one from the next prompt on."""
        notice.stop()
        if self._card.lines:
            if name := self._card.take_waiting():
                self.run_worker(self._card.examine(name), exit_on_error=False)
            return
        await self._use(notice.item, is_default=False)

    async def action_make_default(self) -> None:
        """Ask this one, and remember it."""
        if isinstance(self.rows.item, Offer):
            await self._use(self.rows.item, is_default=True)

    async def _use(self, offer: Offer, *, is_default: bool) -> None:
        if offer.address:
            self._ask_there(offer.address)
            return
        if offer.adds:
            await self.action_add()
            return
        if offer.model is None and offer.state in ("", "ready", "asking"):
            return  # a heading is to be read
        if offer.model is None and offer.state == "missing":
            await self._changes.help_out(offer)
            return
        if offer.model is None or offer.problem:
            name = offer.model.id if offer.model is not None else offer.where
            self._chat.say(f"{name}: {offer.problem or offer.words or 'cannot be asked'}", "warning")
            return
        self._chat.post_message(UseModel(offer.model, is_default))
        await self._chat.close_pane(self)

    @property
    def _changes(self) -> EndpointChanges:
        from tui.ui.panes.endpoint_changes import EndpointChanges

        return EndpointChanges(self._chat)

    async def action_add(self) -> None:
        """Set up an endpoint; one that was found or typed for this run is where that begins."""
        await self._changes.add(self._offer, self.field.value)

    async def action_key(self) -> None:
        """Type a key for the endpoint."""
        if (offer := self._offer) is not None:
            await self._changes.give_key(offer)

    async def action_remove(self) -> None:
        """Take the endpoint out of the settings, once that is confirmed; one of this run goes at once."""
        if (offer := self._offer) is not None and await self._changes.remove(offer):
            self._standings.pop(offer.endpoint, None)
            self._show()

    def heed_settings(self) -> None:
        """Other endpoints may be there now."""
        self._standings = {
            name: standing for name, standing in self._standings.items() if name in self._chat.program.endpoints
        }
        self._ask_all(refresh=False)

    def _ask_there(self, address: str) -> None:
        """Ask an endpoint that was typed as an address, for this run."""
        if name := self._changes.use_for_run(address):
            self.field.value = ""
            self._has_moved = False
            self.run_worker(self._ask(name, refresh=True), exit_on_error=False)

    def action_examine(self) -> None:
        """Show what the doctor would ask the endpoint; Enter sends it."""
        if (offer := self._offer) is not None:
            self._card.plan(offer)

    def action_close(self) -> None:
        """Go back from a card to the models, or away."""
        if self._card.close():
            self._show()
        else:
            super().action_close()

    def action_favour(self) -> None:
        """Mark it, or take the mark away."""
        offer = self._offer
        if offer is None or offer.model is None:
            return
        favourites = self._chat.program.choices.favourites
        name = offer.id
        self._chat.choose(
            favourites=tuple(one for one in favourites if one != name) if name in favourites else (*favourites, name)
        )
        self._show()

    def action_inspect(self) -> None:
        """Tell everything that is known of it."""
        offer = self._offer
        if offer is None or offer.model is None:
            return
        facts = model_facts(offer.model, self._chat.program.endpoints[offer.endpoint])
        self._chat.say(" · ".join(facts))

    def action_refresh_list(self) -> None:
        """Ask the endpoints again."""
        self._ask_all(refresh=True)

    def action_switch_dialect(self) -> None:
        """Speak the next dialect to this endpoint."""
        if (offer := self._offer) is not None:
            self._endpoint.switch_dialect(offer)
            self.rows.refresh()

    def action_switch_tools(self) -> None:
        """Switch on all of the endpoint's own tools, or off."""
        if (offer := self._offer) is not None:
            self._endpoint.switch_all(offer)
            self._show()

    def action_switch_tool(self, number: int) -> None:
        """Switch one of the endpoint's own tools on or off."""
        if (offer := self._offer) is not None:
            self._endpoint.switch(offer, number)
            self._show()

    # -- painting -----------------------------------------------------------------------------------------

    def _paint(self, offer: Offer | str, width: int) -> Line:
        if isinstance(offer, str):
            return [(offer, "strong" if offer and not offer.startswith(" ") else "")]
        if offer.model is None and not offer.address and not offer.adds:
            return group_line(offer)
        conversation = self._chat.conversation
        mark = ("✖ ", "warning") if offer.problem and offer.model is not None else ("  ", "muted")
        if offer.id in self._chat.program.choices.favourites:
            mark = ("★ ", "warning")
        if offer.id == f"{conversation.sheet.endpoint}/{conversation.sheet.model}":
            mark = ("● ", "accent")
        return offer_line(offer, width, mark, shows_where=self._shows_where)


class _Columns(Lines):
    """The headings of the columns."""

    DEFAULT_CSS = "_Columns { height: 1; }"

    def __init__(self, pane: ModelsPane) -> None:
        super().__init__()
        self._pane = pane

    def lines(self, width: int) -> list[Line]:
        """One line."""
        return [heading_line(width - 1, shows_where=self._pane.shows_where)]
