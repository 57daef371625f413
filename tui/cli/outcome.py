"""Which exit code an error or an ended turn has."""

from __future__ import annotations

from typing import assert_never

from tui.cli.exit_code import ExitCode
from tui.domain.error import (
    ConfigError,
    ConnectError,
    EndpointError,
    KeyMissingError,
    RefusedError,
    RilletError,
    StoreError,
)
from tui.domain.turn import Turn, TurnState


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
        case EndpointError(kind="auth"):
            return ExitCode.KEY
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
