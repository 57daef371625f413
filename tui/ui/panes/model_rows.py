"""The rows of the models: groups by endpoint, those used last and the favourites above them, and how each is painted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from tui.domain.endpoint import Endpoint
from tui.domain.host import with_scheme
from tui.domain.model import Model
from tui.page.line import Line, pad
from tui.page.wording import place
from tui.ui.panes.match import best_in_columns

RECENT = 5
"""How many of the models used last stand at the top."""

_LEAST_ID = 3
"""Letters from which what was typed may be the id of a model."""
_WIDE = 90
_PRICED = 56
"""Columns from which the prices are shown."""
_ID_CELLS, _ID_CELLS_NARROW, _WHERE_CELLS, _CONTEXT_CELLS, _PRICE_CELLS = 34, 22, 14, 8, 15


class Offer(Struct, frozen=True):
    """A row: a model, or the heading of a group, or an address that was typed.

    `adds` is the row that sets up an endpoint, `is_typed` a model that was typed and that no endpoint lists. `state` is how the endpoint of a heading stands: `ready`, `asking`, `missing` or `failed`; empty for other rows.
    """

    endpoint: str
    where: str
    model: Model | None = None
    problem: str = ""
    state: str = ""
    words: str = ""
    address: str = ""
    adds: bool = False
    is_typed: bool = False

    @property
    def id(self) -> str:
        """The name it is remembered by."""
        return f"{self.endpoint}/{self.model.id}" if self.model is not None else ""


class Standing(Struct):
    """How an endpoint stands, and what it offers."""

    state: str = "asking"
    words: str = ""
    offers: Sequence[Offer] = ()


def rows_of(
    standings: Mapping[str, Standing],
    endpoints: Mapping[str, Endpoint],
    *,
    recents: Sequence[str],
    favourites: Sequence[str],
) -> list[Offer]:
    """All rows: the models used last and the favourites, then each endpoint with the rest of what it offers."""
    offers = {offer.id: offer for standing in standings.values() for offer in standing.offers}
    chosen = dict.fromkeys(name for name in (*recents[:RECENT], *favourites) if name in offers)
    rows: list[Offer] = []
    if chosen:
        rows.append(Offer("", "Recent and favourites", words="the models used last, and those marked"))
        rows += [replace(offers[name], words=f"{offers[name].where}  {offers[name].words}".rstrip()) for name in chosen]
    by_state = {name: standings.get(name) or Standing() for name in endpoints}
    for name in sorted(endpoints, key=lambda name: by_state[name].state == "missing"):
        endpoint, standing = endpoints[name], by_state[name]
        rows.append(Offer(name, place(endpoint), state=standing.state, words=standing.words))
        rows += sorted(
            (offer for offer in standing.offers if offer.id not in chosen), key=lambda offer: bool(offer.problem)
        )
    rows.append(Offer("", "set up an endpoint", words="by its address, which tells its dialect and models", adds=True))
    return rows


def rows_matching(words: str, rows: Iterable[Offer]) -> list[Offer]:
    """The models that fit what was typed, best first, without headings; an address can be asked as it is."""
    matches = list(best_in_columns(words, [row for row in rows if row.model is not None], _columns_of))
    if is_address(words):
        url = with_scheme(words)
        matches.append(Offer("", url, address=url, words="ask there, for this run"))
    return matches


def unlisted(words: str, rows: Iterable[Offer], name: str, where: str) -> Offer | None:
    """The model of an id that was typed whole and that no endpoint lists, to be asked for at one of them."""
    word = words.strip()
    if len(word) < _LEAST_ID or any(letter.isspace() for letter in word) or is_address(word):
        return None
    if any(word in (row.model.id, *row.model.aliases) for row in rows if row.model is not None):
        return None
    return Offer(name, where, Model(word, name), words="not listed: ask for it all the same", is_typed=True)


def is_address(words: str) -> bool:
    """Whether what was typed is meant as an address: `localhost:1234`, `https://llm.example.com/v1`."""
    text = words.strip()
    if not text or any(letter.isspace() for letter in text):
        return False
    if text.startswith(("http://", "https://")):
        return bool(urlsplit(text).netloc)
    host, colon, port = text.partition("/")[0].rpartition(":")
    return bool(colon and host and port.isdigit())


def _columns_of(offer: Offer) -> tuple[str, ...]:
    model = offer.model
    ids = (model.id, *model.aliases) if model is not None else ()
    return (*ids, offer.where, offer.endpoint)


def heading_line(width: int, *, shows_where: bool) -> Line:
    """The headings of the columns, with their units."""
    wide = width >= _WIDE
    line: Line = [("  ", ""), (pad("model", _ID_CELLS if wide else _ID_CELLS_NARROW), "muted")]
    if shows_where:
        line.append((pad("endpoint", _WHERE_CELLS), "muted"))
    line.append((pad("context", _CONTEXT_CELLS, right=True), "muted"))
    if width >= _PRICED:
        line += [("  ", ""), (pad("$ in / out, 1M", _PRICE_CELLS), "muted")]
    return [*line, ("  takes", "muted")]


_STATES = {
    "ready": ("●", "success"),
    "asking": ("◌", "accent"),
    "missing": ("○", "muted"),
    "failed": ("✖", "warning"),
}


def group_line(offer: Offer) -> Line:
    """The heading of a group: its name, and how its endpoint stands."""
    if not offer.state:
        return [(offer.where, "strong"), (f"  {offer.words}", "muted")]
    symbol, tone = _STATES[offer.state]
    return [(offer.where, "strong"), ("  ", ""), (f"{symbol} ", tone), (offer.words, "muted")]


def offer_line(offer: Offer, width: int, mark: tuple[str, str], *, shows_where: bool) -> Line:
    """A model: its id, its endpoint where that is not said above it, its context, its prices, and what it takes."""
    model = offer.model
    wide = width >= _WIDE
    if model is None:
        return [("+ ", "accent"), (offer.where, ""), (f"  {offer.words}", "muted")]
    cells = _ID_CELLS if wide else _ID_CELLS_NARROW
    line: Line = [mark, (pad(model.id, cells), "muted" if offer.problem else "")]
    if shows_where:
        line.append((pad(offer.where, _WHERE_CELLS), "muted"))
    if offer.problem:
        return [*line, (f"  {offer.problem}", "warning")]
    if offer.is_typed:
        return [*line, (f"  {offer.words}", "muted")]
    line.append((pad(context_words(model.context), _CONTEXT_CELLS, right=True), ""))
    if width >= _PRICED:
        line += [("  ", ""), (price_words(model), "" if model.price_in else "muted")]
    return [*line, ("  ", ""), (" ".join(can_words(model)), "muted"), (f"  {offer.words}", "muted")]


def can_words(model: Model) -> list[str]:
    """What a model takes, and what it gives besides text."""
    gives = [f"→ {kind}" for kind in model.outputs if kind != "text"]
    return [*model.inputs, *gives, *(["dearer when long"] if model.long is not None else [])]


def context_words(tokens: int | None) -> str:
    """A context length, short: 256k, 2M."""
    if tokens is None:
        return ""
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.3g}M"
    return f"{round(tokens / 1000)}k" if tokens >= 1000 else str(tokens)


def price_words(model: Model) -> str:
    """Dollars for a million tokens in and out, the points under one another."""
    if model.price_in is None:
        return pad("", _PRICE_CELLS)
    return f"{_dollars(model.price_in)} / {_dollars(model.price_out)}"


def _dollars(price: float | None) -> str:
    return pad("?" if price is None else "free" if not price else f"${price:.2f}", 6, right=True)


def model_facts(model: Model, endpoint: Endpoint) -> list[str]:
    """Everything that is known of a model, and where it is asked."""
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
    return [*facts, f"{endpoint.dialect} at {endpoint.base_url}"]
