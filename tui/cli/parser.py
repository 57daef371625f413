"""What can be written on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Protocol

from tui import __version__
from tui.cli import command
from tui.domain.endpoint_word import DIALECT_NAMES, EFFORTS

EXAMPLES = """\
examples:
  rillet                                    chat, full screen
  rillet --continue                         go on where you left off
  rillet ask "Why is the sky blue?"         one answer to standard output
  git diff | rillet ask "Review this"       with standard input joined to the prompt
  rillet ask --events "Hi"                  the stream as JSON lines
  curl -N ... | rillet decode               decode a raw stream
  rillet local install                      fetch the small built-in model
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors name the nearest right word."""

    _words: Sequence[str] = ()

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
            wrong = next((word for word in message.split() if word.startswith("-")), "").partition("=")[0]
            right = options
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


class _ChatParser(argparse.ArgumentParser):
    """Knows the chat's own options, and gives up at anything else."""

    def error(self, message: str) -> NoReturn:
        """Leave the words to the whole parser."""
        raise _NotTheChatError(message)


def parse_words(words: Sequence[str]) -> argparse.Namespace:
    """Parse a command line; `command` in what it parses is the function to run.

    The chat should be there at once, so it does not wait for the parsers of all the other commands to be made.
    """
    chat = _ChatParser(add_help=False)
    _add_chat_options(chat)
    with suppress(_NotTheChatError):
        if list(words[:1]) == ["ask"]:  # nor should one question
            ask = _OneCommand()
            _add_ask(ask)
            namespace = chat.parse_args([])
            namespace.command = command.ask
            return ask.parser.parse_args(words[1:], namespace)
        return chat.parse_args(words)
    return make_parser().parse_words(words)


