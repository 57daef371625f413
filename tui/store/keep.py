"""How long tapes are to be kept, or how much of them: a value, and how it is written."""

from __future__ import annotations

import re

from msgspec import Struct

_FORM = r"(\d+(?:\.\d+)?)\s*(days?|weeks?|months?|years?|kb|mb|gb|tb)"
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_BYTES = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}


class Keep(Struct, frozen=True):
    """Tapes of so many seconds, or so many bytes of reads on the disk; all of them where neither is said."""

    seconds: float | None = None
    size_bytes: float | None = None


def parse_keep(text: str) -> Keep | None:
    """`30 days`, `500 MB` or `all`, as a value; `None` where it is none of these."""
    if text.strip().lower() == "all":
        return Keep()
    match = re.fullmatch(_FORM, text.strip(), re.IGNORECASE)
    if match is None:
        return None
    number, unit = float(match[1]), match[2].lower()
    if unit in _BYTES:
        return Keep(size_bytes=number * _BYTES[unit])
    return Keep(seconds=number * _DAYS[unit.rstrip("s")] * 86400)
