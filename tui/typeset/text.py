"""Paragraphs, headings and list items: text that wraps, however long it grows."""

from __future__ import annotations

import re
from typing import NamedTuple

from tui.typeset.bidi import is_rtl
from tui.typeset.block import NO_MARGIN, Kind, LeafBlock, Margin, Row
from tui.typeset.inline import Environment, inline_runs
from tui.typeset.line import IMAGE, LINK, Run, join_styles, line_width, style_target
from tui.typeset.open_end import OpenEnd, skip_characters
from tui.typeset.split import TIERS, find_cut, find_weight, weight_of
from tui.typeset.wrap import break_text, slice_runs

_SPACE = " \t\n"  # what Markdown takes off the end of a paragraph: no-break and wide spaces are text
_CLOSING_HASHES = re.compile(r"(?:^|[ \t]+)#+$")
_TASK = re.compile(r"\[([ xX])\](?=[ \t\n])\s*")
_MAYBE_DEFINITION = re.compile(r"\[(?!\^)(?:[^\]\[\\]|\\.)*(?:\]\Z|\]:|\Z)")
_NO_DEFINITION = re.compile(r"\[(?:[^\]\[\\]|\\.)*\]:[ \t]*\n?[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)[ \t]+[^\s\"'(]")
_DEFINITION_CHARS = 4000
_HEAD_CHARS = 2000  # the longest line that may be the head of a table
_UNSPLIT_CHARS = 16_000  # more open text than this is split even if nobody looks


_NO_PIECES: list[list[Run]] = []
_NO_TEXTS: list[str] = []
_NO_RUNS: list[Run] = []
"""What most blocks have: these are replaced and never changed."""


class Tip(NamedTuple):
    """The place behind the last letter of a text that grows.

    Attributes:
        row: The row of the block.
        cell: The cell of that row.
        room: So many cells more are free in that row.
        spaces: So many spaces came behind the last letter and do not show.
    """

    row: int
    cell: int
    room: int
    spaces: int


