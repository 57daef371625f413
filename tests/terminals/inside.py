"""What runs in the terminal: rillet in a pty of its own, between two logs, and then questions about what it left behind.

`inside.py FOLDER STEP…`: for each step FOLDER/STEP.sh is run; FOLDER/STEP.out and .in are what it wrote and got, STEP.size the
sizes with the place in .out from which they hold, STEP.after the terminal's modes when it has ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time
import tty
from pathlib import Path

MODES = (7, 25, 1000, 1002, 1003, 1004, 1006, 1049, 2004, 2031)
ON = (7, 25)
"""Modes of which 7 and 25 are on in a terminal that nobody has changed, and the others off."""


def main() -> None:
    folder, *steps = sys.argv[1:]
    before = termios.tcgetattr(0)
    for step in steps:
        run(Path(folder), step, before)


def run(folder: Path, step: str, before: list) -> None:
    script = folder / f"{step}.sh"
    while not script.exists():
        time.sleep(0.05)  # between two looks at the condition
    pid, master = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", str(script)])
    out, got = (folder / f"{step}.out").open("wb", 0), (folder / f"{step}.in").open("wb", 0)
    sizes: list[tuple[int, int, int]] = []

    def follow(*_: object) -> None:
        size = fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8)
        fcntl.ioctl(master, termios.TIOCSWINSZ, size)
        sizes.append((out.tell(), *os.get_terminal_size(0)))
        (folder / f"{step}.size").write_text(json.dumps(sizes))

    follow()
    signal.signal(signal.SIGWINCH, follow)
    tty.setraw(0)
    (folder / f"{step}.pid").write_text(str(pid))
    while True:
        ready = select.select([0, master], [], [])[0]
        if 0 in ready:
            data = os.read(0, 65536)
            got.write(data)
            os.write(master, data)
        if master in ready:
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            out.write(data)
            while data:
                data = data[os.write(1, data) :]
    os.waitpid(pid, 0)
    left, keys = ask_modes()
    termios.tcsetattr(0, termios.TCSANOW, before)
    (folder / f"{step}.after").write_text(json.dumps({"modes": left, "stray": keys}))
    sys.stdout.write("\r\nLEFT\r\n")
    sys.stdout.flush()


def ask_modes() -> tuple[list[str], str]:
    """The modes that are not as they were, and what the terminal sent that nobody waits for."""
    time.sleep(0.5)  # what comes late, and nobody waits for, is what is looked for
    stray = ""
    while select.select([0], [], [], 0)[0]:
        stray += os.read(0, 4096).decode(errors="replace")
    os.write(1, ("".join(f"\x1b[?{mode}$p" for mode in MODES) + "\x1b[?u\x1b[c").encode())
    came, until = "", time.monotonic() + 2
    while not re.search(r"\x1b\[\?[\d;]*c", came) and time.monotonic() < until:
        if select.select([0], [], [], 0.1)[0]:
            came += os.read(0, 4096).decode(errors="replace")
    left = [
        f"?{mode}"
        for mode, state in re.findall(r"\x1b\[\?(\d+);(\d)\$y", came)
        if state == ("2" if int(mode) in ON else "1")
    ]
    flags = re.search(r"\x1b\[\?(\d+)u", came)
    return left + ([f"kitty {flags[1]}"] if flags and flags[1] != "0" else []), stray


if __name__ == "__main__":
    main()
