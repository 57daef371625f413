"""What the doctor says of an endpoint, in the place of the models: what would be asked, then the card."""

from __future__ import annotations

from collections.abc import Callable

from tui.chat.chat_program import ChatProgram
from tui.ui.panes.model_rows import Offer


class ModelCard:
    """The lines that are shown; none while there is no card.

    Attributes:
        lines: What there is to read.
    """

    def __init__(self, program: ChatProgram, show: Callable[[], object]) -> None:
        """Show nothing yet; `show` paints what the lines are then."""
        self._program = program
        self._show = show
        self.lines: list[str] = []
        self._waiting = ""

    def plan(self, offer: Offer) -> None:
        """Say what the endpoint would be asked."""
        from tui.chat.doctor.question import plan

        steps = list(plan(is_local=self._program.endpoints[offer.endpoint].is_local))
        self._waiting = offer.endpoint
        self.lines = [
            f"{offer.where} would be asked {len(steps)} small questions, for a minute at most. Enter sends them."
        ]
        self.lines += [f"  {what:<24} {about}" for what, about in steps]
        self._show()

    def take_waiting(self) -> str:
        """The endpoint that would be asked; empty where it was asked already."""
        name, self._waiting = self._waiting, ""
        return name

    async def examine(self, name: str) -> None:
        """Ask the endpoint, and show its card, unless that was closed meanwhile."""
        from tui.chat.doctor.doctor import Doctor
        from tui.chat.program import Program
        from tui.page.card_lines import card_lines

        if not isinstance(self._program, Program):
            return
        card = await Doctor(self._program, name, tell=lambda words: self._put(f"asking… {words}")).examine()
        self._put(*card_lines(card))

    def _put(self, *lines: str) -> None:
        if self.lines:
            self.lines = [*lines]
            self._show()

    def close(self) -> bool:
        """Show nothing any more; whether there was something."""
        was_open, self.lines, self._waiting = bool(self.lines), [], ""
        return was_open
