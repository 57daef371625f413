"""`rillet doctor`: the questions before they are sent, the card of an endpoint, and this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from tui import __version__
from tui.chat.doctor.card import Card, MachineFact, Report
from tui.chat.doctor.doctor import Doctor
from tui.chat.doctor.question import plan
from tui.chat.program import Program
from tui.cli.exit_code import ExitCode
from tui.cli.outcome import exit_code_of_error
from tui.domain.endpoint import Endpoint
from tui.domain.endpoint_word import DialectName
from tui.page.card_lines import card_lines, named_lines
from tui.wire.printable import printable_line


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
    variable = next((name for name in endpoint.key_env if environ.get(name, "").strip()), "")
    if not variable and endpoint.key_command:
        variable = f"what {endpoint.key_command[0]} prints"
    return f", with the key from {printable_line(variable)}" if variable else ", without a key"


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
        yield from named_lines(fact.name, fact.words)
