"""Completing: what is offered for the word at the cursor, and what becomes of what is taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget
from textual.worker import WorkType

from tui.domain.endpoint_word import DIALECT_NAMES, EFFORTS
from tui.domain.error import RilletError
from tui.domain.quantity import describe_size
from tui.page.line import Line
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.model_words import MODEL_COMMANDS, fitting, model_words
from tui.ui.screen.stage import Stage
from tui.ui.theme.auto import AUTO
from tui.ui.widgets.completion import Completion, Offer, command_offers, offers_that_say
from tui.ui.widgets.token import Token
from tui.ui.widgets.welcome import try_named
from tui.ui.wish import TakeOffered
from tui.wire.printable import printable, printable_line

if TYPE_CHECKING:
    from tui.chat.template import Template

FRESH = 5.0
"""Seconds for which what servers and the folder of templates have is not asked for again."""


class CompletionController:
    """Offers commands and what they take, templates, prompts of servers, files and resources."""

    def __init__(self, stage: Stage, mount: Callable[[Widget], object]) -> None:
        self._stage = stage
        self._mount = mount
        self._list: Completion | None = None
        self._asked_at = 0.0
        self._knows_names = False
        self._templates: Mapping[str, Template] = {}
        self._named: list[Offer] = []
        self._resources: list[Offer] = []

    @property
    def actions(self) -> Mapping[str, Run]:
        """None."""
        return {}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What was taken of the list."""
        return {TakeOffered: self.take}

    # -- offering -----------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether something is offered."""
        return self._list is not None and self._list.display

    @property
    def keys(self) -> Line:
        """What keys do while something is offered."""
        return Completion.keys

    def hide(self) -> None:
        """Offer nothing any more."""
        if self._list is not None:
            self._list.open(is_open=False)

    def follow(self) -> None:
        """What is written changed: offer what begins like the word at the cursor."""
        stage = self._stage
        if stage.welcome.display and (prompt := try_named(stage.composer.text)):
            stage.say(f"Enter asks: {prompt}")
        token = stage.composer.token
        if token is None:
            self.hide()
            return
        if self._list is None:
            self._list = stage.composer.completion = Completion(stage.port.offer_keys)
            self._mount(self._list)
        if token.kind == "command":
            self._show(token, self.commands_like(token.text))
        if token.kind == "value" and token.command not in MODEL_COMMANDS:
            self._show(token, self._values_like(token))
        elif token.kind != "command" or time.monotonic() - self._asked_at > FRESH:
            look: WorkType[None] = partial(self._look_up, token)  # begun by the worker, unless it is given up before
            stage.composer.run_worker(look, exclusive=True, group="completion", exit_on_error=False)

    def commands_like(self, name: str) -> list[Offer]:
        """Commands, templates and prompts of servers that begin so; once it is known that none does, commands that do what it says."""
        own = command_offers(name)
        taken = {offer.text for offer in own}
        begin = [*own, *(offer for offer in self._named if offer.text.startswith(name) and offer.text not in taken)]
        return begin or (offers_that_say(name) if self._knows_names else [])

    def _values_like(self, token: Token) -> list[Offer]:
        """The words that a command takes which begin so; none once one of them is written."""
        words = self._values(token.command)
        return [] if token.text in words else [Offer("value", word) for word in words if word.startswith(token.text)]

    def _values(self, command: str) -> Sequence[str]:
        stage = self._stage
        match command:
            case "effort":
                return () if stage.endpoint.is_local else (*EFFORTS, "off")
            case "dialect":
                return (*DIALECT_NAMES, "off")
            case "theme":
                return (AUTO, *(theme.name for theme in stage.port.rillet.read_themes()[0]))
            case "preset":
                return tuple(map(printable_line, stage.program.settings.presets))
            case "key":
                return tuple(stage.program.endpoints)
            case "tool-choice":
                return ("auto", "none", "required", *(tool.name for tool in stage.conversation.sheet.tools))
            case "parallel":
                return ("yes", "no")
            case "compact":
                return ("undo", "redo")
        return ()

    def _show(self, token: Token, offers: Sequence[Offer]) -> None:
        if self._list is not None and self._stage.composer.token == token:
            self._list.offer(token, offers, self._stage.input_area.outer_size.height + 2)

    async def _look_up(self, token: Token) -> None:
        """Ask the disk and the servers; what is typed meanwhile asks anew."""
        from tui.chat.place import places_like

        if token.kind == "value":
            models = fitting(await model_words(self._stage, token.command), token.text)
            self._show(token, [Offer("value", word) for word in models])
            return
        if token.kind == "command":
            await self._ask_for_names()
            self._show(token, self.commands_like(token.text))
            return
        is_mention = token.kind == "file"
        places = await asyncio.to_thread(places_like, token.text, finds_below=is_mention)
        offers = [
            Offer(
                "folder" if place.is_folder else "file" if is_mention else "path",
                printable_line(place.path),
                label="" if place.is_folder else describe_size(place.size),
            )
            if is_mention
            else Offer("path", place.path, label="" if place.is_folder else describe_size(place.size))
            for place in places
            if printable(place.path) == place.path and "\n" not in place.path
        ]
        if not is_mention:
            offers = [offer for offer in offers if offer.text != token.text]
            self._show(token, offers)
            return
        self._show(token, offers)
        if time.monotonic() - self._asked_at > FRESH:
            await self._ask_for_names()
        word = token.text.lower()
        resources = [offer for offer in self._resources if word in f"{offer.text} {offer.label}".lower()]
        self._show(
            token,
            [
                *(offer for offer in resources if offer.text.lower().startswith(word)),
                *offers,
                *(offer for offer in resources if not offer.text.lower().startswith(word)),
            ],
        )

    async def _ask_for_names(self) -> None:
        """What the folder of templates and the servers that run have."""
        from tui.chat.template import read_templates
        from tui.store.path import prompts_dir

        self._templates = await asyncio.to_thread(read_templates, prompts_dir())
        templates = [
            Offer(
                "template",
                template.name,
                printable_line(template.usage),
                printable_line(template.summary),
                bool(template.places),
            )
            for template in self._templates.values()
        ]
        library = await self._stage.runner.tools.library()
        prompts = [
            Offer(
                "prompt",
                printable_line(f"{server}:{prompt.name}"),
                printable_line(
                    " ".join(each.name.upper() if each.is_required else f"[{each.name}]" for each in prompt.arguments)
                ),
                printable_line(prompt.description),
                bool(prompt.arguments),
                server,
            )
            for server, prompt in library.prompts
        ]
        self._named = [*templates, *prompts]
        self._resources = [
            Offer(
                "resource",
                printable_line(f"{server}:{resource.uri}"),
                label=printable_line(resource.name),
                server=server,
            )
            for server, resource in library.resources
        ]
        self._knows_names = True
        self._asked_at = time.monotonic()  # not before: what is typed meanwhile gives this up, and asks anew

    # -- taking -------------------------------------------------------------------------------------------

    async def take(self, wish: TakeOffered) -> None:
        """Put what was chosen where the cursor is."""
        from tui.chat.attachment import TextAttachment, attach_text, read_attachment

        stage, offer = self._stage, wish.offer
        self.hide()
        try:
            if offer.kind == "resource":
                output = await stage.runner.tools.read_resource(offer.server, offer.text.partition(":")[2])
                for image in output.images:
                    stage.composer.attach(image)
                if output.text:
                    named = attach_text(offer.text, output.text)
                    stage.composer.attach_text(named.label.replace("file ", "resource ", 1), named.text)
                return
            attached = await asyncio.to_thread(read_attachment, offer.text)
        except RilletError as error:
            stage.composer.insert(f"@{offer.text} ")
            stage.say(error.in_full, "warning")
            return
        if isinstance(attached, TextAttachment):
            stage.composer.attach_text(attached.label, attached.text)
        else:
            stage.composer.attach(attached)

    async def run_named(self, name: str, rest: str) -> bool:
        """Put a template, or the prompt of a server, into the composer; whether there is one of that name.

        Raises:
            ConfigError: If a place of a server's prompt is not filled in.
            RilletError: If the server cannot make it.
        """
        from tui.chat.template import first_place

        stage = self._stage
        await self._ask_for_names()
        if (template := self._templates.get(name)) is not None:
            stage.composer.write(template.filled(rest))
            if (place := first_place(stage.composer.text)) is not None:
                stage.composer.select(*place)
            return True
        server, colon, prompt = name.partition(":")
        if not colon:
            return False
        made = await stage.runner.tools.make_prompt(server, prompt, rest)
        if made is None:
            return False
        stage.composer.write(made.text, made.images)
        return True
