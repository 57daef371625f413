"""Start each terminal, press keys in it, and print what came of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte

from tests.server import FaultServer
from tests.terminals.kind import KINDS, PYTHON, ROOT, is_here, version
from tui.ui.action.keymap import key_name
from tui.ui.action.table import ACTIONS

DISPLAY = ":87"
X_NAMES = {
    "enter": "Return", "escape": "Escape", "delete": "Delete", "backspace": "BackSpace", "pageup": "Prior",
    "pagedown": "Next", "up": "Up", "down": "Down", "left": "Left", "right": "Right", "home": "Home", "end": "End", "tab": "Tab",
    "full_stop": "period", "left_square_bracket": "bracketleft", "right_square_bracket": "bracketright", "exclamation_mark": "exclam",
    "less_than_sign": "less", "greater_than_sign": "greater", "question_mark": "question",
}  # fmt: skip
INK, PAPER = (0x15, 0x17, 0x1C), (0xFB, 0xFA, 0xF7)
PASTED = "first pasted line\nsecond pasted line"


def x_name(key: str) -> str:
    """A key as xdotool names it."""
    *held, last = key.split("+")
    return "+".join([*held, X_NAMES.get(last, last.upper() if re.fullmatch(r"f\d+", last) else last)])


def keys_to_press() -> dict[str, list[str]]:
    """Every key of the README that is more than a letter, with the actions it runs."""
    keys: dict[str, list[str]] = {}
    for action in ACTIONS:
        for key in action.keys.split(","):
            if "+" in key and not key.startswith("super"):
                keys.setdefault(key, []).append(action.id)
    for key in (
        "enter",
        "home",
        "end",
        "delete",
        "backspace",
        "up",
        "down",
        "f1",
        "f2",
        "f3",
        "f5",
        "f6",
        "f7",
        "f8",
        "f9",
        "escape",
        "tab",
        "shift+tab",
        "pageup",
        "pagedown",
    ):
        keys.setdefault(key, [])
    return keys


def until(condition: Callable[[], object], seconds: float = 20.0) -> bool:
    """Wait for a condition; whether it came."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.03)  # between two looks at the condition
    return True


