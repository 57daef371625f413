"""What `rillet ask` writes: clean on a terminal, word for word into a pipe, and everything else beside it."""

import io
import json
import re

import pytest

from tests.fault.expectation import HOSTILE, PREFIX
from tests.server import hostile
from tui.cli.ask import EventPrinter, Printer, ask

HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def program(quick_program):
    return quick_program


@pytest.fixture
def ask_at(request, server):
    """Begins a conversation with a scenario."""
    begin = request.getfixturevalue("ask")
    return lambda row, dialect: begin(server.url(f"{row.scenario};printing"), dialect, deadlines=row.deadlines)


@pytest.mark.parametrize("dialect", ["chat", "responses"])
@pytest.mark.parametrize("row", HOSTILE, ids=[row.scenario for row in HOSTILE])
async def test_nothing_foreign_drives_the_terminal(row, dialect, server, ask_at):
    out, notes = Terminal(), io.StringIO()
    code = await ask(ask_at(row, dialect), "hi", Printer(out, notes))
    assert code == row.of(dialect).exit
    for said in (out.getvalue(), notes.getvalue()):
        assert HARMFUL.search(said) is None
    assert out.getvalue() or notes.getvalue()


@pytest.mark.parametrize("name", hostile.TEXTS)
async def test_into_a_pipe_goes_what_was_said(name, server, ask_at):
    (row,) = [row for row in HOSTILE if row.scenario == name]
    out = io.StringIO()
    await ask(ask_at(row, "chat"), "hi", Printer(out, io.StringIO()))
    assert out.getvalue().removesuffix("\n") == hostile.TEXTS[name].removesuffix("\n")


@pytest.mark.parametrize("row", HOSTILE, ids=[row.scenario for row in HOSTILE])
async def test_events_are_one_line_each(row, server, ask_at):
    out = io.StringIO()
    await ask(ask_at(row, "chat"), "hi", EventPrinter(out, io.StringIO()))
    lines = out.getvalue().split("\n")
    assert lines.pop() == ""
    assert all(line.startswith('{"type":"') and line.endswith("}") for line in lines)
    assert HARMFUL.search(out.getvalue().replace("\n", "")) is None
    assert len(out.getvalue().splitlines()) == len(lines)
    if row.text not in (PREFIX, ""):
        assert json.loads(lines[-1])["text"] == row.text
