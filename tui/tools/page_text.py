"""The text of a web page: what a reader would see, with links kept beside their words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = {"script", "style", "noscript", "template", "svg"}
_BLOCKS = {
    "p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "ul", "ol", "table", "tr", "br", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "form", "dl", "dt", "dd", "figure",
}  # fmt: skip


def page_text(html: str) -> str:
    """The words of a page, a block a line; scripts and styles are left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in "".join(reader.words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silence = 0
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silence += tag in _SILENT
        if tag in _BLOCKS:
            self.words.append("\n")
        elif tag == "li":
            self.words.append("\n- ")
        elif tag in ("td", "th"):
            self.words.append(" | ")
        elif tag == "a":
            self.link = next((value for name, value in attrs if name == "href" and value), "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silence = max(0, self.silence - 1)
        elif tag == "title":
            self.words.append("\n\n")
        elif tag in _BLOCKS:
            self.words.append("\n")
        elif tag == "a" and self.link.startswith(("http://", "https://")):
            self.words.append(f" <{self.link}>")
        if tag == "a":
            self.link = ""

    def handle_data(self, data: str) -> None:
        if not self.silence:
            self.words.append(data)
