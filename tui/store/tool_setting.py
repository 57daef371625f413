"""The settings of tools: which there are, how they are started, what may run unasked."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

import msgspec

from tui.domain.key_word import names_key, variable_for
from tui.store.toml_file import WrongValueError

BuiltinName = Literal["read_file", "list_files", "search_files", "current_time", "calculate"]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86400)]
ByteCount = Annotated[int, msgspec.Meta(ge=1, le=100 << 20)]


class CommandTool(msgspec.Struct, frozen=True, kw_only=True):
    """`[tools.command.NAME]`: a program the model may ask to have run, never through a shell.

    Attributes:
        description: What the model is told it does.
        argv: The program and its arguments; `{name}` stands for the argument of that name.
        parameters: JSON Schema of the arguments: a table, JSON text, or one line such as `city, days int?`.
        cwd: The directory it runs in; rillet's own where empty.
        timeout: Seconds after which it is killed, with its children.
        output_limit_bytes: Output beyond this is cut.
        env: Names of the environment variables it gets besides the plain ones; keys are never among those.
        parallel: Whether it may run beside other calls of the same round.
    """

    description: str
    argv: tuple[str, ...]
    parameters: dict[str, Any] | str = {}
    cwd: str = ""
    timeout: Seconds = 30.0
    output_limit_bytes: ByteCount = 65536
    env: tuple[str, ...] = ()
    parallel: bool = False

    def __post_init__(self) -> None:
        """See that there is a program."""
        if not self.argv or not self.argv[0].strip():
            raise WrongValueError(["argv"], "“argv” must begin with a program", 'Such as argv = ["weather", "{city}"].')
        if "{" in self.argv[0]:
            raise WrongValueError(["argv"], "the model must not choose the program: “argv” begins with a placeholder")


class PythonTool(msgspec.Struct, frozen=True, kw_only=True):
    """`[tools.python.NAME]`: a Python function, run in a child process.

    Attributes:
        function: Where it is, as `module:function`.
        description: What the model is told it does; the docstring where empty.
        path: Directories to import it from, where it is not installed.
        cwd: The directory it runs in; rillet's own where empty.
        timeout: Seconds after which it is killed.
        output_limit_bytes: A result beyond this is cut.
        env: Names of the environment variables it gets besides the plain ones.
        parallel: Whether it may run beside other calls of the same round.
    """

    function: str
    description: str = ""
    path: tuple[str, ...] = ()
    cwd: str = ""
    timeout: Seconds = 30.0
    output_limit_bytes: ByteCount = 65536
    env: tuple[str, ...] = ()
    parallel: bool = False

    def __post_init__(self) -> None:
        """See that it names a function."""
        if not re.fullmatch(r"[^\W\d][\w.]*:[^\W\d][\w.]*", self.function):
            raise WrongValueError(["function"], f"“function” must be “module:function”, not “{self.function}”")


class ValueSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that stands elsewhere: `{ env = "NAME" }` or `{ command = "pass show it" }`.

    Attributes:
        env: The environment variable that holds it.
        command: A command whose first line of output it is; never run through a shell.
        form: What is made of it; `{}` stands for the value, as in `"Bearer {}"`.
    """

    env: str = ""
    command: str | tuple[str, ...] = ()
    form: str = "{}"

    def __post_init__(self) -> None:
        """See that it names one place."""
        if bool(self.env) == bool(self.argv):
            raise WrongValueError([], "a value is looked up in either “env” or “command”")
        if "{}" not in self.form:
            raise WrongValueError(["form"], "“form” must have {} where the value goes")

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as a list."""
        return split_words(self.command, "command")


class SignInSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[tools.mcp.NAME.sign_in]`: how to sign in at a server that wants it (OAuth 2.1); most need nothing of this.

    Attributes:
        enabled: Whether rillet ever signs in there.
        client_id: The client's id, where rillet is known there already.
        client_secret_env: The environment variable that holds the client's secret.
        private_key_env: The environment variable that holds the key it signs with, in PEM.
        client_metadata_url: The address of a document that describes the client, for servers that take one.
        issuer: The authorization server that the id belongs to.
        scope: What to ask for, where the server does not say.
        port: The port on this machine that the browser comes back to; any where it is 0.
        grant: `browser`, or `client_credentials` where no person signs in.
        store: Where tokens are kept: the system's `keyring`, `memory`, or a `file` that only you can read.
    """

    enabled: bool = True
    client_id: str = ""
    client_secret_env: str = ""
    private_key_env: str = ""
    client_metadata_url: str = ""
    issuer: str = ""
    scope: str = ""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    grant: Literal["browser", "client_credentials"] = "browser"
    store: Literal["keyring", "memory", "file"] = "keyring"


