"""Before it is sent: what the next request will be, what it takes, and what of it the endpoint has cached."""

import pytest

from tests.ui.fake import MODELS, FakeProgram, reply
from tui.chat.conversation import Conversation
from tui.chat.estimate import estimate_request, estimate_tokens, learn
from tui.chat.next_request import learn_from, outline_next
from tui.chat.replies import exhaust
from tui.domain.delta import FinishDelta, TextDelta, ToolCallDelta, UsageDelta
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.request import ToolDefinition
from tui.domain.turn import Prompt
from tui.domain.usage import Usage
from tui.page.request_lines import outline_notes

LOOK = ToolDefinition("look", "Look something up", {"type": "object", "properties": {"what": {"type": "string"}}})


async def said(conversation, *prompts):
    for prompt in prompts:
        await exhaust(conversation.replies.stream(conversation.say(prompt)))


def kinds(outline):
    return [(part.kind, part.is_cached, part.is_out) for part in outline.parts]


@pytest.fixture
def conversation():
    made = Conversation(FakeProgram(), "xai", "grok-4")
    made.sheet.system = "Be brief."
    return made


async def test_the_parts_stand_by_their_origin_with_tokens_and_price(conversation):
    await said(conversation, "word " * 4000)
    conversation.sheet.tools = (LOOK,)
    image = ImagePart("data:image/png;base64,AA", name="cat.png")
    outline = outline_next(conversation, Prompt("And now?", (image,)), {}, MODELS[0])
    assert [part.kind for part in outline.parts] == ["system", "tools", "history", "images", "prompt"]
    assert [part.words for part in outline.parts[:2]] == ["Be brief.", "look"]
    assert outline.parts[3].words == "cat.png"
    assert outline.context == 256_000
    assert 3000 < outline.tokens < 8000
    assert outline.price(outline.parts[4]) == pytest.approx(outline.parts[4].tokens * 3e-6)
    assert outline.cost == pytest.approx(sum(outline.price(part) for part in outline.parts))


async def test_turns_far_above_are_one_part_whose_size_is_told_from_those_right_above(conversation, monkeypatch):
    await said(conversation, *["word " * 400] * 6)
    whole = outline_next(conversation, Prompt("And now?"), {}, MODELS[0])
    monkeypatch.setattr("tui.chat.next_request.SHOWN", 2)
    outline = outline_next(conversation, Prompt("And now?"), {}, MODELS[0])
    history = [part.words for part in outline.parts if part.kind == "history"]
    assert history[0] == "the 4 turns before"
    assert len(history) == 3
    assert outline.tokens == pytest.approx(whole.tokens, rel=0.2)
    assert outline.cached == pytest.approx(whole.cached, rel=0.2)


async def test_what_was_sent_before_is_likely_cached_up_to_the_new_prompt(conversation):
    await said(conversation, "word " * 4000, "more")
    outline = outline_next(conversation, Prompt("And now?"), {}, MODELS[0])
    assert kinds(outline) == [
        ("system", True, False),
        ("history", True, False),
        ("history", True, False),
        ("prompt", False, False),
    ]
    assert outline.break_words == "the cached prefix ends where the new prompt begins"
    assert outline.price(outline.parts[1]) == pytest.approx(outline.parts[1].tokens * 0.75e-6)


async def test_an_endpoint_that_read_a_short_request_from_its_cache_is_not_said_to_cache_none():
    short = [TextDelta("Yes."), UsageDelta(Usage(input=99, output=1, cached=49)), FinishDelta("stop")]
    conversation = Conversation(FakeProgram(short), "xai", "grok-4")
    await said(conversation, "one")
    outline = outline_next(conversation, Prompt("And now?"), {}, MODELS[0])
    assert outline.told == "of the last request 49 of 99 tokens were read from the cache"
    assert outline.break_words == "the cached prefix ends where the new prompt begins"
    assert kinds(outline) == [("history", True, False), ("prompt", False, False)]
    said_of_it = [
        "".join(text for text, _ in line)
        for line in outline_notes(outline_next(conversation, Prompt(""), {}, MODELS[0]), 100)
    ]
    assert any(line.strip().endswith("are likely read from the cache") for line in said_of_it), said_of_it


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda it: setattr(it.sheet, "system", "Be long."), "the system prompt is another"),
        (lambda it: setattr(it.sheet, "tools", (LOOK,)), "the tools are others"),
        (lambda it: it.sheet.use_model("xai", "grok-4-fast"), "grok-4 answered last, and grok-4-fast is asked now"),
    ],
)
async def test_what_breaks_the_cached_prefix_is_told(conversation, change, words):
    await said(conversation, "word " * 4000)
    change(conversation)
    outline = outline_next(conversation, Prompt("And now?"), {}, MODELS[0])
    assert outline.cached == 0
    assert words in outline.break_words


async def test_a_turn_that_is_taken_out_is_not_sent_and_breaks_the_prefix_there(conversation):
    await said(conversation, "word " * 4000, "the second", "the third")
    second = conversation.turns[1]
    conversation.session.set_standing(second, "out")
    outline = outline_next(conversation, Prompt("And now?"), {}, MODELS[0])
    assert [part.is_out for part in outline.parts] == [False, False, True, False, False]
    assert [part.is_cached for part in outline.parts] == [True, True, False, False, False]
    assert "turn 2 was taken out" in outline.break_words
    await said(conversation, "And now?")
    texts = [message.text for message in conversation.replies._program.requests[-1].messages if message.role == "user"]
    assert [text.split()[-1] for text in texts] == ["word", "third", "now?"]


async def test_the_answers_to_the_calls_of_a_turn_go_out_with_it():
    call = [ToolCallDelta(0, "c1", "look", "{}"), UsageDelta(Usage(input=9, output=1)), FinishDelta("tool_calls")]
    conversation = Conversation(FakeProgram(call, reply("It is mild.")), "xai", "grok-4")
    await said(conversation, "look it up")
    turn = conversation.turns[-1]
    await exhaust(conversation.replies.stream(conversation.answer(turn, [ToolResultPart("c1", "mild")])))
    outline = outline_next(conversation, Prompt("And now?"), {})
    assert [part.kind for part in outline.parts] == ["history", "prompt"]
    conversation.session.set_standing(turn, "out")
    assert [message.role for message in conversation.requests.of_prompt(Prompt("And now?")).messages] == ["user"]


def test_the_estimate_learns_from_what_was_counted():
    factors = learn({}, "m", 100.0, 150)
    assert factors == {"m": 1.5}
    assert learn(factors, "m", 100.0, 100) == {"m": 1.25}
    assert learn({}, "m", 100.0, 100_000)["m"] == 2.5
    assert learn({"m": 1.0}, "m", 3.0, 3) == {"m": 1.0}


async def test_what_is_estimated_comes_nearer_to_what_is_counted():
    usage = [TextDelta("Fine."), UsageDelta(Usage(input=1500, output=3)), FinishDelta("stop")]
    conversation = Conversation(FakeProgram(usage), "xai", "grok-4")
    await said(conversation, "word " * 1000)
    factors = learn_from(conversation, {})
    estimated = estimate_request(conversation.requests.of(conversation.turns[-1]))
    assert estimated * factors["grok-4"] == pytest.approx(1500, rel=0.01)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("The quick brown fox jumps over the lazy dog.", 8, 13),
        ("天地玄黄宇宙洪荒", 5, 10),
        ("Быстрая лиса", 3, 8),
        ("", 0, 0),
    ],
)
def test_a_rough_measure_is_near(text, least, most):
    assert least <= estimate_tokens(text) <= most
