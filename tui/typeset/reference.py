"""Link reference definitions of one document, and the blocks that wait for one."""

from __future__ import annotations

import re
from itertools import islice

from tui.typeset.inline import Environment, normal_label, read_definitions

_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){1,200})\]")


class References:
    """What `[label]` leads to. A block may use a label before it is defined."""

    __slots__ = ("_waiting", "environment")

    def __init__(self) -> None:
        self.environment: Environment = {"references": {}}
        self._waiting: dict[str, list[int]] = {}

    def define(self, text: str) -> tuple[str, list[int]]:
        """Take the definitions off the front of a paragraph: what is left, and which blocks waited for them."""
        references = self.environment["references"]
        count = len(references)
        rest = read_definitions(text, self.environment)
        waited: list[int] = []
        for label in islice(reversed(references), len(references) - count):
            waited += self._waiting.pop(label, ())
        return rest, waited

    def watch(self, text: str, index: int) -> None:
        """Remember the labels in a block's text that have no definition yet."""
        if "[" not in text:
            return
        references = self.environment["references"]
        for match in _LABEL.finditer(text):
            label = normal_label(match[1])
            if label and label not in references:
                self._waiting.setdefault(label, []).append(index)
