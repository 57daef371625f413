"""Programs that text is handed to: the editor, the pager, the browser, a file. Each blocks; run it off the loop."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from tui.domain.error import ConfigError

SUFFIXES = {
    "python": "py", "py": "py", "javascript": "js", "js": "js", "typescript": "ts", "ts": "ts", "rust": "rs",
    "bash": "sh", "sh": "sh", "shell": "sh", "json": "json", "html": "html", "css": "css", "c": "c", "cpp": "cpp",
    "go": "go", "java": "java", "toml": "toml", "yaml": "yaml", "yml": "yaml", "sql": "sql", "markdown": "md",
    "md": "md", "ruby": "rb", "csv": "csv", "xml": "xml",
}  # fmt: skip
"""The suffix of a file of code, by the name of its language."""


def edit(text: str, suffix: str) -> str:
    """Open text in the editor, and return what was saved.

    Raises:
        ConfigError: If there is no such editor, or it failed.
    """
    command = _command(("RILLET_EDITOR", "VISUAL", "EDITOR"), "vi")
    handle, name = tempfile.mkstemp(prefix="rillet-", suffix=suffix)  # 0600 by itself
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        _run([*command, name])
        return path.read_text(encoding="utf-8", errors="replace")
    finally:
        path.unlink(missing_ok=True)


def page(text: str) -> None:
    """Show text in the pager.

    Raises:
        ConfigError: If there is no such pager, or it failed.
    """
    _run(_command(("PAGER",), "less"), text, {"LESS": os.environ.get("LESS", "-R")})


def _command(variables: Iterable[str], usual: str) -> list[str]:
    chosen = next((os.environ[name] for name in variables if os.environ.get(name, "").strip()), usual)
    try:
        return shlex.split(chosen)
    except ValueError as error:
        raise ConfigError(f"cannot make sense of the command “{chosen}”", str(error)) from error


def _run(command: list[str], text: str | None = None, more: dict[str, str] | None = None) -> None:
    try:
        ended = subprocess.run(
            command,
            input=None if text is None else text.encode(errors="replace"),
            env=os.environ | (more or {}),
            check=False,
        )
    except OSError as error:
        raise ConfigError(
            f"cannot run {command[0]}: {error.strerror}", "Set EDITOR or PAGER to a program that is here."
        ) from error
    if ended.returncode:
        raise ConfigError(f"{command[0]} ended with status {ended.returncode}", "What was written in it was not taken.")


def save_block(text: str, language: str) -> str:
    """Save a block into a new file of the working directory; never over one that is there.

    Returns:
        The sentence that says where.
    """
    suffix = SUFFIXES.get(language.lower(), "txt")
    for number in range(1, 1000):
        path = Path(f"rillet-{number}.{suffix}")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            return f"cannot save here: {error.strerror}"
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")
        return f"saved as {path.absolute()}"
    return "cannot save here: there are a thousand such files already"


async def open_address(url: str, say: Callable[[str], None]) -> bool:
    """Open an address in the browser, if it is one a browser should get; `say` is told what is done. Whether it was opened."""
    from tui.chat.browser import open_in_browser

    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode() if parts.scheme != "mailto" else parts.path
    except (ValueError, UnicodeError):
        say("this is not an address")
        return False
    if parts.scheme not in ("http", "https", "mailto") or not host:
        say(f"addresses of the kind “{parts.scheme}” are not opened")
        return False
    say(f"opening {host}")
    is_open = await open_in_browser(url)
    if not is_open:
        say(f"there is no browser here to open {host}")
    return is_open
