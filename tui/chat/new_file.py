"""New files: nothing is overwritten, only their owner can read them, and none is left that is not whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tui.domain.error import ConfigError


def write_new(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a new file; there is none where it cannot be written to its end.

    Raises:
        ConfigError: If it is there already, or cannot be written.
        RilletError: What making a piece raises.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already", "Give another name: nothing is overwritten.") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    is_whole = False
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
        is_whole = True
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
    finally:
        if not is_whole:
            path.unlink(missing_ok=True)


def encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    """Texts as they are written."""
    return (piece.encode(errors="replace") for piece in pieces)
