"""The doctor: asks an endpoint, question after question, and fills its card; whatever answers, there is a card."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from tui.chat.doctor import reading
from tui.chat.doctor.asking import Answer, ask
from tui.chat.doctor.card import Card, DialectCard, Fact
from tui.chat.doctor.question import AFTER, AGAIN, CANCEL, OF_A_DIALECT, TEXT, TRIES, Question
from tui.chat.program import Program
from tui.domain.endpoint import Endpoint, Secret
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import ConnectError, RefusedError, RilletError
from tui.domain.quantity import describe_seconds
from tui.net.key import key_name
from tui.net.model_list import fetch_models
from tui.net.retry import PAUSES, Pauses, asked_wait, may_retry
from tui.wire.dialect import dialect_named

_UNKNOWN_MODEL = "default"
_SLOW = 3.0
"""So many times as long as usual is slow."""
_LONG = 2.0
"""Seconds after which the same question is not asked again."""


class Pace(Struct, frozen=True):
    """How long it may take, in seconds: all of it, and one question."""

    whole: float = 52.0
    question: float = 12.0
    pauses: Pauses = PAUSES


class Doctor:
    """One examination of one endpoint.

    `error` is why the endpoint speaks no dialect; `None` where it speaks one.
    """

    def __init__(
        self,
        program: Program,
        name: str,
        model: str = "",
        *,
        dialects: Sequence[DialectName] = DIALECT_NAMES,
        pace: Pace | None = None,
        tell: Callable[[str], object] = lambda words: None,  # noqa: ARG005  # nobody listens
    ) -> None:
        """Prepare to ask in these dialects; `tell` hears what is being asked."""
        self._program, self._name, self._tell = program, name, tell
        self._dialects, self._pace = dialects, pace or Pace()
        self._endpoint: Endpoint = program.endpoint(name)
        self._key: Secret | None = None
        self._ends_at = 0.0
        self.card = Card(
            self._endpoint.name, self._endpoint.base_url, model or program.model_of(name) or self._endpoint.model
        )
        self.error: RilletError | None = None
        self._answers: dict[DialectName, list[Answer]] = {}

    async def examine(self) -> Card:
        """Ask everything, as far as the time goes."""
        try:
            self._endpoint, self._key = await self._program.reach(self._endpoint)
        except RilletError as error:
            self._give_up(error)
            return self.card
        self.card.url = self._endpoint.base_url
        self.card.key = key_name(self._endpoint, self._key) if self._key is not None else ""
        sent = self._program.client.requests
        began = time.monotonic()
        self._ends_at = began + self._pace.whole
        await self._list_models()
        for name in self._dialects:
            await self._examine_dialect(name)
        first = self._first_dialect()
        if first is None:
            self._explain()
        else:
            await self._take_times(first)
            await self._cancel(first)
        self.card.requests = self._program.client.requests - sent
        self.card.oddities = sorted(self._program.client.unclean)
        self.card.seconds = round(time.monotonic() - began, 3)
        return self.card

    # -- stages ---------------------------------------------------------------------------------------------

    async def _list_models(self) -> None:
        self._tell("the list of models")
        seconds = min(self._pace.question, self._left)
        try:
            if self._endpoint.is_local:
                models = await self._program.models(self._name)
            else:
                models = await fetch_models(self._program.client, self._endpoint, self._key, seconds=seconds)
        except RilletError as error:
            self.error = error
            self.card.models = Fact("none", error.in_full)
            return
        self.card.models = Fact("listed", f"{len(models)}: {', '.join(model.id for model in models[:3])}")
        if not self.card.model:
            self.card.model = next((model.id for model in models if model.can_stream), models[0].id)

    async def _examine_dialect(self, name: DialectName) -> None:
        card = DialectCard(name, dialect_named(name).path)
        self.card.dialects.append(card)
        if (why := self._hopeless()) or (why := self._no_time()):
            card.reason = f"Not asked: {why}."
            return
        answer = await self._ask(name, TEXT)
        if (wait := _pause(answer)) is not None and not self._no_time():
            await asyncio.sleep(wait)
            first, answer = answer, await self._ask(name, TEXT)
            if answer.error is None and first.error is not None:
                card.oddities.append(f"It answered at the second try only; at the first: {first.error.message}")
        self._answers[name] = [answer]
        card.spoken, card.reason = reading.spoken(answer)
        if card.spoken != "yes":
            self.error = answer.error or self.error
            self._collect(card, answer)
            return
        card.stream = reading.stream_fact(answer)
        card.usage = reading.usage_fact(answer.turn)
        self._collect(card, answer)
        if not answer.is_over:
            self.card.not_asked.append(f"{name}: tools, schema and errors, because the first reply did not end well")
            return
        for question in OF_A_DIALECT:
            if why := self._no_time():
                self.card.not_asked.append(f"{name}: {question.about}, because {why}")
                continue
            answer = await self._ask(name, question)
            match question.kind:
                case "tools":
                    card.tools = reading.tools_fact(answer)
                case "schema":
                    card.schema = reading.schema_fact(answer)
                case _:
                    card.errors = reading.errors_fact(answer)
            self._collect(card, answer)

    async def _take_times(self, name: DialectName) -> None:
        """The time to the first token, of the first question and of more like it."""
        taken = [self._answers[name][0].turn.timing.latency]
        while len(taken) < TRIES and not self._no_time():
            taken.append((await self._ask(name, AGAIN)).turn.timing.latency)
        self.card.first_token = [round(seconds, 4) for seconds in taken if seconds is not None]

    async def _cancel(self, name: DialectName) -> None:
        """Hang up on a reply, and see how soon the next one comes."""
        if why := self._no_time():
            self.card.after_cancel = Fact("not asked", why)
            return
        cancelled = await self._ask(name, CANCEL)
        if cancelled.turn.timing.first_delta_at is None:
            words = cancelled.error.message if cancelled.error is not None else "nothing came that could be cancelled"
            self.card.after_cancel = Fact("not asked", words)
            return
        began = time.monotonic()
        answer = await self._ask(name, AFTER)
        at = answer.turn.timing.first_delta_at
        if at is None:
            words = answer.error.message if answer.error is not None else "nothing came"
            self.card.after_cancel = Fact("not answered", words)
            return
        self.card.after_cancel_seconds = seconds = round(at - began, 4)
        usual = median(self.card.first_token) if self.card.first_token else seconds
        is_slow = seconds > 1.0 and seconds > _SLOW * usual
        words = f"{describe_seconds(seconds)} after hanging up" + (
            "; it seems to go on with what was cancelled" if is_slow else ""
        )
        self.card.after_cancel = Fact("answered", words)

    # -- parts ----------------------------------------------------------------------------------------------

    @property
    def _left(self) -> float:
        return self._ends_at - time.monotonic()

    def _no_time(self) -> str:
        return "the time was up" if self._left < self._pace.question / 6 else ""

    def _hopeless(self) -> str:
        """Why asking in another dialect tells nothing more; empty where it may."""
        refused = [answers[0].error for answers in self._answers.values() if not answers[0].tape.response]
        if isinstance(self.error, ConnectError) and refused and isinstance(refused[-1], ConnectError):
            return "nothing answers there"
        return ""

    async def _ask(self, name: DialectName, question: Question) -> Answer:
        self._tell(f"{name}: {question.about}")
        request = question.request(self.card.model or _UNKNOWN_MODEL)
        if self._endpoint.is_local and self._program.built_in.model is not None:
            from tui.local.request import fit_request

            local = self._program.built_in.model
            request = fit_request(request, is_own=local.weights.is_own, context=local.context)
        return await ask(
            self._program.client,
            replace(self._endpoint, dialect=name),
            self._key,
            question,
            request,
            seconds=max(0.5, min(self._pace.question, self._left)),
            pauses=self._pace.pauses,
        )

    def _collect(self, card: DialectCard, answer: Answer) -> None:
        """What every answer may add to a card."""
        reasons = [reading.finish_reason(answer)] if answer.question.kind != "error" else []
        fields = reading.reasoning_fields(answer.stream) if answer.stream is not None else ()
        for collected, new in (
            (card.finish_reasons, filter(None, reasons)),
            (card.reasoning, fields),
            (card.oddities, reading.oddities(answer)),
        ):
            kinds = {each.partition(":")[0] for each in collected}  # of a kind, one is enough
            for each in new:
                if (kind := each.partition(":")[0]) not in kinds:
                    collected.append(each)
                    kinds.add(kind)

    def _first_dialect(self) -> DialectName | None:
        """The dialect that is asked on: the endpoint's own where it is spoken well, else the first that is."""
        well = [name for name, answers in self._answers.items() if answers[0].turn.timing.latency is not None]
        spoken = [card.dialect for card in self.card.dialects if card.spoken == "yes"]
        speaking = [name for name in well if name in spoken and self._answers[name][0].is_over]
        if self._endpoint.dialect in speaking:
            return self._endpoint.dialect
        if speaking:
            return speaking[0]
        return None

    def _explain(self) -> None:
        """Why there is nothing more to ask: no dialect is spoken, or none so that it ends."""
        if any(card.spoken == "yes" for card in self.card.dialects):
            self.card.not_asked.append("times and cancelling, because no reply ended well")
            self.error = None
            return
        reasons = [
            card.reason for card in self.card.dialects if card.reason and not card.reason.startswith("Not asked")
        ]
        error = next((a[0].error for a in self._answers.values() if isinstance(a[0].error, RefusedError)), self.error)
        self.error = error or self.error
        self.card.reason = reasons[0] if reasons else "No dialect is spoken there."

    def _give_up(self, error: RilletError) -> None:
        self.error = error
        self.card.reason = error.in_full


def _pause(answer: Answer) -> float | None:
    """After how many seconds the same question may do better; `None` where it will not, or took all its time."""
    error = answer.error
    if answer.seconds > _LONG or error is None:
        return None
    if isinstance(error, RefusedError):
        wait = asked_wait(error) or 0.0
        head = answer.tape.response
        return wait if head is not None and may_retry(error, head.headers) and wait <= _LONG else None
    has_begun = answer.turn.body.size or answer.turn.thoughts.size
    return None if has_begun or error.kind not in ("transport", "empty", "stream") else 0.0
