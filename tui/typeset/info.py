"""What stands behind a fence: the language, however it is written there."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_ATTRIBUTES = re.compile(r"\{\s*\.?(?!=)([\w+#.-]+)[^{}]*\}?")
"""Pandoc's `{.python .numberLines}`, and what notebooks write: `{python}`, `{r, echo=FALSE}`."""
_TITLE = re.compile(
    r"""(?<![\w-])(?:title|filename|file|path|name)=(?:"([^"]+)"|'([^']+)'|([^\s"'{}]+))|(?<=[\w+#])\s?\[([^\[\]]+)\]""",
    re.IGNORECASE,
)
"""What documentation is written with: `title="x.py"`, `filename=x.py`, `[x.py]`."""
_WORD = re.compile(r"[\w+#.*-]+")
_LINES = re.compile(r"\d+:\d+:(?=\S)")
"""Editors' `12:15:src/main.py`."""

_BY_ENDING = {
    "c": "c",
    "cc": "cpp",
    "cpp": "cpp",
    "cs": "csharp",
    "css": "css",
    "go": "go",
    "h": "c",
    "hpp": "cpp",
    "html": "html",
    "java": "java",
    "js": "js",
    "json": "json",
    "jsx": "jsx",
    "kt": "kotlin",
    "md": "markdown",
    "php": "php",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "sql": "sql",
    "swift": "swift",
    "toml": "toml",
    "ts": "ts",
    "tsx": "tsx",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}


def label_in(info: str) -> str:
    """What of the words behind a fence stands over the code: the language, and behind a space the name of a file where one is given."""
    title = _TITLE.search(info)
    name = next((each.strip() for each in title.groups() if each), "") if title else ""
    if match := _ATTRIBUTES.match(info):
        label = match[1]
    else:
        first = info.split(None, 1)[0] if info and (title is None or title.start()) else ""
        label = first.split("{", 1)[0].split("[", 1)[0] or first
    return " ".join([part for part in (label, name) if part])


def language_of(label: str) -> str:
    """The language that a label names: it may be followed by the name of a file, or be one."""
    name = _LINES.sub("", label.split(None, 1)[0] if label else "")
    word = _WORD.match(name)
    if word is None:
        return label
    language, rest = word[0].removeprefix("."), name[word.end() :]
    if rest.startswith((":", ",", "=", "|")):  # `python:src/main.py`, `rust,no_run`
        return language
    if "/" in name or "\\" in name or "." in language:
        return _BY_ENDING.get(PurePosixPath(name.replace("\\", "/")).suffix[1:].lower(), label)
    if rest:
        return label
    return "diff" if language.lower().startswith("diff-") else language
