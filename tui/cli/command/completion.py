"""`rillet completion`: what a shell needs to complete rillet's commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from msgspec import Struct

from tui.cli.option import Commands

SHELLS = ("bash", "zsh", "fish")


class _Option(Struct, frozen=True):
    """An option: how it is written, what it does, and what may stand behind it (`None` for nothing, `()` for a file)."""

    names: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None


class _Level(Struct, frozen=True):
    """What can stand behind a command, given by the words that name it; commands come with their help."""

    words: tuple[str, ...]
    commands: tuple[tuple[str, str], ...]
    options: tuple[_Option, ...]
    takes_files: bool


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("completion", help="print what completes rillet's commands in a shell")
    parser.set_defaults(command=completion)
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def completion(args: argparse.Namespace) -> int:
    """`rillet completion`: a script for a shell."""
    levels = list(_levels(args.whole, ()))
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell](levels))
    return 0


def _levels(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[_Level]:
    commands: dict[str, str] = {}
    below: dict[str, argparse.ArgumentParser] = {}
    options, takes_files = [], False
    for action in parser._actions:  # noqa: SLF001  # argparse has no public way to ask
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            below |= action.choices
            commands |= {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
        elif action.option_strings:
            choices = tuple(str(choice) for choice in action.choices or ())
            options.append(
                _Option(tuple(action.option_strings), action.help or "", None if action.nargs == 0 else choices)
            )
        elif action.choices:
            commands |= dict.fromkeys(map(str, action.choices), "")
        else:
            takes_files = True
    yield _Level(words, tuple(commands.items()), tuple(options), takes_files)
    for name, inner in below.items():
        yield from _levels(inner, (*words, name))


def _bash(levels: list[_Level]) -> str:
    cases, values = [], []
    for level in levels:
        offered = [*(name for name, _ in level.commands), *(name for option in level.options for name in option.names)]
        cases.append(f"    '{' '.join(level.words)}') words='{' '.join(offered)}' ;;")
        for option in level.options:
            if option.values:
                names = "|".join(f"'{' '.join((*level.words, name)).strip()}'" for name in option.names)
                values.append(f"    {names}) words='{' '.join(option.values)}' ;;")
    paths = " ".join(sorted({" ".join(level.words).replace(" ", "/") for level in levels if level.words}))
    return f"""\
# rillet completion bash: source it, or put it into ~/.local/share/bash-completion/completions/rillet
_rillet() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} path= words= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case " {paths} " in *" ${{path:+${{path// //}}/}}$word "*) path=${{path:+$path }}$word ;; esac
  done
  case "${{path:+$path }}$before" in
{chr(10).join(dict.fromkeys(values))}
    *) case "$path" in
{chr(10).join("  " + case for case in cases)}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _rillet rillet"""


def _zsh(levels: list[_Level]) -> str:
    functions = []
    for level in levels:
        name = "_".join(("_rillet", *level.words)).replace("-", "_")
        lines = []
        for option in level.options:
            behind = ""
            if option.values is not None:
                behind = f":value:({' '.join(option.values)})" if option.values else ":value:_files"
            lines += [f"    '{written}[{_zsh_text(option.help)}]{behind}'" for written in option.names]
        if level.commands and any(
            (*level.words, command) == other.words for command, _ in level.commands for other in levels
        ):
            lines += ["    '1: :->command'", "    '*:: :->rest'"]
        elif level.commands:
            lines.append(f"    '1: :({' '.join(command for command, _ in level.commands)})'")
        elif level.takes_files:
            lines.append("    '*: :_files'")
        described = " ".join(f"'{command}:{_zsh_text(words)}'" for command, words in level.commands)
        cases = "\n".join(
            f"        {command}) {f'{name}_{command}'.replace('-', '_')} ;;"
            for command, _ in level.commands
            if any((*level.words, command) == other.words for other in levels)
        )
        body = f"""\
{name}() {{
  local state line
  local -a commands
  commands=({described})
  _arguments -C \\
{(" " + chr(92) + chr(10)).join(lines) or "    '*: :_files'"}
  case $state in
    command) _describe command commands ;;
    rest) case $line[1] in
{cases}
      esac ;;
  esac
}}"""
        functions.append(body)
    return "#compdef rillet\n# rillet completion zsh: write it to a file _rillet in a folder of $fpath\n" + "\n".join(
        [*functions, 'if [ "$funcstack[1]" = _rillet ]; then _rillet "$@"; else compdef _rillet rillet; fi']
    )


def _zsh_text(text: str) -> str:
    return text.replace("'", "’").replace("[", "(").replace("]", ")").replace(":", ";")


def _fish(levels: list[_Level]) -> str:
    lines = ["# rillet completion fish: write it to ~/.config/fish/completions/rillet.fish"]
    for level in levels:
        here = " ; and ".join(f"__fish_seen_subcommand_from {word}" for word in level.words)
        others = " ".join(command for command, _ in level.commands)
        where = here or "true"
        for command, words in level.commands:
            at = f"{where}; and not __fish_seen_subcommand_from {others}"
            lines.append(f"complete -c rillet -f -n {_quoted(at)} -a {command} -d {_quoted(words)}")
        for option in level.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            behind = ""
            if option.values is not None:
                behind = f" -x -a {_quoted(' '.join(option.values))}" if option.values else " -r"
            lines.append(f"complete -c rillet -n {_quoted(where)} {names}{behind} -d {_quoted(option.help)}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
