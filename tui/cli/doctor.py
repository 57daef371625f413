"""`rillet doctor`: the questions before they are sent, the card of an endpoint, and this machine."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from tui import __version__
from tui.chat.doctor.card import Card, DialectCard, Fact, MachineFact, Report
from tui.chat.doctor.doctor import Doctor
from tui.chat.doctor.question import plan
from tui.chat.program import Program
from tui.cli.exit_code import ExitCode
from tui.cli.outcome import exit_code_of_error
from tui.domain.endpoint import Endpoint
from tui.domain.endpoint_word import DialectName
from tui.net.address import host_of
from tui.wire.dialect import dialect_named
from tui.wire.printable import printable_line

_WIDTH = 100
_NAME_CELLS = 16


async def examine(
    program: Program, name: str, model: str, dialects: Sequence[DialectName], err: TextIO
) -> tuple[Card, ExitCode]:
    """Say what will be asked, ask it, and say how it went by the exit code."""
    endpoint = program.endpoint(name)
    err.writelines(f"{line}\n" for line in plan_lines(endpoint, dialects, program.environ))
    is_live = err.isatty()

    def tell(words: str) -> None:
        if is_live:
            err.write(f"\r\x1b[K… {words}")
            err.flush()

    doctor = Doctor(program, name, model, dialects=dialects, tell=tell)
    try:
        card = await doctor.examine()
    finally:
        if is_live:
            err.write("\r\x1b[K")
    code = ExitCode.COMPLETE
    if not any(dialect.spoken == "yes" for dialect in card.dialects):
        code = exit_code_of_error(doctor.error) if doctor.error is not None else ExitCode.FAILED
        code = ExitCode.FAILED if code is ExitCode.COMPLETE else code
    return card, code


def plan_lines(endpoint: Endpoint, dialects: Sequence[DialectName], environ: Mapping[str, str]) -> Iterator[str]:
    """What will be sent, before it is: how many requests, where, whether with a key, and each of them."""
    steps = list(plan(dialects, is_local=endpoint.is_local))
    where = "the built-in model" if endpoint.is_local else printable_line(endpoint.way.socket) or endpoint.base_url
    key = "" if endpoint.is_local else _key_words(endpoint, environ)
    yield f"rillet asks {where} at most {len(steps)} small questions, for a minute at most{key}:"
    for number, (what, about) in enumerate(steps, 1):
        yield f"{number:>4}  {what:<24} {about}"
    yield "A dialect that is not spoken is asked once; what fails at once may be asked a second time."


def _key_words(endpoint: Endpoint, environ: Mapping[str, str]) -> str:
    found = next((name for name in endpoint.key_env if environ.get(name, "").strip()), "")
    if not found and endpoint.key_command:
        found = f"what {endpoint.key_command[0]} prints"
    return f", with the key from {printable_line(found)}" if found else ", without a key"


def make_report(card: Card | None, machine: Sequence[MachineFact]) -> Report:
    """The report of both."""
    return Report(__version__, card, list(machine))


def report_lines(report: Report) -> Iterator[str]:
    """A report, for a person."""
    if report.card is not None:
        yield from card_lines(report.card)
        yield ""
    yield "This machine"
    for fact in report.machine:
        yield from _lines(fact.name, fact.words)


def card_lines(card: Card) -> Iterator[str]:
    """A card, for a person; all that came from the endpoint can be shown."""
    title = [
        host_of(card.url) or card.url or card.endpoint,
        card.model,
        f"key from {card.key}" if card.key else "no key",
    ]
    yield printable_line(" · ".join(filter(None, title)))
    if card.reason:
        yield from _lines("no card", card.reason)
    spoken = [each.dialect for each in card.dialects if each.spoken == "yes"]
    yield from _lines("speaks", ", ".join(spoken) or "none of the dialects")
    is_told = bool(card.reason) and card.models.words == card.reason
    yield from _fact_lines("models", Fact(card.models.verdict, "as above") if is_told else card.models)
    if card.first_token:
        words = ", ".join(f"{seconds:.2f} s" for seconds in card.first_token)
        yield from _lines("first token", words)
    if spoken:
        yield from _fact_lines("after a cancel", card.after_cancel)
    for words in card.oddities:
        yield from _lines("odd", words)
    for dialect in card.dialects:
        yield ""
        yield from _dialect_lines(dialect, card.reason)
    yield ""
    for words in card.not_asked:
        yield from _lines("not asked", words)
    yield from _lines("sent", f"{card.requests} requests in {card.seconds:.1f} s")


def _dialect_lines(card: DialectCard, told: str) -> Iterator[str]:
    yield f"{dialect_named(card.dialect).title} ({card.path})"
    if card.spoken != "yes":
        yield from _lines("spoken", f"{card.spoken}: {'as above' if card.reason == told else card.reason}")
        yield from _odd_lines(card)
        return
    if card.reason:
        yield from _lines("ended", card.reason)
    for name, fact in (
        ("streams", card.stream),
        ("usage", card.usage),
        ("tools", card.tools),
        ("schema", card.schema),
        ("errors", card.errors),
    ):
        yield from _fact_lines(name, fact)
    yield from _lines("thoughts", ", ".join(card.reasoning) or "none came")
    yield from _lines("finish", ", ".join(card.finish_reasons) or "none came")
    yield from _odd_lines(card)


def _odd_lines(card: DialectCard) -> Iterator[str]:
    for words in card.oddities:
        yield from _lines("odd", words)


def _fact_lines(name: str, fact: Fact) -> Iterator[str]:
    yield from _lines(name, f"{fact.verdict}: {fact.words}" if fact.words else fact.verdict)


def _lines(name: str, words: str) -> Iterator[str]:
    """A name, and behind it words that are broken to fit."""
    first, *rest = textwrap.wrap(printable_line(words), _WIDTH - _NAME_CELLS - 2) or [""]
    yield f"  {name:<{_NAME_CELLS}}{first}"
    yield from (" " * (_NAME_CELLS + 2) + line for line in rest)
