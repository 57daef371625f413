"""What an error body says: its sentence, in whatever shape the wild has it; and what a web page is called."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tui.domain.error import FrameError
from tui.domain.lazy_pattern import LazyPattern
from tui.wire.json_text import parse_json
from tui.wire.printable import mask_keys, printable

_LONGEST_TITLE = 120
_TITLE = LazyPattern(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_HTML = LazyPattern(r"\s*(?:<!--.{0,2000}?-->\s*)?(?:<!doctype html|<html|<head|<body)", re.IGNORECASE | re.DOTALL)
_SENTENCES = (
    *("message", "detail", "error_message", "error_description", "error_msg", "errorMessage", "msg", "errors"),
    *("Message", "Error", "reason", "fault", "faultstring", "title"),
)
"""The members that may hold the sentence of an error, the likeliest first."""
_BESIDE = ("error_description", "message", "detail", "error_msg", "msg")
"""Where the sentence stands that belongs to an `error` of one word."""
_BASE_KEY = frozenset({1004, 2049})
"""The numbers by which MiniMax says that it does not take the key."""
_NUMBERS = ("code", "status_code", "status", "http_code", "error_code")
TAG = LazyPattern(r"<[^<>]{0,200}>")
LONGEST_PAGE = 20_000
_JUDGED = 4_000
"""Characters of a text by which it is judged; a page of 64 KB would hold up the screen for a tenth of a second."""


class ErrorWords(Struct, frozen=True):
    """What an error body says: its sentence, and its own `code` and `type` where they are words."""

    message: str
    code: str = ""
    type: str = ""
    number: int | None = None
    """Its code, where that is a number: most often a status."""

    @property
    def judged(self) -> str:
        """What is looked at to see what kind of error it is: of a long text, its beginning."""
        return self.message[:_JUDGED]

    @property
    def judged_whole(self) -> str:
        """The same, with its code and type."""
        return f"{self.judged} {self.code[:_JUDGED]} {self.type[:_JUDGED]}"


def find_words(value: Any) -> ErrorWords | None:
    """Find the error in a parsed body, whatever its shape; `None` if it holds none."""
    match value:
        case str():
            return _find_in_text(value)
        case list():
            return next((words for member in value[:10] if (words := find_words(member)) is not None), None)
        case dict():
            return _find_in_object(value)
        case _:
            return None


def _find_in_text(text: str) -> ErrorWords | None:
    """The error in a text, which may be an object once more, as a proxy passes it on."""
    if text.lstrip()[:1] == "{":
        with contextlib.suppress(FrameError):
            if (value := parse_json(text)) is not None and (words := find_words(value)) is not None:
                return words
    return ErrorWords(text) if text.strip() else None


def unescape(text: str) -> str:
    """A text of a page without its entities; their table is loaded where a page came."""
    import html

    return html.unescape(text)


def describe_html(text: str) -> str:
    """What to say of a web page in place of showing it: its title at most."""
    match = _TITLE.search(text)
    title = " ".join(unescape(match[1]).split()) if match else ""
    title = printable(mask_keys(title[:_LONGEST_TITLE]))
    return f"an HTML page (“{title}”)" if title else "an HTML page"


def is_html(text: str) -> bool:
    """Whether a text is a web page."""
    return _HTML.match(text) is not None


def _find_in_object(value: dict[str, Any]) -> ErrorWords | None:
    error = value.get("error")
    code, type_ = _word(value.get("code")), _word(value.get("type"))
    number = next((n for name in _NUMBERS if (n := integer_of(value.get(name))) is not None), None)
    if (raw := _provider_words(value)) is not None:
        return ErrorWords(raw, code, type_, number)
    if isinstance(error, str) and error.strip():
        return _word_and_sentence(error, value, ErrorWords("", code, type_, number))
    if isinstance(error, dict | list) and error:
        inner = find_words(error)
        if inner is None:
            return ErrorWords(_word(value.get("message")), code or _code_in(error), type_, number)
        number = number if inner.number is None else inner.number
        return ErrorWords(inner.message, inner.code or code, inner.type or type_, number)
    if (words := _base_words(value)) is not None:
        return words
    if (page := value.get("html-message")) and isinstance(page, str):
        page_text = " ".join(unescape(TAG.sub(" ", page[:LONGEST_PAGE])).split())
        short = _word(value.get("message")).rstrip(".")
        return ErrorWords(
            f"{short}: {page_text}" if short and short not in page_text else page_text, code, type_, number
        )
    for name in _SENTENCES:
        if (member := value.get(name)) and (words := find_words(member)) is not None:
            number = words.number if number is None else number
            return ErrorWords(words.message, code or words.code, type_ or words.type, number)
    if code or error is True:
        return ErrorWords(code, code, type_)
    return None


def _word_and_sentence(error: str, value: Mapping[str, Any], rest: ErrorWords) -> ErrorWords:
    """An `error` that is a text: a sentence, an object once more, or a word (OAuth's) with its sentence beside it."""
    inner = _find_in_text(error) or ErrorWords(error)
    sentence = next((text for name in _BESIDE if isinstance(text := value.get(name), str) and text.strip()), "")
    message = inner.message
    if sentence and " " not in message.strip() and message not in sentence:
        message = f"{message}: {sentence}"
    return ErrorWords(message, rest.code or inner.code, rest.type or inner.type, inner.number or rest.number)


def _provider_words(error: Mapping[str, Any]) -> str | None:
    """The reason in the `metadata.raw` of OpenRouter's errors, with the name of the provider that gave it."""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if isinstance(raw, str) and raw.lstrip()[:1] in ("{", "["):
        with contextlib.suppress(FrameError):
            raw = parse_json(raw)
    words = find_words(raw) if raw else None
    if not isinstance(metadata, dict):
        return None
    name = metadata.get("provider_name")
    lead = f"{name}: " if isinstance(name, str) and name else ""
    if words is None or not words.message.strip():
        reasons = metadata.get("reasons")
        listed = ", ".join(filter(None, map(_word, reasons))) if isinstance(reasons, list) else ""
        return f"{lead}{_word(error.get('message')).rstrip('.')}: {listed}" if listed else None
    return lead + (describe_html(words.message) if is_html(words.message) else words.message)


def _base_words(value: Mapping[str, Any]) -> ErrorWords | None:
    """The error in the `base_resp` that MiniMax sends with every answer; a status of 0 is none."""
    base = value.get("base_resp")
    number = integer_of(base.get("status_code")) if isinstance(base, dict) else None
    if not isinstance(base, dict) or not number:
        return None
    type_ = "authentication_error" if number in _BASE_KEY else ""
    return ErrorWords(_word(base.get("status_msg")) or f"status {number}", str(number), type_, number)


def has_base_error(value: Mapping[str, Any]) -> bool:
    """Whether a chunk's `base_resp` says that there is an error."""
    return "base_resp" in value and _base_words(value) is not None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def integer_of(value: Any) -> int | None:
    """A whole number, or the text of one."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _code_in(error: Any) -> str:
    return _word(error.get("code")) if isinstance(error, dict) else ""