class Commands(Protocol):
    """Where a command is added; argparse has no public name for it."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002  # argparse's word
        """Add a command."""
        ...


class _OneCommand:
    """Takes a command by itself, without a parser of all the others."""

    def __init__(self) -> None:
        """Start without it."""
        self.parser: argparse.ArgumentParser = _ChatParser(add_help=False)

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002  # argparse's word
        """See `Commands.add_parser`."""
        del name, help
        return self.parser


def make_parser() -> Parser:
    """The whole command line; `command` in what it parses is the function to run."""
    parser = Parser(
        prog="rillet",
        description="A terminal chat for streaming language-model APIs, in which you can see the stream.",
        epilog=f"{EXAMPLES}\n{_exit_codes()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rillet {__version__}")
    _add_chat_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (
        _add_ask,
        _add_decode,
        _add_replay,
        _add_tape,
        _add_sessions,
        _add_backup,
        _add_local,
        _add_tools,
        _add_mcp,
    ):
        add(commands)
    commands.add_parser("paths", help="where rillet keeps its files").set_defaults(command=command.paths)
    return parser


def _add_ask(commands: Commands) -> None:
    ask = commands.add_parser("ask", help="ask once, and stream the answer to standard output")
    ask.set_defaults(command=command.ask)
    ask.add_argument("prompt", nargs="?", metavar="PROMPT")
    _add_endpoint_options(ask, again=True)
    ask.add_argument("--image", metavar="FILE", action="append", default=[], help="an image that goes with the prompt")
    ask.add_argument("--schema", metavar="FILE", help="the answer must be JSON that follows this JSON Schema")
    ask.add_argument("--events", action="store_true", help="print JSON lines, one for each delta")
    ask.add_argument("--tool", metavar="NAME", action="append", default=[], help="offer this tool")
    ask.add_argument("--approve", metavar="NAME", action="append", default=[], help="run this tool without asking")
    ask.add_argument(
        "--elicit",
        choices=["decline", "defaults"],
        default="decline",
        help="what MCP servers ask meanwhile: decline it, or answer with the values they propose",
    )
    ask.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")
    ask.add_argument("--gguf", metavar="FILE", type=Path, help="use this GGUF file as the built-in model")


def _add_decode(commands: Commands) -> None:
    decode = commands.add_parser("decode", help="decode a raw stream from standard input to JSON lines")
    decode.set_defaults(command=command.decode)
    decode.add_argument("--dialect", choices=["sse", *DIALECT_NAMES, "auto"], default="auto")


def _add_replay(commands: Commands) -> None:
    replay = commands.add_parser("replay", help="play a tape, at its own pace")
    replay.set_defaults(command=command.replay)
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument("--speed", type=float, default=1.0, metavar="N", help="times as fast; 0 for at once")
    replay.add_argument("--events", action="store_true", help="print JSON lines instead of opening the screen")


def _add_backup(commands: Commands) -> None:
    backup = commands.add_parser("backup", help="copies of the sessions, one a day: list, restore")
    backups = backup.add_subparsers(title="commands", metavar="COMMAND", required=True)
    backups.add_parser("list", help="those there are").set_defaults(command=command.backup_list)
    restore = backups.add_parser("restore", help="put one in the place of the sessions file, which is kept")
    restore.set_defaults(command=command.backup_restore)
    restore.add_argument("name", metavar="NAME", help="its first letters will do")
    recover = commands.add_parser("recover", help="look through the sessions file, and mend it")
    recover.set_defaults(command=command.recover)


def _add_tape(commands: Commands) -> None:
    tape = commands.add_parser("tape", help="what the wire said: list, show, check, export, prune")
    tapes = tape.add_subparsers(title="commands", metavar="COMMAND", required=True)
    tapes.add_parser("list", help="the recorded turns").set_defaults(command=command.tape_list)
    show = tapes.add_parser("show", help="one recording, read by read")
    show.set_defaults(command=command.tape_show)
    show.add_argument("turn", metavar="SESSION.TURN")
    check = tapes.add_parser("check", help="what is wrong with a recorded stream, or worth knowing about it")
    check.set_defaults(command=command.tape_check)
    check.add_argument("tape", metavar="FILE|SESSION.TURN")
    prune = tapes.add_parser("prune", help="drop recordings that need not be kept; what was said stays")
    prune.set_defaults(command=command.tape_prune)
    prune.add_argument("--keep", metavar="HOW", help="such as “30 days”, “500 MB”; else as “keep” in “[tapes]” says")
    export = tapes.add_parser("export", help="one recording to a file, without its key")
    export.set_defaults(command=command.tape_export)
    export.add_argument("turn", metavar="SESSION.TURN")
    export.add_argument("file", type=Path, metavar="FILE")


def _add_sessions(commands: Commands) -> None:
    sessions = commands.add_parser("sessions", help="saved conversations: list, restore")
    sessions.set_defaults(command=command.sessions_list, deleted=False)
    sessions.add_argument("--find", metavar="TEXT", default="", help="only those that say this")
    sessions_ = sessions.add_subparsers(title="commands", metavar="COMMAND")
    listing = sessions_.add_parser("list", help="those there are, last used first")
    listing.set_defaults(command=command.sessions_list)
    listing.add_argument("--find", metavar="TEXT", default=argparse.SUPPRESS, help="only those that say this")
    listing.add_argument("--deleted", action="store_true", help="those deleted in the last 30 days")
    restore = sessions_.add_parser("restore", help="have a deleted one back, for 30 days after it was deleted")
    restore.set_defaults(command=command.sessions_restore)
    restore.add_argument("session", metavar="ID", help="the first letters of its id will do")


def _add_local(commands: Commands) -> None:
    local = commands.add_parser("local", help="the small built-in model")
    locals_ = local.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, what in (
        ("install", "fetch its weights (93 MB)"),
        ("status", "say whether it can run"),
        ("remove", "delete its weights"),
        ("path", "say where its weights are"),
    ):
        locals_.add_parser(name, help=what).set_defaults(command=command.local, action=name)


def _add_tools(commands: Commands) -> None:
    tools = commands.add_parser("tools", help="the tools a model may be given")
    tools.set_defaults(command=command.tools_list)
    tools_ = tools.add_subparsers(title="commands", metavar="COMMAND")
    tools_.add_parser("list", help="every tool that is set up").set_defaults(command=command.tools_list)
    test = tools_.add_parser("test", help="run one tool by hand")
    test.set_defaults(command=command.tools_test)
    test.add_argument("name", metavar="NAME")
    test.add_argument("arguments", metavar="JSON", nargs="?", default="{}")
    test.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")


def _add_mcp(commands: Commands) -> None:
    mcp = commands.add_parser("mcp", help="MCP servers: list, test, add, remove, import")
    mcps = mcp.add_subparsers(title="commands", metavar="COMMAND", required=True)
    mcps.add_parser("list", help="the servers that are set up").set_defaults(command=command.mcp_list)
    mcp_test = mcps.add_parser("test", help="start one, and say what came of it")
    mcp_test.set_defaults(command=command.mcp_test)
    mcp_test.add_argument("name", metavar="NAME")
    mcp_test.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")
    mcp_add = mcps.add_parser("add", help="add one, in a file beside the settings; options before NAME")
    mcp_add.set_defaults(command=command.mcp_add)
    mcp_add.add_argument(
        "--env", metavar="NAME[=VALUE]", action="append", default=[], help="a variable for it; without a value, yours"
    )
    mcp_add.add_argument("--header", metavar="NAME:VALUE", action="append", default=[], help="goes with every request")
    mcp_add.add_argument("--key-env", metavar="NAME", default="", help="the variable that holds its bearer token")
    mcp_add.add_argument("--key-command", metavar="COMMAND", default="", help="a command that prints its bearer token")
    mcp_add.add_argument("--cwd", metavar="DIR", default="", help="the directory it runs in")
    mcp_add.add_argument("--only", metavar="TOOL", action="append", default=[], help="offer this tool, and no others")
    mcp_add.add_argument("--timeout", metavar="SECONDS", type=float, default=0.0, help="for an answer")
    mcp_add.add_argument("--start-timeout", metavar="SECONDS", type=float, default=0.0, help="for its start")
    mcp_add.add_argument("name", metavar="NAME")
    mcp_add.add_argument("target", metavar="URL | -- COMMAND", nargs=argparse.REMAINDER)
    mcp_remove = mcps.add_parser("remove", help="take away one that was added")
    mcp_remove.set_defaults(command=command.mcp_remove)
    mcp_remove.add_argument("name", metavar="NAME")
    mcp_import = mcps.add_parser("import", help="add those of another program: mcpServers in a JSON file")
    mcp_import.set_defaults(command=command.mcp_import)
    mcp_import.add_argument("file", metavar="FILE", help="- for standard input")


def _exit_codes() -> str:
    from tui.cli.exit_code import ExitCode

    return "\n".join(["exit codes:", *(f"  {code:<41} {code.meaning}" for code in ExitCode)])


def _add_chat_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=command.chat)
    _add_endpoint_options(parser)
    parser.add_argument("--continue", dest="goes_on", action="store_true", help="open the last session")
    parser.add_argument("--session", metavar="ID", help="open a saved session (the first letters of its id will do)")
    parser.add_argument("--theme", metavar="NAME", help="use a theme for this run")
    parser.add_argument("--gguf", metavar="FILE", type=Path, help="use this GGUF file as the built-in model")
    parser.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")


def _add_endpoint_options(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """The options that say whom to ask; given after a command they override those given before it."""
    default = argparse.SUPPRESS if again else None
    parser.add_argument("--endpoint", metavar="NAME", default=default, help="one of the settings, or xai, or local")
    parser.add_argument("--base-url", metavar="URL", default=default, help="an endpoint for this run only")
    parser.add_argument("--dialect", choices=DIALECT_NAMES, default=default, help="the API spoken there")
    parser.add_argument("--model", "-m", metavar="ID", default=default)
    parser.add_argument(
        "--effort", choices=EFFORTS, default=default, help="how hard the model thinks, where it can be told"
    )
    parser.add_argument("--system", metavar="TEXT", default=default, help="the system prompt of this conversation")
    parser.add_argument(
        "--no-save", action="store_true", default=argparse.SUPPRESS if again else False, help="keep nothing on disk"
    )
    parser.add_argument("--config", metavar="FILE", type=Path, default=default, help="another settings file")
