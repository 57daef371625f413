"""Everything that can go wrong, as one tree.

RilletError                 says whose fault it is, and what to do
├── ConfigError             ours: settings or the command line
│   ├── KeyMissingError     ours: no key where one is needed
│   └── SettingsError       ours: the settings file; a screen waits until it is mended
├── ConnectError            the network: nothing came back
├── RefusedError            the endpoint answered, and said no
├── StreamError             the endpoint: the reply began and then went wrong
│   ├── FrameError          what came is not what the protocol promises
│   ├── LimitError          one of our limits was reached
│   ├── TruncatedError      it ended without a finish signal
│   ├── BrokenError         the connection broke
│   └── EndpointError       it reported an error inside the stream
└── StoreError              the disk
    └── StoreBusyError      it takes a while: the same thing can be asked for again soon
"""

from __future__ import annotations

from typing import Any, Literal

ErrorKind = Literal[
    "config",
    "auth",
    "permission",
    "not_found",
    "bad_request",
    "rate_limit",
    "server",
    "stream",
    "truncated",
    "transport",
    "protocol",
    "empty",
    "limit",
    "store",
]


class RilletError(Exception):
    """Base class: catch this to catch everything rillet raises on purpose.

    Attributes:
        message: What happened, in a sentence; never empty, never holds a key.
        hint: What the person at the keyboard can do about it; may be empty.
        kind: One word for it, stable across versions.
    """

    kind: ErrorKind = "stream"

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the sentence and the advice."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def in_full(self) -> str:
        """What happened and what to do about it, as whole sentences."""
        return " ".join(_sentence(words) for words in (self.message, self.hint) if words)

    def record(self) -> dict[str, Any]:
        """The error as plain values, as events and saved turns hold it."""
        return {"kind": self.kind, "message": self.message, "hint": self.hint}


class ConfigError(RilletError):
    """The settings or the command line do not make sense."""

    kind: ErrorKind = "config"


class HeldError(ConfigError):
    """What was to be sent waits for a person's yes: it would pass a budget, or fill the context. Once more sends it."""


class ContextFullError(HeldError):
    """What was to be sent would fill what the model can read."""


class KeyMissingError(ConfigError):
    """The endpoint needs a key and there is none."""

    kind: ErrorKind = "auth"


class SettingsError(ConfigError):
    """The settings cannot be used as they are; with others in their place a prompt might go somewhere else.

    `is_choice` where it is no mistake in the file, but what was chosen in the program does not go with it any more.
    """

    def __init__(self, message: str, hint: str = "", *, is_choice: bool = False) -> None:
        """Keep whether the choice can be dropped instead."""
        super().__init__(message, hint)
        self.is_choice = is_choice


class ConnectError(RilletError):
    """Nothing came back: no host, no connection, no answer in time."""

    kind: ErrorKind = "transport"


class StoreError(RilletError):
    """The disk did not take or give what was asked."""

    kind: ErrorKind = "store"


class StoreBusyError(StoreError):
    """The disk, or another program that writes, takes longer than anybody should wait; it is soon asked again.

    Attributes:
        is_lasting: Whether it has taken so long that a person should be told.
    """

    def __init__(self, message: str = "", hint: str = "Try again.") -> None:
        """Say what keeps it, where that is known."""
        super().__init__(message or "the sessions file is busy", hint)
        self.is_lasting = bool(message)


class RefusedError(RilletError):
    """The endpoint answered, and said no.

    Attributes:
        status: The HTTP status.
        code: The endpoint's own code for it; empty where it gave none.
        retry_after: Seconds the endpoint asks us to wait, or `None`.
        retry_after_at: The same as a date in ISO 8601, where it was given as a date.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        kind: ErrorKind,
        status: int,
        code: str = "",
        retry_after: float | None = None,
        retry_after_at: str | None = None,
    ) -> None:
        """Keep the status, so that the screen can choose its words by it."""
        super().__init__(message, hint)
        self.kind = kind
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.retry_after_at = retry_after_at

    def record(self) -> dict[str, Any]:
        """The error as plain values."""
        return {
            **super().record(),
            "status": self.status,
            "code": self.code or None,
            "retry_after": self.retry_after,
            "retry_after_at": self.retry_after_at,
        }


class StreamError(RilletError):
    """The reply began and then went wrong; what came before is kept."""

    kind: ErrorKind = "stream"


class FrameError(StreamError):
    """What came is not what the protocol promises."""

    kind: ErrorKind = "protocol"


class LimitError(StreamError):
    """One of rillet's limits was reached; `limit` names it."""

    kind: ErrorKind = "limit"

    def __init__(self, message: str, hint: str = "", *, limit: str) -> None:
        """Keep the limit's name."""
        super().__init__(message, hint)
        self.limit = limit

    def record(self) -> dict[str, Any]:
        """The error as plain values."""
        return {**super().record(), "limit": self.limit}


class TruncatedError(StreamError):
    """The stream ended without a finish signal; `empty` when nothing at all had come."""

    kind: ErrorKind = "truncated"

    def __init__(self, message: str, hint: str = "", *, empty: bool = False) -> None:
        """Say whether anything had come."""
        super().__init__(message, hint)
        if empty:
            self.kind = "empty"


class BrokenError(StreamError):
    """The connection broke in the middle of the reply."""

    kind: ErrorKind = "transport"


class EndpointError(StreamError):
    """The endpoint reported an error inside the stream.

    Attributes:
        code: Its own word for it.
        may_pass: Whether it is of the kind that passes: too much to do, too many requests.
        retry_after: How many seconds to wait, where it says so.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        kind: ErrorKind = "stream",
        code: str = "",
        may_pass: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Keep the endpoint's code."""
        super().__init__(message, hint)
        self.kind = kind
        self.code = code
        self.may_pass = may_pass
        self.retry_after = retry_after

    def record(self) -> dict[str, Any]:
        """The error as plain values."""
        return {**super().record(), "code": self.code or None}


def _sentence(words: str) -> str:
    words = words.rstrip()
    return words if words.endswith((".", "?", "!", "…", ":")) else f"{words}."
