"""Exit codes: how a run ended, for the shell."""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from tui.domain.error import ConfigError, ConnectError, KeyMissingError, RefusedError, RilletError, StoreError
from tui.domain.turn import Turn, TurnState


class ExitCode(IntEnum):
    """What the shell is told."""

    COMPLETE = 0
    FAILED = 1
    USAGE = 2
    KEY = 3
    NETWORK = 4
    INCOMPLETE = 5
    STOPPED = 130
    BROKEN_PIPE = 141


def exit_code_of_error(error: RilletError) -> ExitCode:
    """The exit code for an error."""
    match error:
        case KeyMissingError():
            return ExitCode.KEY
        case ConfigError():
            return ExitCode.USAGE
        case RefusedError(kind="auth" | "permission"):
            return ExitCode.KEY
        case ConnectError():
            return ExitCode.NETWORK
        case StoreError():
            return ExitCode.FAILED
        case RilletError(kind="transport"):
            return ExitCode.NETWORK
        case RilletError(kind="truncated" | "empty" | "limit"):
            return ExitCode.INCOMPLETE
        case _:
            return ExitCode.FAILED


def exit_code_of_turn(turn: Turn) -> ExitCode:
    """The exit code for a turn that has ended."""
    match turn.state:
        case TurnState.COMPLETE:
            return ExitCode.INCOMPLETE if turn.is_cut else ExitCode.COMPLETE
        case TurnState.STOPPED:
            return ExitCode.STOPPED
        case TurnState.TRUNCATED | TurnState.LIMIT:
            return ExitCode.INCOMPLETE
        case TurnState.FAILED:
            return exit_code_of_error(turn.error) if turn.error else ExitCode.FAILED
        case TurnState.WAITING | TurnState.STREAMING:
            return ExitCode.STOPPED
        case _:
            assert_never(turn.state)
