"""Rules about chunks of Chat Completions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.chat.checking.identity import IdentityRules
from tui.chat.checking.note import Notes
from tui.chat.checking.text import TextRules
from tui.domain.finish import describe_finish, is_reason
from tui.wire.sse import Frame

_CHUNK = frozenset(
    (
        *("id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "obfuscation"),
        *("citations", "search_results", "error", "timings", "provider", "x_groq", "prompt_filter_results", "videos"),
        *("content_filter_results", "content_filter_offsets", "images", "type", "num_sources_used", "base_resp"),
        "prompt_progress",  # of llama.cpp, and asked for by us
    )
)
_DELTA = frozenset(
    (
        *("role", "content", "tool_calls", "refusal", "function_call", "reasoning_content", "reasoning", "audio"),
        *("reasoning_details", "reasoning_text", "reasoning_opaque", "annotations", "images", "name", "citations"),
        *("thinking_blocks", "extra_content", "reasoning_signature"),
    )
)
_MANY = 3
_LONG = 40


class ChatRules:
    """Follows the chunks of one reply."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._identity = IdentityRules(notes)
        self._is_first = True
        self._finish = ""
        self._ids: dict[str, int] = {}
        self._calls: dict[int, dict[str, str]] = {}
        self._text = TextRules(notes)
        self._usage: int = 0

    def feed(self, frame: Frame, value: Any, number: int) -> None:
        """Take a chunk."""
        del frame
        notes = self._notes
        if not isinstance(value, dict):
            return
        if unknown := [name for name in value if name not in _CHUNK]:
            notes.add("unknown-field", ", ".join(f"“{name[:40]}”" for name in unknown[:3]), number)
        self._identity.feed(value.get("id"), value.get("model"), value.get("created"), number)
        object_ = value.get("object")
        if isinstance(object_, str) and object_ not in ("chat.completion.chunk", "", "error") and "choices" in value:
            notes.add("object-word", f"it is “{object_[:40]}”", number)
        self._take_usage(value.get("usage"), number)
        choices = value.get("choices")
        if choices == [] and "error" not in value:
            notes.add("empty-choices", f"frame {number + 1} has none", number)
        if not isinstance(choices, list):
            return
        for choice in choices:
            if isinstance(choice, dict):
                self._take_choice(choice, number)
        if len(choices) > 1 or any(
            isinstance(each, dict) and each.get("index", 0) not in (0, None) for each in choices
        ):
            notes.add("many-choices", "", number)

    def _take_choice(self, choice: dict[str, Any], number: int) -> None:
        notes = self._notes
        delta = choice.get("delta")
        if isinstance(delta, dict) and isinstance(choice.get("message"), dict):
            notes.add("delta-and-message", f"frame {number + 1}", number)
        delta = delta if isinstance(delta, dict) else {}
        if unknown := [name for name in delta if name not in _DELTA]:
            notes.add("unknown-field", ", ".join(f"“delta.{name[:40]}”" for name in unknown[:3]), number)
        if self._is_first and delta:
            self._is_first = False
            if not delta.get("role"):
                notes.add("no-role", "", number)
        text = delta.get("content")
        has_more = (isinstance(text, str) and bool(text)) or bool(delta.get("tool_calls"))
        if has_more and self._finish:
            notes.add("finish-early", f"“{self._finish}” came before frame {number + 1}, which goes on", number)
        if isinstance(text, str) and text:
            self._text.feed(text, number)
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str) and thought and self._text.size:
            notes.add("reasoning-late", f"frame {number + 1}", number)
        self._take_calls(delta.get("tool_calls"), number)
        self._take_finish(choice.get("finish_reason"), number)

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason came."""
        return bool(self._finish)

    def take_text(self, text: str, number: int) -> None:
        """Take a chunk that is known to bring this text, and to be like the one before it in all else."""
        self._text.feed(text, number)

    def take_texts(self, texts: Sequence[str], number: int) -> None:
        """Take some of them, from one of a number on."""
        self._text.feed_all(texts, number)

    def _take_calls(self, calls: Any, number: int) -> None:
        for place, call in enumerate(calls if isinstance(calls, list) else []):
            if not isinstance(call, dict):
                continue
            index = call.get("index", place)
            if not isinstance(index, int):
                continue
            if index not in self._calls:
                if index > len(self._calls):
                    words = f"call {index} came where {len(self._calls)} was due"
                    self._notes.add("index-gap", words, number)
                self._calls[index] = {"id": "", "name": ""}
            announced = self._calls[index]
            id_, function = call.get("id"), call.get("function")
            if isinstance(id_, str) and id_ and not announced["id"]:
                announced["id"] = id_
                if self._ids.setdefault(id_, index) != index:
                    self._notes.add("call-id-twice", f"“{id_[:40]}”", number)
            if isinstance(function, dict) and isinstance(name := function.get("name"), str):
                announced["name"] += name

    def _take_finish(self, reason: Any, number: int) -> None:
        if not isinstance(reason, str) or not is_reason(reason):
            return
        if self._finish and reason != self._finish:
            self._notes.add("finish-twice", f"“{self._finish}”, then “{reason[:40]}”", number)
        finish = describe_finish(reason)
        if not finish.is_plain and not finish.is_cut and reason not in ("tool_calls", "function_call"):
            self._notes.add("unknown-finish", f"“{reason[:40]}”", number)
        self._finish = reason

    def _take_usage(self, usage: Any, number: int) -> None:
        count = usage.get("completion_tokens") if isinstance(usage, dict) else None
        if isinstance(count, int):
            if count < self._usage:
                self._notes.add("usage-shrinks", f"{count:,} tokens came out, after {self._usage:,}", number)
            self._usage = max(self._usage, count)

    def close(self) -> None:
        """What can be told at the end."""
        notes = self._notes
        for index, call in self._calls.items():
            if not call["id"]:
                notes.add("call-no-id", f"call {index} ({call['name'][:40] or 'without a name'})")
            if not call["name"]:
                notes.add("call-no-name", f"call {index}")
        if self._text.count == 1 and self._text.size > _LONG * _MANY:
            notes.add("one-delta", f"{self._text.size:,} characters came in one frame")
        if self._finish in ("stop", "end_turn", "length") and self._calls and self._finish != "length":
            notes.add("finish-mismatch", f"calls came, and the finish reason is “{self._finish}”")
        elif self._finish in ("tool_calls", "function_call") and not self._calls:
            notes.add("finish-mismatch", f"the finish reason is “{self._finish}”, and no call came", is_wrong=None)
