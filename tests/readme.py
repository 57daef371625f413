"""Writes the lists of keys into README.md from the table of actions: `python -m tests.readme`."""

from __future__ import annotations

import re
from pathlib import Path

from tui.ui.action.keymap import DEFAULT
from tui.ui.action.table import COMMANDS, SCOPES

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"(?<=<!-- keys -->\n).*?(?=<!-- /keys -->)", re.DOTALL)
SECTIONS = (
    ("While writing", ("composer", "offer")),
    ("On the page", ("page",)),
    (
        "In lists and panes",
        (
            "list",
            "pane",
            "sessions",
            "prompts",
            "compare",
            "models",
            "tools",
            "question",
            "find",
            "notices",
            "leave",
            "install",
            "stats",
            "request",
            "aside",
            "settings",
            "write",
            "endpoint",
            "key",
        ),
    ),
    ("In the inspector of tool calls", ("calls",)),
    ("In the wire", ("wire",)),
    ("In the sheet of a conversation", ("sheet",)),
    ("In a race", ("race",)),
)


def table(scopes: tuple[str, ...]) -> str:
    """The actions of these scopes that have keys, one row each."""
    rows = [
        f"| {' '.join(f'`{name}`' for name in DEFAULT.names(action.id).split())} | {action.label} | `{action.id}` |"
        for scope in scopes
        for action in SCOPES[scope]
        if DEFAULT.keys(action.id)
    ]
    return "\n".join(["| key | does | id |", "|---|---|---|", *rows])


def keys_block() -> str:
    """Everything between the two marks: what always applies first, the rest folded away."""
    assert {scope for _, scopes in SECTIONS for scope in scopes} | {"chat", "app", "waiting"} == set(SCOPES)
    folded = [f"<details><summary>{title}</summary>\n\n{table(scopes)}\n\n</details>\n" for title, scopes in SECTIONS]
    commands = ", ".join(f"`/{action.slash}{' ' + action.argument if action.argument else ''}`" for action in COMMANDS)
    return "\n".join([table(("chat", "app")), "", *folded, f"By name: {commands}.", ""])


if __name__ == "__main__":
    README.write_text(BLOCK.sub(lambda _: keys_block(), README.read_text("utf-8")), "utf-8")
