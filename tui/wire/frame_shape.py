"""Frame shapes: frames that differ in nothing but a text are read as those texts, a whole read at once.

Nine in ten frames of a stream are alike but for one string. Once such a frame has been read the exact way, its bytes
before and after the string are known, and so is what stands between two strings that follow each other: a read is split
at that. Whatever is not the inside of a JSON string then goes the exact way.
"""

from __future__ import annotations

import msgspec

_END = b"\n\n"
_read_string = msgspec.json.Decoder(str).decode


class FrameShape:
    """What a frame begins and ends with; the blank line belongs to its end."""

    __slots__ = ("_after", "_before", "_between")

    def __init__(self, before: bytes, after: bytes) -> None:
        """Take what stands before and after the inside of the string; both are UTF-8."""
        self._before, self._after = before, after + _END
        self._between = (self._after + before).decode()

    @property
    def size(self) -> int:
        """The bytes of a frame, without its text."""
        return len(self._between)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrameShape) and self._between == other._between and self._before == other._before

    def __hash__(self) -> int:
        return hash(self._between)

    @classmethod
    def of(cls, frame: bytes, key: bytes, text: str) -> FrameShape | None:
        """The shape of a frame's bytes, without the blank line, whose one member `key` holds a text.

        `None` where that is not to be seen without a doubt: the key comes twice, or something is escaped.
        """
        said = text.encode("utf-8", "surrogatepass")
        head = b'"%s":"' % key
        start = frame.find(head) + len(head)
        if frame.find(head) < 0:
            head = b'"%s": "' % key
            start = frame.find(head) + len(head)
        end = start + len(said)
        is_seen = (
            start >= len(head)
            and frame.count(b'"%s"' % key) == 1
            and b"\\" not in frame
            and frame[start:end] == said
            and frame[end : end + 1] == b'"'
        )
        try:
            return cls(frame[:start], frame[end:]) if is_seen else None
        except UnicodeDecodeError:
            return None

    def text_of(self, data: bytes) -> str:
        """The text of a read that is one frame that fits; empty where it is more, or less."""
        if not (data.startswith(self._before) and data.endswith(self._after)):
            return ""
        try:
            text = data[len(self._before) : -len(self._after)].decode()
        except UnicodeDecodeError:
            return ""
        if '"' not in text and "\\" not in text and text.isprintable():
            return text
        try:  # a line that ends, mostly
            return _read_string(f'"{text}"')
        except (msgspec.DecodeError, UnicodeEncodeError):
            return ""

    def split(self, data: bytes) -> tuple[list[str], bytes]:
        """The texts of the frames that fit, from the beginning of the data on, and the bytes that are left."""
        end = data.rfind(self._after)
        if end < 0 or not data.startswith(self._before):
            return [], data
        try:
            texts = data[len(self._before) : end].decode().split(self._between)
        except UnicodeDecodeError:
            return [], data
        joined = "".join(texts)
        if '"' in joined or "\\" in joined or not joined.isprintable() or not all(texts):
            read: list[str] = []
            for text in texts:
                try:
                    value = _read_string(f'"{text}"')
                except (msgspec.DecodeError, UnicodeEncodeError):
                    break
                if not value:
                    break
                read.append(value)
            left = texts[len(read) :]
            return read, self.join(left) + data[end + len(self._after) :] if left else data[end + len(self._after) :]
        return texts, data[end + len(self._after) :]

    def join(self, texts: list[str]) -> bytes:
        """The bytes of frames with these texts, as they stand in their strings."""
        return self._before + self._between.join(texts).encode() + self._after
