"""The list of models an endpoint offers."""

from __future__ import annotations

import time

import msgspec.structs

from tui.domain.endpoint import Endpoint, Secret
from tui.domain.error import ConnectError, ErrorKind, FrameError, LimitError, RefusedError, RilletError
from tui.domain.model import Model
from tui.domain.quantity import describe_seconds, describe_size
from tui.domain.tape import Head
from tui.net.address import base_url_hint, check_base_url, host_of, places_of, url_at
from tui.net.attempt import Attempt, LostError
from tui.net.client import Client, headers_for
from tui.net.key import key_name
from tui.net.key_mask import is_placeholder
from tui.net.watch import QuietError, Watch
from tui.wire.compression import Inflater
from tui.wire.dialect import dialect_named
from tui.wire.error_body import read_refusal
from tui.wire.json_text import parse_json
from tui.wire.limit import LIMITS
from tui.wire.model_list import read_models

_LIST_BYTES = 4_000_000


async def fetch_models(client: Client, endpoint: Endpoint, key: Secret | None, *, seconds: float = 20.0) -> list[Model]:
    """Fetch the models an endpoint offers, in its own order.

    `/language-models` is asked first: where it exists (at xAI) it knows prices and modalities. `/models` then adds
    what only it knows, and is all there is elsewhere.

    Args:
        client: Whose connections are used.
        endpoint: Where to ask.
        key: Sent to that origin only.
        seconds: How long a list may take.

    Raises:
        RilletError: If there is no list, or what came is none.
    """
    is_here = endpoint.allow_http or bool(endpoint.way.socket)
    base_url = check_base_url(endpoint.base_url, allow_http=is_here)
    *first, last = places_of(client.places.get(base_url, base_url))
    for place in first:  # without a path of its own, it is looked for below /v1
        try:
            models = await _fetch_at(place, client, endpoint, key, seconds)
        except FrameError:
            continue
        except RefusedError as error:
            if error.status not in (404, 405):
                raise
            continue
        client.places[base_url] = place
        return models
    return await _fetch_at(last, client, endpoint, key, seconds)


async def _fetch_at(
    base_url: str, client: Client, endpoint: Endpoint, key: Secret | None, seconds: float
) -> list[Model]:
    fetch = _Fetch(client, endpoint, key, base_url, seconds)
    detailed = [] if endpoint.is_local else await fetch.models_or_none("/language-models")
    if not detailed:
        return await fetch.models("/models")
    return _merged(detailed, await fetch.models_or_none("/models"))


def _merged(detailed: list[Model], plain: list[Model]) -> list[Model]:
    """The first list, with what only the second knows; then whatever only the second names."""
    others = {model.id: model for model in plain}
    merged = []
    for model in detailed:
        other = others.pop(model.id, None)
        if other is not None and model.context is None:
            model = msgspec.structs.replace(model, context=other.context)  # noqa: PLW2901 - the same model, completed
        merged.append(model)
    return merged + list(others.values())


class _Fetch:
    """Asks for lists."""

    def __init__(self, client: Client, endpoint: Endpoint, key: Secret | None, base_url: str, seconds: float) -> None:
        self._client, self._endpoint, self._key = client, endpoint, key
        self._base_url, self._host, self._seconds = base_url, host_of(base_url), seconds

    async def models_or_none(self, path: str) -> list[Model]:
        """The list under a path; empty where there is none, whatever the reason, but not where nobody answers."""
        try:
            head, body = await self._get(path)
            return self._read(head, body) if head.status == 200 else []
        except ConnectError:
            raise
        except RilletError:
            return []

    async def models(self, path: str) -> list[Model]:
        """The list under a path."""
        head, body = await self._get(path)
        if head.status == 404:  # as most are that have none: what they say of it is not looked at
            raise self._no_list(head.status, "not_found")
        if head.status != 200:
            own = [secret.reveal() for secret in ((self._key,) if self._key else ()) + self._endpoint.secrets]
            secrets = [each for each in own if not is_placeholder(each)]
            error = read_refusal(
                head,
                body[: LIMITS.error_body_bytes],
                secrets=secrets,
                key_name=key_name(self._endpoint, self._key),
                has_key=bool(own),
                host=self._host,
            )
            raise self._no_list(head.status, error.kind) if head.status == 405 else error
        return self._read(head, body)

    def _no_list(self, status: int, kind: ErrorKind) -> RefusedError:
        hint = base_url_hint(self._base_url) or "Is the base URL right? A model can be named without a list."
        return RefusedError(f"{self._host} has no list of models.", hint, kind=kind, status=status)

    def _read(self, head: Head, body: bytes) -> list[Model]:
        if _is_page(head, body):
            raise FrameError(
                f"{self._host} answers with a web page instead of a list of models.",
                base_url_hint(self._base_url) or "Is the base URL right? Does this network ask you to log in?",
            )
        try:
            models = read_models(parse_json(body.decode("utf-8", "replace")), self._endpoint.name)
        except FrameError as error:
            raise FrameError(f"The list of models from {self._host} cannot be read.", error.message) from error
        if not models:
            raise FrameError(f"{self._host} lists no models.", "Name one yourself.")
        return models

    async def _get(self, path: str) -> tuple[Head, bytes]:
        watch = Watch()
        attempt = Attempt(
            self._client,
            "GET",
            url_at(self._base_url, path),
            headers_for(
                self._endpoint, self._key, dialect_named(self._endpoint.dialect), is_stream=False, has_body=False
            ),
            None,
            watch=watch,
            connect=min(self._seconds, self._endpoint.deadlines.connect),
            first_byte=self._seconds,
            keeps_alive=self._endpoint.keeps_alive,
            way=self._endpoint.way,
        )
        try:
            head = await attempt.open(time.monotonic, time.monotonic())
            inflater = Inflater(head.headers.get("content-encoding", ""))
            watch.start("tail", self._seconds)
            body = bytearray()
            while data := await attempt.read():
                for piece in inflater.feed(data):
                    body += piece
                if len(body) > _LIST_BYTES:
                    raise LimitError(
                        f"The list of models from {self._host} is longer than {describe_size(_LIST_BYTES)}.",
                        limit="list_bytes",
                    )
        except LostError as lost:
            raise lost.error from lost
        except QuietError as quiet:
            seconds = describe_seconds(quiet.quiet.seconds)
            raise ConnectError(f"No list of models came from {self._host} within {seconds}.") from quiet
        finally:
            await watch.close()
            await attempt.close()
        return head, bytes(body)


def _is_page(head: Head, body: bytes) -> bool:
    return "html" in head.headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"
