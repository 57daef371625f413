"""Where a key is found, and what a key may be."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

import pytest

from tui.domain.endpoint import Endpoint, Secret
from tui.domain.error import ConfigError, KeyMissingError
from tui.net.key import find_key, key_name
from tui.net.keyring import delete_key, keep_key

GOOD = "xai-0123456789abcdef0123456789"


def endpoint(**more) -> Endpoint:
    return Endpoint("xai", "https://api.x.ai/v1", title="xAI", **more)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_the_first_variable_that_is_set():
    asked = endpoint(key_env=("RILLET_API_KEY", "XAI_API_KEY"))
    assert (await find_key(asked, {"XAI_API_KEY": f" {GOOD}\n"})).reveal() == GOOD
    assert (await find_key(asked, {"RILLET_API_KEY": "first", "XAI_API_KEY": GOOD})).reveal() == "first"
    assert (await find_key(asked, {"RILLET_API_KEY": "  ", "XAI_API_KEY": GOOD})).reveal() == GOOD


async def test_a_missing_key_says_what_to_set():
    with pytest.raises(KeyMissingError) as caught:
        await find_key(endpoint(key_env=("XAI_API_KEY",)), {})
    assert caught.value.message == "There is no key for xAI."
    assert caught.value.hint == "Set XAI_API_KEY; on the screen, /key takes one."
    assert caught.value.kind == "auth"
    with pytest.raises(KeyMissingError, match="no key"):
        await find_key(endpoint(), {})


async def test_no_key_is_fine_where_none_is_needed():
    assert await find_key(endpoint(needs_key=False), {}) is None
    assert (await find_key(endpoint(needs_key=False, key_env=("K",)), {"K": GOOD})).reveal() == GOOD


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("abc\ndef", "more than one line"),
        ("abc def", "a space"),
        ("abc\u00a0def", "a space"),
        ("schlüssel", "not ASCII"),
        ("abc\x1b[2Jdef", "control character"),
        ("abc\x00def", "control character"),
    ],
)
async def test_a_key_that_cannot_be_one_is_named_and_not_shown(value, words):
    with pytest.raises(ConfigError) as caught:
        await find_key(endpoint(key_env=("XAI_API_KEY",)), {"XAI_API_KEY": value})
    assert "XAI_API_KEY" in caught.value.message
    assert words in caught.value.message
    assert "def" not in caught.value.message
    assert value not in str(caught.value.record())


async def test_a_command_prints_it_on_its_first_line():
    asked = endpoint(key_env=("XAI_API_KEY",), key_command=python(f"print('{GOOD}'); print('login: me')"))
    assert (await find_key(asked, dict(os.environ))).reveal() == GOOD
    assert (await find_key(asked, {"XAI_API_KEY": "other"})).reveal() == "other"


async def test_no_shell_reads_the_command(tmp_path):
    target = tmp_path / "made"
    asked = endpoint(key_command=("echo", f"key; touch {target}"))
    with pytest.raises(ConfigError, match="a space"):
        await find_key(asked, dict(os.environ))
    assert not target.exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/nonexistent/pass", "show"), "did not start: No such file"),
        (("a\0b",), "did not start"),
        (python("import sys; print('\\x1b[2Jno such entry\\nmore', file=sys.stderr); sys.exit(3)"), "status 3"),
        (python("pass"), "printed nothing"),
        (python("print('two words')"), "a space"),
        (python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')"), "not ASCII"),
    ],
)
async def test_a_command_that_fails(command, words):
    with pytest.raises(ConfigError) as caught:
        await find_key(endpoint(key_command=command), dict(os.environ))
    assert words in caught.value.message
    assert "\x1b" not in caught.value.message


async def test_what_the_command_complains_of_is_told():
    command = python("import sys; print('gpg: no secret key', file=sys.stderr); sys.exit(1)")
    with pytest.raises(ConfigError, match="gpg: no secret key"):
        await find_key(endpoint(key_command=command), dict(os.environ))


async def test_what_a_command_leaves_in_the_background_holds_nothing_up(tmp_path):
    pid_file = tmp_path / "pid"
    code = f"import subprocess; p = subprocess.Popen(['sleep', '60']); open({str(pid_file)!r}, 'w').write(str(p.pid)); print('{GOOD}')"
    assert (await find_key(endpoint(key_command=python(code)), dict(os.environ), seconds=60)).reveal() == GOOD
    pid = int(pid_file.read_text())
    os.kill(pid, 0)  # it may be an agent that the next command will ask
    os.kill(pid, signal.SIGKILL)


async def test_a_command_that_waits_is_ended_with_all_it_started(tmp_path):
    pid_file = tmp_path / "pid"
    code = f"import subprocess, sys; p = subprocess.Popen(['sleep', '60']); open({str(pid_file)!r}, 'w').write(str(p.pid)); p.wait()"
    for seconds in (0.5, 2.0, 8.0, 32.0):  # until it was up in so short a time
        with pytest.raises(ConfigError, match="gave no key within"):
            await find_key(endpoint(key_command=python(code)), dict(os.environ), seconds=seconds)
        if pid_file.exists() and pid_file.read_text():
            break
    await is_gone(int(pid_file.read_text()))


async def test_a_command_can_be_left(tmp_path):
    pid_file = tmp_path / "pid"
    code = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(find_key(endpoint(key_command=python(code)), dict(os.environ)))
    while not (pid_file.exists() and pid_file.read_text()):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await is_gone(int(pid_file.read_text()))


async def is_gone(pid: int) -> None:
    """Wait until a process has ended; whether its parent has taken note of that is no matter."""
    async with asyncio.timeout(60):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            while True:
                with open(f"/proc/{pid}/stat") as stat:
                    if stat.read().rpartition(")")[2].split()[0] == "Z":
                        return
                await asyncio.sleep(0.01)


async def test_a_command_that_never_stops_talking_is_cut_short():
    code = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    with pytest.raises(ConfigError):
        await find_key(endpoint(key_command=python(code)), dict(os.environ), seconds=1)


def test_the_source_of_a_key_has_a_name():
    assert key_name(endpoint(key_env=("A", "B"))) == "A or B"
    assert key_name(endpoint(key_env=("A", "B")), Secret("k", "B")) == "B"
    assert key_name(endpoint(key_command=("pass", "show", "xai"))) == "what pass prints"
    assert key_name(endpoint()) == ""


class FakeKeyring:
    """The library `keyring`, with a keyring in memory."""

    class errors:
        class KeyringError(Exception):
            pass

    def __init__(self, priority=5):
        self.kept, self.backend = {}, type("Backend", (), {"priority": priority})()
        self.is_locked = False

    def get_keyring(self):
        return self.backend

    def get_password(self, service, name):
        if self.is_locked:
            raise self.errors.KeyringError("it is locked")
        return self.kept.get((service, name))

    def set_password(self, service, name, key):
        self.kept[service, name] = key

    def delete_password(self, service, name):
        del self.kept[service, name]


@pytest.fixture
def keyring(monkeypatch):
    made = FakeKeyring()
    monkeypatch.setitem(sys.modules, "keyring", made)
    monkeypatch.setitem(sys.modules, "keyring.errors", made.errors)
    return made


async def test_a_key_of_the_keyring_comes_after_the_environment_and_before_a_command(keyring):
    await keep_key("work", GOOD)
    assert keyring.kept == {("rillet", "work"): GOOD}
    asked = endpoint(key_env=("WORK",), key_keyring="work", key_command=python("print('told')"))
    found = await find_key(asked, {})
    assert (found.reveal(), key_name(asked, found)) == (GOOD, "the keyring's “work”")
    assert (await find_key(asked, {"WORK": "set"})).reveal() == "set"
    keyring.kept.clear()
    assert (await find_key(asked, {})).reveal() == "told"


async def test_a_key_is_taken_out_of_the_keyring_and_others_stay(keyring):
    await keep_key("work", GOOD)
    await keep_key("lab", GOOD)
    assert await delete_key("work")
    assert not await delete_key("work")
    assert keyring.kept == {("rillet", "lab"): GOOD}
    keyring.is_locked = True
    with pytest.raises(ConfigError, match="locked"):
        await delete_key("lab")


async def test_a_keyring_without_the_key_that_is_locked_or_is_none_says_what_to_do(keyring, monkeypatch):
    asked = endpoint(key_keyring="work")
    with pytest.raises(KeyMissingError, match="no key “work” in the keyring"):
        await find_key(asked, {})
    keyring.is_locked = True
    with pytest.raises(ConfigError, match="did not answer: it is locked"):
        await find_key(asked, {})
    keyring.backend.priority = 0
    with pytest.raises(ConfigError, match="no keyring that rillet can use"):
        await keep_key("work", GOOD)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError) as caught:
        await find_key(asked, {})
    assert "rillet[keyring]" in caught.value.hint
