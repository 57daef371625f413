"""What can be copied from the wire: the bytes that brought a frame in hex, and the request as code."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tui.domain.endpoint import Endpoint
from tui.domain.error import RilletError
from tui.domain.export_word import CodeForm
from tui.domain.tape import Read, Tape
from tui.domain.turn import Turn
from tui.page.json_lines import hex_lines
from tui.page.wire_log import WireLog
from tui.page.wire_row import WireRow
from tui.page.wire_words import is_left_out, request_text
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


def copy_of(what: str, row: WireRow, wire_log: WireLog) -> CopyText:
    """The wish to copy what a row stands for, or the bytes that brought it.

    Raises:
        RilletError: If it cannot be read.
    """
    if what == "hex":
        return CopyText(reads_as_hex(wire_log.reads_of(row)), "the reads in hex")
    return CopyText(wire_log.text(row), "the frame")


async def copy_request(what: str, turn: Turn, chat: Chat) -> None:
    """Copy the request of a turn as code, or as it is; that of a long conversation is put together beside the screen."""
    replies, endpoints = chat.conversation.replies, [*chat.program.endpoints.values()]
    try:
        tape = replies.tape_since(turn)[0]
        if tape.request is not None and is_left_out(tape.request):
            chat.say("the request is put together …")
        tape = replace(tape, request=await replies.gather_request(turn))
        if what in FORMS:
            chat.post_message(CopyText(await to_thread(code_of, tape, what, endpoints), f"the request as {what}"))
        elif tape.request is not None:
            chat.post_message(CopyText(await to_thread(request_text, tape.request), "the request"))
    except RilletError as error:
        chat.say(error.in_full, "warning")
