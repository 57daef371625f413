"""What `rillet open` opens: a raw stream that is read while it is shown, or the exchanges of a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tui.chat.archive_file import ArchiveFile
from tui.chat.foreign_tape import LONG_BYTES, kind_of_file, read_tapes, tapes_of_file
from tui.chat.held_file import HeldFile
from tui.chat.incoming import Source, open_source
from tui.chat.tape_file import TapeFile
from tui.chat.tape_lines import TapeLines
from tui.cli.tape import read_tape
from tui.domain.error import ConfigError
from tui.domain.tape import LongReads, Tape
from tui.wire.printable import printable_line

STANDARD_INPUT = "standard input"
_START_BYTES = 4096
_PIECE_BYTES = 1 << 20


def open_recorded(place: str) -> Source | TapeFile | ArchiveFile | list[Tape]:
    """Open a file, or standard input for `-`.

    Raises:
        ConfigError: If nothing can be read there, or what is read is no exchange; the message says where.
    """
    if place == "-":
        return _open_standard_input()
    path = Path(place)
    if path.is_dir():
        return read_tapes(path)
    name = printable_line(place)
    try:
        # Without waiting: a pipe that nobody writes to would never open.
        file = HeldFile(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        raise ConfigError(f"cannot read {name}: {error.strerror}") from error
    os.set_blocking(file.descriptor, True)
    start = file.at(0, _START_BYTES) if path.is_file() else b""
    kind = kind_of_file(start, name)
    if kind == "raw":
        return open_source(file, name)
    if kind == "tape" and file.size >= LONG_BYTES:
        return TapeFile(TapeLines(file, name))
    if kind == "har" and file.size >= LONG_BYTES:
        return ArchiveFile(tapes_of_file(file, name))
    file.close()
    return read_tapes(path)


def open_tape(path: Path) -> TapeFile | ArchiveFile | Tape:
    """Open the one exchange of a file, or one of several; see `read_tape`. What is long is shown while it is read.

    Raises:
        ConfigError: If there is no such file, or it does not hold one.
    """
    if path.is_file() and path.stat().st_size >= LONG_BYTES:
        name = printable_line(str(path))
        try:
            file = HeldFile(os.open(path, os.O_RDONLY))
        except OSError as error:
            raise ConfigError(f"cannot read {name}: {error.strerror}") from error
        if kind_of_file(file.at(0, _START_BYTES), name) == "tape":
            return TapeFile(TapeLines(file, name))
        file.close()
    return shown_while_read(read_tape(path))


def shown_while_read(tape: Tape) -> ArchiveFile | Tape:
    """A tape as the screen takes it: one that is long is shown while it is read."""
    return ArchiveFile(iter([tape])) if isinstance(tape.reads, LongReads) else tape


def _open_standard_input() -> Source | list[Tape]:
    """Take what is piped in, and give the keys of the terminal back to the screen.

    Raises:
        ConfigError: If nothing is piped in, or there is no terminal for the keys.
    """
    if sys.stdin.isatty():
        raise ConfigError("nothing comes on standard input", "For example: curl -N ... | rillet open -")
    source = open_source(HeldFile(os.dup(sys.stdin.fileno())), STANDARD_INPUT)
    _take_keys("Save the stream to a file, and open that.")
    if source.kind == "raw":
        source.read_ahead()
        return source
    spooled, size = HeldFile.temporary(), 0
    data = source.start
    while data:
        spooled.put(data, size)
        size += len(data)
        data = source.file.read(_PIECE_BYTES)
    source.file.close()
    return [*tapes_of_file(spooled, STANDARD_INPUT)]


def piped_text(example: str) -> str:
    """The text that is piped in, after which the keys of the terminal are the screen's.

    Raises:
        ConfigError: If nothing is piped in, or there is no terminal for the keys.
    """
    if sys.stdin.isatty():
        raise ConfigError("nothing comes on standard input", f"For example: {example}")
    text = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    _take_keys("Save it to a file, and name that.")
    return text


def _take_keys(otherwise: str) -> None:
    """Read the keys of the terminal where something was piped in."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise ConfigError("there is no terminal to take keys from", otherwise) from error
    os.dup2(terminal, sys.stdin.fileno())
    os.close(terminal)
