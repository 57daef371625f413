"""Code: fences and indented blocks, with their colours, as long as they like."""

from __future__ import annotations

from tui.typeset.block import NO_MARGIN, Margin, Row
from tui.typeset.info import language_of
from tui.typeset.lexer import LineLexer, lex_whole, plain_runs
from tui.typeset.line import MEASURE, Line, Run, width_of
from tui.typeset.wrap import crop, fold
from tui.typeset.written import WrittenBlock

PIECE = 1000  # characters; a longer line is cut in such pieces and has no colours
_SMALL = 2000  # characters of code that may be lexed again as a whole on the way to the screen
_HUGE = 200_000  # characters from which on code keeps the colours it got line by line
_CONTINUED = ("↪", "fence-head")
_GUTTER = (" ", "fence")
_DIAGRAM_LANGUAGES = """
mermaid dot graphviz plantuml puml d2 ditaa nomnoml svgbob bytefield erd blockdiag seqdiag actdiag nwdiag pikchr
structurizr wavedrom vega vega-lite bpmn flowchart sequence tikz
"""
_DIAGRAMS = frozenset(_DIAGRAM_LANGUAGES.split())


def label_of(language: str) -> str:
    """What stands over code: its language, and that it describes a drawing where it does."""
    name, _, rest = language.partition(" ")
    return f"{name} diagram {rest}".rstrip() if name.lower() in _DIAGRAMS else language or "text"


class CodeBlock(WrittenBlock):
    """A fence or an indented block. Copying it gives exactly the code."""

    piece = PIECE
    __slots__ = (
        "_carry",
        "_done",
        "_is_by_line",
        "_is_settled",
        "_lexer",
        "_styled",
        "has_head",
        "label",
    )

    def __init__(self, label: str, margin: Margin = NO_MARGIN, gap: int = 0, *, has_head: bool = True) -> None:
        super().__init__("fence", margin, gap, language_of(label))
        self.label = label
        self.has_head = has_head
        self._is_by_line = False
        self._styled: list[list[Run]] = []  # of the first rows, as far as they are lexed
        self._lexer: LineLexer | None = None
        self._is_settled = False
        self._done = 0
        self._carry: list[Run] = []

    @property
    def needs_settling(self) -> bool:
        """Whether the code is complete and its colours are still those found line by line."""
        return not self.is_open and not self._is_settled and self._lexer is not None

    def close(self) -> None:
        """Nothing more will come."""
        super().close()
        if not self.has_head:
            while self._rows and not self._rows[-1].strip():
                self._rows.pop()
                del self._styled[len(self._rows) :]
                self.renew()
        size = sum(map(len, self._rows))
        self._is_by_line = size > _HUGE or not all(row.endswith("\n") for row in self._rows)
        self._is_settled = self._is_by_line
        if self._lexer is not None and size <= _SMALL:
            self.settle()

    def settle(self) -> bool:
        """Find the colours again in the whole code; whether they changed."""
        if self._is_settled or self.is_open:
            return False
        self._is_settled = True
        self._lexer = None
        before = self._styled
        self._styled = lex_whole(self.language, self._rows)
        if before == self._styled:
            return False
        self.renew()
        return True

    def renew(self) -> None:
        """Lay it out again; the colours stay."""
        styled = self._styled
        super().renew()
        self._styled = styled

    def drop(self) -> None:
        """Forget the lines and the colours."""
        super().drop()
        self._styled = []
        self._lexer = None
        self._done = 0

    def _begin(self) -> None:
        self._done = 0
        self._carry = []

    def _grow(self, width: int) -> None:
        if self._done == 0 and self.fixed == self.gap and self.has_head:
            label = f"{label_of(self.label)} "
            room = max(0, min(width, MEASURE) - width_of(label))
            head = crop([(" " * room + label, "fence-head")], 0, width)
            self._put([(head, "")], indent=width)
        self._lex()
        inner = max(1, width - 2)
        rows: list[Row] = []
        while self._done < len(self._rows):
            is_line = self._rows[self._done].endswith("\n")
            new = fold(self._carry + self._styled[self._done], inner)
            self._carry = [] if is_line else new.pop()
            rows += self._frame(new, is_line=is_line)
            self._done += 1
        self._put_code(rows)
        self._set_fixed()
        if self.partial or self._carry:
            runs = (
                plain_runs(self.partial)
                if self._carry or not self._lexer
                else self._lexer.lex(self.partial, is_whole=False)
            )
            self._put_code(self._frame(fold(self._carry + runs, inner), is_line=True))

    def _lex(self) -> None:
        """Find the colours of the rows that have none."""
        if not self._styled and not self.is_open and not self._is_by_line:
            self._styled = lex_whole(self.language, self._rows)
            self._is_settled = True
            return
        if self._lexer is None and (len(self._styled) < len(self._rows) or self.partial):
            self._styled = []
            self._lexer = LineLexer(self.language)
        for at in range(len(self._styled), len(self._rows)):
            row = self._rows[at]
            is_long = not row.endswith("\n") or (at > 0 and not self._rows[at - 1].endswith("\n"))
            self._styled.append(plain_runs(row) if is_long or not self._lexer else self._lexer.lex(row, is_whole=True))

    def _frame(self, lines: list[Line], *, is_line: bool) -> list[Row]:
        """Give rows of code their gutter; a row that goes on from the one above shows it there."""
        rows: list[Row] = []
        for at, line in enumerate(lines):
            seam = "\n" if is_line and at == len(lines) - 1 else ""
            rows.append(([_GUTTER, *line], seam))
        return rows

    def _put_code(self, rows: list[Row]) -> None:
        seams = self._seams
        shown: list[Row] = []
        before = seams[-1][1] if len(seams) > self.gap + self.has_head else "\n"
        for line, seam in rows:
            shown.append(([_CONTINUED, *line[1:]], seam) if before == "" else (line, seam))
            before = seam
        self._put(shown, indent=1)
