import sys

from tui.tools.command import CommandTool
from tui.tools.mcp.server import McpServer
from tui.tools.python_tool import PythonTool
from tui.tools.registry import Problem, build_registry

WEATHER = CommandTool(
    "get_weather",
    "The weather.",
    (sys.executable, "-c", "import sys; print('sunny in', sys.argv[1])", "{city}"),
    "city",
)


async def test_built_in_tools_commands_and_functions_are_found_by_name(tmp_path):
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
    changes = (
        {"description": "e"}, {"argv": ("w", "-q", "{city}")}, {"parameters": "city, x?", "argv": ("w", "{city}", "--x={x}")}, {"cwd": "/"}, {"env": {"A": "1"}},
        {"keep_env": ("A",)}, {"timeout": 1.0},
    )  # fmt: skip
    about_the_result = {"output_limit", "runs_parallel"}
    assert {"name", *about_the_result}.union(*changes) == {*CommandTool.__struct_fields__}
    for changed in changes:
        assert await hash_of(**changed) != first, changed
