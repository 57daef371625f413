#!/usr/bin/env bash
# huggingface_hub 2.4.0 (PyPI), `InferenceClient.chat_completion(stream=True)`, beside openai 3.57.0 on the same bytes.
#
# Expected: an event stream is read by its own rules: lines end at CR, LF or both; the space after `data:` may be missing; the
#   lines of one event's data are joined.
# So it is: the client takes the lines that httpx cuts, each for a whole answer. httpx cuts as Python's `str.splitlines` does, so
#   U+2028 or U+0085 in the text of a chunk, which JSON allows as they are, ends the stream in a JSONDecodeError in the
#   middle of the answer; `data:[DONE]` without a space ends it in one after the last word; JSON over two `data:` lines in one
#   at once.
# Seen on 29 Nov 2026. Source: huggingface_hub/inference/_client.py, `response.iter_lines()`, and _common.py,
#   `_format_chat_completion_stream_output`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check huggingface_hub==2.4.0 openai==3.57.0 httpx==0.28.1
cat > "$work/ask.py" <<'PY'
import http.server, json, threading

import openai
from huggingface_hub import InferenceClient

KINDS = {
    "plain": "one two three",
    "U+2028 in a word": "one t\u2028wo three",
    "U+0085 in a word": "one t\u0085wo three",
    "no space": "one two three",
    "two data lines": "one two three",
}
LEFT = {"plain": "one two three", "U+2028 in a word": "one ", "U+0085 in a word": "one ", "no space": "one two three"}


def chunk(**delta):
    choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"] or 0))
        kind = list(KINDS)[int(self.path.split("/")[1])]
        first, middle, last = KINDS[kind].split(" ")
        chunks = [chunk(content=f"{first} "), chunk(content=f"{middle} "), chunk(content=last), chunk()]
        frames = [json.dumps(each, ensure_ascii=False) for each in chunks]
        if kind == "two data lines":
            frames = [frame.replace(', "choices"', ',\n"choices"') for frame in frames]
        lead = "data:" if kind == "no space" else "data: "
        events = ["".join(f"{lead}{line}\n" for line in frame.split("\n")) for frame in (*frames, "[DONE]")]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write("".join(f"{event}\n" for event in events).encode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
PROMPT = [{"role": "user", "content": "x"}]


def read(chunks):
    text, error = "", ""
    try:
        for each in chunks:
            text += each.choices[0].delta.content or ""
    except ValueError as problem:
        error = type(problem).__name__
    return text, error


for number, (kind, wanted) in enumerate(KINDS.items()):
    url = f"http://127.0.0.1:{server.server_port}/{number}"
    client = InferenceClient(base_url=f"{url}/v1", api_key="k")  # held: without it the stream is closed
    hub = read(client.chat_completion(PROMPT, stream=True))
    usual = read(openai.OpenAI(base_url=url, api_key="k").chat.completions.create(model="m", messages=PROMPT, stream=True))
    print(f"{kind:18} huggingface_hub {hub!r:42} openai {usual!r}")
    assert usual == (wanted, ""), f"openai has changed: {kind}"
    assert hub == (LEFT.get(kind, ""), "" if kind == "plain" else "JSONDecodeError"), f"huggingface_hub has changed: {kind}"
PY
"$work/venv/bin/python" "$work/ask.py"
