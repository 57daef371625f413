#!/usr/bin/env bash
# openai 6.49.0 (npm), groq 1.7.0 and sseclient-py 1.9.0 (PyPI), beside openai 3.57.0, httpx-sse 0.4.3 and mistralai 3.7.0 (PyPI) and
# eventsource-parser 3.x through ai 6.0.326 (npm): clients of event streams.
#
# Expected: an event is over at its empty line, however the two line ends are written; the standard's grammar lets every
#   `end-of-line` be CRLF, LF or CR by itself (html.spec.whatwg.org, 9.2.5), and a gateway that adds lines of its own mixes them.
# So it is: where a line ends with LF and the empty line after it with CRLF, openai for Node.js and groq find no end of an event
#   and give nothing until the connection closes: the whole answer comes at once, at the end. sseclient-py joins all
#   events to one, whose data is no JSON. The others give each word as it comes.
# Seen on 29 Nov 2026. Source: groq/_streaming.py, `_iter_chunks`, and openai/internal/utils/line.mjs, `findDoubleNewlineIndex`,
#   which look for "\n\n", "\r\r" and "\r\n\r\n" only; sseclient/__init__.py, `_read`, the same.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check openai==3.57.0 groq==1.7.0 httpx==0.28.1 httpx-sse==0.4.3 \
  sseclient-py==1.9.0 requests mistralai==3.7.0
(cd "$work" && npm init -y >/dev/null &&
  npm install --silent openai@6.49.0 ai@6.0.326 @ai-sdk/openai-compatible@2.0.92 zod >/dev/null)
cat > "$work/openai.mjs" <<'JS'
import OpenAI from "openai";
const client = new OpenAI({ baseURL: process.argv[2], apiKey: "k", maxRetries: 0 });
const messages = [{ role: "user", content: "x" }];
for await (const chunk of await client.chat.completions.create({ model: "m", messages, stream: true }))
  if (chunk.choices[0].delta.content) console.log(chunk.choices[0].delta.content);
JS
cat > "$work/ai.mjs" <<'JS'
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";
const provider = createOpenAICompatible({ name: "x", baseURL: process.argv[2], apiKey: "k" });
for await (const text of streamText({ model: provider("m"), prompt: "x" }).textStream) console.log(text);
JS
cat > "$work/ask.py" <<'PY'
import http.server, json, subprocess, sys, threading

import groq, httpx, httpx_sse, openai, requests, sseclient
from mistralai.client import Mistral

WORDS = ["one", "two", "three"]
MESSAGES = [{"role": "user", "content": "x"}]


class Server(http.server.BaseHTTPRequestHandler):
    """Sends a word, and the next one when the client has told of the first, or after 3 s."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number, word in enumerate([*WORDS, None]):
            if number == 1 and not got_one.wait(3):
                late.set()
            choice = {"index": 0, "delta": {"content": word} if word else {}, "finish_reason": None if word else "stop"}
            chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\r\n")
        self.wfile.write(b"data: [DONE]\n\r\n")

    def log_message(self, *_):
        pass


def by_openai(url, client=openai.OpenAI):
    for chunk in client(base_url=url, api_key="k", max_retries=0).chat.completions.create(
        model="m", messages=MESSAGES, stream=True
    ):
        yield chunk.choices[0].delta.content


def by_groq(url):
    return by_openai(url, groq.Groq)


def by_mistral(url):
    for event in Mistral(api_key="k", server_url=url).chat.stream(model="m", messages=MESSAGES):
        yield event.data.choices[0].delta.content


def words(events):
    for event in events:
        if event.data == "[DONE]":
            return
        yield json.loads(event.data)["choices"][0]["delta"].get("content")


def by_httpx_sse(url):
    with httpx.Client() as client, httpx_sse.connect_sse(client, "POST", url, json={}) as source:
        yield from words(source.iter_sse())


def by_sseclient(url):
    yield from words(sseclient.SSEClient(requests.post(url, json={}, stream=True)).events())


def by_node(script):
    def ask(url):
        with subprocess.Popen(["node", script, url], stdout=subprocess.PIPE, text=True) as node:
            yield from (line.strip() for line in node.stdout)

    return ask


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v1"
node = {"openai (Node.js)": by_node(f"{sys.argv[1]}/openai.mjs"), "ai (Node.js)": by_node(f"{sys.argv[1]}/ai.mjs")}
python = {"openai": by_openai, "groq": by_groq, "mistralai": by_mistral, "httpx-sse": by_httpx_sse, "sseclient-py": by_sseclient}
saw = {}
for name, ask in (python | node).items():
    got_one, late, got = threading.Event(), threading.Event(), []
    try:
        for text in ask(url):
            if text:
                got.append(text)
                got_one.set()
        assert got == WORDS
        saw[name] = "all at the end" if late.is_set() else "as they come"
    except json.JSONDecodeError:
        saw[name] = "events joined to one, no JSON"
    print(f"{name}: {saw[name]}")
live = dict.fromkeys(["openai", "mistralai", "httpx-sse", "ai (Node.js)"], "as they come")
held = dict.fromkeys(["groq", "openai (Node.js)"], "all at the end")
assert saw == live | held | {"sseclient-py": "events joined to one, no JSON"}, "they do otherwise now"
PY
"$work/venv/bin/python" "$work/ask.py" "$work"
