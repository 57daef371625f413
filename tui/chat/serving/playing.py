"""Playing tapes to whoever asks: which one, in which dialect, at which pace, with which faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tui.chat.export_tape import opened_reads
from tui.chat.fold import play
from tui.chat.har import cut_at_frames, ends_frame
from tui.chat.recording import prompt_of
from tui.chat.serving.faults import apply_faults, parse_faults
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError
from tui.domain.quantity import describe_size
from tui.domain.tape import Head, Read, Tape
from tui.domain.turn import Prompt, Turn
from tui.net.http_server import Answer, Asked, HowItEnds, Piece, json_answer
from tui.wire.dialect import Dialect, dialect_named, is_dialect

_LONGEST_PIECE = 1 << 20
"""Bytes of a raw stream that are waited for a blank line."""
_OWN = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "set-cookie"))
"""Headers that belong to a connection, and not to the answer."""


class Take(Struct):
    """A tape with the name it is asked for by."""

    tape: Tape
    name: str

    @property
    def model(self) -> str:
        """The model that a request names to have it."""
        return self.tape.model or self.name


class Player:
    """Answers as the endpoints did whose tapes it has.

    Attributes:
        is_over: Whether every exchange that was allowed has been had.
    """

    def __init__(
        self,
        takes: Sequence[Take],
        *,
        speed: float = 1.0,
        faults: Sequence[tuple[str, float]] = (),
        fault_times: int | None = None,
        times: int | None = None,
    ) -> None:
        """Play at so many times their own pace, 0 for at once; faults strike the first `fault_times` requests."""
        self._takes = takes
        self._speed = speed
        self._faults, self._fault_times = faults, fault_times
        self._times = times
        self._count = 0
        self._next: dict[tuple[int, ...], int] = {}

    @property
    def is_over(self) -> bool:
        """Whether every exchange that was allowed has been had."""
        return self._times is not None and self._count >= self._times

    def lines(self) -> Iterator[str]:
        """What can be asked for: a line a tape, with the model and the prompt that have it."""
        for take in self._takes:
            prompt = " ".join(prompt_of(take.tape).split())[:60]
            yield f"model {take.model:<24} {take.tape.dialect or DIALECT_NAMES[0]:<9} {take.name:<20} “{prompt}”"

    def answer(self, asked: Asked) -> Answer:
        """The answer to a request."""
        path = asked.path.partition("?")[0].rstrip("/")
        if asked.method == "GET" and path.endswith("/models"):
            models = list(dict.fromkeys(take.model for take in self._takes))
            listed = [{"id": model, "object": "model", "created": 0, "owned_by": "rillet"} for model in models]
            return json_answer({"object": "list", "data": listed}, note="the models")
        dialect = next((each for each in map(dialect_named, DIALECT_NAMES) if path.endswith(each.path)), None)
        if asked.method != "POST" or dialect is None:
            paths = ", ".join(f"POST /v1{dialect_named(name).path}" for name in DIALECT_NAMES)
            sentence = f"Nothing is at {asked.method} {asked.path}: there are GET /v1/models, {paths}."
            return _refusal(404, sentence, dialect or dialect_named(DIALECT_NAMES[0]))
        try:
            faults = [*self._faults_now(), *_faults_in(path)]
            take = self._choose(asked.body, dialect)
            self._count += 1
            answer = self._play(take, dialect, asked.body)
            if not faults:
                return answer
            note = ", ".join([answer.note, *(f"{name}={number:g}" if number else name for name, number in faults)])
            return replace(apply_faults(_by_frames(answer), faults, dialect.teller(take.model)), note=note)
        except ConfigError as error:
            return _refusal(501, error.in_full, dialect)

    def _faults_now(self) -> Sequence[tuple[str, float]]:
        is_over = self._fault_times is not None and self._count >= self._fault_times
        return () if is_over else self._faults

    def _choose(self, body: Mapping[str, Any], dialect: Dialect) -> Take:
        """By the model's name, then by the prompt, then one after the other."""
        model, prompt = body.get("model"), dialect.prompt_of(body)
        takes = [take for take in self._takes if model in (take.model, take.name)] or list(self._takes)
        if prompt:
            said = [take for take in takes if prompt_of(take.tape).strip() == prompt.strip()]
            takes = said or takes
        key = tuple(id(take) for take in takes)
        number = self._next.get(key, 0)
        self._next[key] = number + 1
        return takes[number % len(takes)]

    def _play(self, take: Take, dialect: Dialect, body: Mapping[str, Any]) -> Answer:
        tape = take.tape
        own = tape.dialect if is_dialect(tape.dialect) else DIALECT_NAMES[0]
        if tape.response is None:
            return Answer(0, note=f"{take.name}: no answer came", end_at=self._at(tape.end.at if tape.end else 0.0))
        wants_stream = bool(body.get("stream"))
        if (own == dialect.name and (wants_stream or not _is_stream(tape))) or tape.response.status >= 300:
            return self._as_it_was(take, tape.response)
        if not wants_stream:
            return self._in_one_piece(take, dialect)
        return self._retold(take, dialect, body)

    def _at(self, seconds: float) -> float:
        return seconds / self._speed if self._speed > 0 else 0.0

    def _as_it_was(self, take: Take, head: Head) -> Answer:
        tape = take.tape
        headers = {name: value for name, value in head.headers.items() if name not in _OWN}
        reads = _by_frame(tape) if tape.is_untimed else tape.reads
        last = self._at(tape.reads[-1].at) if tape.reads else 0.0
        kind = tape.end.kind if tape.end is not None else "eof"
        ends: dict[str, HowItEnds] = {"reset": "reset", "quiet": "silence"}
        return Answer(
            head.status,
            headers,
            self._at(head.at),
            (Piece(self._at(read.at), read.data) for read in reads),
            ends.get(kind, "whole"),
            self._at(tape.end.at) if tape.end is not None and kind != "quiet" else last,
            f"{take.name}: {describe_size(sum(len(read.data) for read in tape.reads))}"
            if tape.is_untimed
            else f"{take.name}: {len(tape.reads):,} reads",
        )

    def _retold(self, take: Take, dialect: Dialect, body: Mapping[str, Any]) -> Answer:
        options = body.get("stream_options")
        with_usage = not isinstance(options, Mapping) or bool(options.get("include_usage"))
        with_usage = with_usage and (dialect.name != "chat" or isinstance(options, Mapping))
        teller = dialect.teller(take.model, with_usage=with_usage)
        turn = Turn(Prompt(""), id="served", dialect=take.tape.dialect, model=take.tape.model)
        pieces: list[Piece] = []
        at = take.tape.response.at if take.tape.response is not None else 0.0
        deltas = list(play(take.tape, turn))
        teller.foresee(turn.usage)
        for when, delta in deltas:
            at = when
            if delta is not None:
                pieces += [Piece(self._at(at), data) for data in teller.tell(delta)]
        end: HowItEnds = "whole"
        if not turn.has_finished:
            pieces = [Piece(self._at(at), data) for data in teller.begin()] + pieces
            if turn.error is not None and turn.error.kind not in ("truncated", "transport", "empty"):
                pieces.append(Piece(self._at(at), teller.error(turn.error.message)))
            elif turn.error is not None and turn.error.kind == "transport":
                end = "reset"
        head = take.tape.response
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        note = f"{take.name}: told in {dialect.title}, {len(pieces):,} frames"
        return Answer(200, headers, self._at(head.at if head else 0.0), pieces, end, self._at(at), note)

    def _in_one_piece(self, take: Take, dialect: Dialect) -> Answer:
        teller = dialect.teller(take.model, with_usage=True)
        turn = Turn(Prompt(""), id="served", dialect=take.tape.dialect, model=take.tape.model)
        at = 0.0
        for when, delta in play(take.tape, turn):
            at = when
            if delta is not None:
                for _ in teller.tell(delta):
                    pass
        if not turn.has_finished:
            message = turn.error.message if turn.error is not None else "the reply on the tape was not finished"
            return _refusal(500, message, dialect)
        answer = json_answer(teller.whole(), note=f"{take.name}: told in one piece of {dialect.title}")
        answer.head_at = answer.end_at = self._at(at)
        return answer


