"""Commands: everything that can be done by name, for the slash, the palette and the help alike."""

from __future__ import annotations

import re

from msgspec import Struct


class Command(Struct, frozen=True):
    """One thing to do: its name after the slash, what it does, the screen's action, its key.

    `takes` names what may stand behind it; the action then gets that text, of several lines where `takes_lines`.
    """

    name: str
    words: str
    action: str
    key: str = ""
    takes: str = ""
    takes_lines: bool = False


COMMANDS = (
    Command("help", "what can be done here, and its keys", "show_help", "F1"),
    Command("model", "choose the model that answers", "show_models", "Ctrl+O", "[ID]"),
    Command("sessions", "open, rename or delete a saved conversation", "show_sessions", "Ctrl+R"),
    Command("new", "begin a new conversation", "new_session", "Ctrl+N"),
    Command("calls", "inspect tool calls", "toggle_calls", "Ctrl+G"),
    Command("wire", "see what the wire says, frame by frame", "toggle_wire", "Ctrl+E"),
    Command("retry", "ask the last prompt again", "try_again", "Alt+R"),
    Command("continue", "ask for the rest of a reply that was cut", "go_on", "Alt+C"),
    Command("edit", "edit the last prompt and send it in its place", "edit_last", "Alt+E"),
    Command("branch", "see what came of the same prompt another time", "other_branch(1)", "Alt+Down"),
    Command("stop", "stop the reply that is coming", "stop", "Esc"),
    Command("attach", "send images along: files or web addresses", "attach", "", "FILE"),
    Command("copy", "copy the last reply", "copy_reply"),
    Command("find", "find words in this conversation", "find", "Ctrl+F", "TEXT"),
    Command("title", "give this conversation a title", "retitle", "", "TEXT"),
    Command(
        "system",
        "see the system prompt of this conversation and change it; off for none",
        "set_system",
        "",
        "[TEXT]",
        takes_lines=True,
    ),
    Command(
        "schema",
        "have the next reply follow a schema: “name, age int”, a name, a file; always, off",
        "set_schema",
        "",
        "SCHEMA",
    ),
    Command("tools", "choose the tools the model may call", "show_tools"),
    Command("export", "write this conversation to a file", "export", "", "FILE"),
    Command("local", "install the model in the box", "show_install"),
    Command("theme", "use other colours", "show_themes", "Ctrl+T", "[NAME]"),
    Command("editor", "write the prompt in $EDITOR", "edit_outside", "F4"),
    Command("notices", "read what must be read", "show_notices"),
    Command("quit", "leave", "quit", "Ctrl+Q"),
)


def split_command(text: str) -> tuple[str, str] | None:
    """The name and the rest of a command; `None` where a text is none: it begins otherwise, or goes on over lines."""
    match = re.fullmatch(r"/(?!/)(\S*)(.*)", text, re.DOTALL)
    if match is None:
        return None
    name, rest = match[1], match[2].strip()
    is_long = "\n" in text.rstrip()
    if is_long and not any(command.takes_lines and command.name == name for command in COMMANDS):
        return None
    return name, rest
