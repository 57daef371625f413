"""Requests on tape: each says what it shares with that of the turn above, and holds only what is new.

A request repeats the whole conversation. Written whole, the requests of a session would grow with the square of its length.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tui.domain.error import StoreError
from tui.domain.tape import HIDDEN_KEY, SentRequest
from tui.store.connection import Connection
from tui.store.string_pool import from_json, keep_record, put_long_strings_by, to_json, unpack_record

LOST = "(this text could not be read: the sessions file was damaged)"
"""What stands in a request for a text that is gone."""

T = TypeVar("T")

_TOGETHER = 128
"""Entries, or requests that others refer to, that are read in one step."""

_LISTS = ("messages", "input")
"""Where the conversation stands in a body, in either dialect."""

_CREDENTIALS = {"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"}


_NAMES = {
    "frame": "f",
    "name": "k",
    "base": "b",
    "shared": "n",
    "items": "i",
    "at": "t",
    "count": "c",
    "sums": "s",
    "skip": "d",
    "more": "m",
}


EDGE = 1024
"""In so many characters at the beginning and at the end of a saved request is all but its entries."""

_EDGES = "SELECT substr(request, 1, ?2), substr(request, -?2) FROM tape WHERE turn_id = ?1"
_ITEMS, _BEHIND = '"i":[', '],"t":'


class Packed(Struct, frozen=True, rename=_NAMES):
    """A request as it is saved.

    Attributes:
        frame: The digest of all but the conversation, which is mostly as in the turn above, and kept once.
        name: Where in the body the conversation stands; empty where there is none.
        base: The turn whose request begins as this one does; empty where there is none.
        shared: So many entries of the conversation are those of `base`.
        items: The entries that follow on those.
        at: When it was sent.
        count: How many entries there are in all.
        sums: A digest of all entries, and one of all but the last: by these the next request sees what it shares.
        skip: Where entries of `base` go on that stand after those that are shared, where some between are left out.
        more: How many those are.
    """

    frame: str
    name: str
    base: str
    shared: int
    items: list[Any]
    at: str
    count: int = 0
    sums: tuple[str, str] = ("", "")
    skip: int = 0
    more: int = 0


def pack_request(connection: Connection, session_id: str, turn_id: str, request: SentRequest) -> tuple[str, int]:
    """A request as JSON text.

    Returns:
        The text, and how many bytes were added to the database by it.
    """
    body = dict(request.body)
    name = next((each for each in _LISTS if isinstance(body.get(each), list | tuple)), "")
    items = list(body[name]) if name else []
    if name:
        body[name] = None  # it keeps its place
    frame, added = keep_record(connection, session_id, [request.method, request.url, harmless(request.headers), body])
    sums = _sums(items)
    base, shared, skip, more = _base(connection, turn_id, name, items, sums)
    new, grown = put_long_strings_by(connection, session_id, items[shared + more :])
    ends = (sums[-1], sums[-2] if items else "")
    packed = Packed(frame, name, base, shared, [], request.sent_at, len(items), ends, skip, more)
    text = to_json({**msgspec.to_builtins(packed), _NAMES["items"]: new})
    return text, added + grown + len(text.encode())


def unpack_request(connection: Connection, session_id: str, text: str, most: int | None = None) -> SentRequest:
    """The request that was packed, in this form or as one whole record.

    Where its conversation has more than `most` entries, `None` stands in the place of that: to put it together takes long.

    Raises:
        StoreError: If it is not one: the file is damaged.
    """
    return _drained(unpacking(connection, session_id, text, most))


def _drained(steps: Generator[None, None, T]) -> T:
    """What steps come to that are taken one right after the other."""
    while True:
        try:
            next(steps)
        except StopIteration as last:
            result: T = last.value
            return result


def unpacking(
    connection: Connection, session_id: str, text: str, most: int | None = None
) -> Generator[None, None, SentRequest]:
    """The same in steps of some milliseconds, between which others have their turn."""
    record = from_json(text)
    if isinstance(record, list):
        return SentRequest(*unpack_record(connection, session_id, text, LOST))
    try:
        packed = msgspec.convert(record, Packed)
        method, url, headers, body = unpack_record(connection, session_id, _kept(connection, session_id, packed), LOST)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise StoreError("a saved request cannot be read: the sessions file is damaged") from error
    if packed.name and (most is None or packed.count <= most):
        body[packed.name] = yield from _items(connection, session_id, packed)
    return SentRequest(method, url, headers, body, packed.at)


def is_whole(text: str) -> bool:
    """Whether a saved request holds the whole conversation, as all once did."""
    return text.startswith("[")


def base_of(text: str) -> str:
    """The turn that a saved request refers to; empty where it stands by itself."""
    record = from_json(text)
    return str(record.get("b", "")) if isinstance(record, dict) else ""


def harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without those that let someone in; none should hold a key here, and none does."""
    return {name: value for name, value in headers.items() if value == HIDDEN_KEY or name.lower() not in _CREDENTIALS}


