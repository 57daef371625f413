"""Tool calls of Chat Completions, put together from fragments that no two servers number alike."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from tui.domain.delta import ToolCallDelta
from tui.domain.error import FrameError, LimitError
from tui.domain.quantity import describe_size
from tui.wire.json_text import parse_json, write_json
from tui.wire.limit import Limits

_EXTRA_FIELDS = ("extra_content", "thought_signature", "provider_specific_fields")
_MOST_GUESSES = 8


class _Call(Struct):
    index: int
    id: str = ""
    name: str = ""
    fragments: list[str] = field(default_factory=list)
    size: int = 0
    guesses: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the arguments are a whole JSON object; asked a few times at most, for it costs their length."""
        if not self.fragments or self.guesses >= _MOST_GUESSES or not self.fragments[-1].rstrip().endswith("}"):
            return False
        self.guesses += 1
        try:
            return isinstance(parse_json("".join(self.fragments)), dict)
        except FrameError:
            return False


class ToolAssembly:
    """Settles which call a fragment belongs to.

    An index says so, unless another id comes with a name: that begins a new call. Without an index the
    id says so, and without an id it is the last call. A second id for a call is ignored; so is its name
    when it is repeated. Empty strings are as good as absent.
    """

    def __init__(self, limits: Limits) -> None:
        """Start with no calls."""
        self._limits = limits
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[str, _Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def lacks_arguments(self) -> bool:
        """Whether there is a call of which no argument has come."""
        return any(not call.fragments for call in self._calls)

    def add(self, fragment: dict[str, Any]) -> Iterator[ToolCallDelta]:
        """Take one fragment of a chunk's `tool_calls`.

        Raises:
            LimitError: If there are too many calls, or one has too long arguments; what fits is given first.
        """
        function = fragment.get("function")
        if not isinstance(function, dict):
            function = fragment
        given_id, name = _word(fragment.get("id")), _word(function.get("name"))
        arguments = function.get("arguments")
        text = (
            arguments
            if isinstance(arguments, str)
            else write_json(arguments)
            if isinstance(arguments, dict | list)
            else ""
        )
        call = self._find(_place(fragment.get("index")), given_id, name, text)
        is_first_id = bool(given_id) and not call.id
        if is_first_id:
            call.id = given_id
            self._by_id.setdefault(given_id, call)
        name = "" if name == call.name else name
        call.name += name
        replaces = False
        if text.lstrip().startswith("{") and call.is_whole:
            # Nothing can follow whole arguments but their like: an empty object that stood in for those to come
            # gives way, and the same told once more says nothing.
            before = "".join(call.fragments)
            if replaces := not parse_json(before):
                call.size -= len(before)
                call.fragments.clear()
            elif _says_the_same(before, text):
                text = ""
        room = self._limits.arguments_chars - call.size
        call.size += len(text) + len(name)
        if text:
            call.fragments.append(text[: max(0, room)])
        extra = {key: fragment[key] for key in _EXTRA_FIELDS if fragment.get(key)} or None
        fits = text[: max(0, room)]
        yield ToolCallDelta(call.index, given_id if is_first_id else "", name, fits, replaces=replaces, extra=extra)
        if call.size > self._limits.arguments_chars:
            raise LimitError(
                f"The arguments of the tool call {call.name[:80]!r} grew beyond {describe_size(self._limits.arguments_chars)}.",
                "The call is not run; try again.",
                limit="arguments",
            )

    def settle(self, salt: str) -> Iterator[ToolCallDelta]:
        """Give an id to each call that never got one; `salt` tells one reply from another."""
        for call in self._calls:
            if not call.id:
                whole = f"{salt}\0{call.name}\0{''.join(call.fragments)}"
                call.id = f"call_{call.index}_{zlib.crc32(whole.encode('utf-8', 'replace')):08x}"
                yield ToolCallDelta(call.index, call.id)

    def _find(self, index: int | None, given_id: str, name: str, text: str) -> _Call:
        if index is not None:
            call = self._by_index.get(index)
            if call is None or self._begins_another(call, given_id, name):
                call = self._by_index[index] = self._open()
            elif given_id and given_id != call.id and not name:
                call = self._by_id.get(given_id, call)
            return call
        if given_id:
            return self._by_id.get(given_id) or self._open()
        if not self._calls:
            return self._open()
        # Whole calls with neither index nor id follow each other in some proxies of Gemini.
        last = self._calls[-1]
        return self._open() if name and (text or name != last.name) and last.is_whole else last

    @staticmethod
    def _begins_another(call: _Call, given_id: str, name: str) -> bool:
        if not name:
            return False
        if given_id and call.id:
            return given_id != call.id
        return not given_id and name != call.name and call.is_whole

    def _open(self) -> _Call:
        if len(self._calls) >= self._limits.calls:
            raise LimitError(
                f"The model asked for more than {self._limits.calls} tool calls at once.",
                "No call is run; try again.",
                limit="calls",
            )
        call = _Call(len(self._calls))
        self._calls.append(call)
        return call


def _says_the_same(before: str, text: str) -> bool:
    try:
        return bool(parse_json(before) == parse_json(text))
    except FrameError:
        return False


def _place(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
