"""Caution before a turn is sent: what a person should know is said once, and the same once more is sent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tui.domain.error import ConfigError, ContextFullError, HeldError, StoreError
from tui.domain.turn import Opening, Prompt

if TYPE_CHECKING:
    from tui.chat.account import Concern
    from tui.chat.chat_program import ChatProgram
    from tui.chat.replies import Talk


class Caution:
    """Refuses a turn once where it would ask another endpoint than answered here, or cost or take more than it may."""

    def __init__(self, program: ChatProgram, talk: Talk) -> None:
        """Nothing was said yet."""
        self._program = program
        self._talk = talk
        self._held: str | None = None
        self._said: set[str] = set()
        self._granted = 0.0  # beyond the budget, which this was said of
        self._granted_to: float | None = None
        self._goes_elsewhere = False

    def check(self, opening: Opening) -> None:
        """See whether a turn may begin.

        Raises:
            ConfigError: With what must be known before.
        """
        self._heed_loss()
        self._heed_budget(opening)
        self._heed_account(opening)

    def _heed_loss(self) -> None:
        """Refuse, once, to ask another endpoint than the one that answered here, which is not in the settings any more."""
        sheet = self._talk.sheet
        if sheet.lost_endpoint:
            lost, sheet.lost_endpoint, self._goes_elsewhere = sheet.lost_endpoint, "", True
            raise ConfigError(
                f"nothing was sent: “{lost}”, which answered here, is not in the settings",
                f"Once more asks {sheet.model} at {sheet.endpoint} instead; Ctrl+O chooses another.",
            )

        if self._goes_elsewhere:  # as was agreed to: whoever opens the session again is not asked again
            self._goes_elsewhere = False
            self._talk.session.save_sheet()

    def _heed_budget(self, opening: Opening) -> None:
        """Refuse, once, a turn that would pass what its conversation may cost; what follows may cost as much again."""
        budget = self._talk.sheet.options.budget
        if budget != self._granted_to:
            self._granted_to, self._granted = budget, 0.0
        if budget is None:
            return
        from tui.chat.account import cost_of_next

        adds = cost_of_next(self._program, self._talk, opening.text) if isinstance(opening, Prompt) else 0.0
        spent, may_cost = self._spent, budget + self._granted
        if spent < may_cost and spent + adds <= may_cost:
            return
        self._granted = spent + adds + max(budget, 0.01) - budget
        more = f", and this adds some ${adds:.2g}: its" if adds else ", its"
        raise HeldError(
            f"nothing was sent: this conversation has cost ${spent:.4g}{more} budget is ${budget:g}",
            "Once more asks all the same; /budget sets another.",
        )

    @property
    def _spent(self) -> float:
        """US dollars that the turns of this session cost, by what the endpoint says or its price list."""
        session = self._talk.session
        with suppress(StoreError):
            if session.id is not None and session.owed.is_empty:
                return self._program.database.spending.of_session(session.id).dollars
        usages = [turn.usage for turn in self._talk.tree.known if turn.usage is not None]
        return sum(usage.cost_usd or usage.estimated_usd or 0.0 for usage in usages)

    def _heed_account(self, opening: Opening) -> None:
        """Refuse, once, a prompt that would fill the context or pass a budget of the settings."""
        from tui.chat.account import concerns_before

        prompt = opening.text if isinstance(opening, Prompt) else None
        if prompt != self._held:
            self._held, self._said = prompt, set()
        if prompt is not None:
            for concern in concerns_before(self._program, self._talk, prompt):
                if concern.about not in self._said:
                    self._said.add(concern.about)
                    self._hold(concern)
        self._held = None

    def _hold(self, concern: Concern) -> None:
        words = f"nothing was sent: {concern.words}"
        if concern.about == "context":
            hint = "Once more sends it all the same; /compact has the earlier turns summarised first."
            raise ContextFullError(words, hint)
        raise HeldError(words, "Once more sends it all the same.")
