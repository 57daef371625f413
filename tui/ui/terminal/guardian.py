"""The guardian: a small process that gives the terminal back when rillet was killed and could not."""

from __future__ import annotations

import os

RESTORE = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[8h\x1b[<u\x1b[>4;0m\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[?2031l\x1b[0m"
)
"""Ends every mode that is switched on anywhere here, for when there is no time to ask the driver."""

SHELL = "/bin/sh"
_SCRIPT = """
trap '' HUP INT QUIT TERM TSTP TTOU
while read -r state; do last=$state; done
if [ "$last" = taken ]; then printf '%b' "$1"; fi
"""
"""Waits until nothing can be written to it any more: then rillet has ended, however that was."""


class Guardian:
    """Knows whether the terminal is taken, and outlives the process that took it."""

    def __init__(self, restore: str) -> None:
        """Write this to the terminal when the time has come."""
        self._restore = restore.replace("\x1b", "\\033")
        self._pipe: int | None = None

    def take(self, fileno: int) -> None:
        """The terminal is ours from now on."""
        if self._pipe is None:
            self._pipe = self._start(fileno)
        self._tell(b"taken\n")

    def leave(self) -> None:
        """The terminal was given back, or is just being."""
        self._tell(b"left\n")

    def _tell(self, state: bytes) -> None:
        if self._pipe is not None:
            try:
                os.write(self._pipe, state)
            except OSError:
                pass

    def _start(self, fileno: int) -> int | None:
        """Start the process: in a session of its own, so that what ends rillet does not end it too."""
        reads, writes = os.pipe()
        actions = [(os.POSIX_SPAWN_DUP2, reads, 0), (os.POSIX_SPAWN_DUP2, fileno, 1)]
        try:
            os.posix_spawn(
                SHELL, [SHELL, "-c", _SCRIPT, "rillet", self._restore], {}, file_actions=actions, setsid=True
            )
        except (OSError, NotImplementedError):
            os.close(writes)
            return None
        finally:
            os.close(reads)
        return writes


GUARDIAN = Guardian(RESTORE)
"""The terminal has one, whoever takes it."""
