"""An image from the clipboard, by a tool that the test puts in place of the system's."""

import base64

import pytest

from tui.chat import clipboard_image as module
from tui.chat.clipboard_image import clipboard_image, tools
from tui.domain.error import ConfigError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


@pytest.fixture
def desktop(tmp_path):
    """A desktop with one tool; gives the environment, in which a key must not reach the tool."""

    def made(name, script):
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
        (tmp_path / "image").write_bytes(PNG)
        display = {"wl-paste": "WAYLAND_DISPLAY", "xclip": "DISPLAY"}.get(name, "NONE")
        return {"PATH": f"{tmp_path}:/usr/bin:/bin", display: "x", "XAI_API_KEY": "secret"}

    return made


@pytest.mark.parametrize(("name", "platform"), [("wl-paste", "linux"), ("xclip", "linux"), ("pngpaste", "darwin")])
async def test_the_tool_of_the_system_prints_the_image(desktop, tmp_path, name, platform):
    environ = desktop(name, f'[ -z "$XAI_API_KEY" ] && cat {tmp_path}/image')
    image = await clipboard_image(environ, platform)
    assert image.url == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert image.name == "clipboard"


async def test_applescript_writes_it_in_hex(desktop):
    environ = desktop("osascript", f"echo '«data PNGf{PNG.hex()}»'")
    image = await clipboard_image(environ, "darwin")
    assert base64.b64decode(image.url.partition(",")[2]) == PNG


async def test_another_kind_of_image_is_asked_for_too(desktop, tmp_path):
    environ = desktop("xclip", 'case "$*" in *webp*) printf "RIFFxxxxWEBP";; *) exit 1;; esac')
    assert (await clipboard_image(environ, "linux")).url.startswith("data:image/webp")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1", "there is no image in the clipboard"),
        ("echo hello", "is no image"),
        ("cat /dev/zero", "is no image|too large"),
    ],
)
async def test_what_is_no_image_or_without_end_is_told(desktop, script, words):
    with pytest.raises(ConfigError, match=words):
        await clipboard_image(desktop("xclip", script), "linux")


async def test_a_tool_that_hangs_is_not_waited_for(desktop, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    monkeypatch.setattr(module, "_KINDS", ("image/png",))
    with pytest.raises(ConfigError, match="no image in the clipboard"):
        await clipboard_image(desktop("xclip", "exec sleep 60"), "linux")


async def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(ConfigError, match="takes wl-paste or xclip"):
        await clipboard_image({"PATH": str(tmp_path), "WAYLAND_DISPLAY": "x", "DISPLAY": "x"}, "linux")
    with pytest.raises(ConfigError, match="no desktop here"):
        await clipboard_image({"PATH": str(tmp_path)}, "linux")


def test_only_tools_of_this_desktop_are_asked():
    assert {words[0] for words in tools({"WAYLAND_DISPLAY": "x"}, "linux")} == {"wl-paste"}
    assert {words[0] for words in tools({"DISPLAY": "x"}, "linux")} == {"xclip"}
    assert not list(tools({}, "linux"))
