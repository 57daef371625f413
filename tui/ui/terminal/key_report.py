"""What this terminal sends for each key, and what rillet makes of it: for those whose key does something else."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import termios
import time
import tty
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator

from textual import constants, events
from textual.message import Message

from tui.ui.action.keymap import Keymap, key_name
from tui.ui.action.table import BY_ID, SCOPES
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.driver import ASK_KEYS, ASK_KITTY, DROP_KEYS, DROP_META
from tui.ui.terminal.keyboard import Keyboard, TerminalReport
from tui.ui.terminal.multiplexer import is_in_tmux
from tui.ui.terminal.question import questions
from tui.ui.terminal.tmux import Outside, ask_outside
from tui.wire.printable import printable_line

PATIENCE = 1.0
"""Seconds in which a terminal answers, also over a slow line."""

DescribeDrawing = Callable[[Answers, Outside | None], str]
"""Says how images are shown, by what the terminal answered and what tmux is shown in."""

_TAKE = f"\x1b[?2004h\x1b[?1004h{ASK_KITTY}{ASK_KEYS}"
_LEAVE = f"{DROP_META}{DROP_KEYS}\x1b[<u\x1b[?1004l\x1b[?2004l"
_END = "ctrl+c"


def report_keys(keymap: Keymap, put: Callable[[str], None], terminal: int, drawing: DescribeDrawing) -> None:
    """Print a line for each key that is pressed, until Ctrl+C is pressed twice or the terminal is closed."""
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal)
        os.write(sys.stdout.fileno(), questions(os.environ, has_screen=False).encode())
        answers, rest = Answers(), ""
        until = time.monotonic() + PATIENCE
        while not answers.is_done and (left := until - time.monotonic()) > 0:
            if select.select([terminal], [], [], left)[0]:
                rest = answers.read(rest + os.read(terminal, 4096).decode("utf-8", "replace"))
        if os.environ.get("VTE_VERSION") and not is_in_tmux():  # its terminals do not all say their name
            answers.version = answers.version or "VTE"
        outside = asyncio.run(ask_outside(os.environ)) if is_in_tmux() else None
        for line in answers.lines(drawing(answers, outside)):
            put(printable_line(line))
        put("")
        put("Press keys; Ctrl+C twice ends.")
        put("")
        os.write(sys.stdout.fileno(), _TAKE.encode())
        for line in _lines(terminal, keymap):
            put(line)
    finally:
        os.write(sys.stdout.fileno(), _LEAVE.encode())
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _lines(terminal: int, keymap: Keymap) -> Iterator[str]:
    keyboard, decode = Keyboard(), getincrementaldecoder("utf-8")("replace").decode
    sent, last = "", ""
    while True:
        ready, _, _ = select.select([terminal], [], [], constants.ESCAPE_DELAY if keyboard.is_waiting else None)
        messages: list[Message] = []
        if ready:
            data = os.read(terminal, 4096)
            if not data:
                return
            text = decode(data)
            sent += text
            messages += keyboard.feed(text)
        messages += keyboard.tick()
        if messages or not keyboard.is_waiting:
            yield from describe(sent, messages, keymap)
            sent = ""
        for message in messages:
            key = message.key if isinstance(message, events.Key) else ""
            if key == _END == last:
                return
            last = key


def describe(sent: str, messages: list[Message], keymap: Keymap) -> Iterator[str]:
    """What was sent, and what rillet reads in it."""
    escaped = sent.encode("unicode_escape").decode().replace("\\x1b", "ESC ").replace("\\x7f", "DEL")
    shown = escaped if len(escaped) <= 28 else f"{escaped[:27]}…"
    if not messages:
        yield f"{shown:<30} nothing that rillet uses"
    for number, message in enumerate(messages):
        match message:
            case events.Key(key=key):
                what = f"{key_name(key):<16} {_actions(key, keymap)}"
            case events.Paste(text=text):
                what = f"a paste of {len(text):,} characters"
            case events.AppFocus():
                what = "the window has the focus"
            case events.AppBlur():
                what = "the window has lost the focus"
            case TerminalReport():
                what = "an answer of the terminal"
            case _:
                what = "something of the mouse or the window"
        yield f"{shown if number == 0 else '':<30} {what}".rstrip()


def _actions(key: str, keymap: Keymap) -> str:
    ids = [action_id for scope in SCOPES if (action_id := keymap.at(scope, key))]
    return ", ".join(f"{BY_ID[action_id].short or BY_ID[action_id].label} ({action_id})" for action_id in ids[:4])
