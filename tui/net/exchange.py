"""One exchange: a request goes out, deltas come back, and whatever goes wrong is said in a sentence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.domain.delta import Delta, FinishDelta, PromptProgressDelta, RetryDelta
from tui.domain.endpoint import Endpoint, Secret
from tui.domain.error import (
    BrokenError,
    EndpointError,
    LimitError,
    RefusedError,
    RilletError,
    TruncatedError,
)
from tui.domain.joining import join_deltas
from tui.domain.request import Request
from tui.domain.straight import Straight
from tui.domain.tape import EndKind, Head, Recorder, SentRequest, TapeEnd
from tui.domain.timing import Timing, is_progress
from tui.net.again import AgainError, end_of, long_wait, passing, refusal_of
from tui.net.asking import Asking
from tui.net.attempt import Attempt, LostError
from tui.net.body import encode_apart, pack_apart
from tui.net.client import Client, headers_for, merge_headers, show_headers
from tui.net.fault import describe_quiet
from tui.net.key import key_name
from tui.net.key_mask import KeyMasks, is_placeholder
from tui.net.pace import Pace
from tui.net.reading import Reading, masked_head
from tui.net.retry import PAUSES, Pauses, asked_wait, backoff, may_retry, read_date
from tui.net.straight_reads import StraightReads
from tui.net.watch import Patience, QuietError, Watch
from tui.wire.limit import LIMITS
from tui.wire.token_limit import token_limit_of

if TYPE_CHECKING:
    from tui.wire.reply import Reply

_DRAIN_READS = 16
_LLAMA = "llama.cpp"
"""How a server calls itself that tells how far it has read a prompt, where it is asked to; others refuse to be asked."""


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
    straight: Straight | None = None,
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
        straight: Takes a text that comes on its own while this waits to be read on, in place of its being yielded.

    Raises:
        RilletError: Whatever went wrong; what came before is kept by whoever took the deltas.
    """
    asking = Asking(client, endpoint, request, await encode_apart(endpoint, request))
    run = _Exchange(client, asking, key, recorder=recorder, timing=timing, clock=clock, pauses=pauses)
    run.join, run.falls_back, run.straight = join_deltas if joins else list, falls_back, straight
    if is_reasoning:
        run.think()
    attempt, forgiven, message, began = 0, set[str](), "", run.sent_at
    try:
        while True:
            try:
                async with aclosing(run.deltas(patience)) as deltas:
                    async for delta in deltas:
                        yield delta
            except AgainError as again:
                if again.pardon and again.pardon not in forgiven:
                    forgiven.add(again.pardon)
                    recorder.failed(run.failure(again.error), 0.0)
                    continue
                if attempt >= retries:
                    raise again.error from again
                attempt += 1
                wait = backoff(attempt, pauses) if again.wait is None else again.wait
                if asyncio.get_running_loop().time() + wait >= run.ends_at:
                    raise again.error from again
                retry = RetryDelta(attempt, retries, wait, again.error.message)
                recorder.failed(run.failure(again.error), wait)
            else:
                run.end = "eof" if run.end == "stopped" else run.end
                return
            yield retry
            await asyncio.sleep(wait)
            timing.retries, timing.lost_to_retries = attempt, clock() - began
    except RilletError as error:
        message = error.message
        run.end = end_of(error) if run.end == "stopped" else run.end
        raise
    finally:
        timing.ended_at = clock()
        recorder.ended(TapeEnd(max(0.0, timing.ended_at - run.sent_at), run.end, message))