class McpServer(msgspec.Struct, frozen=True, kw_only=True):
    """`[tools.mcp.NAME]`: a server that offers tools over the Model Context Protocol.

    Attributes:
        command: The program that is the server: text, split as a shell would, or a list; `~` is the home.
        url: Or the address of one that runs already.
        env: Names of environment variables to hand down besides the plain ones, or a table of values.
        headers: Headers that go with every request to `url`.
        key_env: The environment variable that holds the bearer token for `url`.
        key_command: Or a command that prints it.
        sign_in: How to sign in, where the server wants that and there is no token.
        cwd: The directory the program runs in.
        timeout: Seconds to wait for an answer; progress lengthens it.
        start_timeout: Seconds to wait for the start.
        protocol: `newest` is the newest that the server speaks; `older` that of 2025, in which some servers do more.
        output_limit_bytes: A result beyond this is cut.
        only: Names of the tools that are offered, where not all of them should be.
        parallel: Whether its calls may run beside others of the same round.
        roots: Whether the server is told of the directories in `roots`.
        enabled: Whether it is started.
    """

    command: str | tuple[str, ...] = ()
    url: str = ""
    env: tuple[str, ...] | dict[str, str | ValueSource] = ()
    headers: dict[str, str | ValueSource] = {}
    key_env: str = ""
    key_command: str | tuple[str, ...] = ()
    sign_in: SignInSettings = SignInSettings()
    cwd: str = ""
    timeout: Seconds = 60.0
    start_timeout: Seconds = 60.0
    protocol: Literal["newest", "older"] = "newest"
    output_limit_bytes: ByteCount = 65536
    only: tuple[str, ...] = ()
    parallel: bool = False
    roots: bool = True
    enabled: bool = True

    def __post_init__(self) -> None:
        """See that there is one way to reach it, and that no key stands in the settings."""
        if bool(self.argv) == bool(self.url):
            raise WrongValueError([], "an MCP server needs either a “command” or a “url”")
        if self.key_env and split_words(self.key_command, "key_command"):
            raise WrongValueError(["key_command"], "“key_env” and “key_command” exclude each other")
        for table, values in (("env", self.env), ("headers", self.headers)):
            for name, value in values.items() if isinstance(values, dict) else ():
                refuse_key([table, name], name, value)

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments; empty for one that is reached by `url`."""
        return split_words(self.command, "command")


class AllowedPattern(msgspec.Struct, frozen=True, kw_only=True):
    """`[[tools.allow]]`: calls that run unasked.

    Attributes:
        tool: The tool's name.
        arguments: A pattern for each argument; the call must have exactly these. `*` stands for anything but
            `/`, `**` for anything, `?` for one character but `/`.
        definition: The beginning of the tool's hash; where given, only that definition is allowed.
    """

    tool: str
    arguments: dict[str, str] = {}
    definition: str = ""


class ToolSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[tools]`: the tools there are.

    Attributes:
        builtin: The built-in ones that are offered: read_file, list_files, search_files, current_time, calculate.
        fetch_url: Whether the built-in that fetches web pages is offered too.
        command: Programs, by tool name.
        python: Python functions, by tool name.
        mcp: MCP servers, by server name.
        allow: Calls that run unasked.
    """

    builtin: tuple[BuiltinName, ...] = ("read_file", "list_files", "search_files", "current_time", "calculate")
    fetch_url: bool = False
    command: dict[str, CommandTool] = {}
    python: dict[str, PythonTool] = {}
    mcp: dict[str, McpServer] = {}
    allow: tuple[AllowedPattern, ...] = ()

    def __post_init__(self) -> None:
        """See that every tool has a name that an API takes, and its own."""
        builtin = {*get_args(BuiltinName), "fetch_url"}
        for table, names in (("command", self.command), ("python", self.python), ("mcp", self.mcp)):
            for name in names:
                check_name([table, name], name)
                if table != "mcp" and name in builtin:
                    raise WrongValueError([table, name], f"“{name}” is the name of a built-in tool", "Choose another.")
                if table == "python" and name in self.command:
                    raise WrongValueError([table, name], f"“{name}” is a command tool already", "Choose another.")


def refuse_key(keys: list[str | int], name: str, value: str | ValueSource) -> None:
    """See that a value whose name is one of keys does not stand in the settings itself.

    Raises:
        WrongValueError: If it does; the value is not repeated.
    """
    if isinstance(value, str) and value and names_key(name):
        raise WrongValueError(
            keys,
            f"“{name}” looks like a key, and keys do not belong in a file",
            f'Name its source instead: {name} = {{ env = "{variable_for(name)}" }}, or {{ command = "pass show it" }}.',
        )


def check_name(keys: list[str | int], name: str) -> None:
    """See that a name can be sent to an API and typed by a person.

    Raises:
        WrongValueError: If it cannot.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise WrongValueError(keys, f"“{name}” cannot be a name", "Use up to 64 letters, digits, _ and -.")


def split_words(command: str | tuple[str, ...], key: str) -> tuple[str, ...]:
    """A command as a list: text is split as a shell would, and never given to one.

    Raises:
        WrongValueError: If a quote in it is not closed.
    """
    if isinstance(command, tuple):
        return command
    import shlex

    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise WrongValueError([key], f"“{key}” is not a command: {str(error).lower()}") from error
