"""What can be done wherever one is on the screen."""

from __future__ import annotations

from tui.domain.option import OPTIONS, Option
from tui.ui.action.action import Action, Need

_IDLE, _RUNNING, _TURN = (Need.IDLE,), (Need.RUNNING,), (Need.TURN,)


def option_action(row: Option) -> str:
    """The id of the action that sets an option."""
    return f"chat.{row.slash.replace('-', '_')}"


CHAT: tuple[Action, ...] = (
    Action("chat.help", "see what can be done here, and its keys", "help", "f1,alt+question_mark", slash="help"),
    # Those with priority open a list: what is typed right behind them is written into it, and not into the draft.
    Action("chat.commands", "choose from all commands", "commands", "ctrl+p", is_priority=True),
    Action(
        "chat.models",
        "choose the model that answers",
        "model",
        "ctrl+o",
        slash="model",
        argument="[ID]",
        is_priority=True,
    ),
    Action(
        "chat.sessions",
        "open, rename or delete a saved conversation",
        "sessions",
        "ctrl+r",
        slash="sessions",
        is_priority=True,
    ),
    Action("chat.new", "begin a new conversation", "new", "ctrl+n", slash="new", needs=_IDLE),
    Action(
        "chat.prompts",
        "find an earlier prompt of any conversation, and write it again",
        "prompts",
        "alt+h,f3",
        slash="prompts",
        is_priority=True,
    ),
    Action("chat.calls", "inspect tool calls", "calls", "ctrl+g", slash="calls"),
    Action(
        "chat.decide",
        "go where a call waits for a decision, else to the next part of the screen",
        "decide",
        "tab",
    ),
    Action("chat.answer", "answer what a server asks", "answer", "alt+a,alt+shift+a"),
    Action("chat.wire", "see the stream, frame by frame", "wire", "ctrl+e,alt+g", slash="wire"),
    Action("chat.waterfall", "see all turns of this conversation with their times", "turns", slash="turns"),
    Action("chat.retry", "ask the last prompt again", "retry", "alt+r", slash="retry", needs=_TURN),
    Action(
        "chat.continue",
        "ask for the rest of a reply that was cut",
        "continue",
        "alt+c",
        slash="continue",
        needs=(Need.IDLE, Need.TURN),
    ),
    Action(
        "chat.edit",
        "edit the last prompt and send it in its place",
        "edit",
        "alt+e,alt+shift+e",
        slash="edit",
        needs=(Need.IDLE, Need.PROMPT),
    ),
    Action(
        "chat.next_branch",
        "switch to the next answer to the same prompt",
        "next branch",
        "alt+down",
        slash="branch",
        needs=(Need.IDLE, Need.BRANCHES),
    ),
    Action(
        "chat.branch_before",
        "switch to the answer before it",
        "branch before",
        "alt+up",
        needs=(Need.IDLE, Need.BRANCHES),
    ),
    Action("chat.tree", "see all branches, and go to one", "branches", "alt+t,alt+shift+t", slash="tree"),
    Action(
        "chat.compare",
        "see two answers to the same prompt side by side",
        "compare",
        "alt+v,alt+shift+v",
        slash="compare",
    ),
    Action(
        "chat.fork", "make what is shown a conversation of its own", "fork", slash="fork", needs=(Need.IDLE, Need.TURN)
    ),
    Action("chat.stop", "stop the reply that is streaming", "stop", slash="stop", needs=_RUNNING),
    Action(
        "chat.attach",
        "send images along: files or web addresses",
        "attach",
        slash="attach",
        argument="FILE",
    ),
    Action("chat.paste_image", "send the image in the clipboard along", "paste image", "ctrl+v", slash="paste"),
    Action("chat.copy_reply", "copy the last reply", "copy reply", slash="copy", needs=(Need.REPLY,)),
    Action(
        "chat.find",
        "find words in this conversation",
        "find",
        "ctrl+f",
        slash="find",
        argument="[TEXT]",
        is_priority=True,
    ),
    Action("chat.title", "rename this conversation", "title", slash="title", argument="TEXT"),
    Action(
        "chat.system",
        "see the system prompt of this conversation and change it; off for none",
        "system prompt",
        slash="system",
        argument="[TEXT]",
        takes_lines=True,
    ),
    Action(
        "chat.effort",
        "say how hard the model thinks in this conversation; off leaves it to the endpoint",
        "effort",
        slash="effort",
        argument="[LEVEL]",
    ),
    *(
        Action(option_action(row), f"set {row.about}; off leaves it", row.slash, slash=row.slash, argument="[VALUE]")
        for row in OPTIONS
    ),
    Action(
        "chat.sheet",
        "see and change all that this conversation asks of its model",
        "sheet",
        "f2",
        slash="sheet",
    ),
    Action(
        "chat.preset",
        "begin from a preset of the settings; save NAME keeps this sheet as one",
        "preset",
        slash="preset",
        argument="[NAME]",
    ),
    Action(
        "chat.schema",
        "make the next reply follow a schema: “name, age int”, a name, a file; always, off",
        "schema",
        slash="schema",
        argument="SCHEMA",
    ),
    Action(
        "chat.race",
        "ask the last prompt of models side by side: MODEL, MODEL@ENDPOINT, MODEL@ENDPOINT:DIALECT",
        "race",
        slash="race",
        argument="[MODELS]",
        needs=(Need.IDLE, Need.PROMPT),
    ),
    Action(
        "chat.request",
        "see what the next request will be, and take turns out of it",
        "request",
        "alt+n",
        slash="request",
    ),
    Action(
        "chat.compact",
        "have the earlier turns summarised into one: how many stay, what matters; undo, redo, edit",
        "compact",
        slash="compact",
        argument="[KEEP]",
        needs=(Need.IDLE, Need.TURN),
    ),
    Action(
        "chat.aside",
        "ask beside the conversation, which does not change by it",
        "side question",
        slash="btw",
        argument="QUESTION",
    ),
    Action("chat.stats", "see where the time and the money went", "stats", slash="stats"),
    Action("chat.notices", "read what must be read", "notices", slash="notices"),
    Action("chat.tools", "choose the tools the model may call", "tools", slash="tools"),
    Action("chat.export", "write this conversation to a file", "export", slash="export", argument="FILE"),
    Action("chat.imports", "take over the chats of other programs", "import", slash="import", argument="[FILE]"),
    Action("chat.install", "install the built-in model", "install", slash="local"),
    Action("chat.themes", "use other colours", "themes", "ctrl+t", slash="theme", argument="[NAME]"),
    Action("chat.editor", "write the prompt in $EDITOR", "editor", "f4", slash="editor"),
    Action(
        "chat.back",
        "go one layer back: a pane, an edit, then stop the reply; it never leaves the program",
        "back",
        "escape",
    ),
    Action(
        "chat.interrupt",
        "copy the selection, else stop, else clear the draft into the history, else, pressed twice, quit",
        "copy or stop",
        "ctrl+c,super+c",
        is_priority=True,
    ),
    Action("chat.write", "go to the composer", "write", "i"),
    Action("chat.read", "go to the conversation", "read"),
    Action("chat.wait", "wait on for a reply that is late", "wait", "alt+w", needs=_RUNNING),
    Action("chat.keep", "stop waiting, and keep what came", "keep", "alt+k", needs=_RUNNING),
    Action("chat.wider", "make the panes wider", "wider", "alt+left"),
    Action("chat.narrower", "make the panes narrower", "narrower", "alt+right"),
    Action("chat.page_up", "go a page back in the conversation", "page up", "pageup"),
    Action("chat.page_down", "go a page on in the conversation", "page down", "pagedown"),
    Action("chat.home", "go to the beginning of the conversation", "beginning", "ctrl+home,alt+less_than_sign"),
    Action("chat.end", "go to the end, and follow it", "end", "ctrl+end,alt+greater_than_sign"),
    Action(
        "app.suspend",
        "leave rillet waiting in the shell; fg comes back",
        "suspend",
        "ctrl+z",
        "suspend_process",
        is_priority=True,
    ),
    Action("app.redraw", "paint the screen anew", "redraw", "ctrl+l", "redraw", is_priority=True),
    Action("app.quit", "quit", "quit", "ctrl+q", "quit", slash="quit", is_priority=True),
)
