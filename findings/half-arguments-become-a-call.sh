#!/usr/bin/env bash
# langchain-openai 1.7.4 and llama-index-llms-openai-like 0.8.1 (PyPI) and @langchain/openai 1.5.8 (npm), beside pydantic-ai-slim
# 2.68.0 (PyPI) and ai 6.0.326 with @ai-sdk/openai-compatible 2.0.92 (npm): agents that read a streamed call of a tool.
#
# Expected: a reply that ends at the token limit in the middle of a call's arguments (`finish_reason` "length", so the server
#   says itself that it is cut) gives no call that can be run, as the same reply does when it is not streamed.
# So it is: three of them close the half JSON themselves. `"euro": 12` of an amount that was going to be 1250 becomes a valid
#   call of 12: langchain lists it under `tool_calls` (not streamed, the same reply stands under `invalid_tool_calls`), and
#   llama-index's agent runs the tool. pydantic-ai raises, and ai marks the call as invalid.
# Seen on 29 Nov 2026. Source: `parse_partial_json` as `langchain_core/messages/ai.py` and `llama_index/llms/openai/base.py` call it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip() { python3 -m venv "$work/$1" && "$work/$1/bin/pip" install -q --disable-pip-version-check "${@:2}"; }
pip langchain langchain-openai==1.7.4 langchain-core==1.8.3
pip llama llama-index-llms-openai-like==0.8.1 llama-index-llms-openai==0.8.3 llama-index-core==0.14.25
pip pydantic 'pydantic-ai-slim[openai]==2.68.0'
(cd "$work" && npm init -y >/dev/null &&
  npm install --silent @langchain/openai@1.5.8 @langchain/core ai@6.0.326 @ai-sdk/openai-compatible@2.0.92 zod >/dev/null)
cat > "$work/ask_langchain.py" <<'PY'
import sys
from langchain_openai import ChatOpenAI

for streaming in (False, True):
    reply = ChatOpenAI(model="m", base_url=sys.argv[1], api_key="k", max_retries=0, streaming=streaming).invoke("x")
    calls = [call["args"] for call in reply.tool_calls]
    print("langchain,", "streamed:" if streaming else "whole:", f"{len(reply.invalid_tool_calls)} invalid, calls {calls}")
PY
cat > "$work/ask_llama.py" <<'PY'
import asyncio, sys
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike


def pay(to: str, euro: int) -> str:
    "Pay."
    print("llama-index, streamed: runs pay", to, euro)
    return "paid"


async def ask():
    kind = {"is_chat_model": True, "is_function_calling_model": True, "max_retries": 0}
    model = OpenAILike(model="m", api_base=sys.argv[1], api_key="k", **kind)
    await FunctionAgent(tools=[FunctionTool.from_defaults(pay)], llm=model).run("x")


asyncio.run(ask())
PY
cat > "$work/ask_pydantic.py" <<'PY'
import asyncio, sys
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

agent = Agent(OpenAIChatModel("m", provider=OpenAIProvider(base_url=sys.argv[1], api_key="k")), retries=0)


@agent.tool_plain
def pay(to: str, euro: int) -> str:
    print("pydantic-ai, streamed: runs pay", to, euro)
    return "paid"


async def ask():
    try:
        async with agent.run_stream("x") as reply:
            print("pydantic-ai, streamed:", await reply.get_output())
    except Exception as error:
        print("pydantic-ai, streamed: raises", type(error).__name__)


asyncio.run(ask())
PY
cat > "$work/langchain.mjs" <<'JS'
import { ChatOpenAI } from "@langchain/openai";
const model = new ChatOpenAI({ model: "m", apiKey: "k", configuration: { baseURL: process.argv[2] }, maxRetries: 0 });
let reply;
for await (const chunk of await model.stream("x")) reply = reply ? reply.concat(chunk) : chunk;
const calls = JSON.stringify(reply.tool_calls.map((call) => call.args));
console.log(`langchain.js, streamed: ${reply.invalid_tool_calls.length} invalid, calls ${calls}`);
JS
cat > "$work/ai.mjs" <<'JS'
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText, tool } from "ai";
import { z } from "zod";
const provider = createOpenAICompatible({ name: "x", baseURL: process.argv[2], apiKey: "k" });
const pay = tool({ inputSchema: z.object({ to: z.string(), euro: z.number() }), execute: () => console.log("ai runs pay") });
const reply = streamText({ model: provider("m"), prompt: "x", tools: { pay }, onError() {} });
for await (const part of reply.fullStream) if (part.type === "tool-call") console.log("ai, streamed: invalid", part.invalid);
JS
cat > "$work/serve.py" <<'PY'
import http.server, json, subprocess, sys, threading

HALF = '{"to": "bob", "euro": 12'
CALL = {"index": 0, "id": "a", "type": "function", "function": {"name": "pay", "arguments": ""}}
DELTAS = [{"role": "assistant", "tool_calls": [CALL]}, {"tool_calls": [{"index": 0, "function": {"arguments": HALF}}]}, {}]
HEAD = {"id": "c", "created": 1, "model": "m"}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if asked.get("stream") else "application/json")
        self.end_headers()
        if not asked.get("stream"):
            call = {key: CALL[key] for key in ("id", "type")} | {"function": {"name": "pay", "arguments": HALF}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
            choices = [{"index": 0, "message": message, "finish_reason": "length"}]
            self.wfile.write(json.dumps(HEAD | {"object": "chat.completion", "choices": choices}).encode())
            return
        deltas = [{"role": "assistant", "content": "Thanks."}, {}] if asked["messages"][-1]["role"] == "tool" else DELTAS
        for delta in deltas:
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "length"}
            chunk = HEAD | {"object": "chat.completion.chunk", "choices": [choice]}
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url, work = f"http://127.0.0.1:{server.server_port}/v1", sys.argv[1]
lines = []
for name in ("langchain", "llama", "pydantic"):
    lines += subprocess.check_output([f"{work}/{name}/bin/python", f"{work}/ask_{name}.py", url], text=True).splitlines()
for name in ("langchain", "ai"):
    lines += subprocess.check_output(["node", f"{work}/{name}.mjs", url], text=True, cwd=work).splitlines()
print("\n".join(lines))
half = "calls [{'to': 'bob', 'euro': 12}]"
assert lines == [
    "langchain, whole: 1 invalid, calls []",
    f"langchain, streamed: 0 invalid, {half}",
    "llama-index, streamed: runs pay bob 12",
    "pydantic-ai, streamed: raises IncompleteToolCall",
    'langchain.js, streamed: 0 invalid, calls [{"to":"bob","euro":12}]',
    "ai, streamed: invalid true",
], "they do otherwise now"
PY
python3 "$work/serve.py" "$work"
