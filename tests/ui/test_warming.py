"""Warming: after it, a first prompt has nothing left to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.server import FaultServer
from tui.domain.endpoint_word import DIALECT_NAMES

FIRST_PROMPT = """
import asyncio, os, re, sys, threading
from tui.chat.conversation import Conversation
from tui.chat.opening import open_program
from tui.ui.entry import import_screen
from tui.ui.start.warm import warm

import_screen()
warm(sys.argv[2], needs_tls=False)
for thread in threading.enumerate():
    if thread.name == "rillet-warming":
        thread.join()
before = set(sys.modules)
program = open_program(os.environ, base_url=sys.argv[1], dialect=sys.argv[2], model="m")
conversation = Conversation(program, "url", "m")
compiled = []
compile_ = re._compiler.compile
re._compiler.compile = lambda pattern, flags=0: compiled.append(pattern) or compile_(pattern, flags)

async def main():
    turn = conversation.say("hi")
    async for _ in conversation.replies.stream(turn):
        pass
    await program.close()
    return turn

turn = asyncio.run(main())
ours = ("tui.net.", "tui.wire.", "tui.typeset.", "httpx", "httpcore", "anyio", "ssl")
print(turn.state, *sorted(name for name in sys.modules if name not in before and name.startswith(ours)))
print(*compiled)
"""


def first_prompt(dialect):
    """What a first prompt brings about after the warming: how it ended and what it imported, and the patterns it compiled."""
    with FaultServer() as server:
        said = subprocess.run(
            [sys.executable, "-c", FIRST_PROMPT, server.url("ok"), dialect],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    return said.stdout.split("\n", 1)


@pytest.mark.parametrize("dialect", DIALECT_NAMES)
def test_the_first_prompt_imports_nothing_of_the_network(dialect):
    assert first_prompt(dialect)[0] == "complete"


def test_the_first_prompt_compiles_no_pattern():
    assert first_prompt("chat")[1].strip() == ""


LEXERS = """
import threading
from tui.ui.start.warm import warm

warm("chat", needs_tls=False)
for thread in threading.enumerate():
    if thread.name == "rillet-warming":
        thread.join()
from pygments.lexers import PythonLexer

print("_tokens" in vars(PythonLexer))
"""


def test_the_table_of_the_usual_language_is_built_before_its_first_line_streams():
    found = subprocess.run([sys.executable, "-c", LEXERS], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == ["True"]


NEVER_SHOWN = """
import sys
from tui.ui.entry import import_screen
from tui.ui.start.textual_import import NEVER_SHOWN

import_screen()
print(*sorted(set(NEVER_SHOWN) & set(sys.modules)))

from rich.console import Console
from textual.css.stylesheet import Stylesheet, StylesheetParseError

sheet = Stylesheet()
sheet.add_source("A { colour: red; }")
try:
    sheet.parse()
except StylesheetParseError as error:
    Console(width=120).print(error.errors)

from textual.command import CommandPalette
from textual.widget import Widget

print(issubclass(CommandPalette, Widget))
"""


def test_what_textual_never_shows_here_is_not_loaded_and_is_there_for_whoever_wants_it():
    found = subprocess.run([sys.executable, "-c", NEVER_SHOWN], capture_output=True, text=True, check=True, timeout=60)
    lines = found.stdout.splitlines()
    assert lines[0] == ""
    assert any("Did you mean 'color'?" in line for line in lines)
    assert lines[-1] == "True"
