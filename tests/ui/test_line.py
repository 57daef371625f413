"""Lines of the screen's own parts, as they reach the terminal."""

from textual.app import App
from textual.content import Content

from tui.ui.line import Lines


async def test_text_from_right_to_left_is_in_the_order_it_is_seen_in():
    class Shown(App[None]):
        def compose(self):
            yield Lines()

    async with Shown().run_test(size=(30, 3)) as pilot:
        lines = pilot.app.query_one(Lines)
        lines.show([[("1 ", ""), ("שלום\u202e", "strong"), (" x", "")]])
        await pilot.pause()
        shown = lines.render_line(0).text
        assert "םולש" in shown
        assert "\u202e" not in shown
        assert shown.rstrip().endswith(" x")


async def test_what_is_told_again_is_not_painted_again(open_screen, monkeypatch):
    async with open_screen(size=(120, 30)) as screen:
        stage = screen.chat.stage
        painted = []
        for widget in (stage.input_area, stage.composer, stage.welcome):
            render = widget.render_lines
            monkeypatch.setattr(
                widget, "render_lines", lambda crop, of=widget, by=render: painted.append(of) or by(crop)
            )
        stage.tell_editing("")
        stage.tell_title()
        await screen.pilot.pause(0.1)
        assert not painted
        stage.tell_editing("editing: something")
        await screen.until(lambda: stage.input_area in painted)
        assert stage.input_area.border_title == Content("editing: something")
        stage.tell_editing("")
        assert stage.input_area.border_title is None
