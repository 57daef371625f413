"""What can be done on the page and in lists."""

from __future__ import annotations

from tui.ui.action.action import Action

READING: tuple[Action, ...] = (
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
)
