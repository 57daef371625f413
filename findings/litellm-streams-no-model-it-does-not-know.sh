#!/usr/bin/env bash
# litellm 1.108.7 (PyPI): the Responses API, streamed, from an endpoint of one's own (`openai/…`, `hosted_vllm/…`, with `api_base`).
#
# Expected: `stream=True` asks the endpoint for a stream, and each word is given out as it comes, whatever the model is called,
#   as for Chat Completions.
# So it is: of a model that is not in litellm's list no stream is asked for, though `stream=True` is what the program said. The request
#   has no `stream`; the whole answer is waited for, and then cut into events of five letters that look like a stream. The model's name
#   alone decides: with that of one in the list the same endpoint streams, and over Chat Completions any name does.
# Seen on 30 Nov 2026. Source: litellm/llms/openai/responses/transformation.py, `should_fake_stream`, where a model that is not
#   known counts as one that cannot stream.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check litellm==1.108.7
cat > "$work/ask.py" <<'PY'
import http.server, json, os, threading

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

WORDS = ["Once there ", "was a word."]
response = {"id": "r", "object": "response", "created_at": 1, "model": "m", "output": [], "status": "in_progress"}
response |= {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
usage = {"input_tokens": 1, "output_tokens": 6, "total_tokens": 7}


def message(*words):
    content = [{"type": "output_text", "text": "".join(words), "annotations": []}] if words else []
    return {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": content}


class Server(http.server.BaseHTTPRequestHandler):
    def event(self, kind, **more):
        body = {"type": kind, "sequence_number": 1} | more
        self.wfile.write(f"event: {kind}\ndata: {json.dumps(body)}\n\n".encode())

    def chunk(self, text, finish):
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(body)}\n\n".encode())

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        came["asked for a stream"] = asked.get("stream", False)
        whole = response | {"status": "completed", "output": [message(*WORDS)], "usage": usage}
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if asked.get("stream") else "application/json")
        self.end_headers()
        if not asked.get("stream"):
            came["first word before the last"] = read.wait(1)
            self.wfile.write(json.dumps(whole).encode())
            return
        if self.path.endswith("/responses"):
            self.event("response.created", response=response)
            self.event("response.output_item.added", output_index=0, item=message())
        for number, word in enumerate(WORDS):
            if number:
                came["first word before the last"] = read.wait(10)
            if self.path.endswith("/responses"):
                self.event("response.output_text.delta", item_id="i", output_index=0, content_index=0, delta=word)
            else:
                self.chunk(word, None)
        if self.path.endswith("/responses"):
            self.event("response.output_item.done", output_index=0, item=message(*WORDS))
            self.event("response.completed", response=whole)
        else:
            self.chunk("", "stop")
            self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


def over_responses(model):
    for event in litellm.responses(model=model, input="x", stream=True, **given):
        if event.type == "response.output_text.delta":
            yield event.delta


def over_chat(model):
    for chunk in litellm.completion(model=model, messages=[{"role": "user", "content": "x"}], stream=True, **given):
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content


came, read = {}, threading.Event()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
given = {"api_base": f"http://127.0.0.1:{server.server_port}/v1", "api_key": "k"}
ways = [
    ("Responses", over_responses, "openai/gpt-5", True),
    ("Responses", over_responses, "openai/mine", False),
    ("Responses", over_responses, "hosted_vllm/mine", False),
    ("Chat Completions over Responses", over_chat, "openai/responses/mine", False),
    ("Chat Completions", over_chat, "openai/mine", True),
]
for dialect, way, model, streams in ways:
    came.clear()
    read.clear()
    words = []
    for word in way(model):
        read.set()
        words.append(word)
    print(f"{dialect}, {model}: {came}, {words}")
    assert came == {"asked for a stream": streams, "first word before the last": streams}, "it asks otherwise now"
    assert "".join(words) == "".join(WORDS), "it gives another answer now"
PY
"$work/venv/bin/python" -W ignore "$work/ask.py"
