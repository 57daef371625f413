#!/usr/bin/env bash
# openai 3.57.0, langchain-openai 1.7.4, pydantic-ai-slim 2.68.0, haystack-ai 3.4.1, llama-index-llms-openai-like 0.8.1,
# smolagents 1.26.0 and litellm 1.108.7 (PyPI): a call of a tool in fragments, streamed, by a server that sends `id`, `type` and the
# name again with each, as some that speak the dialect do.
#
# Expected: one call, of the tool `pay`: a name that comes again is the same name.
# So it is: five of them join the name as if it came in pieces: the call is of `paypay`, without an error, and for openai's own helper
#   and llama-index its id is `aa`. (The vendor's own server sends both in the first fragment alone.) litellm and smolagents
#   take it as said again.
# Seen on 29 Nov 2026. Source: `accumulate_delta` in openai/lib/streaming/_deltas.py, which adds up any two strings but `index` and
#   `type`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip() { python3 -m venv "$work/$1" && "$work/$1/bin/pip" install -q --disable-pip-version-check "${@:2}"; }
pip langchain langchain-openai==1.7.4 langchain-core==1.8.3
pip llama llama-index-llms-openai-like==0.8.1 llama-index-llms-openai==0.8.3 llama-index-core==0.14.25
pip smolagents smolagents==1.26.0 openai==3.57.0
pip haystack haystack-ai==3.4.1
pip litellm litellm==1.108.7
pip pydantic 'pydantic-ai-slim[openai]==2.68.0'
ln -s smolagents "$work/openai"
cat > "$work/ask_openai.py" <<'PY'
import sys
import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="k")
with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "x"}]) as stream:
    calls = stream.get_final_completion().choices[0].message.tool_calls
print([(call.id, call.function.name) for call in calls])
PY
cat > "$work/ask_langchain.py" <<'PY'
import sys
from langchain_openai import ChatOpenAI

reply = ChatOpenAI(model="m", base_url=sys.argv[1], api_key="k", streaming=True).invoke("x")
print([(call["id"], call["name"]) for call in [*reply.tool_calls, *reply.invalid_tool_calls]])
PY
cat > "$work/ask_llama.py" <<'PY'
import sys
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike

model = OpenAILike(model="m", api_base=sys.argv[1], api_key="k", is_chat_model=True, is_function_calling_model=True)
*_, last = model.stream_chat([ChatMessage("x")])
print([(call.id, call.function.name) for call in last.message.additional_kwargs["tool_calls"]])
PY
cat > "$work/ask_smolagents.py" <<'PY'
import sys
from smolagents import OpenAIModel
from smolagents.models import agglomerate_stream_deltas

model = OpenAIModel("m", api_base=sys.argv[1], api_key="k")
asked = [{"role": "user", "content": [{"type": "text", "text": "x"}]}]
print([(call.id, call.function.name) for call in agglomerate_stream_deltas([*model.generate_stream(asked)]).tool_calls])
PY
cat > "$work/ask_haystack.py" <<'PY'
import sys
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.utils import Secret

key = Secret.from_token("k")
asker = OpenAIChatGenerator(model="m", api_base_url=sys.argv[1], api_key=key, streaming_callback=lambda _: None)
print([(call.id, call.tool_name) for call in asker.run([ChatMessage.from_user("x")])["replies"][0].tool_calls])
PY
cat > "$work/ask_litellm.py" <<'PY'
import os, sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

messages = [{"role": "user", "content": "x"}]
chunks = litellm.completion(model="openai/m", api_base=sys.argv[1], api_key="k", stream=True, messages=messages)
calls = litellm.stream_chunk_builder([*chunks]).choices[0].message.tool_calls
print([(call.id, call.function.name) for call in calls])
PY
cat > "$work/ask_pydantic.py" <<'PY'
import asyncio, sys
from pydantic_ai import Agent
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import ModelRequest
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def ask():
    model = OpenAIChatModel("m", provider=OpenAIProvider(base_url=sys.argv[1], api_key="k"))
    async with model_request_stream(model, [ModelRequest.user_text_prompt("x")]) as stream:
        async for _ in stream:
            pass
        print([(part.tool_call_id, part.tool_name) for part in stream.get().parts])


asyncio.run(ask())
PY
cat > "$work/serve.py" <<'PY'
import ast, http.server, json, subprocess, sys, threading

HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in ('{"amount"', ": 3}", None):
            call = {"index": 0, "id": "a", "type": "function", "function": {"name": "pay", "arguments": piece}}
            delta = {} if piece is None else {"role": "assistant", "content": None, "tool_calls": [call]}
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "tool_calls"}
            self.wfile.write(b"data: " + json.dumps(HEAD | {"choices": [choice]}).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url, work = f"http://127.0.0.1:{server.server_port}/v1", sys.argv[1]
saw = {}
for name in ("openai", "langchain", "pydantic", "haystack", "llama", "smolagents", "litellm"):
    told = subprocess.check_output([f"{work}/{name}/bin/python", f"{work}/ask_{name}.py", url], text=True)
    saw[name] = ast.literal_eval(told.splitlines()[-1])
    print(f"{name}: {saw[name]}")
expected = {name: [("a", "paypay")] for name in ("langchain", "pydantic", "haystack")}
expected |= {name: [("aa", "paypay")] for name in ("openai", "llama")}
expected |= {name: [("a", "pay")] for name in ("smolagents", "litellm")}
assert saw == expected, "they do otherwise now"
PY
python3 "$work/serve.py" "$work"
