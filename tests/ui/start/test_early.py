"""The first frame: which command lines get one, in which colours, and what of the typing it shows."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import string
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.console import Console

from tui.cli.option import add_chat_options
from tui.domain.error import StoreError
from tui.domain.message import ImagePart
from tui.store import path as store_path
from tui.store.choice import Choices, save_choices
from tui.store.database import Database
from tui.ui.start.early.colour import SYSTEMS, back_of, blend, colours_of, fore_of
from tui.ui.start.early.draft import database_file, may_have_draft
from tui.ui.start.early.echo import Echo, width_of
from tui.ui.start.early.look import read_look, shipped_themes, top_level
from tui.ui.start.early.place import directory
from tui.ui.start.early.words import FLAGS, TAKING, read_words
from tui.ui.terminal.keyboard import Keyboard
from tui.ui.terminal.screen_diff import _fewer
from tui.ui.theme import theming

THEMES = Path(__file__).parents[3] / "themes"


def test_the_first_frame_imports_next_to_nothing():
    program = (
        "import os, sys; before = set(sys.modules)\n"
        "import tui.__main__, tui.ui.start.early.screen, tui.ui.start.early.look, tui.ui.start.early.words\n"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('tui')))"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, cwd=THEMES.parent
    )
    assert set(found.stdout.split()) <= {"__future__", "_thread", "_signal", "gc", "select", "termios", "time"}


def test_the_program_that_is_installed_imports_nothing_more():
    project = tomllib.loads((THEMES.parent / "pyproject.toml").read_text())
    assert "scripts" not in project["project"], "pip's own program imports `re` before anything else"
    scripts = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-scripts"]
    assert scripts == {"bin/rillet": "rillet"}
    program = (
        "import os, sys; before = set(sys.modules)\n"
        "import tui.__main__\n"
        "tui.__main__.main = lambda: print(*sorted(set(sys.modules) - before))\n"
        "exec(compile(open('bin/rillet').read(), 'bin/rillet', 'exec'))"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, cwd=THEMES.parent
    )
    assert set(found.stdout.split()) == {"__future__", "tui", "tui.__main__"}
    told = subprocess.run(
        [sys.executable, "bin/rillet", "--version"], capture_output=True, text=True, cwd=THEMES.parent
    )
    assert (told.returncode, told.stdout.split()[0]) == (0, "rillet")


@pytest.fixture
def installed(tmp_path):
    """A folder with a space in its name, as `bin` of an installation: `rillet` in it, and how to be a Python there."""
    folder = tmp_path / "my programs" / "bin"
    folder.mkdir(parents=True)
    shutil.copy(THEMES.parent / "bin" / "rillet", folder)

    def python(path):
        path.write_text('#!/bin/sh\necho "$0" "$@"\n')
        path.chmod(0o755)

    return folder, python


def said(program, *words, **environment):
    return subprocess.run([program, *words], capture_output=True, text=True, check=True, env=environment).stdout


def test_the_installed_program_runs_by_the_python_beside_it(installed, tmp_path):
    folder, python = installed
    python(folder / "python3")
    program = folder / "rillet"
    assert said(program, "ask", "a b", PATH=os.defpath) == f"{folder}/python3 {program} ask a b\n"
    link = tmp_path / "link"
    link.symlink_to(program)
    assert said(link, PATH=os.defpath) == f"{folder}/python3 {link}\n"
    assert said("rillet", PATH=f"{folder}:{os.defpath}") == f"{folder}/python3 {program}\n"
    assert said("sh", "-c", f"cd '{folder}' && sh rillet", PATH=os.defpath) == "./python3 rillet\n"


def test_the_installed_program_runs_by_the_python_that_has_its_packages(installed, tmp_path):
    folder, python = installed
    (folder.parent / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (folder.parent / "lib" / "python3.13" / "dist-packages" / "tui").mkdir(parents=True)
    for name in ("python3", "python3.11", "python3.13"):
        python(tmp_path / name)
    path = f"{tmp_path}:{os.defpath}"
    assert said(folder / "rillet", "-x", PATH=path) == f"{tmp_path}/python3.13 {folder}/rillet -x\n"
    shutil.rmtree(folder.parent / "lib")
    assert said(folder / "rillet", "-x", PATH=path) == f"{tmp_path}/python3 {folder}/rillet -x\n"


# -- the command line -------------------------------------------------------------------------------------------


def test_every_option_of_the_chat_is_known_with_or_without_a_value():
    parser = argparse.ArgumentParser(add_help=False)
    add_chat_options(parser)
    flags, taking = set(), set()
    for action in parser._actions:
        (flags if action.nargs == 0 else taking).update(action.option_strings)
    assert (FLAGS, TAKING) == (
        flags - {"--plain", "--web"},
        taking - {"--web-port"},
    )  # with which there is no first frame
    assert read_words(["--plain"]) is read_words(["--web"]) is read_words(["--web-port", "1"]) is None


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "hi"],
        ["--version"],
        ["--help"],
        ["--them", "ink"],
        ["--theme"],
        ["--model", "-x"],
        ["--no-save=1"],
        ["-mx"],
    ],
)
def test_words_that_ask_for_something_else_get_no_first_frame(words):
    assert read_words(words) is None


def test_the_words_that_matter_to_the_first_frame_are_read():
    asked = read_words(["--theme=paper", "-m", "grok-4", "--continue", "--config", "a.toml", "--no-save"])
    assert (asked.theme, asked.config, asked.opens_session, asked.saves) == ("paper", "a.toml", True, False)


# -- places and files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [None, "", "/somewhere", "relative"])
@pytest.mark.parametrize("home", ["/home/somebody", "relative"])
def test_files_are_looked_for_where_the_store_keeps_them(monkeypatch, chosen, home):
    monkeypatch.setenv("HOME", home)
    usual = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state"}
    for kind, place in usual.items():
        variable = f"XDG_{kind}_HOME"
        monkeypatch.delenv(variable, raising=False)
        if chosen is not None:
            monkeypatch.setenv(variable, chosen)
        try:
            early = directory(variable, place, os.environ)
        except ValueError:
            continue  # then there is no first frame
        try:
            assert early == str(getattr(store_path, f"{kind.lower()}_dir")())
        except StoreError:
            pytest.fail(f"the store refuses {chosen!r}, {home!r}")
    if chosen == "/somewhere":
        assert database_file(os.environ) == str(store_path.database_path())


_PLAIN = st.text(st.sampled_from(string.ascii_letters + " .#-_'é"), max_size=8)
_LINES = st.one_of(
    st.builds('{} = "{}"'.format, st.sampled_from(["theme", "a", "a-b", "a.b", '"q"']), _PLAIN),
    st.builds(
        "{} = {}".format,
        st.sampled_from(["theme", "x"]),
        st.sampled_from(["true", "1", "[1, 2]", "[", "'''\na'''", '"\\n"']),
    ),
    st.sampled_from(['b = [\n    "x",\n    "theme = 1",\n]', "c = [ # c\n]", "d = []", 'e = [\n  "theme",\n]\n']),
    st.sampled_from(["", "# theme", "[table]", "theme = 'paper' # mine", "[[a]]", "]", "t = {a = 1}"]),
)


@given(st.lists(_LINES, max_size=6))
def test_what_is_read_of_a_settings_file_is_what_toml_says(lines):
    text = "\n".join(lines)
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    if isinstance(whole.get("theme", ""), str):
        assert top_level(text).get("theme") == whole.get("theme")


def test_the_choices_that_rillet_writes_itself_are_read_without_the_parser(monkeypatch, tmp_path):
    choices = Choices(theme="paper", shown=("calls", "wire"), favourites=(), sizes={"wire": 40}, switched_tools=("a",))
    save_choices(tmp_path / "choices.toml", choices)
    monkeypatch.setitem(sys.modules, "tomllib", None)
    assert top_level((tmp_path / "choices.toml").read_text())["theme"] == "paper"


def test_our_own_themes_are_where_they_are_looked_for():
    assert Path(shipped_themes()) == THEMES


@pytest.mark.parametrize("theme", sorted(path.stem for path in THEMES.glob("*.toml")))
@pytest.mark.parametrize(("colours", "system"), [("truecolor", 3), ("256", 2)])
def test_the_first_frame_has_a_themes_colours_as_rich_writes_them(monkeypatch, tmp_path, theme, colours, system):
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path))
    monkeypatch.setenv("TEXTUAL_COLOR_SYSTEM", colours)
    look = read_look(read_words(["--theme", theme]), os.environ)
    told, _ = theming.find_theme(theme, [THEMES])
    if told.ansi:
        assert look.accent.startswith("0;") and "38" not in look.accent
        return
    if system == 1:
        told = told.in_sixteen()
    for codes, colour in ((look.accent, told.accent), (look.muted, told.muted), (look.text, told.text)):
        fore = _fewer(Color.parse(colour), ColorSystem(system)).get_ansi_codes()
        assert codes.split(";")[1 : 1 + len(";".join(fore).split(";"))] == ";".join(fore).split(";")


@given(st.integers(0, (1 << 24) - 1), st.integers(0, (1 << 24) - 1))
def test_colours_are_those_that_rich_would_write(one, other):
    one, other = f"#{one:06x}", f"#{other:06x}"
    for name, system in (
        ("truecolor", ColorSystem.TRUECOLOR),
        ("256", ColorSystem.EIGHT_BIT),
        ("standard", ColorSystem.STANDARD),
    ):
        colour = _fewer(Color.parse(one), system)
        assert fore_of(one, SYSTEMS[name]) == ";".join(colour.get_ansi_codes())
        assert back_of(one, SYSTEMS[name]) == ";".join(colour.get_ansi_codes(foreground=False))
    assert blend(one, other, 0.2) == theming.blend(one, other, 0.2)


@pytest.mark.parametrize("term", ["xterm-256color", "xterm", "xterm-kitty", "screen", "linux", "tmux-256color"])
@pytest.mark.parametrize("colorterm", ["", "truecolor", "24bit", "yes"])
def test_the_number_of_colours_is_what_rich_takes_it_for(term, colorterm):
    environ = {"TERM": term, "COLORTERM": colorterm}
    system = Console(force_terminal=True, _environ=environ).color_system
    assert colours_of(environ) == SYSTEMS[system]


@pytest.mark.parametrize("theme", ["nothing", "../x", "bad"])
def test_a_theme_that_cannot_be_used_gets_no_first_frame(monkeypatch, tmp_path, theme):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "rillet" / "themes"
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text('name = "bad"\ntext = "red"')
    assert read_look(read_words(["--theme", theme]), os.environ) is None


def test_the_theme_is_the_one_of_the_words_then_of_the_choices_then_of_the_settings(monkeypatch, tmp_path):
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
        (tmp_path / kind / "rillet").mkdir(parents=True)
    monkeypatch.setenv("COLORTERM", "truecolor")

    def text(*words):
        return read_look(read_words(list(words)), os.environ).text

    def of(theme):
        return f"0;{fore_of(theming.find_theme(theme, [THEMES])[0].text, 1 << 24)};"

    assert text().startswith(of("ink"))
    (tmp_path / "CONFIG/rillet/config.toml").write_text(
        'endpoint = "x"\ntheme = "contrast"\n[endpoints.x]\ntheme = "no"'
    )
    assert text().startswith(of("contrast"))
    (tmp_path / "STATE/rillet/choices.toml").write_text('theme = "paper"')
    assert text().startswith(of("paper"))
    assert text("--theme", "ink").startswith(of("ink"))


def test_with_keys_of_the_users_own_letters_may_mean_anything_and_are_not_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLORTERM", "truecolor")
    (tmp_path / "rillet").mkdir()
    assert read_look(read_words([]), os.environ).echoes
    (tmp_path / "rillet/config.toml").write_text('[keymap]\n"chat.help" = "h"')
    assert not read_look(read_words([]), os.environ).echoes


# -- the draft --------------------------------------------------------------------------------------------------


def test_it_is_seen_beforehand_whether_a_draft_may_wait(tmp_path):
    path = tmp_path / "a?b%c.db"
    assert not may_have_draft("", any_session=True)
    assert not may_have_draft(str(path), any_session=True)
    database = Database.open(path)
    assert not may_have_draft(str(path), any_session=True)
    database.prompts.save_draft("s", "words", [ImagePart("data:,", name="x")])
    assert may_have_draft(str(path), any_session=True)  # while it is in use
    assert not may_have_draft(str(path), any_session=False)
    database.prompts.save_draft(None, "words")
    database.close()
    before = sorted(os.listdir(tmp_path))
    assert may_have_draft(str(path), any_session=False)
    assert sorted(os.listdir(tmp_path)) == before  # looked at only
    path.write_bytes(b"no database" * 1000)
    assert may_have_draft(str(path), any_session=False)
    with sqlite3.connect(tmp_path / "empty.db") as other:
        other.execute("CREATE TABLE other (x)")
    assert may_have_draft(str(tmp_path / "empty.db"), any_session=False)


# -- what is typed ----------------------------------------------------------------------------------------------

_TYPED = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=4),
        st.text("abc äß日本한글", min_size=1, max_size=6),
        st.just("\x7f"),
        st.builds("\x1b[200~{}\x1b[201~".format, st.text("ab é\n/", max_size=8)),
        st.sampled_from(["\r", "\x1b", "\x1b[A", "\t", "\x03"]),
    ),
    max_size=12,
)


@given(_TYPED, st.randoms(use_true_random=False))
def test_what_is_shown_does_not_depend_on_the_pieces_in_which_it_comes(typed, chance):
    data = "".join(typed).encode()
    whole = Echo(60)
    whole.feed(data)
    pieces = Echo(60)
    while data:
        cut = chance.randint(1, len(data))
        pieces.feed(data[:cut])
        data = data[cut:]
    assert (pieces.text, pieces.is_over) == (whole.text, whole.is_over)


@given(_TYPED)
def test_what_is_shown_is_what_the_keyboard_makes_of_it(typed):
    """Until it stops: then the rest is for the composer."""
    echo, text = Echo(500), ""
    for piece in typed:
        echo.feed(piece.encode())
        if echo.is_over or piece == "\x1b":  # the beginning of something
            break
        for event in Keyboard().feed(piece):
            text = (
                text[:-1]
                if getattr(event, "key", "") == "backspace"
                else text + (getattr(event, "character", "") or getattr(event, "text", ""))
            )
        assert echo.text == text


@given(st.text(max_size=30))
def test_a_sign_that_is_shown_takes_the_cells_that_rich_and_terminals_give_it(text):
    from rich.cells import cell_len

    from tui.typeset.line import room_of

    for character in text:
        if width := width_of(character):
            assert width == cell_len(character) == room_of(character)


@pytest.mark.parametrize(
    "stop",
    [
        "\r",
        "\n",
        "\t",
        "\x03",
        "\x11",
        "\x1b[A",
        "\x1bx",
        "\x08",
        "\u0301",
        "👩",
        "א",
        "\x1b[200~a\nb\x1b[201~",
        "\x1b[200~/tmp/a.png\x1b[201~",
    ],
)
def test_anything_but_letters_ends_the_echo_and_what_was_typed_stays(stop):
    echo = Echo(60)
    echo.feed(b"word")
    echo.feed(stop.encode())
    echo.feed(b"more")
    assert echo.is_over
    assert echo.text == "word"


def test_a_draft_stands_before_what_is_typed_and_one_that_does_not_fit_is_not_shown_in_part():
    echo = Echo(10)
    echo.write("draft ")
    echo.feed(b"abc")
    assert (echo.text, echo.is_over) == ("draft abc", False)
    echo = Echo(4)
    echo.write("draft")
    assert (echo.text, echo.is_over) == ("", True)


def test_in_a_narrower_terminal_what_does_not_fit_is_cut_off():
    chance = random.Random(3)
    for _ in range(50):
        echo, room = Echo(40), chance.randint(1, 40)
        echo.write("日本" * chance.randint(0, 5) + "abc")
        echo.narrow(room)
        assert echo.cells <= room
