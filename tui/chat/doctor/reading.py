"""What an answer says of an endpoint: facts for its card."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal

from tui.chat.check import MANY, Finding, Stream
from tui.chat.checking.rule import RULES
from tui.chat.doctor.asking import Answer
from tui.chat.doctor.card import Fact
from tui.chat.doctor.oddity import oddities_of
from tui.chat.doctor.question import SCHEMA, TOOL
from tui.chat.structure import judge
from tui.domain.error import LimitError, RefusedError, RilletError
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Turn
from tui.wire.dialect import dialect_named
from tui.wire.error_body import is_model_missing
from tui.wire.error_shape import find_words
from tui.wire.json_text import parse_json
from tui.wire.printable import printable

_NEAR = 0.8
_TOLD = frozenset(
    ("silence", "stopped", "refused", "no-answer", "buffered", "no-usage", "model", "no-stream", "schema", "cut")
)
"""Codes of findings that a card has another place for, or that our own limits cause."""


_USUAL = frozenset(("empty-choices", "created-changes", "frame-split", "split-char", "cacheable"))
"""Codes of findings that nearly every endpoint is good for."""


def spoken(answer: Answer) -> tuple[Literal["yes", "no", "unclear"], str]:
    """Whether the first answer shows that a dialect is spoken, and what is wrong with it."""
    error, turn = answer.error, answer.turn
    words = (
        ""
        if error is None
        else f"It had not ended after {describe_seconds(answer.seconds)}."
        if _is_time(error)
        else error.in_full
    )
    if isinstance(error, RefusedError):
        is_missing = error.status in (404, 405, 501) and not is_model_missing(error, turn.model)
        return ("no" if is_missing else "unclear"), words
    if turn.has_finished or _is_recognised(answer):
        return "yes", words
    if answer.status == 200 and error is not None and error.kind == "protocol":
        return "no", words
    return "unclear", words or "It answered, and said nothing."


def _is_time(error: RilletError) -> bool:
    return isinstance(error, LimitError) and error.limit == "whole_turn"


def _is_recognised(answer: Answer) -> bool:
    """Whether something came that only this dialect says."""
    dialect = dialect_named(answer.dialect)
    frames = answer.stream.frames[:20] if answer.stream is not None else []
    return any(dialect.recognises(frame.event, _json(frame.data.encode("utf-8", "replace"))) for _, frame in frames)


def stream_fact(answer: Answer) -> Fact:
    """Whether it streams, or sends a whole reply at once."""
    stream = answer.stream
    if stream is None or not stream.is_stream:
        return Fact("no", "the wish to stream was ignored: the reply came as one JSON object")
    count, at = len(stream.frames), [at for at, _ in stream.frames]
    if (finding := next((each for each in answer.findings if each.code == "buffered"), None)) is not None:
        return Fact("at once", finding.words)
    if count < MANY:
        return Fact("unknown", f"{count} {'frame is' if count == 1 else 'frames are'} too few to tell")
    pieces = sum(1 for before, after in pairwise(at) if after > before) + 1
    return Fact("truly", f"{count} frames in {pieces} pieces over {describe_seconds(at[-1] - at[0])}")


def usage_fact(turn: Turn) -> Fact:
    """Whether it says how many tokens there were."""
    if turn.usage is None and not turn.has_finished:
        return Fact("unknown", "the reply did not come to its end")
    if turn.usage is None:
        return Fact("none", "no usage came, although it was asked for")
    usage = turn.usage
    counts = {"in": usage.input, "out": usage.output, "thinking": usage.reasoning, "cached": usage.cached}
    return Fact("sent", ", ".join(f"{name} {count}" for name, count in counts.items() if count is not None))


def tools_fact(answer: Answer) -> Fact:
    """How the arguments of a call come."""
    if (refusal := _refusal(answer)) is not None:
        return refusal
    calls = answer.turn.tool_calls
    if not calls:
        return Fact("none", "no call came: it answered in text" if answer.turn.body.size else "no call came")
    call = calls[0]
    if not call.is_readable or answer.turn.next != "tools":
        return Fact("broken", f"a call came that cannot be run: {call.name or 'no name'}({call.arguments[:60]})")
    if answer.pieces > 1:
        return Fact("in fragments", f"{call.name}, its arguments in {answer.pieces} pieces")
    return Fact("whole", f"{call.name}, its arguments in one piece")


def schema_fact(answer: Answer) -> Fact:
    """Whether a reply follows the schema that was asked for."""
    if (refusal := _refusal(answer)) is not None:
        return refusal
    verdict, text = judge(answer.turn, SCHEMA), " ".join(answer.turn.text.split())
    if verdict.kind in ("cut", "invalid") and not text.startswith(("{", "[", '"', "`")):
        return Fact("not kept", f"it answered in text: “{text[:60]}”" if text else "it answered without text")
    match verdict.kind:
        case "valid":
            return Fact("kept", text[:80])
        case "cut":
            return Fact("cut", "the reply ended before its JSON did")
        case "refused":
            return Fact("refused", verdict.words)
        case "invalid":
            return Fact("not kept", verdict.words)


def errors_fact(answer: Answer) -> Fact:
    """How it says no to a request that is wrong."""
    status, error = answer.status, answer.error
    if status is None:
        return Fact("odd", error.message if error is not None else "no answer came")
    if status < 300:
        return Fact("none", "a request without a message was taken, with status 200")
    head, body = answer.tape.response, b"".join(read.data for read in answer.tape.reads)
    value = _json(body)
    words = find_words(value) if value is not None else None
    said = f"{status}: “{words.message[:80]}”" if words is not None and words.message.strip() else str(status)
    if value is None:
        kind = (head.headers.get("content-type", "") if head is not None else "").partition(";")[0] or "no media type"
        return Fact("odd", f"{status} without a JSON object ({kind}, {len(body):,} bytes)")
    if words is None or not words.message.strip():
        return Fact("odd", f"{status} with JSON that says no reason")
    if status >= 500:
        return Fact("odd", f"{said}; a status of 400 would say whose fault it is")
    if not (isinstance(value, dict) and isinstance(value.get("error"), dict)):
        return Fact("odd", f"{said}; not the usual shape, an object “error” with a “message”")
    return Fact("well formed", said)


def oddities(answer: Answer) -> Iterator[str]:
    """All that is odd about an answer, each a sentence."""
    stream = answer.stream
    if stream is None:
        return
    for finding in answer.findings:
        if finding.code not in _TOLD | _USUAL and not _is_told(finding, answer):
            yield _sentence(_words_of(finding))
    if answer.question.kind not in ("error", "cancel"):
        yield from map(_sentence, oddities_of(stream, is_whole=answer.is_whole))
        yield from map(_sentence, _of_turn(answer))
    unknown = {call.name for call in answer.turn.tool_calls} - {TOOL.name, ""}
    if unknown:
        yield _sentence(f"a tool was called that was not offered: {', '.join(sorted(unknown))[:100]}")
    if answer.question.kind not in ("tools", "error") and answer.turn.tool_calls:
        yield "A tool was called where none was offered."


def _of_turn(answer: Answer) -> Iterator[str]:
    """What is odd about what was said, and about why it ended."""
    turn, finish = answer.turn, answer.turn.finish
    written = (
        turn.text,
        turn.reasoning,
        turn.refusal,
        *(f"{call.id}{call.name}{call.arguments}" for call in turn.tool_calls),
    )
    if any(text != printable(text) for text in written):
        yield "the text holds characters that a terminal would obey or hide; rillet shows them"
    used = turn.usage.output if turn.usage is not None else None
    is_early = used is not None and used < _NEAR * answer.question.max_tokens
    if answer.question.kind != "text" or not turn.has_finished:
        pass
    elif finish.is_at_limit and is_early:
        yield f"it says that it was cut at the token limit, after {used} of {answer.question.max_tokens} tokens"
    elif not finish.is_at_limit and not finish.is_plain:
        yield f"the reply ended so: {finish.words}" + ("" if finish.is_cut else ", which nobody knows")
    if "\x1b" in "".join(turn.answered_by + "".join(answer.stream.head.headers.values()) if answer.stream else ""):
        yield "the head holds escape sequences"


def _words_of(finding: Finding) -> str:
    """What a finding is, and then what was seen of it."""
    rule = RULES.get(finding.code)
    return f"{rule.words}: {finding.words}" if rule is not None and finding.words else finding.words


def _is_told(finding: Finding, answer: Answer) -> bool:
    """Whether a finding says no more than how the reply ended, or that we hung up."""
    if answer.question.kind in ("error", "cancel"):
        return True
    if finding.code == "unframed" and not (answer.stream is not None and answer.stream.is_stream):
        return True
    return not answer.is_whole and finding.code in ("no-finish", "error", "no-done")


def finish_reason(answer: Answer) -> str:
    """Why it stopped, in its own word; empty where it did not say."""
    return answer.turn.incomplete_reason or answer.turn.finish_reason or ""


def reasoning_fields(stream: Stream) -> Iterator[str]:
    """The names of fields or events that thoughts come in."""
    for _, frame in stream.frames:
        value = _json(frame.data.encode("utf-8", "replace"))
        if not isinstance(value, dict):
            continue
        kind = value.get("type")
        if isinstance(kind, str) and kind.endswith(".delta") and "reasoning" in kind:
            yield kind
        delta = value.get("delta")
        if isinstance(delta, dict) and "thinking" in str(delta.get("type", "")):
            yield str(delta["type"])
        choices = value.get("choices")
        for choice in choices[:4] if isinstance(choices, list) else ():
            inner = choice.get("delta") if isinstance(choice, dict) else None
            if isinstance(inner, dict):
                yield from (
                    name for name, content in inner.items() if content and ("reason" in name or "think" in name)
                )


def _refusal(answer: Answer) -> Fact | None:
    if isinstance(answer.error, RefusedError):
        return Fact("refused", answer.error.message)
    if answer.error is not None:
        return Fact("broken", answer.error.message)
    return None


def _json(data: bytes) -> Any:
    try:
        value = parse_json(data.decode("utf-8", "replace"))
    except RilletError:
        return None
    return value if isinstance(value, (dict, list)) else None


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?", "…")) else ".")
