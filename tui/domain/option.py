"""Options: what a conversation asks of its model beside the words, each one row: its name, what it may be, what it means."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.domain.error import ConfigError

Kind = Literal["number", "whole", "yes or no", "word", "words"]


class Options(Struct, frozen=True, omit_defaults=True):
    """The options of a conversation; what is not set is left to the settings, and then to the endpoint.

    `budget` is no wish to the endpoint: US dollars that the conversation may cost before rillet asks.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    service_tier: str = ""
    parallel_tool_calls: bool | None = None
    tool_choice: str = ""
    max_turns: int | None = None
    previous_response_id: str = ""
    budget: float | None = None

    def over(self, other: Options) -> Options:
        """These, and where one is not set, the other's."""
        given = {row.name: value for row in OPTIONS if (value := getattr(self, row.name)) not in (None, "", ())}
        return replace(other, **given)


class Option(Struct, frozen=True):
    """One option: `name` as in settings and requests, `slash` as a command and a flag, and what values it takes."""

    name: str
    slash: str
    kind: Kind
    about: str
    least: float | None = None
    most: float | None = None

    def read(self, text: str) -> Any:
        """The value that a text stands for; nothing for `off`.

        Raises:
            ConfigError: If it stands for none that the option can have.
        """
        word = text.strip()
        if word.lower() in ("off", ""):
            return () if self.kind == "words" else "" if self.kind == "word" else None
        match self.kind:
            case "number" | "whole":
                return self._number(word)
            case "yes or no":
                meant = {"yes": True, "on": True, "true": True, "no": False, "false": False}.get(word.lower())
                if meant is None:
                    raise self._wrong(word, "yes, no, or off")
                return meant
            case "word":
                if any(sign.isspace() for sign in word):
                    raise self._wrong(word, "one word")
                return word
            case "words":
                return tuple(each.replace("\\n", "\n") for each in word.split(",") if each)

    def _number(self, word: str) -> float | int:
        takes = f"{'a whole number' if self.kind == 'whole' else 'a number'}{self._range}"
        try:
            number = int(word) if self.kind == "whole" else float(word)
        except ValueError:
            raise self._wrong(word, takes) from None
        is_low = self.least is not None and not number >= self.least
        if is_low or (self.most is not None and not number <= self.most):
            raise self._wrong(word, takes)
        return number

    @property
    def _range(self) -> str:
        if self.least is None or self.most is None:
            return "" if self.least is None else f", at least {self.least:g}"
        return f" from {self.least:g} to {self.most:g}"

    def _wrong(self, word: str, takes: str) -> ConfigError:
        return ConfigError(f"{self.slash} cannot be “{word[:80]}”", f"It takes {takes}; off leaves it to the endpoint.")

    def write(self, value: Any) -> str:
        """A value as it is written; empty for none."""
        match value:
            case None | "" | ():
                return ""
            case bool():
                return "yes" if value else "no"
            case tuple():
                return ",".join(each.replace("\n", "\\n") for each in value)
            case float():
                return f"{value:g}"
            case _:
                return str(value)


OPTIONS: tuple[Option, ...] = (
    Option("temperature", "temperature", "number", "how freely the next words are chosen", 0, 2),
    Option("top_p", "top-p", "number", "from the likeliest words of which share they are chosen", 0, 1),
    Option("max_tokens", "max-tokens", "whole", "the most tokens of a reply", 1),
    Option("seed", "seed", "whole", "the same seed gives the same reply, as far as the endpoint can"),
    Option("stop", "stop-at", "words", "texts at which the reply ends, with commas between; \\n for a line's end"),
    Option("service_tier", "tier", "word", "how the endpoint serves it: default, priority, flex"),
    Option("parallel_tool_calls", "parallel", "yes or no", "whether several tools may be called at once"),
    Option(
        "tool_choice", "tool-choice", "word", "what a prompt is answered with: auto, none, required, or one tool's name"
    ),
    Option("max_turns", "max-turns", "whole", "the most rounds of tools that the endpoint runs itself", 1),
    Option("previous_response_id", "previous", "word", "a response, kept at the endpoint, that this goes on from"),
    Option("budget", "budget", "number", "US dollars this conversation may cost before rillet asks", 0),
)
"""Every option, in the order in which it is shown."""

ALWAYS = frozenset({"budget"})
"""Those that are no matter of the endpoint."""
