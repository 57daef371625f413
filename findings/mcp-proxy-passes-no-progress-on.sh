#!/usr/bin/env bash
# mcp-proxy 0.13.0 (PyPI, with mcp 1.30.0), beside supergateway 4.0.0 (npm): a server of the Model Context Protocol that speaks over
# stdio, put behind streamable HTTP, and one client that is asked the same with each of them and with none.
#
# Expected: the client sees what it sees without a proxy: a call's progress (the proxy has a forwarder for it), messages to the
#   log, a tool's question to the person, news that the tools have changed, the code of an error; and the server learns that
#   a call was cancelled.
# So it is: none of the six comes through. The forwarder runs, and what it sends is dropped, since the proxy has each
#   call answered by one JSON body. The server is told of a client that cannot be asked, whatever the client said it can; an error
#   becomes a result with `isError`; a cancelled call runs to its end. supergateway passes all on.
# Seen on 30 Nov 2026. Source: mcp_proxy/mcp_server.py, `json_response=True`; mcp_proxy/proxy_server.py, where its
#   session with the server is given no callbacks.
set -euo pipefail
work=$(mktemp -d)
gateways=()
trap 'kill "${gateways[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check mcp-proxy==0.13.0 mcp==1.30.0
npm init -y >/dev/null
npm install --silent supergateway@4.0.0 >/dev/null
cat > server.py <<'PY'
import json, sys, threading, time

lock, cancelled, answers, able = threading.Lock(), threading.Event(), {}, set()
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
    elif name == "slow" and cancelled.wait(2):
        return
    time.sleep(0.3)
    if name == "refuse":
        send({"id": ident, "error": {"code": -32042, "message": "refused"}})
    else:
        told = {"ask": json.dumps(answers.get("q", "cannot be asked")), "was cancelled": str(cancelled.is_set())}
        send({"id": ident, "result": {"content": [{"type": "text", "text": told.get(name, "done")}]}})


names = ["progress", "log", "change", "ask", "refuse", "slow", "was cancelled"]
for line in sys.stdin:
    asked = json.loads(line)
    match asked.get("method"):
        case "initialize":
            able.update(asked["params"]["capabilities"])
            has = {"tools": {"listChanged": True}, "logging": {}}
            said = {"protocolVersion": "2025-06-18", "capabilities": has, "serverInfo": {"name": "s", "version": "1"}}
            send({"id": asked["id"], "result": said})
        case "tools/list":
            send({"id": asked["id"], "result": {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names]}})
        case "tools/call":
            threading.Thread(target=run, args=(asked["id"], asked["params"]), daemon=True).start()
        case "notifications/cancelled":
            cancelled.set()
        case None:
            answers["q"] = asked.get("result", asked.get("error"))
            answered.set()
PY
cat > ask.py <<'PY'
import asyncio, json, sys

from mcp import ClientSession, McpError, StdioServerParameters, types
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
        try:
            saw["refuse"] = (await session.call_tool("refuse", {})).content[0].text
        except McpError as error:
            saw["refuse"] = error.error.code
        ident = session._request_id
        slow = asyncio.create_task(session.call_tool("slow", {}))
        await asyncio.sleep(0.5)
        params = types.CancelledNotificationParams(requestId=ident)
        await session.send_notification(types.ClientNotification(types.CancelledNotification(params=params)))
        await asyncio.wait([slow], timeout=1)
        saw["cancelled"] = (await session.call_tool("was cancelled", {})).content[0].text
        slow.cancel()
        return saw


async def main(proxy, gateway):
    server = StdioServerParameters(command=sys.executable, args=["server.py"])
    whole = {"progress": [1], "log": ["said"], "change": ["tools"], "ask": {"action": "accept", "content": {"n": 4}}}
    whole |= {"refuse": -32042, "cancelled": "True"}
    little = {"progress": [], "log": [], "change": [], "ask": "cannot be asked", "refuse": "refused", "cancelled": "False"}
    ways = {
        "no proxy": (stdio_client(server), whole),
        "mcp-proxy": (streamablehttp_client(f"http://127.0.0.1:{proxy}/mcp"), little),
        "supergateway": (streamablehttp_client(f"http://127.0.0.1:{gateway}/mcp"), whole),
    }
    changed = []
    for name, (transport, before) in ways.items():
        saw = await ask(transport)
        print(f"{name}: {saw}")
        if saw != before:
            changed.append(name)
    assert not changed, f"they differ now: {changed}"


asyncio.run(main(*sys.argv[1:]))
PY
free() { venv/bin/python -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
one=$(free) two=$(free)
venv/bin/mcp-proxy --port "$one" -- venv/bin/python server.py >proxy.log 2>&1 & gateways+=($!)
node node_modules/supergateway/dist/index.js --stdio "venv/bin/python server.py" --outputTransport streamableHttp --stateful \
  --port "$two" >gateway.log 2>&1 & gateways+=($!)
for port in "$one" "$two"; do
  for _ in $(seq 300); do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
done
venv/bin/python ask.py "$one" "$two"
