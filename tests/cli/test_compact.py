"""A full context in the shell: it is said before sending, and `--compact` has the earlier turns summarised first."""

import io

import pytest

from tests.ui.fake import FakeProgram, reply
from tui.chat.conversation import Conversation
from tui.chat.history import SUMMARY
from tui.chat.replies import exhaust
from tui.cli.ask import Printer, ask
from tui.domain.delta import FinishDelta, TextDelta, UsageDelta
from tui.domain.error import ConfigError, ConnectError
from tui.domain.usage import Usage
from tui.store.settings import BudgetSettings, Settings


@pytest.fixture
async def full():
    """A conversation whose context is nearly full, and asks once more: what is said, the code, the conversation."""

    async def made(*scripts, compacts=False, settings=None, cost=None):
        counted = [TextDelta("One."), UsageDelta(Usage(input=230_000, output=20, cost_usd=cost)), FinishDelta("stop")]
        program = FakeProgram(counted, *scripts, settings=settings)
        conversation = Conversation(program, "xai", "grok-4")
        await exhaust(conversation.replies.stream(conversation.say("first")))
        out, notes = io.StringIO(), io.StringIO()
        code = await ask(conversation, "second", Printer(out, notes), compacts=compacts)
        return out.getvalue(), notes.getvalue(), code, program

    return made


async def test_it_is_said_and_sent_all_the_same(full):
    out, notes, code, program = await full(reply("Two."))
    assert (out, code) == ("Two.\n", 0)
    assert "256,000 tokens" in notes
    assert "--compact has the earlier turns summarised first" in notes
    assert len(program.requests) == 2


async def test_the_earlier_turns_are_summarised_first(full):
    out, notes, code, program = await full(reply("In short."), reply("Two."), compacts=True)
    assert (out, code) == ("Two.\n", 0)
    assert "the summary is sent in their place" in notes
    assert [message.text for message in program.requests[-1].messages] == [f"{SUMMARY}\n\nIn short.\n\nsecond"]


async def test_where_no_summary_comes_nothing_else_is_sent(full):
    out, notes, code, program = await full([ConnectError("nobody answers")], compacts=True)
    assert (out, code) == ("", 4)
    assert "nothing else was sent: nobody answers" in notes
    assert len(program.requests) == 2


async def test_a_budget_is_not_passed_by_asking_twice(full):
    with pytest.raises(ConfigError, match="its budget is") as raised:
        await full(settings=Settings(budget=BudgetSettings(conversation=0.3)), cost=0.29)
    assert "Raise the budget" in raised.value.hint
