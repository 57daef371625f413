"""A reply that breaks off, at whatever byte: what came is kept, and nothing is called complete that is not."""

import json

import pytest

from tests.server import TEXT, good
from tests.server.scenario import Ask
from tui.chat.replies import exhaust
from tui.domain.turn import TurnState

STRIDES = {"chat": 37, "responses": 101}
ENDINGS = {"reset": TurnState.FAILED, "cut": TurnState.FAILED, "short": TurnState.TRUNCATED}


def body_of(dialect: str) -> bytes:
    path = "/v1/responses" if dialect == "responses" else "/v1/chat/completions"
    return b"".join(good.say(Ask("ok", path=path, body={"model": "scripted-1"})))


def text_within(body: bytes, dialect: str) -> str:
    """The text of the frames that are whole."""
    chunks = [json.loads(line[6:]) for line in body.rpartition(b"\n\n")[0].split(b"\n") if line.startswith(b"data: {")]
    if dialect == "responses":
        return "".join(chunk["delta"] for chunk in chunks if chunk["type"].endswith("output_text.delta"))
    return "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])


def finish_at(body: bytes, dialect: str) -> int:
    """The first number of bytes that hold the finish signal."""
    sign = b'"finish_reason":' if dialect == "chat" else b"event: response.completed"
    return body.index(b"\n\n", body.index(sign)) + 2


@pytest.fixture
def program(quick_program):
    return quick_program


@pytest.mark.parametrize("dialect", ["chat", "responses"])
@pytest.mark.parametrize("fault", ENDINGS)
async def test_wherever_it_breaks_off_whole_frames_are_kept(server, ask, dialect, fault):
    body = body_of(dialect)
    finished = finish_at(body, dialect)
    edges = {finished - 2, finished - 1, finished, len(body) - 1, len(body)}
    for count in sorted({*range(1, len(body), STRIDES[dialect]), *edges}):
        conversation = ask(server.url(f"{fault}@{count}"), dialect)
        turn = conversation.say("hi")
        await exhaust(conversation.replies.stream(turn))
        assert turn.text == text_within(body[:count], dialect), count
        assert TEXT.startswith(turn.text)
        # A clean end lets a frame count that lacks its blank line, if it is whole JSON.
        must, may = finished, finished - 2 if fault == "short" else finished
        if count >= must:
            assert turn.state is TurnState.COMPLETE, count
        elif count < may:
            assert turn.state is ENDINGS[fault], count
            assert turn.finish_reason is None
            assert turn.error is not None
            assert turn.next == "error"


@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_a_call_that_is_not_whole_is_never_to_be_run(server, ask, dialect):
    """Not even where its arguments happen to be JSON already."""

    def play(count):
        def answer(ask_):
            from tests.server.step import Answer, first_bytes

            speech = ask_.speech()
            frames = [*speech.start(), *good.call_frames(speech), *speech.finish(), *speech.done()]
            return Answer(first_bytes(frames, count))

        return answer

    states = set()
    for count in range(100, 4500, 97):
        conversation = ask(server.add(f"call-{dialect}-{count}", play(count)), dialect)
        turn = conversation.say("hi")
        await exhaust(conversation.replies.stream(turn))
        states.add(turn.state)
        assert (turn.next == "tools") == (turn.state is TurnState.COMPLETE)
        assert '{"city": "Paris"}'.startswith("".join(call.arguments for call in turn.tool_calls))
    assert states == {TurnState.COMPLETE, TurnState.TRUNCATED}
