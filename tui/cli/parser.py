"""What can be written on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from tui import __version__
from tui.cli.chat_words import run_chat
from tui.cli.option import add_chat_options

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

EXAMPLES = """\
examples:
  rillet                                chat, full screen
  rillet --continue                     go on where you left off
  rillet ask "Why is the sky blue?"     one answer to standard output
  git diff | rillet ask "Review this"   standard input joined to the prompt
  rillet ask --events "Hi"              the stream as JSON lines
  curl -N ... | rillet decode           decode a raw stream
  rillet local install                  fetch the small built-in model
"""


class _Written(argparse.ArgumentParser):
    """An argument parser that does not keep it to itself when nothing can be written."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Write a text; where argparse would keep quiet, whoever runs the program hears that it cannot be written."""
        if file is None:  # standard output is closed; that there is a standard error was seen to
            from tui.cli import OutputClosedError

            raise OutputClosedError
        file.write(message)


class Parser(_Written):
    """An argument parser whose errors name the nearest right word."""

    _words: Sequence[str] = ()
    _is_sorting = False

    def parse_known_args(  # type: ignore[override]  # argparse overloads it by the class of the namespace
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse as argparse does, and take options also between arguments of which one may be left out, where argparse refuses them."""
        if self._is_sorting or args is None or "--" in args or not self._may_lack_arguments():
            return super().parse_known_args(args, namespace)
        self._is_sorting = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_sorting = False

    def _may_lack_arguments(self) -> bool:
        """Whether it is a command whose last arguments may be left out, or are any number."""
        lengths = {action.nargs for action in self._get_positional_actions()}
        return bool(lengths & {"?", "*", "+"}) and not lengths & {argparse.PARSER, argparse.REMAINDER}

    def parse_words(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse a whole command line."""
        self._words = words
        return self.parse_args(words)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and leave with 2."""
        from tui.cli.exit_code import ExitCode
        from tui.wire.printable import printable_line

        self.exit(ExitCode.USAGE, f"rillet: {printable_line(self._explain(message))}\n{self.format_usage()}")

    def _explain(self, message: str) -> str:
        import re
        from difflib import get_close_matches

        options = self._all_options()
        # What follows an unknown option is taken for a command, and was not meant as one.
        unknown = [word for word in self._words if word.startswith("--") and not _is_option(word, options)]
        if "argument COMMAND" in message and unknown:
            message = f"unrecognized arguments: {unknown[0]}"
        if (choice := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)) is not None:
            wrong, right = choice[1], re.findall(r"[\w-]+", choice[2])
        elif "unrecognized arguments" in message:
            wrong = next((word for word in message.split() if word.startswith("-") and word != "-"), "").partition("=")[
                0
            ]
            right = self._options_of(self._words)
        else:
            return message
        near = get_close_matches(wrong, right, 1)
        if near:
            return f"{message}; did you mean {near[0]}?"
        if choice is not None and "argument COMMAND" in message and list(self._words[:1]) == [wrong]:
            return f'“{wrong}” is no command; to ask it once: rillet ask "{" ".join(self._words)}"'
        if not wrong and list(self._words[:1]) == ["ask"]:
            words = " ".join(word for word in self._words[1:] if not word.startswith("-"))
            return f'{message}; a prompt of several words needs quotes: rillet ask "{words}"'
        return message

    def _options_of(self, words: Sequence[str]) -> list[str]:
        """The options of the command that the words name; of all, where they name none."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # it has no public name
                for at, word in enumerate(words):
                    parser: Parser | None = action.choices.get(word)
                    if parser is not None:
                        return parser._options_of(words[at + 1 :])  # noqa: SLF001  # our own class
        return self._all_options()

    def _all_options(self) -> list[str]:
        """The options of this parser and of every command below it."""
        options: list[str] = []
        for action in self._actions:
            options += action.option_strings
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # it has no public name
                options += [option for parser in action.choices.values() for option in parser._all_options()]  # noqa: SLF001  # our own class
        return list(dict.fromkeys(options))


def _is_option(word: str, options: Sequence[str]) -> bool:
    name = word.partition("=")[0]
    return word == "--" or any(option.startswith(name) for option in options)


class _NotTheChatError(Exception):
    """The words ask for more than the chat."""


class _ChatParser(_Written):
    """Knows the chat's own options, and gives up at anything else."""

    def error(self, message: str) -> NoReturn:
        """Leave the words to the whole parser."""
        raise _NotTheChatError(message)


def parse_words(words: Sequence[str], *, before_error: Callable[[], None] | None = None) -> argparse.Namespace:
    """Parse a command line; `command` in what it parses is the function to run.

    The chat should be there at once, and so should a command: none waits for the parsers of all the others to be made.
    `before_error` is called before anything is said that is wrong with the words.
    """
    chat = _ChatParser(add_help=False)
    add_chat_options(chat)
    with suppress(_NotTheChatError):
        if words and not words[0].startswith("-"):
            return _parse_command(words, chat.parse_args([]))
        return chat.parse_args(words, argparse.Namespace(command=run_chat))
    if before_error is not None:
        before_error()
    return make_parser().parse_words(words)


def _parse_command(words: Sequence[str], namespace: argparse.Namespace) -> argparse.Namespace:
    from tui.cli.command import FAMILIES, MAKES_ALL

    if words[0] not in FAMILIES or words[0] in MAKES_ALL:
        raise _NotTheChatError
    one = _OneCommand(words[0])
    import_module(f"tui.cli.command.{words[0]}").add(one)
    for name, value in vars(one.parser.parse_args(words[1:])).items():
        setattr(namespace, name, value)
    return namespace


class _OneCommand:
    """Takes a command by itself, without a parser of all the others."""

    def __init__(self, name: str) -> None:
        """Start without it."""
        self._name = name
        self.parser = _ChatParser(prog=f"rillet {name}", add_help=False)

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002  # argparse's word
        """See `Commands.add_parser`."""
        del help
        return self.parser if name == self._name else argparse.ArgumentParser(add_help=False)


def make_parser() -> Parser:
    """The whole command line; `command` in what it parses is the function to run."""
    from tui.cli.command import FAMILIES

    parser = Parser(
        prog="rillet",
        description="A terminal chat for streaming language-model APIs,\nin which you can see the stream.",
        epilog=f"{EXAMPLES}\n{_exit_codes()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rillet {__version__}")
    parser.set_defaults(command=run_chat, whole=parser)
    add_chat_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in FAMILIES:
        import_module(f"tui.cli.command.{name}").add(commands)
    return parser


def _exit_codes() -> str:
    from tui.cli.exit_code import ExitCode

    return "\n".join(["exit codes:", *(f"  {code:<3} {code.meaning}" for code in ExitCode)])
