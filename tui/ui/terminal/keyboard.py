"""The keyboard: what a terminal sends, read as keys, pastes, the mouse and answers.

Terminals, multiplexers and protocols write one key in many ways. What is not understood is dropped: it neither types
itself into a prompt nor ends the program, as it would with Textual's parser.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

from textual import constants, events, messages
from textual.message import Message

from tui.ui.terminal.key_code import csi, legacy, typed, with_alt
from tui.ui.terminal.receipt import Receipt

if TYPE_CHECKING:
    from textual._xterm_parser import XTermParser

LOST = 1.0
"""Seconds after which the rest of a sequence is not waited for any more; a slow line delivers it in less."""

ANSWERED = 0.3
"""Seconds that an Esc is waited with while answers are expected, one of which may have come in two pieces."""

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
OTHER_BUTTONS = 128
"""Back, forward and others, which Textual would take for the left button."""


_REPORTS = r"\?[\d;]*[cu]|\?997;[12]n|6;\d+;\d+t|(?:[2-9]|\d\d+);\d+R"
"""What `Answers` reads and no key sends; where the cursor is in the first row is written like F3."""


@cache
def _pieces() -> re.Pattern[str]:
    """What input is made of; a sequence that is not finished yet matches as `half`, one that never will as `broken`."""
    return re.compile(
        r"""
          (?P<text>[^\x1b]+)
        | (?P<key>\x1b\x1b?(?:\[\[[A-E]|\[\d{1,3}\$(?![a-zA-Z])|O\d{0,2}[A-Za-z]))
        | (?P<click>\x1b\[M.{3})
        | (?P<csi>\x1b\x1b?\[(?!M)[ -?]{0,256}[@-Z\\-~])
        | (?P<answer>\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\))
        | (?P<half>\x1b(?:\x1b?(?:\[(?:\[|M.{0,2}|[ -?]{0,256})|O\d{0,2})?|[\]P_^X][^\x07\x1b]{0,4096}\x1b?)\Z)
        | (?P<broken>\x1b\x1b?\[[ -?]+|\x1b[\]P_^X][^\x07\x1b]{2,})
        | (?P<escape>\x1b(?=\x1b))
        | (?P<alt>\x1b.)
        """,
        re.VERBOSE | re.DOTALL,
    )


class MetaReport(Message):
    """Whether Alt and a letter are sent as Esc and the letter, before anybody asked for that."""

    def __init__(self, *, is_on: bool) -> None:
        super().__init__()
        self.is_on = is_on


class TerminalReport(Message):
    """What the terminal says of itself, in its own words."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class Keyboard:
    """Reads what a terminal sends, in whatever pieces it arrives.

    Attributes:
        expects_answers: Whether the terminal was asked something and has not answered all of it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, term: str | None = None) -> None:
        """Start with nothing read, in a terminal of this kind."""
        self._clock = clock
        self._is_st = (os.environ.get("TERM", "") if term is None else term).startswith("st-")
        self.expects_answers = False
        self._held = ""
        self._held_since = 0.0
        self._paste: list[str] | None = None
        self._mouse: XTermParser | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the rest of a sequence may still come; `tick` tells what it was if it does not."""
        return bool(self._held) and self._paste is None

    def feed(self, text: str) -> Iterator[Message]:
        """What was sent."""
        text, self._held = self._held + text, ""
        while text:
            if self._paste is not None:
                at = text.find(PASTE_ENDS)
                if at < 0:
                    cut = max(0, len(text) - len(PASTE_ENDS) + 1)  # the end may come in two pieces
                    self._paste.append(text[:cut])
                    self._held = text[cut:]
                    return
                pasted = "".join((*self._paste, text[:at])).replace("\0", "")
                self._paste, text = None, text[at + len(PASTE_ENDS) :]
                yield events.Paste(pasted)
            elif (at := text.find(PASTE_BEGINS)) >= 0:
                yield from self._read(text[:at], is_whole=True)
                self._paste, text = [], text[at + len(PASTE_BEGINS) :]
            else:
                yield from self._read(text, is_whole=False)
                return

    def replay(self, pieces: Iterable[tuple[float, str]]) -> Iterator[Message]:
        """What was sent earlier, in pieces that each came at a time of the clock."""
        clock = self._clock
        try:
            for moment, text in pieces:
                self._clock = partial(float, moment)
                yield from self.tick()
                yield from self.feed(text)
        finally:
            self._clock = clock

    def tick(self) -> Iterator[Message]:
        """What a half sequence was, once its rest has not come for too long: a key, or nothing."""
        if not self.is_waiting:
            return
        patience = LOST
        if _may_be_keys(self._held):
            patience = ANSWERED if self.expects_answers else constants.ESCAPE_DELAY
        if self._clock() - self._held_since >= patience:
            held, self._held = self._held, ""
            yield from self._read(held, is_whole=True)

    def _read(self, text: str, *, is_whole: bool) -> Iterator[Message]:
        for piece in _pieces().finditer(text):
            match piece.lastgroup:
                case "text":
                    for character in piece[0]:
                        yield from typed(character)
                case "key":
                    yield from legacy(piece[0])
                case "csi":
                    yield from self._read_csi(piece[0])
                case "alt":
                    yield from with_alt(piece[0][1])
                case "answer":
                    yield TerminalReport(piece[0])
                case "escape":
                    yield events.Key("escape", "\x1b")
                case "half" if not is_whole:
                    self._held, self._held_since = piece[0], self._clock()
                case "half" if _may_be_keys(piece[0]):
                    escapes, last = piece[0].count("\x1b"), piece[0].lstrip("\x1b")
                    for _ in range(escapes - len(last)):
                        yield events.Key("escape", "\x1b")
                    if last:
                        yield from with_alt(last)
                case _:
                    pass  # what is broken off

    def _read_mouse(self, sequence: str) -> Message | None:
        if self._mouse is None:  # most never use it here
            from textual._xterm_parser import XTermParser

            self._mouse = XTermParser()
        return self._mouse.parse_mouse_code(sequence)

    def _read_csi(self, sequence: str) -> Iterator[Message]:
        body = sequence.lstrip("\x1b")[1:]
        if body == "P" and self._is_st:  # elsewhere that is F1
            yield events.Key("delete", None)
        elif body == "I":
            yield events.AppFocus()
        elif body == "O":
            yield events.AppBlur()
        elif body[0] == "<":
            report = re.fullmatch(r"<(\d{1,3});-?\d{1,5};-?\d{1,5}[Mm]", body)
            if report is not None and not int(report[1]) & OTHER_BUTTONS:
                event = self._read_mouse(sequence)
                if event is not None:
                    yield event
        elif re.fullmatch(r"\?2026;[123]\$y", body):  # 4 says that it never will be, 0 that it is not known
            yield messages.TerminalSupportsSynchronizedOutput()
        elif body == "0n":
            yield Receipt()
        elif report := re.fullmatch(r"\?1036;([12])\$y", body):
            yield MetaReport(is_on=report[1] == "1")
        elif re.fullmatch(_REPORTS, body):
            yield TerminalReport(f"\x1b[{body}")
        else:
            yield from csi(body, 2 if sequence.startswith("\x1b\x1b") else 0)


def _may_be_keys(held: str) -> bool:
    """Whether the beginning of a sequence may also be Esc, or Alt with a key."""
    return len(held.lstrip("\x1b")) <= 1
