import asyncio
import os
import socket
import sys
import threading
import traceback

import pytest

from tui.tools.builtin import builtin_tools
from tui.tools.builtin_file import read_file, search_files
from tui.tools.definition import ToolError
from tui.tools.root import Roots


@pytest.fixture
def home(tmp_path):
    root = tmp_path / "root"
    (root / "src" / ".git").mkdir(parents=True)
    (root / "a.txt").write_text("one\ntwo\nthree\n")
    (root / "src" / "main.py").write_text("print('Hello')\n# TWO\n")
    (root / "src" / ".git" / "config").write_text("two")
    (root / ".hidden").write_text("two")
    (root / "image.png").write_bytes(b"\x89PNG\0\0two")
    (tmp_path / "secret.txt").write_text("two: secret")
    return root


async def run(home, name, **arguments):
    tool = next(tool for tool in builtin_tools([home]) if tool.name == name)
    return await tool.run(arguments)


@pytest.mark.parametrize("path", ["a.txt", "./a.txt", "src/../a.txt"])
async def test_files_under_the_root_are_read(home, path):
    assert (await run(home, "read_file", path=path)).text == "one\ntwo\nthree\n"
    assert (await run(home, "read_file", path=str(home / "a.txt"))).text == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "/etc/passwd",
        "src/../../secret.txt",
        "/",
        "..",
        "../root2/x",
        "~/x/../../../etc/passwd",
        "a\0b",
    ],
)
@pytest.mark.parametrize("name", ["read_file", "list_files", "search_files"])
async def test_nothing_outside_is_reached(home, path, name):
    (home.parent / "root2").mkdir()
    (home.parent / "root2" / "x").write_text("a name that begins like the root's")
    with pytest.raises(ToolError):
        await run(home, name, path=path, text="x")


async def test_links_out_are_refused_and_links_inside_are_not(home):
    (home / "out").symlink_to(home.parent / "secret.txt")
    (home / "up").symlink_to("..")
    (home / "loop").symlink_to("loop")
    (home / "gone").symlink_to("nowhere")
    (home / "in").symlink_to("src/main.py")
    for path in ("out", "up/secret.txt", "loop", "gone", "up"):
        with pytest.raises(ToolError):
            await run(home, "read_file", path=path)
    assert (await run(home, "read_file", path="in")).text.startswith("print")
    assert "out (a link)" in (await run(home, "list_files")).text
    assert "secret" not in (await run(home, "search_files", text="two")).text


def test_a_link_swapped_in_after_the_check_is_refused(home):
    roots = Roots([home])
    for path in ("a.txt", "src/main.py"):
        place = roots.find(path)
        target = place.real if path == "a.txt" else place.real.parent
        target.rename(home / f"moved {target.name}")
        target.symlink_to(home.parent / "secret.txt" if path == "a.txt" else home.parent)
        with pytest.raises(ToolError, match=r"is a link|not a directory"):
            roots.open(place)


async def test_what_is_no_file_is_named_and_never_waited_for(home):
    os.mkfifo(home / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "sock"))
        async with asyncio.timeout(60):
            for path, words in (
                ("pipe", "a named pipe"),
                ("sock", "a socket"),
                ("src", "a directory"),
                (".", "a directory"),
            ):
                with pytest.raises(ToolError, match=words):
                    await run(home, "read_file", path=path)
            assert (await run(home, "search_files", text="three")).text.startswith("a.txt:3: three")
    assert "pipe (no regular file)" in (await run(home, "list_files")).text


async def test_devices_are_refused():
    tool = next(tool for tool in builtin_tools(["/dev"]) if tool.name == "read_file")
    with pytest.raises(ToolError, match="a device"):
        await tool.run({"path": "zero"})


async def test_binary_files_are_said_to_be_so(home):
    with pytest.raises(ToolError, match="binary file of 9 bytes"):
        await run(home, "read_file", path="image.png")


async def test_bad_utf_8_is_replaced_and_said(home):
    (home / "latin").write_bytes(b"caf\xe9")
    assert (await run(home, "read_file", path="latin")).text == "caf\ufffd\n[1 bytes are not UTF-8 and stand as \ufffd]"


async def test_large_files_are_cut_and_lines_can_be_asked_for(home):
    (home / "large").write_text("".join(f"line {number}\n" for number in range(100_000)))
    whole = await run(home, "read_file", path="large")
    assert whole.text.endswith("[cut after 262,144 of 1,088,890 bytes; ask for a range of lines]")
    assert (await run(home, "read_file", path="large", first=5000, lines=2)).text == "line 4999\nline 5000\n"
    assert (await run(home, "read_file", path="a.txt", first=9)).text == "\n[there are only 3 lines]"
    assert (await run(home, "read_file", path="a.txt", first=3)).text == "three\n"


async def test_directories_are_listed(home):
    assert (await run(home, "list_files")).text.splitlines() == [".hidden", "a.txt", "image.png", "src/"]
    assert (await run(home, "list_files", path="src", depth=2)).text.splitlines() == [".git/", ".git/config", "main.py"]
    with pytest.raises(ToolError, match="not a directory"):
        await run(home, "list_files", path="a.txt")


async def test_search_finds_lines_and_leaves_hidden_files_out(home):
    assert (
        await run(home, "search_files", text="two")
    ).text == "a.txt:2: two\n[1 binary, unreadable or large files left out]"
    both = await run(home, "search_files", text="two", ignore_case=True, files="*.py")
    assert both.text == "src/main.py:2: # TWO"
    assert (await run(home, "search_files", text="nowhere", path="src")).text == "[nothing found in 1 files]"


async def test_search_stops_at_its_limits(home):
    (home / "many").write_text("needle\n" * 1000)
    found = (await run(home, "search_files", text="needle")).text.splitlines()
    assert len(found) == 202
    assert found[-2] == "[the first 200 matches]"


def test_a_cancelled_search_stops(home):
    stop = threading.Event()
    stop.set()
    assert search_files(Roots([home]), {"text": "two"}, stop.is_set).text == "[nothing found in 0 files]"


async def test_several_roots_and_none(home):
    other = home.parent / "other"
    other.mkdir()
    (other / "b.txt").write_text("bee")
    roots = Roots([home, other, home / "missing"])
    assert read_file(roots, {"path": "b.txt"}).text == "bee"
    assert roots.missing == (str(home / "missing"),)
    with pytest.raises(ToolError, match="no directory was given"):
        Roots([]).find("x")
    assert {tool.name for tool in builtin_tools([])} == {"current_time", "calculate"}


def test_another_root_is_another_definition(home):
    one, two = (
        next(tool for tool in builtin_tools([root]) if tool.name == "read_file") for root in (home, home / "src")
    )
    assert one.hash != two.hash


async def test_a_read_that_is_stopped_stops(home):
    (home / "big").write_text("x\n" * 8192)
    os.truncate(home / "big", 40 << 30)
    reading = asyncio.ensure_future(run(home, "read_file", path="big", first=900_000_000))
    async with asyncio.timeout(60):
        while not busy_threads():
            await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(60):
        while busy_threads():
            await asyncio.sleep(0.01)


def busy_threads():
    """How many threads are inside the file tools."""
    frames = sys._current_frames().values()
    return sum(
        any(frame.f_code.co_filename.endswith("/builtin_file.py") for frame, _ in traceback.walk_stack(frame))
        for frame in frames
    )


async def test_a_line_end_in_a_file_name_forges_no_row(home):
    (home / "a\nsecret.txt").write_text("x")
    rows = (await run(home, "list_files")).text.splitlines()
    assert "a␊secret.txt" in rows
    assert "secret.txt" not in rows
