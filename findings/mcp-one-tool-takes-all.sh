#!/usr/bin/env bash
# mcp 2.3.0 (PyPI), the Python SDK of the Model Context Protocol, on the side of the client.
#
# Expected: a client that lists the tools of a server leaves out, or reports, the one tool whose `inputSchema` it does not
#   like, and gives the others. Servers do leave the root's "type": "object" out: JSON Schema does not ask for it.
# So it is: the whole answer to tools/list is refused, and none of the server's tools can be had. The error is pydantic's.
# Seen on 28 Nov 2026. Source: mcp/client/session.py, `send_request`, which calls `validate_server_result` on the result
#   as a whole; mcp_types makes `type` of `inputSchema` required.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "mcp==2.3.0"
cat > "$work/server.py" <<'PY'
import json, sys

good = {"name": "good", "inputSchema": {"type": "object", "properties": {}}}
bare = {"name": "bare", "inputSchema": {"properties": {}}}
for line in sys.stdin:
    request = json.loads(line)
    if request.get("id") is None:
        continue
    answer = {"jsonrpc": "2.0", "id": request["id"]}
    if request["method"] == "initialize":
        version = request["params"]["protocolVersion"]
        info = {"name": "s", "version": "1"}
        answer["result"] = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
    elif request["method"] == "tools/list":
        answer["result"] = {"tools": [good, bare] if "both" in sys.argv else [good]}
    else:
        answer["error"] = {"code": -32601, "message": "Method not found"}
    print(json.dumps(answer), flush=True)
PY
"$work/venv/bin/python" - "$work/server.py" <<'PY'
import asyncio, sys
from mcp import Client, StdioServerParameters


async def names(*words):
    parameters = StdioServerParameters(command=sys.executable, args=[sys.argv[1], *words])
    async with Client(parameters) as client:
        try:
            return [tool.name for tool in (await client.list_tools()).tools]
        except Exception as error:
            return f"{type(error).__name__}: {str(error).splitlines()[1]}"


alone, both = asyncio.run(names()), asyncio.run(names("both"))
print("a good tool alone              ", alone)
print("and one whose schema has no type", both)
assert alone == ["good"], "the good tool alone has changed"
assert isinstance(both, str) and "inputSchema.type" in both, "the one beside a bare tool has changed"
PY
