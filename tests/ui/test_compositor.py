"""What lies over the page is painted whole."""

import pytest

from tests.ui.fake import reply


@pytest.mark.parametrize("lead", ["", "a"])
async def test_a_wide_character_is_whole_where_behind_its_pane_another_ends(open_screen, lead):
    wide = lead + "漢" * 60
    async with open_screen(reply(wide), size=(120, 30)) as screen:
        await screen.say(wide)
        await screen.settled()
        await screen.press("ctrl+e")
        await screen.until(lambda: screen.chat.panes.docked("wire") is not None)
        await screen.press("alt+h")
        await screen.until(lambda: screen.chat.over is not None and "漢" in screen.text())
        assert screen.chat.over.outer_size.width == 120
        row = next(line for line in screen.text().splitlines() if "漢" in line)
        assert "  " not in row.strip().rpartition("漢")[0]
