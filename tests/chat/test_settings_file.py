"""The settings of a running program are read again: what changed is said and applied, and nobody else is asked."""

from __future__ import annotations

import os

import pytest

from tui.chat.conversation import Conversation
from tui.chat.opening import open_program
from tui.chat.settings_file import changed_names, reload, told
from tui.chat.tool_session import ToolSession
from tui.domain.endpoint import Secret
from tui.domain.error import ConfigError, KeyMissingError, SettingsError
from tui.domain.turn import TurnState
from tui.store.settings import Choices, LocalSettings, Settings, TapeSettings

LAB = '[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "lab-1"\n'


@pytest.fixture
def place(tmp_path, monkeypatch):
    for name in ("DATA", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))
    return tmp_path / "config.toml"


def write(place, text):
    """Another text, and a time by which the change is seen."""
    place.write_text(text)
    os.utime(place, ns=(1, place.stat().st_mtime_ns + len(text)))


def opened(place, text, **more):
    write(place, text)
    return open_program({}, config=place, saves=False, needs_model=False, **more)


async def test_a_change_is_seen_said_and_applied(place):
    program = opened(place, LAB)
    assert not program.settings_file.has_changed()
    write(
        place,
        LAB.replace("lab-1", "lab-2") + '[endpoints.new]\nbase_url = "http://127.0.0.1:8/v1"\n[budget]\nmonth = 3\n',
    )
    assert program.settings_file.has_changed()
    names = await reload(program)
    assert names == ["budget.month", "endpoints.lab.model", "endpoints.new"]
    assert told(names) == "the settings changed: budget.month, endpoints.lab.model, endpoints.new"
    assert (program.endpoints["lab"].model, program.endpoints["new"].base_url) == ("lab-2", "http://127.0.0.1:8/v1")
    assert program.settings.budget.month == 3
    assert not program.settings_file.has_changed()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("theme = \n", r"config\.toml:1"),
        ('endpoint = "labb"\n' + LAB, "did you mean “lab”"),
        (None, "there is no file"),
    ],
)
async def test_a_broken_or_missing_file_keeps_the_old_settings_and_says_where(place, text, words):
    program = opened(place, 'endpoint = "lab"\n' + LAB)
    before = (program.settings, dict(program.endpoints), program.default_endpoint)
    if text is None:
        place.unlink()
    else:
        write(place, text)
    assert program.settings_file.has_changed()
    with pytest.raises(SettingsError, match=words):
        await reload(program)
    assert (program.settings, program.endpoints, program.default_endpoint) == before
    assert program.settings_file.problem
    assert not program.settings_file.has_changed(), "it is told once"
    write(place, 'endpoint = "lab"\n' + LAB)
    assert await reload(program) == []
    assert program.settings_file.problem == ""


async def test_a_usual_file_that_goes_while_it_is_replaced_changes_nothing(place, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place.parent))
    usual = place.parent / "rillet" / "config.toml"
    usual.parent.mkdir()
    usual.write_text('endpoint = "lab"\n' + LAB)
    program = open_program({}, saves=False)
    usual.unlink()
    with pytest.raises(SettingsError, match="there is no file"):
        await reload(program)
    assert program.default_endpoint == "lab"


async def test_an_empty_conversation_begins_as_the_settings_say_now_and_one_that_was_begun_goes_on(place):
    program = opened(place, 'endpoint = "lab"\nsystem = "A"\n' + LAB)
    empty, begun = (Conversation(program, "lab", "lab-1") for _ in range(2))
    begun.say("hello").end(TurnState.COMPLETE)
    before, asked = program.settings, (program.default_endpoint, program.default_model)
    write(place, 'endpoint = "local"\nsystem = "B"\n' + LAB)
    await reload(program)
    for each in (empty, begun):
        each.sheet.heed_settings(before, asked, is_begun=each.head is not None)
    assert (empty.sheet.endpoint, empty.sheet.system, empty.sheet.lost_endpoint) == ("local", "B", "")
    assert (begun.sheet.endpoint, begun.sheet.system) == ("lab", "A")


