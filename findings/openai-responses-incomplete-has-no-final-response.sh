#!/usr/bin/env bash
# openai 3.57.0 (PyPI) beside openai 6.49.0 (npm): the helper `client.responses.stream`, at a loopback endpoint.
#
# Expected: a response that ends at its token limit (`response.incomplete`) or fails (`response.failed`) is a final response too, with
#   its status, its text and why: those events carry it whole. An `error` event in the stream is raised, as it is in Chat Completions.
# So it is, in Python: `get_final_response()` knows `response.completed` alone: for the others it raises a RuntimeError that it
#   was not received, though the answer was read whole; and after an `error` event the loop simply ends. In Node.js
#   `finalResponse()` gives the incomplete and the failed one, and the error is raised.
# Seen on 29 Nov 2026. Source: openai/lib/streaming/responses/_responses.py, where only "response.completed" sets
#   `_completed_response`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check openai==3.57.0
(cd "$work" && npm init -y >/dev/null && npm install --silent openai@6.49.0 >/dev/null)
cat > "$work/ask.mjs" <<'JS'
import OpenAI from "openai";
const client = new OpenAI({ baseURL: process.argv[2], apiKey: "k", maxRetries: 0 });
try {
  const response = await client.responses.stream({ model: "m", input: "Hi" }).finalResponse();
  console.log(JSON.stringify([response.status, response.output_text]));
} catch (error) {
  console.log(JSON.stringify(["raised", error.message]));
}
JS
cat > "$work/ask.py" <<'PY'
import http.server, json, subprocess, threading
from pathlib import Path

import openai

TEXT = {"type": "output_text", "text": "One two", "annotations": []}


def message(status, content):
    return {"type": "message", "id": "i1", "status": status, "role": "assistant", "content": content}


def response(status, output, **more):
    return {"type": f"response.{'created' if status == 'in_progress' else status}", "response": {
        "id": "r1", "object": "response", "created_at": 1, "model": "m", "status": status, "output": output, "tools": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "error": None, "incomplete_details": None, "usage": None,
    } | more}


AT = {"item_id": "i1", "output_index": 0, "content_index": 0}
BEGIN = [
    response("in_progress", []),
    {"type": "response.output_item.added", "output_index": 0, "item": message("in_progress", [])},
    {"type": "response.content_part.added", "part": TEXT | {"text": ""}} | AT,
    {"type": "response.output_text.delta", "delta": "One two", "logprobs": []} | AT,
]
DONE = [message("completed", [TEXT])]
ENDS = {
    "completed": response("completed", DONE),
    "incomplete": response("incomplete", DONE, incomplete_details={"reason": "max_output_tokens"}),
    "failed": response("failed", DONE, error={"code": "server_error", "message": "overloaded"}),
    "error": {"type": "error", "code": "server_error", "message": "overloaded", "param": None},
}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number, event in enumerate([*BEGIN, ENDS[self.server.how]]):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event | {'sequence_number': number})}\n\n".encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v1"
client = openai.OpenAI(base_url=url, api_key="k", max_retries=0)
seen = {}
for how in ENDS:
    server.how = how
    came = []
    try:
        with client.responses.stream(model="m", input="Hi") as stream:
            came += ["loop ended" for event in [*stream][-1:]]
            final = stream.get_final_response()
            came += [final.status, final.output_text]
    except Exception as error:
        came += [type(error).__name__, str(error)]
    node = subprocess.run(["node", "ask.mjs", url], cwd=Path(__file__).parent, capture_output=True, text=True, check=True).stdout
    seen[how] = came, json.loads(node)
    print(f"{how:11} Python {came}\n{'':11} Node.js {seen[how][1]}")
server.shutdown()
missing = ["loop ended", "RuntimeError", "Didn't receive a `response.completed` event."]
assert seen["completed"][0] == ["loop ended", "completed", "One two"], seen
assert all(seen[how][0] == missing for how in ("incomplete", "failed", "error")), seen
assert [seen[how][1][0] for how in ENDS] == ["completed", "incomplete", "failed", "raised"], seen
print("as before: in Python only a response that was completed is a final one")
PY
"$work/venv/bin/python" "$work/ask.py"
