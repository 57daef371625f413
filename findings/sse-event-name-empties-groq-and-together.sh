#!/usr/bin/env bash
# groq 1.7.0 and together 3.1.1 (PyPI) and together-ai 0.52.0 (npm), beside openai 3.57.0 (PyPI) and groq-sdk 1.6.0 (npm).
#
# Expected: the name of an event (`event: message`, or any other) says nothing in Chat Completions, where it is never
#   specified; gateways add one. The chunk in its data is given out, as these clients' kin do.
# So it is: together (Python and Node.js) passes over every named event: the loop over the chunks ends at once, with no text and
#   no error. groq (Python) gives chunks whose `choices` are None, since it wraps a named event into another object; its
#   client for Node.js does not. `event: message`, which the format's standard makes the same as no name, is enough.
# Seen on 29 Nov 2026. Source: `__stream__` in groq/_streaming.py and together/_streaming.py: `if sse.event is None`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check openai==3.57.0 groq==1.7.0 together==3.1.1
(cd "$work" && npm init -y >/dev/null && npm install --silent together-ai@0.52.0 groq-sdk@1.6.0 >/dev/null)
cat > "$work/ask.mjs" <<'JS'
import Groq from "groq-sdk";
import Together from "together-ai";
const Client = { groq: Groq, together: Together }[process.argv[2]];
const client = new Client({ baseURL: process.argv[3], apiKey: "k", maxRetries: 0 });
const texts = [];
const messages = [{ role: "user", content: "x" }];
for await (const chunk of await client.chat.completions.create({ model: "m", messages, stream: true }))
  texts.push(chunk.choices[0].delta.content ?? null);
console.log(JSON.stringify(texts));
JS
cat > "$work/ask.py" <<'PY'
import http.server, json, subprocess, sys, threading

import groq, openai, together


def chunk(**delta):
    choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"] or 0))
        frames = [json.dumps(each) for each in (*(chunk(content=word) for word in ("one ", "two ", "three")), chunk())]
        name = "event: message\n" if self.path.startswith("/named") else ""
        body = "".join(f"{name}data: {frame}\n\n" for frame in (*frames, "[DONE]")).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def ask(client_class, url):
    client = client_class(base_url=url, api_key="k", max_retries=0)
    chunks = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], stream=True)
    return [each.choices and each.choices[0].delta.content for each in chunks]


def ask_node(name, url):
    command = ["node", "ask.mjs", name, url]
    return json.loads(subprocess.run(command, cwd=sys.argv[1], check=True, capture_output=True, text=True).stdout)


WHOLE = ["one ", "two ", "three", None]
asks = {
    "openai": (lambda url: ask(openai.OpenAI, url), WHOLE),
    "groq": (lambda url: ask(groq.Groq, url), [None] * 4),
    "together": (lambda url: ask(together.Together, url), []),
    "groq-sdk": (lambda url: ask_node("groq", url), WHOLE),
    "together-ai": (lambda url: ask_node("together", url), []),
}
for client, (run, expected) in asks.items():
    plain, named = (run(f"http://127.0.0.1:{server.server_port}/{kind}") for kind in ("plain", "named"))
    print(f"{client:12} no name {plain} event: message {named}")
    assert (plain, named) == (WHOLE, expected), f"{client} has changed"
PY
"$work/venv/bin/python" "$work/ask.py" "$work"
