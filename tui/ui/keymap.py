"""The keymap of the settings: which keys a person wants for what, checked before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from textual.binding import Binding, BindingType


def check_keymap(keymap: Mapping[str, str], bindings: Iterable[BindingType]) -> tuple[dict[str, str], list[str]]:
    """The part of a keymap that makes sense among these bindings, and a sentence for each part that does not."""
    known = {binding.id: binding for binding in bindings if isinstance(binding, Binding) and binding.id}
    notices: list[str] = []
    good: dict[str, str] = {}
    for name, keys in keymap.items():
        if name in known:
            good[name] = keys
            continue
        near = get_close_matches(name, known, 1)
        notices.append(f"keymap: there is no “{name}”" + (f"; did you mean “{near[0]}”?" if near else ""))
    taken: dict[tuple[str, str], str] = {}
    for name, binding in known.items():
        scope = name.partition(".")[0]
        for key in good.get(name, binding.key).split(","):
            place = ("chat" if scope == "app" else scope, key.strip())
            if place in taken and (name in good or taken[place] in good):
                notices.append(f"keymap: {key.strip()} is meant for both “{taken[place]}” and “{name}”")
            taken.setdefault(place, name)
    return good, notices
