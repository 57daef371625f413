"""Pictures on the page: said in words everywhere, and drawn where the terminal draws."""

import base64
import re
import struct
import zlib
from types import SimpleNamespace

import pytest
from rich.console import Console

from tests.ui.fake import reply
from tui.domain.message import ImagePart
from tui.page.picture import CANVAS, MOST_ROWS, PictureBlock, mark_of
from tui.ui.drawing import Drawer
from tui.ui.following import Following
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.picture import LONG_BYTES, Gallery, Kitty, Placement, has_pillow, sixels
from tui.ui.terminal.placeholder import COLOURS, ROWS, SIGN, Placeholders
from tui.ui.terminal.screen_diff import ScreenDiff
from tui.ui.terminal.tmux import Outside, read_outside
from tui.wire.image import describe_image, pixels_of


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height):
    rows = b"".join(b"\0" + bytes((x * y) % 251 for x in range(width)) for y in range(height))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


def image(data, kind="png", name="cat.png"):
    return ImagePart(f"data:image/{kind};base64,{base64.b64encode(data).decode()}", name=name)


@pytest.fixture
def canvas(monkeypatch):
    monkeypatch.delenv("TMUX", raising=False)
    CANVAS.cell, CANVAS.kinds, CANVAS.most_bytes = (10, 20), frozenset({"image/png"}), LONG_BYTES
    return CANVAS


@pytest.mark.parametrize(
    ("data", "pixels"),
    [
        (png(640, 480), (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 12, 34) + b"\0\0\0", (12, 34)),
        (b"\xff\xd8\xff\xe0\0\4JF\xff\xc4\0\2\xff\xc2\0\x0b\x08" + struct.pack(">HH", 34, 12) + b"\1", (12, 34)),
        (b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (11).to_bytes(3, "little") + (33).to_bytes(3, "little"), (12, 34)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + (11 | 33 << 14).to_bytes(4, "little") + b"\0" * 8, (12, 34)),
        (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\1\x2a" + struct.pack("<HH", 12, 34) + b"\0", (12, 34)),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff\xe0\xff\xff", None),
        (b"RIFF\0\0\0\0WEBPVP8X", None),
        (b"", None),
    ],
)
def test_the_pixels_of_an_image_are_read_from_its_head(data, pixels):
    assert pixels_of(image(data)) == pixels


def test_an_image_is_said_with_its_pixels():
    assert describe_image(image(png(64, 48))) == "cat.png, image/png, 3.2 KB, 64 x 48"


def test_a_picture_is_a_line_where_nothing_is_drawn():
    block = PictureBlock(image(png(640, 480)))
    assert block.height(80) == 1


def test_a_picture_has_room_for_its_shape_within_the_measure_and_is_copied_as_words(canvas):
    block = PictureBlock(image(png(100, 60)))
    assert block.size(80) == (10, 3)
    lines = block.lines(80)
    assert [mark_of(line) for line in lines] == [None, *((block.number, row) for row in range(3))]
    assert block.cut(80, (0, 0), (4, 0)).strip() == block.plain() == "▣ " + describe_image(block.image)
    columns, rows = PictureBlock(image(png(400, 800))).size(80)
    assert (columns, rows) == (20, MOST_ROWS)
    assert PictureBlock(image(png(2000, 100))).size(50) == (50, 2)
    assert PictureBlock(image(png(1200, 900))).size(80) is None  # too long to be sent as it is
    assert PictureBlock(image(b"GIF89a" + struct.pack("<HH", 99, 99) + b"\0\0\0", "gif")).size(80) is None


def test_kitty_gets_a_picture_once_and_only_the_rows_that_show():
    data = png(200, 100)
    kitty = Kitty((10, 20))
    written = kitty.show(7, image(data), Placement(2, 5, 20, 5, first=0, shown=5))
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", written)
    sent = [(keys, text) for keys, text in pieces if "a=p" not in keys]
    assert base64.b64decode("".join(text for _, text in sent)) == data
    assert max(len(text) for _, text in sent) <= 4096
    assert [keys[-3:] for keys, _ in sent] == ["m=1"] * (len(sent) - 1) + ["m=0"] or len(sent) == 1
    assert "\x1b[6;3H" in written
    again = kitty.show(7, image(data), Placement(2, 0, 20, 5, first=3, shown=2))
    assert "a=t" not in again
    assert "c=20,r=2,x=0,y=60,w=200,h=40" in again
    assert "a=d,d=i,i=7" in kitty.hide(7)


def pixels_drawn(sequence):
    """The colour number of each pixel of a sixel sequence: what a terminal makes of it."""
    body = re.fullmatch(r'\x1bP0;1q"1;1;(\d+);(\d+)(.*)\x1b\\', sequence, re.DOTALL)
    drawn, x, top, colour = {}, 0, 0, 0
    for count, sign, defined, chosen in re.findall(r"(?:!(\d+))?([?-~$-])|#(\d+;2;[\d;]+)|#(\d+)", body[3]):
        if defined:
            continue
        if chosen:
            colour = int(chosen)
        elif sign == "$":
            x = 0
        elif sign == "-":
            x, top = 0, top + 6
        else:
            for _ in range(int(count or 1)):
                drawn |= {(x, top + bit): colour for bit in range(6) if ord(sign) - 63 >> bit & 1}
                x += 1
    return drawn


