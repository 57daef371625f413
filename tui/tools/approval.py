"""Approval: nothing runs unless the user allowed exactly that.

An `Approval` holds the arguments that will run, an `Allow` names the approval it is for, and the runner
takes nothing else. There are three ways to an `Allow`: the user's yes to this one call, a grant for this
very definition of a tool until the session ends, and a pattern for the arguments written in the settings.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from tui.schema.json_value import canonical, digest, indented
from tui.tools.definition import Tool, ToolError
from tui.tools.glob import fits_url, match_glob
from tui.tools.marking import mark
from tui.tools.result import CallLike
from tui.wire.printable import printable

ROUND_LIMIT = 8
"""Rounds of tool calls in one turn before rillet asks whether to go on."""

ARMING_DELAY = 0.4
"""Seconds for which an approval must have been on the screen, with no key pressed, before a key counts."""


class Approval(Struct, frozen=True):
    """One call that could run: the tool, and the very arguments it would get (frozen)."""

    call: CallLike
    tool: Tool
    arguments: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Names this call of this definition with these arguments, and no other."""
        return digest([self.call.id, self.tool.hash, self.arguments])

    @property
    def text(self) -> str:
        """The arguments as indented JSON, made from what will run."""
        return indented(self.arguments)

    def shown(self) -> str:
        """The text for the screen, all of it: escapes, hidden characters, long blanks and look-alikes made visible."""
        return mark(self.text).text

    @property
    def warnings(self) -> tuple[str, ...]:
        """What `shown` and `request` had to make visible, a sentence each; reasons to look twice."""
        return tuple(dict.fromkeys((*mark(self.text).warnings, *mark(self._request()).warnings)))

    @property
    def request(self) -> str:
        """The very command or request that would be made, for the screen; empty where the arguments say it all."""
        return mark(self._request()).text

    def _request(self) -> str:
        if self.tool.preview is None:
            return ""
        try:
            return self.tool.preview(self.arguments).replace("\n", "␊")
        except ToolError as error:
            return f"nothing: {error}"


class Allow(Struct, frozen=True):
    """A permission for the approval with this key, and for nothing else; `pattern` is the one that gave it."""

    key: str
    reason: Literal["once", "session", "pattern"]
    pattern: Pattern | None = None


class Ask(Struct, frozen=True):
    """The user must be asked; `has_changed` when an earlier permission was for another definition.

    `changes` then says what is different, a sentence each.
    """

    has_changed: bool = False
    changes: tuple[str, ...] = ()


class Pattern(Struct, frozen=True):
    """Arguments that the settings allow for a tool, by name.

    Every key of the call must be named, and no other. `*` stands for anything but `/`, `**` for anything,
    `?` for one character but `/`; the rest for itself. A pattern with `://` in it is for web addresses: see
    `fits_url`. `definition`, where given, is the beginning of the
    tool's hash, and the pattern then allows that definition only.
    """

    tool: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    definition: str = ""


class Grants:
    """The permissions of one session; they end with it."""

    def __init__(self) -> None:
        """Allow nothing."""
        self._tools: dict[str, str] = {}
        self._seen: dict[str, Tool] = {}

    def allow_tool(self, tool: Tool) -> None:
        """Allow every call of a tool, as it is defined now, until the session ends."""
        self._tools[tool.name] = tool.hash
        self._seen[tool.name] = tool

    def revoke(self, name: str) -> None:
        """Take a tool's permission back."""
        self._tools.pop(name, None)

    @property
    def tools(self) -> Mapping[str, str]:
        """The tools allowed, each with the hash it is allowed for."""
        return dict(self._tools)

    def allows(self, tool: Tool) -> bool:
        """Whether this very definition is allowed."""
        return self._tools.get(tool.name) == tool.hash

    def has_changed(self, tool: Tool) -> bool:
        """Whether another definition of this name was seen in this session before."""
        return self._seen.setdefault(tool.name, tool).hash != tool.hash

    def changes(self, tool: Tool) -> tuple[str, ...]:
        """What is different from the definition that was seen before, a sentence each."""
        return self._seen.setdefault(tool.name, tool).changes(tool)

    def note(self, tool: Tool) -> None:
        """Take a changed definition as known: the user has seen it and decided."""
        self._seen[tool.name] = tool


def decide(approval: Approval, grants: Grants, patterns: Iterable[Pattern] = ()) -> Allow | Ask:
    """Whether a call may run unasked."""
    if grants.has_changed(approval.tool):
        return Ask(has_changed=True, changes=grants.changes(approval.tool))
    if grants.allows(approval.tool):
        return Allow(approval.key, "session")
    if (pattern := next((each for each in patterns if fits(each, approval)), None)) is not None:
        return Allow(approval.key, "pattern", pattern)
    return Ask()


def allow_once(approval: Approval, grants: Grants | None = None) -> Allow:
    """The user's yes to this call; with `grants`, a changed definition counts as seen from now on."""
    if grants is not None:
        grants.note(approval.tool)
    return Allow(approval.key, "once")


def fits(pattern: Pattern, approval: Approval) -> bool:
    """Whether a pattern from the settings allows a call: this tool, exactly these keys, each value whole."""
    if pattern.tool != approval.tool.name or not approval.tool.hash.startswith(pattern.definition):
        return False
    if set(pattern.arguments) != set(approval.arguments):
        return False
    return all(_fits_value(glob, approval.arguments[name]) for name, glob in pattern.arguments.items())


def needs_permission_to_go_on(rounds: int) -> bool:
    """Whether a turn has had so many rounds of calls that the user is asked first."""
    return rounds > 0 and rounds % ROUND_LIMIT == 0


class Arming:
    """When a key at an approval counts: what was typed ahead, pasted or held down does not.

    What counts is when a key can have come at the earliest, not when it is dealt with: a program that had no time for a
    while deals late with what was typed before it. Each key that is dropped begins the wait again, so a key held down never
    arms.
    """

    def __init__(self, clock: Callable[[], float], delay: float = ARMING_DELAY) -> None:
        """Count nothing yet; `clock` is monotonic, in seconds."""
        self._clock = clock
        self._delay = delay
        self._armed_at = math.inf

    def begin(self) -> None:
        """The question has been shown: begin the wait, or begin it again."""
        self._armed_at = self._clock() + self._delay

    @property
    def is_armed(self) -> bool:
        """Whether a key pressed now would count."""
        return self._clock() >= self._armed_at

    def accepts(self, came_at: float, *, is_paste: bool = False) -> bool:
        """Whether a key counts that came at this time of the clock, or later."""
        if came_at >= self._armed_at and not is_paste:
            return True
        if not math.isinf(self._armed_at):
            self.begin()
        return False


def _fits_value(glob: str, value: Any) -> bool:
    text = value if isinstance(value, str) else canonical(value)
    glob = unicodedata.normalize("NFKC", glob)
    if text == glob:
        return True
    if "://" in glob:
        return fits_url(glob, text)
    # A wildcard answers for plain text only: what normalises to something else, hides characters or
    # climbs out of a folder is for the user to see.
    if unicodedata.normalize("NFKC", text) != text or printable(text) != text or ".." in text.split("/"):
        return False
    return match_glob(glob, text)
