"""What can be copied from the wire: the bytes that brought a frame in hex, and the request as code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tui.domain.endpoint import Endpoint
from tui.domain.export_word import CodeForm
from tui.domain.tape import Read, Tape
from tui.domain.turn import Turn
from tui.page.json_lines import hex_lines
from tui.page.wire_log import WireLog
from tui.page.wire_row import WireRow
from tui.ui.host import Chat
from tui.ui.transcript import CopyText

FORMS: dict[str, CodeForm] = {
    "curl": "curl",
    "Python": "python",
    "Python with the openai SDK": "openai",
    "JavaScript": "fetch",
}
"""What a request is copied as, by the words for it."""


def reads_as_hex(reads: Sequence[Read]) -> str:
    """Reads as people look at bytes, each under its time."""
    parts: list[str] = []
    for read in reads:
        parts += [f"read at {read.at:.6f} s, {len(read.data):,} bytes", *hex_lines(read.data), ""]
    return "\n".join(parts)


def code_of(tape: Tape, words: str, endpoints: Iterable[Endpoint]) -> str:
    """The request of a tape as code, its key a variable.

    Raises:
        ConfigError: If nothing was sent.
    """
    from tui.chat.export_code import request_code

    return request_code(tape, FORMS[words], endpoints)


def _asked(chat: Chat, turn: Turn) -> Tape:
    """The tape of a turn with all of its request, and no reads."""
    replies = chat.conversation.replies
    return replace(replies.tape_since(turn)[0], request=replies.request(turn))


def copy_of(what: str, row: WireRow, wire_log: WireLog, turn: Turn, chat: Chat) -> CopyText:
    """The wish to copy what a frame said, the bytes that brought it, or the request as code.

    Raises:
        RilletError: If it cannot be read.
    """
    match what:
        case "frame":
            return CopyText(wire_log.text(row), "the frame")
        case "hex":
            return CopyText(reads_as_hex(wire_log.reads_of(row)), "the reads in hex")
        case _:
            return CopyText(
                code_of(_asked(chat, turn), what, chat.program.endpoints.values()),
                f"the request as {what}",
            )
