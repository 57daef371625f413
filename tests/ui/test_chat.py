"""A conversation on the screen, from the key press to the saved ending."""

import pytest
from msgspec.structs import replace

from tests.ui.fake import Gate, reply
from tui.domain.delta import FinishDelta, RetryDelta, TextDelta
from tui.domain.error import BrokenError, StoreError
from tui.domain.turn import Prompt, TurnState
from tui.net.watch import Quiet
from tui.store.settings import Settings
from tui.ui.widgets.status import StatusBar
from tui.ui.wish import OpenSession


async def test_a_prompt_is_sent_answered_painted_and_saved(open_screen):
    async with open_screen(reply("It is ", "**Paris**.")) as screen:
        await screen.say("What is the capital of France?")
        await screen.settled()
        assert [turn.state for turn in screen.turns] == [TurnState.COMPLETE]
        text = screen.text()
        assert "It is Paris." in text
        assert "complete" in text
        assert "12 in · 34 out" in text
        assert "context 46 of 256k (0%)" in text
        assert "What is the capital of France?" in text.splitlines()[0]
        saved = screen.program.database.turns.of_session(screen.chat.conversation.session.id)
        assert saved[0].text == "It is **Paris**."
        assert screen.program.database.prompts.history() == ["What is the capital of France?"]


async def test_esc_stops_keeps_what_came_and_never_leaves(open_screen):
    gate = Gate()
    async with open_screen([TextDelta("Once upon"), gate, *reply(" a time")]) as screen:
        await screen.say("A story")
        await gate.reached.wait()
        assert "streaming" in screen.text()
        await screen.press("escape")
        await screen.settled()
        turn = screen.turns[0]
        assert (turn.state, turn.text) == (TurnState.STOPPED, "Once upon")
        assert "stopped by you" in screen.text()
        assert screen.program.ended == [turn.id]
        await screen.press("escape", "escape")
        assert screen.app.is_running


async def test_a_stop_before_the_first_step_still_ends_the_turn(open_screen):
    async with open_screen([Gate()]) as screen:
        screen.chat.runner.send(Prompt("Hi"))
        screen.chat.runner.stop()
        await screen.settled()
        assert screen.turns[0].state is TurnState.STOPPED


async def test_a_second_prompt_is_queued_visibly_and_sent_when_the_first_is_complete(open_screen):
    gate = Gate()
    async with open_screen([TextDelta("one"), gate, FinishDelta("stop")], reply("two")) as screen:
        await screen.say("first")
        await gate.reached.wait()
        await screen.say("second")
        assert "next  second" in screen.text()
        assert len(screen.turns) == 1
        gate.open()
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        await screen.pilot.pause()
        assert screen.turns[1].text == "two"
        assert "next  second" not in screen.text()


async def test_a_queued_prompt_is_kept_when_the_turn_does_not_complete_and_can_be_edited_or_dropped(open_screen):
    gate = Gate()
    async with open_screen([TextDelta("one"), gate]) as screen:
        await screen.say("first")
        await gate.reached.wait()
        await screen.say("second")
        await screen.say("third")
        await screen.press("escape")
        await screen.settled()
        assert screen.chat.runner.queue == [Prompt("second"), Prompt("third")]
        assert len(screen.turns) == 1
        await screen.press("ctrl+x")
        assert screen.chat.runner.queue == [Prompt("second")]
        await screen.press("up")
        assert screen.chat.composer.text == "second"
        assert not screen.chat.runner.queue
        await screen.press("enter")
        await screen.settled()
        assert len(screen.turns) == 2


async def test_a_failed_reply_keeps_its_prompt_and_can_be_asked_again(open_screen):
    broken = BrokenError("the connection was reset", "Try again.")
    async with open_screen([TextDelta("half "), broken], reply("whole")) as screen:
        await screen.say("Tell me")
        await screen.settled()
        text = screen.text()
        assert "Tell me" in text
        assert "half" in text
        assert "the connection was reset" in text
        assert "Alt+R" in text
        await screen.press("alt+r")
        await screen.settled()
        assert [turn.text for turn in screen.turns] == ["whole"]


