"""Chips: short signs in what is written, each of which stands for something longer."""

from __future__ import annotations

from msgspec.structs import replace

from tui.domain.message import ImagePart
from tui.domain.turn import Prompt
from tui.wire.printable import printable_line


class Chips:
    """Pastes, which unfold when they are sent, and images, which go along with the words around them.

    Attributes:
        pastes: What was pasted, by chip.
        images: Images by chip.
    """

    def __init__(self) -> None:
        self.pastes: dict[str, str] = {}
        self.images: dict[str, ImagePart] = {}

    def fold(self, text: str) -> str:
        """The chip for a long paste."""
        chip, number = f"[pasted {len(text):,} characters]", 2
        while self.pastes.get(chip, text) != text:
            chip, number = f"[pasted {len(text):,} characters, {number}]", number + 1
        self.pastes[chip] = text
        return chip

    def frame(self, image: ImagePart) -> str:
        """The chip for an image; another image of the same name gets another."""
        base = name = printable_line(image.name) or "1"
        number = 2
        while self.images.get(chip := f"[image {name}]", image).url != image.url:
            name, number = f"{base}, {number}", number + 1
        self.images[chip] = replace(image, name=name)
        return chip

    def prompt(self, text: str) -> Prompt:
        """A text as it is meant: the pastes unfolded, with the images that it names."""
        images = self.named(text)
        for chip, pasted in self.pastes.items():
            text = text.replace(chip, pasted)
        return Prompt(text, images)

    def named(self, text: str) -> tuple[ImagePart, ...]:
        """The images whose chips stand in a text, in their order."""
        found = sorted((at, chip) for chip in self.images if (at := text.find(chip)) >= 0)
        return tuple([self.images[chip] for _, chip in found])

    def ending(self, text: str) -> str:
        """The chip that a text ends with; empty where it ends with none."""
        return next((chip for chip in (*self.pastes, *self.images) if text.endswith(chip)), "")

    def settle(self, prompt: Prompt) -> None:
        """A prompt was taken: forget all but its images, should its text be brought back."""
        self.pastes.clear()
        if prompt.images:
            self.images = {chip: image for chip, image in self.images.items() if image in prompt.images}
