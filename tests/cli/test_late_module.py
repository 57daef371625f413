"""Modules that wait to be used: loaded once, whoever uses them, and not before."""

from __future__ import annotations

import subprocess
import sys
import typing
import unicodedata
from importlib import import_module
from threading import Event, Thread
from types import ModuleType, SimpleNamespace

import pytest

from tui.cli.late_module import import_late, lend, when_called
from tui.cli.lent import NAMES, NO_SIGNS, SIGNS, TYPING

SOURCE = """
import sys
from importlib import import_module
hook = sys.late_hook
hook.loads += 1
hook.begun.set()
hook.may_go.wait(30)
if hook.fails:
    raise OSError("not now")
VALUE = 7
def own(): return VALUE
"""


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """A package `late_box` with a module `late_thing` in it, which says when it is loaded."""
    made = SimpleNamespace(loads=0, begun=Event(), may_go=Event(), fails=False)
    made.may_go.set()
    monkeypatch.setattr(sys, "late_hook", made, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "late_box").mkdir()
    (tmp_path / "late_box/__init__.py").write_text("")
    (tmp_path / "late_box/late_thing.py").write_text(SOURCE)
    yield made
    for name in ("late_box.late_thing", "late_box"):
        sys.modules.pop(name, None)


def test_importing_loads_nothing_and_using_does_once(hook):
    import_late("late_box.late_thing")
    assert "late_box" not in sys.modules
    late_thing = import_module("late_box.late_thing")

    assert hook.loads == 0
    assert (late_thing.VALUE, late_thing.own(), hook.loads) == (7, 7, 1)
    assert type(late_thing) is ModuleType
    with pytest.raises(AttributeError, match="has no attribute 'other'"):
        _ = late_thing.other


def test_of_two_threads_one_loads_and_the_other_waits(hook):
    hook.may_go.clear()
    import_late("late_box.late_thing")
    late_thing = import_module("late_box.late_thing")

    values: list[int] = []
    threads = [Thread(target=lambda: values.append(late_thing.VALUE)) for _ in range(2)]
    threads[0].start()
    assert hook.begun.wait(30)
    threads[1].start()
    assert values == []
    hook.may_go.set()
    for thread in threads:
        thread.join(30)
    assert (values, hook.loads) == ([7, 7], 1)


def test_what_could_not_be_loaded_is_tried_again(hook):
    hook.fails = True
    import_late("late_box.late_thing")
    late_thing = import_module("late_box.late_thing")

    with pytest.raises(OSError, match="not now"):
        _ = late_thing.VALUE
    hook.fails = False
    assert late_thing.VALUE == 7


def test_what_is_there_already_or_nowhere_is_left_alone():
    import json

    import_late("json", "no_such_module_anywhere", "no_such_package.module")
    assert sys.modules["json"] is json
    assert type(json) is ModuleType
    assert "no_such_module_anywhere" not in sys.modules


def test_what_was_lent_to_it_is_had_without_loading_it(hook):
    import_late("late_box.late_thing")
    lend("late_box.late_thing", {"own": when_called("late_box.late_thing", "own"), "KIND": 3})
    namespace: dict[str, object] = {}
    exec("from late_box.late_thing import KIND, own", namespace)  # noqa: S102  which looks for more than the names

    assert (namespace["KIND"], hook.loads) == (3, 0)
    assert (namespace["own"](), hook.loads) == (7, 1)
    assert sys.modules["late_box.late_thing"].own is not namespace["own"]


def test_a_module_in_c_is_whole_when_it_is_used_and_not_mapped_before():
    code = """
import sys
from tui.cli.late_module import import_late
import_late("unicodedata")
assert "unicodedata." not in open("/proc/self/maps").read() if sys.platform == "linux" else True
import unicodedata
print(unicodedata.name("\\u00e9"), unicodedata.normalize("NFD", "\\u00e9") == "e\\u0301")
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split("\n")[0] == "LATIN SMALL LETTER E WITH ACUTE True"


def test_what_is_lent_is_what_the_modules_would_give():
    assert {sign: unicodedata.name(sign) for sign in NAMES} == NAMES
    assert {name: unicodedata.lookup(name) for name in SIGNS} == SIGNS
    for name in NO_SIGNS:
        with pytest.raises(KeyError):
            unicodedata.lookup(name)
    assert all(hasattr(typing, name) for name in TYPING.split())


STARTED = """
import sys
from tui.cli import LATE
from tui.cli.late_module import import_late
from tui.cli.lent import lend_all
import_late(*LATE)
lend_all()
from tui.ui.entry import import_screen
import_screen()
from textual.keys import _character_to_key, key_to_character
assert [key_to_character(key) for key in ("tab", "space", "enter", "f9", "nokey")] == ["\\t", " ", None, None, None]
assert _character_to_key("?") == "question_mark"
loaded = [name for name in ("html", "platform", "textual.pilot", "typing_extensions", "unicodedata")
          if type(sys.modules[name]).__name__ == "module"]
print(loaded)
assert key_to_character("latin_small_letter_e_with_acute") == "\\u00e9"
from typing_extensions import deprecated
import typing_extensions
assert typing_extensions.Protocol is not None and type(typing_extensions).__name__ == "module"
"""


def test_the_screen_is_there_without_what_hardly_anything_needs():
    found = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