def test_sixels_draw_every_pixel_in_its_colour():
    class Picture:
        size = (13, 14)

        def tobytes(self):
            return bytes((x // 4 + y) % 5 for y in range(14) for x in range(13))

        def getpalette(self):
            return [value for number in range(256) for value in (number, 0, 255 - number)]

    data = Picture().tobytes()
    assert pixels_drawn(sixels(Picture())) == {(at % 13, at // 13): number for at, number in enumerate(data)}


def test_the_registers_of_sixels_have_no_gap():
    class Picture:
        size = (3, 1)

        def tobytes(self):
            return bytes((7, 2, 200))

        def getpalette(self):
            return [value for number in range(256) for value in (number, 0, 0)]

    assert re.findall(r"#(\d+);2;(\d+)", sixels(Picture())) == [("0", "1"), ("1", "3"), ("2", "78")]


def test_only_what_moved_is_drawn_again():
    class Drawing:
        def show(self, number, image, place):
            return f"+{number}"

        def hide(self, number):
            return f"-{number}"

    gallery, part = Gallery(Drawing()), image(png(10, 10))
    place = Placement(0, 0, 1, 1, 0, 1)
    assert gallery.change({1: (part, place), 2: (part, place)}) == "+1+2"
    assert gallery.change({1: (part, place), 2: (part, place._replace(y=3))}) == "+2"
    assert gallery.change({1: (part, place), 2: (part, place._replace(y=3))}) == ""
    assert gallery.change({1: (part, place)}) == "-2"
    assert gallery.has_moved
    assert gallery.change({1: (part, place)}, again=True) == "+1"
    assert gallery.change({}) == "-1"
    assert gallery.is_empty


def test_a_terminal_that_draws_nothing_costs_nothing(canvas):
    drawer = Drawer(ScreenDiff(), lambda _data: pytest.fail("nothing is written"))
    assert drawer.use(Answers())
    assert not drawer.is_in_use
    assert CANVAS.cell is None


async def say_with_a_picture(screen, path, monkeypatch):
    """Send a picture with a prompt; gives the list of what is written past the screen from then on."""
    path.write_bytes(png(100, 60))
    written = []
    monkeypatch.setattr(screen.app.following._drawer, "_write", written.append)
    await screen.say(f"/attach {path}")
    await screen.until(lambda: screen.chat.composer.images)
    await screen.say("What is this?")
    await screen.settled()
    return written


async def test_a_picture_shows_on_the_page_and_not_through_what_lies_over_it(
    open_screen, canvas, tmp_path, monkeypatch
):
    async with open_screen(reply("a cat")) as screen:
        written = await say_with_a_picture(screen, tmp_path / "cat.png", monkeypatch)
        answers = Answers()
        answers.read("\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62c")
        CANVAS.cell = None
        screen.app.following.hear(answers)
        await screen.until(lambda: screen.chat.page.renderer.pictures())
        ((shown, place),) = screen.chat.page.renderer.pictures().values()
        assert shown.name == "cat.png"
        assert (place.columns, place.rows, place.first, place.shown) == (10, 3, 0, 3)
        screen.app.following.draw()
        assert "a=t" in written[0]
        await screen.press("f1")
        await screen.until(lambda: not screen.chat.page.renderer.pictures())
        screen.app.following.draw()
        assert "a=d" in written[-1]


def test_a_long_picture_is_made_smaller_before_it_is_sent():
    pytest.importorskip("PIL")
    written = Kitty((10, 20)).show(7, image(png(1500, 900)), Placement(0, 0, 30, 9, first=0, shown=9))
    assert len(written) < LONG_BYTES
    assert "x=0,y=0,w=300,h=180" in written


KITTY_IN_TMUX = "kitty(0.41.1)\tbpaste,RGB,sync\t1\n"


@pytest.mark.parametrize(
    ("told", "placeholders", "sixel", "lack"),
    [
        (KITTY_IN_TMUX, True, False, False),
        ("ghostty 1.1.3\tRGB\ton\n", True, False, False),
        ("kitty(0.41.1)\tRGB\t0\n", False, False, True),
        ("kitty(0.26.5)\tRGB\ton\n", False, False, False),  # which does not know the signs
        ("XTerm(379)\t256,sixel\t0\n", False, True, False),
        ("foot(1.21.0)\tRGB\ton\n", False, False, False),
        ("", False, False, False),
    ],
)
def test_tmux_tells_what_of_a_picture_gets_through(told, placeholders, sixel, lack):
    outside = read_outside(told)
    assert (outside.draws_placeholders, outside.draws_sixel, bool(outside.lack)) == (placeholders, sixel, lack)


def test_a_picture_goes_past_tmux_once_and_its_signs_are_text():
    data = png(200, 100)
    drawing = Placeholders((10, 20))
    number = 3 * COLOURS + 41
    written = drawing.show(number, image(data), Placement(2, 5, 20, 5, first=0, shown=5))
    wrapped = [
        piece.replace("\x1b\x1b", "\x1b") for piece in re.findall(r"\x1bPtmux;((?:\x1b\x1b|[^\x1b])*)\x1b\\", written)
    ]
    sent = [re.fullmatch(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", piece).groups() for piece in wrapped]
    assert base64.b64decode("".join(text for keys, text in sent if "a=p" not in keys)) == data
    assert sent[-1][0] == f"a=p,U=1,i={3 << 24 | 42},p=1,q=2,c=20,r=5"
    text = written.partition("\x1b7")[2]
    assert "\x1b_G" not in text
    assert "\x1b[0;38;5;42m" in text
    assert [f"\x1b[{6 + row};3H{SIGN}{ROWS[row]}{ROWS[0]}{ROWS[3]}{SIGN * 19}" in text for row in range(5)] == [
        True
    ] * 5

    scrolled = drawing.show(number, image(data), Placement(2, 0, 20, 5, first=3, shown=2))
    assert "Ptmux" not in scrolled
    assert f"\x1b[1;3H{SIGN}{ROWS[3]}" in scrolled
    assert "c=10,r=3" in drawing.show(number, image(data), Placement(2, 0, 10, 3, first=0, shown=3))
    drawing.forget()
    assert "Ptmux" in drawing.show(number, image(data), Placement(2, 0, 10, 3, first=0, shown=3))


def test_two_pictures_never_have_one_number():
    drawing, place = Placeholders((10, 20)), Placement(2, 5, 20, 5, first=0, shown=5)
    written = [drawing.show(number, image(png(20, 10)), place) for number in (7, 7 + len(ROWS) * COLOURS)]
    assert re.findall(r"U=1,i=(\d+)", "".join(written)) == ["8", "9"]


def test_there_is_a_mark_for_each_row_that_a_picture_can_have():
    assert len(set(ROWS)) == len(ROWS) == MOST_ROWS


def test_a_picture_that_tmux_holds_back_says_what_shows_it(canvas):
    answers = Answers()
    answers.read("\x1b[6;20;10t\x1b[?1;2;4c")
    drawer = Drawer(ScreenDiff(), lambda _data: pytest.fail("nothing is written"))
    assert drawer.use(answers, Outside("kitty(0.41.1)", frozenset({"RGB"})))
    assert not drawer.is_in_use
    block = PictureBlock(image(png(100, 60)))
    shown = "".join(text for text, _ in block.lines(200)[0])
    assert shown == "▣ cat.png, image/png, 6.1 KB, 100 x 60 · tmux set -g allow-passthrough on shows it"
    assert block.plain() == "▣ cat.png, image/png, 6.1 KB, 100 x 60"
    assert drawer.use(answers, read_outside(KITTY_IN_TMUX))
    assert drawer.is_in_use
    assert block.size(80) == (10, 3)


@pytest.mark.skipif(has_pillow(), reason="Pillow reads it")
def test_a_picture_that_needs_pillow_says_so(canvas):
    answers = Answers()
    answers.read("\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62c")
    Drawer(ScreenDiff(), lambda _data: None).use(answers)
    block = PictureBlock(image(b"GIF89a" + struct.pack("<HH", 99, 99) + b"\0\0\0", "gif"))
    assert "rillet[images]" in "".join(text for text, _ in block.lines(200)[0])


def test_nothing_is_asked_of_tmux_before_anything_runs(monkeypatch):
    monkeypatch.setenv("TMUX", "/nowhere,1,0")
    app = SimpleNamespace(screen_diff=ScreenDiff(), write_terminal=None, is_running=False, chat=None, console=Console())
    Following(app, "ink", "").hear(Answers())


async def test_a_picture_shows_through_tmux_and_again_after_a_redraw(open_screen, canvas, tmp_path, monkeypatch):
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    (bin_dir / "tmux").write_text(f"#!/bin/sh\nprintf '{KITTY_IN_TMUX.rstrip()}'\n".replace("\t", "\\t"))
    (bin_dir / "tmux").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_dir}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/nowhere,1,0")
    monkeypatch.delenv("STY", raising=False)
    async with open_screen(reply("a cat")) as screen:
        written = await say_with_a_picture(screen, tmp_path / "cat.png", monkeypatch)
        answers = Answers()
        answers.read("\x1b[6;20;10t\x1b[?1;2c")
        CANVAS.cell = None
        screen.app.following.hear(answers)
        await screen.until(lambda: screen.chat.page.renderer.pictures())
        screen.app.following.draw()
        assert "U=1" in written[0]
        screen.app.action_redraw()
        await screen.until(lambda: any("U=1" in each for each in written[1:]))
