"""Lengths of time, in words."""

from __future__ import annotations

import math


def describe_seconds(seconds: float) -> str:
    """A length of time in words: `90 s` becomes `1 min 30 s`."""
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    minutes = math.ceil(whole / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
