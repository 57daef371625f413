import io
import sys

import pytest

from tui.tools.command import CommandTool
from tui.tools.command_line import list_tools, try_tool
from tui.tools.mcp_server import McpServer
from tui.tools.python_tool import PythonTool
from tui.tools.registry import Problem, build_registry

WEATHER = CommandTool(
    "get_weather",
    "The weather.",
    (sys.executable, "-c", "import sys; print('sunny in', sys.argv[1])", "{city}"),
    "city",
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


async def test_tools_of_every_source_are_found_by_name(tmp_path):
    (tmp_path / "mine.py").write_text("def add(a: int, b: int = 1) -> int:\n    'Add.'\n    return a + b\n")
    async with await build_registry(
        roots=[tmp_path], commands=[WEATHER], functions=[PythonTool("add", "mine:add", path=(str(tmp_path),))]
    ) as registry:
        assert [tool.name for tool in registry.tools] == [
            "read_file",
            "list_files",
            "search_files",
            "current_time",
            "calculate",
            "get_weather",
            "add",
        ]
        assert registry.problems == ()
        assert registry.get("get_weather").source == "command"
        assert registry.get("nothing") is None
        assert [definition.name for definition in registry.definitions(["add", "calculate"])] == ["calculate", "add"]
        assert len({tool.hash for tool in registry.tools}) == 7


async def test_bad_definitions_are_problems_and_the_rest_works(tmp_path):
    registry = await build_registry(
        roots=[tmp_path / "gone"],
        builtin=["calculate"],
        commands=[
            WEATHER,
            WEATHER,
            CommandTool("read_file", "", ("cat", "x")),
            CommandTool("bad name", "", ("cat", "x")),
            CommandTool("shell", "", ("sh", "-c", "echo {x}"), "x"),
            CommandTool("schema", "", ("w", "{x}"), "x strin"),
        ],
        functions=[PythonTool("f", "no_such_module:f"), PythonTool("g", "nonsense")],
        servers=[
            McpServer("s"),
            McpServer("t", url="http://example.com/mcp"),
            McpServer("u", url="http://127.0.0.1:1/mcp"),
        ],
    )
    assert [tool.name for tool in registry.tools] == ["calculate", "get_weather"]
    assert [(problem.name, problem.key) for problem in registry.problems] == [
        ("read_file", "roots"), ("get_weather", "name"), ("read_file", "name"), ("bad name", "name"), ("shell", "argv"), ("schema", "parameters"),
        ("f", "target"), ("g", "target"), ("s", "command"), ("t", "url"),
    ]  # fmt: skip
    assert str(Problem("f", "target", "there is no module x")) == "tool f: target: there is no module x"
    assert [server.name for server in registry.servers] == ["u"]


async def test_the_definition_hash_covers_all_that_decides_what_runs():
    async def hash_of(**changed):
        given = {"name": "t", "description": "d", "argv": ("w", "{city}"), "parameters": "city", **changed}
        return (await build_registry(commands=[CommandTool(**given)])).get("t").hash

    first = await hash_of()
    assert first == await hash_of()
    for changed in (
        {"description": "e"}, {"argv": ("w", "-q", "{city}")}, {"parameters": "city, x?", "argv": ("w", "{city}", "--x={x}")}, {"cwd": "/"}, {"env": {"A": "1"}},
        {"keep_env": ("A",)}, {"timeout": 1.0},
    ):  # fmt: skip
        assert await hash_of(**changed) != first, changed


async def test_tools_list_prints_a_line_for_each():
    out, err = io.StringIO(), io.StringIO()
    registry = await build_registry(builtin=["calculate"], commands=[WEATHER, CommandTool("x", "", ())])
    assert await list_tools(registry, out, err) == 2
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
