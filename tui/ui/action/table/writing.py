"""What can be done while one writes, and by single keys while nothing is written."""

from __future__ import annotations

from tui.ui.action.action import Action

WRITING: tuple[Action, ...] = (
    Action("composer.send", "send; while a reply streams, queue", "send", "enter,ctrl+enter", "send"),
    Action(
        "composer.steer",
        "send at once: the reply that streams is stopped and kept, and the conversation goes on from there",
        "send at once",
        "alt+s,alt+shift+s",
        "steer",
    ),
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
    Action(
        "composer.end_or_wire",
        "go to the end of the line; with nothing written, see the stream",
        "line end",
        "ctrl+e",
        "end_or_wire",
    ),
    Action(
        "composer.select_left", "select to the left", "select left", "shift+left,alt+shift+left", "cursor_left(True)"
    ),
    Action(
        "composer.select_right",
        "select to the right",
        "select right",
        "shift+right,alt+shift+right",
        "cursor_right(True)",
    ),
    Action("composer.select_up", "select upwards", "select up", "shift+up,alt+shift+up", "cursor_up(True)"),
    Action("composer.select_down", "select downwards", "select down", "shift+down,alt+shift+down", "cursor_down(True)"),
    Action(
        "composer.select_word_left",
        "select a word to the left",
        "select word left",
        "ctrl+shift+left,alt+shift+b",
        "cursor_word_left(True)",
    ),
    Action(
        "composer.select_word_right",
        "select a word to the right",
        "select word right",
        "ctrl+shift+right,alt+shift+f",
        "cursor_word_right(True)",
    ),
    Action(
        "composer.select_start",
        "select to the start of the line",
        "select to start",
        "shift+home,alt+shift+u",
        "cursor_line_start(True)",
    ),
    Action(
        "composer.select_end",
        "select to the end of the line",
        "select to end",
        "shift+end,alt+shift+k",
        "cursor_line_end(True)",
    ),
    Action("composer.delete_left", "delete to the left", "delete left", "backspace", "delete_left"),
    Action("composer.delete", "delete to the right", "delete right", "delete", "delete_right"),
    Action(
        "composer.delete_or_leave",
        "delete to the right; with nothing written, leave rillet",
        "delete or leave",
        "ctrl+d",
        "delete_or_leave",
    ),
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
    # -- offers: what a key that is no letter does while nothing is written ----------------------------------------------------
    Action("offer.send_queued", "send the first of the prompts that were kept", "send queued", "enter"),
    Action("offer.try_1", "take the first prompt to try", "try"),
    Action("offer.try_2", "take the second prompt to try", "try"),
    Action("offer.try_3", "take the third prompt to try", "try"),
    Action("offer.try_4", "take the fourth prompt to try", "try"),
)
