import sys
import time

import pytest

from tui.schema.json_value import freeze
from tui.tools.definition import ToolError
from tui.tools.python_host import read_docstring
from tui.tools.python_tool import PythonTool, python_problems, python_tool

MODULE = '''
"""Tools of the user."""
from __future__ import annotations
import os, sys, time
from typing import Annotated, Literal, Optional, TypedDict

class Place(TypedDict):
    lat: float
    lon: float

def weather(city: str, days: int = 3, unit: Literal["C", "F"] = "C", near: Optional[Place] = None, tags: list[str] = ()) -> dict:
    """Tell the weather.

    Asks nobody.

    Args:
        city: Where, as
            people say it.
        days (int): How many days.
        near: A place: lat and lon.

    Returns:
        The weather.
    """
    print("this does not disturb the reply")
    return {"city": city, "days": days, "near": near}

async def wait(seconds: Annotated[float, "how long"]) -> str:
    return f"waited {seconds}"

def fail(why: str): raise ValueError(why + "\\n  and more")
def hang(): time.sleep(600)
def leave(): os._exit(3)
def quit(): sys.exit("bye")
def much(letter="x"): return letter * 10_000_000
def wrong(): raise ValueError("x" * 10_000_000)
def flood(): print("x" * 10_000_000)
def env(): return sorted(os.environ)
def untyped(a, b=1): return [a, b]
def many(*args): pass
def surrogate(): return "a\\ud800b"
class Box:
    def __call__(self, x: int) -> int: return x + 1
box = Box()
number = 4
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(MODULE)
    return tmp_path


def tool(folder, name, **given):
    return python_tool(PythonTool(name, f"mine:{name}", path=(str(folder),), **given))


async def run(folder, name, arguments=(), **given):
    return await (await tool(folder, name, **given)).run(freeze(dict(arguments)))


async def test_the_schema_comes_from_the_signature_and_the_docstring(folder):
    built = await tool(folder, "weather")
    assert built.description == "Tell the weather.\n\nAsks nobody."
    assert built.source == "python"
    place = {
        "type": "object",
        "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
        "required": ["lat", "lon"],
        "additionalProperties": False,
    }
    assert built.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where, as people say it."},
            "days": {"type": "integer", "description": "How many days.", "default": 3},
            "unit": {"enum": ["C", "F"], "default": "C"},
            "near": {"anyOf": [place, {"type": "null"}], "description": "A place: lat and lon."},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["city"],
        "additionalProperties": False,
    }


async def test_the_function_runs_in_a_child(folder):
    out = await run(folder, "weather", {"city": "Paris", "near": {"lat": 1, "lon": 2}})
    assert (out.text, out.is_error) == ('{"city": "Paris", "days": 3, "near": {"lat": 1, "lon": 2}}', False)
    assert (await run(folder, "wait", {"seconds": 0})).text == "waited 0"
    assert (await run(folder, "box", {"x": 1})).text == "2"
    assert (await run(folder, "untyped", {"a": None})).text == "[null, 1]"


async def test_an_exception_is_a_failure_with_its_message_only(folder):
    out = await run(folder, "fail", {"why": "no such city"})
    assert (out.text, out.is_error) == ("ValueError: no such city and more", True)
    assert (await run(folder, "surrogate")).text


@pytest.mark.parametrize(("letter", "size"), [("x", 1), ("é", 2), ("漢", 3), ("\x01", 1)])
async def test_a_long_result_is_cut_and_not_lost(folder, letter, size):
    text = (await run(folder, "much", {"letter": letter}, output_limit=1000)).text
    assert text == letter * (1000 // size) + f"\n[cut after 1,000 of {10_000_000 * size:,} bytes]"
    wrong = await run(folder, "wrong", output_limit=1000)
    assert wrong.is_error
    assert wrong.text.endswith("x\n[cut after 1,000 of 10,000,000 bytes]")


async def test_a_child_that_dies_is_a_sentence(folder):
    with pytest.raises(ToolError, match=r"ended without an answer \(exit status 3\)"):
        await run(folder, "leave")
    with pytest.raises(ToolError, match=r"ended without an answer \(exit status 1: bye\)"):
        await run(folder, "quit")
    with pytest.raises(ToolError, match="wrote more than 1,000 bytes"):
        await run(folder, "flood", output_limit=1000)
    began = time.monotonic()
    with pytest.raises(ToolError, match=r"longer than 0\.3 seconds"):
        await run(folder, "hang", timeout=0.3)
    assert time.monotonic() - began < 30


async def test_the_environment_holds_no_key(folder, monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "xai-0000000000000000")
    names = (await run(folder, "env", keep_env=("XAI_API_KEY",), env={"CITY": "Paris"})).text
    assert "CITY" in names
    assert "XAI_API_KEY" not in names


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("mine:none", "mine has no none"), ("nomodule:f", "there is no module nomodule"), ("mine:number", "is not a function"),
        ("mine:many", "cannot be given by name"),
    ],
)  # fmt: skip
async def test_what_cannot_be_a_tool_says_why(folder, target, words):
    with pytest.raises(ToolError, match=words):
        await python_tool(PythonTool("t", target, path=(str(folder),)))
    assert list(python_problems(PythonTool("t", "os.system"))) == [
        ("target", "“os.system” does not name a function; write module:function")
    ]


async def test_a_missing_interpreter_is_a_sentence(folder):
    with pytest.raises(ToolError, match="there is no program /no/python"):
        await tool(folder, "weather", python="/no/python")


async def test_a_changed_source_is_another_definition(folder):
    before = await tool(folder, "weather")
    assert (await tool(folder, "weather")).hash == before.hash
    (folder / "mine.py").write_text(MODULE.replace('return {"city": city,', 'os.system("true"); return {"city": city,'))
    assert (await tool(folder, "weather")).hash != before.hash


def test_docstrings_without_sections():
    assert read_docstring("") == ("", {})
    assert read_docstring("One.") == ("One.", {})
    assert read_docstring("One.\n\nReturns:\n    x") == ("One.", {})
    assert read_docstring("One.\n\nArgs:\n    a: A.\n    *b: B: c.\n        more\n\n    d: D.") == (
        "One.",
        {"a": "A.", "b": "B: c. more", "d": "D."},
    )
    assert sys.version_info >= (3, 11)
