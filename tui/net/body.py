"""The JSON body of a request: what the dialect says, as this endpoint wants it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from typing import Any

from tui.domain.collector import collector_at_rest
from tui.domain.endpoint import Endpoint, Secret
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.request import Request
from tui.net.address import vendor_of
from tui.wire.dialect import Dialect, dialect_named
from tui.wire.json_text import LONG, is_long, write_json_in_pieces
from tui.wire.token_limit import LIMIT_FIELDS, other_limit_field

_OPTIONAL = (
    *("temperature", "top_p", "seed", "stop", "stop_sequences", "service_tier"),
    *("parallel_tool_calls", "max_turns"),
)
_REFUSED = (
    rb"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|not (?:supported|permitted|allowed)|does not support)"
    rb"[^.]{0,60}\b%b\b|\b%b\b[^.]{0,60}(?:unsupported|not (?:supported|permitted|allowed))"
)

REFUSABLE: dict[str, LazyPattern[bytes]] = {
    "return_progress": LazyPattern(rb"return_progress"),
    "stream_options": LazyPattern(rb"stream_options"),
    "reasoning_effort": LazyPattern(rb"reasoning[_ ]effort|reasoningEffort", re.IGNORECASE),
    "reasoning": LazyPattern(
        rb"reasoning\.(?:effort|summary)|reasoning[_ ]effort|[\"'`]reasoning[\"'`]", re.IGNORECASE
    ),
    "include": LazyPattern(rb"encrypted[_ ]content|[\"'`]include\b|_call\.(?:action|outputs|results)", re.IGNORECASE),
    "prompt_cache_key": LazyPattern(rb"prompt_cache_key"),
    "output_config": LazyPattern(rb"output_config|\beffort\b"),
    "thinking": LazyPattern(rb"adaptive thinking|thinking\.type|[\"'`]thinking[\"'`]", re.IGNORECASE),
    **{name: LazyPattern(_REFUSED.replace(b"%b", name.encode()), re.IGNORECASE) for name in _OPTIONAL},
}
"""Fields that not every model takes, and what stands in a refusal that means one of them."""

REFUSED_LIMIT: dict[str, LazyPattern[bytes]] = {
    name: LazyPattern(_REFUSED.replace(b"%b", name.encode()), re.IGNORECASE) for name in LIMIT_FIELDS
}
"""Names of the token limit, and what in a refusal means that the limit goes by another name there."""

UNASKED = frozenset({"stream_options", "return_progress"})
"""Those that nobody set: that a server does not take them is nothing to tell."""


def make_body(
    dialect: Dialect,
    endpoint: Endpoint,
    request: Request,
    unknown: Collection[str] = (),
    *,
    tells_progress: bool = False,
    encoded: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body as a JSON object; `encoded` is what the dialect makes of the request, where that was done already.

    The endpoint's own fields go over the dialect's, and the request's over both; `None` takes a field out. The token
    limit gets the name the endpoint gives it, the other one where that is in `unknown`; other fields in it are left out. A server that `tells_progress` is
    asked how far it has read the prompt.
    """
    merged = {**(dialect.encode(request) if encoded is None else encoded), **endpoint.body, **request.body}
    if routes_cache(endpoint, request) and not (dialect.name == "chat" and endpoint_vendor(endpoint) == "xai"):
        merged.setdefault("prompt_cache_key", request.cache_key)
    body: dict[str, Any] = {name: value for name, value in merged.items() if value is not None}
    wanted = endpoint.limit_field if dialect.may_rename_limit else ""
    for name in LIMIT_FIELDS:
        if wanted and name != wanted and name in body:
            body[wanted] = body.pop(name)
    if dialect.may_rename_limit:
        for name in LIMIT_FIELDS:
            if name in body and name in unknown:
                rename_limit(body, name, unknown)
                break
    if tells_progress and dialect.name == "chat":
        body.setdefault("return_progress", True)
    for name in unknown:
        if name not in LIMIT_FIELDS:
            body.pop(name, None)
    return body


def rename_limit(body: dict[str, Any], name: str, unknown: Collection[str]) -> str:
    """Give the token limit its other name, unless that is `unknown` too: a limit is never left out; the new name, if any."""
    other = other_limit_field(name)
    if not other or other in unknown or other in body:
        return ""
    body[other] = body.pop(name)
    return other


def routes_cache(endpoint: Endpoint, request: Request) -> bool:
    """Whether a request tells the endpoint's cache which conversation it belongs to."""
    if not request.cache_key or endpoint.is_local or endpoint.dialect == "messages":
        return False
    return endpoint_vendor(endpoint) in ("xai", "openai") if endpoint.routes_cache is None else endpoint.routes_cache


def cache_headers(dialect: Dialect, endpoint: Endpoint, request: Request) -> list[tuple[str, str]]:
    """The same for xAI's Chat Completions, which want it in a header."""
    is_wanted = dialect.name == "chat" and endpoint_vendor(endpoint) == "xai" and routes_cache(endpoint, request)
    return [("x-grok-conv-id", request.cache_key)] if is_wanted else []


def _is_remote(entry: Any) -> bool:
    """Whether an entry of a body describes an MCP server that the endpoint calls; a tool of ours never gets a key."""
    return isinstance(entry, dict) and entry.get("type") in ("mcp", "url")


def strings_in(value: Any) -> set[str]:
    """Every text in the values of JSON."""
    if isinstance(value, str):
        return {value}
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return {text for member in members for text in strings_in(member)}


def _filled(value: Any, values: Mapping[str, Secret]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, values) for name, each in value.items()}
    secret = values.get(value) if isinstance(value, str) else None
    return value if secret is None else secret.in_form()


def endpoint_vendor(endpoint: Endpoint) -> str:
    """Whose endpoint it is, by its name or its host."""
    return endpoint.name if endpoint.name in ("xai", "openai") else vendor_of(endpoint.base_url)


async def encode_apart(endpoint: Endpoint, request: Request) -> Mapping[str, Any] | None:
    """What the dialect of an endpoint makes of a long request, made in a thread; `None` of one that takes no while."""
    if len(request.messages) <= LONG:
        return None
    with collector_at_rest():
        return await asyncio.to_thread(dialect_named(endpoint.dialect).encode, request)


async def pack_apart(body: dict[str, Any], values: Mapping[str, Secret] | None = None) -> bytes:
    """The body as it is sent; a long one is written in a thread."""
    if any(map(is_long, body.values())):
        return await asyncio.to_thread(pack_body, body, values)
    return pack_body(body, values)


def pack_body(body: dict[str, Any], values: Mapping[str, Secret] | None = None) -> bytes:
    """The body as it is sent; what cannot be said in UTF-8 (half a surrogate pair) becomes a question mark.

    The keys of MCP servers, `values` by their placeholders, are put in here and nowhere else: everything that is shown or
    written down holds the placeholders.
    """
    if values:
        body = dict(body)
        for name in ("tools", "mcp_servers"):
            if isinstance(entries := body.get(name), list):
                body[name] = [_filled(entry, values) if _is_remote(entry) else entry for entry in entries]
    return b"".join([piece.encode("utf-8", "replace") for piece in write_json_in_pieces(body)])
