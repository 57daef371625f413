"""The words of a command, as a shell cuts them; told with the place where it could not."""

from __future__ import annotations

import re
import sys

from msgspec import Struct

from tui.domain.error import ConfigError
from tui.wire.printable import mask_keys, printable_line

BEGIN = re.compile(
    r"[ \t\xa0]*(?:[^\s'\"]{0,80}[$#%>❯][ \t\xa0]+)?(?:(?:\w+=\S*|sudo|time|exec)[ \t\xa0]+)*(?:[^\s'\"=]*[/\\])?curl(?:\.exe)?(?=[ \t\xa0])"
)
"""A command, behind the prompt of a shell, variables that are set for it, and its folder."""
_ESCAPES = {
    **{letter: letter for letter in "\\'\"?"},
    **dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True)),
}
_GOES_ON = re.compile(r"[\\`][ \t]*\r?\n")
"""The end of a line that goes on, in a shell or in PowerShell; pages that are copied from put spaces behind."""
_HEREDOC = re.compile(
    r"<<-?[ \t]*(['\"]?)(?P<mark>\w+)\1[^\n]*\n(.*?)^[ \t]*(?P=mark)[ \t]*$", re.DOTALL | re.MULTILINE
)
_OCTAL = re.compile("[0-7]{1,3}")
_HEX = {letter: re.compile(f"[0-9a-fA-F]{{1,{most}}}") for letter, most in (("x", 2), ("u", 4), ("U", 8))}


class Word(Struct):
    """A word, and where in the text it begins."""

    text: str
    at: int


def error_at(text: str, at: int, what: str) -> ConfigError:
    """The error of a command that cannot be read from this place on."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    shown = printable_line(mask_keys(what))
    return ConfigError(f"the curl command cannot be read at line {line}, column {column}: {shown}")


def words_of(text: str, begin: int) -> tuple[list[Word], str | None]:
    """The words of a command as a shell cuts them, from behind “curl” to its end, and what it is given on standard input.

    Nothing in them is expanded. What a shell does with the answer is left out.
    """
    words = [Word("curl", begin)]
    word: list[str] | None = None
    at = start = begin
    stdin: str | None = None
    while at < len(text):
        letter = text[at]
        if letter in " \t\r\n\xa0":
            if word is not None:
                words.append(Word("".join(word), start))
                word = None
            if letter == "\n" and len(words) > 1 and (rest := text[at:].strip()) and not rest.startswith("-"):
                if rest.startswith("```") or BEGIN.match(rest) is not None:
                    break
                raise error_at(text, at + 1, "the command ended on the line before: a line that goes on ends with \\")
            at += 1
            continue
        if word is None and letter == "#":
            at = _line_end(text, at)
            continue
        if text.startswith("<<<", at):
            after = len(text) - len(text[at + 3 :].lstrip(" \t"))
            given, _ = words_of(text, after)
            stdin = given[1].text if len(given) > 1 else ""
            break
        if text.startswith("<<", at) and (match := _HEREDOC.match(text, at)) is not None:
            stdin = match[3]
            break
        if word is None:
            word, start = [], at
        if (match := _GOES_ON.match(text, at)) is not None:
            at = match.end()
            word = word or None
        elif letter == "\\":
            at += 2
            if at <= len(text):  # at the very end it would go on with nothing
                word.append(text[at - 1])
        elif letter in "'\"" or text.startswith(("$'", '$"'), at):
            quoted, at = _quoted(text, at)
            word.append(quoted)
        elif letter in "|;&>":
            if letter in "&>" and word and "".join(word).isdecimal():  # 2>&1
                word = None
            break
        elif text.startswith("<<", at):
            raise error_at(text, at, "the lines that are given to curl from here on have no end: the mark is missing")
        elif letter == "<":
            raise error_at(text, at, "what is sent is in a file, which is not read: paste it")
        else:
            word.append(letter)
            at += 1
    if word:
        words.append(Word("".join(word), start))
    return words, stdin


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _quoted(text: str, at: int) -> tuple[str, int]:
    """What stands within quotes, and where it goes on behind them."""
    start = at
    is_ansi = text[at] == "$"
    at += is_ansi
    quote = text[at]
    at += 1
    parts: list[str] = []
    while at < len(text):
        letter = text[at]
        if letter == quote:
            whole = "".join(parts)
            if is_ansi:  # browsers write what lies beyond the first plane as two halves
                whole = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
            return whole, at + 1
        if letter == "\\" and (quote == '"' or is_ansi):
            following = text[at + 1 : at + 2]
            if is_ansi:
                part, at = _escaped(text, at)
                parts.append(part)
                continue
            if following in ('"', "\\", "$", "`"):
                parts.append(following)
            elif following != "\n":
                parts.append(f"\\{following}")
            at += 2
            continue
        parts.append(letter)
        at += 1
    raise error_at(text, start, "a quote is opened here and not closed")


def _escaped(text: str, at: int) -> tuple[str, int]:
    """What a backslash stands for within `$'…'`, and where it goes on behind that."""
    following = text[at + 1 : at + 2]
    if following and following in _HEX:
        match = _HEX[following].match(text, at + 2)
        if match is None or int(match[0], 16) > sys.maxunicode:
            raise error_at(text, at, f"\\{following} is no character")
        return chr(int(match[0], 16)), match.end()
    if (match := _OCTAL.match(text, at + 1)) is not None:
        return chr(int(match[0], 8) & 0xFF), match.end()
    return _ESCAPES.get(following, f"\\{following}"), at + 2
