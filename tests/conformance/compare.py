"""The comparison rule of the conformance cases: a key that is not expected is not compared."""

import hashlib
import json


def differences(expected, got):
    """The keys in which a result differs from what a case expects, as (key, expected, got)."""
    return [(key, want, got.get(key)) for key, want in expected.items() if not agree(key, want, got.get(key))]


def agree(key, want, have):
    match key:
        case "error":
            return want is have if want is None or have is None else error_agrees(want, have)
        case "tool_calls":
            return len(want) == len(have) and all(map(call_agrees, want, have))
        case "events":
            return len(want) == len(have) and all(map(event_agrees, want, have))
        case "usage" | "items" | "server_tools" | "tokens":
            return is_part_of(want, have)
        case _:
            return want == have


def error_agrees(want, have):
    kinds = want["kind"] if isinstance(want["kind"], list) else [want["kind"]]
    message = have["message"]
    return (
        have["kind"] in kinds
        and want.get("message_contains", "").lower() in message.lower()
        and ("not_contains" not in want or want["not_contains"] not in message)
        and all(
            have.get(key) == want[key] for key in ("status", "code", "retry_after", "retry_after_at") if key in want
        )
    )


def call_agrees(want, have):
    return (
        want["name"] == have["name"]
        and want["id"] in (None, have["id"])
        and bool(have["id"])
        and text_agrees(want, have["arguments"], "arguments")
        and ("extra" not in want or is_part_of(want["extra"], have.get("extra")))
    )


def event_agrees(want, have):
    return want["event"] == have["event"] and want["id"] == have["id"] and text_agrees(want, have["data"], "data")


def text_agrees(want, have, name):
    """A long text is given by its length and hash, a JSON text by its value."""
    if name in want:
        return want[name] == have
    if f"{name}_json" in want:
        return json.loads(have) == want[f"{name}_json"]
    return len(have) == want[f"{name}_len"] and hashlib.sha256(have.encode()).hexdigest() == want[f"{name}_sha256"]


def is_part_of(want, have):
    if isinstance(want, dict):
        return isinstance(have, dict) and all(
            key in have and is_part_of(value, have[key]) for key, value in want.items()
        )
    if isinstance(want, list):
        return isinstance(have, list) and len(want) == len(have) and all(map(is_part_of, want, have))
    return want == have
