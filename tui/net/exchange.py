"""One exchange: a request goes out, deltas come back, and whatever goes wrong is said in a sentence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.domain.delta import LEFT_OUT, Delta, FinishDelta, IdentityDelta, OddityDelta, PromptProgressDelta, RetryDelta
from tui.domain.endpoint import Deadlines, Endpoint, Secret
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import (
    BrokenError,
    ConnectError,
    EndpointError,
    LimitError,
    RefusedError,
    RilletError,
    TruncatedError,
)
from tui.domain.joining import join_deltas
from tui.domain.quantity import describe_seconds
from tui.domain.request import Request
from tui.domain.tape import EndKind, Head, Read, Recorder, SentRequest, TapeEnd
from tui.domain.timing import Timing, is_progress
from tui.net.address import base_url_hint, check_base_url, host_of, origin_of, places_of, url_at
from tui.net.attempt import Attempt, LostError
from tui.net.body import REFUSABLE, UNASKED, cache_headers, make_body, pack_body
from tui.net.client import Client, headers_for, merge_headers, show_headers
from tui.net.fault import describe_quiet
from tui.net.key import key_name
from tui.net.key_mask import KeyMasks, is_placeholder
from tui.net.retry import PAUSES, Pauses, asked_wait, backoff, describe_instant, may_retry, read_date
from tui.net.watch import Patience, QuietError, Watch
from tui.wire.dialect import dialect_named
from tui.wire.limit import LIMITS
from tui.wire.token_limit import token_limit_of

if TYPE_CHECKING:
    from tui.wire.reply import Reply

_DRAIN_READS = 16
_LLAMA = "llama.cpp"
"""How a server calls itself that tells how far it has read a prompt, where it is asked to; others refuse to be asked."""
_OTHER_DIALECT: dict[DialectName, DialectName] = {"chat": "responses", "responses": "chat", "messages": "chat"}
"""What is tried where nothing is at the path of a dialect."""


async def exchange(
    client: Client,
    endpoint: Endpoint,
    key: Secret | None,
    request: Request,
    *,
    recorder: Recorder,
    timing: Timing,
    clock: Callable[[], float] = time.monotonic,
    is_reasoning: bool = False,
    patience: Patience | None = None,
    retries: int = 2,
    pauses: Pauses = PAUSES,
    joins: bool = True,
    falls_back: bool = True,
) -> AsyncGenerator[Delta, None]:
    """Ask for a reply, and yield its deltas as they arrive.

    Closing the generator, or cancelling the task that reads it, closes the socket at once.

    Args:
        client: Whose connections are used.
        endpoint: Where to ask.
        key: Sent to that origin only.
        request: What to ask.
        recorder: Takes the exchange down.
        timing: Kept up to date: all that happens between sending and the end.
        clock: The monotonic clock of `timing` and of the recording.
        is_reasoning: Whether the model may think long before it speaks.
        patience: Asked when a clock runs out; without it, the clock decides.
        retries: How often to send again while nothing of a reply has come.
        pauses: The other waits.
        falls_back: Whether another dialect is tried where nothing is at the path of this one.
        joins: Whether what one read brings of one text comes as one delta, and not as the endpoint cut it.

    Raises:
        RilletError: Whatever went wrong; what came before is kept by whoever took the deltas.
    """
    run = _Exchange(client, endpoint, key, request, recorder=recorder, timing=timing, clock=clock, pauses=pauses)
    run.join, run.falls_back = join_deltas if joins else list, falls_back
    if is_reasoning:
        run.think()
    attempt, forgiven, message = 0, set[str](), ""
    try:
        while True:
            try:
                async with aclosing(run.deltas(patience)) as deltas:
                    async for delta in deltas:
                        yield delta
            except _AgainError as again:
                if again.pardon and again.pardon not in forgiven:
                    forgiven.add(again.pardon)
                    continue
                if attempt >= retries:
                    raise again.error from again
                attempt += 1
                wait = backoff(attempt, pauses) if again.wait is None else again.wait
                if asyncio.get_running_loop().time() + wait >= run.ends_at:
                    raise again.error from again
                retry = RetryDelta(attempt, retries, wait, again.error.message)
            else:
                run.end = "eof" if run.end == "stopped" else run.end
                return
            yield retry
            await asyncio.sleep(wait)
    except RilletError as error:
        message = error.message
        run.end = _end_of(error) if run.end == "stopped" else run.end
        raise
    finally:
        recorder.ended(TapeEnd(max(0.0, clock() - run.sent_at), run.end, message))


class _AgainError(Exception):
    """This attempt came to nothing, and another may do better.

    `wait` is what the endpoint asks for; with a `pardon` the next attempt follows at once and is not counted,
    the first time.
    """

    def __init__(self, error: RilletError, wait: float | None = None, *, pardon: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.wait = wait
        self.pardon = pardon


class _Exchange:
    """What one exchange needs in each of its attempts."""

    def __init__(
        self,
        client: Client,
        endpoint: Endpoint,
        key: Secret | None,
        request: Request,
        *,
        recorder: Recorder,
        timing: Timing,
        clock: Callable[[], float],
        pauses: Pauses,
    ) -> None:
        is_here = endpoint.allow_http or bool(endpoint.way.socket)
        self._base_url = check_base_url(endpoint.base_url, allow_http=is_here)
        self._host, self._origin = host_of(self._base_url), origin_of(self._base_url)
        self._client, self._endpoint, self._key = client, endpoint, key
        self._recorder, self._timing, self._clock, self._pauses = recorder, timing, clock, pauses
        self._places = list(places_of(client.places.get(self._base_url, self._base_url)))
        self._model = request.model
        self._request = request
        self._asked_first = endpoint.dialect
        self._speak(endpoint)
        self._refusal: RefusedError | None = None
        self._head: Head | None = None
        self._left_out: list[OddityDelta | IdentityDelta] = []
        own = [secret.reveal() for secret in ((key,) if key else ()) + endpoint.secrets]
        self._mask, self._secrets = KeyMasks(own), [each for each in own if not is_placeholder(each)]
        self.first_byte = endpoint.deadlines.first_byte
        self.falls_back = True
        self.join: Callable[[list[Delta]], list[Delta]] = list
        self.quiet, self._whole = endpoint.deadlines.quiet, endpoint.deadlines.whole_turn
        self._began = asyncio.get_running_loop().time()
        self.sent_at = clock()
        self.end: EndKind = "stopped"  # which it stays when the reader leaves

    def _speak(self, endpoint: Endpoint) -> None:
        """Make the request in the dialect of an endpoint."""
        self._endpoint, self._dialect = endpoint, dialect_named(endpoint.dialect)
        self._url = url_at(self._places[0], self._dialect.path)
        fields = self._client.unknown_fields
        unknown = {*fields.get(self._origin, ()), *fields.get(self._place, ())}
        tells_progress = endpoint.is_local or self._origin in self._client.progress_tellers
        self._body = make_body(self._dialect, endpoint, self._request, unknown, tells_progress=tells_progress)
        self._cache_headers = cache_headers(self._dialect, endpoint, self._request)

    def think(self) -> None:
        """Be as patient as models need that think before they speak."""
        limits = self._endpoint.deadlines
        self.first_byte, self.quiet = limits.first_byte_reasoning, limits.quiet_reasoning
        self._whole = limits.whole_turn_reasoning

    @property
    def ends_at(self) -> float:
        """When the whole turn must be over, on the loop's clock."""
        return self._began + self._whole

    async def deltas(self, patience: Patience | None) -> AsyncGenerator[Delta, None]:
        """One attempt.

        Raises:
            _AgainError: If it came to nothing, and asking again may help.
        """
        watch = Watch(patience, ends_at=self.ends_at, whole=self._whole)
        attempt = self._send(watch)
        try:
            head = _masked(await attempt.open(self._clock, self.sent_at), self._mask)
            self._timing.head_at = self.sent_at + head.at
            self._recorder.head(head)
            self._head = head
            if head.headers.get("server", "").lower().startswith(_LLAMA):
                self._client.progress_tellers.add(self._origin)
            from tui.wire.reply import Reply

            source = key_name(self._endpoint, self._key)
            limit = token_limit_of(self._body)
            reply = Reply(
                self._dialect, head, secrets=self._secrets, key_name=source, host=self._host, token_limit=limit
            )
            if reply.is_refusal:
                raise await self._refuse(attempt, head, reply, watch)
            if self._places[0] != self._base_url:
                self._client.places[self._base_url] = self._places[0]
            async with aclosing(self._stream(attempt, reply, watch)) as deltas:
                async for delta in deltas:
                    yield delta
        except LostError as lost:
            self.end = "stopped" if lost.may_retry else _end_of(lost.error)
            if lost.is_stale:
                self._client.unclean.add("A connection that was kept open was dropped at the next request.")
            if lost.may_retry:
                raise _AgainError(lost.error, pardon="stale" if lost.is_stale else "") from lost
            raise lost.error from lost
        except QuietError as quiet:
            error = describe_quiet(quiet.quiet, self._host)
            if quiet.quiet.phase == "connect":
                raise _AgainError(error) from quiet
            self.end = "limit" if isinstance(error, LimitError) else "quiet"
            raise error from quiet
        finally:
            await watch.close()
            await attempt.close()

    def _send(self, watch: Watch) -> Attempt:
        """Write the request down, and prepare to send it."""
        headers = headers_for(self._endpoint, self._key, self._dialect, is_stream=True, has_body=True)
        headers = merge_headers(headers + self._cache_headers, self._dialect.body_headers(self._body))
        sent_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        shown = show_headers(headers, self._endpoint, self._dialect)
        self._recorder.sent(SentRequest("POST", self._url, shown, self._body, sent_at))
        self.sent_at = self._timing.sent_at = self._clock()
        return Attempt(
            self._client,
            "POST",
            self._url,
            headers,
            pack_body(self._body, self._endpoint.values),
            watch=watch,
            connect=self._endpoint.deadlines.connect,
            first_byte=self.first_byte,
            keeps_alive=self._endpoint.keeps_alive,
            way=self._endpoint.way,
            when_sent=self._get_ready,
        )

    def _get_ready(self) -> None:
        """Load what reads the reply while the endpoint thinks: that need not be there before it is asked."""
        from tui.wire import reply

        del reply
        self._dialect.decoder()

    async def _stream(self, attempt: Attempt, reply: Reply, watch: Watch) -> AsyncGenerator[Delta, None]:
        """The body of a reply, to its end or to what ends it."""
        fault: RilletError | None = None
        pace, is_clean = _Pace(watch, self._endpoint.deadlines, self.first_byte, self.quiet, self._pauses), True
        for oddity in self._left_out:
            yield oddity
        self._left_out.clear()
        try:
            while data := await self._read(attempt):
                now = self._take(data)
                pace.begin()
                came, broken = _feed(reply, data)
                output: list[Delta] = [delta for delta in came if not isinstance(delta, FinishDelta)]
                progresses = any(map(is_progress, output))
                failure = None if broken is None or pace.has_progressed or progresses else self._passing(broken)
                if isinstance(failure, _AgainError):
                    came = output  # that it failed is no ending of this turn: it begins anew
                for delta in came:
                    self._timing.saw(delta, now)
                for delta in self.join(came):
                    yield delta
                if broken is not None:
                    raise failure or broken
                if progresses or any(map(is_progress, came)):
                    pace.progress()
                elif any(isinstance(delta, PromptProgressDelta) for delta in came):
                    watch.saw_progress()
                if reply.is_done:
                    break
                pace.follow(has_finished=reply.has_finished)
        except QuietError as quiet:
            if not pace.has_begun or (quiet.quiet.phase == "whole_turn" and not pace.is_tail):
                raise  # as at any other limit, what is unfinished stays so
            if not pace.is_tail:
                self.end, fault, is_clean = "quiet", describe_quiet(quiet.quiet, self._host), False
        except LostError as lost:
            if not pace.has_begun:
                raise
            self.end, is_clean = "reset", False
            if not reply.has_finished:
                fault = lost.error
                fault.__cause__ = lost
        for delta in self._close(reply, fault, is_clean=is_clean, has_progressed=pace.has_progressed):
            yield delta
        if reply.is_done and self._endpoint.keeps_alive:
            await self._drain(attempt, watch)

    def _close(
        self, reply: Reply, fault: RilletError | None, *, is_clean: bool, has_progressed: bool
    ) -> Iterator[Delta]:
        """What was held back until the end; then the fault that ended the body, if any, or what is wrong with its end."""
        try:
            for delta in reply.close(clean=is_clean):
                self._timing.saw(delta, self._timing.read_at or self._clock())
                yield delta
        except (BrokenError, TruncatedError):
            if fault is None:
                raise
        except EndpointError as error:
            if has_progressed:
                raise
            raise self._passing(error) from error
        if fault is not None:
            raise fault

    async def _drain(self, attempt: Attempt, watch: Watch) -> None:
        """Take the last chunk, which is nearly always there already, so that the connection can be used again."""
        watch.start("tail", self._pauses.last_chunk)
        try:
            for _ in range(_DRAIN_READS):
                if not (data := await self._read(attempt)):
                    return
                self._take(data)
        except QuietError:
            self._client.unclean.add(
                "A reply that is over is followed by silence: its connection cannot be used again."
            )
        except LostError:
            self._client.unclean.add("The body ended short of the length that was promised, after all of the reply.")

    async def _refuse(self, attempt: Attempt, head: Head, reply: Reply, watch: Watch) -> RilletError | _AgainError:
        """Read why the endpoint says no, and decide whether to ask again."""
        from tui.wire.error_body import is_model_missing, read_retry_delay

        watch.start("tail", self._pauses.error_body)
        body = bytearray()
        try:
            while len(body) < LIMITS.error_body_bytes and (data := await self._read(attempt)):
                self._take(data)
                body += data
                for _ in reply.feed(data):
                    pass
        except (QuietError, LostError):
            pass  # what came will do
        error = _refusal(reply, head)
        if head.status in (400, 422) and (pardon := self._leave_out(bytes(body))):
            return _AgainError(error, pardon=pardon)
        if head.status in (404, 405):
            if len(self._places) > 1 and not is_model_missing(error, self._model):
                del self._places[0]  # the base URL has no path, and its `/v1` is not there
                self._speak(self._endpoint)
                return _AgainError(error, pardon="place")
            if self._refusal is not None:
                return self._speaks_neither(self._refusal)
            if self.falls_back and not is_model_missing(error, self._model):
                return self._try_other(error)
        wait = asked_wait(error, read_date(head.headers))
        if wait is None:
            wait = read_retry_delay(bytes(body))
        if wait is not None and wait > self._pauses.retry_after_limit:
            error.hint = self._long_wait(wait)
        elif may_retry(error, head.headers):
            return _AgainError(error, wait)
        return error

    def _speaks_neither(self, error: RefusedError) -> RefusedError:
        """The first refusal, which is about what was meant, and which dialect is left to try."""
        left = next((name for name in DIALECT_NAMES if name not in (self._dialect.name, self._asked_first)), None)
        if left is not None:
            paths = f"{dialect_named(self._asked_first).path} nor {self._dialect.path}"
            error.hint = (
                f"Neither {paths} is there: --dialect {left} asks at {dialect_named(left).path}. Is the base URL right?"
            )
        return error

    def _try_other(self, error: RefusedError) -> _AgainError:
        """Nothing is at this dialect's path: ask in the other one, once; what the endpoint would run itself is left out."""
        other = _OTHER_DIALECT[self._dialect.name]
        error.hint = base_url_hint(self._base_url) or error.hint
        words = f"{self._host} has nothing at {self._dialect.path}: it was asked at {dialect_named(other).path} instead"
        if self._request.server_tools:
            words += ", without the tools that it would run itself"
        self._refusal, self._request = error, replace(self._request, server_tools=())
        self._left_out += [OddityDelta(LEFT_OUT, words), IdentityDelta(dialect=other)]
        self._speak(replace(self._endpoint, dialect=other))
        return _AgainError(error, pardon="dialect")

    @property
    def _place(self) -> str:
        return f"{self._origin} {self._model}"

    def _leave_out(self, said: bytes) -> str:
        """Take out of the body what the endpoint says it does not take; the name of that, empty where it is not ours to take.

        What a model refuses is not sent to it again, and that it was left out is told.
        """
        for name, pattern in REFUSABLE.items():
            if name in self._body and pattern.search(said):
                del self._body[name]
                where = self._origin if name in UNASKED else self._place
                self._client.unknown_fields.setdefault(where, set()).add(name)
                if name not in UNASKED:
                    words = f"{self._model} does not take {name}: it was asked again without"
                    self._left_out.append(OddityDelta(LEFT_OUT, words))
                return name
        if self._dialect.without_items is not None and (body := self._dialect.without_items(self._body)) is not None:
            self._body = body
            words = f"{self._host} does not take back what it ran itself: it was asked again without"
            self._left_out.append(OddityDelta(LEFT_OUT, words))
            return "items"
        return ""

    def _passing(self, error: RilletError) -> RilletError | _AgainError:
        """An overload that is told inside a reply of which nothing has come is as good as one told by the status."""
        if not isinstance(error, EndpointError) or not error.may_pass:
            return error
        wait = error.retry_after
        if wait is None and self._head is not None:
            from tui.wire.error_body import read_retry_after

            seconds, date = read_retry_after(self._head.headers)
            refusal = RefusedError(error.message, kind="server", status=503, retry_after=seconds, retry_after_at=date)
            wait = asked_wait(refusal, read_date(self._head.headers))
        if wait is not None and wait > self._pauses.retry_after_limit:
            error.hint = self._long_wait(wait)
            return error
        return _AgainError(error, wait)

    def _long_wait(self, wait: float) -> str:
        return f"{self._host} asks to wait {describe_seconds(wait)}: try again at {describe_instant(wait)}."

    async def _read(self, attempt: Attempt) -> bytes:
        """What comes next, without the key; empty at the end."""
        while data := await attempt.read():
            if data := self._mask.feed(data):
                return data
        return self._mask.rest()

    def _take(self, data: bytes) -> float:
        """Record a read; returns its time."""
        now = self._clock()
        self._timing.read_at = now
        self._recorder.read(Read(now - self.sent_at, data))
        return now


