"""Dialects: streaming APIs, both ways. A third is one row here, and its own modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from tui.domain.endpoint import DialectName
from tui.domain.request import Request
from tui.wire.chat_reply import ChatDecoder
from tui.wire.chat_request import encode_chat
from tui.wire.decoder import Decoder
from tui.wire.limit import LIMITS, Limits
from tui.wire.responses_reply import ResponsesDecoder
from tui.wire.responses_request import encode_responses

__all__ = ["Decoder", "Dialect", "dialect_named"]


class Dialect(Struct, frozen=True):
    """One streaming API: where it is reached, how to ask and how to understand the answer.

    `path` is appended to an endpoint's base URL; `encode` makes the JSON body of a request.
    """

    name: DialectName
    path: str
    encode: Callable[[Request], dict[str, Any]]
    make_decoder: Callable[[Limits, Sequence[str]], Decoder]

    def decoder(self, limits: Limits = LIMITS, secrets: Sequence[str] = ()) -> Decoder:
        """A decoder for one reply; the values of `secrets` are masked in what it says."""
        return self.make_decoder(limits, secrets)


_DIALECTS: dict[DialectName, Dialect] = {
    "chat": Dialect("chat", "/chat/completions", encode_chat, ChatDecoder),
    "responses": Dialect("responses", "/responses", encode_responses, ResponsesDecoder),
}


def dialect_named(name: DialectName) -> Dialect:
    """The dialect of that name."""
    return _DIALECTS[name]
