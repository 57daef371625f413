"""The models: what each endpoint offers, what it can and costs, and which one answers."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import RilletError
from tui.domain.model import Model
from tui.page.line import Line, pad
from tui.page.wording import place
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.match import best
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import UseModel
from tui.wire.dialect import dialect_named

SWITCHES = 3
"""Server tools that have a key of their own."""


class Offer(Struct, frozen=True):
    """A row: a model, or why there is none of an endpoint."""

    endpoint: str
    where: str
    model: Model | None = None
    problem: str = ""


class ModelsPane(Pane):
    """A list of models that shrinks as one types. No letter is a key: every letter filters."""

    columns = 112
    title_words = "Models"
    hints = (
        Hint(("list.choose",), "use"),
        "models.default",
        "models.favourite",
        "models.inspect",
        "models.dialect",
        Hint(("models.tools", "models.tool_1", "models.tool_2", "models.tool_3"), "server tools"),
        "models.refresh",
        "pane.close",
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings("models")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._offers: dict[str, list[Offer]] = {}
        self._asked_at = time.monotonic()
        self.rows = ListView(self._paint, empty="asking…", takes_focus=False)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Ask every endpoint at once; each shows as it answers."""
        self._ask_all(refresh=False)

    def _ask_all(self, *, refresh: bool) -> None:
        self._asked_at = time.monotonic()
        for name in self._chat.program.endpoints:
            self.run_worker(self._ask(name, refresh=refresh), exit_on_error=False)

    async def _ask(self, name: str, *, refresh: bool) -> None:
        program = self._chat.program
        endpoint = program.endpoints[name]
        where = place(endpoint)
        known = [Offer(name, where, Model(endpoint.model, name))] if endpoint.model else []
        if endpoint.is_local:
            from tui.local.model import CONTEXT_TOKENS
            from tui.local.request import local_models

            missing = "" if program.local is not None else "not installed: /local installs it"
            weights = program.local.weights if program.local is not None else None
            context = program.local.context if program.local is not None else CONTEXT_TOKENS
            self._offers[name] = [Offer(name, where, model, missing) for model in local_models(weights, context)]
        elif not program.has_key(name):
            variables = " or ".join(endpoint.key_env) or "a key"
            self._offers[name] = [Offer(name, where, problem=f"key missing: set {variables}")]
        else:
            self._offers.setdefault(name, [Offer(name, where, problem="asking…")])
            self._show()
            try:
                models = await program.models(name, refresh=refresh)
                self._offers[name] = [Offer(name, where, model, model.refusal) for model in models] or known
            except RilletError as error:
                self._offers[name] = [*known, Offer(name, where, problem=error.message)]
            except asyncio.CancelledError:
                return
        self._show()

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        self._show(cursor=0)

    def _show(self, cursor: int | None = None) -> None:
        favourites = self._chat.program.choices.favourites
        found = [offer for name in self._chat.program.endpoints for offer in self._offers.get(name, ())]
        found.sort(key=lambda offer: (_id_of(offer) not in favourites, bool(offer.problem)))
        words = self.field.value
        shown = best(
            words, found, lambda offer: f"{offer.model.id if offer.model else ''} {offer.where} {offer.endpoint}"
        )
        if cursor is None:
            now = f"{self._chat.conversation.endpoint}/{self._chat.conversation.model}"
            at = self.rows.item
            ids = [_id_of(offer) for offer in shown]
            wanted = _id_of(at) if at is not None and at.model is not None and self.rows.cursor else now
            cursor = ids.index(wanted) if wanted in ids else 0
        self.rows.show(shown, cursor=cursor, empty="No match")
        minutes = int((time.monotonic() - self._asked_at) / 60)
        self.heading.tell(
            [(self.title_words, "title")],
            [
                *self._switches(),
                (f"price list fetched {minutes} min ago" if minutes else "price list fetched just now", "muted"),
            ],
        )

    def _switches(self) -> Line:
        """The tools of the endpoint whose model the cursor is on, each with its key."""
        offer = self.rows.item
        conversation = self._chat.conversation
        endpoint = self._chat.program.endpoints[offer.endpoint if offer is not None else conversation.endpoint]
        keys = self._chat.rillet.keys
        line: Line = []
        for number, name in enumerate(endpoint.server_tools):
            is_on = name in conversation.server_tools
            line += [
                (f"{keys.name(f'models.tool_{number + 1}')} " if number < SWITCHES else "", "key"),
                (f"{'✓ ' if is_on else ''}{name}   ", "success" if is_on else "muted"),
            ]
        return line

    # -- keys ---------------------------------------------------------------------------------------------

    @on(RowChosen)
    async def use(self, notice: RowChosen) -> None:
        """Ask this one from the next prompt on."""
        notice.stop()
        await self._use(notice.item, is_default=False)

    async def action_make_default(self) -> None:
        """Ask this one, and remember it."""
        if self.rows.item is not None:
            await self._use(self.rows.item, is_default=True)

    async def _use(self, offer: Offer, *, is_default: bool) -> None:
        if offer.model is None or offer.problem:
            name = offer.model.id if offer.model is not None else offer.where
            self._chat.say(f"{name}: {offer.problem or 'cannot be asked'}", "warning")
            return
        self._chat.post_message(UseModel(offer.model, is_default))
        await self._chat.close_pane(self)

    def action_favour(self) -> None:
        """Mark it, or take the mark away."""
        offer = self.rows.item
        if offer is None or offer.model is None:
            return
        kept = self._chat.program.choices.favourites
        name = _id_of(offer)
        self._chat.choose(favourites=tuple(one for one in kept if one != name) if name in kept else (*kept, name))
        self._show()

    def action_inspect(self) -> None:
        """Tell everything that is known of it."""
        offer = self.rows.item
        if offer is None or offer.model is None:
            return
        model: Model = offer.model
        facts = [model.id, *(f"also {name}" for name in model.aliases)]
        if model.price_cached is not None:
            facts.append(f"cached ${model.price_cached:g} a million")
        if (long := model.long) is not None:
            prices = " / ".join("?" if price is None else f"${price:g}" for price in (long.price_in, long.price_out))
            facts.append(f"{prices} a million above {context_words(long.above)} tokens")
        if model.owner:
            facts.append(f"by {model.owner}")
        if model.outputs:
            facts.append(f"gives {' '.join(model.outputs)}")
        endpoint = self._chat.program.endpoints[offer.endpoint]
        facts.append(f"{endpoint.dialect} at {endpoint.base_url}")
        self._chat.say(" · ".join(facts))

    def action_refresh_list(self) -> None:
        """Ask the endpoints again."""
        self._ask_all(refresh=True)

    def action_switch_dialect(self) -> None:
        """Speak the next dialect to this endpoint."""
        offer = self.rows.item
        if offer is None:
            return
        program = self._chat.program
        endpoint = program.endpoints[offer.endpoint]
        place_now = DIALECT_NAMES.index(endpoint.dialect)
        program.use_dialect(offer.endpoint, DIALECT_NAMES[(place_now + 1) % len(DIALECT_NAMES)])
        self._chat.tell_title()
        self._chat.say(f"{place(endpoint)} is asked by {program.endpoints[offer.endpoint].dialect} from now on")
        self._warn_of_dialect(offer)
        self.rows.refresh()

    def action_switch_tools(self) -> None:
        """Switch on all of the endpoint's own tools, or off."""
        offer = self.rows.item
        if offer is None:
            return
        tools = self._chat.program.endpoints[offer.endpoint].server_tools
        on_now = [name for name in self._chat.conversation.server_tools if name in tools]
        self._use_tools(offer, () if on_now else tools)

    def action_switch_tool(self, number: int) -> None:
        """Switch one of the endpoint's own tools on or off."""
        offer = self.rows.item
        if offer is None:
            return
        tools = self._chat.program.endpoints[offer.endpoint].server_tools
        on_now = self._chat.conversation.server_tools
        named = tools[number : number + 1]
        self._use_tools(offer, tuple(name for name in tools if (name in on_now) != (name in named)))

    def _use_tools(self, offer: Offer, names: tuple[str, ...]) -> None:
        if not self._chat.program.endpoints[offer.endpoint].server_tools:
            self._chat.say(f"{offer.where} has no tools of its own")
            return
        self._chat.conversation.server_tools = names
        self._chat.say(
            f"{offer.where} may use {', '.join(names)}" if names else f"{offer.where} uses no tools of its own"
        )
        self._warn_of_dialect(offer)
        self._chat.tell_title()
        self._show()

    def _warn_of_dialect(self, offer: Offer) -> None:
        endpoint = self._chat.program.endpoints[offer.endpoint]
        has_tools = dialect_named(endpoint.dialect).has_server_tools
        if not has_tools and set(endpoint.server_tools) & set(self._chat.conversation.server_tools):
            able = " or ".join(name for name in DIALECT_NAMES if dialect_named(name).has_server_tools)
            self._chat.say(
                f"server tools are not offered in {endpoint.dialect}, they need {able}: {{models.dialect}} switches",
                "warning",
            )

    # -- painting -----------------------------------------------------------------------------------------

    def _paint(self, offer: Offer, width: int) -> Line:
        model = offer.model
        conversation = self._chat.conversation
        name = _id_of(offer)
        is_current = name == f"{conversation.endpoint}/{conversation.model}"
        mark, tone = ("✖ ", "warning") if offer.problem and model is not None else ("  ", "muted")
        if name in self._chat.program.choices.favourites:
            mark, tone = "★ ", "warning"
        if is_current:
            mark, tone = "● ", "accent"
        wide = width >= 90
        line: Line = [
            (mark, tone),
            (pad(model.id if model is not None else "", 28 if wide else 22), "" if not offer.problem else "muted"),
            (pad(offer.where, 14), "muted"),
        ]
        if model is None or offer.problem:
            return [*line, (offer.problem, "muted" if offer.problem == "asking…" else "warning")]
        line.append((pad(context_words(model.context), 7, right=True), ""))
        if wide or not model.inputs:
            line += [("  ", ""), (price_words(model), "" if model.price_in else "muted")]
        return [*line, ("  ", ""), (" ".join(model.inputs), "muted")]


def _id_of(offer: Offer) -> str:
    return f"{offer.endpoint}/{offer.model.id if offer.model else ''}"


def context_words(tokens: int | None) -> str:
    """A context length, short: 256k, 2M."""
    if tokens is None:
        return ""
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.3g}M"
    return f"{round(tokens / 1000)}k" if tokens >= 1000 else str(tokens)


def price_words(model: Model) -> str:
    """Dollars for a million tokens in and out, the points under one another."""
    return f"{_dollars(model.price_in)} / {_dollars(model.price_out)}" if model.price_in is not None else pad("", 15)


def _dollars(price: float | None) -> str:
    return pad("?" if price is None else "free" if not price else f"${price:.2f}", 6, right=True)