async def test_a_conversation_whose_endpoint_is_gone_asks_before_another_is_asked(place):
    program = opened(place, LAB)
    talk = Conversation(program, "lab", "lab-1")
    talk.say("hello").end(TurnState.COMPLETE)
    before, asked = program.settings, (program.default_endpoint, program.default_model)
    write(place, "")
    await reload(program)
    talk.sheet.heed_settings(before, asked, is_begun=True)
    assert "lab" not in program.endpoints
    assert program.about("lab", "lab-1") is None
    with pytest.raises(ConfigError, match="nothing was sent: “lab”, which answered here"):
        talk.say("more")
    assert talk.say("all the same").endpoint == "local"


async def test_the_endpoint_that_was_made_the_default_or_named_for_the_run_is_not_replaced(place):
    program = opened(place, LAB)
    program.choices = Choices(endpoint="lab")
    write(place, "")
    with pytest.raises(SettingsError, match="made the default in rillet"):
        await reload(program)
    program = opened(place, LAB, endpoint="lab")
    write(place, "mouse = false\n")
    with pytest.raises(SettingsError, match="which this run was told to ask"):
        await reload(program)
    assert program.default_endpoint == "lab"
    write(place, 'endpoint = "local"\n' + LAB)
    await reload(program)
    assert program.default_endpoint == "lab", "the command line counts for the whole run"


async def test_a_key_does_not_go_along_to_another_host_and_stays_masked(place):
    program = opened(place, LAB)
    secret = "typed-0123456789abcdef"
    program.use_key("lab", Secret(secret))
    _, key = await program.reach(program.endpoint("lab"))
    assert key.reveal() == secret
    write(place, LAB.replace("lab-1", "lab-2"))
    await reload(program)
    assert (await program.reach(program.endpoint("lab")))[1].reveal() == secret
    write(place, LAB.replace(":9/", ":7/") + 'key_env = "LAB_KEY"\n')
    await reload(program)
    assert not program.has_key("lab")
    with pytest.raises(KeyMissingError):
        await program.reach(program.endpoint("lab"))
    assert secret not in program.mask_keys(f"it said {secret}")


async def test_endpoints_of_this_run_and_dialects_that_were_found_out_stay(place):
    program = opened(place, LAB, base_url="http://127.0.0.1:6/v1", model="m")
    program.use_dialect("lab", "responses")
    write(place, LAB + "[budget]\nmonth = 1\n")
    await reload(program)
    assert program.endpoints["lab"].dialect == "responses"
    assert (program.default_endpoint, program.endpoints["url"].base_url) == ("url", "http://127.0.0.1:6/v1")
    write(place, LAB + 'dialect = "messages"\n')
    await reload(program)
    assert program.endpoints["lab"].dialect == "messages"


TOOL = '[tools.command.echo]\ndescription = "Echo"\nargv = ["echo", "{text}"]\nparameters = "text str"\n'
SERVER = '[tools.mcp.files]\ncommand = "no-such-server"\n'


async def test_tools_are_built_anew_and_servers_that_did_not_change_are_taken_over(place):
    program = opened(place, SERVER)
    talk = Conversation(program, "local", "m")
    tools = ToolSession(program, talk, lambda turn: None)
    first = await tools.load()
    write(place, SERVER + TOOL)
    await reload(program)
    tools.renew()
    second = await tools.load()
    assert first is not second
    assert second.servers == first.servers
    assert second.get("echo") is not None
    write(place, TOOL + '[[tools.allow]]\ntool = "echo"\n')
    await reload(program)
    tools.renew()
    assert [each.tool for each in tools.gate.patterns] == ["echo"]
    assert (await tools.load()).servers == ()
    await program.close()


def test_what_changed_is_named_as_it_is_written():
    before = Settings(keymap={"a": "b"})
    after = Settings(keymap={"a": "c"}, theme="ink", local=LocalSettings(threads=3), tapes=TapeSettings(keep="2 days"))
    assert changed_names(before, after) == ["theme", "keymap.a", "local.threads", "tapes.keep"]
    assert told(changed_names(before, after)).endswith(
        "theme, keymap.a, local.threads, tapes.keep (tapes.keep from the next start on)"
    )
