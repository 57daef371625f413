"""Context: which turns of a path an endpoint is told of, and which of them a summary stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from tui.domain.turn import Continuation, Opening, Summary, ToolResults, Turn


def groups_of(turns: Sequence[Turn]) -> list[list[Turn]]:
    """A path of turns, each prompt with what answers its calls and goes on with its reply: they are sent together, or not at all."""
    groups: list[list[Turn]] = []
    for turn in turns:
        if groups and isinstance(turn.opening, ToolResults | Continuation):
            groups[-1].append(turn)
        else:
            groups.append([turn])
    return groups


def summary_in(path: Sequence[Turn]) -> Turn | None:
    """The summary that stands for the turns above it on a path: the last one that does."""
    return next((turn for turn in reversed(path) if turn.stands_in), None)


def kept_above(path: Sequence[Turn], keeps: int) -> list[Turn]:
    """The latest so many prompts of a path, with all that answers them; summaries do not count."""
    groups = [group for group in groups_of(path) if not isinstance(group[0].opening, Summary)]
    return [turn for group in groups[max(0, len(groups) - keeps) :] for turn in group] if keeps > 0 else []


KEEPS = 2
"""So many of the latest prompts stay as they are unless another number is given."""


def usual_keeps(up: Iterable[Turn]) -> int:
    """How many of the latest prompts stay as they are, so that there is something left to summarise.

    Of turns that are told from the last one upwards, no more are asked for than tell that.
    """
    prompts = (turn for turn in up if not isinstance(turn.opening, ToolResults | Continuation | Summary))
    return max(0, sum(1 for _ in islice(prompts, KEEPS + 1)) - 1)


def may_summarise(up: Iterable[Turn], wish: Summary) -> bool:
    """Whether a summary would stand for any turn, of turns that are told from the last one upwards; no more are asked for than tell that."""
    path: list[Turn] = []
    looked_at = 0
    for turn in up:
        path.append(turn)
        if len(path) >= 2 * looked_at and not isinstance(turn.opening, ToolResults | Continuation):
            looked_at = len(path)
            if any(not each.stands_in for each in sent_before(path[::-1], wish)):
                return True
    return any(not each.stands_in for each in sent_before(path[::-1], wish))


def read_wish(text: str, up: Iterable[Turn]) -> tuple[int, str]:
    """How many prompts stay, and what matters most, as they are written behind `/compact`: each may be left out."""
    first, _, rest = text.partition(" ")
    if first.isdecimal() and len(first) < 6:
        return int(first), rest.strip()
    return usual_keeps(up), text.strip()


def recent_enough(up: Iterable[Turn]) -> list[Turn]:
    """Of turns that are told from the last one upwards, as many as decide what is sent, oldest first.

    Above a summary that stands for the turns above it these are the prompts that it keeps, with all that answers them.
    """
    return [*deciding(up)][::-1]


def deciding(up: Iterable[Turn]) -> Iterator[Turn]:
    """The same turns, from the last one upwards, as they are asked for."""
    keeps: int | None = None
    for turn in up:
        yield turn
        if keeps is None:
            if turn.stands_in and isinstance(turn.opening, Summary):
                keeps = turn.opening.keeps
        elif not isinstance(turn.opening, ToolResults | Continuation | Summary):
            keeps -= 1
        if keeps is not None and keeps <= 0:
            return


def sent_turns(path: Sequence[Turn]) -> list[Turn]:
    """The turns of a path that are sent, in the order in which they are: a summary comes before the turns that it keeps."""
    path = list(path)
    summary = summary_in(path)
    if summary is not None and isinstance(summary.opening, Summary):
        at = _place(path, summary)
        path = [summary, *kept_above(path[:at], summary.opening.keeps), *path[at + 1 :]]
    return [
        turn
        for group in groups_of(path)
        if group[0].standing != "out" and (group[0] is summary or not isinstance(group[0].opening, Summary))
        for turn in group
    ]


def sent_before(path: Sequence[Turn], asked: Opening) -> list[Turn]:
    """The turns that are sent before one that is asked at the end of a path: a summary is of what it does not keep."""
    if isinstance(asked, Summary) and (latest := kept_above(path, asked.keeps)):
        path = path[: _place(path, latest[0])]
    return sent_turns(path)


def _place(path: Sequence[Turn], turn: Turn) -> int:
    return next(at for at, other in enumerate(path) if other is turn)
