"""Reads as bytes: a flush of them while a turn streams, and in blocks once it has ended."""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from tui.domain.joined_reads import JoinedReads
from tui.domain.tape import Read

BLOCK_BYTES = 256 << 10
"""Bytes of reads in a block, about: to show one read, no more than this is unpacked and cut, in less than a frame's time."""

DAMAGE = (TypeError, ValueError, zlib.error, struct.error, IndexError, OverflowError)
"""What unpacking damaged bytes raises."""

_READ = struct.Struct("<dI")
_COUNT = struct.Struct("<I")


def pack_reads(reads: Iterable[Read]) -> bytes:
    """Reads as bytes: for each its time (a little-endian double), its length (32 bits) and its bytes; all deflated.

    It is quick, and each flush stands by itself.
    """
    return zlib.compress(b"".join(_READ.pack(read.at, len(read.data)) + read.data for read in reads), 1)


def unpack_reads(packed: bytes) -> Iterator[Read]:
    """The reads of a flush."""
    data = zlib.decompress(packed)
    start = 0
    while start < len(data):
        at, length = _READ.unpack_from(data, start)
        start += _READ.size
        yield Read(at, data[start : start + length])
        start += length


def blocks_of(reads: Iterable[Read]) -> Iterator[list[Read]]:
    """Reads in runs of about a block."""
    block: list[Read] = []
    size = 0
    for read in reads:
        block.append(read)
        size += len(read.data)
        if size >= BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def pack_block(reads: Sequence[Read]) -> bytes:
    """A block: how many reads, their times in microseconds, each from the one before, their lengths, and all bytes.

    Times and lengths stand byte by byte of the same weight, where most are zero. Times are kept to the microsecond, as
    they are in a tape's file.
    """
    times = array("q")
    before = 0
    for read in reads:
        at = round(read.at * 1e6)
        times.append(at - before)
        before = at
    lengths = array("I", [len(read.data) for read in reads])
    data = b"".join(read.data for read in reads)
    return zlib.compress(b"".join((_COUNT.pack(len(reads)), _planes(times), _planes(lengths), data)), 9)


def unpack_block(packed: bytes) -> JoinedReads:
    """The reads of a block.

    Raises:
        ValueError: If it is not one; or another of `DAMAGE`.
    """
    data = zlib.decompress(packed)
    (count,) = _COUNT.unpack_from(data)
    times, lengths = array("q"), array("I")
    start = _COUNT.size
    for numbers in (times, lengths):
        end = start + count * numbers.itemsize
        _fill(numbers, data[start:end])
        start = end
    ends = [*accumulate(lengths)]
    if len(times) != count or start + (ends[-1] if ends else 0) != len(data):
        raise ValueError("a block of another length")
    return JoinedReads(data[start:], ends, [at / 1e6 for at in accumulate(times)])


def _planes(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    raw = numbers.tobytes()
    return b"".join(raw[weight :: numbers.itemsize] for weight in range(numbers.itemsize))


def _fill(numbers: array[int], planes: bytes) -> None:
    size = numbers.itemsize
    count = len(planes) // size
    raw = bytearray(count * size)
    for weight in range(size):
        raw[weight::size] = planes[weight * count : (weight + 1) * count]
    numbers.frombytes(bytes(raw))
    if sys.byteorder == "big":
        numbers.byteswap()
