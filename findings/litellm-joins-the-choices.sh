#!/usr/bin/env bash
# litellm 1.108.7 (PyPI): `stream_chunk_builder`, which makes a reply of the chunks of a stream (its own logs and caches use it).
#
# Expected: a stream of two choices (`n=2`), whose chunks come in turns with their `index`, is a reply of two choices, and a stream
#   that ends without a finish reason is no reply that was finished.
# So it is: it makes one choice, whose text is both of them shuffled together and which has the finish reason of one of them. Where
#   none came, it says "stop".
# Seen on 29 Nov 2026. Source: litellm/main.py, `stream_chunk_builder`, which joins `choices[0]` of every chunk.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check litellm==1.108.7
cat > "$work/ask.py" <<'PY'
import http.server, json, os, threading

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
STREAMS = {
    "two": [(0, "red "), (1, "blue "), (0, "apples"), (1, "skies"), (0, "stop"), (1, "length")],
    "cut": [(0, "half an "), (0, "answer")],
}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for index, text in STREAMS[self.server.how]:
            end = text if text in ("stop", "length") else None
            choice = {"index": index, "delta": {} if end else {"role": "assistant", "content": text}, "finish_reason": end}
            self.wfile.write(b"data: " + json.dumps(HEAD | {"choices": [choice]}).encode() + b"\n\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
asked = {"model": "openai/m", "api_base": f"http://127.0.0.1:{server.server_port}/v1", "api_key": "k", "stream": True}
saw = {}
for how in STREAMS:
    server.how = how
    chunks = [*litellm.completion(messages=[{"role": "user", "content": "x"}], n=2, **asked)]
    whole = litellm.stream_chunk_builder(chunks)
    saw[how] = [(choice.message.content, choice.finish_reason) for choice in whole.choices]
    print(f"{how}: {saw[how]}")
assert len(saw["two"]) == 1 and "red" in saw["two"][0][0] and "blue" in saw["two"][0][0], "two choices come now"
assert saw["cut"] == [("half an answer", "stop")], "a cut stream is told now"
PY
"$work/venv/bin/python" "$work/ask.py"
