"""A tool call in lines: what it asks for, what came of it, and what there is to decide."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tui.chat.tool_session import Fragments
from tui.domain.quantity import describe_seconds
from tui.page.call_symbol import key_of, symbol_of
from tui.page.line import Line, cut, pad, spread
from tui.page.tree import tree_lines
from tui.schema.slot import Form
from tui.tools.marking import mark
from tui.typeset.wrap import fold, wrap
from tui.wire.image import describe_image
from tui.wire.partial_json import PartialJson
from tui.wire.printable import printable, printable_line

if TYPE_CHECKING:
    from tui.chat.call_view import CallView
    from tui.domain.tool_call import ToolCall
    from tui.tools.approval import Approval
    from tui.tools.clock import Progress
    from tui.tools.definition import Tool


WORDS = {"asked": "asked for", "waiting": "waiting for you", "stopped": "stopped while it ran"}
LONGEST_DESCRIPTION = 400
"""Characters of a tool's description that are shown with a question."""
LONGEST = 200_000
"""Characters of a result that are shown; all of it can be copied."""


def head_line(view: CallView, width: int) -> Line:
    """A call in one line: how it stands, its name, how long it took."""
    took = describe_seconds(view.result.duration) if view.result is not None and view.result.duration else ""
    if view.call.server and view.state == "done":
        return spread(
            [
                (f"{symbol_of(view.state)} ", key_of(view.state)),
                (cut(printable_line(view.call.label), max(8, width - 18)), ""),
            ],
            [("allowed", "muted")],
            width,
        )
    words = took if view.state == "done" and took else WORDS.get(view.state, view.state) + (f" {took}" if took else "")
    if view.state == "running":
        progress = f"{_progress_words(view.progress)} · " if view.progress is not None else ""
        words = f"{progress}{running_time(view)}"
    return spread(
        [
            (f"{symbol_of(view.state)} ", key_of(view.state)),
            (cut(printable_line(view.call.label) or "…", max(8, width - 18)), ""),
        ],
        [(words, key_of(view.state) if view.state != "done" else "muted")],
        width,
    )


def running_time(view: CallView) -> str:
    """For how long a call has been running, in whole seconds: the figure is looked at once a second."""
    seconds = int(time.monotonic() - view.began_at)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60:02} s"


def _progress_words(progress: Progress) -> str:
    """How far a call has come, in a few letters; its message is foreign."""
    done = f"{progress.done:g}"
    if progress.total:
        done = (
            f"{progress.done / progress.total:.0%}"
            if progress.total > 20
            else f"{progress.done:g} of {progress.total:g}"
        )
    return f"{printable_line(progress.message)[:24]} {done}".strip()


class Reading:
    """The arguments of one call, read fragment by fragment and held against what the tool declares."""

    def __init__(self, parameters: Any) -> None:
        self._parameters = parameters
        self._begin()

    def _begin(self) -> None:
        self._reader = PartialJson()
        self._form = Form(self._parameters)
        self._length = 0
        self._start = ""

    @property
    def is_sound(self) -> bool:
        """Whether what was read last is JSON that fits what the tool declares: its tree says no more than its text."""
        return self._reader.problem is None and self._form.slot.state == "valid"

    def lines(self, text: str) -> list[Line]:
        """The tree of the arguments so far, and where they break."""
        if len(text) < self._length or not text.startswith(self._start):
            self._begin()  # other arguments were stated in their place
        self._reader.feed(text[self._length :])
        self._length, self._start = len(text), text[:64]
        self._form.update(self._reader.value, self._reader.open_path)
        lines = tree_lines(self._form.slot)
        if (at := self._reader.problem) is not None:
            lines += broken_lines(text, at)
        return lines


def broken_lines(text: str, at: int) -> list[Line]:
    """Where JSON breaks: the place, with what stands around it."""
    before, after = printable(text[max(0, at - 24) : at]), printable(text[at : at + 12])
    return [
        [],
        [(f"✗ not JSON from character {at + 1:,} on", "error")],
        [("  " + before.replace("\n", "␊"), "muted"), (after.replace("\n", "␊") or "(the end)", "error")],
    ]


def raw_lines(fragments: Fragments, text: str, width: int) -> list[Line]:
    """The fragments with their times, as they came; without times the text alone."""
    if not fragments:
        return text_lines(text, width)
    lines: list[Line] = []
    before = fragments[0][0]
    for at, piece in fragments:
        shown = printable(piece).replace("\n", "␊").replace("\t", "␉")
        lines.append(
            [
                (pad(f"{at:.3f}", 8, right=True), "muted"),
                (pad(f"+{(at - before) * 1000:.0f}", 7, right=True), "muted"),
                ("  ", ""),
                (shown, ""),
            ]
        )
        before = at
    return lines


def text_lines(text: str, width: int) -> list[Line]:
    """Foreign text, folded to a width."""
    room = max(8, width)
    lines: list[Line] = []
    for line in printable(text[:LONGEST]).expandtabs(4).split("\n"):
        lines += fold([(line, "")], room)
    if len(text) > LONGEST:
        lines.append([(f"… {len(text) - LONGEST:,} characters more; y copies all", "muted")])
    return lines


