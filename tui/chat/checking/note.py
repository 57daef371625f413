"""What was found so far: a finding for each rule, with the first frame at which it was seen, and the marks of the frames."""

from __future__ import annotations

from msgspec import Struct

from tui.chat.checking.rule import HEAD_CODES, RULES, USUAL, Finding

MOST_MARKS = 10_000
"""Frames that are marked at most; more of them say nothing new."""
SHOWN = 3
"""Examples that are told of one rule."""


class Notes(Struct):
    """Collects what rules find, and can be kept.

    Attributes:
        marked: What is odd about a frame, by its number: each code, with how.
        at_head, at_end: The same of the head, and of what can be told at the end alone.
        examples: Of each code some words that say how.
        counts: How often it was found.
        frames: Where first.
        wrong: Whether it is a fault.
    """

    marked: dict[int, dict[str, str]] = {}
    at_head: dict[str, str] = {}
    at_end: dict[str, str] = {}
    examples: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    frames: dict[str, int] = {}
    wrong: dict[str, bool] = {}

    def add(self, code: str, words: str = "", frame: int = -1, *, is_wrong: bool | None = None) -> None:
        """Note that a rule is broken; the words say how, and examples of the same rule are told together.

        A frame is marked wherever something is wrong; what is only worth knowing marks the first few.
        """
        rule = RULES[code]
        examples = self.examples.setdefault(code, [])
        self.frames.setdefault(code, frame)
        self.wrong.setdefault(code, rule.is_wrong if is_wrong is None else is_wrong)
        self.counts[code] = self.counts.get(code, 0) + 1
        words = words or rule.words
        if len(examples) < SHOWN and words not in examples:
            examples.append(words)
        if frame < 0:
            (self.at_head if code in HEAD_CODES else self.at_end).setdefault(code, words)
        elif len(self.marked) < MOST_MARKS and (self.wrong[code] or self.counts[code] <= SHOWN):
            self.marked.setdefault(frame, {}).setdefault(code, words)

    @property
    def odd_count(self) -> int:
        """How many rules are broken, but for those that many a good stream breaks."""
        return sum(code not in USUAL for code in self.examples)

    def has(self, code: str) -> bool:
        """Whether a rule was found broken."""
        return code in self.examples

    @property
    def findings(self) -> list[Finding]:
        """A finding for each rule that is broken, in the order of the table."""
        return [self._finding(code) for code in RULES if code in self.examples]

    def _finding(self, code: str) -> Finding:
        examples, count = self.examples[code], self.counts[code]
        more = f" (and {count - len(examples):,} more)" if count > len(examples) else ""
        return Finding(code, f"{', '.join(examples)}{more}", self.wrong[code], self.frames[code])
