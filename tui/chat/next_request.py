"""What the next request will be, by where each part of it comes from, before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from tui.chat.context import groups_of, kept_above, sent_turns, summary_in
from tui.chat.estimate import (
    IMAGE_TOKENS,
    MESSAGE_TOKENS,
    estimate_length,
    estimate_messages,
    estimate_request,
    estimate_tokens,
    estimate_tools,
    learn,
)
from tui.chat.history import messages_of
from tui.domain.message import ImagePart
from tui.domain.model import Model
from tui.domain.request import Request
from tui.domain.turn import Prompt, Summary, ToolResults, Turn

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation

Kind = Literal["system", "tools", "history", "summary", "images", "prompt"]

SHOWN = 500
"""So many of the latest turns are parts of their own; those above are one."""

LEAST_CACHED = 1024
"""Tokens below which most endpoints cache nothing."""
KEPT_FOR = 300.0
"""Seconds for which they keep a prefix, at least."""


class Part(Struct):
    """One part of the request: where it comes from, what it says, and what it takes.

    `turn` is the turn in the history that it is, with those that answer its calls; `is_cached` whether it is likely read from the
    endpoint's cache; `is_out` whether it was taken out; `is_summarised` whether a summary stands for it. `turns` is
    how many turns it stands for, where it is those too far above to be shown one by one.
    """

    kind: Kind
    words: str
    tokens: float
    turn: Turn | None = None
    is_cached: bool = False
    is_out: bool = False
    is_summarised: bool = False
    turns: int = 0

    @property
    def is_sent(self) -> bool:
        """Whether it goes out."""
        return not (self.is_out or self.is_summarised)


class Outline(Struct):
    """The whole of the request.

    `cached` counts the tokens that are likely cached, `break_words` says where and why the cached prefix ends; `told` is
    what the endpoint said of the last request. `is_unpriced` is whether nobody says what the model costs.
    """

    parts: list[Part] = field(default_factory=list)
    model: str = ""
    context: int | None = None
    factor: float | None = None
    break_words: str = ""
    told: str = ""
    prices: Model | None = None
    is_unpriced: bool = False

    @property
    def tokens(self) -> float:
        """What goes out."""
        return sum(part.tokens for part in self.parts if part.is_sent)

    @property
    def cached(self) -> float:
        """What of it is likely read from the cache."""
        return sum(part.tokens for part in self.parts if part.is_cached and part.is_sent)

    def price(self, part: Part) -> float | None:
        """What a part costs, in US dollars."""
        model = self.prices
        if model is None or model.price_in is None or not part.is_sent:
            return None
        long = model.long
        is_long = long is not None and self.tokens > long.above
        price = (long.price_in if long is not None and is_long else None) or model.price_in
        if part.is_cached:
            price = ((long.price_cached if long is not None and is_long else None) or model.price_cached) or price
        return part.tokens * price / 1_000_000

    @property
    def cost(self) -> float | None:
        """What all of it costs."""
        prices = [price for part in self.parts if (price := self.price(part)) is not None]
        return sum(prices) if prices else None


def outline_next(
    conversation: Conversation, draft: Prompt, factors: Mapping[str, float], model: Model | None = None
) -> Outline:
    """What would be sent if a draft were sent now."""
    factor = factors.get(conversation.sheet.model)
    by = factor or 1.0
    request = conversation.requests.of_prompt(draft, most=0)
    outline = Outline(
        model=conversation.sheet.model, factor=factor, prices=model, context=model.context if model else None
    )
    parts = outline.parts
    if request.system:
        parts.append(Part("system", _line(request.system), (estimate_tokens(request.system) + MESSAGE_TOKENS) * by))
    if request.tools or request.server_tools:
        names = [tool.name for tool in request.tools] + [str(tool.get("type")) for tool in request.server_tools]
        parts.append(Part("tools", ", ".join(names), estimate_tools(request) * by))
    tree = conversation.tree
    path = [*islice(tree.up(tree.head), SHOWN)][::-1]
    history = _history(path, by)
    above, size = tree.size_above(path[0].id) if path else (0, 0.0)
    if above:
        tokens = (estimate_length(size) + 2 * MESSAGE_TOKENS * above) * by
        is_summarised = summary_in(path) is not None
        parts.append(Part("history", f"the {above:,} turns before", tokens, is_summarised=is_summarised, turns=above))
    parts += history
    if draft.images:
        parts.append(Part("images", _image_words(draft.images), IMAGE_TOKENS * len(draft.images) * by))
    if draft.text:
        parts.append(Part("prompt", _line(draft.text), (estimate_tokens(draft.text) + MESSAGE_TOKENS) * by))
    _mark_cached(outline, conversation, request, path)
    return outline


def _history(path: Sequence[Turn], by: float) -> list[Part]:
    """The turns of a path, a summary before those that it keeps, as they are sent."""
    summary = summary_in(path)
    shown = list(path)
    if summary is not None and isinstance(summary.opening, Summary):
        at = next(at for at, turn in enumerate(path) if turn is summary)
        latest = kept_above(path[:at], summary.opening.keeps)
        first = next((at for at, turn in enumerate(path) if latest and turn is latest[0]), at)
        shown = [*path[:first], summary, *path[first:at], *path[at + 1 :]]
    sent = set(map(id, sent_turns(path)))
    parts: list[Part] = []
    for group in groups_of(shown):
        turn = group[0]
        is_out, is_sent = turn.standing == "out", id(turn) in sent
        if isinstance(turn.opening, Summary):
            if is_sent or is_out:
                size = estimate_tokens(turn.text) + MESSAGE_TOKENS
                parts.append(Part("summary", _line(turn.text), size * by, turn, is_out=is_out))
            continue
        tokens = estimate_messages(messages_of(group)) * by
        is_summarised = not is_sent and not is_out
        parts.append(Part("history", _opening_words(turn), tokens, turn, is_out=is_out, is_summarised=is_summarised))
    return parts


def learn_from(conversation: Conversation, factors: Mapping[str, float]) -> dict[str, float]:
    """What the counts of the last reply teach about its model's tokenizer."""
    turn = conversation.head
    if turn is None or turn.usage is None or not turn.usage.input:
        return dict(factors)
    tree = conversation.tree
    if sum(1 for _ in islice(tree.up(turn.id), SHOWN)) == SHOWN:  # it would take long, and teach no more
        return dict(factors)
    request = conversation.requests.of(turn)
    return learn(factors, turn.model, estimate_request(request), turn.usage.input)


