"""What lies over the page is painted whole."""


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
