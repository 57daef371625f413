"""Structured replies: which schema the next one follows, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from tui.domain.error import ConfigError
from tui.page.line import cut
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage
from tui.wire.printable import printable_line

SHOWN = 60
"""Cells of a schema that are shown beside the composer."""


class SchemaController:
    """Sets the schema of the replies to come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        stage.schema_words = self._next_words

    @property
    def actions(self) -> Mapping[str, Run]:
        """None: a schema must be named."""
        return {}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Set a schema."""
        return {"chat.schema": self.set_schema}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """None."""
        return {}

    def set_schema(self, text: str) -> None:
        """Have the next reply follow a schema; with `always` before it every reply, with `off` none; else tell."""
        from tui.chat.structure import find_schema

        stage = self._stage
        conversation = stage.conversation
        first, _, rest = text.partition(" ")
        keeps = first == "always"
        words = rest.strip() if keeps else text
        if not words:
            stage.say(self._present_schema())
            return
        if words == "off":
            conversation.sheet.schema, conversation.sheet.keeps_schema = None, False
        else:
            try:
                conversation.sheet.schema = find_schema(words, stage.program.settings.schemas)
            except ConfigError as error:
                self._give_back(text, words, error)
                raise
            conversation.sheet.keeps_schema = keeps
        stage.tell_title()
        if words.isidentifier() and words != "off" and words not in stage.program.settings.schemas:
            every = "every" if keeps else "the next"
            stage.say(
                f"no saved schema is called {words}: {every} reply has one text of that name; /schema off ends that"
            )
        else:
            stage.say(self._present_schema())

    def _give_back(self, text: str, words: str, error: ConfigError) -> None:
        """Put what was wrong into the composer again, the cursor where it is wrong."""
        from tui.schema.schema_line import SchemaLineError

        composer, written = self._stage.composer, f"/schema {text}"
        composer.write_command(written)
        if isinstance(error, SchemaLineError) and composer.text == written:
            composer.move_cursor((0, len(written) - len(words) + min(error.position, len(words))))

    def _present_schema(self) -> str:
        conversation = self._stage.conversation
        if conversation.sheet.schema is None:
            words = "replies follow no schema"
        else:
            which = "every reply follows" if conversation.sheet.keeps_schema else "the next reply follows"
            from tui.schema.schema_problem import unjudged

            missed = unjudged(conversation.sheet.schema.schema)
            beside = f"; not judged: {printable_line(', '.join(missed))}" if missed else ""
            words = f"{which} {self._schema_words()}{beside}; /schema off ends that"
        saved = ", ".join(sorted(self._stage.program.settings.schemas))
        return words + (f" · saved: {saved}" if saved else "")

    def _schema_words(self) -> str:
        schema = self._stage.conversation.sheet.schema
        if schema is None:
            return ""
        from tui.schema.schema_line import write_schema_line

        name = "" if schema.name == "reply" else f"“{schema.name}”: "
        return cut(printable_line(f"{name}{write_schema_line(schema.schema)}"), SHOWN)

    def _next_words(self) -> str:
        words = self._schema_words()
        which = "every reply" if self._stage.conversation.sheet.keeps_schema else "the next reply"
        return f"{which}: {words}" if words else ""
