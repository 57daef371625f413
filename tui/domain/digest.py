"""BLAKE2, as `hashlib` gives it, without OpenSSL, which `hashlib` loads for the others: 5 MB, and 2 ms of the first request."""

from __future__ import annotations

try:
    from _blake2 import blake2b, blake2s
except ImportError:  # not every Python has it under that name
    from hashlib import blake2b, blake2s

__all__ = ["blake2b", "blake2s"]
