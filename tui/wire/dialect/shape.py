"""What a dialect is: all that the rest of the program needs to know of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from tui.wire.limit import LIMITS, Limits

if TYPE_CHECKING:
    from tui.domain.endpoint_word import DialectName
    from tui.domain.request import ReplySchema, Request
    from tui.wire.decoder import Decoder
    from tui.wire.teller import Teller

FrameWords = tuple[str, str]
"""What a frame is, in a word (`text`, `thinking`, `arguments`, `usage`, `finish`, `error`, ...), and its gist."""


class MakeTeller(Protocol):
    """Makes a teller of a dialect."""

    def __call__(self, model: str, *, with_usage: bool) -> Teller:
        """A teller for one reply of that model; without usage it tells none."""


class Dialect(Struct, frozen=True):
    """One streaming API: where it is reached, how to ask and how to understand the answer.

    Attributes:
        name: As settings and the command line call it.
        title: As people call it.
        path: Appended to an endpoint's base URL.
        encode: Makes the JSON body of a request.
        make_decoder: Makes what reads one reply; see `decoder`.
        make_teller: Makes what tells a reply as an endpoint would; see `teller`.
        describes: Says what the JSON of a frame is, for the wire pane.
        recognises: Whether the JSON of a frame, with the frame's event, is of this dialect and of no other.
        schema_of: Finds the schema that a request's body asks for.
        prompt_of: Finds the last thing a person said in a request's body; `None` where it is of another dialect.
        without_items: Takes out of a body what the endpoint ran itself, for one that refuses it back; `None` where
            nothing of that is in it.
        options: The options of a conversation that it takes.
        server_tool: Writes the tool of that name that the endpoint runs itself, with the fields that are set for it, for
            a request; `None` where the dialect has no such tools.
        key_header: The header that carries the key, and what stands before the key in it.
        headers: What goes with every request.
        framing: How the stream is cut into frames.
        limit_field: What the limit of output tokens is called.
        may_rename_limit: Whether endpoints differ in what they call it.
        body_headers: The headers that go with a body, beside those that go with every one.
        has_approvals: Whether an endpoint may ask to be allowed a call at an MCP server.
        needs_done: Whether `[DONE]` belongs to the end of a stream.
    """

    name: DialectName
    title: str
    path: str
    encode: Callable[[Request], dict[str, Any]]
    make_decoder: Callable[[Limits, Sequence[str]], Decoder]
    make_teller: MakeTeller
    describes: Callable[[Mapping[str, Any]], FrameWords]
    recognises: Callable[[str, Any], bool]
    schema_of: Callable[[Mapping[str, Any]], ReplySchema | None]
    prompt_of: Callable[[Mapping[str, Any]], str | None]
    limit_field: str
    options: frozenset[str] = frozenset()
    without_items: Callable[[Mapping[str, Any]], dict[str, Any] | None] | None = None
    server_tool: Callable[[str, Mapping[str, Any]], dict[str, Any]] | None = None
    body_headers: Callable[[Mapping[str, Any]], tuple[tuple[str, str], ...]] = lambda _body: ()
    key_header: tuple[str, str] = ("authorization", "Bearer ")
    headers: tuple[tuple[str, str], ...] = ()
    framing: str = "sse"
    may_rename_limit: bool = False
    has_approvals: bool = False
    needs_done: bool = False

    @property
    def has_server_tools(self) -> bool:
        """Whether an endpoint can run tools itself in this dialect."""
        return self.server_tool is not None

    def decoder(self, limits: Limits = LIMITS, secrets: Sequence[str] = ()) -> Decoder:
        """A decoder for one reply; the values of `secrets` are masked in what it says."""
        return self.make_decoder(limits, secrets)

    def teller(self, model: str, *, with_usage: bool = True) -> Teller:
        """A teller for one reply of that model."""
        return self.make_teller(model, with_usage=with_usage)