class _Exchange:
    """What one exchange needs in each of its attempts."""

    def __init__(
        self,
        client: Client,
        asking: Asking,
        key: Secret | None,
        *,
        recorder: Recorder,
        timing: Timing,
        clock: Callable[[], float],
        pauses: Pauses,
    ) -> None:
        self._asking, endpoint = asking, asking.endpoint
        self._client, self._key = client, key
        self._recorder, self._timing, self._clock, self._pauses = recorder, timing, clock, pauses
        self._refusal: RefusedError | None = None
        self._head: Head | None = None
        own = [secret.reveal() for secret in ((key,) if key else ()) + endpoint.secrets]
        self._has_key = bool(own)
        self._mask, self._secrets = KeyMasks(own), [each for each in own if not is_placeholder(each)]
        self._reading = Reading(self._mask, recorder, timing, clock, lambda: self.sent_at)
        self.first_byte = endpoint.deadlines.first_byte
        self.falls_back = True
        self.straight: Straight | None = None
        self.join: Callable[[list[Delta]], list[Delta]] = list
        self.quiet, self._whole = endpoint.deadlines.quiet, endpoint.deadlines.whole_turn
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self.sent_at = clock()
        self.end: EndKind = "stopped"  # which it stays when the reader leaves

    def think(self) -> None:
        """Be as patient as models need that think before they speak."""
        limits = self._asking.endpoint.deadlines
        self.first_byte, self.quiet = limits.first_byte_reasoning, limits.quiet_reasoning
        self._whole = limits.whole_turn_reasoning

    def failure(self, error: RilletError) -> TapeEnd:
        """How an attempt ended that came to nothing."""
        return TapeEnd(max(0.0, self._clock() - self.sent_at), end_of(error), error.message)

    @property
    def ends_at(self) -> float:
        """When the whole turn must be over, on the loop's clock."""
        return self._began + self._whole

    async def deltas(self, patience: Patience | None) -> AsyncGenerator[Delta, None]:
        """One attempt.

        Raises:
            AgainError: If it came to nothing, and asking again may help.
        """
        watch = Watch(patience, ends_at=self.ends_at, whole=self._whole)
        attempt = self._send(watch, await pack_apart(self._asking.body, self._asking.endpoint.values))
        try:
            head = masked_head(await attempt.open(self._clock, self.sent_at), self._mask)
            self._timing.head_at = self.sent_at + head.at
            self._recorder.head(head)
            self._head = head
            if head.headers.get("server", "").lower().startswith(_LLAMA):
                self._client.progress_tellers.add(self._asking.origin)
            from tui.wire.reply import Reply

            source = key_name(self._asking.endpoint, self._key)
            limit = token_limit_of(self._asking.body)
            reply = Reply(
                self._asking.dialect,
                head,
                secrets=self._secrets,
                key_name=source,
                has_key=self._has_key,
                host=self._asking.host,
                token_limit=limit,
            )
            if reply.is_refusal:
                raise await self._refuse(attempt, head, reply, watch)
            self._asking.keep_place()
            async with aclosing(self._stream(attempt, reply, watch)) as deltas:
                async for delta in deltas:
                    yield delta
        except LostError as lost:
            self.end = "stopped" if lost.may_retry else end_of(lost.error)
            if lost.is_stale:
                self._client.unclean.add("A connection that was kept open was dropped at the next request.")
            if lost.may_retry:
                raise AgainError(lost.error, pardon="stale" if lost.is_stale else "") from lost
            raise lost.error from lost
        except QuietError as quiet:
            error = describe_quiet(quiet.quiet, self._asking.host)
            if quiet.quiet.phase == "connect":
                raise AgainError(error) from quiet
            self.end = "limit" if isinstance(error, LimitError) else "quiet"
            raise error from quiet
        finally:
            await watch.close()
            await attempt.close()

    def _send(self, watch: Watch, packed: bytes) -> Attempt:
        """Write the request down, and prepare to send it."""
        headers = headers_for(self._asking.endpoint, self._key, self._asking.dialect, is_stream=True, has_body=True)
        headers = merge_headers(
            headers + self._asking.extra_headers, self._asking.dialect.body_headers(self._asking.body)
        )
        sent_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        shown = show_headers(headers, self._asking.endpoint, self._asking.dialect)
        self._recorder.sent(SentRequest("POST", self._asking.url, shown, dict(self._asking.body), sent_at))
        self.sent_at = self._timing.sent_at = self._clock()
        attempt = Attempt(
            self._client,
            "POST",
            self._asking.url,
            headers,
            packed,
            watch=watch,
            connect=self._asking.endpoint.deadlines.connect,
            first_byte=self.first_byte,
            keeps_alive=self._asking.endpoint.keeps_alive,
            way=self._asking.endpoint.way,
            when_sent=self._get_ready,
        )
        self._timing.phases, self._timing.head_at = attempt.phases, None
        return attempt

    def _get_ready(self) -> None:
        """Load what reads the reply while the endpoint thinks: that need not be there before it is asked."""
        from tui.wire import reply

        del reply
        self._asking.dialect.decoder()

    async def _stream(self, attempt: Attempt, reply: Reply, watch: Watch) -> AsyncGenerator[Delta, None]:
        """The body of a reply, to its end or to what ends it."""
        fault: RilletError | None = None
        pace, is_clean = Pace(watch, self._asking.endpoint.deadlines, self.first_byte, self.quiet, self._pauses), True
        for oddity in self._asking.untold:
            yield oddity
        self._asking.untold.clear()
        if (straight := self.straight) is not None:
            way = StraightReads(
                straight, reply, pace, reading=self._reading, mask=self._mask, timing=self._timing, join=self.join
            )
            attempt.straight = way.take
        try:
            while parts := await self._reading.read(attempt):
                pace.begin()
                came, broken = reply.take_timed(parts)
                output = [one for one in came if not isinstance(one[0], FinishDelta)]
                progresses = any(is_progress(delta) for delta, _ in output)
                failure = (
                    None
                    if broken is None or pace.has_progressed or progresses
                    else passing(broken, self._head, self._asking.host, self._pauses)
                )
                if isinstance(failure, AgainError):
                    came = output  # that it failed is no ending of this turn: it begins anew
                for delta, at in came:
                    self._timing.saw(delta, at)
                for delta in self.join([delta for delta, _ in came]):
                    yield delta
                if broken is not None:
                    raise failure or broken
                if progresses or any(is_progress(delta) for delta, _ in came):
                    pace.progress()
                elif any(isinstance(delta, PromptProgressDelta) for delta, _ in came):
                    watch.saw_progress()
                if reply.is_done:
                    break
                pace.follow(has_finished=reply.has_finished)
        except QuietError as quiet:
            if not pace.has_begun or (quiet.quiet.phase == "whole_turn" and not pace.is_tail):
                raise  # as at any other limit, what is unfinished stays so
            if not pace.is_tail:
                self.end, fault, is_clean = "quiet", describe_quiet(quiet.quiet, self._asking.host), False
        except LostError as lost:
            if not pace.has_begun:
                raise
            self.end, is_clean = "reset", False
            if not reply.has_finished:
                fault = lost.error
                fault.__cause__ = lost
        for delta in self._close(reply, fault, is_clean=is_clean, has_progressed=pace.has_progressed):
            yield delta
        if reply.is_done and self._asking.endpoint.keeps_alive:
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
            raise passing(error, self._head, self._asking.host, self._pauses) from error
        if fault is not None:
            raise fault

    async def _drain(self, attempt: Attempt, watch: Watch) -> None:
        """Take the last chunk, which is nearly always there already, so that the connection can be used again."""
        watch.start("tail", self._pauses.last_chunk)
        try:
            for _ in range(_DRAIN_READS):
                if not await self._reading.read(attempt):
                    return
        except QuietError:
            self._client.unclean.add(
                "A reply that is over is followed by silence: its connection cannot be used again."
            )
        except LostError:
            self._client.unclean.add("The body ended short of the length that was promised, after all of the reply.")

    async def _refuse(self, attempt: Attempt, head: Head, reply: Reply, watch: Watch) -> RilletError | AgainError:
        """Read why the endpoint says no, and decide whether to ask again."""
        from tui.wire.error_body import is_model_missing, read_retry_delay

        watch.start("tail", self._pauses.error_body)
        body = bytearray()
        try:
            while len(body) < LIMITS.error_body_bytes and (parts := await self._reading.read(attempt)):
                data = b"".join(part for _, part in parts)
                body += data
                for _ in reply.feed(data):
                    pass
        except (QuietError, LostError):
            pass  # what came will do
        error = refusal_of(reply, head)
        if head.status in (400, 422) and (pardon := self._asking.leave_out(bytes(body))):
            return AgainError(error, pardon=pardon)
        if head.status in (404, 405):
            is_model = is_model_missing(error, self._asking.request.model)
            if not is_model and self._asking.try_place():
                return AgainError(error, pardon="place")
            if self._refusal is not None:
                return self._asking.speaks_neither(self._refusal)
            if self.falls_back and not is_model:
                self._refusal = error
                self._asking.try_other(error)
                return AgainError(error, pardon="dialect")
        wait = asked_wait(error, read_date(head.headers))
        if wait is None:
            wait = read_retry_delay(bytes(body))
        if wait is not None and wait > self._pauses.retry_after_limit:
            error.hint = long_wait(self._asking.host, wait)
        elif may_retry(error, head.headers):
            return AgainError(error, wait)
        return error
