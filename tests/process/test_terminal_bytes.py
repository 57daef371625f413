"""What reaches the terminal, byte for byte: foreign text is seen there and never obeyed."""

import os
import re
import signal
import sys
import time
from contextlib import closing

import pytest

from tests.bench.terminal import Terminal
from tests.cli.running import environ_in
from tests.process.numbered import Numbered
from tests.server import FaultServer
from tests.server.scenario import SCENARIOS
from tui.domain.turn import TurnState
from tui.store.database import Database
from tui.ui.terminal.question import questions

# What is asked for, and what only then is to be seen: foreign words as text, and what was made visible in them.
SEEN = {
    "escapes": "SPOOFED",
    "markup": "[@click=app.quit]quit[/]",
    "bidi": "<RLO>level",
    "tags": "there",
    "selectors": "a<64 hidden>b",
    "zalgo": "lgo",
    "zero-width": "family",
    "links": "<RLO>evil",
    "table": "␛[31mx",
    "fence": "def f(def f(",
    "reasoning-escapes": "done",
    "http-escapes": "refused",
    "error-escapes": "bad a␛",
    "header-escapes": "␛]0;pwned␇",
    "tool-escapes": "rm␛]0;x",
}
PASTE = "\x1b[200~pasted \x1b]0;PWNED\x07 \x9b31m \x07\x1b[2J end\x1b[201~"

_TOKEN = re.compile(
    r"\x1b\[(?P<csi>[<-?]?[\d;:]*[ -/]*[@-~])|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b(?P<esc>[^\[\]])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
)
_PAINT = re.compile(r"[\d;]*[GHmr]|\d*[ML]|2J")
# Modes, keyboards and questions that Textual and rillet put to the terminal, each a few times in a run; 8 is whether it turns
# text that runs from right to left, which rillet does.
_MODES = re.compile(
    r"\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1036|1049|2004|2026|2031|2048)[hl]|8[hl]|\?(?:1036|2026)\$p|>4;[01]m|>\d*u|<u|\?u"
)


def strangers(written: str) -> list[str]:
    """Everything but printable text that neither rillet nor Textual writes."""
    found = []
    written = written.replace(questions({}), "", 1)  # once, in one piece
    for token in _TOKEN.finditer(written):
        csi = token["csi"]
        if csi is not None and (_PAINT.fullmatch(csi) or _MODES.fullmatch(csi)):
            continue
        if token["osc"] == "22;default":  # the shape of the mouse, which is Textual's
            continue
        found.append(f"{token[0]!r} in {written[max(0, token.start() - 30) : token.end() + 20]!r}")
    return found


class Session:
    """rillet in a terminal, asking for scenarios by their names."""

    def __init__(self, home, url, dialect):
        argv = [sys.executable, "-m", "tui", "--base-url", url, "--dialect", dialect, "--model", "m"]
        environ = environ_in(
            home, TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", PYTHONWARNINGS="ignore"
        )
        self.terminal = Terminal(argv, environ)
        self.terminal.start()
        self.see("ready")

    def see(self, words):
        assert self.terminal.wait_for(words, 60) is not None, self.terminal.live.text

    def ask(self, name):
        self.terminal.type(name)
        self.see(name)
        self.terminal.type("\r")
        self.see(SEEN[name])

    @property
    def written(self):
        return b"".join(data for _, data in self.terminal.chunks).decode("utf-8")


def play(ask):
    """The scenario that the last prompt names."""
    if ask.method == "GET":
        return SCENARIOS["models-escapes"].play(ask)
    if ask.has_tool_results():
        return SCENARIOS["ok"].play(ask)
    messages = ask.body.get("messages") or ask.body["input"]
    said = messages[-1]["content"]
    text = said if isinstance(said, str) else said[-1]["text"]
    return SCENARIOS[text if text in SCENARIOS else "ok"].play(ask)


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


@pytest.mark.parametrize("dialect", ["chat", "responses"])
def test_foreign_text_is_seen_and_never_obeyed(server, tmp_path, dialect):
    session = Session(tmp_path, server.add("hostile", play), dialect)
    terminal = session.terminal
    try:
        for name in SEEN:
            session.ask(name)
        terminal.type(PASTE)
        session.see("PWNED")
        terminal.type("\r")
        for key in ("\x07", "\x05", "\x0f", "\x12"):  # the calls, the wire, the models, the sessions
            for each in (key, "\x1b"):
                terminal.type(each)
                terminal.until_taken()
                terminal.pump(0.3)  # an Esc is told from the beginning of a sequence by time alone
        terminal.type("\x11")
        while terminal.pump(0.1):
            pass
        left = re.compile(r"resume with: rillet --session [a-z0-9]+\r\n")  # in the shell, after the screen
        assert strangers(left.sub("", session.written)) == []
        assert "\x1b[5;5HSPOOFED" not in session.written
        assert "\x1b[31m" not in session.written  # rillet's own colours are 24 bits deep
        assert session.written.count("\x1b[?1049h") == session.written.count("\x1b[?1049l") == 1
    finally:
        terminal.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_in_mid_stream_gives_the_terminal_back_and_keeps_what_was_seen(server, tmp_path, number):
    reply = Numbered(count=5000, rate=200.0)
    session = Session(tmp_path, server.add("numbered", reply), "chat")
    terminal = session.terminal
    try:
        terminal.type("go\r")
        session.see("w40 ")
        os.kill(terminal.pid, number)
        began = time.monotonic()
        while terminal.pump(0.05):
            assert time.monotonic() - began < 30
        _, status = os.waitpid(terminal.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 128 + number
        after = session.written[session.written.rindex("\x1b[?1049l") - 400 :]
        for mode in ("\x1b[?25h", "\x1b[?1003l", "\x1b[?2004l", "\x1b[>4;0m", "\x1b[<u", "\x1b[8h"):
            assert mode in after
        assert strangers(session.written) == []
    finally:
        terminal.close()
    with closing(Database.open(tmp_path / "data/rillet/sessions.db")) as database:
        (saved,) = database.sessions.summaries()
        (turn,) = database.turns.of_session(saved.id)
    assert turn.state is TurnState.STOPPED
    assert reply.text.startswith(turn.text)
    assert "w40 " in turn.text
