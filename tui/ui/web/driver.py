"""The driver of a screen that a page shows: textual-serve's packets in and out, keys read as everywhere."""

from __future__ import annotations

import asyncio
import json
import os
from codecs import getincrementaldecoder
from select import select

from textual import events
from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver as TextualWebDriver
from textual.geometry import Size

from tui.ui.terminal.driver import TerminalClosed
from tui.ui.terminal.keyboard import Keyboard, TerminalReport
from tui.ui.terminal.probe import Probe
from tui.ui.terminal.question import questions

BEGIN = b"__GANGLION__\n"
"""What textual-serve waits for: packets follow."""

TAKE = "\x1b[?1049h\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?25l\x1b[?1004h\x1b[?2004h\x1b[?7l"


class WebDriver(TextualWebDriver):
    """Reads keys as in any terminal, and ends when the page or its server has gone."""

    def start_application_mode(self) -> None:
        """Say that packets follow, and take the terminal in the page."""
        loop = asyncio.get_running_loop()
        size = Size(80, 24) if self._size is None else Size(*self._size)
        self._write_all(BEGIN)
        self.write(TAKE + questions({"TERM": "xterm-256color"}))
        resize = events.Resize(size, size)
        asyncio.run_coroutine_threadsafe(self._app._post_message(resize), loop=loop)  # noqa: SLF001  as Textual's own
        self._key_thread.daemon = True  # it may be waiting for a server that has gone
        self._key_thread.start()

    def stop_application_mode(self) -> None:
        """Tell which conversation this was, so that the page can come back to it, and that it is over."""
        self.exit_event.set()
        session_id = getattr(self._app, "last_session", None)
        if session_id is not None:
            self.write_meta({"type": "session", "id": session_id})
        self.write_meta({"type": "exit"})

    def write(self, data: str) -> None:
        """Write to the terminal in the page."""
        self._write_packet(b"D", data.encode(errors="replace"))

    def write_meta(self, data: dict[str, object]) -> None:
        """Tell the server something."""
        self._write_packet(b"M", json.dumps(data).encode())

    def run_input_thread(self) -> None:
        """Read keys and what the server says, until one of them has gone."""
        keyboard, decode, packets = Keyboard(), getincrementaldecoder("utf-8")("replace").decode, ByteStream()
        probe = Probe()
        probe.begin()
        while not self.exit_event.is_set():
            if select([0], [], [], 0.05 if keyboard.is_waiting else 0.5)[0]:
                data = os.read(0, 65536)
                if not data:
                    self._end()
                    return
                for kind, payload in packets.feed(data):
                    if kind == "D":
                        for message in keyboard.feed(decode(payload)):
                            if isinstance(message, TerminalReport):
                                probe.take(message.words)
                            else:
                                self.process_message(message)
                    else:
                        self._on_meta(kind, payload)
            for message in keyboard.tick():
                self.process_message(message)
            if (news := probe.news()) is not None:
                self.process_message(news)

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Take what the server says; a page that was closed is a terminal that was."""
        if packet_type == "quit":
            self._end()
        else:
            super().on_meta(packet_type, payload)

    def _end(self) -> None:
        if not self.exit_event.is_set():
            self.process_message(TerminalClosed())

    def _write_packet(self, kind: bytes, payload: bytes) -> None:
        self._write_all(kind + len(payload).to_bytes(4, "big") + payload)

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self.fileno, view) :]
        except OSError:  # the server has gone, which the other thread is told by its input
            pass
