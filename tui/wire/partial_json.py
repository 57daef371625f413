"""JSON that is still arriving: the value so far, which part of it is open, and where it breaks.

JSON arrives in order, so at any moment exactly one value is open, with the containers around it: every
leaf that is not at the end of `open_path` is complete.
"""

from __future__ import annotations

import re
from typing import Any, Final

from tui.wire.json_text import clean_text
from tui.wire.limit import LIMITS

_SPACE = re.compile(r"[ \t\n\r]*")
_RUN = re.compile(r'[^"\\\x00-\x1f]*')
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4})')
_ESCAPE_SIZE = 12
_ESCAPE_BEGUN = re.compile(r"\\(?:u[0-9a-fA-F]{0,4}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?\Z")
_NUMBER_RUN = re.compile(r"[-+0-9.eE]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_LONGEST_NUMBER = 400
_WORD_RUN = re.compile(r"[a-z]*")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
"""The value of JSON of which nothing has come."""

Path = tuple[str | int, ...]


class PartialJson:
    """Reads JSON fragment by fragment; each character is looked at once, whatever the fragments.

    Attributes:
        problem: The place of the first token or character that cannot be JSON, or `None`. Nothing after it is read.
    """

    def __init__(self) -> None:
        """Start before the first character."""
        self.problem: int | None = None
        self._root: Any = MISSING
        self._stack: list[dict[str, Any] | list[Any]] = []
        self._keys: list[str] = []
        self._expects = "value"
        self._token: list[str] = []
        self._held = ""
        self._place = 0
        self._begun = 0

    @property
    def is_whole(self) -> bool:
        """Whether the JSON has come to its end. A bare number never does: another digit may follow."""
        return self.problem is None and self._expects == "end"

    @property
    def value(self) -> Any:
        """The value so far, `MISSING` if nothing has come. An open string is as long as it is by now.

        The value is the reader's own, and grows with it: copy what must stay as it is.
        """
        if self._expects == "string":
            self._token[:] = ["".join(self._token)]
            self._set(clean_text(self._token[0]), is_open=True)
        elif self._expects == "number" and _NUMBER.fullmatch(number := "".join(self._token)):
            self._set(_number(number), is_open=True)
        return self._root

    @property
    def open_path(self) -> Path | None:
        """Where the value is that is still arriving: keys and places from the root; `None` when all is here."""
        if self.is_whole:
            return None
        keys = iter(self._keys)
        path: list[str | int] = []
        for depth, container in enumerate(self._stack):
            if isinstance(container, dict):
                is_inside = depth + 1 < len(self._stack) or self._expects in ("string", "number", "word", "value")
                key = next(keys, None)
                if key is not None and is_inside:
                    path.append(key)
            elif depth + 1 < len(self._stack) or self._expects in ("string", "number", "word"):
                path.append(len(container) - 1)
        return tuple(path)

    def is_complete(self, path: Path) -> bool:
        """Whether the value at a path has come whole."""
        open_path = self.open_path
        return open_path is None or open_path[: len(path)] != path

    def feed(self, text: str) -> None:
        """Take more of the text."""
        if self.problem is not None:
            return
        text, self._held = self._held + text, ""
        start = self._place
        place = 0
        while place < len(text):
            if self._expects not in ("number", "word"):
                self._begun = start + place
            step = self._step(text, place)
            if step < 0:
                # A number or a word is wrong as a whole, wherever the fragments cut it.
                self.problem = self._begun if self._expects in ("number", "word") else start + place
                return
            if step == place and self._held:
                break
            place = step
        self._place = start + len(text) - len(self._held)

    def _step(self, text: str, place: int) -> int:
        """Take one token or a piece of one; give the place after it, or -1 if it cannot be."""
        match self._expects:
            case "string" | "key string":
                return self._string(text, place)
            case "number":
                return self._run(_NUMBER_RUN, text, place)
            case "word":
                return self._run(_WORD_RUN, text, place)
        space = _SPACE.match(text, place)
        if space is not None and space.end() > place:
            return space.end()
        return place + 1 if self._punctuation(text[place]) else -1

    def _punctuation(self, char: str) -> bool:
        container = self._stack[-1] if self._stack else None
        match self._expects, char:
            case (("value" | "first value"), _) if self._begin(char):
                return True
            case (("first key" | "key"), '"'):
                self._expects = "key string"
                self._token = []
            case "colon", ":":
                self._expects = "value"
            case "comma", ",":
                self._expects = "key" if isinstance(container, dict) else "value"
            case (("comma" | "first key"), "}") if isinstance(container, dict):
                self._end_container()
            case (("comma" | "first value"), "]") if isinstance(container, list):
                self._end_container()
            case _:
                return False
        return True

    def _begin(self, char: str) -> bool:
        if char in "{[":
            if len(self._stack) >= LIMITS.json_depth:
                return False
            opened: dict[str, Any] | list[Any] = {} if char == "{" else []
            self._set(opened)
            self._stack.append(opened)
            self._expects = "first key" if char == "{" else "first value"
        elif char == '"':
            self._open_leaf("string", "")
        elif char == "-" or (char.isascii() and char.isdigit()):
            self._open_leaf("number", None)
            self._token.append(char)
        elif char in "tfn":
            self._open_leaf("word", None)
            self._token.append(char)
        else:
            return False
        return True

    def _open_leaf(self, expects: str, placeholder: Any) -> None:
        self._set(placeholder)
        self._expects = expects
        self._token = []

    def _string(self, text: str, place: int) -> int:
        run = _RUN.match(text, place)
        end = place if run is None else run.end()
        if end > place:
            self._token.append(text[place:end])
            return end
        if text[place] == '"':
            whole = clean_text("".join(self._token))
            if self._expects == "key string":
                self._keys.append(whole)
                self._expects = "colon"
            else:
                self._end_leaf(whole)
            return place + 1
        if text[place] != "\\":
            return -1
        tail = text[place : place + _ESCAPE_SIZE]
        if len(tail) < _ESCAPE_SIZE and _ESCAPE_BEGUN.match(tail) and not _is_settled(tail):
            self._held = tail
            return place
        match = _ESCAPE.match(text, place)
        if match is None:
            return -1
        self._token.append(_unescape(match[0]))
        return match.end()

    def _run(self, pattern: re.Pattern[str], text: str, place: int) -> int:
        run = pattern.match(text, place)
        end = place if run is None else run.end()
        self._token.append(text[place:end])
        token = "".join(self._token)
        if len(token) > _LONGEST_NUMBER:
            return -1
        if self._expects == "word":
            if token in _WORDS:
                self._end_leaf(_WORDS[token])
                return end
            return end if end == len(text) and any(word.startswith(token) for word in _WORDS) else -1
        if end < len(text):
            if _NUMBER.fullmatch(token) is None:
                return -1
            self._end_leaf(_number(token))
        self._token = [token]
        return end

    def _set(self, value: Any, *, is_open: bool = False) -> None:
        container = self._stack[-1] if self._stack else None
        if isinstance(container, dict):
            container[self._keys[-1]] = value
        elif container is None:
            self._root = value
        elif is_open:
            container[-1] = value
        else:
            container.append(value)

    def _end_leaf(self, value: Any) -> None:
        self._set(value, is_open=True)
        self._after_value()

    def _end_container(self) -> None:
        self._stack.pop()
        self._after_value()

    def _after_value(self) -> None:
        if not self._stack:
            self._expects = "end"
            return
        if isinstance(self._stack[-1], dict):
            self._keys.pop()
        self._expects = "comma"


def _is_settled(tail: str) -> bool:
    """Whether an escape at the end of the text can be read without what comes next."""
    match = _ESCAPE.match(tail)
    return match is not None and (len(match[0]) != 6 or not match[0][2:4].lower().startswith(("d8", "d9", "da", "db")))


def _unescape(escape: str) -> str:
    if escape[1] != "u":
        return _ESCAPED.get(escape[1], escape[1])
    return "".join(chr(int(unit, 16)) for unit in escape[2:].split("\\u"))


def _number(token: str) -> int | float:
    if token.lstrip("-").isdigit() and len(token) <= LIMITS.integer_digits:
        return int(token)
    return float(token)
