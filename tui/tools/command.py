"""Command tools: a program of the user's, started with an argv made from a template. Never a shell.

In the template `{name}` stands for an argument, `{{` and `}}` for braces. An argument fills one element or
a part of one and can never become an option: what would begin with `-` in an element that begins with a
placeholder is refused, unless a `--` stands before it in the template. A list fills one element for each
item; an argument that was not given takes its whole element away.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from tui.domain.error import ConfigError
from tui.schema.json_value import canonical, is_sequence
from tui.schema.schema import types_of
from tui.schema.schema_line import read_schema
from tui.schema.schema_problem import schema_problems
from tui.tools.definition import OUTPUT_LIMIT, TIMEOUT, Output, Tool, ToolError
from tui.tools.process import (
    LAST_RESORT,
    Finished,
    clean_environment,
    decode,
    end_words,
    home_path,
    key_problems,
    run_process,
)
from tui.tools.root import Roots

_PIECE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][\w-]*)\}|([{}])")
_INTERPRETERS = re.compile(
    r"^((ba|z|da|k|mk|fi|c|tc|a|ya)?sh|su|runuser|script)$|^(python|pypy|perl|ruby|node|deno|bun|php|lua|osascript|pwsh|tclsh|Rscript)[\d.]*$"
)
_CODE_OPTIONS = re.compile(r"^-[a-zA-Z]*[ceErp]$|^--(eval|command|print|execute|session-command)$|^eval$")
_CODE_AT_ONCE = re.compile(r"^-[a-zA-Z]*[ceEr](?=.)|^--(eval|command|print|execute|session-command)=")
_RUN_A_LINE = re.compile(r"^(eval|ssh|watch|parallel)$")
"""Programs that hand all their words to a shell, here or on another machine."""
_AWKS = re.compile(r"^[gmn]?awk$")
_WRAPPERS = re.compile(
    r"^(env|sudo|doas|nice|ionice|nohup|timeout|time|setsid|stdbuf|chroot|xargs|busybox|toybox|docker|podman|kubectl|flock"
    r"|unshare|nsenter|chrt|taskset|firejail|bwrap|systemd-run|command|exec|uv|uvx|npx|pipx|poetry|pipenv|conda|nix|sshpass)$"
)
"""Programs that run the program that stands among their words."""


class CommandTool(Struct, frozen=True):
    """A command tool as the settings describe it.

    `parameters` is the JSON Schema of an object, or its one-line form; a property with `"format": "path"` is resolved and
    confined to the roots. `env` gives variables, `keep_env` names those to hand down. `timeout` is in
    seconds, `output_limit` in bytes.
    """

    name: str
    description: str
    argv: tuple[str, ...]
    parameters: Mapping[str, Any] | str = field(default_factory=dict)
    cwd: str | None = None
    timeout: float = TIMEOUT
    output_limit: int = OUTPUT_LIMIT
    env: Mapping[str, str] = field(default_factory=dict)
    keep_env: tuple[str, ...] = ()
    runs_parallel: bool = False


def read_parameters(given: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """The schema of the parameters, from either form; none given means that there are none.

    Raises:
        ConfigError: If the text is no schema.
    """
    schema = (read_schema(given) if given.strip() else {}) if isinstance(given, str) else given
    return schema or {"type": "object", "properties": {}, "additionalProperties": False}


def command_problems(tool: CommandTool) -> Iterator[tuple[str, str]]:
    """What is wrong with a definition: the key, and what about it."""
    try:
        parameters = read_parameters(tool.parameters)
    except ConfigError as error:
        yield "parameters", error.message
        return
    for problem in schema_problems(parameters):
        yield "parameters", problem
    if types_of(parameters) not in (("object",), ()):
        yield "parameters", "the schema must be of an object"
        return
    if not tool.argv or not tool.argv[0]:
        yield "argv", "the program is missing"
        return
    yield from key_problems(tool.env, tool.keep_env)
    yield from (("argv", problem) for problem in _template_problems(tool, parameters))


def command_tool(tool: CommandTool, roots: Roots) -> Tool:
    """The tool as it is called; its definition must have no problems."""

    async def run(arguments: Mapping[str, Any]) -> Output:
        argv = fill(tool, arguments, roots)
        finished = await run_process(
            argv,
            timeout=tool.timeout,
            output_limit=tool.output_limit,
            cwd=home_path(tool.cwd),
            env=clean_environment(tool.env, tool.keep_env),
        )
        return describe_end(finished, tool.timeout, tool.output_limit)

    def preview(arguments: Mapping[str, Any]) -> str:
        place = f"in {home_path(tool.cwd)}: " if tool.cwd else ""
        return place + shlex.join(fill(tool, arguments, roots))

    deciding = {
        "argv": tool.argv,
        "cwd": tool.cwd,
        "env": tool.env,
        "keep_env": tool.keep_env,
        "timeout": tool.timeout,
        "output_limit": tool.output_limit,
    }
    return Tool(
        tool.name,
        tool.description,
        read_parameters(tool.parameters),
        "command",
        run,
        preview=preview,
        deciding=deciding,
        runs_parallel=tool.runs_parallel,
        timeout=tool.timeout + LAST_RESORT,
        output_limit=tool.output_limit,
    )


def fill(tool: CommandTool, arguments: Mapping[str, Any], roots: Roots | None = None) -> list[str]:
    """The argv for one call.

    Raises:
        ToolError: If an argument would become an option, or leads out of the roots.
    """
    parameters = read_parameters(tool.parameters)
    given = {**_defaults(parameters), **arguments}
    for name, rule in _properties(parameters).items():
        if name in given and isinstance(rule, Mapping) and rule.get("format") == "path":
            given[name] = _confined(given[name], roots or Roots(()))
    argv = [tool.argv[0]]
    is_operand = False
    for element in tool.argv[1:]:
        pieces = list(_pieces(element))
        names = [piece for piece, is_name in pieces if is_name]
        is_operand = is_operand or element == "--"
        if any(given.get(name) is None for name in names):
            continue
        if not names:
            argv.append("".join(piece for piece, _ in pieces))
            continue
        for filled in _filled(pieces, given):
            if "\0" in filled:
                raise ToolError(f"{names[0]} holds a NUL character, which no program can be given")
            if filled.startswith("-") and pieces[0][1] and not is_operand:
                raise ToolError(f"{names[0]} must not begin with “-”: the program would take it for an option")
            argv.append(filled)
    return argv


def describe_end(finished: Finished, seconds: float, limit: int) -> Output:
    """A program's end as a result: what it wrote, and what there is to say about how it ended."""
    out, bad_out = decode(finished.out)
    err, bad_err = decode(finished.err)
    notes = []
    if finished.was_cut:
        notes.append(f"cut: it wrote more than {limit:,} bytes and was stopped")
    elif finished.has_timed_out:
        notes.append(f"stopped: it took longer than {seconds:g} seconds")
    elif finished.status:
        notes.append(end_words(finished.status))
    if bad := bad_out + bad_err:
        notes.append(f"{bad:,} characters were not UTF-8 and stand as \ufffd")
    parts = [out.rstrip("\n")] if out.strip() else []
    if err.strip():
        parts.append(f"[errors]\n{err.rstrip()}" if parts else err.rstrip())
    parts += [f"[{note}]" for note in notes]
    is_error = finished.was_cut or finished.has_timed_out or finished.status != 0
    return Output("\n".join(parts) or "[no output]", is_error=is_error)


