"""A tape on the screen: shown as it was, and nothing of it done again."""

import asyncio
import json
import os

from msgspec.structs import replace

from tests.exported import as_har
from tests.ui.conftest import THEMES, Screen
from tests.ui.fake import FakeProgram
from tests.ui.script import chunk, ending, tape, words
from tui.chat import tape_lines
from tui.chat.archive_file import ArchiveFile, open_archive_file
from tui.chat.har import har_tapes
from tui.chat.held_file import HeldFile
from tui.chat.incoming import open_incoming, open_source
from tui.chat.recording import open_recording
from tui.chat.tape_file import TapeFile, open_tape_file
from tui.chat.tape_lines import TapeLines
from tui.domain.tape import TapeEnd
from tui.domain.turn import TurnState
from tui.store.database import Database
from tui.ui.app import RilletApp

CALL = {
    "index": 0,
    "id": "c1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
}


async def test_a_tape_is_shown_with_its_question_its_reply_and_its_calls_and_runs_none() -> None:
    program = FakeProgram()
    recorded = tape(
        *words("I look it up.", 0.1),
        (0.6, chunk({"tool_calls": [CALL]})),
        (0.7, chunk({}, finish_reason="tool_calls")),
        (0.8, "[DONE]"),
        prompt="Weather?",
    )
    app = RilletApp(program, open_recording(program, [recorded], "replay"), theme_dirs=[THEMES])
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "asked for tools" in screen.text())
        await screen.settled()
        for said in ("Weather?", "I look it up.", "get_weather"):
            assert said in screen.text()
        assert "May this run?" not in screen.text()
        await screen.say("And now?")
        await screen.until(lambda: "this is a recording" in screen.text())
        assert len(screen.turns) == 1


async def test_a_tape_names_who_answered_and_not_who_would_be_asked_now() -> None:
    program = FakeProgram()
    program.default_endpoint = "local"
    recorded = tape(*words("Hello.", 0.1), *ending(0.5))
    for endpoint, url, place in (
        ("xai", "https://api.x.ai/v1/chat/completions", "xAI"),
        ("lab", "https://lab.example/v1/chat/completions", "lab"),
        ("url", "https://lab.example/v1/chat/completions", "lab.example"),
        ("", "https://lab.example/v1/chat/completions", "lab.example"),
        ("", "", "recorded"),
    ):
        request = replace(recorded.request, url=url) if url and recorded.request is not None else None
        one = replace(recorded, endpoint=endpoint, request=request)
        app = RilletApp(program, open_recording(program, [one], "replay"), theme_dirs=[THEMES])
        async with app.run_test(size=(120, 30)) as pilot:
            screen = Screen(app, pilot, program)
            await screen.until(lambda: "Hello." in screen.text())
            assert screen.text().splitlines()[0].split() == ["rillet", "replay", *f"grok-4 · {place} · chat".split()]


async def test_beside_its_wire_a_tape_is_played_with_the_controls_of_the_pane() -> None:
    program = FakeProgram()
    recorded = tape((0.1, chunk({"role": "assistant", "content": ""})), *words("One two three.", 0.2), *ending(9.0))
    app = RilletApp(program, open_recording(program, [recorded], "replay"), theme_dirs=[THEMES], plays=4.0)
    async with app.run_test(size=(140, 30)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "▶ 4x" in screen.text())
        await screen.press("space")
        assert "‖ 4x" in screen.text()
        await screen.press("left", "left", "left", "left", "left", "left")
        await screen.press("right", "right")
        assert "frame 2 of" in screen.text()
        page = "\n".join(row.partition("│")[0] for row in screen.text().splitlines())
        assert "One" in page
        assert "three" not in page
        await screen.press("0", "space")
        await screen.until(lambda: "■ max" in screen.text())
        assert "One two three." in screen.text()


async def test_what_is_played_is_neither_saved_nor_decided_about(tmp_path) -> None:
    program = FakeProgram()
    program.database = Database.open(tmp_path / "sessions.db")
    unknown = {**CALL, "index": 1, "id": "c2", "function": {"name": "find", "arguments": "{}"}}
    calls = [(0.6, chunk({"tool_calls": [CALL]})), (0.65, chunk({"tool_calls": [unknown]}))]
    recorded = tape(*words("I look.", 0.1), *calls, *ending(0.7, "tool_calls"))
    app = RilletApp(program, open_recording(program, [recorded], "replay"), theme_dirs=[THEMES], plays=0.0)
    async with app.run_test(size=(140, 30)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "■ max" in screen.text())
        await screen.press("escape", "ctrl+g")
        await screen.until(lambda: "Tool calls" in screen.text())
        await screen.settled()
        assert screen.text().count("asked for\n") == 2, "nothing is known of what became of them"
        assert "May this run?" not in screen.text()
        assert "deny" not in screen.text()
        assert not program.store_problem
        assert all(call.outcome is None for call in screen.turns[0].tool_calls)
    program.database.close()


async def test_the_status_line_times_a_pipe_since_it_was_opened() -> None:
    program = FakeProgram()
    reading, writing = os.pipe()
    os.write(writing, f"data: {json.dumps(chunk({'content': 'Hello'}))}\n\n".encode())
    incoming = open_incoming(program, open_source(HeldFile(reading), "standard input"))
    app = RilletApp(program, incoming, theme_dirs=[THEMES], begin=incoming.head)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "Hello" in screen.text())
        assert "● streaming" in screen.text().splitlines()[-2]
        os.close(writing)
        await screen.settled()


