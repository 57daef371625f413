"""The account of a conversation: how full the context is, what it has cost, and what the budget leaves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.chat.estimate import estimate_messages, estimate_tokens
from tui.domain.cost import estimate_cost
from tui.domain.error import StoreError
from tui.domain.price_list import MONTH, listed_model
from tui.domain.turn import Prompt
from tui.domain.usage import Usage
from tui.store.spending import Spent

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.replies import Talk

FULL = 0.85
"""The share of a context from which on it is said before sending that it fills."""

REPLY_TOKENS = 1000
"""About how long a reply is, for what it will cost."""


class Account(Struct, frozen=True):
    """How a conversation stands: tokens of its context in use, how many there are in all, and what it has taken so far.

    `is_exact` is whether the endpoint has counted what is in use; `window` is 0 where it is not known. `prices_of` is the
    month of the price list by which what was spent is estimated; empty where the endpoint says what it costs.
    """

    used: int
    is_exact: bool
    window: int
    spent: Spent
    prices_of: str = ""


def account_of(program: ChatProgram, conversation: Talk) -> Account:
    """How a conversation stands now; it reads no turn that has not been read."""
    used, is_exact = _used(conversation)
    about = program.about(conversation.sheet.endpoint, conversation.sheet.model)
    window = (about.context or 0) if about is not None else 0
    spent = Spent()
    if conversation.session.id is not None:
        try:
            spent = program.database.spending.of_session(conversation.session.id)
        except StoreError:
            spent = Spent()
    listed = listed_model(program.endpoints[conversation.sheet.endpoint].base_url, conversation.sheet.model)
    is_by_list = spent.is_estimate and about is not None and listed is not None and about.price_in == listed.price_in
    return Account(used, is_exact, window, spent, MONTH if is_by_list else "")


def _used(conversation: Talk) -> tuple[int, bool]:
    """Tokens of the conversation so far: what was counted for the last reply that was, and an estimate of the rest."""
    later, path = 0, conversation.tree.newest_path()
    for turn in reversed(path):
        usage = turn.usage
        if usage is not None and usage.input is not None:
            kept = (usage.output or 0) - (usage.reasoning or 0)  # thoughts do not go back
            return usage.input + max(0, kept) + later, later == 0
        asked = turn.opening.text if isinstance(turn.opening, Prompt) else ""
        later += round(estimate_tokens(turn.text) + estimate_tokens(asked))
    if path and path[0].parent is None:  # all of it has been read
        request = conversation.requests.of(path[-1])
        whole = estimate_messages(request.messages) + estimate_tokens(request.system) + estimate_tokens(path[-1].text)
        return round(whole), False
    return later, False


def warning_before(program: ChatProgram, conversation: Talk, prompt: str) -> str:
    """What must be asked before a prompt is sent, where it would fill the context or pass a budget; else nothing."""
    sheet = conversation.sheet
    about = program.about(sheet.endpoint, sheet.model)
    account = account_of(program, conversation)
    used = account.used + round(estimate_tokens(prompt))
    if about is not None and about.context and used > FULL * about.context:
        return (
            f"this takes about {used:,} of the {about.context:,} tokens that {sheet.model} can read "
            f"({used / about.context:.0%}), and what does not fit is refused or forgotten there"
        )
    budget = program.settings.budget
    if budget.conversation is None and budget.month is None:
        return ""
    usage = Usage(input=used, output=REPLY_TOKENS)
    following = (estimate_cost(usage, about) if about is not None else None) or 0.0
    if budget.conversation is not None and account.spent.dollars + following > budget.conversation:
        return _passes("conversation", account.spent.dollars, following, budget.conversation)
    if budget.month is not None:
        spent = program.database.spending.since(month_start(time.time())).dollars
        if spent + following > budget.month:
            return _passes("month", spent, following, budget.month)
    return ""


def _passes(what: str, spent: float, following: float, budget: float) -> str:
    return f"this {what} has cost about ${spent:.4g}, and this adds some ${following:.2g}: its budget is ${budget:g}"


def month_start(now: float) -> float:
    """When the month of a moment began, by the clock on the wall."""
    local = time.localtime(now)
    return time.mktime((local.tm_year, local.tm_mon, 1, 0, 0, 0, 0, 0, -1))
