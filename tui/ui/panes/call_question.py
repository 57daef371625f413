"""The question whether a call may run: when it was put, how much of it was seen, and when a key counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.ui.action.hint import Hint, Hints

if TYPE_CHECKING:
    from tui.chat.gate import CallView
    from tui.tools.approval import Approval, Arming

TELL_IT = Hint(("calls.approve",), "tell it")
ASK_AGAIN = Hint(("calls.approve",), "run again")
APPROVALS: frozenset[str | Hint] = frozenset({"calls.approve", "calls.approve_tool", TELL_IT, ASK_AGAIN})
"""The hints of what counts only once all of a question has been on the screen."""


class CallQuestion:
    """What is asked about the call under the cursor.

    Attributes:
        again: A call that has run, and the approval that running it once more would be.
        unseen: How much of the question has not been on the screen, in words; empty when it has been, all of it.
    """

    def __init__(self) -> None:
        self.again: tuple[CallView, Approval] | None = None
        self.unseen = ""
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
        self._view, self._approval = view, view.approval
        self.unseen = "more lines"
        self.begin_wait()
        return True

    def drop(self) -> None:
        """There is no question now."""
        self._view = self._arming = None

    def forget_view(self) -> None:
        """The keys came here only now: the question is put anew."""
        self._view = None

    def begin_wait(self) -> None:
        """Let keys count only after a while: what was typed ahead was not meant for this."""
        from tui.tools.approval import Arming

        self._arming = Arming(time.monotonic)

    @property
    def is_armed(self) -> bool:
        """Whether a key counts."""
        return self._arming is not None and self._arming.is_armed

    @property
    def is_open(self) -> bool:
        """Whether a question was put and is not answered."""
        return self._arming is not None

    def accepts(self, *, is_paste: bool = False) -> bool:
        """Whether a key that comes now counts; one that does not begins the wait anew."""
        return self._arming is None or self._arming.accepts(is_paste=is_paste)

    def note_seen(self, rows_left: int) -> bool:
        """So many rows of the question are below what was on the screen; whether all has been seen only now."""
        if rows_left > 0:
            self.unseen = f"{rows_left:,} more line{'s' if rows_left > 1 else ''}"
            return False
        self.unseen = ""
        self.begin_wait()
        return True

    def decisions(self, view: CallView | None) -> Hints:
        """What can be decided about a call now; seeing the rest of it comes before a yes."""
        hints = self._all_decisions(view)
        if not self.unseen:
            return hints
        return (Hint(("calls.down",), "the rest"), *(hint for hint in hints if hint not in APPROVALS))

    def _all_decisions(self, view: CallView | None) -> Hints:
        if view is None:
            return ()
        if self.again_for(view) is not None:
            return (ASK_AGAIN,)
        match view.state:
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
