"""Which dialects an endpoint speaks, found out by asking with nothing: such a request is refused, and costs no token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import NamedTuple

from tui.domain.endpoint import Endpoint, Secret
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import RilletError
from tui.net.address import check_base_url, places_of, url_at, vendor_of
from tui.net.attempt import Attempt, LostError
from tui.net.client import Client, headers_for
from tui.net.watch import QuietError, Watch
from tui.wire.dialect import dialect_named

_ABSENT = (404, 405, 501)
_UNTOLD = (401, 403, 407, 502, 503)
_BUSY = 429
_TRIES = 3
_PAUSE, _LONGEST_PAUSE = 0.5, 2.0
"""Seconds before an endpoint is asked again that was asked too much, where it does not say, and at most."""
_READ_BYTES = 8192
_OWN: dict[str, DialectName] = {"xai": "responses", "openai": "responses", "anthropic": "messages"}
"""What the vendors speak best; they are not asked."""


class Spoken(NamedTuple):
    """Dialects, Chat Completions first: those that are spoken, and those of which an endpoint that is asked too much does not tell."""

    certain: tuple[DialectName, ...]
    untold: tuple[DialectName, ...] = ()


def vendor_dialect(base_url: str) -> DialectName | None:
    """The dialect of a vendor's own endpoint; `None` for others."""
    return _OWN.get(vendor_of(base_url))


async def spoken_dialects(client: Client, endpoint: Endpoint, key: Secret | None, *, seconds: float = 5.0) -> Spoken:
    """The dialects that are spoken at an endpoint; none where nobody answers or a key is wanted.

    One that wants a key before it looks at the path does not tell.
    """
    url = check_base_url(endpoint.base_url, allow_http=endpoint.allow_http or bool(endpoint.way.socket))
    place_before = client.places.get(url)
    untold: tuple[DialectName, ...] = ()
    for place in (place_before,) if place_before else places_of(url):
        answers = await asyncio.gather(
            *(_is_spoken(client, endpoint, key, place, name, seconds=seconds) for name in DIALECT_NAMES)
        )
        is_spoken_by = dict(zip(DIALECT_NAMES, answers, strict=True))
        untold = untold or tuple(name for name, is_spoken in is_spoken_by.items() if is_spoken is None)
        if spoken := tuple(name for name, is_spoken in is_spoken_by.items() if is_spoken):
            return Spoken(spoken, tuple(name for name, is_spoken in is_spoken_by.items() if is_spoken is None))
    return Spoken((), untold)


async def _is_spoken(
    client: Client, endpoint: Endpoint, key: Secret | None, place: str, name: DialectName, *, seconds: float
) -> bool | None:
    """Whether a place answers an empty request of a dialect as one that it knows: refused, but not for its path.

    One that was asked too much at once has not told: it is asked again, and at last `None` says that it never did.
    """
    for _ in range(_TRIES):
        answer = await _answer(client, endpoint, key, place, name, seconds=seconds)
        if isinstance(answer, bool):
            return answer
        await asyncio.sleep(answer)
    return None


async def _answer(
    client: Client, endpoint: Endpoint, key: Secret | None, place: str, name: DialectName, *, seconds: float
) -> bool | float:
    """Whether the dialect is spoken there, or in how many seconds that may be asked again."""
    dialect = dialect_named(name)
    watch = Watch()
    attempt = Attempt(
        client,
        "POST",
        url_at(place, dialect.path),
        headers_for(endpoint, key, dialect, is_stream=False, has_body=True),
        b"{}",
        watch=watch,
        connect=seconds,
        first_byte=seconds,
        keeps_alive=endpoint.keeps_alive,
        way=endpoint.way,
    )
    try:
        head = await attempt.open(time.monotonic, time.monotonic())
        if head.status == _BUSY:
            return _pause(head.headers)
        if head.status not in _ABSENT:
            return head.status not in _UNTOLD and (200 <= head.status < 300 or head.status >= 400)
        watch.start("tail", seconds)
        body = bytearray()
        while len(body) < _READ_BYTES and (data := await attempt.read()):
            body += data
        return (
            head.status == 404 and b"model" in body.lower()
        )  # the path is known: the model, which was not named, is not
    except (LostError, QuietError, RilletError):
        return False
    finally:
        await watch.close()
        await attempt.close()


def _pause(headers: Mapping[str, str]) -> float:
    wait = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return min(float(wait), _LONGEST_PAUSE) if wait.isdecimal() else _PAUSE
