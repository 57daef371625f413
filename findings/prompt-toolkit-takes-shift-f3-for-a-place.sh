#!/usr/bin/env bash
# prompt_toolkit 3.0.53 (PyPI), a prompt with a toolbar below it, in a terminal that sends keys as xterm does (pyte 0.8.2 shows it).
#
# Expected: a key that is bound to nothing does nothing.
# So it is: xterm's Shift+F3 is `CSI 1 ; 2 R`, which is also how a terminal says that its cursor stands in row 1, column 2.
#   prompt_toolkit takes it for that, though it has asked nothing: it takes the whole screen for its own, and the lines above the
#   prompt scroll away. It is the same with Ctrl+F3 and Alt+F3, and not with F3.
# Seen on 30 Nov 2026. Source: prompt_toolkit/input/vt100_parser.py, `_cpr_response_re`; prompt_toolkit/renderer.py,
#   `report_absolute_cursor_row`, which takes a row that it has not asked for.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check prompt_toolkit==3.0.53 pyte==0.8.2
cat > "$work/prompt.py" <<'PY'
from prompt_toolkit import PromptSession

for number in range(6):
    print("line", number)
PromptSession(bottom_toolbar="the toolbar").prompt("> ")
PY
cat > "$work/ask.py" <<'PY'
import fcntl, os, pty, select, struct, sys, termios, time

import pyte


class Terminal(pyte.Screen):
    def write_process_input(self, data):
        os.write(master, data.encode())


def rows():
    return [row.rstrip() for row in screen.display]


def read_until(told, key):
    until = time.monotonic() + 10
    while not told(rows()):
        assert time.monotonic() < until, (key, rows())
        if select.select([master], [], [], 0.1)[0]:
            stream.feed(os.read(master, 65536))
    return rows()


for key, name in {"\x1bOR": "F3", "\x1b[1;2R": "Shift+F3", "\x1b[1;5R": "Ctrl+F3", "\x1b[1;3R": "Alt+F3"}.items():
    screen = Terminal(40, 12)
    stream = pyte.ByteStream(screen)
    child, master = pty.fork()
    if not child:
        os.execve(sys.executable, [sys.executable, sys.argv[1]], {"TERM": "xterm-256color", "PATH": os.environ["PATH"]})
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 40, 0, 0))
    before = read_until(lambda shown: ">" in shown and "the toolbar" in shown, name)
    os.write(master, key.encode() + b"x")
    after = read_until(lambda shown: "> x" in shown, name)
    os.write(master, b"\r")
    print(f"{name}: the prompt was in row {before.index('>')}, and is in row {after.index('> x')}")
    assert before.index(">") == 6 and after.index("> x") == (6 if name == "F3" else 0), "it takes the key otherwise now"
    os.close(master)
    os.waitpid(child, 0)
PY
"$work/venv/bin/python" "$work/ask.py" "$work/prompt.py"
