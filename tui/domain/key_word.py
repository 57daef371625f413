"""Names that keys have: of variables, headers and parameters."""

from __future__ import annotations

import re


def names_key(name: str) -> bool:
    """Whether the name of a variable, a header or a parameter is one that keys have."""
    has_word = re.search(r"(?i)(key|token|secret|passw(or)?d|passphrase|credentials?|_pat|_auth)\d*$", name)
    return bool(has_word) or name.lower() in ("authorization", "proxy-authorization", "cookie")


def variable_for(name: str) -> str:
    """The environment variable that a value of this name could stand in."""
    return re.sub(r"\W", "_", name).upper()
