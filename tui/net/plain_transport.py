"""A socket on the event loop, without TLS: less than asyncio's own does, which wants ssl to be loaded for it."""

from __future__ import annotations

import asyncio
import socket
from contextvars import copy_context

from tui.net.quick_loop import QuickLoop

AT_ONCE = 1 << 20
"""So many bytes are given to the system at a time: it copies what it takes."""


class Reader(asyncio.BufferedProtocol):
    """Who is given what comes, always in the same buffer.

    Attributes:
        leaves_it: Whether what came last was left lying: nobody was told, and nothing has to be done now.
    """

    leaves_it = False


class PlainTransport(asyncio.Transport):
    """Reads a connected socket into its protocol's buffer, and writes what the protocol gives."""

    def __init__(self, sock: socket.socket, protocol: Reader) -> None:
        """Take a socket over, and begin to read."""
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._socket, self._protocol = sock, protocol
        self._unsent = memoryview(b"")
        self._is_closed = False
        self._buffer = protocol.get_buffer(-1)
        self._context = copy_context()
        protocol.connection_made(self)
        self.resume_reading()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write what the system takes at once, and the rest when it does."""
        if self._is_closed:
            return
        was_full = bool(self._unsent)
        self._unsent = memoryview(bytes(self._unsent) + data if was_full else bytes(data))
        if not was_full:
            self._send()
            if self._unsent and not self._is_closed:
                self._loop.add_writer(self._socket, self._go_on)
                self._protocol.pause_writing()

    def _send(self) -> None:
        try:
            sent = self._socket.send(self._unsent[:AT_ONCE])
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # an answer may be there all the same: what is read says how it ended
            sent = len(self._unsent)
        self._unsent = self._unsent[sent:]

    def _go_on(self) -> None:
        self._send()
        if not self._unsent and not self._is_closed:
            self._loop.remove_writer(self._socket)
            self._protocol.resume_writing()

    def _read(self) -> None:
        try:
            size = self._socket.recv_into(self._buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if size:
            self._protocol.buffer_updated(size)
        else:
            self._protocol.eof_received()
            self.abort()

    def _read_at_once(self) -> bool:
        """Read before the loop is told that something came; whether it need not be."""
        self._protocol.leaves_it = False
        self._context.run(self._read)
        return self._protocol.leaves_it

    def pause_reading(self) -> None:
        """Let what comes wait."""
        if not self._is_closed:
            self._stop_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if not self._is_closed:
            self._loop.add_reader(self._socket, self._read)
            if isinstance(self._loop, QuickLoop):
                self._loop.readers[self._socket.fileno()] = self._read_at_once

    def _stop_reading(self) -> None:
        if isinstance(self._loop, QuickLoop):
            self._loop.readers.pop(self._socket.fileno(), None)
        self._loop.remove_reader(self._socket)

    def abort(self) -> None:
        """Close it at once."""
        self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._stop_reading()
            self._loop.remove_writer(self._socket)
            self._socket.close()
            self._loop.call_soon(self._protocol.connection_lost, error)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """The protocol is told whenever something is unsent, and when nothing is any more."""
