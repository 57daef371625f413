#!/usr/bin/env bash
# llm 0.36 (PyPI), the command, with an OpenAI-compatible endpoint and its log on, as it is by default.
#
# Expected: the log has every prompt and what came of it. A stream that ends in an error keeps the words that were already
#   printed; one whose connection is closed before the finish reason is told as cut, or marked.
# So it is: after an error in the stream, and after a reset, the log has neither the prompt nor a word of the answer, and the
#   conversation cannot be continued from it. An orderly close before the finish reason ends with status 0 and is logged as any
#   answer; only the finish reason is not in its JSON.
# Seen on 29 Nov 2026. Source: llm/cli.py, where the answer is logged after the loop over its chunks, which the error leaves.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check llm==0.36
cat > "$work/ask.py" <<'PY'
import http.server, json, os, subprocess, threading
from pathlib import Path

HERE = Path(__file__).parent


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        choice = {"index": 0, "finish_reason": None}
        for word in ("one ", "two ", "three"):
            self.send({"choices": [choice | {"delta": {"content": word}}]})
        if self.server.how == "whole":
            self.send({"choices": [choice | {"delta": {}, "finish_reason": "stop"}]})
        if self.server.how == "an error":
            self.send({"error": {"message": "overloaded", "type": "server_error"}})
        if self.server.how == "a reset":
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def send(self, more):
        chunk = f"data: {json.dumps({'id': 'c', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm'} | more)}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
seen = {}
for how in ("whole", "an orderly close", "an error", "a reset"):
    server.how = how
    home = HERE / how.replace(" ", "-")
    home.mkdir()
    base = f"http://127.0.0.1:{server.server_port}/v1"
    (home / "extra-openai-models.yaml").write_text(f"- model_id: here\n  model_name: m\n  api_base: {base}\n")
    environ = os.environ | {"LLM_USER_PATH": str(home), "OPENAI_API_KEY": "k"}
    run = lambda *words: subprocess.run([HERE / "venv/bin/llm", *words], env=environ, capture_output=True, text=True)  # noqa: E731
    asked = run("-m", "here", "Count")
    logged = json.loads(run("logs", "list", "--json").stdout or "[]")
    seen[how] = (asked.stdout.strip(), asked.returncode, [(turn["prompt"], turn["response"]) for turn in logged])
    print(f"{how:17} printed {asked.stdout.strip()!r}, status {asked.returncode}, log {seen[how][2]}")
server.shutdown()
answer = [("Count", "one two three")]
assert seen["whole"] == seen["an orderly close"] == ("one two three", 0, answer), seen
assert seen["an error"] == seen["a reset"] == ("one two three", 1, []), seen
print("as before: what was printed before a stream broke is not in the log, and neither is the prompt")
PY
"$work/venv/bin/python" "$work/ask.py"
