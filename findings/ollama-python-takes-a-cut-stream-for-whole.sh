#!/usr/bin/env bash
# ollama 0.6.3 (PyPI) beside its twin ollama 0.6.4 (npm): `chat` with `stream`, of a loopback server that speaks Ollama's API.
#
# Expected: both give the same of the same lines: a stream that ends before `"done": true` has been cut, and is an error; a call of a
#   tool keeps its `id`, by which its result is sent back; a line ends at its line feed.
# So it is: in Python a cut stream ends as a whole one does; the ids and places of calls are dropped, so that of two calls of one
#   tool it cannot be said which result is whose; and U+0085 in a text, which JSON allows as it is and Go's encoder (the
#   server's) writes so, ends the stream in a JSONDecodeError. In Node.js all three are as expected.
# Seen on 30 Nov 2026. Source: ollama/_client.py, `inner` in `_request`, a loop over `iter_lines()`; ollama/_types.py,
#   `Message.ToolCall`, which has no `id`; ollama/src/utils.ts of the other.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check ollama==0.6.3
npm init -y >/dev/null
npm install --silent ollama@0.6.4 >/dev/null
cat > ask.mjs <<'JS'
import { Ollama } from "ollama";

const given = [];
try {
  const asked = { model: "m", messages: [{ role: "user", content: "x" }], stream: true };
  for await (const part of await new Ollama({ host: process.argv[2] }).chat(asked)) given.push(part);
} catch {
  given.push("an error");
}
console.log(JSON.stringify(given));
JS
cat > ask.py <<'PY'
import http.server, json, subprocess, threading

import ollama

calls = [{"id": name, "function": {"index": place, "name": "pay", "arguments": {}}} for place, name in enumerate("ab")]
end = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
STREAMS = {
    "whole": [{"message": {"role": "assistant", "content": "one"}, "done": False}, end],
    "cut": [{"message": {"role": "assistant", "content": "one"}, "done": False}],
    "calls": [{"message": {"role": "assistant", "content": "", "tool_calls": calls}, "done": False}, end],
    "next-line": [{"message": {"role": "assistant", "content": "one\x85two"}, "done": False}, end],
}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        for part in STREAMS[self.path.split("/")[1]]:
            line = json.dumps({"model": "m", "created_at": "2026-11-30T00:00:00Z"} | part, ensure_ascii=False)
            self.wfile.write(line.encode() + b"\n")

    def log_message(self, *_):
        pass


def python(host):
    given = []
    try:
        for part in ollama.Client(host).chat("m", [{"role": "user", "content": "x"}], stream=True):
            given.append(part.model_dump())
    except ValueError:
        given.append("an error")
    return given


def node(host):
    return json.loads(subprocess.check_output(["node", "ask.mjs", host], text=True))


def short(part):
    if part == "an error":
        return part
    message = part["message"]
    told = [call.get("id") or f"a call of {call['function']['name']}" for call in message.get("tool_calls") or []]
    return message["content"] or " ".join(told) or "done"


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
saw = {}
for how in STREAMS:
    for client in (python, node):
        host = f"http://127.0.0.1:{server.server_port}/{how}"
        saw[how, client.__name__] = [short(part) for part in client(host)]
        print(f"{how}, {client.__name__}: {saw[how, client.__name__]}")
assert saw == {
    ("whole", "python"): ["one", "done"],
    ("whole", "node"): ["one", "done"],
    ("cut", "python"): ["one"],
    ("cut", "node"): ["one", "an error"],
    ("calls", "python"): ["a call of pay a call of pay", "done"],
    ("calls", "node"): ["a b", "done"],
    ("next-line", "python"): ["an error"],
    ("next-line", "node"): ["one\x85two", "done"],
}, "they differ now"
PY
venv/bin/python ask.py