def _sums(items: list[Any]) -> list[str]:
    """A digest for no entry, the first, the first two, and so on."""
    from tui.domain.digest import blake2b  # which a start does not need

    sums = [""]
    so_far = blake2b(digest_size=12)
    for item in items:
        try:
            said = msgspec.json.encode(item)
        except (TypeError, ValueError, UnicodeEncodeError):
            said = to_json(item).encode()
        so_far.update(b"%d:" % len(said))
        so_far.update(said)
        sums.append(so_far.hexdigest())
    return sums


_Shared = tuple[str, int, int, int]
"""A turn, how many entries at the beginning are its request's, where its request goes on, and for how many entries."""

_NOTHING: _Shared = ("", 0, 0, 0)


def _base(connection: Connection, turn_id: str, name: str, items: list[Any], sums: list[str]) -> _Shared:
    """The nearest turn above with a request, and what this request shares with that."""
    above = _parent(connection, turn_id)
    passed = {turn_id}
    while name and above is not None and above not in passed:
        passed.add(above)
        row = connection.row(_EDGES, above, EDGE)
        if row is not None:
            if is_whole(row[0]):
                return _NOTHING
            try:
                packed = _without_items(*row)
                if packed.name != name:
                    return _NOTHING
                for shared, total in ((packed.count, packed.sums[0]), (packed.count - 1, packed.sums[1])):
                    if 0 < shared < len(sums) and sums[shared] == total:
                        return above, shared, 0, 0
                (text,) = connection.row("SELECT request FROM tape WHERE turn_id = ?", above) or ("",)
                packed = msgspec.convert(from_json(text), Packed)
            except (msgspec.ValidationError, StoreError):
                return _NOTHING
            return _common(connection, above, packed, items)
        above = _parent(connection, above)
    return _NOTHING


def _without_items(begin: str, end: str) -> Packed:
    """A saved request by its beginning and its end, which overlap where it is short: what it holds is not read.

    Raises:
        StoreError: If it is none.
        msgspec.ValidationError: If it is another record.
    """
    before, between, _ = begin.partition(_ITEMS)
    _, behind, after = end.rpartition(_BEHIND)
    return msgspec.convert(from_json(f"{before}{between}{behind}{after}"), Packed)


def _common(connection: Connection, above: str, packed: Packed, items: list[Any]) -> _Shared:
    """What two requests share that part further up, such as where the oldest entries are left out."""
    others = _drained(_items(connection, above.rpartition(".")[0], packed))
    start = _run(others, items, 0, 0)
    skip = next((at for at in range(start, len(others)) if start < len(items) and others[at] == items[start]), -1)
    more = _run(others, items, skip, start) if skip >= 0 else 0
    return (above, start, max(skip, 0), more) if start or more else _NOTHING


def _run(others: list[Any], items: list[Any], first: int, second: int) -> int:
    """How many entries are the same from two places on."""
    count = 0
    while (
        first + count < len(others) and second + count < len(items) and others[first + count] == items[second + count]
    ):
        count += 1
    return count


def _parent(connection: Connection, turn_id: str) -> str | None:
    row = connection.row("SELECT parent FROM turn WHERE id = ?", turn_id)
    return None if row is None else row[0]


def _kept(connection: Connection, session_id: str, packed: Packed) -> str:
    row = connection.row("SELECT text FROM kept WHERE session_id = ? AND digest = ?", session_id, packed.frame)
    return '["","",{},{}]' if row is None else str(row[0])


def _items(connection: Connection, session_id: str, packed: Packed) -> Generator[None, None, list[Any]]:
    """The whole conversation of a request, from the requests it refers to."""
    chain = [packed]
    while (at := chain[-1]).base and (at.shared or at.more):
        row = connection.row("SELECT request FROM tape WHERE turn_id = ?", at.base)
        text = "" if row is None else str(row[0])
        try:
            chain.append(msgspec.convert(from_json(text), Packed))
        except (StoreError, msgspec.ValidationError):  # what it refers to is lost: the rest of it is not
            chain.append(Packed("", "", "", 0, [LOST] * max(at.shared, at.skip + at.more), ""))
        if len(chain) % _TOGETHER == 0:
            yield
    items: list[Any] = []
    for each in reversed(chain):
        again = items[each.skip : each.skip + each.more] if each.more else []
        del items[each.shared :]
        items += again
        items += each.items
    whole: list[Any] = []
    for start in range(0, len(items), _TOGETHER):
        whole += unpack_record(connection, session_id, to_json(items[start : start + _TOGETHER]), LOST)
        yield
    return whole