class TextBlock(LeafBlock):
    """Text with inline Markdown in it.

    A long paragraph is split in pieces where no emphasis, link or code reaches across, so that only the
    last piece is parsed again when it grows. Where the pieces end depends on the text alone.
    """

    __slots__ = (
        "_box",
        "_carry",
        "_done",
        "_end",
        "_environment",
        "_is_item",
        "_open",
        "_runs",
        "_settled",
        "_tier",
        "_weighed",
        "_weight",
        "level",
    )

    def __init__(
        self,
        kind: Kind,
        text: str,
        environment: Environment,
        margin: Margin = NO_MARGIN,
        gap: int = 0,
        *,
        level: int = 0,
        is_item: bool = False,
    ) -> None:
        super().__init__(kind, margin, gap)
        self.level = level
        self._is_item = is_item
        self._environment = environment
        self._done = _NO_TEXTS
        self._open = ""
        self._weight = 0
        self._weighed = 0  # characters of the open text that are in the weight
        self._tier = 0
        self._box = ""
        self._runs = _NO_PIECES  # of the pieces that are done
        self._end = OpenEnd()
        self._settled = 0  # pieces that have their rows
        self._carry = _NO_RUNS  # the last row of those pieces, to which more may come
        self.append(text)

    @property
    def text(self) -> str:
        """The whole text, without the unfinished line."""
        return "".join([*self._done, self._open])

    @property
    def is_empty(self) -> bool:
        """Whether there is no text, the unfinished line apart."""
        return not self._open and not self._done

    @property
    def last_line(self) -> str | None:
        """The last line, if it is no longer than the head of a table may be."""
        end = len(self._open)
        line = self._open[self._open.rfind("\n", max(0, end - _HEAD_CHARS - 1)) + 1 :]
        if len(line) < _HEAD_CHARS and self._done and len(line) == end:
            line = self._done[-1][self._done[-1].rfind("\n") + 1 :] + line
        return line if len(line) < _HEAD_CHARS else None

    @property
    def may_define(self) -> bool:
        """Whether the text so far may turn out to be a link reference definition."""
        text = self._open
        return (
            not self._done
            and text.startswith("[")
            and not self.level
            and len(text) < _DEFINITION_CHARS
            and _MAYBE_DEFINITION.match(text) is not None
            and _NO_DEFINITION.match(text) is None
        )

    @property
    def tip(self) -> Tip | None:
        """Where plain letters that come next will stand; `None` where they may change what stands there."""
        lines, end = self._lines, self._end
        if self._is_stale or lines is None or self._row_end or (room := end.room) < 0:
            return None
        text = self.partial or self._open
        spaces = len(text) - len(text.rstrip(" "))
        return Tip(end.row, line_width(lines[end.row]), room, spaces)

    def append(self, text: str) -> None:
        """More text, newlines included."""
        self._open += text
        self._is_stale = True
        if len(self._open) > _UNSPLIT_CHARS:
            self._split_all()

    def take_last_line(self) -> str:
        """Take the last line off; what is left may be nothing."""
        before, _, last = self.text.rpartition("\n")
        self.replace(before)
        return last

    def replace(self, text: str) -> None:
        """The text is another one: definitions were taken off its front."""
        self._done = _NO_TEXTS
        self._open = text
        self._box = ""
        self._tier = self._weight = self._weighed = 0
        self.renew()

    def close(self) -> None:
        """Nothing more will come."""
        self.is_open = False
        self.show("")
        self._set_end(self._open.rstrip(_SPACE))

    def drop(self) -> None:
        """Forget the lines and the parsed runs."""
        super().drop()
        self._runs, self._carry = _NO_PIECES, _NO_RUNS
        self._end.forget()

    def renew(self) -> None:
        """Parse again: a definition came, or the text is a heading now."""
        self._runs = _NO_PIECES
        self._end.forget()
        super().renew()

    def runs(self) -> list[Run]:
        """All its runs, parsed."""
        self._split_all()
        return [run for piece in self._pieces() for run in piece] + self._end.runs_of(self._tail_text(), self._parse)

    def plain(self) -> str:
        """The text without marks, one line unless a break was asked for; a list's marker before it."""
        text = "".join([piece for piece, _ in self.runs()])
        marker = "".join(
            [piece for piece, style in hang_of(self.margin, self._width or 80, self._task())[0] if style != "quote"]
        )
        return marker[1:] + text if marker[:1] == " " else marker + text

    @property
    def links(self) -> list[tuple[str, str]]:
        """Every link and image: its text and its real target, in order."""
        links: list[tuple[str, str]] = []
        last = ""
        for text, style in self.runs():
            target = style_target(style) if LINK in style or IMAGE in style else ""
            if target and target == last:
                links[-1] = (links[-1][0] + text, target)
            elif target:
                links.append((text, target))
            last = target
        return links

    @property
    def environment(self) -> Environment:
        """What its links are looked up in."""
        return self._environment

    def pieces_written(self) -> list[str]:
        """The text as it is parsed, piece by piece, the unfinished line included."""
        self._split_all()
        return [*self._done, self._tail_text()]

    def pieces_shown(self) -> list[str]:
        """The same pieces as they are shown."""
        self._split_all()
        pieces = [*self._pieces(), self._end.runs_of(self._tail_text(), self._parse)]
        return ["".join([text for text, _ in runs]) for runs in pieces]

    def trim_hashes(self) -> None:
        """Take the closing `#` off a heading whose line is complete."""
        self._split_all()
        self._set_end(_CLOSING_HASHES.sub("", self._open.rstrip(_SPACE)))

    def _set_end(self, text: str) -> None:
        """The open text becomes a shorter one."""
        if len(text) < len(self._open):
            self._split_all()
            self._weight -= weight_of(self._open[len(text) :])
            self._open = self._open[: len(text)]
            self._weighed = len(text)
        self._is_stale = True

    def _split_all(self) -> None:
        self._weight += weight_of(self._open[self._weighed :])
        self._weighed = len(self._open)
        while self._split():
            pass

    def _split(self) -> bool:
        """Move a piece from the open text to the done ones, if there is enough of it and a place to cut."""
        if self._weight < TIERS[self._tier] or self.may_define:
            return False
        text = self._open
        end = find_weight(text, TIERS[self._tier])
        window = text[:end]
        cut = find_cut(window, self._environment, is_strict=self._tier == 0)
        if cut <= 0:
            if self._tier + 1 < len(TIERS):
                self._tier += 1
                return True
            cut = end
        begin = 0
        if self._is_item and not self._done and (task := _TASK.match(text)) and task.end() < cut:
            self._box = task[1]
            begin = task.end()
        self._tier = 0
        self._done = self._done or []
        self._done.append(text[begin:cut])
        self._open = text[cut:]
        self._weight -= weight_of(text[:cut])
        self._weighed -= cut
        return True

    def _pieces(self) -> list[list[Run]]:
        if len(self._done) > len(self._runs):
            self._runs = self._runs or []
            self._runs += map(self._parse, self._done[len(self._runs) :])
        return self._runs

    def _parse(self, text: str) -> list[Run]:
        runs = inline_runs(text, self._environment)
        if self.level:
            heading = f"h{self.level}"
            return [(piece, join_styles(heading, style)) for piece, style in runs]
        return runs

    def _tail_text(self) -> str:
        """What is parsed of the text that is still open."""
        if self.is_open and self.may_define:
            return ""
        text = (self._open + self.partial).rstrip(_SPACE)
        if self._is_item and not self._done and (task := _TASK.match(text)):
            text = text[task.end() :]
        return text

    def _task(self) -> str:
        """What stands in the box of a task: a space, an x, or nothing where there is no box."""
        if self._done or not self._is_item:
            return self._box
        task = _TASK.match((self._open + self.partial).rstrip(_SPACE))
        return task[1] if task else ""

    def _is_rtl(self) -> bool:
        text = self._done[0] if self._done else self._open
        if text.isascii() and (self._done or self.partial.isascii()):
            return False
        return is_rtl(text if self._done else text + self.partial)

    def _begin(self) -> None:
        self._settled = 0
        self._carry = _NO_RUNS
        self._end.row = -1

    def _first_to_make(self) -> int:
        if self._end.row >= 0:
            row = self._end.row
            self._split_all()
            if self._settled == len(self._done) and self._end.grows_to(self._tail_text()):
                return row
            self._end.row = -1
        return self.fixed

    def _grow(self, width: int) -> None:
        margin, end = self._body_margin, self._end
        if end.row < 0:
            self._split_all()
            hang = hang_of(self.margin, self._width or 80, self._task()) if self._is_item else margin
            self._body_margin, width = hang, hang[2]
            pieces = self._pieces()
            if self._settled < len(pieces):
                new = self._carry + [run for piece in pieces[self._settled :] for run in piece]
                rows, self._carry = _all_but_last(new, width)
                self._settled = len(pieces)
                self._put(rows)
                self._set_fixed()
            end.begin(self._carry + end.runs_of(self._tail_text(), self._parse), hang)
            if self.is_open and self.may_define and not self._carry:
                self._body_margin = margin
                return
        self._body_margin = end.margin
        self._put(end.wrap(len(self._lines or ())))
        self._body_margin = margin


def hang_of(margin: Margin, columns: int, box_mark: str) -> tuple[list[Run], list[Run], int]:
    """A margin, with the box of a task in the place of its bullet."""
    first, rest, width = margin.fit(columns)
    if box_mark and first and first[-1][1] == "bullet":
        is_done = box_mark != " "
        box = ("☑ " if is_done else "☐ ", "task-done" if is_done else "task-open")
        if first[-1][0].strip()[0].isdigit():
            first.append(box)
            rest.append(("  ", ""))
            width = max(1, width - 2)
        else:
            first[-1] = (" " + box[0], box[1])
    return first, rest, width


def _all_but_last(runs: list[Run], width: int) -> tuple[list[Row], list[Run]]:
    """The rows that more text cannot change, and the runs of the last one with the space at its end."""
    places = break_text("".join([piece for piece, _ in runs]), width)
    return slice_runs(runs, places[:-1]), skip_characters(runs, places[-1][0])