def _opening_words(turn: Turn) -> str:
    match turn.opening:
        case Prompt(text=text, images=images):
            return _line(text) or _image_words(images)
        case ToolResults():
            return "the results of tool calls"
        case _:
            return "continued"


def _image_words(images: Sequence[ImagePart]) -> str:
    return ", ".join(image.name or "an image" for image in images)


def _line(text: str) -> str:
    return " ".join(text[:400].split())


# -- the cache ---------------------------------------------------------------------------------------------------


ALL_OF_IT = "the cached prefix ends where the new prompt begins"


def _mark_cached(outline: Outline, conversation: Conversation, request: Request, turns: Sequence[Turn]) -> None:
    """See which parts are the same as in the last request, from its beginning on, and what ends that."""
    last = turns[-1] if turns else None
    if last is None:
        outline.break_words = "nothing was sent yet: nothing is cached"
        return
    usage = last.usage
    if usage is not None and usage.cached is not None and usage.input:
        outline.told = f"of the last request {usage.cached:,} of {usage.input:,} tokens were read from the cache"
    sent = conversation.requests.sent
    if (reason := _changed(conversation, last, request)) is not None:
        outline.break_words = reason
        return
    sent_ids = {turn.id for turn in turns} if sent is None else sent.turns
    for part in outline.parts:
        if part.kind in ("system", "tools") or (part.turns and not part.is_summarised):
            part.is_cached = True
        elif part.turns:
            continue
        elif part.kind in ("history", "summary") and part.turn is not None:
            if part.is_summarised:
                if part.turn.id in sent_ids:
                    outline.break_words = "the cached prefix ends where the summary stands for turns"
                    break
                continue
            if part.is_out:
                if part.turn.id in sent_ids:
                    outline.break_words = f"the cached prefix ends where turn {part.turn.number} was taken out"
                    break
                continue
            if part.turn.id not in sent_ids:
                outline.break_words = (
                    f"the cached prefix ends at turn {part.turn.number}, which was not in the last request"
                )
                break
            part.is_cached = True
        else:
            outline.break_words = ALL_OF_IT
            break
    if outline.cached < LEAST_CACHED and not _was_short_and_cached(last):
        for part in outline.parts:
            part.is_cached = False
        if outline.break_words in ("", ALL_OF_IT):
            outline.break_words = f"too short to be cached: endpoints begin at {LEAST_CACHED:,} tokens"
        else:
            outline.break_words += f"; the rest is too short to be cached (at least {LEAST_CACHED:,} tokens)"


def _was_short_and_cached(turn: Turn) -> bool:
    """Whether the endpoint has shown that it caches less than most do, as servers on one's own machine may."""
    usage = turn.usage
    return usage is not None and bool(usage.cached) and (usage.input or LEAST_CACHED) < LEAST_CACHED


def _changed(conversation: Conversation, last: Turn, request: Request) -> str | None:
    """Why nothing of the last request can be cached any more; `None` where it may be."""
    if (last.endpoint, last.model) != (conversation.sheet.endpoint, conversation.sheet.model):
        return f"nothing is cached: {last.model} answered last, and {conversation.sheet.model} is asked now"
    sent = conversation.requests.sent
    if sent is None:  # it was in another run of rillet: who asked, and what first, is taken to be the same
        return None
    if sent.tools != tuple(tool.name for tool in request.tools):
        return "nothing is cached: the tools are others than in the last request, and they come first"
    if sent.system != request.system:
        return "nothing is cached: the system prompt is another than in the last request"
    ended = last.timing.ended_at
    if ended is not None and (passed := conversation.now() - ended) > KEPT_FOR:
        return f"the last request was {passed / 60:.0f} min ago: most endpoints have dropped what they cached"
    return None
