#!/usr/bin/env bash
# langchain-openai 1.7.4, pydantic-ai-slim 2.68.0 and smolagents 1.26.0 (PyPI), beside haystack-ai 3.4.1 and litellm 1.108.7 (PyPI):
# what a streamed reply has used.
#
# Expected: a server may tell the usage so far with every chunk (vLLM does with `continuous_usage_stats`, xAI by itself): each
#   figure holds the ones before it, so the last one is the reply's.
# So it is: the first three add all of them up. Of a reply of 3 tokens to a prompt of 100, told five times, they make 500 tokens in
#   and 12 out; a reply of 1,000 tokens costs a thousand times its prompt. haystack and litellm keep the last figure. (pydantic-ai
#   knows better where its setting `openai_continuous_usage_stats` asks the server for it, and only there.)
# Seen on 29 Nov 2026. Source: `add_usage` as `langchain_core/messages/ai.py` calls it, `agglomerate_stream_deltas` of
#   smolagents/models.py, and `cumulative` in pydantic_ai/models/__init__.py.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip() { python3 -m venv "$work/$1" && "$work/$1/bin/pip" install -q --disable-pip-version-check "${@:2}"; }
pip langchain langchain-openai==1.7.4 langchain-core==1.8.3
pip pydantic 'pydantic-ai-slim[openai]==2.68.0'
pip smolagents smolagents==1.26.0 openai
pip haystack haystack-ai==3.4.1
pip litellm litellm==1.108.7
cat > "$work/ask_langchain.py" <<'PY'
import sys
from langchain_openai import ChatOpenAI

usage = ChatOpenAI(model="m", base_url=sys.argv[1], api_key="k", streaming=True, stream_usage=True).invoke("x").usage_metadata
print(usage["input_tokens"], usage["output_tokens"])
PY
cat > "$work/ask_pydantic.py" <<'PY'
import asyncio, sys
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def ask():
    agent = Agent(OpenAIChatModel("m", provider=OpenAIProvider(base_url=sys.argv[1], api_key="k")))
    async with agent.run_stream("x") as reply:
        await reply.get_output()
        usage = reply.usage
        print(usage.input_tokens, usage.output_tokens)


asyncio.run(ask())
PY
cat > "$work/ask_smolagents.py" <<'PY'
import sys
from smolagents import OpenAIModel
from smolagents.models import agglomerate_stream_deltas

model = OpenAIModel("m", api_base=sys.argv[1], api_key="k")
asked = [{"role": "user", "content": [{"type": "text", "text": "x"}]}]
usage = agglomerate_stream_deltas([*model.generate_stream(asked)]).token_usage
print(usage.input_tokens, usage.output_tokens)
PY
cat > "$work/ask_haystack.py" <<'PY'
import sys
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.utils import Secret

key = Secret.from_token("k")
asker = OpenAIChatGenerator(model="m", api_base_url=sys.argv[1], api_key=key, streaming_callback=lambda _: None)
usage = asker.run([ChatMessage.from_user("x")])["replies"][0].meta["usage"]
print(usage["prompt_tokens"], usage["completion_tokens"])
PY
cat > "$work/ask_litellm.py" <<'PY'
import os, sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

asked = {"messages": [{"role": "user", "content": "x"}], "stream_options": {"include_usage": True}}
chunks = litellm.completion(model="openai/m", api_base=sys.argv[1], api_key="k", stream=True, **asked)
usage = litellm.stream_chunk_builder([*chunks]).usage
print(usage.prompt_tokens, usage.completion_tokens)
PY
cat > "$work/serve.py" <<'PY'
import http.server, json, subprocess, sys, threading

HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        pieces = [({"role": "assistant", "content": "a"}, 1), ({"content": "b"}, 2), ({"content": "c"}, 3), ({}, 3), (None, 3)]
        for delta, tokens in pieces:
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
            usage = {"prompt_tokens": 100, "completion_tokens": tokens, "total_tokens": 100 + tokens}
            chunk = HEAD | {"choices": [] if delta is None else [choice], "usage": usage}
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url, work = f"http://127.0.0.1:{server.server_port}/v1", sys.argv[1]
saw = {}
for name in ("langchain", "pydantic", "smolagents", "haystack", "litellm"):
    told = subprocess.check_output([f"{work}/{name}/bin/python", f"{work}/ask_{name}.py", url], text=True)
    saw[name] = told.splitlines()[-1]
    print(f"{name}: tokens in and out: {saw[name]}")
added = dict.fromkeys(["langchain", "pydantic", "smolagents"], "500 12")
assert saw == added | dict.fromkeys(["haystack", "litellm"], "100 3"), "they count otherwise now"
PY
python3 "$work/serve.py" "$work"
