"""The table of actions: everything a person can do, one row each. Keys, hints, help, commands and README are views of it."""

from __future__ import annotations

from tui.domain.option import OPTIONS, Option
from tui.ui.action.action import Action, Need


def option_action(row: Option) -> str:
    """The id of the action that sets an option."""
    return f"chat.{row.slash.replace('-', '_')}"


_IDLE, _RUNNING, _TURN = (Need.IDLE,), (Need.RUNNING,), (Need.TURN,)

ACTIONS: tuple[Action, ...] = (
    # -- everywhere -----------------------------------------------------------------------------------------
    Action("chat.help", "see what can be done here, and its keys", "help", "f1", slash="help"),
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
    Action("chat.calls", "inspect tool calls", "calls", "ctrl+g", slash="calls"),
    Action(
        "chat.decide",
        "go where a call waits for a decision, else to the next part of the screen",
        "decide",
        "tab",
    ),
    Action("chat.answer", "answer what a server asks", "answer", "alt+a"),
    Action("chat.wire", "see the stream, frame by frame", "wire", "ctrl+e", slash="wire"),
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
        "alt+e",
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
    Action("chat.tree", "see all branches, and go to one", "branches", "alt+t", slash="tree"),
    Action("chat.compare", "see two answers to the same prompt side by side", "compare", "alt+v", slash="compare"),
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
    Action("chat.title", "give this conversation a title", "title", slash="title", argument="TEXT"),
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
    Action("chat.stats", "see where the time and the money went", "stats", slash="stats"),
    Action("chat.notices", "read what must be read", "notices", slash="notices"),
    Action("chat.tools", "choose the tools the model may call", "tools", slash="tools"),
    Action("chat.export", "write this conversation to a file", "export", slash="export", argument="FILE"),
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
    Action("chat.home", "go to the beginning of the conversation", "beginning", "ctrl+home"),
    Action("chat.end", "go to the end, and follow it", "end", "ctrl+end"),
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
    # -- writing --------------------------------------------------------------------------------------------
    Action("composer.send", "send; while a reply streams, queue", "send", "enter,ctrl+enter", "send"),
    Action(
        "composer.new_line",
        "begin a new line; a trailing \\ and Enter do too",
        "new line",
        "ctrl+j,shift+enter,alt+enter",
        "new_line",
    ),
    Action(
        "composer.cut",
        "cut the selection; with nothing written, drop the last queued prompt",
        "cut",
        "ctrl+x",
        "cut_or_drop",
    ),
    Action("composer.unfold", "unfold a pasted text", "unfold", "alt+p", "open_chip"),
    Action("composer.undo", "undo", "undo", "ctrl+underscore,ctrl+slash,alt+z", "undo"),
    Action("composer.redo", "redo", "redo", "ctrl+y", "redo"),
    Action(
        "composer.up", "go up; at the top, to earlier prompts, or take a queued prompt back", "up", "up", "cursor_up"
    ),
    Action("composer.down", "go down; at the bottom, to later prompts", "down", "down", "cursor_down"),
    Action("composer.left", "go left", "left", "left", "cursor_left"),
    Action("composer.right", "go right", "right", "right", "cursor_right"),
    Action("composer.word_left", "go a word left", "word left", "ctrl+left,alt+b", "cursor_word_left"),
    Action("composer.word_right", "go a word right", "word right", "ctrl+right,alt+f", "cursor_word_right"),
    Action("composer.line_start", "go to the start of the line", "line start", "home,ctrl+a", "cursor_line_start"),
    Action("composer.line_end", "go to the end of the line", "line end", "end", "cursor_line_end"),
    Action("composer.select_left", "select to the left", "select left", "shift+left", "cursor_left(True)"),
    Action("composer.select_right", "select to the right", "select right", "shift+right", "cursor_right(True)"),
    Action("composer.select_up", "select upwards", "select up", "shift+up", "cursor_up(True)"),
    Action("composer.select_down", "select downwards", "select down", "shift+down", "cursor_down(True)"),
    Action(
        "composer.select_word_left",
        "select a word to the left",
        "select word left",
        "ctrl+shift+left",
        "cursor_word_left(True)",
    ),
    Action(
        "composer.select_word_right",
        "select a word to the right",
        "select word right",
        "ctrl+shift+right",
        "cursor_word_right(True)",
    ),
    Action(
        "composer.select_start",
        "select to the start of the line",
        "select to start",
        "shift+home",
        "cursor_line_start(True)",
    ),
    Action(
        "composer.select_end", "select to the end of the line", "select to end", "shift+end", "cursor_line_end(True)"
    ),
    Action("composer.delete_left", "delete to the left", "delete left", "backspace", "delete_left"),
    Action("composer.delete", "delete to the right", "delete right", "delete,ctrl+d", "delete_right"),
    Action(
        "composer.delete_word",
        "delete the word before",
        "delete word",
        "ctrl+w,alt+backspace,ctrl+backspace",
        "delete_word_left",
    ),
    Action(
        "composer.delete_next_word",
        "delete the word behind",
        "delete next word",
        "alt+d,alt+delete",
        "delete_word_right",
    ),
    Action(
        "composer.delete_to_start",
        "delete to the start of the line",
        "delete to start",
        "ctrl+u",
        "delete_to_start_of_line",
    ),
    Action(
        "composer.delete_to_end", "delete to the end of the line", "delete to end", "ctrl+k", "delete_to_end_of_line"
    ),
    # -- offers: what single keys do while nothing is written ----------------------------------------------------
    Action("offer.wait", "wait on for a reply that is late", "wait", "w", needs=_RUNNING),
    Action("offer.retry", "ask again instead of waiting", "retry", "r", needs=_TURN),
    Action("offer.keep", "stop waiting, and keep what came", "keep", "k", needs=_RUNNING),
    Action("offer.send_queued", "send the first of the prompts that were kept", "send queued", "enter"),
    Action("offer.try_1", "take the first prompt to try", "try"),
    Action("offer.try_2", "take the second prompt to try", "try"),
    Action("offer.try_3", "take the third prompt to try", "try"),
    Action("offer.try_4", "take the fourth prompt to try", "try"),
    # -- reading --------------------------------------------------------------------------------------------
    Action("page.next_block", "go to the next block", "next block", "j", "cursor_block(1)"),
    Action("page.block_before", "go to the block before", "block before", "k", "cursor_block(-1)"),
    Action("page.next_message", "go to the next message", "next message", "ctrl+down,J", "scroll_message(1)"),
    Action("page.message_before", "go to the message before", "message before", "ctrl+up,K", "scroll_message(-1)"),
    Action("page.beginning", "go to the beginning", "beginning", "home,g", "scroll_home"),
    Action("page.end", "go to the end, and follow it", "follow", "end,G", "jump_end"),
    Action(
        "page.open", "open the fold or the call under the cursor, else the menu", "menu", "enter", "on_block('open')"
    ),
    Action("page.menu", "see what can be done with the block", "menu", "full_stop", "on_block('menu')"),
    Action("page.fold", "open or close the reasoning", "fold", "space", "on_block('toggle_fold')"),
    Action("page.copy_block", "copy the selection, or the block", "copy", "c,y", "on_block('copy')"),
    Action("page.copy_markdown", "copy the message as Markdown", "copy Markdown", "m", "on_block('copy_markdown')"),
    Action("page.copy_plain", "copy the message as plain text", "copy text", "p", "on_block('copy_plain')"),
    Action("page.save", "save the block to a file", "save", "s", "on_block('save')"),
    Action("page.save_table", "save a structured table as CSV", "save table", "S", "on_block('save_table')"),
    Action("page.view", "open the block in $PAGER", "pager", "v", "on_block('view')"),
    Action("page.edit", "open the block in $EDITOR", "editor", "e", "on_block('edit')"),
    Action("page.wire", "see the frame that brought the block", "its frame", "w", "on_block('show_origin')"),
    Action("page.open_link", "open the first link of the block", "open link", "o", "on_block('open_link')"),
    Action("page.text", "see a structured reply as its text, and back", "text", "t", "on_block('toggle_text')"),
    Action("page.right", "scroll a wide table sideways", "table right", "right,l", "scroll_table(1)"),
    Action("page.left", "scroll it back, at last to rows that fit", "table left", "left,h", "scroll_table(-1)"),
    Action("page.rewrite", "edit the prompt here, as another branch", "edit prompt", "E", "on_block('rewrite')"),
    Action("page.ask_again", "ask again here, the model chosen now", "ask again", "R", "on_block('ask_again')"),
    Action("page.go_on", "ask for the rest of the reply here", "continue", "C", "on_block('go_on')"),
    Action("page.fork", "begin a conversation of its own from here", "fork", "F", "on_block('fork')"),
    Action(
        "page.branch_before",
        "switch to the branch before here",
        "branch before",
        "left_square_bracket",
        "on_block('branch_before')",
    ),
    Action(
        "page.next_branch",
        "switch to the next branch here",
        "next branch",
        "right_square_bracket",
        "on_block('next_branch')",
    ),
    # On the page only: a letter that a list or the help does not know must send nothing.
    Action("page.retry", "ask the last prompt again", "retry", "r", "retry"),
    Action("page.find", "find words in the conversation", "find", "slash", "ask_find"),
    Action("page.find_next", "go to the next match", "next match", "n", "find_next(1)"),
    Action("page.find_before", "go to the match before", "match before", "N", "find_next(-1)"),
    Action("page.leave", "leave the selection, the matches, the cursor, then the page", "leave", "escape", "leave"),
    # -- lists ----------------------------------------------------------------------------------------------
    Action("list.up", "go up", "up", "up,k", "move(-1)"),
    Action("list.down", "go down", "down", "down,j", "move(1)"),
    Action("list.page_up", "go a page up", "page up", "pageup", "page(-1)"),
    Action("list.page_down", "go a page down", "page down", "pagedown", "page(1)"),
    Action("list.first", "go to the first row", "first", "home,g", "edge(0)"),
    Action("list.last", "go to the last row", "last", "end,G", "edge(-1)"),
    Action("list.choose", "choose the row", "choose", "enter", "choose"),
    Action("pane.close", "close the pane, or leave it", "close", "escape", "close"),
    # -- panes ----------------------------------------------------------------------------------------------
    Action("sessions.rename", "rename the conversation", "rename", "f2", "rename"),
    # The filter would delete a letter with it: in a list of sessions it is about a session, wherever the cursor is.
    Action("sessions.delete", "delete the conversation", "delete", "delete", "delete", is_priority=True),
    Action(
        "sessions.undo",
        "restore the conversation deleted last",
        "undo",
        "alt+z,ctrl+underscore,ctrl+slash",
        "restore_last",
    ),
    Action(
        "sessions.deleted",
        "see the deleted conversations, or the saved ones again",
        "deleted ones",
        "f3",
        "switch_list",
    ),
    Action("sessions.pin", "keep the conversation at the top, or no longer", "pin", "f6", "pin"),
    Action("sessions.tag", "write the tags of the conversation", "tags", "f7", "tag"),
    Action("sessions.archive", "put the conversation out of the way, or back", "archive", "f8", "archive"),
    Action(
        "sessions.archived",
        "see the archived conversations, or the others again",
        "archived ones",
        "f9",
        "switch_archived",
    ),
    Action("compare.next", "see the next one at the right", "next", "right", "step(1)"),
    Action("compare.before", "see the one before it", "before", "left", "step(-1)"),
    # Those with priority mean something else in the filter.
    Action(
        "models.default",
        "use the model, now and from now on",
        "default",
        "ctrl+d,alt+d",
        "make_default",
        is_priority=True,
    ),
    Action(
        "models.favourite",
        "mark the model as a favourite, or take the mark away",
        "favourite",
        "ctrl+s,alt+f",
        "favour",
    ),
    Action("models.inspect", "see everything known about the model", "inspect", "f3,alt+i", "inspect"),
    Action("models.examine", "ask the endpoint a few questions, and see how it streams", "doctor", "f4", "examine"),
    Action("models.refresh", "fetch the lists again", "refresh", "f5,alt+r", "refresh_list"),
    Action(
        "models.dialect",
        "speak the next dialect to this endpoint",
        "dialect",
        "ctrl+x,alt+x",
        "switch_dialect",
        is_priority=True,
    ),
    Action(
        "models.tools", "switch all of the endpoint's own tools on or off", "server tools", "f9,alt+s", "switch_tools"
    ),
    Action("models.tool_1", "switch the first of them", "1", "f6", "switch_tool(0)"),
    Action("models.tool_2", "switch the second of them", "2", "f7", "switch_tool(1)"),
    Action("models.tool_3", "switch the third of them", "3", "f8", "switch_tool(2)"),
    Action("calls.flip", "see the request, or the result", "result", "tab", "flip"),
    Action("calls.view", "see the fragments as they came, or the tree", "raw", "v", "view"),
    Action("calls.copy", "copy the arguments, or the result", "copy", "y", "copy"),
    Action("calls.approve", "run this call once", "run", "a", "approve"),
    Action(
        "calls.approve_tool",
        "allow the tool for this session, and run this call",
        "allow for this session",
        "t",
        "approve(True)",
    ),
    Action("calls.deny", "deny the call, with a reason", "deny", "d", "deny"),
    Action("calls.edit", "edit the arguments", "edit", "e", "edit"),
    Action("calls.again", "run the call again", "run again", "r", "run_again"),
    Action("calls.go_on", "let many rounds of calls go on", "go on", "g", "go_on"),
    # With priority: the list of calls, which has the focus, would take them for itself.
    Action("calls.up", "scroll the call up", "up", "pageup", "scroll_detail(-1)", is_priority=True),
    Action("calls.down", "scroll the call down", "down", "pagedown", "scroll_detail(1)", is_priority=True),
    Action("wire.copy", "copy the frame", "copy", "y", "copy"),
    Action("wire.filter", "show only frames with these words", "filter", "slash", "filter"),
    Action("wire.earlier", "go back along the line of time", "earlier", "left", "instant(-1)"),
    Action("wire.later", "go on along the line of time", "later", "right", "instant(1)"),
    Action("wire.before", "see the turn before", "turn before", "left_square_bracket", "turn(-1)"),
    Action("wire.next", "see the next turn", "next turn", "right_square_bracket", "turn(1)"),
    Action("tools.switch", "switch the tool or the server on or off, or sign in there", "on or off", "f2", "switch"),
    Action("tools.restart", "start the server anew", "restart", "f5", "restart"),
    Action("tools.log", "see what the server complains about", "its log", "f3", "log"),
    Action("sheet.clear", "leave this to the endpoint again", "clear", "f8", "clear"),
    Action("question.send", "send the answers to the server", "send", "f2", "send"),
    Action("question.decline", "refuse to answer the server", "decline", "f8", "decline"),
    Action("find.go", "go to the matches on the page", "matches", "enter", "go"),
    Action("stats.by", "a row for each model and day, each model, or each day", "rows", "f3", "by"),
    Action("request.out", "take the turn out of the request, or put it back", "take out", "space,delete", "out"),
    Action("race.before", "choose the answer to the left", "left", "left,h", "step(-1)"),
    Action("race.next", "choose the answer to the right", "right", "right,l", "step(1)"),
    Action("race.keep", "go on with this answer; the others stay as branches", "keep", "enter", "keep"),
    Action("race.up", "scroll the chosen answer up", "up", "up,k", "scroll(-3)"),
    Action("race.down", "scroll the chosen answer down", "down", "down,j", "scroll(3)"),
    Action("notices.confirm", "say that you have read it", "I have read it", "enter", "confirm"),
    Action("leave.write", "write what is not saved to a file", "write a file", "s", "write_file"),
    Action("leave.leave", "quit all the same", "quit all the same", "q", "leave"),
    Action("waiting.again", "read the settings again", "again", "enter,f5", "answer('again')"),
    Action("waiting.forget", "forget the choice that cannot be used", "forget", "f8", "answer('forget')"),
    Action("waiting.quit", "quit", "quit", "ctrl+q,ctrl+c,escape", "answer('quit')", is_priority=True),
    Action("install.begin", "install the built-in model", "install", "enter", "install"),
)

BY_ID = {action.id: action for action in ACTIONS}
"""The rows by their ids."""

SCOPES: dict[str, tuple[Action, ...]] = {
    scope: tuple(action for action in ACTIONS if action.scope == scope)
    for scope in dict.fromkeys(action.scope for action in ACTIONS)
}
"""The rows by where they apply."""

FILTERED = frozenset({"sessions", "models", "tools", "question", "sheet"})
"""The scopes in which every letter is typed into a filter, and can be no key."""

COMMANDS = tuple(action for action in ACTIONS if action.slash)
"""The rows that are slash commands."""