async def test_the_last_prompt_can_be_edited_and_takes_the_place_of_the_earlier_one(open_screen):
    async with open_screen(reply("a"), reply("b")) as screen:
        await screen.say("wrnog")
        await screen.settled()
        await screen.press("alt+e")
        assert screen.chat.composer.text == "wrnog"
        assert "editing" in screen.text()
        await screen.press("escape")
        assert screen.chat.composer.text == ""
        await screen.press("alt+e", "end", *["backspace"] * 5, *"wrong", "enter")
        await screen.settled()
        assert [turn.opening.text for turn in screen.turns] == ["wrong"]
        assert "wrnog" not in "\n".join(screen.text().splitlines()[1:])


async def test_what_was_being_written_comes_back_after_an_edit(open_screen):
    async with open_screen(reply("a"), reply("b")) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.type("half a thought")
        await screen.press("alt+e", "escape")
        assert screen.chat.composer.text == "half a thought"
        await screen.press("alt+e", "!", "enter")
        await screen.settled()
        assert [turn.opening.text for turn in screen.turns] == ["first!"]
        assert screen.chat.composer.text == "half a thought"


async def test_a_cut_reply_is_told_loudly_and_continued(open_screen):
    async with open_screen(reply("half", reason="length"), reply("rest")) as screen:
        await screen.say("Count")
        await screen.settled()
        assert "cut at the token limit" in screen.text()
        await screen.press("alt+c")
        await screen.settled()
        assert [turn.text for turn in screen.turns] == ["half", "rest"]


async def test_a_retry_counts_down_and_esc_ends_it(open_screen):
    gate = Gate()
    async with open_screen([RetryDelta(1, 2, 30.0, "the server is busy"), gate]) as screen:
        await screen.say("Hi")
        await gate.reached.wait()
        await screen.until(lambda: "attempt 1 of 2" in screen.text())
        assert "the server is busy" in screen.text()
        await screen.press("escape")
        await screen.settled()
        assert screen.turns[0].state is TurnState.STOPPED


async def test_at_the_end_of_patience_a_key_decides(open_screen):
    answers = []

    async def ask(patience):
        answers.append(await patience(Quiet("between_reads", 60.0)))

    async with open_screen([TextDelta("a"), ask, ask, *reply("b")]) as screen:
        await screen.say("Hi")
        await screen.until(lambda: "nothing new for" in screen.text())
        await screen.type("wrk")
        assert (screen.chat.composer.text, answers) == ("wrk", []), "who writes a prompt decides nothing"
        await screen.press("alt+w")
        await screen.until(lambda: len(answers) == 1)
        await screen.until(lambda: "nothing new for" in screen.text())
        await screen.press("alt+k")
        await screen.settled()
        assert answers == [True, False]


async def test_ctrl_c_stops_then_clears_into_the_history_then_leaves(open_screen):
    gate = Gate()
    async with open_screen([TextDelta("x"), gate]) as screen:
        await screen.say("Hi")
        await gate.reached.wait()
        await screen.type("draft")
        await screen.press("ctrl+c")
        await screen.settled()
        assert screen.turns[0].state is TurnState.STOPPED
        assert screen.chat.composer.text == "draft"
        await screen.press("ctrl+c")
        assert screen.chat.composer.text == ""
        await screen.press("up")
        assert screen.chat.composer.text == "draft"
        await screen.press("ctrl+c")
        await screen.press("ctrl+c")
        assert "again to quit" in screen.text()
        assert screen.app.is_running
        await screen.press("ctrl+c")
        assert screen.app._exit


