"""Error bodies: what an endpoint says when it says no, in the fourteen shapes seen in the wild."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tui.domain.error import EndpointError, ErrorKind, FrameError, RefusedError
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.tape import Head
from tui.wire.error_shape import (
    LONGEST_PAGE,
    TAG,
    ErrorWords,
    describe_html,
    find_words,
    integer_of,
    is_html,
    unescape,
)
from tui.wire.json_text import parse_json, write_json
from tui.wire.printable import mask_keys, printable
from tui.wire.rate_limit import describe_rate_limit
from tui.wire.sse import FrameReader

_LONGEST_MESSAGE = 1000
_JSON = LazyPattern(r"""\s*(?:\{\s*(?:"|\Z)|\[\s*(?:[\[{"]|\Z))""")
_XML_MESSAGE = LazyPattern(r"<(?:message|faultstring|detail)>(.{1,2000}?)</", re.IGNORECASE | re.DOTALL)
_SECONDS = LazyPattern(r"\s*\+?([0-9]{1,15}(?:\.[0-9]{0,15})?)\s*s?\s*", re.ASCII)
_WRONG_KEY = LazyPattern(
    r"(?:incorrect|invalid|wrong|expired|revoked|malformed|missing|no)\s+(?:\w+\s+)?api[ _-]?key"
    r"|api[ _-]?key\s+(?:is\s+|was\s+)?(?:not\s+|in)(?:valid|correct|found|provided)|api_key_invalid"
    r"|login fail|(?:access )?token\s+(?:is\s+|has\s+)?(?:invalid|expired|not valid)|carry the api secret key",
    re.IGNORECASE,
)
_KEY_TYPES = frozenset({"authentication_error", "invalid_api_key", "API_KEY_INVALID"})
_REFUSED_KEY = LazyPattern(r"no connected db\b", re.IGNORECASE)
"""What LiteLLM's proxy says of a key that it does not know, where it has no database to look in."""
_NO_MODEL = LazyPattern(
    r"model[ _]not[ _](?:found|exist)|no such model|(?:unknown|invalid) model\b|not a valid model\b"
    r"|model\b.{0,200}\b(?:not found|does not exist|is not (?:available|supported|loaded))",
    re.IGNORECASE | re.DOTALL,
)
_NO_SUCH_MODEL = LazyPattern(
    r"model[ _]not[ _](?:found|exist)|no such model|(?:unknown|invalid) model(?:$|:| name| id)|not a valid model\b"
    r"|\bmodel:?\s+\S{1,200}\s+(?:was |is |could |)(?:not (?:be )?found|does(?: not|n't) exist|not loaded)",
    re.IGNORECASE,
)
"""The same, where no status says so: a model's refusal of something else names the model too."""
_OTHER_PATH = LazyPattern(r"/(?:responses|chat/completions|messages)\b|responses api|not a chat model", re.IGNORECASE)
"""Words of a refusal that are about the way a model is asked, and not about whether there is one."""
_PASSING = LazyPattern(
    r"overloaded|over capacity|at capacity|rate.?limit|too many requests|temporarily unavailable|unavailable"
    r"|server_error|api_error|internal[_ ](?:server[_ ])?error|timed? ?out|try again (?:later|in a)",
    re.IGNORECASE,
)
_PASSING_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_RETRY_DELAY = LazyPattern(rb'"retryDelay"\s*:\s*"([0-9]{1,6}(?:\.[0-9]{0,9})?)s"')
_NO_CREDIT = LazyPattern(
    r"insufficient[ _](?:quota|balance|credit|fund)|(?:used|spent|exhausted)\s+all.{0,40}credit|no credits?\b|any credits?\b"
    r"|credit balance|spending limit|exceeded your current quota|billing|out of credits?",
    re.IGNORECASE,
)
_TOO_LONG = LazyPattern(
    r"exceed_context_size|context_length_exceeded|context (?:size|length|window)|context too long|maximum prompt length",
    re.IGNORECASE,
)


def is_error_set(value: Mapping[str, Any]) -> bool:
    """Whether an object's `error` member says that there is one: `null`, `""` and `{}` say that there is none."""
    return bool(value.get("error"))