def _pieces(element: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a template's element: text, or the name of an argument."""
    at = 0
    for match in _PIECE.finditer(element):
        if match.start() > at:
            yield element[at : match.start()], False
        if match[1]:
            yield match[1], True
        elif match[2]:
            raise ToolError(f"a lone “{match[2]}” in {element}; write {match[2] * 2} for the character")
        else:
            yield match[0][0], False
        at = match.end()
    if at < len(element):
        yield element[at:], False


def _filled(pieces: list[tuple[str, bool]], given: Mapping[str, Any]) -> Iterator[str]:
    listed = next((piece for piece, is_name in pieces if is_name and is_sequence(given[piece])), None)
    for item in given[listed] if listed is not None else [None]:
        yield "".join(
            (_text(item) if piece == listed else _text(given[piece])) if is_name else piece for piece, is_name in pieces
        )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value)


def _confined(value: Any, roots: Roots) -> Any:
    if is_sequence(value):
        return [_confined(item, roots) for item in value]
    return str(roots.find(str(value)).real) if value is not None else None


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    rules = _properties(schema).items()
    return {name: rule["default"] for name, rule in rules if isinstance(rule, Mapping) and "default" in rule}


def _template_problems(tool: CommandTool, parameters: Mapping[str, Any]) -> Iterator[str]:
    properties, used = _properties(parameters), set[str]()
    required = set(parameters.get("required", ())) | set(_defaults(parameters))
    codes = dict(_code_elements(tool.argv))
    before = ""
    for number, element in enumerate(tool.argv):
        try:
            pieces = list(_pieces(element))
        except ToolError as error:
            yield str(error)
            continue
        names = [piece for piece, is_name in pieces if is_name]
        used |= set(names)
        for name in names:
            if name not in properties:
                yield f"{{{name}}} is not among the parameters"
        if names and number == 0:
            yield "the program itself cannot be an argument"
        elif names:
            yield from _element_problems(element, pieces, properties)
            if number in codes:
                code = "give the argument an element of its own after the code"
                yield f"{element} would be run as code by {codes[number]}; {code}"
            is_alone = len(pieces) == 1 and names[0] not in required
            if is_alone and _wants_value(before):
                yield f"{names[0]} may be left out, and {before} would then stand alone; write {before}={{{names[0]}}} as one element"
        before = element
    for name in properties:
        if name not in used:
            yield f"the parameter {name} is not used; write {{{name}}} where it belongs"


