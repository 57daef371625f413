"""The chat screen's part about structured replies: which schema the next one follows, and how that is said."""

from __future__ import annotations

from tui.domain.error import ConfigError
from tui.ui.line import cut
from tui.ui.screens.sessions import SessionActions
from tui.wire.printable import printable_line

SHOWN = 60
"""Cells of a schema that are shown beside the composer."""


class SchemaActions(SessionActions, is_part=True):
    """What can be said about schemas."""

    async def action_set_schema_with(self, text: str) -> None:
        """Have the next reply follow a schema; with `always` before it every reply, with `off` none; else tell."""
        from tui.chat.structure import find_schema

        conversation = self.conversation
        first, _, rest = text.partition(" ")
        keeps = first == "always"
        words = rest.strip() if keeps else text
        if not words:
            self.say(self._present_schema())
            return
        if words == "off":
            conversation.schema, conversation.keeps_schema = None, False
        else:
            try:
                conversation.schema = find_schema(words, self.program.settings.schemas)
            except ConfigError as error:
                self._give_back(text, words, error)
                raise
            conversation.keeps_schema = keeps
        self.tell_title()
        self.say(self._present_schema())

    def _give_back(self, text: str, words: str, error: ConfigError) -> None:
        """Put what was wrong into the composer again, the cursor where it is wrong."""
        from tui.schema.schema_line import SchemaLineError

        written = f"/schema {text}"
        self.composer.write_command(written)
        if isinstance(error, SchemaLineError) and self.composer.text == written:
            self.composer.move_cursor((0, len(written) - len(words) + min(error.position, len(words))))

    def _present_schema(self) -> str:
        conversation = self.conversation
        if conversation.schema is None:
            words = "replies follow no schema"
        else:
            which = "every reply follows" if conversation.keeps_schema else "the next reply follows"
            words = f"{which} {self._schema_words()}; /schema off ends that"
        saved = ", ".join(sorted(self.program.settings.schemas))
        return words + (f" · saved: {saved}" if saved else "")

    def _schema_words(self) -> str:
        schema = self.conversation.schema
        if schema is None:
            return ""
        from tui.schema.schema_line import write_schema_line

        name = "" if schema.name == "reply" else f"“{schema.name}”: "
        return cut(printable_line(f"{name}{write_schema_line(schema.schema)}"), SHOWN)

    def tell_title(self) -> None:
        """Show what the conversation is called, who answers it, and which schema comes next."""
        super().tell_title()
        words = self._schema_words()
        which = "every reply" if self.conversation.keeps_schema else "the next reply"
        self.desk.tell_schema(f"{which}: {words}" if words else "")
