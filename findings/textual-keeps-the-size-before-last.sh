#!/usr/bin/env bash
# textual 8.2.8 (PyPI) in a terminal whose window changes its size twice within a third of a millisecond, as a tiling
#   window manager or tmux does that lays panes out anew.
#
# Expected: what the program is told last is the size that the window has.
# So it is: now and then (3 of 400 here) the size before it is told last, and the screen stays as small as the window was
#   for that moment, until the next change. Nothing is raised; `os.get_terminal_size()` gives the right one meanwhile.
# Seen on 30 Nov 2026. Source: textual/drivers/linux_driver.py, `send_size_event`: the handler of SIGWINCH reads the size and
#   then hands it to the loop. CPython may run a handler within itself, between the reading and the handing over, so that
#   the newer size is handed over first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "textual==8.2.8"
cat > "$work/app.py" <<'PY'
from textual.app import App
from textual.widgets import Static


class Told(App):
    def compose(self):
        yield Static()

    def on_resize(self, event):
        self.query_one(Static).update(f"told={event.size.width};")


Told().run()
PY
"$work/venv/bin/python" - "$work/app.py" <<'PY'
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import termios
import time

TRIALS = 4000


def main():
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, sys.argv[1]])

    def change(columns, rows):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until_quiet(quiet):
        text = ""
        while select.select([terminal], [], [], quiet)[0]:
            text += os.read(terminal, 65536).decode(errors="replace")
        return text

    change(80, 24)
    while "told=80;" not in read_until_quiet(0.5):
        pass
    try:
        for trial in range(1, TRIALS + 1):
            change(40, 12)
            until = time.perf_counter() + random.uniform(0, 300e-6)
            while time.perf_counter() < until:
                pass
            columns = 81 + trial % 40
            change(columns, 24)
            told = re.findall(r"told=(\d+);", read_until_quiet(0.12))
            if told and told[-1] == "40" and "told=" not in read_until_quiet(2.0):
                print(f"trial {trial}: the window has {columns} columns; told last, and still so 2 s later: {told[-1]}")
                return
            change(80, 24)
            read_until_quiet(0.05)
    finally:
        os.kill(pid, signal.SIGKILL)
    raise SystemExit(f"{TRIALS} trials, and each time the last size was told last: this has changed")


main()
PY
