#!/usr/bin/env bash
# openai-agents 0.24.0 with openai 3.57.0 (PyPI), `OpenAIChatCompletionsModel` at an endpoint of one's own.
#
# Expected: a reply that ends at the token limit, by the content filter, or by a connection that is closed before any finish
#   reason can be told from one that ended by itself: by an error, an event (Responses has `response.incomplete`) or a field.
# So it is: once a word has come all four give the same, to the last letter of the result: the event `response.completed`, the
#   half answer as `final_output`, and nowhere a finish reason, streamed or not. (Without a word, the limit is an error, and over
#   the Responses API it is one always.)
# Seen on 30 Nov 2026. Source: agents/models/chatcmpl_stream_handler.py, which looks at the finish reason where the answer is
#   empty, and asks for one (`require_finish_reason`) where the address is the vendor's own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check openai-agents==0.24.0 openai==3.57.0
cat > "$work/ask.py" <<'PY'
import asyncio, http.server, json, threading

from agents import Agent, AgentsException, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from openai import AsyncOpenAI

set_tracing_disabled(True)


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        streams = json.loads(self.rfile.read(int(self.headers["Content-Length"]))).get("stream")
        head = {"id": "c", "created": 1, "model": "m"}
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if streams else "application/json")
        self.end_headers()
        if not streams:
            choice = {"index": 0, "message": {"role": "assistant", "content": "You may"}, "finish_reason": ending}
            self.wfile.write(json.dumps(head | {"object": "chat.completion", "choices": [choice]}).encode())
            return
        words = [] if ending == "length, no word" else [({"content": "You may"}, None)]
        for delta, finish in [*words, ({}, ending.split(",")[0])]:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = head | {"object": "chat.completion.chunk", "choices": [choice]}
            if delta or ending != "closed":
                self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        if ending != "closed":
            self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


async def streamed(agent):
    result = Runner.run_streamed(agent, "May I?")
    events = [event.data.type async for event in result.stream_events() if event.type == "raw_response_event"]
    return events[-1], result.final_output, repr(result.raw_responses)


async def whole(agent):
    result = await Runner.run(agent, "May I?")
    return "not streamed", result.final_output, repr(result.raw_responses)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = AsyncOpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="k", max_retries=0)
agent = Agent(name="a", model=OpenAIChatCompletionsModel(model="m", openai_client=client))
for ask, endings in {streamed: ("stop", "length", "content_filter", "closed"), whole: ("stop", "length", "content_filter")}.items():
    saw = {}
    for ending in endings:
        saw[ending] = asyncio.run(ask(agent))
        print(f"{ending}: {saw[ending][0]}, final output {saw[ending][1]!r}")
    print("    and what else is in the results", "is the same" if len({*saw.values()}) == 1 else "differs")
    assert len({*saw.values()}) == 1 and saw["stop"][1] == "You may", "they differ now"
ending = "length, no word"
try:
    asyncio.run(streamed(agent))
    raise SystemExit("the limit without a word is no error now")
except AgentsException as error:
    print(f"{ending}: {type(error).__name__}")
PY
"$work/venv/bin/python" "$work/ask.py"
