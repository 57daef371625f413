"""The request of an exchange as it is sent: where to, in which dialect, with what body; and anew where it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from tui.domain.delta import LEFT_OUT, IdentityDelta, OddityDelta
from tui.domain.endpoint import Endpoint
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import RefusedError
from tui.domain.request import Request
from tui.net.address import base_url_hint, check_base_url, host_of, origin_of, places_of, url_at
from tui.net.body import REFUSABLE, REFUSED_LIMIT, UNASKED, cache_headers, make_body, rename_limit
from tui.net.client import Client
from tui.wire.dialect import dialect_named

OTHER_DIALECT: dict[DialectName, DialectName] = {"chat": "responses", "responses": "chat", "messages": "chat"}
"""What is tried where nothing is at the path of a dialect."""


class Asking:
    """What is asked, and how it is asked again.

    Attributes:
        endpoint: The endpoint, with the dialect that is spoken now.
        request: What is asked.
        dialect: The dialect that is spoken now.
        url: Where the request goes.
        body: What it says.
        extra_headers: The headers that tell a cache one conversation from another.
        host: The host, for sentences.
        origin: Whose key it is.
        untold: What was left out or changed, until somebody is told.
    """

    def __init__(
        self, client: Client, endpoint: Endpoint, request: Request, encoded: Mapping[str, Any] | None = None
    ) -> None:
        """Ask an endpoint; `encoded` is what its dialect makes of the request, where that was done already.

        Raises:
            ConfigError: If its base URL cannot be used.
        """
        is_here = endpoint.allow_http or bool(endpoint.way.socket)
        self._base_url = check_base_url(endpoint.base_url, allow_http=is_here)
        self.host, self.origin = host_of(self._base_url), origin_of(self._base_url)
        self.request = request
        self.untold: list[OddityDelta | IdentityDelta] = []
        self._client = client
        self._places = list(places_of(client.places.get(self._base_url, self._base_url)))
        self._asked_first = endpoint.dialect
        self._speak(endpoint, encoded)

    def _speak(self, endpoint: Endpoint, encoded: Mapping[str, Any] | None = None) -> None:
        """Make the request in the dialect of an endpoint."""
        self.endpoint, self.dialect = endpoint, dialect_named(endpoint.dialect)
        self.url = url_at(self._places[0], self.dialect.path)
        fields = self._client.unknown_fields
        unknown = {*fields.get(self.origin, ()), *fields.get(self._who, ())}
        tells_progress = endpoint.is_local or self.origin in self._client.progress_tellers
        self.body = make_body(
            self.dialect, endpoint, self.request, unknown, tells_progress=tells_progress, encoded=encoded
        )
        self.extra_headers = cache_headers(self.dialect, endpoint, self.request)

    @property
    def _who(self) -> str:
        """The model at its origin, of which some refuse what others take."""
        return f"{self.origin} {self.request.model}"

    def keep_place(self) -> None:
        """The endpoint answered there: it is asked there from now on."""
        if self._places[0] != self._base_url:
            self._client.places[self._base_url] = self._places[0]

    def try_place(self) -> bool:
        """Ask at the next place where the API may be, where the base URL has no path; whether there is one."""
        if len(self._places) < 2:
            return False
        del self._places[0]
        self._speak(self.endpoint)
        return True

    def speaks_neither(self, error: RefusedError) -> RefusedError:
        """The first refusal, which is about what was meant, and which dialect is left to try."""
        left = next((name for name in DIALECT_NAMES if name not in (self.dialect.name, self._asked_first)), None)
        if left is not None:
            paths = f"{dialect_named(self._asked_first).path} nor {self.dialect.path}"
            error.hint = (
                f"Neither {paths} is there: --dialect {left} asks at {dialect_named(left).path}. Is the base URL right?"
            )
        return error

    def try_other(self, error: RefusedError) -> None:
        """Nothing is at this dialect's path: ask in the other one, once; what the endpoint would run itself is left out."""
        other = OTHER_DIALECT[self.dialect.name]
        error.hint = base_url_hint(self._base_url) or error.hint
        words = f"{self.host} has nothing at {self.dialect.path}: it was asked at {dialect_named(other).path} instead"
        if self.request.server_tools:
            words += ", without the tools that it would run itself"
        self.request = replace(self.request, server_tools=())
        self.untold += [OddityDelta(LEFT_OUT, words), IdentityDelta(dialect=other)]
        self._speak(replace(self.endpoint, dialect=other))

    def leave_out(self, said: bytes) -> str:
        """Take out of the body what the endpoint says it does not take; the name of that, empty where it is not ours to take.

        What a model refuses is not sent to it again, and that it was left out is told.
        """
        for name, pattern in REFUSABLE.items():
            if name in self.body and pattern.search(said):
                del self.body[name]
                where = self.origin if name in UNASKED else self._who
                self._client.unknown_fields.setdefault(where, set()).add(name)
                if name not in UNASKED:
                    words = f"{self.request.model} does not take {name}: it was asked again without"
                    self.untold.append(OddityDelta(LEFT_OUT, words))
                return name
        if self.dialect.may_rename_limit and (name := self._rename_limit(said)):
            return name
        if self.dialect.without_items is not None and (body := self.dialect.without_items(self.body)) is not None:
            self.body = body
            words = f"{self.host} does not take back what it ran itself: it was asked again without"
            self.untold.append(OddityDelta(LEFT_OUT, words))
            return "items"
        return ""

    def _rename_limit(self, said: bytes) -> str:
        """Call the token limit by its other name where the endpoint does not know this one; the name that it had."""
        for name, pattern in REFUSED_LIMIT.items():
            if name in self.body and pattern.search(said):
                fields = self._client.unknown_fields.setdefault(self._who, set())
                if other := rename_limit(self.body, name, fields):
                    fields.add(name)
                    words = f"{self.request.model} does not take {name}: it was asked again with {other}"
                    self.untold.append(OddityDelta(LEFT_OUT, words))
                    return name
        return ""
