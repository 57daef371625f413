"""Which file the built-in model is, while the settings change and something is asked of it."""

from __future__ import annotations

import pytest

from tui.chat.built_in import BuiltIn
from tui.domain.endpoint import Endpoint
from tui.domain.error import ConfigError
from tui.store.settings import LocalSettings


@pytest.fixture
def files(tmp_path, monkeypatch):
    for name in ("DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("One", "Two"):
        (tmp_path / f"{name}-1B.gguf").write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(64))
    return tmp_path


def test_what_is_asked_of_a_model_ends_before_the_settings_take_it_away(files):
    built_in = BuiltIn(LocalSettings(model=str(files / "One-1B.gguf")))
    one = built_in.model
    with built_in.in_use():
        built_in.use_settings(LocalSettings(model=str(files / "Two-1B.gguf"), threads=3))
        assert built_in.model.weights.alias == "Two-1B"
        assert one.state.name == "idle", "it goes on"
        with built_in.in_use():
            pass
        assert (one.state.name, built_in.model.state.name) == ("idle", "idle")
    assert one.state.name == "stopped"
    built_in.use_settings(LocalSettings())
    assert (built_in.model, built_in.is_missing) == (None, True)


async def test_who_asks_is_told_why_there_is_none(files):
    built_in = BuiltIn(LocalSettings(model=str(files / "none.gguf")))
    asked = Endpoint("local", "http://127.0.0.1:1/v1", is_local=True)
    for settings, words in (
        (LocalSettings(model=str(files / "none.gguf")), "cannot be read"),
        (LocalSettings(enabled=False), "switched off"),
        (LocalSettings(), "not installed"),
    ):
        built_in.use_settings(settings)
        with pytest.raises(ConfigError, match=words):
            await built_in.reach(asked)
        assert words in built_in.lack
    with pytest.raises(ConfigError, match="cannot be read"):
        BuiltIn(LocalSettings(), files / "none.gguf")
