"""Presets: a conversation takes over a sheet by its name, and gives its own a name."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from tui.domain.error import ConfigError
from tui.store.preset_setting import Preset

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation


def presets_of(program: ChatProgram) -> dict[str, Preset]:
    """The presets by name; one of the settings comes before one that was saved in the program."""
    return {**program.choices.presets, **program.settings.presets}


def use_preset(program: ChatProgram, conversation: Conversation, name: str, *, keeps_model: bool = False) -> None:
    """Give a conversation what a preset sets; with `keeps_model` whom it asks stays.

    Raises:
        ConfigError: If there is no such preset, or it names what is not there.
    """
    presets = presets_of(program)
    if (preset := presets.get(name)) is None:
        near = get_close_matches(name, presets, 1)
        names = ", ".join(presets) or "none yet; [presets.NAME] in the settings makes one"
        raise ConfigError(
            f"there is no preset “{name}”", f"Did you mean “{near[0]}”?" if near else f"There are: {names}."
        )
    if preset.schema:
        from tui.chat.structure import find_schema

        schema = find_schema(preset.schema, program.settings.schemas)
        conversation.sheet.schema, conversation.sheet.keeps_schema = schema, True
    if not keeps_model and (preset.endpoint or preset.model):
        endpoint = program.endpoint(preset.endpoint or conversation.sheet.endpoint)
        model = preset.model or endpoint.model
        if not model:
            raise ConfigError(f"the preset “{name}” names no model for {endpoint.name}", "Set its “model”.")
        conversation.session.set_model(endpoint.name, model)
    if not keeps_model and preset.dialect is not None:
        conversation.session.set_dialect(preset.dialect)
    if preset.system is not None:
        conversation.session.set_system(preset.system)
    if preset.effort:
        conversation.session.set_effort(preset.effort)
    if preset.server_tools is not None:
        conversation.sheet.server_tools = preset.server_tools
    conversation.session.set_options(**asdict(preset.options.over(conversation.sheet.options)))


def preset_from(conversation: Conversation) -> Preset:
    """The sheet of a conversation as a preset."""
    sheet = conversation.sheet
    options = {name: value for name, value in asdict(sheet.options).items() if name != "previous_response_id"}
    schema = sheet.schema if sheet.keeps_schema else None
    return replace(
        Preset(**options),
        system=sheet.system,
        endpoint=sheet.endpoint,
        model=sheet.model,
        dialect=sheet.dialect,
        effort=sheet.effort,
        server_tools=sheet.server_tools,
        schema=json.dumps(schema.schema, ensure_ascii=False) if schema is not None else "",
    )