class _Pace:
    """How long each stage of a body may take: its beginning, the reply, and what follows the finish signal."""

    def __init__(self, watch: Watch, deadlines: Deadlines, first_byte: float, quiet: float, pauses: Pauses) -> None:
        self._watch, self._deadlines, self._first_byte, self._quiet = watch, deadlines, first_byte, quiet
        self._pauses = pauses
        self.has_begun = self.has_progressed = self.is_tail = False

    def begin(self) -> None:
        """The first bytes came: until it says something, a model that thinks has the time it had to begin."""
        if not self.has_begun:
            self.has_begun = True
            self._expect(max(self._deadlines.quiet, self._first_byte), self._first_byte)

    def progress(self) -> None:
        """Something of the reply came."""
        if self.is_tail:
            return
        if self.has_progressed:
            self._watch.saw_progress()
        else:
            self.has_progressed = True
            self._expect(self._quiet, self._quiet)

    def follow(self, *, has_finished: bool) -> None:
        """The finish signal came, or what had seemed to be one was none and the reply goes on."""
        if has_finished and not self.is_tail:
            self.is_tail = True
            self._watch.start("tail", self._pauses.after_finish)
        elif self.is_tail and not has_finished:
            self.is_tail = False
            self._expect(self._quiet, self._quiet)

    def _expect(self, between_reads: float, alive: float) -> None:
        self._watch.start("between_reads", between_reads)
        self._watch.expect_progress(max(self._deadlines.alive, alive))


def _feed(reply: Reply, data: bytes) -> tuple[list[Delta], RilletError | None]:
    """What a read brings, and what breaks the reply after that, if anything."""
    came: list[Delta] = []
    try:
        came.extend(reply.feed(data))
    except RilletError as error:
        return came, error
    return came, None


def _masked(head: Head, mask: KeyMasks) -> Head:
    return replace(head, headers={name: mask.text(value) for name, value in head.headers.items()})


def _refusal(reply: Reply, head: Head) -> RefusedError:
    try:
        for _ in reply.close():
            pass
    except RefusedError as error:
        return error
    return RefusedError(f"The endpoint answered with status {head.status}.", kind="server", status=head.status)


def _end_of(error: RilletError) -> EndKind:
    if isinstance(error, LimitError):
        return "limit"
    if isinstance(error, (BrokenError, ConnectError)):
        return "reset"
    return "eof" if isinstance(error, TruncatedError) else "refused"
