"""The table of formats: one row each. What reads it is the module of its name, imported when it is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from glob import glob
from importlib import import_module
from pathlib import Path
from types import ModuleType

from msgspec import Struct

from tui.chat.importing.source import Source


class Format(Struct, frozen=True):
    """A program whose chats can be read.

    Its module has `knows(source)`, whether a file is of it, `pieces(source, tell)`, the conversations in it, each as a
    place and a call that gives it, and it may have `find()`, files that no pattern finds.

    Attributes:
        name: Its name on the command line, and that of its module.
        title: The program's own name.
        places: Where its files usually are: `$DATA`, `$CONFIG` and `$HOME` stand for the user's folders, other
            variables for themselves.
    """

    name: str
    title: str
    places: tuple[str, ...] = ()

    @property
    def module(self) -> ModuleType:
        """What reads it."""
        return import_module(f"tui.chat.importing.{self.name}")

    def files(self) -> Iterator[Path]:
        """The files of it on this machine."""
        seen: set[Path] = set()
        find = getattr(self.module, "find", None)
        for path in (*_found(self.places), *(find() if find is not None else ())):
            resolved = path.resolve()
            if resolved not in seen and path.is_file():
                seen.add(resolved)
                yield path


FORMATS = (
    Format("rillet", "rillet"),
    Format("chatgpt", "ChatGPT", ("$HOME/Downloads/*.zip", "$HOME/Downloads/conversations*.json")),
    Format("claude", "Claude", ("$HOME/Downloads/*.zip", "$HOME/Downloads/conversations*.json")),
    Format(
        "llm",
        "llm",
        ("$LLM_USER_PATH/logs.db", "$CONFIG/io.datasette.llm/logs.db", "$SUPPORT/io.datasette.llm/logs.db"),
    ),
    Format("oterm", "oterm", ("$OTERM_DATA_DIR/store.db", "$DATA/oterm/store.db", "$SUPPORT/oterm/store.db")),
    Format("elia", "elia", ("$DATA/elia/elia.sqlite",)),
    Format("parllama", "parllama", ("$DATA/parllama/chats/*.json", "$HOME/.parllama/chats/*.json")),
    Format(
        "opencode",
        "opencode",
        (
            "$DATA/opencode/opencode*.db",
            "$DATA/opencode/storage/session/*/*.json",
            "$DATA/opencode/project/*/storage/session/info/*.json",
        ),
    ),
    Format(
        "codex",
        "Codex",
        (
            "$CODEX_HOME/sessions/**/rollout-*.jsonl*",
            "$CODEX_HOME/archived_sessions/**/rollout-*.jsonl*",
            "$HOME/.codex/sessions/**/rollout-*.jsonl*",
            "$HOME/.codex/archived_sessions/**/rollout-*.jsonl*",
        ),
    ),
    Format("gptme", "gptme", ("$DATA/gptme/logs/*/conversation.jsonl",)),
    Format(
        "aichat",
        "aichat",
        (
            "$AICHAT_CONFIG_DIR/sessions/**/*.yaml",
            "$CONFIG/aichat/sessions/**/*.yaml",
            "$SUPPORT/aichat/sessions/**/*.yaml",
        ),
    ),
    Format(
        "crush",
        "crush",
        (
            "$HOME/.crush/crush.db",
            "$HOME/*/.crush/crush.db",
            "$HOME/*/*/.crush/crush.db",
            "$HOME/*/*/*/.crush/crush.db",
            "$DATA/crush/crush.db",
        ),
    ),
    Format(
        "open_webui",
        "Open WebUI",
        (
            "$DATA_DIR/webui.db",
            "$DATA/open-webui/webui.db",
            "$HOME/.open-webui/webui.db",
            "$HOME/open-webui/backend/data/webui.db",
            "$HOME/Downloads/*chat-export*.json",
        ),
    ),
    Format(
        "lm_studio",
        "LM Studio",
        (
            "$HOME/.lmstudio/conversations/**/*.conversation.json",
            "$HOME/.cache/lm-studio/conversations/**/*.conversation.json",
        ),
    ),
)
"""Every program whose chats can be read, in the order in which a file is tried on them."""

BY_NAME = {each.name.replace("_", ""): each for each in FORMATS}


def format_of(source: Source) -> Format | None:
    """The program that a file is of; `None` for one that is of none.

    Raises:
        NotReadError: If it cannot be read.
    """
    return next((each for each in FORMATS if each.module.knows(source)), None)


def format_named(word: str) -> Format | None:
    """The program that a person means: `lm-studio`, `LM Studio`."""
    return BY_NAME.get("".join(char for char in word.lower() if char.isalnum()))


def user_folders() -> dict[str, str]:
    """The folders that the patterns of the table name."""
    home = os.path.expanduser("~")  # noqa: PTH111  # Path.expanduser raises without a home
    return {
        "HOME": home,
        "DATA": os.environ.get("XDG_DATA_HOME") or f"{home}/.local/share",
        "CONFIG": os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config",
        "SUPPORT": f"{home}/Library/Application Support",
    }


def _found(patterns: tuple[str, ...]) -> Iterator[Path]:
    folders = user_folders()
    for pattern in patterns:
        variable, _, rest = pattern.removeprefix("$").partition("/")
        base = folders.get(variable) or os.environ.get(variable, "")
        if base:
            for name in sorted(glob(rest, root_dir=base, recursive=True, include_hidden=True)):  # noqa: PTH207  # of hidden folders too
                yield Path(base) / name
