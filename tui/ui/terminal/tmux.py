"""What tmux tells of the terminal that it is shown in, and what of a picture gets through to that."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from msgspec import Struct

from tui.child import child

FACTS = "#{client_termtype}\t#{client_termfeatures}\t#{allow-passthrough}"
PATIENCE = 2.0
"""Seconds in which tmux answers."""

FIRST_KITTY = (0, 28)
"""The first kitty that draws a picture where signs stand for it, so that it moves with the text as tmux moves that."""


class Outside(Struct, frozen=True):
    """The terminal that tmux is shown in, as far as tmux tells; nothing until it has.

    Attributes:
        name: Its name and version.
        features: What tmux knows that it can do.
        has_passthrough: Whether tmux hands on to it what is wrapped for it.
    """

    name: str = ""
    features: frozenset[str] = frozenset()
    has_passthrough: bool = False

    @property
    def draws_placeholders(self) -> bool:
        """Whether it draws pictures where signs stand for them."""
        return self._has_placeholders and self.has_passthrough

    @property
    def draws_sixel(self) -> bool:
        """Whether it draws sixels; a tmux that was built with them says so whatever it is shown in."""
        return "sixel" in self.features

    @property
    def lack(self) -> str:
        """What would have to be set for pictures to show; empty where nothing would help."""
        return (
            "tmux set -g allow-passthrough on shows it" if self._has_placeholders and not self.has_passthrough else ""
        )

    @property
    def _has_placeholders(self) -> bool:
        kitty = re.match(r"kitty\((\d+)\.(\d+)", self.name)
        return self.name.lower().startswith("ghostty") or (
            kitty is not None and (int(kitty[1]), int(kitty[2])) >= FIRST_KITTY
        )


def read_outside(told: str) -> Outside:
    """What tmux printed."""
    name, features, passthrough = [*told.rstrip("\n").split("\t"), "", "", ""][:3]
    return Outside(name, frozenset(features.split(",")), passthrough in {"on", "all", "1", "2"})


async def ask_outside(environ: Mapping[str, str]) -> Outside:
    """Ask the tmux that rillet runs in; nothing is known where it does not answer."""
    pane = ("-t", environ["TMUX_PANE"]) if environ.get("TMUX_PANE") else ()
    words, nothing = ("tmux", "display-message", "-p", *pane, FACTS), asyncio.subprocess.DEVNULL
    try:
        async with child(*words, stdin=nothing, stdout=asyncio.subprocess.PIPE, stderr=nothing) as program:
            facts, _ = await asyncio.wait_for(program.communicate(), PATIENCE)
    except (TimeoutError, OSError):
        return Outside()
    return read_outside(facts.decode(errors="replace"))


def passed_on(sequence: str) -> str:
    """A sequence, wrapped so that tmux hands it on to its terminal."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
