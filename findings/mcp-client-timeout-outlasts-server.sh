#!/usr/bin/env bash
# mcp 2.3.0 (PyPI), the client of the Model Context Protocol over stdio, under `asyncio.timeout`, with a server that takes
# long to end after its input has closed.
#
# Expected: a timeout of one second that runs out while the client's block is left changes nothing, or has it left sooner: the
#   SDK shields that part, waits two seconds for the server, and ends it then.
# So it is: the shield is anyio's, and holds back anyio's cancellations alone. asyncio's own (`asyncio.timeout`, `wait_for`,
#   `Task.cancel`) goes through it, and what ends the server is skipped; the block is left only when the server ends by itself,
#   for what reads its output waits for that, shielded too. The shorter timeout takes the longer. Under anyio's it is two seconds.
# Seen on 29 Nov 2026. Source: mcp.client.stdio.stdio_client, whose shutdown stands in an anyio CancelScope(shield=True).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "mcp==2.3.0"
cat > "$work/server.py" <<'PY'
import sys, time

sys.stdin.read()  # until the client closes it
time.sleep(12)  # what it does then takes a while
PY
"$work/venv/bin/python" - "$work/server.py" <<'PY'
import asyncio, contextlib, sys

import anyio
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client


async def left_under(timeout):
    started = asyncio.get_running_loop().time()
    server = StdioServerParameters(command=sys.executable, args=[sys.argv[1]])
    with contextlib.suppress(TimeoutError):
        async with timeout(1.0):
            async with stdio_client(server):
                pass  # nothing is asked; leaving takes as long as the server does, or until it is ended
    return asyncio.get_running_loop().time() - started


@contextlib.asynccontextmanager
async def anyios(seconds):
    with anyio.fail_after(seconds):
        yield


async def main():
    own, asyncios = await left_under(anyios), await left_under(asyncio.timeout)
    print(f"anyio.fail_after(1): left after {own:4.1f} s")
    print(f"asyncio.timeout(1):  left after {asyncios:4.1f} s")
    assert own < 6, "anyio's own timeout waits for the server, too"
    assert asyncios > 11, "a timeout of asyncio's does not wait for the server any more"


asyncio.run(main())
PY
