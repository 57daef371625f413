"""Replies of the Chat Completions dialect: chunks to deltas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui.domain.delta import (
    Delta,
    EchoDelta,
    IdentityDelta,
    ImageDelta,
    OddityDelta,
    PromptProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
)
from tui.domain.finish import describe_finish, is_reason
from tui.wire.citation import CitationReader
from tui.wire.decoder import Decoder
from tui.wire.dialect.chat.tool_assembly import ToolAssembly
from tui.wire.error_body import is_error_set
from tui.wire.error_shape import find_words, has_base_error
from tui.wire.frame_shape import FrameShape
from tui.wire.limit import LIMITS, Limits
from tui.wire.sse import Frame
from tui.wire.text_frame import read_text_chunk
from tui.wire.usage import read_usage

_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_text", "thinking", "thought")
"""Where servers write what the model thinks."""
_THINKING = frozenset({"thinking", "reasoning", "reasoning_text", "reasoning_content"})
_METADATA = frozenset({"usage", "citations", "search_results", "timings", "x_groq"})


class ChatDecoder(Decoder):
    """Reads the chunks of one streamed chat completion.

    Nothing is demanded of a chunk: every member may be missing, null or of another type.
    """

    has_shapes = True

    def __init__(self, limits: Limits = LIMITS, secrets: Sequence[str] = ()) -> None:
        """Start before the first chunk."""
        super().__init__(limits, secrets)
        self._model = ""
        self._id = ""
        self._calls = ToolAssembly(limits)
        self._thoughts: list[str] = []
        self._has_prose = self._adds = False
        self._raw_usage: dict[str, Any] = {}
        self._timings: Any = None
        self._sources = CitationReader(limits)
        self._images = 0

    def take_text_frame(self, frame: Frame) -> Delta | None:
        """See `Decoder.take_text_frame`."""
        if self.has_finished or not (self._model and self._id) or frame.event != "message" or self._mender.is_waiting:
            return None
        texts = read_text_chunk(frame.data)
        if texts is None:
            return None
        text, thought = texts
        if not self._has_room(text or thought):
            return None
        self._bad_in_a_row = 0
        self._has_prose = True
        if text:
            return TextDelta(text)
        self._thoughts.append(thought)
        return ReasoningDelta(thought)

    def learn(self, frame: bytes, delta: Delta) -> FrameShape | None:
        """See `Decoder.learn`."""
        return FrameShape.of(frame, b"content", delta.text) if isinstance(delta, TextDelta) else None

    @property
    def takes_texts(self) -> bool:
        """See `Decoder.takes_texts`."""
        return not (self.has_finished or self.is_done or self._mender.is_waiting)

    def take_texts(self, texts: list[str]) -> Iterator[Delta] | tuple[Delta, ...]:
        """See `Decoder.take_texts`."""
        self._has_prose = self._has_prose or bool(texts)
        return self._take_all(texts)

    def _read(self, chunk: Any, frame: Frame) -> Iterator[Delta]:
        if not isinstance(chunk, dict):
            if isinstance(chunk, list) and (frame.event == "error" or any(map(_is_error, chunk[:10]))):
                raise self._fail(chunk)
            yield self._bad(f"a chunk that is {_kind(chunk)}")
            return
        if "choices" not in chunk and (frame.event == "error" or _is_bare_error(chunk)):
            raise self._fail(chunk)
        if not (self._id and self._model):
            yield from self._read_identity(chunk)
        if isinstance(progress := chunk.get("prompt_progress"), dict):
            yield from _read_progress(progress)
        choices = chunk.get("choices")
        if isinstance(choices, list):
            self.has_begun = True
            for choice in choices:
                if isinstance(choice, dict):
                    yield from self._read_choice(choice, frame)
                else:
                    yield self._bad(f"a choice that is {_kind(choice)}")
        elif choices is not None:
            yield self._bad(f"choices that are {_kind(choices)}")
        if not _METADATA.isdisjoint(chunk):
            yield from self._read_metadata(chunk)
        elif "choices" not in chunk and not is_error_set(chunk):
            named = (chunk.get("type"), chunk.get("object"), frame.event)
            yield OddityDelta("unknown event", next(name[:80] for name in named if isinstance(name, str) and name))
        if is_error_set(chunk) or has_base_error(chunk):
            raise self._fail(chunk)
        if self._reason == "error":
            raise self._fail(None)

    def _read_done(self) -> Iterator[Delta]:
        self.is_done = True
        # Of nothing, it is no finish signal either.
        if self.has_begun:
            yield from self._finish(self._reason)

    @property
    def may_end(self) -> bool:
        """See `Decoder.may_end`: a finish reason is settled at `[DONE]` or the end of the stream, and not before.

        One that stands where a call is named may come before its arguments: those are waited for.
        """
        return self.has_finished or (bool(self._reason) and not self._calls.lacks_arguments)

    def is_reply(self, value: dict[str, Any]) -> bool:
        """See `Decoder.is_reply`."""
        return isinstance(value.get("choices"), list)

    def _read_whole(self, value: dict[str, Any]) -> Iterator[Delta]:
        yield from self._read(value, Frame(""))
        self.is_done = True
        yield from self._finish(self._reason)

    def _settle(self) -> Iterator[Delta]:
        if self._calls:
            yield from self._calls.settle(self._id)
            if self._thoughts:
                # DeepSeek and Moonshot refuse a turn with calls that comes back without its reasoning.
                yield EchoDelta("reasoning_content", "".join(self._thoughts))
                self._thoughts.clear()

    def _read_identity(self, chunk: dict[str, Any]) -> Iterator[Delta]:
        model, response_id = chunk.get("model"), chunk.get("id")
        model = model if isinstance(model, str) and not self._model else ""
        response_id = response_id if isinstance(response_id, str) and not self._id else ""
        if model or response_id:
            self._model = self._model or model
            self._id = self._id or response_id
            yield IdentityDelta(model, response_id)

    def _read_choice(self, choice: dict[str, Any], frame: Frame) -> Iterator[Delta]:
        if isinstance(index := choice.get("index"), int) and index != 0:
            yield from self._note("other choice", "the endpoint answers more than once; only the first is read")
            return
        delta = choice.get("delta")
        if delta is None and isinstance(text := choice.get("text"), str):
            delta = {"content": text}  # of the older completions
        if delta is None and not self._has_prose:
            delta = choice.get("message")
        self._adds = False
        if isinstance(delta, dict):
            if delta:
                yield from self._read_delta(delta, frame)
        elif delta is not None:
            yield self._bad(f"a delta that is {_kind(delta)}")
        if isinstance(usage := choice.get("usage"), dict) and usage:
            yield from self._read_usage(usage)
        reason = choice.get("finish_reason")
        if isinstance(reason, dict):  # as SGLang tells it of itself, with its reasons
            reason = next((word for name in ("type", "reason") if isinstance(word := reason.get(name), str)), reason)
        if isinstance(reason, str) and is_reason(reason):
            # Some servers write a reason on every chunk, or before the arguments of a call: what counts is the last,
            # and no later word makes a reply whole that was said to be cut.
            if not describe_finish(self._reason).is_cut or describe_finish(reason).is_cut:
                self._reason = reason
            self.has_finished = self._has_prose and not self._adds
        elif reason and not isinstance(reason, str):
            yield self._bad(f"a finish reason that is {_kind(reason)}")
        if is_error_set(choice):
            raise self._fail(choice)

    def _read_delta(self, delta: dict[str, Any], frame: Frame) -> Iterator[Delta]:
        thought = next((thinking for name in _THOUGHTS if (thinking := delta.get(name))), None)
        thought = thought if isinstance(thought, str) else _plain(thought)
        if opaque := delta.get("reasoning_opaque"):  # Copilot's, which wants it back
            self._keep(frame)
            yield EchoDelta("reasoning_opaque", opaque)
        details = delta.get("reasoning_details")
        if isinstance(details, list) and details:
            self._keep(frame)
            yield EchoDelta("reasoning_details", details)
            thought = thought or _details_text(details)
        blocks = delta.get("thinking_blocks")
        if isinstance(blocks, list) and blocks:  # LiteLLM's, which wants them back, signed
            self._keep(frame)
            yield EchoDelta("thinking_blocks", blocks)
            thought = thought or _plain([block.get("thinking") for block in blocks if isinstance(block, dict)])
        if thought:
            if delta.get("reasoning_content"):
                self._thoughts.append(thought)
            yield from self._add(ReasoningDelta, thought)
        content = delta.get("content")
        if isinstance(content, str):
            if content:
                yield from self._add(TextDelta, content)
        elif content is not None:
            yield from self._read_parts(content if isinstance(content, list) else [content])
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            yield from self._add(RefusalDelta, refusal)
        if isinstance(audio := delta.get("audio"), dict):
            transcript = audio.get("transcript")
            if isinstance(transcript, str) and transcript:
                yield from self._add(TextDelta, transcript)
        if images := delta.get("images") or delta.get("image"):
            self._keep(frame)
            for image in images if isinstance(images, list) else [images]:
                yield from self._read_image(image)
        calls = delta.get("tool_calls")
        if calls:
            yield from self._read_calls(calls)
        if isinstance(legacy := delta.get("function_call"), dict):
            yield from self._read_calls([{"index": 0, "function": legacy}])
        if isinstance(annotations := delta.get("annotations"), list):
            for annotation in annotations:
                yield from self._sources.read(annotation)

    def _add(self, kind: type[TextDelta | ReasoningDelta | RefusalDelta], text: str) -> Iterator[Delta]:
        yield from self._note_growth()
        yield kind(self._grow(text))

    def _note_growth(self) -> Iterator[Delta]:
        """Something of the reply came: a finish signal before it was none yet."""
        self._has_prose = self._adds = True
        if self.has_finished:
            self.has_finished = False
            yield from self._note("late", "more of the reply came after a finish reason")

    def _read_parts(self, parts: list[Any]) -> Iterator[Delta]:
        for part in parts:
            if isinstance(part, str):
                yield from self._add(TextDelta, part)
            elif isinstance(part, dict):
                if part.get("type") in _THINKING:  # Databricks, Mistral
                    members = (part.get(name) for name in ("thinking", "text", "summary", "content"))
                    if thought := _plain(next(filter(None, members), None)):
                        yield from self._add(ReasoningDelta, thought)
                elif isinstance(text := part.get("text"), str):
                    yield from self._add(TextDelta, text)
                elif isinstance(refusal := part.get("refusal"), str):
                    yield from self._add(RefusalDelta, refusal)
                elif part.get("type") in ("image_url", "image", "output_image"):
                    yield from self._read_image(part)
                else:
                    yield OddityDelta("unknown part", str(part.get("type"))[:80])
            else:
                yield self._bad(f"content that is {_kind(part)}")

    def _read_image(self, image: Any) -> Iterator[Delta]:
        index, url = None, image
        if isinstance(image, dict):
            index = image.get("index")
            url = image.get("image_url") or image.get("url")
            url = url.get("url") if isinstance(url, dict) else url
            if not url and isinstance(data := image.get("b64_json"), str):
                url = f"data:image/png;base64,{data}"
        if not isinstance(url, str) or not url.startswith(("data:", "https:", "http:")):
            yield OddityDelta("unknown part", "an image without an address")
            return
        yield from self._note_growth()
        yield ImageDelta(index if isinstance(index, int) else self._images, url)
        self._images += 1

    def _read_calls(self, fragments: Any) -> Iterator[Delta]:
        if not isinstance(fragments, list):
            fragments = [fragments]
        for fragment in fragments:
            if not isinstance(fragment, dict):
                yield self._bad(f"a tool call that is {_kind(fragment)}")
            else:
                yield from self._note_growth()
                yield from self._calls.add(fragment)

    def _read_metadata(self, chunk: dict[str, Any]) -> Iterator[Delta]:
        usage, timings, groq = chunk.get("usage"), chunk.get("timings"), chunk.get("x_groq")
        if not usage and isinstance(groq, dict):
            usage = groq.get("usage")
        has_timings = isinstance(timings, dict) and bool(timings)
        if has_timings:
            self._timings = timings
        if (isinstance(usage, dict) and usage) or has_timings:
            yield from self._read_usage(usage)
        for sources in (chunk.get("citations"), chunk.get("search_results")):
            if isinstance(sources, list):
                for source in sources:
                    yield from self._sources.read(source)

    def _read_usage(self, usage: Any) -> Iterator[Delta]:
        if isinstance(usage, dict) and usage:
            self._raw_usage = usage
        yield self._tell_usage(read_usage(self._raw_usage, self._timings))


def _read_progress(progress: dict[str, Any]) -> Iterator[Delta]:
    """How far llama.cpp has read the prompt."""
    read, total, cached = (progress.get(name) for name in ("processed", "total", "cache"))
    if isinstance(read, int) and isinstance(total, int) and 0 <= read <= total > 0:
        yield PromptProgressDelta(read, total, cached if isinstance(cached, int) and 0 <= cached <= read else 0)


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and is_error_set(value)


def _is_bare_error(chunk: dict[str, Any]) -> bool:
    """An object that is no chunk and speaks as error bodies do, with or without an `error` member."""
    if is_error_set(chunk):
        return True
    is_told = chunk.get("object") == "error" or chunk.get("type") == "error" or "detail" in chunk
    return (is_told or ("message" in chunk and "code" in chunk)) and find_words(chunk) is not None


def _details_text(details: list[Any]) -> str:
    texts = (detail.get("text") or detail.get("summary") for detail in details if isinstance(detail, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_plain, value))
    return _plain(value.get("text")) if isinstance(value, dict) else ""


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"
