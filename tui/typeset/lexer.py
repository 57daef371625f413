"""Colours of code, line by line while it streams and as a whole when it is complete."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui.typeset.line import Run
from tui.wire.printable import printable

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_TAB = 4
_LANGUAGE_CHARS = 40
_CLASSES = (
    ("Token.Keyword", "fence+kw"),
    ("Token.Literal.String", "fence+str"),
    ("Token.Literal.Number", "fence+num"),
    ("Token.Comment", "fence+com"),
    ("Token.Name.Function", "fence+fn"),
    ("Token.Name.Class", "fence+fn"),
    ("Token.Name.Tag", "fence+kw"),
    ("Token.Name.Attribute", "fence+fn"),
    ("Token.Name.Decorator", "fence+fn"),
    ("Token.Name.Builtin", "fence+bi"),
    ("Token.Operator", "fence+op"),
    ("Token.Generic.Inserted", "fence+str"),
    ("Token.Generic.Deleted", "fence+kw"),
    ("Token.Generic.Heading", "fence+fn"),
    ("Token.Generic.Subheading", "fence+fn"),
    ("Token.Generic.Prompt", "fence+com"),
)

USUAL = {
    "bash": "shell.BashLexer",
    "c": "c_cpp.CLexer",
    "cpp": "c_cpp.CppLexer",
    "css": "css.CssLexer",
    "diff": "diff.DiffLexer",
    "go": "go.GoLexer",
    "html": "html.HtmlLexer",
    "java": "jvm.JavaLexer",
    "javascript": "javascript.JavascriptLexer",
    "js": "javascript.JavascriptLexer",
    "json": "data.JsonLexer",
    "py": "python.PythonLexer",
    "python": "python.PythonLexer",
    "rust": "rust.RustLexer",
    "sh": "shell.BashLexer",
    "shell": "shell.BashLexer",
    "sql": "sql.SqlLexer",
    "toml": "configs.TOMLLexer",
    "ts": "javascript.TypeScriptLexer",
    "typescript": "javascript.TypeScriptLexer",
    "yaml": "data.YamlLexer",
}
"""Where the lexers of the usual languages are: Pygments' own list of more than five hundred takes 0.6 MB to look in."""


@cache
def _style_of(token: Any) -> str:
    name = str(token)
    for prefix, style in _CLASSES:
        if name.startswith(prefix):
            return style
    return "fence"


@cache
def find_lexer(language: str) -> Lexer | None:
    """The lexer for a language as a fence names it, or nothing."""
    if not language or len(language) > _LANGUAGE_CHARS:
        return None
    name = language.lower()
    if name in USUAL:
        module, _, kind = USUAL[name].partition(".")
        lexer: Lexer = getattr(import_module(f"pygments.lexers.{module}"), kind)(ensurenl=False, stripnl=False)
        return lexer
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(name, ensurenl=False, stripnl=False)
    except ClassNotFound:
        return None


def lex_whole(language: str, rows: list[str]) -> list[list[Run]]:
    """The runs of each line of complete code."""
    lexer = find_lexer(language)
    if lexer is None:
        return [plain_runs(row) for row in rows]
    lines: list[list[Run]] = [[]]
    for _, token, text in lexer.get_tokens_unprocessed("".join(rows)):
        style = _style_of(token)
        first, *others = text.split("\n")
        _add(lines[-1], first, style)
        for part in others:
            lines.append([])
            _add(lines[-1], part, style)
    del lines[len(rows) :]
    lines += [[] for _ in range(len(rows) - len(lines))]
    return [_expand(line) for line in lines]


def plain_runs(row: str) -> list[Run]:
    """A line of code without colours."""
    text = row.rstrip("\n")
    return _expand([(text, "fence")]) if text else []


class LineLexer:
    """Lexes line after line; where the language allows it, a line begins in the state the last one ended in.

    Only lexers that are nothing but their table of states can be resumed; the others begin each line anew.
    """

    __slots__ = ("_is_resumable", "_lexer", "_stack")

    def __init__(self, language: str) -> None:
        self._lexer = find_lexer(language)
        self._stack: tuple[str, ...] = ("root",)
        self._is_resumable = False
        if self._lexer is not None:
            from pygments.lexer import RegexLexer

            kind = type(self._lexer)
            self._is_resumable = (
                isinstance(self._lexer, RegexLexer) and kind.get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed
            )

    def lex(self, row: str, *, is_whole: bool) -> list[Run]:
        """The runs of one line; a line that is not whole leaves the state as it was."""
        if self._lexer is None:
            return plain_runs(row)
        line: list[Run] = []
        if not self._is_resumable:
            for _, token, text in self._lexer.get_tokens_unprocessed(row):
                _add(line, text.rstrip("\n"), _style_of(token))
            return _expand(line)
        stack = self._run(row, line)
        if is_whole:
            self._stack = stack
        return _expand(line)

    def _run(self, row: str, line: list[Run]) -> tuple[str, ...]:
        """Pygments' own loop over its table of states, with the stack kept."""
        from pygments.token import Error, _TokenType

        lexer: Any = self._lexer
        table = lexer._tokens  # noqa: SLF001  # the compiled states have no public name
        stack = list(self._stack)
        rules = table[stack[-1]]
        at = 0
        rounds = 4 * len(row) + 40  # empty matches can go round in circles
        while at < len(row) and rounds:
            rounds -= 1
            for match_rule, action, target in rules:
                match = match_rule(row, at)
                if not match:
                    continue
                if type(action) is _TokenType:
                    _add(line, match.group().rstrip("\n"), _style_of(action))
                elif action is not None:
                    for _, token, text in action(lexer, match):
                        _add(line, text.rstrip("\n"), _style_of(token))
                at = match.end()
                if target is not None:
                    _move(stack, target)
                    rules = table[stack[-1]]
                break
            else:
                if row[at] == "\n":
                    stack = ["root"]
                    rules = table["root"]
                else:
                    _add(line, row[at], _style_of(Error))
                at += 1
        if at < len(row):
            _add(line, row[at:].rstrip("\n"), "fence")
        return tuple(stack)


def _move(stack: list[str], target: Any) -> None:
    """Follow a rule to the next state: names are entered, numbers and "#pop" go back."""
    if isinstance(target, tuple):
        for state in target:
            if state == "#pop":
                if len(stack) > 1:
                    stack.pop()
            else:
                stack.append(stack[-1] if state == "#push" else state)
    elif isinstance(target, int):
        if -target >= len(stack):
            del stack[1:]
        else:
            del stack[target:]
    elif target == "#push":
        stack.append(stack[-1])


def _add(line: list[Run], text: str, style: str) -> None:
    if not text:
        return
    if line and line[-1][1] == style:
        line[-1] = (line[-1][0] + text, style)
    else:
        line.append((text, style))


def _expand(line: list[Run]) -> list[Run]:
    """Tabs become spaces, by column; what a lexer may have decoded is made printable."""
    if not any("\t" in text for text, _ in line):
        return [(printable(text), style) for text, style in line]
    runs: list[Run] = []
    column = 0
    for text, style in line:
        first, *others = text.split("\t")
        parts = [first]
        column += len(first)
        for part in others:
            space = _TAB - column % _TAB
            parts += (" " * space, part)
            column += space + len(part)
        runs.append((printable("".join(parts)), style))
    return runs
