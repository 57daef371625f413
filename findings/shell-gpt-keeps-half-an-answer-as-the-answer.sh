#!/usr/bin/env bash
# shell-gpt 1.5.1 (PyPI, with openai 2.54.0), the command `sgpt`, with its cache on, as it is by default.
#
# Expected: an answer that did not come to its end (Ctrl-C, or a connection that is closed before the finish reason) is no
#   answer to keep: the same prompt asks the model again.
# So it is: what had come is kept as the answer. The same prompt gives the half one from the cache from then on, with status 0
#   and without a word that it is half; the model is not asked, until a hundred other prompts have been or `--no-cache` is given.
# Seen on 30 Nov 2026. Source: sgpt/handlers/handler.py, `get_completion`, which ends after a KeyboardInterrupt as it ends after
#   an answer and does not read finish reasons; sgpt/cache.py, `Cache.__call__`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check shell-gpt==1.5.1 openai==2.54.0 click==8.3.1
cat > "$work/ask.py" <<'PY'
import http.server, json, os, signal, subprocess, sys, threading, time


class Server(http.server.BaseHTTPRequestHandler):
    def word(self, text, finish=None):
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

    def do_POST(self):
        asked.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.word("It is safe")
        if now == "Ctrl-C":
            stopped.wait(20)
        if now == "a whole answer":
            self.word(" when you have a copy.", "stop")
            self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


def wait_until_it_waits(child):
    "Until the child slept whenever one looked, for half a second: it waits for the next word then."
    times = 0
    while times < 10 and child.poll() is None:
        state = open(f"/proc/{child.pid}/stat").read().rsplit(")", 1)[1].split()[0]
        times = times + 1 if state == "S" else 0
        time.sleep(0.05)


def ask(prompt):
    command = [sys.argv[1] + "/venv/bin/sgpt", "--no-md", "--no-functions", prompt]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True)
    said = child.stdout.read(len("It is safe"))
    if now == "Ctrl-C" and not stopped.is_set():
        wait_until_it_waits(child)
        child.send_signal(signal.SIGINT)
    said += child.stdout.read()
    return said.strip(), child.wait()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
home = sys.argv[1] + "/home"
env = {"HOME": home, "PATH": os.environ["PATH"], "OPENAI_API_KEY": "k", "DEFAULT_MODEL": "m", "TERM": "dumb", "SHELL": "/bin/sh"}
env |= {"API_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1", "CACHE_PATH": home + "/cache", "CHAT_CACHE_PATH": home + "/chats"}
stopped = threading.Event()
for now in ("Ctrl-C", "a connection that is closed", "a whole answer"):
    asked = []
    prompt = f"May I delete it? ({now})"
    first = ask(prompt)
    stopped.set()
    times = len(asked)
    second = ask(prompt)
    print(f"{now}: {first}; asked again: {second}; requests: {times}, {len(asked)}")
    answer = "It is safe when you have a copy." if now == "a whole answer" else "It is safe"
    assert (first, second, times, len(asked)) == ((answer, 0), (answer, 0), 1, 1), "it differs now"
PY
"$work/venv/bin/python" "$work/ask.py" "$work"
