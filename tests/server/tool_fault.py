"""Group S, tool calls: fragments that are merged, lost, endless or wrong."""

from __future__ import annotations

import itertools
from typing import Any

from tests.server.good import call_frames
from tests.server.scenario import Ask, scenario, stream
from tests.server.speech import ChatSpeech, Speech, unnumbered
from tests.server.step import Answer, first_bytes


def _ended(speech: Speech, frames: list[bytes]) -> Answer:
    return stream([*speech.start(), *frames, *speech.finish("tool_calls"), *speech.done()])


def _odd(ask: Ask, *fragments: dict[str, Any]) -> Answer:
    """Chat: a reply made of just these tool-call fragments; Responses: one plain call."""
    speech = ask.speech()
    if not isinstance(speech, ChatSpeech):
        return stream([*speech.start(), *call_frames(speech), *speech.finish(), *speech.done()])
    speech.calls = 1
    return _ended(speech, [speech.chunk({"tool_calls": [fragment]}) for fragment in fragments])


def _fragment(arguments: str, name: str = "", call_id: str = "", **more: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": name} if name else {})}
    return {**more, **({"id": call_id, "type": "function"} if call_id else {}), "function": function}


@scenario("endless-tool", group="S")
def endless_tool(ask: Ask) -> Answer:
    """Arguments for ever, as fast as they are read."""
    speech = ask.speech()
    if isinstance(speech, ChatSpeech):
        more = speech.chunk({"tool_calls": [{"index": 0, "function": {"arguments": "x" * 1000}}]})
        start = [speech.chunk({"tool_calls": [_fragment('{"city": "', "get_weather", "call_1", index=0)]})]
    else:
        frames = speech.call("call_1", "get_weather", ['{"city": "', "x" * 1000])
        end = -3 if ask.dialect == "responses" else -2
        start, more = [*speech.start(), *frames[:end]], unnumbered(frames[end])
    return Answer(itertools.chain(start, itertools.repeat(more * 8)))


@scenario("many-tools", group="S")
def many_tools(ask: Ask) -> Answer:
    """N tool calls (100)."""
    speech = ask.speech()
    frames = speech.start()
    for number in range(int(ask.number(100))):
        frames += speech.call(f"call_{number}", "get_weather", ['{"city":', '"Paris"}'])
    return stream([*frames, *speech.finish(), *speech.done()])


@scenario("tool-same-id", group="S")
def tool_same_id(ask: Ask) -> Answer:
    """Every fragment repeats id and name."""
    return _odd(ask, *[_fragment(part, "get_weather", "call_1", index=0) for part in ('{"city"', ': "Par', 'is"}')])


@scenario("tool-index-gap", group="S")
def tool_index_gap(ask: Ask) -> Answer:
    """Indexes 0 and 1,000,000,000."""
    return _odd(
        ask,
        _fragment('{"city": "Paris"}', "get_weather", "call_1", index=0),
        _fragment('{"city": "Rome"}', "get_weather", "call_2", index=10**9),
    )


@scenario("tool-index-negative", group="S")
def tool_index_negative(ask: Ask) -> Answer:
    """Index -1."""
    return _odd(ask, _fragment('{"city": "Paris"}', "get_weather", "call_1", index=-1))


@scenario("tool-no-index", group="S")
def tool_no_index(ask: Ask) -> Answer:
    """No index at all."""
    return _odd(ask, _fragment('{"city": ', "get_weather", "call_1"), _fragment('"Paris"}'))


@scenario("tool-orphan", group="S")
def tool_orphan(ask: Ask) -> Answer:
    """Arguments for a call that was never opened."""
    return _odd(ask, _fragment('{"city": "Paris"}', index=3))


@scenario("tool-bad-json", group="S")
def tool_bad_json(ask: Ask) -> Answer:
    """Arguments that are no JSON."""
    speech = ask.speech()
    frames = [*speech.start(), *call_frames(speech, arguments='{"city": "Paris", oops}')]
    return stream([*frames, *speech.finish(), *speech.done()])


@scenario("tool-unknown", group="S")
def tool_unknown(ask: Ask) -> Answer:
    """A tool nobody offered."""
    speech = ask.speech()
    frames = [*speech.start(), *call_frames(speech, "rm_rf_slash", '{"path": "/"}')]
    return stream([*frames, *speech.finish(), *speech.done()])


@scenario("tool-cut", group="S")
def tool_cut(ask: Ask) -> Answer:
    """A clean end inside a tool call's arguments."""
    speech = ask.speech()
    frames = [*speech.start(), *call_frames(speech)]
    kept = len(b"".join(frames if ask.dialect == "chat" else frames[:-2])) - 40
    return Answer(first_bytes(frames, kept))
