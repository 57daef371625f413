#!/usr/bin/env bash
# fastmcp 4.2.3 (PyPI) with mcp 2.3.0: `create_proxy` before a server of the Model Context Protocol that speaks over stdio, on
# connections of the older protocol, where a server may ask.
#
# Expected: the proxy passes questions to the person and messages of the log on, as the docstring of its `ProxyClient` says it
#   does. How the process of the server is kept between calls changes nothing.
# So it is: by default (`keep_alive=True`) no question and no message comes through, not even for the first call: the question
#   fails for want of a "back-channel". With `keep_alive=False` both come through. Progress does with either.
# Seen on 30 Nov 2026. Source: fastmcp/server/providers/proxy.py, `_make_restoring_handler`: the handlers of a session bring back
#   the request that its first client served, here the initialization, which is over. Later requests have clients of their
#   own, with handlers of their own, and share that one session, so theirs are never called.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check fastmcp==4.2.3 mcp==2.3.0
cat > "$work/server.py" <<'PY'
from fastmcp import Context, FastMCP

app = FastMCP("asks")


@app.tool
async def book(ctx: Context) -> str:
    await ctx.report_progress(1, 2)
    await ctx.info("a table is free")
    answer = await ctx.elicit("For how many?", response_type=int)
    return f"booked for {answer.data}"


app.run(show_banner=False)
PY
"$work/venv/bin/python" - "$work/server.py" 2>/dev/null <<'PY'
import asyncio, sys
from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.server import create_proxy


async def booked(way):
    saw = {"log": [], "progress": []}

    async def answer(message, response_type, params, context):
        return {"value": 4}

    async def log(message):
        saw["log"].append(message.data["msg"])

    async def progress(now, total, message):
        saw["progress"].append(now)

    async with Client(way, mode="legacy", elicitation_handler=answer, log_handler=log, progress_handler=progress) as client:
        result = await client.call_tool("book", {}, raise_on_error=False)
        return saw | {"failed": result.is_error, "said": result.content[0].text}


def server(**more):
    return StdioTransport(sys.executable, [sys.argv[1]], **more)


ways = {
    "no proxy": lambda: server(),
    "proxy, kept alive": lambda: create_proxy(server()),
    "proxy, not kept alive": lambda: create_proxy(server(keep_alive=False)),
}
saw = {}
for name, way in ways.items():
    saw[name] = asyncio.run(booked(way()))
    print(f"{name}: {saw[name]}")
whole = {"log": ["a table is free"], "progress": [1], "failed": False, "said": "booked for 4"}
assert saw["no proxy"] == saw["proxy, not kept alive"] == whole, "they lose something now"
kept = saw["proxy, kept alive"]
assert (kept["log"], kept["progress"], kept["failed"]) == ([], [1], True) and "back-channel" in kept["said"], "it passes more on now"
PY
