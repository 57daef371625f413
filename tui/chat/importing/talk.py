"""What another program kept of a conversation, before it becomes turns: messages, each under the one it follows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.request import ReplySchema
from tui.domain.session import NO_TIME
from tui.domain.usage import Usage

Role = Literal["system", "user", "assistant", "tool", "hidden"]

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


def role_of(word: object, other: Role = "hidden") -> Role:
    """A role by the word that nearly all programs have for it; another where it is none."""
    return _ROLES.get(word, other) if isinstance(word, str) else other


class Called(Struct, frozen=True):
    """A tool call; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str = "{}"


class Said(Struct, frozen=True):
    """One message; a hidden one says nothing, but others may follow it.

    Times are seconds of the wall clock, `NO_TIME` where the program kept none; `latency`, `duration` and `pondered`
    are lengths of time in seconds. `finish` is the finish reason, `error` what went wrong, in the program's words.
    """

    id: str
    role: Role
    above: str | None = None
    text: str = ""
    thoughts: tuple[str, ...] = ()
    images: tuple[ImagePart, ...] = ()
    calls: tuple[Called, ...] = ()
    results: tuple[ToolResultPart, ...] = ()
    refusal: str = ""
    citations: tuple[tuple[str, str], ...] = ()
    schema: ReplySchema | None = None
    model: str = ""
    endpoint: str = ""
    response_id: str = ""
    at: float = NO_TIME
    latency: float | None = None
    duration: float | None = None
    pondered: float | None = None
    usage: Usage | None = None
    finish: str = ""
    error: str = ""
    was_stopped: bool = False


class Talk(Struct):
    """One conversation of another program; `id` is the same whenever it is read, `leaf` the message it stands at."""

    id: str
    said: list[Said]
    title: str = ""
    system: str = ""
    model: str = ""
    endpoint: str = ""
    created_at: float = NO_TIME
    updated_at: float = NO_TIME
    leaf: str | None = None
    is_pinned: bool = False
    is_archived: bool = False
    tags: tuple[str, ...] = ()


class Block(Struct, frozen=True):
    """A piece of a message that holds several, in their order: a text, a thought, a call or the result of one."""

    text: str = ""
    thought: str = ""
    call: Called | None = None
    result: ToolResultPart | None = None


def split(whole: Said, blocks: Iterable[Block]) -> list[Said]:
    """A reply in which results of calls stand between texts, as the messages that these were: reply, results, reply.

    The last of them bears the id of the whole.
    """
    pieces: list[list[Block]] = [[]]
    for block in blocks:
        last = pieces[-1]
        if last and (last[-1].result is None) != (block.result is None):
            pieces.append(last := [])
        last.append(block)
    said: list[Said] = []
    above = whole.above
    for number, piece in enumerate(pieces, 1):
        is_last = number == len(pieces)
        name = whole.id if is_last else f"{whole.id}/{number}"
        one = replace(whole, id=name, above=above) if is_last else Said(name, "assistant", above, at=whole.at)
        if piece and piece[0].result is not None:
            results = tuple(block.result for block in piece if block.result is not None)
            said.append(replace(one, role="tool", results=results))
        else:
            texts = [block.text for block in piece if block.text]
            thoughts = tuple(block.thought for block in piece if block.thought)
            calls = tuple(block.call for block in piece if block.call is not None)
            said.append(
                replace(
                    one,
                    text="\n\n".join([*texts, one.text] if one.text else texts),
                    thoughts=(*thoughts, *one.thoughts),
                    calls=(*calls, *one.calls),
                    model=whole.model,
                    endpoint=whole.endpoint,
                )
            )
        above = name
    return said


def in_a_row(said: Iterable[Said]) -> list[Said]:
    """Messages that follow one another, each under the one before, whatever their ids; two with the same are told apart."""
    row: list[Said] = []
    taken: set[str] = set()
    for number, one in enumerate(said, 1):
        name = one.id if one.id and one.id not in taken else f"{one.id}#{number}"
        taken.add(name)
        row.append(replace(one, id=name, above=row[-1].id if row else None))
    return row
