"""Rules about the reply as a whole: how it ended, what it says, what it cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tui.chat.checking.note import Notes
from tui.chat.structure import judge, schema_of_request
from tui.domain.delta import OddityDelta
from tui.domain.doubt import BETWEEN_WORDS, NO_TEXT
from tui.domain.error import EndpointError
from tui.domain.tape import SentRequest
from tui.domain.turn import Turn, TurnState
from tui.schema.json_value import JsonError, parse_frozen
from tui.wire.written_call import describe_written_call, written_call

_LONGEST_TOKEN = 40
"""Characters that one token of prose has at most, on average."""


def note_oddity(oddity: OddityDelta, notes: Notes, frame: int = -1) -> str:
    """Note what reading a reply found odd; the code of its rule, empty where there is none."""
    code = _ODDITIES.get(oddity.kind, "")
    if code and not (code == "many-choices" and notes.has(code)):
        notes.add(code, f"{_WORDS.get(oddity.kind, '')}{oddity.detail}", frame)
    return code


def check_ending(
    turn: Turn, request: SentRequest | None, model: str, notes: Notes, heard: Collection[str] = ()
) -> None:
    """Look at a turn that has ended; what was heard of the oddities in it is noted already."""
    asked = request.body if request is not None else {}
    _check_state(turn, notes)
    _check_usage(turn, asked, notes)
    for call in turn.tool_calls:
        try:
            parse_frozen(call.arguments or "{}")
        except JsonError as error:
            notes.add("arguments", f"the arguments of {call.name or 'a call without a name'} are not JSON: {error}")
    if not turn.tool_calls and (name := written_call(turn.text, _offered(asked))) is not None:
        notes.add("written-call", describe_written_call(name))
    if turn.answered_by and model and turn.answered_by != model:
        notes.add("model", f"“{model}” was asked, and “{turn.answered_by}” answered")
    if (schema := schema_of_request(asked)) is not None and turn.body.size:
        verdict = judge(turn, schema)
        if verdict.kind in ("invalid", "cut"):
            notes.add("schema", f"the reply does not follow the schema it was asked for: {verdict.words}")
        elif verdict.unjudged:
            notes.add("schema", f"not judged of the reply's schema: {verdict.not_judged}", is_wrong=False)
    for oddity in turn.oddities:
        if _ODDITIES.get(oddity.kind) not in heard:
            note_oddity(oddity, notes)


def _offered(asked: Mapping[str, Any]) -> frozenset[str] | None:
    """The tools that a request told the model of, in any dialect; `None` where it cannot be told."""
    tools = asked.get("tools", ())
    if not isinstance(tools, list | tuple):
        return None
    named = (tool.get("function", tool) if isinstance(tool, Mapping) else {} for tool in tools)
    return frozenset(str(tool["name"]) for tool in named if isinstance(tool, Mapping) and "name" in tool)


def _check_state(turn: Turn, notes: Notes) -> None:
    if turn.state is TurnState.STOPPED:
        notes.add("stopped", "it was stopped by the person who asked")
    elif turn.error is not None:
        code = "error" if isinstance(turn.error, EndpointError) or turn.has_finished else "no-finish"
        prefix = "no finish reason came: " if code == "no-finish" else ""
        notes.add(code, f"{prefix}{turn.error.message}")
    finish = turn.finish
    if turn.has_finished and finish.is_cut:
        notes.add("cut", f"the reply was {finish.words} (“{turn.incomplete_reason or turn.finish_reason}”)")


def _check_usage(turn: Turn, asked: Mapping[str, Any], notes: Notes) -> None:
    usage = turn.usage
    if turn.has_finished and usage is None:
        options = asked.get("stream_options")
        was_asked = isinstance(options, dict) and bool(options.get("include_usage"))
        notes.add(
            "no-usage", "no usage came" + (", although it was asked for" if was_asked else ""), is_wrong=was_asked
        )
    if usage is None:
        return
    size = turn.body.size
    if usage.output and size > _LONGEST_TOKEN * usage.output + 100 and not turn.images:
        notes.add("usage", f"{usage.output:,} output tokens are counted for {size:,} characters")
    if usage.cached is not None and usage.input is not None and usage.cached > usage.input:
        notes.add("usage", f"{usage.cached:,} tokens were cached of {usage.input:,} that were sent")
    if usage.reasoning is not None and usage.output is not None and usage.reasoning > usage.output:
        notes.add("usage", f"{usage.reasoning:,} tokens were thought of {usage.output:,} that came out")


_ODDITIES = {
    "sequence": "sequence",
    "bad frame": "bad-frame",
    "unknown event": "unknown-event",
    "unknown part": "unknown-part",
    "text replaced": "text-replaced",
    "other choice": "many-choices",
    "late break": "late-break",
    "left out": "left-out",
    "usage": "usage",
    NO_TEXT: "no-text",
    BETWEEN_WORDS: "between-words",
}
"""The rule for each kind of oddity that decoding a reply brings."""
_WORDS = {
    "sequence": "sequence numbers do not follow one another: ",
    "bad frame": "frames that make no sense were passed over: ",
    "unknown event": "events of a kind that is not known were passed over: ",
}
