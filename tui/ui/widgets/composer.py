"""The composer: where prompts are written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets.text_area import Selection, TextAreaTheme

from tui.domain.message import ImagePart
from tui.domain.turn import Prompt
from tui.ui.action.binding import bindings
from tui.ui.action.hint import keymap_of
from tui.ui.action.slash import split_command
from tui.ui.action.table import BY_ID
from tui.ui.widgets.chip import Chips
from tui.ui.widgets.history import History
from tui.ui.widgets.offered import take_key
from tui.ui.widgets.steady_text_area import SteadyTextArea
from tui.ui.widgets.token import Token, token_at
from tui.ui.wish import (
    AttachDropped,
    DropQueued,
    KeepDraft,
    OpenCurl,
    RecallQueued,
    RunCommand,
    SayNotice,
    SendPrompt,
    SteerQueued,
    TakeOffer,
)
from tui.wire.printable import count_hidden

if TYPE_CHECKING:
    from tui.ui.widgets.completion import Completion

DRAFT_DELAY = 0.4
"""Seconds without a change after which the draft is written down."""

HELD_DOWN = 1.0
"""Seconds within which a key that deleted something does not mean to leave."""

_PLAIN = Style.null()
_LOOK = TextAreaTheme(
    "rillet",
    gutter_style=_PLAIN,
    cursor_line_style=_PLAIN,
    cursor_line_gutter_style=_PLAIN,
    bracket_matching_style=_PLAIN,
)
"""Only the cursor and the selection take their colours from style rules: nothing else of these is ever shown."""


class Composer(SteadyTextArea, inherit_bindings=False, inherit_css=False):
    """A few lines of text that Enter sends.

    Attributes:
        offers: The ids of actions whose keys do something else while nothing is written, posted as `TakeOffer`.
        earlier: The prompts sent before, for Up and Down.
        has_queue: Whether prompts are queued: then Up takes the last one back.
        completion: The list of commands that stands above while one is being named.
    """

    # Whole by itself: the rules of TextArea, most of them for what is never shown here, would be felt at the start.
    DEFAULT_CSS = """
    Composer {
        height: auto; min-height: 1; max-height: 33vh; width: 1fr;
        color: $foreground; background: $background;
        overflow-x: hidden; overflow-y: auto; scrollbar-size: 1 1;
        scrollbar-color: $scrollbar; scrollbar-color-hover: $scrollbar-hover; scrollbar-color-active: $scrollbar-active;
        scrollbar-background: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background; scrollbar-corner-color: $background;
    }
    Composer .text-area--cursor { color: $input-cursor-foreground; background: $input-cursor-background; }
    Composer .text-area--selection {
        color: $input-selection-foreground; background: $input-selection-background;
    }
    Composer .text-area--placeholder { color: $muted; }
    Composer:ansi .text-area--cursor { text-style: reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text-area--cursor",
        "text-area--selection",
        "text-area--placeholder",
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings("composer")

    def __init__(self) -> None:
        super().__init__(
            id="composer",
            soft_wrap=True,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder=Content("Ask anything"),
        )
        self.register_theme(_LOOK)
        self.theme = _LOOK.name
        self.cursor_blink = False  # a blinking cursor repaints a screen that nothing happens on
        self.match_cursor_bracket = False
        self.offers: frozenset[str] = frozenset()
        self.earlier = History()
        self.has_queue = False
        self.completion: Completion | None = None
        self._chips = Chips()
        self._shelved = ""
        self._timer: Timer | None = None
        self._deleted_at = 0.0

    def invite(self, words: str) -> None:
        """Say in the empty field what can be written there."""
        if str(self.placeholder) != words:
            self.placeholder = Content(words)

    # -- what is written ------------------------------------------------------------------------------

    @property
    def prompt(self) -> Prompt:
        """What is written, with its pastes unfolded, and its images."""
        return self._chips.prompt(self.text)

    @property
    def images(self) -> Sequence[ImagePart]:
        """The images that go with what is written."""
        return self._chips.named(self.text)

    @property
    def draft(self) -> Prompt:
        """What is being written, also while it is set aside for a command."""
        return self._chips.prompt(self._shelved or self.text)

    def write(self, text: str, images: Sequence[ImagePart] = ()) -> None:
        """Put other text in, the cursor at its end; images that have no chip in it stand behind it."""
        text = self._chips.show(text)
        for image in images:
            if (chip := self._chips.frame(image)) not in text:
                text = f"{text} {chip}".lstrip()
        self.text = text
        self.move_cursor(self.document.end)

    def take(self) -> Prompt:
        """What is written; the composer is empty afterwards."""
        prompt = self.prompt
        self.text = ""
        self._chips.settle(prompt)
        self.earlier.leave()
        return prompt

    def reset(self) -> None:
        """Forget all that is written and set aside, and what its chips stand for: another conversation begins here."""
        self._chips, self._shelved = Chips(), ""
        self.write("")
        self.earlier.leave()

    def write_command(self, text: str) -> None:
        """Have a command finished by hand; what was being written is set aside, and comes back after it."""
        if not self.text.startswith("/"):
            self._shelved = self.text
        self.write(text)

    def _unshelve(self) -> None:
        text, self._shelved = self._shelved, ""
        self.write(text)

    def attach(self, image: ImagePart) -> None:
        """Put an image in at the cursor, as a chip."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        self.insert(f"{'' if before[-1:] in {'', ' '} else ' '}{self._chips.frame(image)} ")

    def attach_text(self, label: str, text: str) -> None:
        """Put a text in at the cursor, as a chip that says what it is."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        self.insert(f"{'' if before[-1:] in {'', ' '} else ' '}{self._chips.name(label, text)} ")

    def select(self, start: int, end: int) -> None:
        """Select from one place of the text to another, counted in characters."""

        def place(at: int) -> tuple[int, int]:
            before = self.text[:at]
            return before.count("\n"), at - (before.rfind("\n") + 1)

        self.selection = Selection(place(start), place(end))

    # -- keys -----------------------------------------------------------------------------------------

    async def _on_key(self, event: events.Key) -> None:
        if take_key(self, event.key) or await self._type(event.key):
            event.stop()
            event.prevent_default()  # else the handler of the base class is called too

    async def _type(self, key: str) -> bool:
        """Run what a key runs here, now: by Textual's way it would come after the letters that follow it."""
        keys = keymap_of(self)
        if not self.text and (offer := keys.at("offer", key)) in self.offers:
            self.post_message(TakeOffer(offer))
            return True
        match keys.at("composer", key):
            case "composer.new_line":
                self.action_new_line()
            case "composer.send":
                self.send()
            case "":
                return False
            case action_id:
                await self.app.run_action(BY_ID[action_id].run, self)
        return True

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.insert("\n")
        self.call_after_refresh(self.scroll_cursor_visible)  # it has no room before the next layout

    def action_send(self) -> None:
        """Send what is written."""
        self.send()

    def action_steer(self) -> None:
        """Send what is written without waiting for the reply that streams; with nothing written, a queued prompt."""
        if split_command(self.text) is not None:
            self.send()
        elif self.text.strip():
            prompt = self.take()
            self.earlier.add(prompt.text)
            self.post_message(SendPrompt(prompt, at_once=True))
        elif self.has_queue:
            self.post_message(SteerQueued())

    def action_end_or_wire(self) -> None:
        """Go to the end of the line, as in every line editor; with nothing written there is none."""
        if self.text:
            self.action_cursor_line_end()
        else:
            self.post_message(TakeOffer("chat.wire"))

    def send(self) -> None:
        """Send what is written; a command runs, a trailing backslash becomes a new line."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if self.selection.is_empty and column == len(line) and line.endswith("\\"):
            self.replace("\n", (row, column - 1), (row, column))
            return
        if (command := split_command(self.text)) is not None:
            name, rest = command
            rest = self._chips.meant(rest)
            self._unshelve()
            self.earlier.leave()
            self.post_message(RunCommand(name, rest.strip()))
        elif self.text.strip():
            prompt = self.take()
            self.earlier.add(prompt.text)
            self.post_message(SendPrompt(prompt))

    @property
    def token(self) -> Token | None:
        """The word at the cursor, where it is one that can be completed."""
        row, column = self.cursor_location
        return token_at(self.document.get_line(row), column, is_only_line=self.document.line_count == 1)

    @property
    def is_offered_something(self) -> bool:
        """Whether there is something to choose for the word at the cursor, or may be as soon as it is known."""
        return self.token is not None or (self.completion is not None and self.completion.display)

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up; at the top, go back through the history."""
        if select or not self.cursor_at_first_line or not self._is_on_top():
            super().action_cursor_up(select)
        elif self.has_queue and not self.text:
            self.post_message(RecallQueued())
        else:
            self._go_back(1)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down; at the bottom, come forward through the history."""
        if select or self.earlier.is_left or not self.cursor_at_last_line:
            super().action_cursor_down(select)
        else:
            self._go_back(-1)

    def _is_on_top(self) -> bool:
        return self.wrapped_document.location_to_offset(self.cursor_location).y == 0

    def _go_back(self, step: int) -> None:
        if (text := self.earlier.walk(step, self.text)) is not None:
            self.write(text)

    def action_cut_or_drop(self) -> None:
        """Cut the selection; with nothing written, drop the last queued prompt."""
        if not self.text and self.has_queue:
            self.post_message(DropQueued())
        elif self.selected_text:
            self.action_cut()

    def action_delete_left(self) -> None:
        """Delete to the left; a chip goes as a whole."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        if self.selection.is_empty and (chip := self._chips.ending(before)):
            self.delete((row, column - len(chip)), (row, column))
        else:
            super().action_delete_left()

    def action_delete_right(self) -> None:
        """Delete to the right; a chip goes as a whole."""
        row, column = self.cursor_location
        after = self.document.get_line(row)[column:]
        if self.selection.is_empty and (chip := self._chips.beginning(after)):
            self.delete((row, column), (row, column + len(chip)))
        else:
            super().action_delete_right()

    def action_delete_or_leave(self) -> None:
        """Delete to the right; with nothing written, leave, but not by a key that is held down while it deletes."""
        now = time.monotonic()
        if self.text:
            self.action_delete_right()
        elif now - self._deleted_at > HELD_DOWN:
            self.post_message(TakeOffer("chat.leave"))
            return
        self._deleted_at = now

    # -- pastes ---------------------------------------------------------------------------------------

    async def _on_paste(self, event: events.Paste) -> None:
        """Put pasted text in, with signs for what cannot be seen, a long one as a chip."""
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        from tui.chat.curl_command import is_curl
        from tui.chat.image import dropped_images

        if paths := dropped_images(text):
            self.post_message(AttachDropped(paths, text))
        elif not self.text and is_curl(text):
            self.post_message(OpenCurl(text))
        else:
            self.paste(text)

    def paste(self, text: str) -> None:
        """Put pasted text in at the cursor."""
        if hidden := count_hidden(text):
            self.post_message(
                SayNotice(
                    f"! {hidden} hidden or control characters were pasted: shown as signs, sent as they are", "warning"
                )
            )
        put = self._chips.put(text, self.text)
        if (result := self._replace_via_keyboard(put, *self.selection)) is not None:
            self.move_cursor(result.end_location)

    def action_open_chip(self) -> None:
        """Unfold the chip at the cursor, or the first one."""
        if (nearest := self._chips.nearest(self.document.lines, *self.cursor_location)) is not None:
            row, at, chip = nearest
            text = self._chips.show(self._chips.pastes[chip], self.text)
            self.replace(text, (row, at), (row, at + len(chip)))

    # -- the draft ------------------------------------------------------------------------------------

    def on_text_area_changed(self) -> None:
        """Write the draft down when typing pauses; a command that was cleared away uncovers what was set aside."""
        if self._shelved and not self.text:
            self._unshelve()
        if self._timer is None:
            self._timer = self.set_timer(DRAFT_DELAY, self.keep_draft)
        else:
            self._timer.reset()

    def keep_draft(self) -> None:
        """Have the draft written down now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.post_message(KeepDraft(self.draft))
