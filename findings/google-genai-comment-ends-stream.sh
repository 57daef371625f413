#!/usr/bin/env bash
# google-genai 3.6.1 (PyPI) and @google/genai 2.32.0 (npm), `generate_content_stream`.
#
# Expected: what an event stream may hold beside its data is passed over: a comment, which servers and proxies send to keep a
#   connection alive (": keep-alive"), the name of an event, an id. The space after `data:` may be missing.
# So it is: in Python a comment, a name, an id, or a missing space ends the stream in UnknownApiResponseError "Failed to parse
#   response as JSON". In Node.js an event with a comment, a name or an id in front of its data is passed over in silence: the
#   answer is empty.
# Seen on 29 Nov 2026. Source: google/genai/_api_client.py, `_iter_response_stream`, where a line that does not begin with
#   "data: " counts as JSON of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check google-genai==3.6.1
(cd "$work" && npm init -y >/dev/null && npm install --silent @google/genai@2.32.0 >/dev/null)
cat > "$work/ask.mjs" <<'JS'
import { GoogleGenAI } from "@google/genai";
const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: process.argv[2] } });
let text = "";
try {
  for await (const chunk of await client.models.generateContentStream({ model: "m", contents: "x" })) text += chunk.text ?? "";
} catch (error) {
  text = `! ${error.message}`;
}
console.log(text);
JS
cat > "$work/ask.py" <<'PY'
import http.server, json, subprocess, sys, threading

from google import genai
from google.genai import types

BEFORE = {
    "plain": "",
    "comment alone": ": keep-alive\n\n",
    "comment": ": keep-alive\n",
    "event": "event: message\n",
    "id": "id: 7\n",
    "no space": "",
}
IN_NODE = {"plain", "comment alone", "no space"}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"] or 0))
        kind = list(BEFORE)[int(self.path.split("/")[1])]
        lead = "data:" if kind == "no space" else "data: "
        candidates = [{"content": {"role": "model", "parts": [{"text": word}]}, "index": 0} for word in ("one ", "two")]
        candidates[-1]["finishReason"] = "STOP"
        events = [f"{BEFORE[kind]}{lead}{json.dumps({'candidates': [each]})}\n\n" for each in candidates]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write("".join(events).encode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def ask_python(url):
    client = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=url))
    try:
        return "".join(each.text or "" for each in client.models.generate_content_stream(model="m", contents="x"))
    except genai.errors.APIError as error:
        return f"! {type(error).__name__}"
    except Exception as error:  # its class is in no public module
        return f"! {type(error).__name__}"


def ask_node(url):
    return subprocess.run(["node", "ask.mjs", url], cwd=sys.argv[1], check=True, capture_output=True, text=True).stdout.strip()


for number, kind in enumerate(BEFORE):
    url = f"http://127.0.0.1:{server.server_port}/{number}"
    python, node = ask_python(url), ask_node(url)
    print(f"{kind:13} Python {python!r:32} Node.js {node!r}")
    assert python == ("one two" if kind == "plain" else "! UnknownApiResponseError"), f"google-genai has changed: {kind}"
    assert node == ("one two" if kind in IN_NODE else ""), f"@google/genai has changed: {kind}"
PY
"$work/venv/bin/python" "$work/ask.py" "$work"
