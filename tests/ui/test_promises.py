"""What the screen and the README say of keys is so."""

from pathlib import Path

import pytest

from tests.ui.fake import Gate, reply
from tui.chat.program import Program
from tui.domain.error import KeyMissingError
from tui.domain.turn import TurnState
from tui.store.database import Database
from tui.store.settings import Choices, Settings
from tui.ui.screen.writing import _near

README = Path(__file__).parents[2] / "README.md"


async def test_the_end_is_followed_again_from_the_composer_as_the_readme_says(open_screen):
    assert "`Ctrl+End` goes back" in README.read_text()
    async with open_screen(reply(*[f"line {number}\n\n" for number in range(60)]), size=(80, 20)) as screen:
        await screen.say("count")
        await screen.settled()
        await screen.press("ctrl+home")
        assert "line 59" not in screen.text()
        await screen.press("ctrl+end")
        assert "line 59" in screen.text()


async def test_where_nothing_came_nothing_is_offered_to_be_continued_and_no_letter_is_typed(open_screen):
    gate = Gate()
    async with open_screen([gate]) as screen:
        await screen.say("hi")
        await gate.reached.wait()
        await screen.press("escape")
        await screen.until(lambda: screen.turns[0].state is TurnState.STOPPED)
        await screen.settled()
        assert "Alt+C" not in screen.text()
        await screen.press("alt+c")
        assert "Alt+R asks again" in screen.text()
        assert screen.chat.composer.text == ""
        assert len(screen.program.requests) == 1


async def test_a_built_in_model_that_is_not_there_names_what_installs_it_here():
    program = Program(Settings(), Choices(), Database.memory(), {})
    try:
        await program.reach(program.endpoint("local"))
    except KeyMissingError as error:
        assert error.hint.startswith("/local installs it here")
    else:
        raise AssertionError("there was one")
    finally:
        await program.close()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rename", "/sessions or /title?"), ("modle", "/model?"), ("summaris", "/compact?"), ("exp", "/export?")],
)
def test_a_command_that_is_not_one_names_what_may_be_meant(typed, meant):
    assert " or ".join(f"/{slash}" for slash in _near(typed)) + "?" == meant
