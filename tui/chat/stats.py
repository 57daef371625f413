"""Statistics: where the time and the money went, by model and by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median, quantiles
from typing import Any, Literal

from msgspec import Struct, field

from tui.domain.rate import rate_of
from tui.domain.turn import Turn, TurnState
from tui.store.figures import Figures

By = Literal["model", "day", "both"]


class Stat(Struct):
    """What the replies of one model, of one day, or of one model on one day came to.

    Times are in seconds, rates in tokens a second, the cost in US dollars; `estimated` is the part of it that was
    worked out from a price list, `unpriced` the turns of which nobody knows what they cost, `uncounted` those whose
    rate goes by tokens that the endpoint did not count.
    """

    model: str
    day: str
    latencies: list[float] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    uncounted: int = 0
    turns: int = 0
    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    cost: float = 0.0
    estimated: float = 0.0
    has_cost: bool = False
    unpriced: int = 0
    endings: Counter[str] = field(default_factory=Counter)

    def add(self, turn: Turn) -> None:
        """Count a turn in."""
        self.turns += 1
        self.endings[ending_of(turn)] += 1
        timing, usage = turn.timing, turn.usage
        if timing.latency is not None:
            self.latencies.append(timing.latency)
        if timing.duration is not None:
            self.durations.append(timing.duration)
        if timing.longest_gap is not None:
            self.gaps.append(timing.longest_gap)
        if (rate := rate_of(turn)) is not None:
            self.rates.append(rate[0])
            self.uncounted += not rate[1]
        if usage is None:
            return
        self.input += usage.input or 0
        self.cached += usage.cached or 0
        self.output += usage.output or 0
        self.reasoning += usage.reasoning or 0
        if usage.cost_usd is not None:
            self.cost += usage.cost_usd
            self.has_cost = True
        elif usage.estimated_usd is not None:
            self.cost += usage.estimated_usd
            self.estimated += usage.estimated_usd
            self.has_cost = True
        elif turn.endpoint != "local" and (usage.input or usage.output):  # the built-in model is free
            self.unpriced += 1

    def record(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "model": self.model or None,
            "day": self.day or None,
            "turns": self.turns,
            "first_token": _spread(self.latencies),
            "duration": _spread(self.durations),
            "longest_gap": _spread(self.gaps),
            "rate": _spread(self.rates),
            "uncounted_turns": self.uncounted,
            "seconds": round(sum(self.durations), 3),
            "tokens": {
                "input": self.input,
                "cached": self.cached,
                "output": self.output,
                "reasoning": self.reasoning,
            },
            "cost_usd": round(self.cost, 6) if self.has_cost else None,
            "estimated_usd": round(self.estimated, 6),
            "unpriced_turns": self.unpriced,
            "endings": dict(self.endings.most_common()),
        }


def ending_of(turn: Turn) -> str:
    """How a turn ended, in a word: `complete`, `cut`, or the state that it ended in."""
    return "cut" if turn.state is TurnState.COMPLETE and turn.is_cut else str(turn.state)


class Counting:
    """Counts turns up, per model and day."""

    def __init__(self) -> None:
        """Nothing is counted."""
        self._stats: dict[tuple[str, str], Stat] = {}
        self._days: dict[float, str] = {}

    def add(self, figures: Figures) -> None:
        """Count a turn in."""
        key = figures.turn.model, self._day(figures.at)
        stat = self._stats.get(key)
        if stat is None:
            stat = self._stats[key] = Stat(*key)
        stat.add(figures.turn)

    def _day(self, at: float) -> str:
        """The day of an instant here; a quarter of an hour is within one, wherever that is."""
        quarter = at // 900
        day = self._days.get(quarter)
        if day is None:
            day = self._days[quarter] = datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d")
        return day

    def rows(self, by: By = "both") -> list[Stat]:
        """What was counted, the newest day first, and on a day the model that was asked most."""
        groups: dict[tuple[str, str], list[Stat]] = {}
        for (model, day), stat in self._stats.items():
            groups.setdefault((model if by != "day" else "", day if by != "model" else ""), []).append(stat)
        stats = [stats[0] if by == "both" else total(stats, *key) for key, stats in groups.items()]
        by_turns = sorted(stats, key=lambda stat: (-stat.turns, stat.model))
        return sorted(by_turns, key=lambda stat: stat.day, reverse=True)


def count_up(figures: Iterable[Figures], by: By = "both") -> list[Stat]:
    """Statistics of turns, the newest day first, and on a day the model that was asked most."""
    counting = Counting()
    for each in figures:
        counting.add(each)
    return counting.rows(by)


def total(stats: Sequence[Stat], model: str = "", day: str = "") -> Stat:
    """All of them in one, of a model or a day where they are all of that."""
    whole = Stat(model, day)
    for stat in stats:
        for name in ("latencies", "durations", "gaps", "rates"):
            getattr(whole, name).extend(getattr(stat, name))
        for name in ("turns", "input", "cached", "output", "reasoning", "cost", "estimated", "unpriced", "uncounted"):
            setattr(whole, name, getattr(whole, name) + getattr(stat, name))
        whole.has_cost |= stat.has_cost
        whole.endings.update(stat.endings)
    return whole


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    """The middle, and what nine in ten do not go beyond."""
    if not values:
        return None
    return {"median": round(median(values), 6), "p90": round(ninth(values), 6)}


def ninth(values: Sequence[float]) -> float:
    """What nine in ten of them do not go beyond."""
    return quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]