class Window:
    """One terminal with rillet in it."""

    def __init__(self, name: str, folder: Path, url: str) -> None:
        self.folder, self.name, self._url = folder, name, url
        self._environ = {
            **{key: os.environ[key] for key in ("PATH",)},
            **{f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
            "HOME": str(folder), "DISPLAY": DISPLAY, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh",
            "XDG_RUNTIME_DIR": str(folder), "LIBGL_ALWAYS_SOFTWARE": "1", "PYTHONPATH": str(ROOT), "SCREENDIR": str(folder / "screens"),
        }  # fmt: skip
        os.chmod(folder, 0o700)
        (folder / "screens").mkdir(mode=0o700)
        inside = [PYTHON, str(ROOT / "tests/terminals/inside.py"), str(folder), "keys", "chat", "kill"]
        command = KINDS[name][1](inside)
        if name in {"xfce4-terminal", "konsole"} and shutil.which("dbus-run-session"):
            command = ["dbus-run-session", "--", *command]
        with (folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                env=self._environ,
                stdout=errors,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def begin(self, step: str, words: str) -> bool:
        """Have the terminal run something, once nothing else runs there."""
        draft = self.folder / f"{step}.draft"
        draft.write_text(f"unset DISPLAY WAYLAND_DISPLAY; exec {PYTHON} -m tui {words.format(url=self._url)}\n")
        draft.rename(self.folder / f"{step}.sh")
        return until(lambda: (self.folder / f"{step}.pid").exists(), 30)

    def x(self, *words: str) -> str:
        """Run xdotool."""
        done = subprocess.run(
            ["xdotool", *words], env=self._environ, capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout.strip()

    def focus(self) -> str:
        """Give the largest window the focus, and say which that is."""
        windows = []
        for window in self.x("search", "--onlyvisible", "--name", ".").split():
            size = dict(re.findall(r"(WIDTH|HEIGHT)=(\d+)", self.x("getwindowgeometry", "--shell", window)))
            windows.append((int(size.get("WIDTH", 0)) * int(size.get("HEIGHT", 0)), window))
        largest = max((each for each in windows if each[0] < 1280 * 900), default=(0, ""))[1]
        if largest:
            self.x("windowfocus", "--sync", largest)
        return largest

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        self.x("key", "--clearmodifiers", "--delay", "40", *map(x_name, keys))

    def type(self, text: str) -> None:
        """Type text."""
        self.x("type", "--delay", "25", text)

    def wrote(self, step: str) -> bytes:
        """What rillet wrote."""
        path = self.folder / f"{step}.out"
        return path.read_bytes() if path.exists() else b""

    def shown(self, step: str) -> list[str]:
        """What a terminal of this size shows, rows from above."""
        sizes = self.folder / f"{step}.size"
        if not sizes.exists():
            return []
        begin, columns, rows = json.loads(sizes.read_text())[-1]
        screen = pyte.Screen(columns, rows)
        written = self.wrote(step)[begin:].decode(errors="replace")
        written = re.sub(r"\x1b[P_\]][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[<>=][\d;]*[a-zA-Z]", "", written)
        pyte.Stream(screen).feed(written)
        return list(screen.display)

    def sees(self, step: str, words: str, seconds: float = 20.0) -> bool:
        """Wait until these words show."""
        return until(lambda: words in "\n".join(self.shown(step)), seconds)

    def picture(self, name: str) -> Path:
        """Take a picture of the screen."""
        path = self.folder / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(path)], env=self._environ, check=False, timeout=30)
        return path

    def ground(self, picture: Path, window: str) -> str:
        """The colour that most of the window has."""
        size = {"X": "0", "Y": "0", "WIDTH": "400", "HEIGHT": "300"}
        size |= re.findall(r"(X|Y|WIDTH|HEIGHT)=(-?\d+)", self.x("getwindowgeometry", "--shell", window))
        crop = "{WIDTH}x{HEIGHT}+{X}+{Y}".format(**size)
        words = ["convert", str(picture), "-crop", crop, "-depth", "8", "-format", "%c", "histogram:info:-"]
        told = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        counts = [(int(count), colour) for count, colour in re.findall(r"(\d+): \([^)]*\) (#\w{6})", told)]
        return max(counts, default=(0, "?"))[1].lower()

    def after(self, step: str) -> str:
        """What was left behind when it had ended."""
        path = self.folder / f"{step}.after"
        if not until(path.exists, 15):
            return "did not end"
        told = json.loads(path.read_text())
        stray = [f"sent {told['stray']!r}"] if told["stray"] else []
        return ", ".join(told["modes"] + stray) or "nothing"

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def try_keys(window: Window) -> tuple[list[str], list[str]]:
    """Press every key in `rillet keys`.

    Returns:
        What the terminal said of itself, and the keys that did not arrive as themselves.
    """
    window.begin("keys", "keys")
    until(lambda: b"Press keys" in window.wrote("keys"))
    time.sleep(0.3)  # no terminal tells when it has taken the modes that were asked for
    said = [line.decode(errors="replace").strip() for line in window.wrote("keys").split(b"\r\n")]
    noise = r"\x1b[P_\]].*?(?:\x07|\x1b\\)|\x1b\[[^a-zA-Z]*[a-zA-Z]"
    said = [re.sub(noise, "", line) for line in said]
    missing = []
    for key in keys_to_press():
        window.focus()
        before = len(window.wrote("keys"))
        window.press(key)
        wanted = f" {key_name(key)} ".encode()

        def has_come(before: int = before, wanted: bytes = wanted) -> bool:
            return wanted in window.wrote("keys")[before:].replace(b"\r\n", b" \r\n")

        if not until(has_come, 1.5):
            missing.append(key)
            window.press("escape")  # a menu of the terminal's own
            time.sleep(0.8)  # a multiplexer holds it back, and would put the next key to it
    window.press("ctrl+c", "ctrl+c")
    until((window.folder / "keys.after").exists, 5)
    return said, missing


def try_chat(window: Window) -> dict[str, str]:
    """Start, ask, paste, resize and quit."""
    told: dict[str, str] = {}
    window.begin("chat", "--base-url {url} --model m")
    until(lambda: b"Ask anything" in window.wrote("chat") or b"sk anything" in window.wrote("chat"))
    window.sees("chat", "ready")
    name = window.focus()
    picture = window.picture("chat")
    told["ground"] = window.ground(picture, name)
    window.type("good hello")
    window.press("enter")
    told["ask"] = "ok" if window.sees("chat", "twelve words") and window.sees("chat", "complete") else "FAULT"
    for selection in ("primary", "clipboard"):
        subprocess.run(
            ["xclip", "-selection", selection], input=PASTED, text=True, env=window._environ, check=False, timeout=10
        )
    if window.name == "foot":
        wayland = {**window._environ, "WAYLAND_DISPLAY": "matrix"}
        subprocess.run(["wl-copy", PASTED], env=wayland, check=False, timeout=10)
        window.press("ctrl+shift+v")
    else:
        window.press("shift+Insert")
    if window.name == "urxvt":  # which asks whether a paste of several lines is meant
        time.sleep(0.5)  # its question is a window of its own, which tells nobody
        window.press("y")
    shows = window.sees("chat", "second pasted line", 3)
    if not shows:
        window.press("ctrl+shift+v")
        shows = window.sees("chat", "second pasted line", 3)
    told["paste"] = "ok" if shows and "first pasted line" in "\n".join(window.shown("chat")) else "FAULT"
    window.press("ctrl+u", "ctrl+u", "ctrl+u")
    sizes = (window.folder / "chat.size").read_text()
    window.x("windowsize", name, "820", "480")
    until(lambda: (window.folder / "chat.size").read_text() != sizes, 5)
    columns = json.loads((window.folder / "chat.size").read_text())[-1][1]
    is_whole = until(lambda: sum("─" * columns in row for row in window.shown("chat")) >= 2, 5)
    told["resize"] = (
        "not tried"
        if window.name == "foot"
        else "ok"
        if is_whole and (window.folder / "chat.size").read_text() != sizes
        else "FAULT"
    )
    window.picture("resized")
    window.type("good slow")
    window.press("ctrl+q")
    told["quit leaves"] = window.after("chat")
    window.picture("after")
    return told


def try_kill(window: Window) -> str:
    """Kill rillet, and look at what it left."""
    window.begin("kill", "--base-url {url} --model m")
    window.sees("kill", "ready")
    os.kill(int((window.folder / "kill.pid").read_text()), signal.SIGKILL)
    return window.after("kill")


@contextlib.contextmanager
def display() -> Iterator[None]:
    """An X server without a screen."""
    server = subprocess.Popen(
        ["Xvfb", DISPLAY, "-screen", "0", "1280x900x24", "+extension", "GLX"], stderr=subprocess.DEVNULL
    )
    try:
        until(Path(f"/tmp/.X11-unix/X{DISPLAY[1:]}").exists)
        yield
    finally:
        server.terminate()
        server.wait()


def main() -> int:
    names = sys.argv[1:] or list(KINDS)
    kept = Path(os.environ.get("RILLET_MATRIX", "") or tempfile.mkdtemp(prefix="rillet-matrix-"))
    print(f"pictures and logs: {kept}")
    failed = 0
    with display(), FaultServer() as server:
        for name in names:
            if not is_here(name):
                print(f"{name:<15} not installed")
                continue
            folder = kept / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            window = Window(name, folder, server.url("ok"))
            try:
                said, missing = try_keys(window)
                told = try_chat(window)
                told["kill leaves"] = try_kill(window)
            except Exception as error:  # noqa: BLE001  the others are tried all the same
                print(f"{name}: {error!r}")
                failed += 1
                continue
            finally:
                window.close()
            print(f"{name} {version(name)}")
            print("  " + "; ".join(re.sub(r" {2,}", ": ", line) for line in said if re.match(r"[a-z]+ {2,}", line)))
            print(f"  {', '.join(f'{what}: {how}' for what, how in told.items())}")
            print(
                f"  {len(keys_to_press()) - len(missing)} of {len(keys_to_press())} keys arrive; not: {', '.join(map(key_name, missing)) or 'none'}"
            )
            lost = [
                action.id
                for action in ACTIONS
                if (keys := [key for key in action.keys.split(",") if key in keys_to_press()])
                and all(key in missing for key in keys)
                and len(keys) == len([key for key in action.keys.split(",") if not key.startswith("super")])
            ]
            print(f"  actions without a key that works: {', '.join(lost) or 'none'}", flush=True)
            failed += bool(lost) or "FAULT" in told.values()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
