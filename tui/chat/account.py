"""The account of a conversation: how full the context is, what it has cost, and what the budget leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.chat.context import sent_turns, summary_in
from tui.chat.estimate import estimate_length, estimate_messages, estimate_tokens, estimate_tools
from tui.chat.history import messages_of
from tui.domain.cost import estimate_cost
from tui.domain.error import StoreError
from tui.domain.price_list import MONTH, listed_model
from tui.domain.request import SentBefore
from tui.domain.turn import Prompt, Turn
from tui.domain.usage import Usage
from tui.store.spending import Spent

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.replies import Talk
    from tui.domain.model import Model

FULL = 0.85
"""The share of a context from which on it is said before sending that it fills."""

REPLY_TOKENS = 1000
"""About how long a reply is, for what it will cost."""


class Account(Struct, frozen=True):
    """How a conversation stands: tokens of its context in use, how many there are in all, and what it has taken so far.

    `is_exact` is whether the endpoint has counted what is in use; `window` is 0 where it is not known. `prices_of` is the
    month of the price list by which what was spent is estimated; empty where the endpoint says what it costs. `is_unpriced` is
    whether nothing says what the model costs: neither its endpoint, nor a list, nor the settings.
    """

    used: int
    is_exact: bool
    window: int
    spent: Spent
    prices_of: str = ""
    is_unpriced: bool = False


def account_of(program: ChatProgram, conversation: Talk) -> Account:
    """How a conversation stands now; it reads no turn that has not been read."""
    used, is_exact = _used(conversation, program.choices.token_factors.get(conversation.sheet.model, 1.0))
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
    is_unpriced = is_price_unknown(program, conversation)
    return Account(used, is_exact, window, spent, MONTH if is_by_list else "", is_unpriced)


def is_price_unknown(program: ChatProgram, conversation: Talk) -> bool:
    """Whether it was found that nothing says what the model costs; what was never asked nor counted is not found yet."""
    sheet = conversation.sheet
    if program.endpoints[sheet.endpoint].is_local:
        return False
    about = program.about(sheet.endpoint, sheet.model)
    if about is not None and about.price_in is not None and about.price_out is not None:
        return False
    counted = (
        turn.usage
        for turn in reversed(conversation.tree.known)
        if turn.usage is not None and (turn.endpoint, turn.model) == (sheet.endpoint, sheet.model)
    )
    usage = next(counted, None)
    if usage is None:
        return about is not None
    return usage.cost_usd is None and usage.estimated_usd is None


def _used(conversation: Talk, factor: float) -> tuple[int, bool]:
    """Tokens of the conversation so far: what was counted for the last reply that was, and an estimate of the rest."""
    path = conversation.tree.newest_path()
    sent = sent_turns(path)
    sent_now = set(map(id, sent))
    later: list[Turn] = []
    for turn in reversed(path):
        if id(turn) not in sent_now:
            continue
        usage = turn.usage
        is_counted = usage is not None and usage.input is not None
        if turn.stands_in or (is_counted and _is_other(turn, sent, path, conversation.requests.sent)):
            break  # what was counted was another request
        if usage is not None and usage.input is not None:
            answer_tokens = (usage.output or 0) - (usage.reasoning or 0)  # thoughts do not go back
            rest = sum(estimate_tokens(each.text) + estimate_tokens(_asked(each)) for each in later)
            return usage.input + max(0, answer_tokens) + round(rest * factor), not later
        later.append(turn)
    else:
        if not path or path[0].parent is not None:  # not all of it is in memory
            words = sum(estimate_tokens(each.text) + estimate_tokens(_asked(each)) for each in later)
            return round((words + _above(conversation, path)) * factor), False
    request = conversation.requests.alone(path[-1])
    before = estimate_tokens(request.system) + estimate_tools(request)
    return round((estimate_messages(messages_of(sent)) + before) * factor), False


def _above(conversation: Talk, path: list[Turn]) -> float:
    """About how many tokens stand above what is in memory of a conversation, where all of that is sent."""
    if not path or summary_in(path) is not None:
        return 0.0
    return estimate_length(conversation.tree.size_above(path[0].id)[1])


def _asked(turn: Turn) -> str:
    return turn.opening.text if isinstance(turn.opening, Prompt) else ""


def _is_other(counted: Turn, sent_turns_now: list[Turn], path: list[Turn], sent: SentBefore | None) -> bool:
    """Whether other turns are sent now, up to the one that was counted, than were with it."""
    if sent is None or counted.id not in sent.turns:  # by another run: what it sent is taken to be the same
        return False
    above = {turn.id for turn in path[: next(at for at, turn in enumerate(path) if turn is counted) + 1]}
    return {turn.id for turn in sent_turns_now} & above != sent.turns & above


class Concern(Struct, frozen=True):
    """What must be asked before something is sent, and what about: the budget of the conversation or the month, the context."""

    words: str
    about: str


def concerns_before(program: ChatProgram, conversation: Talk, prompt: str) -> Iterator[Concern]:
    """What must be asked before a prompt is sent: that it would pass a budget, that it would fill the context."""
    sheet = conversation.sheet
    about = program.about(sheet.endpoint, sheet.model)
    account = account_of(program, conversation)
    used = account.used + round(estimate_tokens(prompt))
    budget = program.settings.budget
    if budget.conversation is not None or budget.month is not None:
        following = _cost(used, about)
        if budget.conversation is not None and account.spent.dollars + following > budget.conversation:
            yield _passes("conversation", account.spent.dollars, following, budget.conversation)
        if budget.month is not None:
            spent = program.database.spending.since(month_start(time.time())).dollars
            if spent + following > budget.month:
                yield _passes("month", spent, following, budget.month)
    if about is not None and about.context and used > FULL * about.context:
        yield Concern(
            f"this takes about {used:,} of the {about.context:,} tokens that {sheet.model} can read "
            f"({used / about.context:.0%}), and what does not fit is refused or forgotten there",
            "context",
        )


def cost_of_next(program: ChatProgram, conversation: Talk, prompt: str) -> float:
    """About what a prompt and its reply will cost, in US dollars; 0 where nobody says what the model costs."""
    sheet = conversation.sheet
    used = account_of(program, conversation).used + round(estimate_tokens(prompt))
    return _cost(used, program.about(sheet.endpoint, sheet.model))


def _cost(tokens: int, about: Model | None) -> float:
    return (estimate_cost(Usage(input=tokens, output=REPLY_TOKENS), about) if about is not None else None) or 0.0


def _passes(what: str, spent: float, following: float, budget: float) -> Concern:
    words = f"this {what} has cost about ${spent:.4g}, and this adds some ${following:.2g}: its budget is ${budget:g}"
    return Concern(words, what)


def month_start(now: float) -> float:
    """When the month of a moment began, by the clock on the wall."""
    local = time.localtime(now)
    return time.mktime((local.tm_year, local.tm_mon, 1, 0, 0, 0, 0, 0, -1))