def read_stream_error(value: Any, *, secrets: Sequence[str] = ()) -> EndpointError:
    """An error that came inside a stream, or as the whole of an answer with status 200."""
    words = find_words(value)
    if words is None or not words.message.strip():
        return EndpointError("The endpoint reported an error and does not say which.", "Try again.")
    is_missing = 404 in (words.number, integer_of(words.code)) or "model_not_found" in (words.code, words.type)
    kind: ErrorKind = "not_found" if is_missing else "stream"
    cause: ErrorKind = kind
    is_key = 401 in (words.number, integer_of(words.code)) or not _KEY_TYPES.isdisjoint((words.code, words.type))
    if is_key or any(each.search(words.judged) for each in (_REFUSED_KEY, _WRONG_KEY)):
        kind = cause = "auth"
    elif _NO_MODEL.search(words.judged):
        cause = "not_found"
    lead = "The endpoint does not know this model" if cause == "not_found" else "The endpoint reported an error"
    return EndpointError(
        f"{lead}: {tidy(words.message, secrets)}",
        _advise(cause, words, ""),
        kind=kind,
        code=tidy(words.code, secrets),
        may_pass=cause == "stream" and _is_passing(words),
        retry_after=read_retry_delay(write_json(value).encode("utf-8", "replace"))
        if isinstance(value, dict | list)
        else None,
    )


def _is_passing(words: ErrorWords) -> bool:
    said = words.judged_whole
    if _NO_CREDIT.search(said):
        return False
    return (
        words.number in _PASSING_STATUSES or integer_of(words.code) in _PASSING_STATUSES or bool(_PASSING.search(said))
    )


def read_retry_delay(body: bytes) -> float | None:
    """How many seconds to wait, where the body says so (Gemini's `retryDelay`); `None` where it does not."""
    match = _RETRY_DELAY.search(body[: 64 << 10])
    return float(match[1]) if match is not None else None


def _no_key(key_name: str) -> str:
    return f"It is looked for in {key_name}." if key_name else "Name its key in the settings, by key_env."


def read_refusal(
    head: Head,
    body: bytes,
    *,
    secrets: Sequence[str] = (),
    key_name: str = "",
    has_key: bool = True,
    host: str = "",
) -> RefusedError:
    """Say no in the endpoint's own words.

    Args:
        head: The response head, with an error or redirect status.
        body: The decoded body, as far as it came.
        secrets: The values of keys that must not appear in the message.
        key_name: Where the key came from (`XAI_API_KEY`), or would; empty where that is not known.
        has_key: Whether one was sent.
        host: Who says no, as it is to be shown; empty where that is not known.
    """
    if 300 <= head.status < 400:
        return _read_redirect(head)
    words = _read_body(body)
    kind = _kind(head.status, words)
    is_keyless = kind == "auth" and head.status != 407 and not has_key
    asks = f"{host or 'The endpoint'} wants a key, and none was sent"
    lead = asks if is_keyless else _lead(head.status, kind, words, key_name, host)
    said = tidy(words.message, secrets)
    message = f"{lead} ({head.status}): {said}" if said else f"{lead} ({head.status})."
    if kind == "rate_limit" and (limit := describe_rate_limit(head.headers)):
        message += f"{'' if message.endswith(('.', '!', '?')) else '.'} The endpoint says: {limit}."
    seconds, date = read_retry_after(head.headers)
    return RefusedError(
        message,
        _no_key(key_name) if is_keyless else _advise(kind, words, key_name, head.status),
        kind=kind,
        status=head.status,
        code=tidy(words.code, secrets),
        retry_after=seconds,
        retry_after_at=date,
    )


def is_model_missing(error: RefusedError, model: str) -> bool:
    """Whether a 404 is about the model and not about the address, where a dialect would be spoken."""
    said = error.message.partition(f"({error.status}): ")[2]
    if _OTHER_PATH.search(said):
        return False
    return error.code == "model_not_found" or model in said or _NO_MODEL.search(said) is not None


def is_out_of_credit(error: RefusedError) -> bool:
    """Whether it was refused for want of money, so that trying again changes nothing."""
    return error.status in (402, 403, 429) and _NO_CREDIT.search(f"{error.message} {error.code}") is not None


def read_retry_after(headers: Mapping[str, str]) -> tuple[float | None, str | None]:
    """How long to wait: seconds, or a date in ISO 8601; both `None` where nothing usable is said."""
    if (seconds := _seconds(headers.get("retry-after-ms", ""))) is not None:
        return seconds / 1000, None
    value = headers.get("retry-after", "")
    if (seconds := _seconds(value)) is not None:
        return seconds, None
    if not value:
        return None, None
    from email.utils import parsedate_to_datetime  # which few refusals need

    for read in (parsedate_to_datetime, datetime.fromisoformat):
        with contextlib.suppress(ValueError, TypeError, IndexError, OverflowError):
            return None, read(value.strip()).isoformat()
    return None, None


