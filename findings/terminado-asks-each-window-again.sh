#!/usr/bin/env bash
# terminado 0.18.1 (PyPI), which serves terminals to browsers, with @xterm/headless 6.0.0 (npm), the terminal that runs in them.
#
# Expected: a second window of a terminal (or the same one, loaded anew) shows what the first shows, and the program notices nothing.
# So it is: a new window is sent what the program has written so far, with the questions in it that programs ask a terminal (what
#   it is, where the cursor stands, its colours), which have long been answered. The window's terminal answers them, and each
#   answer arrives at the program a second time, as keys that nobody pressed: an editor takes them for commands, a shell
#   writes them behind its prompt.
# Seen on 30 Nov 2026. Source: terminado/management.py, `read_buffer`, and terminado/websocket.py, `open`, which sends it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check terminado==0.18.1 tornado==6.6.1
npm init -y >/dev/null
npm install --silent @xterm/headless@6.0.0 ws@8 >/dev/null
cat > program.py <<'PY'
import os, sys, tty

tty.setraw(0)
os.write(1, b"\x1b[c")
print("asked once:", repr(os.read(0, 100).decode()), end="\r\n", flush=True)
print("then, without a key:", repr(os.read(0, 100).decode()), end="\r\n", flush=True)
os.read(0, 100)
PY
cat > window.mjs <<'JS'
import headless from "@xterm/headless";
import WebSocket from "ws";

const window = new WebSocket(process.argv[2]);
const terminal = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
terminal.onData(data => window.send(JSON.stringify(["stdin", data])));
window.on("message", message => {
  const [kind, text] = JSON.parse(message);
  if (kind === "stdout") terminal.write(text, () => {
    const rows = [...Array(24).keys()].map(row => terminal.buffer.active.getLine(row).translateToString(true));
    console.log(JSON.stringify(rows.filter(row => row)));
  });
});
JS
cat > ask.py <<'PY'
import asyncio, json, sys

import tornado.web
from terminado import SingleTermManager, TermSocket
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port


async def shown(window, words):
    while True:
        rows = json.loads(await asyncio.wait_for(window.stdout.readline(), 20))
        if any(words in row for row in rows):
            return rows


async def main():
    manager = SingleTermManager(shell_command=[sys.executable, "program.py"])
    socket, port = bind_unused_port()
    HTTPServer(tornado.web.Application([("/terminal", TermSocket, {"term_manager": manager})])).add_socket(socket)
    command = ["node", "window.mjs", f"ws://127.0.0.1:{port}/terminal"]
    first = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    print("first window: ", await shown(first, "asked once"))
    second = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    rows = await shown(first, "then, without a key")
    print("first window, once there is a second:", rows)
    for window in (first, second):
        window.terminate()
        await window.wait()
    manager.terminal.ptyproc.terminate(force=True)
    asked, then = rows
    answer = asked.removeprefix("asked once: ")
    assert "[?1;2c" in answer and then == f"then, without a key: {answer}", "nothing is sent a second time now"


asyncio.run(main())
PY
timeout 60 venv/bin/python ask.py