async def test_an_archive_is_shown_from_its_first_exchange_on_while_the_others_are_read() -> None:
    program = FakeProgram()
    made = [tape(*words(f"Reply {number}.", 0.3), *ending(1.0), prompt=f"Ask {number}") for number in (1, 2, 3)]
    data = as_har(made).encode().rstrip()[:-4].rstrip().removesuffix(b"]") + b', {"request": 7}]}}'
    archive = open_archive_file(program, ArchiveFile(har_tapes(data, "it.har")), "it.har")
    assert [turn.opening.text for turn in archive.turns] == ["Ask 1"]
    app = RilletApp(program, archive, theme_dirs=[THEMES], begin=archive.head)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "it.har: entry 4 cannot be read" in screen.text())
        assert [(turn.opening.text, turn.text) for turn in archive.turns] == [
            (f"Ask {number}", f"Reply {number}.") for number in (1, 2, 3)
        ]
        assert "Reply 3." in screen.text()
        assert {turn.state for turn in archive.turns} == {TurnState.COMPLETE}


async def test_a_long_tape_is_played_from_its_beginning_while_the_rest_is_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tape_lines, "PIECE_BYTES", 2000)
    program, told = FakeProgram(), asyncio.Event()
    recorded = tape(*words("word " * 100, 0.2), *ending(9.0), prompt="Say it")
    recorded.ended(TapeEnd(9.0, "eof"))
    path = tmp_path / "long.jsonl"
    path.write_text("".join(line + "\n" for line in recorded.lines()))
    file = HeldFile(os.open(path, os.O_RDONLY))
    played = open_tape_file(program, TapeFile(TapeLines(file, path.name)), "replay")
    stream = played.replies.stream

    async def slow(turn, *args, **kwargs):
        await told.wait()
        async for delta in stream(turn, *args, **kwargs):
            yield delta

    monkeypatch.setattr(played.replies, "stream", slow)
    app = RilletApp(program, played, theme_dirs=[THEMES], begin=played.head, plays=1.0)
    async with app.run_test(size=(140, 30)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "▶ 1x" in screen.text())
        await screen.press("space", "left", "right")
        assert "‖ 1x" in screen.text()
        assert "end 9 s" in screen.text(), "the end of the time is known"
        assert not screen.turns[0].state.is_over
        told.set()
        await screen.settled()
        assert screen.turns[0].text == "word " * 100
        assert "‖ 1x" in screen.text(), "what was read meanwhile does not stand over what is played"
        await screen.press("escape")
        assert "complete" in screen.text()
        assert screen.chat.page.page.entries[-1].turn is screen.turns[0]
    file.close()


async def test_on_a_narrow_screen_a_tape_is_played_below_the_page_with_its_controls_shown() -> None:
    program = FakeProgram()
    recorded = tape((0.1, chunk({"role": "assistant", "content": ""})), *words("One two three.", 0.2), *ending(9.0))
    app = RilletApp(program, open_recording(program, [recorded], "replay"), theme_dirs=[THEMES], plays=4.0)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "▶ 4x" in screen.text())
        assert "Space pause" in screen.text()
        await screen.press("space", *["left"] * 6, "right", "right")
        await screen.until(lambda: "frame 2 of" in screen.text() or "2 of" in screen.text())
        rows = screen.text().splitlines()
        assert next(at for at, row in enumerate(rows) if "One" in row) < next(
            at for at, row in enumerate(rows) if "The wire" in row
        )
        await screen.press("0", "space")
        await screen.until(lambda: "One two three." in screen.text())
        await screen.press("escape")
        await screen.until(lambda: "One two three." not in screen.text())
        await screen.press("escape")
        await screen.until(lambda: "One two three." in screen.text() and "The wire" not in screen.text())


async def test_a_recording_is_opened_beside_its_wire_and_offers_nothing_that_it_cannot_do() -> None:
    program = FakeProgram()
    recorded = tape(*words("Hello.", 0.1), *ending(0.5, "length"))
    for size in ((120, 30), (80, 24)):
        app = RilletApp(program, open_recording(program, [recorded], "it.har"), theme_dirs=[THEMES])
        async with app.run_test(size=size) as pilot:
            screen = Screen(app, pilot, program)
            await screen.until(lambda: "Hello." in screen.text())
            await screen.settled()
            assert ("The wire" in screen.text()) == (size[0] == 120)
            assert "nothing can be asked" in screen.text()
            *_, status, keys = screen.text().splitlines()
            assert "Ctrl+E wire" in keys
            assert "Enter send" not in keys
            assert "again" not in status


async def test_several_tapes_are_named_by_how_many_answered() -> None:
    program = FakeProgram()
    one = tape(*words("Hello.", 0.1), *ending(0.5))
    tapes = [one, replace(one, model="grok-5"), replace(one, endpoint="lab")]
    app = RilletApp(program, open_recording(program, tapes, "folder"), theme_dirs=[THEMES])
    async with app.run_test(size=(120, 30)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.until(lambda: "Hello." in screen.text())
        assert "2 models · 2 places · chat" in screen.text().splitlines()[0]
