"""Modules that wait to be used: loaded once, whoever uses them, and not before."""

from __future__ import annotations

import sys
from importlib import import_module
from threading import Event, Thread
from types import ModuleType, SimpleNamespace

import pytest

from tui.cli.late_module import import_late

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
