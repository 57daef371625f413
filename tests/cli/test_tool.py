"""`rillet tools`: what it prints, where, and how it exits."""

import io
import sys

import pytest

from tui.cli.tool import list_tools, try_tool
from tui.tools.command import CommandTool
from tui.tools.definition import Output, Tool
from tui.tools.registry import Registry, build_registry

WEATHER = CommandTool(
    "get_weather",
    "The weather.",
    (sys.executable, "-c", "import sys; print('sunny in', sys.argv[1])", "{city}"),
    "city",
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


async def test_tools_list_prints_a_line_for_each():
    out, err = io.StringIO(), io.StringIO()
    registry = await build_registry(builtin=["calculate"], commands=[WEATHER, CommandTool("x", "", ())])
    assert await list_tools(registry, out, err) == 2
    assert [line.split()[0] for line in out.getvalue().splitlines()] == [tool.name for tool in registry.tools]
    name, source, mark, *parameters = out.getvalue().splitlines()[1].split()
    assert (name, source, mark, parameters) == (
        "get_weather",
        "command",
        registry.get("get_weather").hash[:12],
        ["city"],
    )
    assert err.getvalue() == "tool x: argv: the program is missing\n"
    assert await list_tools(await build_registry(builtin=["calculate"]), out, err) == 0


@pytest.mark.parametrize(
    ("name", "arguments", "code", "said", "complained"),
    [
        ("get_weather", '{"city": "Paris"}', 0, "sunny in Paris\n", ""),
        ("get_weather", '{"city": "-x"}', 1, "", "city must not begin with “-”"),
        ("get_weather", "{}", 2, "", "city: is missing"),
        ("get_weather", "{", 2, "", "not JSON"),
        ("nope", "{}", 2, "", "there is no tool called nope; there are calculate, get_weather"),
    ],
)
async def test_tools_test_runs_one(name, arguments, code, said, complained):
    out, err = io.StringIO(), io.StringIO()
    registry = await build_registry(builtin=["calculate"], commands=[WEATHER])
    assert await try_tool(registry, name, arguments, out, err) == code
    assert out.getvalue() == said
    assert complained in err.getvalue()


async def test_escapes_reach_a_pipe_and_never_a_terminal():
    escape = CommandTool("e", "", (sys.executable, "-c", "print(chr(27) + '[2J')"))
    registry = await build_registry(builtin=[], commands=[escape])
    for stream, text in ((io.StringIO(), "\x1b[2J\n"), (Terminal(), "␛[2J\n")):
        assert await try_tool(registry, "e", "", stream, io.StringIO()) == 0
        assert stream.getvalue() == text


async def test_what_is_for_the_person_alone_is_shown_to_whoever_runs_a_tool():
    async def run(_arguments):
        return Output("[no output]", aside="yours \x1b[2J")

    registry = Registry([Tool("note", "", {"type": "object"}, "builtin", run)])
    out, err = io.StringIO(), io.StringIO()
    assert await try_tool(registry, "note", "", out, err) == 0
    assert err.getvalue() == "for you, and not for the model:\nyours ␛[2J\n"
