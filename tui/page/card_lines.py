"""The card of an endpoint as lines of text: for a shell, and for the screen."""

from __future__ import annotations

from collections.abc import Iterator

from tui.chat.doctor.card import Card, DialectCard, Fact
from tui.domain.quantity import describe_seconds
from tui.net.address import host_of
from tui.typeset.wrap import told_rows
from tui.wire.dialect import dialect_named
from tui.wire.printable import printable_line

_WIDTH = 100
_NAME_CELLS = 16


def card_lines(card: Card) -> Iterator[str]:
    """A card, for a person; all that came from the endpoint can be shown."""
    title = [
        host_of(card.url) or card.url or card.endpoint,
        card.model,
        f"key from {card.key}" if card.key else "no key",
    ]
    yield printable_line(" · ".join(filter(None, title)))
    if card.reason:
        yield from named_lines("no card", card.reason)
    spoken = [each.dialect for each in card.dialects if each.spoken == "yes"]
    yield from named_lines("speaks", ", ".join(spoken) or "none of the dialects")
    is_told = bool(card.reason) and card.models.words == card.reason
    yield from _fact_lines("models", Fact(card.models.verdict, "as above") if is_told else card.models)
    if card.first_token:
        words = ", ".join(map(describe_seconds, card.first_token))
        yield from named_lines("first token", words)
    if spoken:
        yield from _fact_lines("after a cancel", card.after_cancel)
    for words in card.oddities:
        yield from named_lines("odd", words)
    for dialect in card.dialects:
        yield ""
        yield from _dialect_lines(dialect, card.reason)
    yield ""
    for words in card.not_asked:
        yield from named_lines("not asked", words)
    yield from named_lines("sent", f"{card.requests} requests in {describe_seconds(card.seconds)}")


def _dialect_lines(card: DialectCard, reason_above: str) -> Iterator[str]:
    yield f"{dialect_named(card.dialect).title} ({card.path})"
    if card.spoken != "yes":
        yield from named_lines("spoken", f"{card.spoken}: {'as above' if card.reason == reason_above else card.reason}")
        yield from _odd_lines(card)
        return
    if card.reason:
        yield from named_lines("ended", card.reason)
    for name, fact in (
        ("streams", card.stream),
        ("usage", card.usage),
        ("tools", card.tools),
        ("schema", card.schema),
        ("errors", card.errors),
    ):
        yield from _fact_lines(name, fact)
    yield from named_lines("thoughts", ", ".join(card.reasoning) or "none came")
    yield from named_lines("finish", ", ".join(card.finish_reasons) or "none came")
    yield from _odd_lines(card)


def _odd_lines(card: DialectCard) -> Iterator[str]:
    for words in card.oddities:
        yield from named_lines("odd", words)


def _fact_lines(name: str, fact: Fact) -> Iterator[str]:
    yield from named_lines(name, f"{fact.verdict}: {fact.words}" if fact.words else fact.verdict)


def named_lines(name: str, words: str) -> Iterator[str]:
    """A name, and behind it words that are broken to fit."""
    first, *rest = told_rows(printable_line(words), _WIDTH - _NAME_CELLS - 2) or [""]
    yield f"  {name:<{_NAME_CELLS}}{first}"
    yield from (" " * (_NAME_CELLS + 2) + line for line in rest)
