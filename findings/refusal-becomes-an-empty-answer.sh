#!/usr/bin/env bash
# langchain-openai 1.7.4, llama-index-llms-openai-like 0.8.1, smolagents 1.26.0, haystack-ai 3.4.1 and litellm 1.108.7 (PyPI), beside
# openai 3.57.0 and pydantic-ai-slim 2.68.0 (PyPI): a reply in which the model refuses, streamed.
#
# Expected: the refusal, which comes in `delta.refusal` and ends with `finish_reason` "stop", can be read in the reply, or raises.
# So it is: five of them drop it. The reply is whole, without an error, and empty: nothing in it tells a refusal from a model that
#   had nothing to say. openai's own helper has it as `message.refusal`, and pydantic-ai raises with its words. (langchain has the
#   refusal of a reply that is not streamed.)
# Seen on 29 Nov 2026. Source: `_convert_delta_to_message_chunk` in langchain_openai/chat_models/base.py, beside
#   `_convert_dict_to_message`, which reads it.
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
cat > "$work/ask_langchain.py" <<'PY'
import sys
from langchain_openai import ChatOpenAI

print(ChatOpenAI(model="m", base_url=sys.argv[1], api_key="k", streaming=True).invoke("x").model_dump_json())
PY
cat > "$work/ask_llama.py" <<'PY'
import sys
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike

*_, last = OpenAILike(model="m", api_base=sys.argv[1], api_key="k", is_chat_model=True).stream_chat([ChatMessage("x")])
print(last.message.model_dump_json())
PY
cat > "$work/ask_smolagents.py" <<'PY'
import sys
from smolagents import OpenAIModel
from smolagents.models import agglomerate_stream_deltas

model = OpenAIModel("m", api_base=sys.argv[1], api_key="k")
asked = [{"role": "user", "content": [{"type": "text", "text": "x"}]}]
print(agglomerate_stream_deltas([*model.generate_stream(asked)]))
PY
cat > "$work/ask_haystack.py" <<'PY'
import sys
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.utils import Secret

key = Secret.from_token("k")
asker = OpenAIChatGenerator(model="m", api_base_url=sys.argv[1], api_key=key, streaming_callback=lambda _: None)
print(asker.run([ChatMessage.from_user("x")])["replies"][0].to_dict())
PY
cat > "$work/ask_litellm.py" <<'PY'
import os, sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

messages = [{"role": "user", "content": "x"}]
chunks = litellm.completion(model="openai/m", api_base=sys.argv[1], api_key="k", stream=True, messages=messages)
print(litellm.stream_chunk_builder([*chunks]).model_dump_json())
PY
cat > "$work/ask_pydantic.py" <<'PY'
import asyncio, sys
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def ask():
    agent = Agent(OpenAIChatModel("m", provider=OpenAIProvider(base_url=sys.argv[1], api_key="k")))
    try:
        async with agent.run_stream("x") as reply:
            print(await reply.get_output())
    except Exception as error:
        print(str(error).replace("\n", " "))


asyncio.run(ask())
PY
cat > "$work/ask_openai.py" <<'PY'
import sys
import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="k")
with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "x"}]) as stream:
    print(stream.get_final_completion().model_dump_json())
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
        for delta in ({"role": "assistant", "content": None, "refusal": "I will "}, {"refusal": "not do it."}, {}):
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
            self.wfile.write(b"data: " + json.dumps(HEAD | {"choices": [choice]}).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url, work = f"http://127.0.0.1:{server.server_port}/v1", sys.argv[1]
saw = {}
for name in ("langchain", "llama", "smolagents", "haystack", "litellm", "openai", "pydantic"):
    told = subprocess.check_output([f"{work}/{name}/bin/python", f"{work}/ask_{name}.py", url], text=True)
    saw[name] = "I will not do it." in told
    print(f"{name}: {'tells' if saw[name] else 'drops'} the refusal: {told.splitlines()[-1][:300]}")
tells = dict.fromkeys(["openai", "pydantic"], True)
assert saw == tells | dict.fromkeys(["langchain", "llama", "smolagents", "haystack", "litellm"], False), "they do otherwise now"
PY
python3 "$work/serve.py" "$work"
