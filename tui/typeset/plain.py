"""Plain text: what the user typed, errors, results, HTML. No Markdown is seen in it."""

from __future__ import annotations

from tui.typeset.bidi import RTL, is_rtl
from tui.typeset.block import NO_MARGIN, Kind, Margin
from tui.typeset.inline import bare_runs
from tui.typeset.line import LINK, style_target
from tui.typeset.wrap import wrap
from tui.typeset.written import WrittenBlock
from tui.wire.printable import PrintableStream

_TAB = 4
_BLOCK_LINES = 64
_BLOCK_CHARS = 16_000


class VerbatimBlock(WrittenBlock):
    """Lines of text, wrapped."""

    __slots__ = ("_done",)

    def __init__(self, kind: Kind, margin: Margin = NO_MARGIN, gap: int = 0) -> None:
        super().__init__(kind, margin, gap)
        self._done = 0

    @property
    def links(self) -> list[tuple[str, str]]:
        """The addresses in the text."""
        return [(text, style_target(style)) for text, style in bare_runs(self.plain()) if LINK in style]

    def _begin(self) -> None:
        self._done = 0

    def _grow(self, width: int) -> None:
        for row in self._rows[self._done :]:
            self._put_row(row, width)
        self._done = len(self._rows)
        self._set_fixed()
        if self.partial:
            self._put_row(self.partial + "\n", width)

    def _put_row(self, row: str, width: int) -> None:
        rows = wrap(bare_runs(row.removesuffix("\n").expandtabs(_TAB)), width)
        if not row.endswith("\n"):
            rows[-1] = (rows[-1][0], "")
        self._row_end = [("", f"{RTL}{self._width}")] if is_rtl(row) else []
        self._put(rows)
        self._row_end = []


class PlainDocument:
    """Plain text that may still grow, cut in blocks of some lines so that a long one stays cheap to show."""

    __slots__ = ("_chars", "_lines", "_parts", "_stream", "blocks")

    def __init__(self) -> None:
        self.blocks: list[VerbatimBlock] = []
        self._parts: list[str] = []
        self._stream = PrintableStream()
        self._lines = 0
        self._chars = 0

    @property
    def tail(self) -> None:
        """Nothing in plain text is provisional."""

    @property
    def source(self) -> str:
        """All the text fed so far, printable."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def feed(self, text: str) -> int:
        """Append text; the index of the first block that may have changed."""
        return self._take(self._stream.feed(text))

    def finish(self) -> int:
        """The text is complete."""
        first = self._take(self._stream.close())
        if self.blocks:
            self.blocks[-1].close()
        return first

    def settle(self) -> int | None:
        """There is nothing to settle."""
        return None

    def plain(self) -> str:
        """The text itself."""
        return self.source

    def all_blocks(self) -> list[VerbatimBlock]:
        """Every block."""
        return self.blocks

    def _take(self, text: str) -> int:
        first = max(0, len(self.blocks) - 1)
        if not text:
            return first
        self._parts.append(text)
        lines = text.split("\n")
        for at, line in enumerate(lines):
            is_last = at == len(lines) - 1
            if line or not is_last:
                self._block_for(len(line)).append(line)
            if not is_last:
                self.blocks[-1].end_line()
                self._lines += 1
        return first

    def _block_for(self, chars: int) -> VerbatimBlock:
        """The block to write to: a new one where a line begins and the last one is full."""
        last = self.blocks[-1] if self.blocks else None
        if last is None or (not last.partial and (self._lines >= _BLOCK_LINES or self._chars >= _BLOCK_CHARS)):
            if last is not None:
                last.close()
            last = VerbatimBlock("plain")
            last.is_open = True
            self.blocks.append(last)
            self._lines = self._chars = 0
        self._chars += chars
        return last


def plain_document(text: str) -> PlainDocument:
    """A complete document of plain text: each line as it is, wrapped."""
    document = PlainDocument()
    document.feed(text)
    document.finish()
    return document
