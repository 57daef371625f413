#!/usr/bin/env bash
# litellm 1.108.7 (PyPI), which translates between dialects: Chat Completions given as Messages (`litellm.anthropic.messages`) and as
# Responses (`litellm.responses`), and Responses given as Chat Completions (`litellm.completion`), streamed.
#
# Expected: every piece arrives on the other side, under the call or the item that it belongs to.
# So it is: of two calls whose arguments come in turns (each piece names its call by `index`) the Messages have one without
#   arguments and one that has the pieces of both; the Responses have both whole. The first word of an answer that comes in one
#   chunk with the last of the reasoning is in no delta of the Responses, though it is in what is done; the Messages have it.
#   Arguments that come whole, in `response.function_call_arguments.done` and `response.output_item.done`, are lost to Chat
#   Completions, where the call has none.
# Seen on 30 Nov 2026. Source: litellm/llms/anthropic/pass_through/adapters/streaming_iterator.py, which writes every piece into the
#   block that began last; litellm/responses/litellm_completion_transformation/streaming_iterator.py, where a chunk that has reasoning
#   is an event of reasoning alone; litellm/completion_extras/litellm_responses_transformation/transformation.py.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check litellm==1.108.7
cat > "$work/ask.py" <<'PY'
import asyncio, http.server, json, os, threading

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm


def call(index, arguments, name=None):
    begin = {"id": "ab"[index], "type": "function"} if name else {}
    return {"tool_calls": [{"index": index, "function": {"arguments": arguments} | ({"name": name} if name else {})} | begin]}


def item(arguments):
    return {"type": "function_call", "id": "i", "call_id": "a", "name": "pay", "arguments": arguments, "status": "completed"}


CHATS = {
    "in turns": [call(0, "", "pay"), call(1, "", "pay"), call(0, '{"to": '), call(1, '{"to": '), call(0, '"x"}'), call(1, '"y"}')],
    "in one chunk": [{"reasoning_content": "Hm. "}, {"reasoning_content": "Yes.", "content": "I "}, {"content": "do."}],
}  # fmt: skip
whole = '{"to": "x"}'
response = {"id": "r", "object": "response", "created_at": 1, "model": "m", "output": [], "status": "in_progress"}
response |= {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
ended = response | {"status": "completed", "output": [item(whole)], "usage": usage}
RESPONSES = [
    {"type": "response.created", "response": response},
    {"type": "response.output_item.added", "output_index": 0, "item": item("")},
    {"type": "response.function_call_arguments.done", "output_index": 0, "item_id": "i", "arguments": whole},
    {"type": "response.output_item.done", "output_index": 0, "item": item(whole)},
    {"type": "response.completed", "response": ended},
]


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if self.path.endswith("/responses"):
            for number, body in enumerate(RESPONSES):
                body = json.dumps(body | {"sequence_number": number})
                self.wfile.write(f"data: {body}\n\n".encode())
            return
        for delta in [*CHATS[self.server.how], None]:
            finish = None if delta else "tool_calls" if self.server.how == "in turns" else "stop"
            choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
            chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


async def as_messages(how):
    server.how, blocks = how, {}
    asked = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 9, "stream": True}
    tools = [{"name": "pay", "input_schema": {"type": "object"}}]
    async for data in await litellm.anthropic.messages.acreate(model="llamafile/m", tools=tools, **asked, **given):
        for line in data.decode().splitlines():
            event = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            if event.get("type") == "content_block_start":
                blocks[event["index"]] = ""
            if event.get("type") == "content_block_delta":
                delta = event["delta"]
                blocks[event["index"]] += delta.get("partial_json") or delta.get("thinking") or delta.get("text") or ""
    return [*blocks.values()]


def as_responses(how):
    server.how, items = how, {}
    tools = [{"type": "function", "name": "pay", "parameters": {"type": "object"}}]
    for event in litellm.responses(model="llamafile/m", input="x", stream=True, tools=tools, **given):
        if event.type.endswith(".delta"):
            items[event.output_index] = items.get(event.output_index, "") + event.delta
    return [*items.values()]


def as_chat():
    calls = {}
    asked = {"messages": [{"role": "user", "content": "x"}], "stream": True}
    tools = [{"type": "function", "function": {"name": "pay", "parameters": {"type": "object"}}}]
    for chunk in litellm.completion(model="openai/responses/gpt-5", tools=tools, **asked, **given):
        for piece in chunk.choices[0].delta.tool_calls or [] if chunk.choices else []:
            calls[piece.index] = calls.get(piece.index, "") + (piece.function.arguments or "")
    return [*calls.values()]


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
given = {"api_base": f"http://127.0.0.1:{server.server_port}/v1", "api_key": "k"}
both, mixed = ['{"to": "x"}', '{"to": "y"}'], ["", '{"to": {"to": "x"}"y"}']
saw = {
    "two calls in turns, as Messages": (asyncio.run(as_messages("in turns")), mixed),
    "two calls in turns, as Responses": (as_responses("in turns"), both),
    "reasoning and text in one chunk, as Messages": (asyncio.run(as_messages("in one chunk")), ["Hm. Yes.", "I do."]),
    "reasoning and text in one chunk, as Responses": (as_responses("in one chunk"), ["Hm. Yes.", "do."]),
    "arguments that come whole, as Chat Completions": (as_chat(), [""]),
}
for name, (came, before) in saw.items():
    print(f"{name}: {came}")
    assert came == before, "it differs now"
PY
"$work/venv/bin/python" -W ignore "$work/ask.py"
