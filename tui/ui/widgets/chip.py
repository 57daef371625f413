"""Chips: short signs in what is written, each of which stands for something longer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from tui.domain.message import ImagePart
from tui.domain.turn import Prompt
from tui.wire.printable import printable_line, with_signs

FOLD_CHARACTERS = 2000
FOLD_LINES = 20
"""A paste longer than either folds to a chip."""


class Chips:
    """Pastes and characters that cannot be seen, which are sent as they came, and images, which go along.

    Attributes:
        pastes: What was pasted, by chip.
        signs: Characters that cannot be seen, by the sign that is shown for them.
        images: Images by chip.
    """

    def __init__(self) -> None:
        self.pastes: dict[str, str] = {}
        self.signs: dict[str, str] = {}
        self.images: dict[str, ImagePart] = {}

    def put(self, text: str, beside: str) -> str:
        """Pasted text as it goes beside what is written: a long one as a chip."""
        if len(text) > FOLD_CHARACTERS or text.count("\n") > FOLD_LINES:
            return self.name(f"pasted {len(text):,} characters", text)
        return self.show(text, beside)

    def nearest(self, lines: Sequence[str], row: int, column: int) -> tuple[int, int, str] | None:
        """The chip of a paste at a place, else one beside it, else the first: its row, column and name."""
        for number in (row, *range(len(lines))):
            line = lines[number]
            starts = [(at, chip) for chip in self.pastes if (at := line.find(chip)) >= 0]
            if starts:
                at, chip = min(starts, key=lambda start: not start[0] <= column <= start[0] + len(start[1]))
                return number, at, chip
        return None

    def name(self, label: str, text: str) -> str:
        """The chip for a text that goes along under a label."""
        chip, number = f"[{label}]", 2
        while self.pastes.get(chip, text) != text:
            chip, number = f"[{label}, {number}]", number + 1
        self.pastes[chip] = text
        return chip

    def show(self, text: str, beside: str = "") -> str:
        """A text as it can be seen: signs stand for what cannot be.

        Args:
            text: The text.
            beside: What is written already: no sign looks like a part of it.
        """

        def sign(came: str, shown: str) -> str:
            name, number = shown, 2
            while self.signs.get(name, came) != came or (name not in self.signs and (name in text or name in beside)):
                name, number = f"<{shown.strip('<>')}, {number}>", number + 1
            self.signs[name] = came
            return name

        return with_signs(text, sign)

    def frame(self, image: ImagePart) -> str:
        """The chip for an image; another image of the same name gets another."""
        base = name = printable_line(image.name) or "1"
        number = 2
        while self.images.get(chip := f"[image {name}]", image).url != image.url:
            name, number = f"{base}, {number}", number + 1
        self.images[chip] = replace(image, name=name)
        return chip

    def prompt(self, text: str) -> Prompt:
        """A text as it is meant: the pastes unfolded, signs as what they stand for, with the images that it names.

        The blank that was put behind a file or a paste, so that one can write on, is no part of it.
        """
        shown = text.rstrip()
        return Prompt(self.meant(shown if shown.endswith(tuple(self.pastes)) else text), self.named(text))

    def meant(self, text: str) -> str:
        """A text with what its chips and signs stand for."""
        meanings = self.signs | self.pastes
        if not meanings:
            return text
        names = sorted(meanings, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, names)), lambda found: meanings[found[0]], text)

    def named(self, text: str) -> tuple[ImagePart, ...]:
        """The images whose chips stand in a text, in their order."""
        places = sorted((at, chip) for chip in self.images if (at := text.find(chip)) >= 0)
        return tuple([self.images[chip] for _, chip in places])

    def ending(self, text: str) -> str:
        """The chip or sign that a text ends with; empty where it ends with none."""
        return next((chip for chip in self._all() if text.endswith(chip)), "")

    def beginning(self, text: str) -> str:
        """The chip or sign that a text begins with; empty where it begins with none."""
        return next((chip for chip in self._all() if text.startswith(chip)), "")

    def _all(self) -> tuple[str, ...]:
        return (*self.pastes, *self.images, *self.signs)

    def settle(self, prompt: Prompt) -> None:
        """A prompt was taken: forget all but its images, should its text be brought back."""
        self.pastes.clear()
        self.signs.clear()
        if prompt.images:
            self.images = {chip: image for chip, image in self.images.items() if image in prompt.images}
