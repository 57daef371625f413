"""The JSON body of a request: what the dialect says, as this endpoint wants it."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from tui.domain.endpoint import Endpoint
from tui.domain.request import Request
from tui.wire.dialect import Dialect
from tui.wire.token_limit import LIMIT_FIELDS


def make_body(dialect: Dialect, endpoint: Endpoint, request: Request, unknown: Collection[str] = ()) -> dict[str, Any]:
    """The body as a JSON object.

    The endpoint's own fields go over the dialect's, and the request's over both; `None` takes a field out. The token
    limit gets the name the endpoint gives it; the fields in `unknown` are left out.
    """
    merged = {**dialect.encode(request), **endpoint.body, **request.body}
    body: dict[str, Any] = {name: value for name, value in merged.items() if value is not None}
    wanted = endpoint.limit_field if dialect.may_rename_limit else ""
    for name in LIMIT_FIELDS:
        if wanted and name != wanted and name in body:
            body[wanted] = body.pop(name)
    for name in unknown:
        body.pop(name, None)
    return body


def pack_body(body: dict[str, Any]) -> bytes:
    """The body as it is sent; what cannot be said in UTF-8 (half a surrogate pair) becomes a question mark."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
