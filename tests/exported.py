"""Exports in one piece, for tests that look at all of one."""

from collections.abc import Iterable

from tui.chat.export_tape import case_pieces, har_pieces, sse_pieces
from tui.domain.tape import Tape


def as_sse(tape: Tape) -> bytes:
    """The raw stream of a tape."""
    return b"".join(sse_pieces(tape))


def as_har(tapes: Iterable[Tape]) -> str:
    """Tapes as an HTTP archive."""
    return "".join(har_pieces(tapes))


def as_case(tape: Tape) -> str:
    """A tape as a case for a test."""
    return "".join(case_pieces(tape))
