"""Files that go with a prompt: images as images, texts and the text of a PDF in a fence below their name."""

from __future__ import annotations

import os
import re
from pathlib import Path

from msgspec import Struct

from tui.chat.image import read_image
from tui.domain.error import ConfigError
from tui.domain.message import ImagePart
from tui.domain.quantity import describe_size
from tui.wire.printable import printable_line

MOST_BYTES = 1_000_000
_PDF_BYTES = 50_000_000
_LONGEST_NAME = 60
_IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_LANGUAGES = {
    "py": "python", "js": "javascript", "ts": "typescript", "rs": "rust", "rb": "ruby", "sh": "sh", "yml": "yaml",
    "md": "markdown", "cs": "csharp", "kt": "kotlin", "h": "c", "hpp": "cpp", "cc": "cpp", "tex": "latex",
}  # fmt: skip


class TextAttachment(Struct, frozen=True):
    """A text that goes along: `label` says what it is and how large, `text` is what is sent."""

    label: str
    text: str


def read_attachment(place: str) -> ImagePart | TextAttachment:
    """A file by its path, as it goes with a prompt.

    Raises:
        ConfigError: If there is no such file, it is neither text nor an image nor a PDF, or it is too large.
    """
    path = Path(os.path.expanduser(place))  # noqa: PTH111  # Path.expanduser raises without a home
    name = printable_line(place)
    try:
        if path.is_dir():
            raise ConfigError(f"{name} is a directory")
        if not path.is_file() and path.exists():  # to open a pipe would be to wait for somebody to write to it
            raise ConfigError(f"{name} is not a file")
        with path.open("rb") as file:
            start = file.read(8)
            if start.startswith(_IMAGE_STARTS):
                return read_image(place)
            if start.startswith(b"%PDF-"):
                return attach_text(place, _pdf_text(path, name))
            content = start + file.read(MOST_BYTES + 1 - len(start))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "this is no path"
        raise ConfigError(f"{name} cannot be read: {why}") from error
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{name} is too large", f"At most {describe_size(MOST_BYTES)} of text can go along.")
    return attach_text(place, _decoded(content, name))


def attach_text(name: str, text: str) -> TextAttachment:
    """A text under a name, in a fence that nothing in it can end."""
    name = printable_line(name)
    shown = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
    suffix = name.rpartition(".")[2].lower()
    language = _LANGUAGES.get(suffix, suffix if re.fullmatch(r"[a-z0-9]{1,10}", suffix) and suffix != name else "")
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    size = describe_size(len(text.encode("utf-8", "surrogatepass")))
    return TextAttachment(
        f"file {shown} {size} ~{max(1, len(text) // 4):,} tokens",
        f"{name}:\n{fence}{language}\n{text.rstrip(chr(10))}\n{fence}\n",
    )


def _decoded(content: bytes, name: str) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigError(f"{name} is neither text nor an image", "Texts, PNG, JPEG, GIF, WebP and PDF can go along.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _pdf_text(path: Path, name: str) -> str:
    if path.stat().st_size > _PDF_BYTES:
        raise ConfigError(f"{name} is too large", f"At most {describe_size(_PDF_BYTES)} of a PDF are read.")
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise ConfigError("to read a PDF an extra is needed", "pip install 'rillet[pdf]'") from None
    try:
        text = "\n\n".join(page.extract_text() for page in PdfReader(path).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise ConfigError(f"{name} cannot be read as a PDF") from error
    if not text.strip():
        raise ConfigError(f"there is no text in {name}", "It may be scanned: attach its pages as images.")
    return text[:MOST_BYTES]
