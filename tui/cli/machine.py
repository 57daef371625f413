"""This machine, as far as it matters to rillet: for `rillet doctor`, and for whoever reads its report."""

from __future__ import annotations

import os
import platform
import ssl
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from tui import __version__
from tui.chat.doctor.card import MachineFact
from tui.domain.error import RilletError
from tui.domain.quantity import describe_size
from tui.wire.printable import printable_line

_LIBRARIES = ("textual", "httpx", "httpx-sse", "msgspec", "markdown-it-py", "pygments")
_EXTRAS = ("xllamacpp", "mcp", "keyring", "tomlkit")


def machine_facts(config: Path | None, environ: Mapping[str, str] = os.environ) -> list[MachineFact]:
    """Everything about this machine, a line each; nothing is sent anywhere, and no key is looked at."""
    facts = (
        ("system", _system()),
        ("python", f"{platform.python_implementation()} {platform.python_version()}, OpenSSL {_openssl()}"),
        ("libraries", _versions(_LIBRARIES)),
        ("extras", _versions(_EXTRAS) or "none installed"),
        ("terminal", _terminal(environ)),
        ("clipboard", _clipboard(environ)),
        ("settings", _settings(config)),
        ("endpoints", _endpoints(config, environ)),
        ("database", _database()),
        ("built-in model", _local()),
        ("proxy", _proxy(environ)),
        ("certificates", _certificates(environ)),
        ("tools", _tools()),
    )
    return [MachineFact(name, printable_line(words)) for name, words in (("rillet", __version__), *facts)]


def _system() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count() or '?'} processors"


def _openssl() -> str:
    return ssl.OPENSSL_VERSION.removeprefix("OpenSSL ").partition(" ")[0]


def _versions(names: tuple[str, ...]) -> str:
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(versions)


def _terminal(environ: Mapping[str, str]) -> str:
    from tui.ui.terminal.multiplexer import is_in_mosh, is_in_screen, is_in_tmux

    words = [f"TERM={environ.get('TERM', '') or 'not set'}"]
    words += [f"{name}={environ[name]}" for name in ("COLORTERM", "TERM_PROGRAM", "LC_TERMINAL") if environ.get(name)]
    if sys.stdout.isatty():
        size = os.get_terminal_size(sys.stdout.fileno())
        words.append(f"{size.columns}x{size.lines}")
    else:
        words.append("standard output is no terminal")
    carriers = {"tmux": is_in_tmux(environ), "screen": is_in_screen(environ), "mosh": is_in_mosh()}
    words += [f"in {name}" for name, is_in in carriers.items() if is_in]
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        words.append("over ssh")
    words.append(f"encoding {sys.stdout.encoding or '?'}")
    return ", ".join(words)


def _clipboard(environ: Mapping[str, str]) -> str:
    from tui.ui.terminal.clipboard import describe_route

    return describe_route(environ)


def _settings(config: Path | None) -> str:
    from tui.store.path import settings_path
    from tui.store.settings import read_settings

    try:
        path = config or settings_path()
        read_settings(path, must_exist=config is not None)
    except RilletError as error:
        return f"cannot be used: {error.in_full}"
    return str(path) if path.exists() else f"none (there is no {path})"


def _endpoints(config: Path | None, environ: Mapping[str, str]) -> str:
    from tui.store.path import settings_path
    from tui.store.settings import known_endpoints, read_settings

    try:
        settings = read_settings(config or settings_path(), must_exist=config is not None)
    except RilletError:
        return "unknown, while the settings cannot be used"
    return ", ".join(_keys(known_endpoints(settings, environ), environ))


def _keys(endpoints: Mapping[str, object], environ: Mapping[str, str]) -> Iterator[str]:
    from tui.domain.endpoint import Endpoint

    for name, endpoint in endpoints.items():
        if not isinstance(endpoint, Endpoint):
            continue
        named = next((variable for variable in endpoint.key_env if environ.get(variable, "").strip()), "")
        if named:
            yield f"{name} (key from {named})"
        elif endpoint.key_command:
            yield f"{name} (key from {endpoint.key_command[0]})"
        else:
            yield f"{name} (no key)" if endpoint.needs_key else name


def _database() -> str:
    from tui.chat.saved import open_to_read
    from tui.store.path import database_path

    try:
        path = database_path()
        if not path.is_file():
            return f"none yet ({path})"
        database = open_to_read()
        try:
            count, notes = len(database.sessions.summaries()), database.notes()
        finally:
            database.close()
    except RilletError as error:
        return f"cannot be read: {error.in_full}"
    size = describe_size(path.stat().st_size)
    return "; ".join([f"{path}, {size}, {count} {'session' if count == 1 else 'sessions'}", *notes])


def _local() -> str:
    from tui.local.runtime import check_runtime
    from tui.local.weights import find_weights
    from tui.store.path import data_dir

    try:
        weights = find_weights(data_dir())
        check_runtime()
    except RilletError as error:
        return error.in_full
    return f"installed ({weights.alias})" if weights is not None else "not installed"


def _proxy(environ: Mapping[str, str]) -> str:
    from tui.net.address import host_of
    from tui.net.proxy import find_proxy

    words = []
    for scheme in ("https", "http"):
        try:
            proxy = find_proxy(f"{scheme}://api.example.com/", environ)
        except RilletError as error:
            words.append(error.in_full)
            continue
        if proxy:
            words.append(f"{scheme} through {host_of(proxy)}")
    if spared := environ.get("NO_PROXY") or environ.get("no_proxy"):
        words.append(f"but not to {spared}")
    return ", ".join(words) if words else "none"


def _certificates(environ: Mapping[str, str]) -> str:
    named = [f"{name}={environ[name]}" for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)]
    for name in named:
        path = name.partition("=")[2]
        if not Path(path).exists():
            return f"{name}, which is not there: nobody is trusted"
    try:
        count = ssl.create_default_context().cert_store_stats()["x509_ca"]
    except (OSError, ssl.SSLError) as error:
        return f"cannot be read: {error}"
    if named:
        return f"{', '.join(named)}: {count} authorities"
    return f"{count} authorities of this machine, and those of certifi {_versions(('certifi',)).partition(' ')[2]}"


def _tools() -> str:
    from tui.tools.process import describe_bounds

    return describe_bounds().removeprefix("tools: ")
