#!/usr/bin/env bash
# fastmcp 4.2.3 (PyPI) with mcp 2.3.0, servers of the Model Context Protocol whose tools ask the person (`Context.elicit`).
#
# Expected: a tool that asks works with a client that answers, whichever protocol version the two agree on: the newest
#   (2026-07-28) has questions too, as results that require input.
# So it is: client and server agree on the newest by themselves, and there `elicit` fails, so the call is an error; with a
#   client that was told to speak the older protocol the same tool asks, and ends well.
# Seen on 29 Nov 2026. Source: fastmcp's Context.elicit, which sends a request from the server; mcp refuses those on
#   connections of 2026-07-28.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "fastmcp==4.2.3" "mcp==2.3.0"
cat > "$work/server.py" <<'PY'
from fastmcp import Context, FastMCP

app = FastMCP("asks")


@app.tool
async def book(ctx: Context) -> str:
    answer = await ctx.elicit("For how many?", response_type=int)
    return f"booked for {answer.data}"


app.run(show_banner=False)
PY
"$work/venv/bin/python" - "$work/server.py" 2>/dev/null <<'PY'
import asyncio, sys
from mcp import Client, StdioServerParameters
from mcp.types import ElicitResult


async def answer(context, params):
    return ElicitResult(action="accept", content={"value": 4})


async def booked(**more):
    server = StdioServerParameters(command=sys.executable, args=[sys.argv[1]])
    async with Client(server, elicitation_callback=answer, **more) as client:
        result = await client.call_tool("book", {})
        return client.protocol_version, result.is_error, result.content[0].text


newest, older = asyncio.run(booked()), asyncio.run(booked(mode="legacy"))
print("by themselves        ", *newest)
print("told to be of the old", *older)
assert newest[:2] == ("2026-07-28", True), "the newest protocol has changed"
assert older[1:] == (False, "booked for 4"), "the older protocol has changed"
PY
