"""What there is to decide about a call, in lines: nothing of it may stand where nobody sees it."""

import pytest

from tui.chat.call_view import CallView
from tui.domain.tool_call import ToolCall
from tui.page.call_lines import question_lines, result_lines
from tui.page.line import crop
from tui.schema.json_value import freeze
from tui.tools.approval import Approval
from tui.tools.definition import Output, Tool
from tui.tools.result import Result
from tui.typeset.line import line_room

TEXTS = [
    "a" * 300,
    "漢" * 300,
    "ｅｖｉｌ" * 60,
    "👩\u200d👩\u200d👧" * 40,
    "🇩🇪" * 60,
    "कि" * 100,
    "e\u0301" * 200,
    "word " * 100 + "漢" * 50,
    "\u202e" * 100,
]


async def run(_arguments):
    return Output("")


def view_of(text):
    call = ToolCall(0, id="c", name="send", fragments=["{}"])
    about = f"{text} AND THE END OF THE DESCRIPTION"
    tool = Tool(
        "send", about, {"type": "object"}, "mcp", run, server="s", preview=lambda given: f"send {given['text']}"
    )
    view = CallView(call, "waiting", Approval(call, tool, freeze({"text": f"{text} AND THE END"})))
    view.has_changed, view.changes = True, (f"the description was {text} AND ITS END",)
    return view


def said(lines):
    return "".join(text for line in lines for text, _ in line)


@pytest.mark.parametrize("width", [20, 44, 81])
@pytest.mark.parametrize("text", TEXTS)
def test_all_of_a_question_fits_between_the_edges(text, width):
    lines = question_lines(view_of(text), width)
    assert max(map(line_room, lines)) <= width
    assert [crop(line, width) for line in lines] == [[run for run in line if run[0]] for line in lines]
    for end in ("AND THE END", "AND ITS END"):
        assert end.replace(" ", "") in said(lines).replace(" ", "").replace("!", "")


@pytest.mark.parametrize("text", TEXTS)
def test_all_of_a_result_fits_between_the_edges(text):
    view = CallView(ToolCall(0, id="c", name="send"), "done", result=Result("c", f"{text} THE END", False, "done"))
    lines = result_lines(view, 44)
    assert max(map(line_room, lines)) <= 44
    assert said(lines).replace(" ", "").endswith("THEEND")
