"""The command line, as far as it must be known before it is parsed: does it ask for the chat, and in which theme."""

from __future__ import annotations

FLAGS = frozenset(("--continue", "--no-save"))
TAKING = frozenset(
    (
        "--base-url",
        "--config",
        "--dialect",
        "--effort",
        "--endpoint",
        "--gguf",
        "--max-tokens",
        "--max-turns",
        "--model",
        "--parallel",
        "--preset",
        "--previous",
        "--root",
        "--seed",
        "--server-tool",
        "--session",
        "--stop-at",
        "--system",
        "--temperature",
        "--theme",
        "--tier",
        "--tool-choice",
        "--top-p",
        "-m",
    )
)
"""The options of the chat's screen, those without a value and those with one; a test compares them with the parser's."""


class Asked:
    """What a command line asks of the first frame.

    Attributes:
        theme: The theme for this run; empty where none is named.
        config: The settings file for this run; empty where none is named.
        opens_session: Whether a saved session is opened.
        saves: Whether anything is kept on disk, and so whether what was kept is shown.
    """

    def __init__(self) -> None:
        self.theme = ""
        self.config = ""
        self.opens_session = False
        self.saves = True


def read_words(words: list[str]) -> Asked | None:
    """Read a command line; `None` where it asks for anything but the chat, or might."""
    asked = Asked()
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if name in TAKING:
            if not equals:
                value = next(rest, "-")
                if value.startswith("-"):
                    return None
        elif name not in FLAGS or equals:
            return None
        if name == "--theme":
            asked.theme = value
        elif name == "--config":
            asked.config = value
        elif name == "--no-save":
            asked.saves = False
        asked.opens_session = asked.opens_session or name in {"--session", "--continue"}
    return asked
