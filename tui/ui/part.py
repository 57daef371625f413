"""Parts: one widget, written as several classes that are only there to be read."""

from __future__ import annotations

from typing import Any, ClassVar


class Parted:
    """Stands before the widget that a class is built up from, in parts.

    Textual prepares every class for being shown: styles, bindings, reactives, half a millisecond of the start each.
    A class with `is_part=True` is never shown itself, so that is left to the whole one.
    """

    # Textual's own: whether a class passes on what its bases have.
    _inherit_css: ClassVar[bool]
    _inherit_bindings: ClassVar[bool]
    _inherit_component_classes: ClassVar[bool]

    def __init_subclass__(cls, *, is_part: bool = False, **options: Any) -> None:
        """Prepare a whole class; of a part, say only that it passes on all it has."""
        if is_part:
            cls._inherit_css = cls._inherit_bindings = cls._inherit_component_classes = True
        else:
            super().__init_subclass__(**options)
