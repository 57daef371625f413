"""The limits of the wire, in one table: the other side is hostile until it has proved otherwise."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """How much of anything is taken; at a limit the reply stops, keeps what came and says which limit."""

    header_bytes: int = 64 << 10
    line_bytes: int = 4_000_000
    frame_bytes: int = 8_000_000
    json_depth: int = 64
    integer_digits: int = 20
    reply_chars: int = 8_000_000
    """Text, reasoning and refusal together; and, counted apart, the items kept to be echoed."""
    arguments_chars: int = 1_000_000
    """The arguments of one tool call."""
    calls: int = 64
    citations: int = 1000
    items: int = 4096
    """Output items, and their parts, of the Responses dialect."""
    body_bytes: int = 64_000_000
    """All of one response, whatever it says: a tape has an end."""
    error_body_bytes: int = 64 << 10
    bad_frames_in_a_row: int = 20
    expansion: int = 100
    """How many times larger than on the wire a compressed reply may be, once it is larger than `expanded_bytes`."""
    expanded_bytes: int = 256 << 10


LIMITS = Limits()
"""The table in force."""

TAPE_LIMITS = Limits(body_bytes=4 << 30)
"""What is read from a disk costs nobody a connection: it may be long."""
