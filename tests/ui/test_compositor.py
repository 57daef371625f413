"""What lies over the page is painted whole."""

from textual._compositor import Compositor
from textual.geometry import Region


async def test_rows_are_not_cut_where_behind_a_pane_another_ends(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await screen.press("ctrl+e")
        await screen.until(lambda: screen.chat.panes.docked("wire") is not None)
        edge = screen.chat.stage.dock.region.x
        assert 0 < edge < 120
        assert edge in screen.chat._compositor.cuts[10]
        await screen.press("ctrl+r")
        await screen.until(lambda: screen.chat.over is not None and screen.chat.over.region.width == 120)
        assert edge not in screen.chat._compositor.cuts[10], "a wide character there would be lost"
        await screen.press("escape")
        await screen.until(lambda: edge in screen.chat._compositor.cuts[10])


async def test_of_an_update_is_painted_what_textual_would_paint(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await screen.say("hello")
        await screen.until(lambda: not screen.chat.runner.is_running)
        for keys in ([], ["ctrl+e"], ["ctrl+r"]):  # the page, a pane beside it, and one that lies over both
            await screen.press(*keys)
            compositor = screen.chat._compositor
            for crop in (Region(0, 0, 120, 30), Region(0, 26, 120, 4), Region(7, 3, 20, 2), Region(119, 1, 1, 25)):
                ours = compositor._render_chops(crop, crop.line_range.__contains__)
                textuals = Compositor._render_chops(compositor, crop, crop.line_range.__contains__)
                for y in crop.line_range:
                    assert seen_of(ours[y], crop) == seen_of(textuals[y], crop), (keys, crop, y)


def seen_of(row, crop):
    """The text of the pieces of a row that an update of these columns paints, by where they begin."""
    widths = dict(zip(row, [*list(row)[1:], 120], strict=True))
    return {x: strip.text for x, strip in row.items() if x < crop.right and widths[x] > crop.x}


async def test_what_is_not_touched_by_an_update_is_not_rendered(open_screen, monkeypatch):
    async with open_screen(size=(120, 30)) as screen:
        rendered = []
        for widget in screen.chat.query("*"):
            render = widget.render_lines
            monkeypatch.setattr(
                widget, "render_lines", lambda crop, of=widget, by=render: rendered.append((of, crop)) or by(crop)
            )
        screen.chat.key_bar.say("something happened")
        await screen.until(lambda: screen.chat.key_bar in [widget for widget, _ in rendered])
        assert {widget for widget, _ in rendered} == {screen.chat.key_bar}
        welcome = screen.chat.stage.welcome
        rendered.clear()
        welcome.refresh(Region(0, 2, 5, 1))
        await screen.until(lambda: rendered)
        assert [(widget, crop.height) for widget, crop in rendered] == [(welcome, 1)], "and a row of what is touched"


async def test_the_screen_is_laid_out_once_when_the_conversation_begins(open_screen, monkeypatch):
    async with open_screen(size=(120, 30)) as screen:
        await screen.type("hello")
        compositor, page = screen.chat._compositor, screen.chat.page
        laid_out, rendered = [], []
        arrange, render = compositor._arrange_root, page.render_lines
        monkeypatch.setattr(compositor, "_arrange_root", lambda *of, **how: laid_out.append(of) or arrange(*of, **how))
        monkeypatch.setattr(page, "render_lines", lambda crop: rendered.append(crop) or render(crop))
        await screen.press("enter")
        await screen.until(lambda: not screen.chat.runner.is_running)
        await screen.pilot.pause(0.1)
        assert len(laid_out) == 1
        assert len(rendered) == 1, "what is said is written on the page past the compositor"