def tidy(text: str, secrets: Sequence[str] = ()) -> str:
    """Foreign words as they may be shown: without keys, printable, not a web page, not without end."""
    text = text.strip()
    if is_html(text):
        return describe_html(text)
    text = printable(mask_keys(text, secrets)[: 4 * _LONGEST_MESSAGE])
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 1]}…"


def _read_body(body: bytes) -> ErrorWords:
    text = body.decode("utf-8-sig", "replace").strip()
    if not text:
        return ErrorWords("")
    candidates = [text]
    if text.startswith(("data:", "event:", ":", "id:", "retry:")):
        reader = FrameReader()
        frames = reader.feed(body + b"\n\n")
        candidates = [frame.data for frame in frames] or [""]
    for candidate in candidates:
        try:
            value = parse_json(candidate)
        except FrameError:
            continue
        return find_words(value) or ErrorWords("")
    if candidates[0].startswith(("<?xml", "<Error", "<error")):
        match = _XML_MESSAGE.search(text)
        return ErrorWords(" ".join(unescape(TAG.sub(" ", match[1] if match else text[:LONGEST_PAGE])).split()))
    # JSON that does not parse was cut off or broken: a fragment of it is no sentence, and the status says more.
    return ErrorWords("" if _JSON.match(candidates[0]) else candidates[0])


def _kind(status: int, words: ErrorWords) -> ErrorKind:
    if _REFUSED_KEY.search(words.judged):
        return "auth"
    if status in (400, 401) and (
        _WRONG_KEY.search(words.judged) or words.code in ("invalid_api_key", "API_KEY_INVALID")
    ):
        return "auth"
    if status in (400, 422) and (words.code == "model_not_found" or _NO_SUCH_MODEL.search(words.judged)):
        return "not_found"
    match status:
        case 401 | 407:
            return "auth"
        case 402 | 403 | 451:
            return "permission"
        case 404:
            return "not_found"
        case 429:
            return "rate_limit"
        case 408 | 425:
            return "server"
        case _:
            return "bad_request" if status < 500 else "server"


def _lead(status: int, kind: ErrorKind, words: ErrorWords, key_name: str, host: str) -> str:
    if _NO_CREDIT.search(words.judged_whole) and status in (402, 403, 429):
        return "No credit is left"
    match kind:
        case "auth":
            if status == 407:
                return "The proxy wants to know who asks"
            # Whoever has several keys, or a proxy between, must see which key met whom.
            by, source = f" by {host}" if host else "", f"; it came from {key_name}" if key_name else ""
            return f"The key was refused{by}{source}"
        case "permission":
            whom = f" to the key from {key_name}" if key_name and status == 403 else ""
            return f"The endpoint{f' {host}' if host else ''} does not permit this{whom}"
        case "not_found":
            return "The endpoint does not know this address or model"
        case "rate_limit":
            return "Too many requests"
        case "server":
            return "The endpoint failed"
        case _:
            return "The request was refused"


def _advise(kind: ErrorKind, words: ErrorWords, key_name: str, status: int = 0) -> str:
    said = words.judged_whole
    if _NO_CREDIT.search(said):
        return "Add credit or raise the limit at the endpoint; waiting does not help."
    if _TOO_LONG.search(said):
        return "Shorten the conversation, or choose a model with a longer context."
    match kind:
        case "auth":
            return "Check the proxy's settings." if status == 407 else f"Check {key_name or 'the key'}."
        case "permission":
            return f"Check what {key_name or 'the key'} may do."
        case "not_found":
            return "Choose another model, or check the endpoint's base URL."
        case "rate_limit":
            return "Wait a little, then try again."
        case "server" | "stream":
            return "Try again."
        case _:
            return "Change the prompt or the model, then send it again."


def _read_redirect(head: Head) -> RefusedError:
    location = head.headers.get("location", "")
    try:
        host = urlsplit(location).hostname or ""
    except ValueError:
        host = ""
    target = f"to {tidy(host)}" if host else "elsewhere"
    return RefusedError(
        f"The endpoint redirects {target} ({head.status}); a key is not sent to another place.",
        "If that is right, make it the endpoint's base URL.",
        kind="protocol",
        status=head.status,
    )


def _seconds(value: str) -> float | None:
    if (match := _SECONDS.fullmatch(value)) is None:
        return None
    seconds = float(match[1])
    return seconds if math.isfinite(seconds) and seconds <= 1e9 else None
