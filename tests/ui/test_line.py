"""Lines of the screen's own parts, as they reach the terminal."""

from textual.app import App

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
