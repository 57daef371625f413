"""What is looked for in the sessions: words, and what must be so of a session: `model:grok since:monday tag:work tea`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.domain.lazy_pattern import LazyPattern

FILTERS = ("model:", "endpoint:", "state:", "tag:", "since:", "until:", "from:", "is:")
"""The words that say what must be so, each with its value behind it."""

_SOME = "EXISTS (SELECT 1 FROM {} WHERE session_id = session.id AND {} LIKE ? ESCAPE '\\')"
_TOKEN = LazyPattern(r"(?P<name>[a-z]+):(?:\"(?P<quoted>[^\"]*)\"?|(?P<plain>\S*))|(?P<word>\"[^\"]*\"?|\S+)")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AGO = LazyPattern(r"(\d{1,4})(h|d|w|m|y)\Z")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}


class Query(Struct, frozen=True):
    """What is looked for; empty and `None` where nothing is asked.

    `since` and `until` are seconds of the wall clock. `unclear` is a date that was written and cannot be read.
    """

    words: str = ""
    model: str = ""
    endpoint: str = ""
    state: str = ""
    tag: str = ""
    program: str = ""
    since: float | None = None
    until: float | None = None
    is_pinned: bool = False
    is_archived: bool = False
    has_tag: bool = False
    unclear: str = ""

    @property
    def has_filter(self) -> bool:
        """Whether anything is asked beside the words."""
        return replace(self, words="", unclear="") != Query()

    def clauses(self, kinds: Literal["kind", "turn"]) -> tuple[list[str], list[object]]:
        """What must be so of a session, as conditions of SQL, and their values; `kinds` is the table that tells what its turns are."""
        asked: list[tuple[bool, str, object]] = [
            (bool(self.model), _SOME.format(kinds, "model"), _like(self.model)),
            (bool(self.endpoint), _SOME.format(kinds, "endpoint"), _like(self.endpoint)),
            (bool(self.state), _SOME.format(kinds, "state"), _like(self.state)[1:]),
            (bool(self.tag), _SOME.format("tag", "tag"), _like(self.tag)[1:]),
            (bool(self.program), "source LIKE ? ESCAPE '\\'", _like(self.program)[1:]),
            (self.since is not None, "updated_at >= ?", self.since),
            (self.until is not None, "updated_at < ?", self.until),
            (self.is_pinned, "pinned = ?", 1),
            (self.is_archived, "(archived_at IS NOT NULL) = ?", 1),
            (self.has_tag, "EXISTS (SELECT 1 FROM tag WHERE session_id = session.id) = ?", 1),
        ]
        taken = [(clause, value) for is_asked, clause, value in asked if is_asked]
        return [clause for clause, _ in taken], [value for _, value in taken]


def parse_query(text: str, now: datetime | None = None) -> Query:
    """What a person wrote. A filter without a value asks for nothing yet; an unknown one is a word as any other."""
    query = Query()
    words: list[str] = []
    today = (now or datetime.now().astimezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    for match in _TOKEN.finditer(text):
        name = f"{match['name']}:" if match["name"] else ""
        if name not in FILTERS:
            words.append(match[0])
            continue
        value = match["quoted"] if match["quoted"] is not None else match["plain"] or ""
        query = _with(query, name, value.strip(), today, now)
    return replace(query, words=" ".join(words))


def _with(query: Query, name: str, value: str, today: datetime, now: datetime | None) -> Query:
    if not value:
        return replace(query, has_tag=True) if name == "tag:" else query
    if name in ("since:", "until:"):
        day = _moment(value.lower(), today, now)
        if day is None:
            return replace(query, unclear=f"{name}{value}")
        begins, ends = day
        return replace(query, since=begins.timestamp()) if name == "since:" else replace(query, until=ends.timestamp())
    if name == "is:":
        return replace(
            query,
            is_pinned=query.is_pinned or (len(value) > 1 and "pinned".startswith(value)),
            is_archived=query.is_archived or (len(value) > 1 and "archived".startswith(value)),
        )
    fields: dict[str, Callable[[str], Query]] = {
        "model:": lambda word: replace(query, model=word),
        "endpoint:": lambda word: replace(query, endpoint=word),
        "state:": lambda word: replace(query, state=word),
        "tag:": lambda word: replace(query, tag=word),
        "from:": lambda word: replace(query, program=word.replace("-", "_")),
    }
    return fields[name](value.lower())


def _moment(word: str, today: datetime, now: datetime | None) -> tuple[datetime, datetime] | None:
    """When a day, a month or a year begins and ends: by its date, its name, or how long ago it is."""
    if word in ("today", "yesterday"):
        begins = today - timedelta(days=word == "yesterday")
        return begins, begins + timedelta(days=1)
    weekday = next((number for number, day in enumerate(_DAYS) if len(word) > 1 and day.startswith(word)), None)
    if weekday is not None:
        begins = today - timedelta(days=(today.weekday() - weekday) % 7)
        return begins, begins + timedelta(days=1)
    if (ago := _AGO.match(word)) is not None:
        moment = (now or datetime.now().astimezone()) - timedelta(hours=int(ago[1]) * _HOURS[ago[2]])
        return moment, moment
    try:
        if re.fullmatch(r"\d{4}", word):
            return _zoned(date(int(word), 1, 1)), _zoned(date(int(word) + 1, 1, 1))
        if re.fullmatch(r"\d{4}-\d{1,2}", word):
            year, month = map(int, word.split("-"))
            return _zoned(date(year, month, 1)), _zoned(date(year + month // 12, month % 12 + 1, 1))
        day = date(*map(int, word.split("-", 2)))
        return _zoned(day), _zoned(day + timedelta(days=1))
    except (ValueError, TypeError, OverflowError):
        return None


def _zoned(day: date) -> datetime:
    return datetime(day.year, day.month, day.day).astimezone()


def _like(word: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", word)
    return f"%{escaped}%"
