"""The commands, one module a family: `add` says how each is written on the command line, the rest what it does.

A new family is its file and its name here.
"""

FAMILIES = (
    "ask",
    "decode",
    "replay",
    "open",
    "serve",
    "race",
    "stats",
    "tape",
    "sessions",
    "imports",
    "backup",
    "local",
    "models",
    "doctor",
    "tools",
    "mcp",
    "keys",
    "settings",
    "paths",
    "completion",
)
"""In the order in which `rillet --help` lists them."""

MAKES_ALL = ("completion",)
"""Those that want to know all the others."""