async def test_quitting_in_mid_stream_saves_the_reply_and_the_draft(open_screen):
    gate = Gate()
    async with open_screen([TextDelta("so far"), gate]) as screen:
        await screen.say("Hi")
        await gate.reached.wait()
        await screen.type("next thought")
        session = screen.chat.conversation.session.id
        database = screen.program.database
        await screen.chat.finish()
        assert database.turns.of_session(session)[0].state is TurnState.STOPPED
        assert database.turns.of_session(session)[0].text == "so far"
        assert database.prompts.draft(session) == "next thought"


async def test_a_disk_that_takes_nothing_is_told_and_the_conversation_goes_on(open_screen):
    async with open_screen(reply("fine")) as screen:
        screen.program.store_problem = "the disk is full"
        screen.chat.stage.status.tell_problem("the disk is full")
        await screen.pilot.pause()
        assert "not saving" in screen.text()
        await screen.say("Hi")
        await screen.settled()
        assert screen.turns[0].text == "fine"


async def test_a_fault_of_our_own_ends_the_turn_and_not_the_program(open_screen):
    async def fail(_patience):
        raise KeyError("sk-secret-value-1234567890")

    async with open_screen([TextDelta("a"), fail]) as screen:
        await screen.say("Hi")
        await screen.settled()
        assert screen.turns[0].state.is_over
        assert screen.app.is_running
        assert "sk-secret" not in screen.text()


async def test_what_was_asked_again_is_kept_as_a_branch(open_screen):
    async with open_screen(reply("Blue."), reply("Green.")) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.press("alt+r")
        await screen.until(lambda: "Green." in screen.text())
        await screen.settled()
        assert "Blue." not in screen.text()
        await screen.press("alt+up")
        await screen.until(lambda: "Blue." in screen.text())
        assert "branch 1 of 2" in screen.text()
        assert screen.chat.stage.status._turn is screen.turns[-1], "its figures are those of the branch that is shown"
        await screen.press("alt+down")
        await screen.until(lambda: "Green." in screen.text())


@pytest.mark.parametrize(("is_reduced", "seconds"), [(False, 0.5), (True, 5.0)])
async def test_reduced_motion_lets_the_figures_of_a_running_turn_stand(open_screen, monkeypatch, is_reduced, seconds):
    pauses = []
    tick = StatusBar.set_interval

    def keep(self, pause, callback):
        pauses.append(pause)
        return tick(self, pause, callback)

    monkeypatch.setattr(StatusBar, "set_interval", keep)
    gate = Gate()
    async with open_screen([TextDelta("one"), gate], settings=Settings(reduced_motion=is_reduced)) as screen:
        await screen.say("first")
        await gate.reached.wait()
        assert pauses == [seconds]


async def test_a_conversation_whose_endpoint_is_gone_asks_before_another_answers(open_screen):
    async with open_screen(reply("from lab"), reply("from xai"), size=(160, 30)) as screen:
        endpoints = screen.program.endpoints
        endpoints["lab"] = replace(endpoints["xai"], name="lab")
        screen.chat.conversation.sheet.use_model("lab", "m")
        await screen.say("Something private")
        await screen.settled()
        session = screen.chat.conversation.session.id
        await screen.press("ctrl+n")
        screen.chat.conversation.sheet.use_model("xai", "grok-4")
        del endpoints["lab"]
        for resume in ("say", "alt+r"):
            await screen.press("ctrl+n")
            screen.chat.post_message(OpenSession(session))
            await screen.until(lambda: screen.chat.conversation.session.id == session)
            if resume == "say":
                await screen.say("and more")
                assert screen.chat.composer.text == "and more", "it is kept"
            else:
                await screen.press(resume)
            await screen.until(
                lambda: "“lab”, which answered here, is not in the settings" in screen.chat.key_bar.sentence
            )
            screen.chat.composer.take()
            assert len(screen.program.requests) == 1
        await screen.press("alt+r")
        await screen.settled()
        assert screen.turns[-1].endpoint == "xai"