def _is_stream(tape: Tape) -> bool:
    """Whether what was recorded is a stream of frames."""
    start = b"".join(read.data for read in tape.reads[:4])[:256].lstrip(b"\xef\xbb\xbf \t\r\n")
    media = tape.response.headers.get("content-type", "") if tape.response is not None else ""
    return media.partition(";")[0].strip().lower() == "text/event-stream" or start[:1] not in (b"{", b"[", b"<")


def _by_frame(tape: Tape) -> Iterator[Read]:
    """The reads of a raw stream, cut anew: a frame each."""
    held = b""
    for read in tape.reads:
        *pieces, held = [*cut_at_frames(held + read.data), b""]
        if pieces and not ends_frame(pieces[-1]) and len(pieces[-1]) < _LONGEST_PIECE:
            held = pieces.pop()
        yield from (Read(0.0, piece) for piece in pieces)
    if held:
        yield Read(0.0, held)


def _by_frames(answer: Answer) -> Answer:
    """The same answer in pieces of a frame each: faults count frames."""
    pieces = list(answer.pieces)
    head = Head(answer.status, answer.headers, answer.head_at)
    tape = Tape(response=head, reads=[Read(piece.at, piece.data) for piece in pieces])
    opened = list(opened_reads(tape, head))
    ends: list[tuple[int, float]] = []
    size = 0
    for read in opened:
        size += len(read.data)
        ends.append((size, read.at))
    cut: list[Piece] = []
    start = number = 0
    for data in cut_at_frames(b"".join(read.data for read in opened)):
        start += len(data)
        while number < len(ends) - 1 and ends[number][0] < start:
            number += 1
        cut.append(Piece(ends[number][1], data))
    headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
    answer.pieces, answer.headers = cut, headers
    return answer


def _faults_in(path: str) -> list[tuple[str, float]]:
    """The faults that a base URL asks for: `/fault/cut=5,gzip/v1`."""
    parts = path.split("/")
    return parse_faults([parts[at + 1] for at, part in enumerate(parts[:-1]) if part == "fault"])


def _refusal(status: int, message: str, dialect: Dialect) -> Answer:
    return json_answer(dialect.teller("").refused(status, message), status, note=message)


def named_takes(tapes: Sequence[tuple[str, Tape]]) -> Iterator[Take]:
    """Tapes with the names by which they can be asked for; those of one file are numbered."""
    names = [name for name, _ in tapes]
    for number, (name, tape) in enumerate(tapes):
        is_alone = names.count(name) == 1
        yield Take(tape, name if is_alone else f"{name}#{names[: number + 1].count(name)}")
