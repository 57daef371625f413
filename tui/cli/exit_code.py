"""Exit codes: how a run ended, for the shell. The one table; help and the README are held against it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell is told, and what it means."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> ExitCode:
        """Make a number that knows what it means."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    COMPLETE = 0, "complete"
    FAILED = 1, "the endpoint failed, or what was checked is wrong"
    USAGE = 2, "usage or settings"
    KEY = 3, "the key was refused, or there is none"
    NETWORK = 4, "network"
    INCOMPLETE = 5, "incomplete: length, filter, truncated, limit, or not what the schema asks"
    STOPPED = 130, "stopped"
    BROKEN_PIPE = 141, "the reader of the output went away"
