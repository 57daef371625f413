#!/usr/bin/env bash
# anthropic 2.14.0 (PyPI, with jiter 0.19.0) beside @anthropic-ai/sdk 1.14.0 (npm), and parsePartialJson of ai 6.0.326 (npm).
#
# Expected: while the arguments of a tool arrive, the helpers of both SDKs give out what has ended and hold the rest back: a text
#   without its closing quote is left out, so a number of which more digits may come is left out too.
# So it is: in Python a text that has not ended is left out and a number is not: of `{"to": "bob", "amount": 12` + `50}` the first
#   `input_json` event has an amount of 12, which looks like any other. The SDK for Node.js leaves out both until a comma or a
#   brace follows. `ai` gives both, and takes `tru` for true already.
# Seen on 29 Nov 2026. Source: anthropic/lib/streaming/_messages.py, `from_json(json_buf, partial_mode=True)`;
#   _vendor/partial-json-parser/parser.mjs of the other SDK.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check anthropic==2.14.0 jiter==0.19.0
(cd "$work" && npm init -y >/dev/null && npm install --silent @anthropic-ai/sdk@1.14.0 ai@6.0.326 zod@4 >/dev/null)
cat > "$work/ask.mjs" <<'JS'
import Anthropic from "@anthropic-ai/sdk";
import { parsePartialJson } from "ai";
const client = new Anthropic({ baseURL: process.argv[2], apiKey: "k", maxRetries: 0 });
const seen = [];
const stream = client.messages.stream({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] });
stream.on("inputJson", (_, snapshot) => seen.push({ ...snapshot }));
await stream.done();
const ai = [];
for (const text of JSON.parse(process.argv[3])) ai.push((await parsePartialJson(text)).value);
console.log(JSON.stringify([seen, ai]));
JS
cat > "$work/ask.py" <<'PY'
import http.server, json, subprocess, threading
from pathlib import Path

import anthropic

PIECES = ['{"to": "bo', 'b", "amount": 12', '50, "now": tru', "e}"]
EVENTS = [
    {"type": "message_start", "message": {"id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [],
     "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t1", "name": "pay", "input": {}}},
    *({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": piece}} for piece in PIECES),
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": {"output_tokens": 9}},
    {"type": "message_stop"},
]


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in EVENTS:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
client = anthropic.Anthropic(base_url=url, api_key="k", max_retries=0)
with client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]) as stream:
    python = [dict(event.snapshot) for event in stream if event.type == "input_json"]
so_far = ["".join(PIECES[: number + 1]) for number in range(len(PIECES))]
child = subprocess.run(["node", "ask.mjs", url, json.dumps(so_far)], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
node, ai = json.loads(child.stdout)
server.shutdown()
whole = {"to": "bob", "amount": 1250, "now": True}
for name, seen in (("anthropic, Python", python), ("anthropic, Node.js", node), ("ai", ai)):
    print(f"{name:20}", *seen, sep="\n    ")
assert python == [{}, {"to": "bob", "amount": 12}, {"to": "bob", "amount": 1250}, whole], python
assert node == [{}, {"to": "bob"}, {"to": "bob", "amount": 1250}, whole], node
assert ai == [{"to": "bo"}, {"to": "bob", "amount": 12}, whole, whole], ai
print("as before: half a number is given as the number in Python, and held back in Node.js")
PY
"$work/venv/bin/python" "$work/ask.py"
