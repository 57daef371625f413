#!/usr/bin/env bash
# litellm 1.108.7 (PyPI), as a library, with its cache in memory (`litellm.cache = Cache(type="local")`).
#
# Expected: the second time the same is asked, the answer comes from the cache, without more packages than those that litellm
#   asks for itself; and a stream that was closed before its finish reason is no answer to keep.
# So it is: the first time the answer comes, and is kept. The second time raises, streamed or not: fastapi is not installed, then
#   orjson, then soundfile, which belong to litellm's server. With the three the answers come, the half one too, and that
#   with the finish reason "stop", which no server gave.
# Seen on 30 Nov 2026. Source: litellm/llms/anthropic/pass_through/messages/response_cache.py, which on the way from the cache imports
#   the server by way of streaming_iterator.py beside it; `stream_chunk_builder` in litellm/main.py.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
pip() { "$work/venv/bin/pip" install -q --disable-pip-version-check "$@"; }
pip litellm==1.108.7
cat > "$work/ask.py" <<'PY'
import http.server, json, os, sys, threading

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.caching.caching import Cache

litellm.suppress_debug_info = True


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        requests.append(asked)
        head = {"id": "c", "created": 1, "model": "m"}
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if asked.get("stream") else "application/json")
        self.end_headers()
        if not asked.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": "You may."}, "finish_reason": "stop"}
            self.wfile.write(json.dumps(head | {"object": "chat.completion", "choices": [choice]}).encode())
            return
        whole = [({"content": "You may"}, None), ({"content": "."}, None), ({}, "stop")]
        for delta, finish in whole[:1] if "closed" in asked["messages"][0]["content"] else whole:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = json.dumps(head | {"object": "chat.completion.chunk", "choices": [choice]})
            self.wfile.write(f"data: {chunk}\n\n".encode())

    def log_message(self, *_):
        pass


def ask(how):
    asked = {"model": "openai/m", "messages": [{"role": "user", "content": how}], "num_retries": 0}
    try:
        reply = litellm.completion(**asked, stream=how != "not streamed", caching=True, api_base=url, api_key="k")
        if how == "not streamed":
            return reply.choices[0].message.content, reply.choices[0].finish_reason
        reply = litellm.stream_chunk_builder([*reply]).choices[0]
        return reply.message.content, reply.finish_reason
    except ModuleNotFoundError as error:
        return str(error)


requests = []
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v1"
litellm.cache = Cache(type="local")
whole, half, lacks = ("You may.", "stop"), ("You may", "stop"), f"No module named '{sys.argv[1]}'"
for how, answer in {"not streamed": whole, "streamed": whole, "streamed, closed early": half}.items():
    ask(how)
    again = ask(how)
    print(f"    {how}, the second time: {again}; requests: {len(requests)}")
    assert again == (lacks if sys.argv[1] else answer), "it differs now"
    assert len(requests) == 1, "it asks again now"
    requests.clear()
PY
for package in fastapi orjson soundfile ""; do
  [ -z "$package" ] && echo "with all three:" || echo "without $package:"
  "$work/venv/bin/python" -W ignore "$work/ask.py" "$package"
  [ -z "$package" ] || pip "$package"
done
