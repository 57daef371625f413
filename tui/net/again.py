"""An attempt that came to nothing and may be followed by another, also where a reply of status 200 tells the overload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.domain.error import (
    BrokenError,
    ConnectError,
    EndpointError,
    LimitError,
    RefusedError,
    RilletError,
    TruncatedError,
)
from tui.domain.quantity import describe_seconds
from tui.domain.tape import EndKind, Head
from tui.net.retry import Pauses, asked_wait, describe_instant, read_date

if TYPE_CHECKING:
    from tui.wire.reply import Reply


class AgainError(Exception):
    """This attempt came to nothing, and another may do better.

    `wait` is what the endpoint asks for; with a `pardon` the next attempt follows at once and is not counted,
    the first time.
    """

    def __init__(self, error: RilletError, wait: float | None = None, *, pardon: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.wait = wait
        self.pardon = pardon


def passing(error: RilletError, head: Head | None, host: str, pauses: Pauses) -> RilletError | AgainError:
    """An overload that is told inside a reply of which nothing has come is as good as one told by the status.

    Args:
        error: What the reply told.
        head: The head of the reply, which may say how long to wait.
        host: Who asks to wait.
        pauses: How long is waited at most.
    """
    if not isinstance(error, EndpointError) or not error.may_pass:
        return error
    wait = error.retry_after
    if wait is None and head is not None:
        from tui.wire.error_body import read_retry_after

        seconds, date = read_retry_after(head.headers)
        refusal = RefusedError(error.message, kind="server", status=503, retry_after=seconds, retry_after_at=date)
        wait = asked_wait(refusal, read_date(head.headers))
    if wait is not None and wait > pauses.retry_after_limit:
        error.hint = long_wait(host, wait)
        return error
    return AgainError(error, wait)


def long_wait(host: str, wait: float) -> str:
    """The sentence that a host asks to wait for longer than is waited."""
    return f"{host} asks to wait {describe_seconds(wait)}: try again at {describe_instant(wait)}."


def end_of(error: RilletError) -> EndKind:
    """How a tape says that an exchange ended which came to this error."""
    if isinstance(error, LimitError):
        return "limit"
    if isinstance(error, (BrokenError, ConnectError)):
        return "reset"
    return "eof" if isinstance(error, TruncatedError) else "refused"


def refusal_of(reply: Reply, head: Head) -> RefusedError:
    """What the body of an error status says, when all of it was read."""
    try:
        for _ in reply.close():
            pass
    except RefusedError as error:
        return error
    return RefusedError(f"The endpoint answered with status {head.status}.", kind="server", status=head.status)
