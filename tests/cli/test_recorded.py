"""What `rillet open` opens: of a file that is refused or read whole nothing stays open, and one that is looked into can be closed."""

import io
import os
import sys
import time
from contextlib import suppress

import pytest

from tests.chat.test_check import GOOD
from tests.chat.test_tape_file import long, text_of
from tests.exported import as_har
from tui.chat import foreign_tape
from tui.chat.incoming import Source
from tui.chat.tape_file import TapeFile
from tui.cli import recorded
from tui.cli.reading import told_while_read
from tui.cli.recorded import open_recorded, open_tape
from tui.domain.error import ConfigError
from tui.domain.tape import Tape


def is_open(path):
    """Whether any descriptor of this process is that file."""
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):
            if os.path.samestat(os.fstat(int(name)), os.stat(path)):
                return True
    return False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("hello\n", "is no stream, tape or HAR"),
        ('{"tape":2}\n', "is not a tape"),
        ('{"log":{"entries":[]}}', "holds no exchange"),
    ],
)
def test_a_file_that_is_refused_is_closed(tmp_path, text, words):
    path = tmp_path / "refused"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        open_recorded(str(path))
    assert not is_open(path)


def test_a_tape_that_was_read_whole_is_closed(tmp_path):
    path = tmp_path / "short.jsonl"
    path.write_text(text_of(long(3)))
    (tape,) = open_recorded(str(path))
    assert len(tape.reads) == len(long(3).reads)
    assert not is_open(path)


def test_what_is_shown_while_it_is_read_stays_open(tmp_path, monkeypatch):
    for module in (recorded, foreign_tape):
        monkeypatch.setattr(module, "LONG_BYTES", 100)
    path = tmp_path / "long.jsonl"
    path.write_text(text_of(long(30)))
    shown = open_recorded(str(path))
    assert isinstance(shown, TapeFile)
    assert sum(1 for _ in shown.lines.read_through()) == len(long(30).reads)
    assert is_open(path)
    del shown
    assert not is_open(path)


def test_a_raw_stream_is_read_on_from_where_it_was_told_what_it_is(tmp_path):
    path = tmp_path / "it.sse"
    path.write_text("".join(GOOD))
    source = open_recorded(str(path))
    assert isinstance(source, Source)
    assert source.start + source.file.read(1 << 20) == "".join(GOOD).encode()
    source.file.close()
    assert not is_open(path)


def test_a_long_tape_is_played_while_it_is_read_and_a_short_one_is_read_first(tmp_path, monkeypatch):
    path = tmp_path / "it.tape"
    path.write_text(text_of(long(30)))
    assert isinstance(open_tape(path), Tape)
    for module in (recorded, foreign_tape):
        monkeypatch.setattr(module, "LONG_BYTES", 100)
    assert isinstance(open_tape(path), TapeFile)


def test_of_an_archive_no_more_is_read_than_is_asked_for(tmp_path):
    path = tmp_path / "many.har"
    made = as_har([long(3), long(4), long(5)])
    path.write_text(made.rstrip()[:-4].rstrip().removesuffix("]") + ', {"request": 7}]}}')
    assert len(open_tape(tmp_path / "many.har#2").reads) == len(long(4).reads)
    with pytest.raises(ConfigError, match="holds more than one exchange"):
        open_tape(path)
    with pytest.raises(ConfigError, match="entry 4 cannot be read"):
        open_tape(tmp_path / "many.har#4")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_what_takes_long_to_read_is_said_until_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "long.har"
    path.write_text("x" * 2_000_000)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with told_while_read(str(path)):
        while "…" not in terminal.getvalue():  # nothing else tells when the thread has written
            time.sleep(0.001)
        assert terminal.getvalue() == f"reading {path}, 2 MB …"
    assert terminal.getvalue().endswith("\r\x1b[K")
    monkeypatch.setattr(sys, "stderr", short := Terminal())
    with pytest.raises(ConfigError), told_while_read(str(path)):
        raise ConfigError("it is refused", "")
    assert short.getvalue() == ""