def _wants_value(element: str) -> bool:
    """Whether an element may be an option that takes the next one for its value: no `--`, and none has it in itself."""
    return element.startswith("-") and element != "--" and "=" not in element and not _has_placeholder(element)


def _has_placeholder(element: str) -> bool:
    return any(match[1] for match in _PIECE.finditer(element))


def _code_elements(argv: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The elements of a template that a program would run as code, each with the program."""
    for start, program in enumerate(argv):
        name = Path(program).name
        if start and not _WRAPPERS.match(Path(argv[0]).name):
            return
        if _RUN_A_LINE.match(name):
            yield from ((number, name) for number in range(start + 1, len(argv)))
        operands = (number for number in range(start + 1, len(argv)) if not argv[number].startswith("-"))
        if _AWKS.match(name) and not any(element.startswith(("-f", "--file")) for element in argv[start + 1 :]):
            yield next(operands, len(argv)), name
        if not _INTERPRETERS.match(name):
            continue
        for number in range(start + 1, len(argv)):
            if _CODE_AT_ONCE.match(argv[number]):
                yield number, name
            if _CODE_OPTIONS.match(argv[number]):
                after = number + 1
                while after < len(argv) and argv[after] == "--":
                    after += 1
                yield after, name


def _element_problems(element: str, pieces: list[tuple[str, bool]], properties: Mapping[str, Any]) -> Iterator[str]:
    """An element such as `-{x}` or `-o{x}` lets an argument choose or add options; `--name={x}` does not."""
    start, name = pieces[0][0], next(piece for piece, is_name in pieces if is_name)
    if pieces[0][1] or not start.startswith("-") or "=" in start:
        return
    rule = properties.get(name)
    is_tame = isinstance(rule, Mapping) and (set(types_of(rule)) & {"integer", "number", "boolean"} or "enum" in rule)
    if not is_tame or set(start) == {"-"}:
        yield f"in {element} the argument could become an option; write --option={{{name}}}, or two elements"
