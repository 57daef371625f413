#!/usr/bin/env bash
# llama-index-llms-openai 0.8.3 with llama-index-core 0.14.25 and openai 2.54.0 (PyPI): the Responses API, streamed, through an agent.
#
# Expected: a stream that ends with `response.failed` or with `error` raises, and one that ends with `response.incomplete` (the token limit)
#   is the text that came.
# So it is: each of the three is an answer of no letters, without an error, though two words came before the end. Only a stream
#   that breaks off without any of them keeps its words.
# Seen on 29 Nov 2026. Source: llama_index/llms/openai/responses.py, `process_response_event`: what is no event that it knows
#   clears the blocks of the reply, and the last chunk of the stream is the reply.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check llama-index-llms-openai==0.8.3 llama-index-core==0.14.25 openai==2.54.0
cat > "$work/ask.py" <<'PY'
import asyncio, http.server, json, threading

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.llms.openai import OpenAIResponses

TEXT = {"type": "output_text", "text": "Two words", "annotations": []}
AT = {"item_id": "m1", "output_index": 0, "content_index": 0}


def message(status, content):
    return {"type": "message", "id": "m1", "status": status, "role": "assistant", "content": content}


def response(status, output, **more):
    return {"type": f"response.{'created' if status == 'in_progress' else status}", "response": {
        "id": "r1", "object": "response", "created_at": 1, "model": "m", "status": status, "output": output, "tools": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "error": None, "incomplete_details": None, "usage": None,
    } | more}


HALF = [message("incomplete", [TEXT])]
BEGIN = [
    response("in_progress", []),
    {"type": "response.output_item.added", "output_index": 0, "item": message("in_progress", [])},
    {"type": "response.content_part.added", "part": TEXT | {"text": ""}} | AT,
    {"type": "response.output_text.delta", "delta": "Two words", "logprobs": []} | AT,
]
ENDS = {
    "failed": [response("failed", HALF, error={"code": "server_error", "message": "overloaded"})],
    "error": [{"type": "error", "code": "server_error", "message": "overloaded", "param": None}],
    "incomplete": [response("incomplete", HALF, incomplete_details={"reason": "max_output_tokens"})],
    "broken off": [],
}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number, body in enumerate(BEGIN + ENDS[self.server.how]):
            self.wfile.write(f"event: {body['type']}\ndata: {json.dumps(body | {'sequence_number': number})}\n\n".encode())

    def log_message(self, *_):
        pass


async def ask(url):
    model = OpenAIResponses(model="gpt-4o", api_base=url, api_key="k", max_retries=0)
    return str(await FunctionAgent(tools=[], llm=model).run("x"))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
saw = {}
for how in ENDS:
    server.how = how
    saw[how] = asyncio.run(ask(f"http://127.0.0.1:{server.server_port}/v1"))
    print(f"{how}: {saw[how]!r}")
assert saw == dict.fromkeys(["failed", "error", "incomplete"], "") | {"broken off": "Two words"}, "it tells of them now"
PY
"$work/venv/bin/python" "$work/ask.py"
