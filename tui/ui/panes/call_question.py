"""The question whether a call may run: when it was put, how much of it was seen, and when a key counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.page.line import Line, width_of
from tui.ui.action.hint import Hint, Hints, hint_line

if TYPE_CHECKING:
    from tui.chat.call_view import CallView
    from tui.tools.approval import Approval, Arming
    from tui.ui.action.keymap import Keymap

TELL_IT = Hint(("calls.approve",), "tell the model why")
ALLOW_IT = Hint(("calls.approve",), "allow once")
ASK_AGAIN = Hint(("calls.approve",), "run again")
APPROVALS: frozenset[str | Hint] = frozenset({"calls.approve", "calls.approve_tool", TELL_IT, ALLOW_IT, ASK_AGAIN})
"""The hints of what counts only once all of a question has been on the screen."""

WhenShown = Callable[[Callable[[], object]], object]


class CallQuestion:
    """What is asked about the call under the cursor.

    A key counts only when it came after the terminal had shown the question, and a quiet moment after that; a yes, only
    when the terminal had shown the end of it.

    Attributes:
        again: A call that has run, and the approval that running it once more would be.
        unseen: How much of the question has not been painted, in words; empty when it has been, all of it.
    """

    def __init__(self, when_shown: WhenShown, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask nothing yet; `when_shown` does something once the terminal has shown all that was written so far."""
        self.again: tuple[CallView, Approval] | None = None
        self.unseen = ""
        self._when_shown = when_shown
        self._clock = clock
        self._wants_receipt = False
        self._view: CallView | None = None
        self._approval: Approval | None = None
        self._arming: Arming | None = None

    def is_about(self, view: CallView) -> bool:
        """Whether this call is one to decide about: it waits, or it would be run again."""
        return view.state == "waiting" or self.again_for(view) is not None

    def again_for(self, view: CallView) -> Approval | None:
        """The approval that running this call again would be, if that is asked."""
        return self.again[1] if self.again is not None and self.again[0] is view else None

    def put(self, view: CallView | None) -> bool:
        """Put the question about a call, if it has one; whether that is another question than before."""
        if view is None or not self.is_about(view):
            self.drop()
            return False
        if view is self._view and view.approval is self._approval:
            return False
        from tui.tools.approval import Arming

        self._view, self._approval = view, view.approval
        self.unseen = "more lines"
        self._arming = Arming(self._clock)
        self._wants_receipt = True
        return True

    def drop(self) -> None:
        """There is no question now."""
        self._view = self._arming = None

    def forget_view(self) -> None:
        """The keys came here only now: the question is put anew."""
        self._view = None

    @property
    def is_armed(self) -> bool:
        """Whether a key pressed now would count."""
        return self._arming is not None and self._arming.is_armed

    @property
    def is_painted(self) -> bool:
        """Whether any of it was painted since it was put."""
        return not self._wants_receipt

    @property
    def is_open(self) -> bool:
        """Whether a question was put and is not answered."""
        return self._arming is not None

    def accepts(self, came_at: float, *, is_paste: bool = False) -> bool:
        """Whether a key counts that came at this time or later; one that does not begins the wait anew."""
        return self._arming is None or self._arming.accepts(came_at, is_paste=is_paste)

    def paint(self, rows_left: int, then: Callable[[], object]) -> None:
        """The question was painted, but for so many rows at its end; `then` follows when that changed what counts."""
        is_end = rows_left <= 0
        if self._arming is None or not self.unseen:
            return
        if not is_end:
            self.unseen = f"{rows_left:,} more line{'s' if rows_left > 1 else ''}"
            if not self._wants_receipt:
                return
        else:
            from tui.tools.approval import Arming

            self.unseen, self._arming = "", Arming(self._clock)
        self._wants_receipt = False
        arming = self._arming

        def note() -> None:
            if arming is self._arming:
                arming.begin()
                then()

        self._when_shown(note)

    def decisions(self, view: CallView | None) -> Hints:
        """What can be decided about a call now; seeing the rest of it comes before a yes."""
        hints = self._all_decisions(view)
        if not self.unseen:
            return hints
        rest = (Hint(("calls.down",), "the rest"),) if self.is_painted else ()
        return (*rest, *(hint for hint in hints if hint not in APPROVALS))

    def lines(self, view: CallView | None, keys: Keymap, width: int, *, has_keys: bool) -> list[Line]:
        """The keys that decide, or what must come before they count; `has_keys` is whether the pane has the focus."""
        if not has_keys:
            return [hint_line((Hint(("chat.decide", "chat.calls"), "to decide"),), keys)]
        lines: list[Line] = [[]]
        decisions = self.decisions(view)
        if not self.is_painted:
            return [[("a moment…", "muted")]]
        if self.unseen:
            then = [(f", then {keys.name('calls.approve')} counts", "warning")]
            lines = [[*hint_line((Hint(("calls.down",), self.unseen),), keys), *then], []]
            decisions = decisions[1:]
        elif not self.is_armed:
            return [[("a moment…", "muted")]]
        for hint in decisions:
            pair = hint_line((hint,), keys)
            if lines[-1] and width_of(lines[-1]) + 3 + width_of(pair) > width:
                lines.append([])
            lines[-1] += [("   ", ""), *pair] if lines[-1] else pair
        return lines

    def _all_decisions(self, view: CallView | None) -> Hints:
        if view is None:
            return ()
        if self.again_for(view) is not None:
            return (ASK_AGAIN,)
        match view.state:
            case "waiting" if view.call.server:
                return (ALLOW_IT, "calls.deny")
            case "done" | "failed" | "stopped" if view.call.server:
                return ()
            case "waiting" if view.unreadable is None:
                return ("calls.approve", "calls.approve_tool", "calls.deny", "calls.edit")
            case "waiting":
                return (TELL_IT, "calls.deny", "calls.edit")
            case "arriving":
                return ("calls.deny",)
            case "done" | "failed" | "stopped":
                return ("calls.again",)
            case _:
                return ()