def result_lines(view: CallView, width: int) -> list[Line]:
    """What came of a call."""
    result = view.result
    if result is None:
        return [[("nothing yet", "muted")]]
    lines = text_lines(_pretty(result.text), width)
    lines += [[("▣ ", "muted"), (describe_image(image), "muted")] for image in result.images]
    if result.aside:
        lines += [[("for you, and not for the model:", "muted")], *text_lines(result.aside, width)]
    if result.state == "failed":
        lines.insert(0, [("an error, and the model is told so", "error")])
    if (again := view.call.again) is not None:
        words = f"run once more by you: {WORDS.get(again.state, again.state)}; the model is not told"
        lines += [[], [(words, "muted")], *text_lines(_pretty(again.text), width)]
        lines += text_lines(again.aside, width) if again.aside else []
    return lines


def _pretty(text: str) -> str:
    from tui.schema.json_value import JsonError, indented, parse_frozen

    if text[:1] not in "{[":
        return text
    try:
        return indented(parse_frozen(text))
    except JsonError:
        return text


def question_lines(view: CallView, width: int) -> list[Line]:
    """What there is to decide: the very arguments that would run, and what is odd about them."""
    approval = view.approval
    if view.unreadable is not None:
        words = printable(view.unreadable.text.removeprefix("Not run: "))
        return [
            [("This cannot run. Tell the model why?", "title")],
            *([(line, "warning")] for line in _folded(words, width)),
        ]
    if view.call.server and view.state == "waiting":
        return _approval_lines(view.call, width)
    if approval is None:
        return []
    lines: list[Line] = [[("May this run?", "title")], *_tool_lines(approval.tool, width)]
    if view.has_changed:
        lines += _warned("this tool is not what it was when it was first seen here", width)
        lines += [line for change in view.changes for line in _warned(change, width)]
    if view.was_edited:
        lines.append([("the arguments are yours", "muted")])
    return [*lines, *_request_lines(approval, width)]


def _approval_lines(call: ToolCall, width: int) -> list[Line]:
    """A call that the endpoint would make itself: the tool, the server, and all of the arguments as they stand there."""
    named = _wrapped(f"{call.name}\nof the MCP server {call.server}, which the endpoint calls itself", width)
    lines: list[Line] = [[("May the endpoint call this?", "title")]]
    lines += [[(line, "strong" if at == 0 else "muted")] for at, line in enumerate(named)]
    return [*lines, *([(line, "")] for line in _folded(printable(_pretty(call.arguments or "{}")), width))]


def _tool_lines(tool: Tool, width: int) -> list[Line]:
    """Which tool it is: its name, whose it is, what it says it does, and what its author says of it."""
    origins = {"builtin": "comes with rillet", "command": "a program of your settings", "python": "a function of yours"}
    origin = origins.get(tool.source, f"of the MCP server {tool.server}")
    lines: list[Line] = [
        [(line, "strong" if at == 0 else "muted")] for at, line in enumerate(_wrapped(f"{tool.name}\n{origin}", width))
    ]
    description = mark(tool.description[:LONGEST_DESCRIPTION]).text
    if len(tool.description) > LONGEST_DESCRIPTION:
        description += f" … ({len(tool.description):,} characters)"
    lines += [[(line, "muted")] for line in _wrapped(description, width)]
    if tool.unchecked:
        lines += _warned(f"its arguments are not checked: {tool.unchecked}", width)
    if tool.hints:
        words = f"{'the server' if tool.source == 'mcp' else 'it'} says: {' · '.join(tool.hints)}"
        tone = "warning" if "destructive" in tool.hints else "muted"
        lines += [[(line, tone)] for line in _wrapped(printable(words), width)]
    return lines


def _request_lines(approval: Approval, width: int) -> list[Line]:
    """All of the arguments, the very command or request, and what there is to look at twice."""
    lines: list[Line] = [[(line, "")] for line in _folded(approval.shown(), width)]
    if request := approval.request:
        first, *more = _folded(request, width - 5)
        lines += [[("runs ", "muted"), (first, "")], *([("     ", ""), (line, "")] for line in more)]
    return [*lines, *(line for words in approval.warnings for line in _warned(words, width))]


def _warned(words: str, width: int) -> list[Line]:
    return [
        [("! " if at == 0 else "  ", "warning"), (line, "warning")]
        for at, line in enumerate(_wrapped(words, width - 2))
    ]


def _wrapped(text: str, width: int) -> list[str]:
    """Words of ours or of a tool's author, folded between words."""
    rows = [row for line in printable(text).split("\n") for row, _ in wrap([(line, "")], max(8, width))]
    return ["".join(piece for piece, _ in row) for row in rows]


def again_lines(view: CallView, approval: Approval, width: int) -> list[Line]:
    """What there is to decide before a call runs once more."""
    about_result = "the model keeps the result it was given" if view.result is not None else ""
    return [
        [("Run it once more?", "title")],
        *([(line, "muted")] for line in _wrapped(about_result, width) if line),
        *_tool_lines(approval.tool, width),
        *_request_lines(approval, width),
    ]


def _folded(text: str, width: int) -> list[str]:
    """All of a text, cut by cells: what is wide or unsure must not stand beyond the edge, where nobody sees it."""
    rows = [row for line in text.split("\n") for row in fold([(line, "")], max(8, width))]
    return ["".join(piece for piece, _ in row) for row in rows]


def parameters_of(tool: Tool | None) -> Any:
    """What a tool declares; nothing for one that is not known."""
    return tool.parameters if tool is not None else {}
