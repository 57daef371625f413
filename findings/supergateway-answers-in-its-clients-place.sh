#!/usr/bin/env bash
# supergateway 4.0.0, beside mcp-remote 0.15.1 (npm), with mcp 1.30.0 (PyPI): a server of the Model Context Protocol that is reached
# over streamable HTTP, given to a client over stdio.
#
# Expected: the client sees what it sees without a gateway: progress, messages of the log, a tool's question, news that the tools
#   have changed. What a gateway cannot pass on it does not promise: the server is told of a client that cannot be asked.
# So it is: the server is told what the client can do, in the client's name, and asks; the gateway answers "Method not found".
#   Progress, the log and the news are dropped. mcp-remote passes all four on, as supergateway does the other way round.
# Seen on 30 Nov 2026. Source: supergateway's dist/gateways/streamableHttpToStdio.js, which makes a `Client` of the SDK's with the
#   capabilities that came, and sets no handler.
set -euo pipefail
work=$(mktemp -d)
gateways=()
trap 'kill "${gateways[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check mcp==1.30.0
npm init -y >/dev/null
npm install --silent supergateway@4.0.0 mcp-remote@0.15.1 >/dev/null
cat > server.py <<'PY'
import json, sys, threading, time

lock, answers, able = threading.Lock(), {}, set()
answered = threading.Event()


def send(message):
    with lock:
        print(json.dumps({"jsonrpc": "2.0"} | message), flush=True)


def run(ident, params):
    name = params["name"]
    if name == "progress":
        token = params["_meta"]["progressToken"]
        send({"method": "notifications/progress", "params": {"progressToken": token, "progress": 1, "total": 1}})
    elif name == "log":
        send({"method": "notifications/message", "params": {"level": "info", "data": "said"}})
    elif name == "change":
        send({"method": "notifications/tools/list_changed"})
    elif name == "ask" and "elicitation" in able:
        schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
        send({"id": "q", "method": "elicitation/create", "params": {"message": "How many?", "requestedSchema": schema}})
        answered.wait()
    time.sleep(0.3)
    told = json.dumps(answers.get("q", "cannot be asked")) if name == "ask" else "done"
    send({"id": ident, "result": {"content": [{"type": "text", "text": told}]}})


for line in sys.stdin:
    asked = json.loads(line)
    match asked.get("method"):
        case "initialize":
            able.update(asked["params"]["capabilities"])
            has = {"tools": {"listChanged": True}, "logging": {}}
            said = {"protocolVersion": "2025-06-18", "capabilities": has, "serverInfo": {"name": "s", "version": "1"}}
            send({"id": asked["id"], "result": said})
        case "tools/list":
            names = ["progress", "log", "change", "ask"]
            send({"id": asked["id"], "result": {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names]}})
        case "tools/call":
            threading.Thread(target=run, args=(asked["id"], asked["params"]), daemon=True).start()
        case None:
            answers["q"] = asked["result"] if "result" in asked else asked["error"]["message"]
            answered.set()
PY
cat > ask.py <<'PY'
import asyncio, json, sys

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


async def ask(transport):
    saw = {"progress": [], "log": [], "change": []}

    async def progress(now, total, message):
        saw["progress"].append(now)

    async def log(params):
        saw["log"].append(params.data)

    async def elicit(context, params):
        return types.ElicitResult(action="accept", content={"n": 4})

    async def message(message):
        if isinstance(getattr(message, "root", None), types.ToolListChangedNotification):
            saw["change"].append("tools")

    async with (
        transport as (reader, writer, *_),
        ClientSession(reader, writer, elicitation_callback=elicit, logging_callback=log, message_handler=message) as session,
    ):
        await session.initialize()
        await session.call_tool("progress", {}, progress_callback=progress)
        for name in ("log", "change"):
            await session.call_tool(name, {})
        saw["ask"] = json.loads((await session.call_tool("ask", {})).content[0].text)
        return saw


def gateway(program, *arguments):
    return stdio_client(StdioServerParameters(command="node", args=["node_modules/" + program, *arguments]), sys.stderr)


async def main(port):
    url = f"http://127.0.0.1:{port}/mcp"
    whole = {"progress": [1], "log": ["said"], "change": ["tools"], "ask": {"action": "accept", "content": {"n": 4}}}
    little = {"progress": [], "log": [], "change": [], "ask": "Method not found"}
    ways = {
        "over HTTP": (streamablehttp_client(url), whole),
        "supergateway": (gateway("supergateway/dist/index.js", "--streamableHttp", url, "--logLevel", "none"), little),
        "mcp-remote": (gateway("mcp-remote/dist/proxy.js", url, "--allow-http", "--transport", "http-only"), whole),
    }
    changed = []
    for name, (transport, before) in ways.items():
        saw = await ask(transport)
        print(f"{name}: {saw}", flush=True)
        if saw != before:
            changed.append(name)
    assert not changed, f"they differ now: {changed}"


asyncio.run(main(*sys.argv[1:]))
PY
port=$(venv/bin/python -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
node node_modules/supergateway/dist/index.js --stdio "venv/bin/python server.py" --outputTransport streamableHttp --stateful \
  --port "$port" >gateway.log 2>&1 & gateways+=($!)
for _ in $(seq 300); do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
HOME="$work" venv/bin/python ask.py "$port" 2>errors.log || { tail -5 errors.log; false; }
