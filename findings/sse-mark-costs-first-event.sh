#!/usr/bin/env bash
# openai 3.57.0, groq 1.7.0, together 3.1.1, httpx-sse 0.4.3 and sseclient-py 1.9.0 (PyPI) beside mistralai 3.7.0 (PyPI) and
# openai 6.49.0 (npm): clients of event streams.
#
# Expected: a byte order mark at the very beginning of a stream is dropped, as the standard says of the format
#   (html.spec.whatwg.org, 9.2.5, "one leading U+FEFF BYTE ORDER MARK character must be ignored if any are present").
# So it is: the five Python clients take it for a part of the first field's name, which they do not know then, and pass over
#   the first event: the answer begins with its second word, and nothing is raised. mistralai and openai's own client for
#   Node.js drop the mark.
# Seen on 29 Nov 2026. Source: `decode` of SSEDecoder in openai/_streaming.py, which compares field names as they are.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check openai==3.57.0 groq==1.7.0 together==3.1.1 httpx==0.28.1 \
  httpx-sse==0.4.3 sseclient-py==1.9.0 requests mistralai==3.7.0
(cd "$work" && npm init -y >/dev/null && npm install --silent openai@6.49.0 >/dev/null)
cat > "$work/ask.mjs" <<'JS'
import OpenAI from "openai";
const client = new OpenAI({ baseURL: process.argv[2], apiKey: "k", maxRetries: 0 });
let text = "";
const messages = [{ role: "user", content: "x" }];
for await (const chunk of await client.chat.completions.create({ model: "m", messages, stream: true }))
  text += chunk.choices[0]?.delta?.content ?? "";
console.log(text);
JS
cat > "$work/ask.py" <<'PY'
import http.server, json, subprocess, sys, threading

import groq, httpx, httpx_sse, openai, requests, sseclient, together
from mistralai.client import Mistral

MARK = b"\xef\xbb\xbf"


def chunk(**delta):
    choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"] or 0))
        frames = [json.dumps(each) for each in (*(chunk(content=word) for word in ("one ", "two ", "three")), chunk())]
        body = "".join(f"data: {frame}\n\n" for frame in (*frames, "[DONE]")).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write((MARK if self.path.startswith("/mark") else b"") + body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
BASE = f"http://127.0.0.1:{server.server_port}"
PROMPT = {"model": "m", "messages": [{"role": "user", "content": "x"}]}


def said(chunks):
    return "".join(each.choices[0].delta.content or "" for each in chunks)


def said_in(events):
    texts = (event.data for event in events)
    return "".join(json.loads(text)["choices"][0]["delta"].get("content", "") for text in texts if text != "[DONE]")


def ask_openai(url):
    return said(openai.OpenAI(base_url=url, api_key="k").chat.completions.create(**PROMPT, stream=True))


def ask_groq(url):
    return said(groq.Groq(base_url=url, api_key="k").chat.completions.create(**PROMPT, stream=True))


def ask_together(url):
    return said(together.Together(base_url=url, api_key="k").chat.completions.create(**PROMPT, stream=True))


def ask_httpx_sse(url):
    with httpx.Client() as client, httpx_sse.connect_sse(client, "POST", url) as source:
        return said_in(source.iter_sse())


def ask_sseclient(url):
    return said_in(sseclient.SSEClient(requests.post(url, stream=True)).events())


def ask_mistral(url):
    return said(event.data for event in Mistral(api_key="k", server_url=url).chat.stream(**PROMPT))


def ask_node(url):
    return subprocess.run(["node", "ask.mjs", url], cwd=sys.argv[1], check=True, capture_output=True, text=True).stdout.strip()


losing = (ask_openai, ask_groq, ask_together, ask_httpx_sse, ask_sseclient)
for ask in (*losing, ask_mistral, ask_node):
    plain, marked = ask(f"{BASE}/plain"), ask(f"{BASE}/mark")
    print(f"{ask.__name__:14} without a mark {plain!r:16} with one {marked!r}")
    assert plain == "one two three", f"{ask.__name__} has changed without a mark"
    assert marked == ("two three" if ask in losing else plain), f"{ask.__name__} has changed with a mark"
PY
"$work/venv/bin/python" "$work/ask.py" "$work"
