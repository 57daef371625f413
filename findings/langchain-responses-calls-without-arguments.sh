#!/usr/bin/env bash
# langchain-openai 1.7.4 with langchain-core 1.8.3, beside openai 3.57.0 (PyPI): calls of tools over the Responses API, streamed.
#
# Expected: arguments belong to the item that their `output_index` and `item_id` name, whichever item came last, and those that
#   come whole in `response.function_call_arguments.done` and `response.output_item.done`, without a delta, are the call's.
# So it is: both are lost. Of two calls whose fragments come in turns, langchain makes four calls (`pay` with no arguments, twice,
#   and two without a name and an id) and two invalid ones: it counts an index up whenever the item changes. A call whose arguments came
#   whole is a valid call with no arguments at all. openai's helper has both calls whole.
# Seen on 29 Nov 2026. Source: langchain_openai/chat_models/base.py, `_convert_responses_chunk_to_generation_chunk`, which counts
#   `current_index` up at each new item, and passes over what is done.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check langchain-openai==1.7.4 langchain-core==1.8.3 openai==3.57.0
cat > "$work/ask.py" <<'PY'
import http.server, json, threading

import openai
from langchain_openai import ChatOpenAI

X, Y = '{"to": "x", "euro": 1}', '{"to": "y", "euro": 2}'


def call(place, arguments, status):
    head = {"type": "function_call", "id": f"fc{place}", "call_id": f"call{place}", "name": "pay"}
    return head | {"arguments": arguments, "status": status}


def event(kind, place, **more):
    return {"type": f"response.{kind}", "output_index": place} | more


def added(place):
    return event("output_item.added", place, item=call(place, "", "in_progress"))


def delta(place, text):
    return event("function_call_arguments.delta", place, item_id=f"fc{place}", delta=text)


def done(place, arguments):
    yield event("function_call_arguments.done", place, item_id=f"fc{place}", arguments=arguments, name="pay")
    yield event("output_item.done", place, item=call(place, arguments, "completed"))


def response(status, output):
    return {"type": f"response.{'created' if status == 'in_progress' else status}", "response": {
        "id": "r1", "object": "response", "created_at": 1, "model": "m", "status": status, "output": output, "tools": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "error": None, "incomplete_details": None, "usage": None,
    }}


BOTH = [call(0, X, "completed"), call(1, Y, "completed")]
STREAMS = {
    "in turns": [
        added(0), added(1), delta(0, X[:12]), delta(1, Y[:12]), delta(0, X[12:]), delta(1, Y[12:]), *done(0, X), *done(1, Y),
        response("completed", BOTH),
    ],
    "without deltas": [added(0), *done(0, X), response("completed", BOTH[:1])],
}  # fmt: skip


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number, body in enumerate([response("in_progress", []), *STREAMS[self.server.how]]):
            self.wfile.write(f"event: {body['type']}\ndata: {json.dumps(body | {'sequence_number': number})}\n\n".encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v1"
saw = {}
for how in STREAMS:
    server.how = how
    with openai.OpenAI(base_url=url, api_key="k").responses.stream(model="m", input="x") as stream:
        saw["openai", how] = [json.loads(item.arguments) for item in stream.get_final_response().output]
    reply = ChatOpenAI(model="m", base_url=url, api_key="k", streaming=True, use_responses_api=True).invoke("x")
    saw["langchain", how] = [made["args"] for made in reply.tool_calls]
    saw["invalid", how] = len(reply.invalid_tool_calls)
for (name, how), calls in saw.items():
    print(f"{name}, {how}: {calls}")
x, y = {"to": "x", "euro": 1}, {"to": "y", "euro": 2}
assert saw == {
    ("openai", "in turns"): [x, y],
    ("langchain", "in turns"): [{}, {}, {"to": "x"}, {"to": "y"}],
    ("invalid", "in turns"): 2,
    ("openai", "without deltas"): [x],
    ("langchain", "without deltas"): [{}],
    ("invalid", "without deltas"): 0,
}, "they do otherwise now"
PY
"$work/venv/bin/python" "$work/ask.py"
