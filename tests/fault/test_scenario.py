"""Every fault there is a scenario for, through the whole program below the screen, in both dialects.

What a person is told, what is kept, what the shell learns, and that disk and tape say the same.
"""

import pytest

from tests.fault.conftest import KEY
from tests.fault.expectation import HOSTILE, PREFIX, REFUSALS, STREAMS
from tests.server import SCENARIOS, TEXT
from tests.server.scenario import parse_scenario
from tui.chat.fold import fold, turn_for
from tui.cli.outcome import exit_code_of_turn
from tui.domain.delta import RetryDelta
from tui.domain.finish import describe_finish
from tui.domain.turn import Prompt
from tui.domain.turn_record import turn_record
from tui.wire.printable import printable

ROWS = [*STREAMS, *REFUSALS, *HOSTILE]


def test_every_scenario_is_expected_to_come_to_something():
    listed = {
        name for name, scenario in SCENARIOS.items() if scenario.group in "SHD" and not name.startswith("models-")
    }
    assert listed == {parse_scenario(row.scenario)[0] for row in ROWS}


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
@pytest.mark.parametrize("row", ROWS, ids=[row.scenario for row in ROWS])
async def test_scenario(row, dialect, server, ask, program) -> None:
    row = row.of(dialect)
    # Scenarios count how often they were asked for: an option nobody reads makes each test the first.
    url = server.url(f"{row.scenario};for={dialect}")
    conversation = ask(url, dialect, deadlines=row.deadlines)
    turn = conversation.say("hi")
    deltas = [delta async for delta in conversation.replies.stream(turn)]

    assert (turn.state, turn.error.kind if turn.error else "") == (row.state, row.kind)
    assert exit_code_of_turn(turn) == row.exit
    assert turn.next == row.next
    assert describe_finish(turn.finish_reason or "", turn.incomplete_reason or "").words == row.finish
    check_sentence(turn, row)
    if row.text is PREFIX:
        assert TEXT.startswith(turn.text) and turn.text != TEXT
    elif row.text is not None:
        assert turn.text == row.text
    if row.calls is not None:
        assert tuple((call.name, call.arguments) for call in turn.tool_calls) == row.calls
        assert all(call.id for call in turn.tool_calls)
    assert turn.reasoning == row.thought
    assert turn.oddity_count >= row.oddities
    retries = [delta for delta in deltas if isinstance(delta, RetryDelta)]
    assert [(retry.attempt, retry.of) for retry in retries] == [(n + 1, 2) for n in range(row.retries)]
    check_disk(conversation, turn, program)


def check_sentence(turn, row) -> None:
    """What went wrong is said in whole, clean sentences, and what to do is said too."""
    if turn.error is None:
        assert not row.says
        return
    said = f"{turn.error.message} {turn.error.hint}"
    for words in row.says:
        assert words.lower() in said.lower()
    assert KEY not in said
    assert KEY[4:] not in said
    for sentence in (turn.error.message, turn.error.hint):
        assert sentence == printable(sentence).strip() != ""
        assert sentence[0].isupper() or sentence[0].isdigit(), sentence
        assert "Error" not in sentence  # the name of an exception is no sentence
        assert len(sentence) < 1200
    assert "kept" not in turn.error.hint, "what was kept is counted by whoever shows it"


def check_disk(conversation, turn, program) -> None:
    """The saved turn is the live one, and the tape folds to it."""
    shown = turn_record(turn)
    (saved,) = program.database.turns.of_session(conversation.session.id)
    assert saved.opening == Prompt("hi")
    assert saved.usage == turn.usage
    kept = turn_record(saved)
    assert kept.pop("timing") == pytest.approx(shown.pop("timing"), abs=2e-6)
    assert kept == shown
    tape = conversation.replies.tape(turn)
    assert KEY not in "".join(tape.lines())
    folded = turn_record(fold(tape, turn_for(tape, turn)))
    folded.pop("timing")
    told, error = folded.pop("error"), shown.pop("error")
    assert (told is None) == (error is None)
    if error is not None:
        assert told["message"] == error["message"]
        # A tape says of a connection that was lost in the middle only that it was.
        assert told["kind"] == error["kind"] or tape.end.kind == "reset"
    assert folded == shown


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
async def test_late_numbers_of_usage_are_waited_for(server, ask, program, dialect):
    program.pauses = None
    conversation = ask(server.url("late-usage@150"), dialect)
    turn = conversation.say("hi")
    async for _ in conversation.replies.stream(turn):
        pass
    assert turn.usage is not None
    assert turn.usage.total == 21
