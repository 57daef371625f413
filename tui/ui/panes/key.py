"""A key that is typed, hidden: for this run, or kept in the system's keyring as well."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tui.domain.endpoint import Endpoint, Secret
from tui.domain.error import RilletError
from tui.domain.model import Model
from tui.net.address import host_of
from tui.page.line import Line
from tui.page.wording import place
from tui.store.setting_edit import Edit
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.field import Field
from tui.ui.panes.notices import wrapped
from tui.ui.panes.pane import Pane
from tui.ui.wish import UseModel
from tui.wire.printable import printable_line


class KeyPane(Pane):
    """A field in which nothing can be read. The key is tried at its endpoint before it is taken."""

    columns = 84
    title_words = "A key"
    is_snug = True
    hints = (Hint(("key.use",), "use it for this run"), "key.keep", "key.forget", Hint(("pane.close",), "back"))
    BINDINGS: ClassVar[list[BindingType]] = bindings("key")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._asked = chat.settings.key_for
        self._is_busy = False
        self._models: list[Model] = []
        self.field = Field("type or paste it here; it stays hidden", is_hidden=True)
        self.text, self.outcome = Lines(), Lines()

    @property
    def _endpoint(self) -> Endpoint:
        return self._chat.program.endpoints[self._asked]

    def content(self) -> ComposeResult:
        """What becomes of the key, the field, and what came of trying it."""
        yield self.text
        yield self.field
        yield self.outcome

    def on_mount(self) -> None:
        """Say where the key goes."""
        endpoint = self._endpoint
        self.field.styles.margin = (1, 0)
        self.heading.tell([(f"A key for {printable_line(place(endpoint))}", "title")], [])
        words = (
            f"It goes to {host_of(endpoint.base_url)} and nowhere else. It is held in memory until rillet ends: it stands in "
            "no file and no log, and is shown nowhere."
        )
        self.text.show(wrapped(words, self._width))
        self._tell("")

    @property
    def _width(self) -> int:
        return max(20, min(self.columns, self.app.size.width) - 8)

    def _tell(self, words: str, tone: str = "muted") -> None:
        keys = self._chat.rillet.keys
        ways: Line = [
            (keys.name("key.use"), "key@key.use"),
            (" tries and uses it   ", "muted"),
            (keys.name("key.keep"), "key@key.keep"),
            (" keeps it in the keyring too   ", "muted"),
            (keys.name("key.forget"), "key@key.forget"),
            (" forgets it", "muted"),
        ]
        self.outcome.show([[(line[0][0], tone)] for line in wrapped(words, self._width)] if words else [ways])

    def action_use(self) -> None:
        """Try it, and use it for this run."""
        self._begin(keeps=False)

    def action_keep(self) -> None:
        """Use it, and keep it in the system's keyring."""
        self._begin(keeps=True)

    def _begin(self, *, keeps: bool) -> None:
        if not self._is_busy:
            self._is_busy = True
            self.run_worker(self._take(keeps=keeps), exit_on_error=False)

    async def _take(self, *, keeps: bool) -> None:
        from tui.net.key import check_key

        endpoint, program = self._endpoint, self._chat.program
        try:
            key = check_key(self.field.value.strip(), "that was typed", "what you typed")
            if not key:
                raise RilletError("nothing was typed")
            self._tell(f"asking {host_of(endpoint.base_url)}…")
            await self._try(key)  # one that is refused is not worth keeping
            if keeps:
                self._tell("asking the keyring…")
                from tui.net.keyring import keep_key

                await keep_key(endpoint.key_keyring or self._asked, key.reveal())
        except RilletError as error:
            self._tell(printable_line(program.mask_keys(error.in_full)), "warning")
        else:
            self.field.value = ""
            self._chat.call_later(self._finish, keeps)
        finally:
            self._is_busy = False

    def action_forget(self) -> None:
        """Use it no more, and take it out of the system's keyring."""
        if not self._is_busy:
            self._is_busy = True
            self.run_worker(self._forget(), exit_on_error=False)

    async def _forget(self) -> None:
        from tui.net.keyring import delete_key

        chat, endpoint = self._chat, self._endpoint
        was_typed = chat.program.has_typed_key(self._asked)
        chat.program.drop_key(self._asked)
        try:
            was_kept = bool(endpoint.key_keyring) and await delete_key(endpoint.key_keyring)
        except RilletError as error:
            self._tell(printable_line(error.in_full), "warning")
            return
        finally:
            self._is_busy = False
        self.field.value = ""
        if not (was_typed or was_kept or endpoint.key_keyring):
            self._tell("no key was typed or kept here that could be forgotten")
            return
        where = "the key is forgotten" + (", in the keyring too" if was_kept else "")
        chat.say(where, "success")
        chat.call_later(self._leave_forgotten, endpoint)

    async def _leave_forgotten(self, endpoint: Endpoint) -> None:
        settings = self._chat.settings
        if endpoint.key_keyring and settings.key_back != "endpoint":
            await settings.propose([Edit(("endpoints", self._asked, "key_keyring"), None)], back=settings.key_back)
        else:
            await settings.leave_key()

    async def _try(self, key: Secret) -> None:
        """Use it, and see whether it is refused; an endpoint that cannot be asked refuses nothing."""
        program = self._chat.program
        program.use_key(self._asked, key)
        try:
            models = await program.models(self._asked, refresh=True)
        except RilletError as error:
            if error.kind == "auth":
                program.drop_key(self._asked)
                raise
            models = []
        self._models = models

    async def _finish(self, keeps: bool) -> None:
        """Ask there, where nobody else could answer; the settings say that the key is in the keyring."""
        chat, endpoint = self._chat, self._endpoint
        how_long = "which is in the keyring now" if keeps else "until rillet ends"
        chat.say(f"{place(endpoint)} is asked with the key that was typed, {how_long}", "success")
        model = endpoint.model or next((each.id for each in self._models if each.can_stream), "")
        now = chat.program.endpoints[chat.conversation.sheet.endpoint]
        is_idle = chat.conversation.tree.head is None and now.name != endpoint.name
        if model and is_idle and not (now.is_local and chat.program.built_in.model is not None):
            chat.post_message(UseModel(Model(model, self._asked)))
        if keeps and not endpoint.key_keyring and chat.settings.key_back != "endpoint":
            edits = [Edit(("endpoints", self._asked, "key_keyring"), self._asked)]
            await chat.settings.propose(edits, back=chat.settings.key_back)
        else:
            await chat.settings.leave_key(keeps=keeps)

    def action_close(self) -> None:
        """Go back without one."""
        self.field.value = ""
        self._chat.call_later(self._chat.settings.leave_key)
