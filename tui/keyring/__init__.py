"""The system's keyring: which one is safe to keep a key or a token in is decided here, for endpoints and MCP servers alike."""

from __future__ import annotations

import importlib
from typing import Any


def find_keyring() -> Any:
    """The system's keyring; `None` where there is none that is safe. It may take a moment: keep it off the event loop."""
    try:
        keyring = importlib.import_module("keyring")
        importlib.import_module("keyring.errors")
    except ImportError:
        return None
    backend = keyring.get_keyring()
    is_usable = getattr(backend, "priority", 0) > 0 and not type(backend).__module__.startswith("keyrings.alt")
    return keyring if is_usable else None