async def test_the_system_prompt_is_the_conversations_own(open_screen):
    settings = Settings(system="Be brief.")
    async with open_screen(*[reply("yes")] * 6, settings=settings, size=(120, 30)) as screen:

        async def ask():
            await screen.say("Go")
            await screen.settled()
            return screen.program.requests[-1].system

        assert "system   Be brief." in screen.text()
        await screen.say("/system Be a cat")
        assert "system prompt" in screen.text().splitlines()[0]
        assert await ask() == "Be a cat"
        cat = screen.chat.conversation.session.id
        await screen.press("ctrl+n")
        assert await ask() == "Be brief.", "it does not go along into the next conversation"
        await screen.say("/system off")
        assert await ask() == ""
        assert "system prompt" not in screen.text().splitlines()[0]
        bare = screen.chat.conversation.session.id
        for session, system in ((cat, "Be a cat"), (bare, "")):
            screen.chat.post_message(OpenSession(session))
            await screen.until(lambda: screen.chat.conversation.session.id == session)
            assert await ask() == system, "it comes back with its conversation"
        await screen.press("ctrl+n", *"/system", "enter")
        assert "Be brief." in screen.chat.composer.text


async def test_the_system_prompt_is_shown_and_edited_in_the_composer_and_not_erased_by_a_look_at_it(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await screen.type("a draft")
        screen.chat.conversation.session.set_system("Be a cat.\nAlways.")
        await screen.press("ctrl+p", *"system", "enter")
        assert screen.chat.composer.text == "/system Be a cat.\nAlways."
        await screen.type(" Purr")
        await screen.press("enter")
        assert screen.chat.conversation.sheet.system == "Be a cat.\nAlways. Purr"
        assert screen.chat.composer.text == "a draft"
        assert screen.program.requests == []
        for look in ("/system", "/system  "):
            screen.chat.composer.take()
            await screen.say(look)
            assert screen.chat.composer.text == "/system Be a cat.\nAlways. Purr"
        assert screen.chat.conversation.sheet.system == "Be a cat.\nAlways. Purr"
        screen.chat.composer.take()
        screen.chat.composer.write("/system ")
        screen.chat.composer.paste("Long. " * 1000)
        await screen.press("enter")
        assert screen.chat.conversation.sheet.system == ("Long. " * 1000).strip(), (
            "a folded paste is meant as what it holds"
        )


async def test_a_system_prompt_that_a_full_disk_refused_is_saved_when_it_takes_again(open_screen, monkeypatch):
    async with open_screen(reply("one"), reply("two")) as screen:
        await screen.say("Go")
        await screen.settled()
        database = screen.program.database
        with monkeypatch.context() as patch:
            patch.setattr(
                type(database.sessions), "set_system", lambda *_: (_ for _ in ()).throw(StoreError("the disk is full"))
            )
            await screen.say("/system Be a cat")
        await screen.say("Go on")
        await screen.settled()
        assert database.sessions.system(screen.chat.conversation.session.id) == "Be a cat"


async def test_the_effort_belongs_to_its_conversation_and_comes_back_with_it(open_screen):
    async with open_screen(*[reply("yes")] * 4, size=(120, 30)) as screen:

        async def ask():
            await screen.say("Go")
            await screen.settled()
            return screen.program.requests[-1].reasoning_effort

        screen.chat.conversation.sheet.use_model("xai", "grok-4.7")
        await screen.say("/effort hard")
        assert "there is no effort “hard”" in screen.text()
        assert await ask() == ""
        await screen.say("/effort high")
        assert "the effort is high, for this conversation" in screen.text()
        assert await ask() == "high"
        session = screen.chat.conversation.session.id
        await screen.press("ctrl+n")
        assert await ask() == ""
        screen.chat.post_message(OpenSession(session))
        await screen.until(lambda: screen.chat.conversation.session.id == session)
        assert await ask() == "high"
        await screen.press(*"/effort", "enter")
        assert "the effort is high in this conversation" in screen.text()
