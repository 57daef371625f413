"""An MCP server in plain JSON lines that asks, tells and offers everything a server can (2025-11-25)."""

import json
import os
import sys
import threading
import time

FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Your name", "default": "Ada"},
        "age": {"type": "integer", "minimum": 0, "default": 36},
        "colour": {"type": "string", "enum": ["red", "blue"], "enumNames": ["Red", "Blue"], "default": "blue"},
        "sure": {"type": "boolean", "default": True},
    },
    "required": ["name"],
}
NEEDY = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
OBJECT = {"type": "object", "properties": {}}
TOOLS = [
    {"name": "ask", "inputSchema": OBJECT, "title": "Ask a person", "annotations": {"destructiveHint": True}},
    {"name": "ask_needy", "inputSchema": OBJECT},
    {"name": "ask_url", "inputSchema": OBJECT},
    {"name": "roots", "inputSchema": OBJECT, "annotations": {"readOnlyHint": True}},
    {"name": "slow", "inputSchema": OBJECT},
    {"name": "environment", "inputSchema": OBJECT},
    {"name": "noise", "inputSchema": OBJECT},
    {"name": "client", "inputSchema": OBJECT},
    {"name": "task", "inputSchema": OBJECT, "execution": {"taskSupport": "required"}},
    {"name": "no.schema"},
    {"name": "no schema", "inputSchema": "what"},
    {"name": "emoji", "inputSchema": {**OBJECT, "properties": {"x": {"pattern": "\\p{Emoji}", "type": "string"}}}},
    {"name": "old", "inputSchema": {**OBJECT, "properties": {"x": {"type": "any"}}}},
    {"name": "long", "inputSchema": OBJECT, "description": "word " * 100_000},
    {"inputSchema": OBJECT},
]
waiting = {}
client = {}


def say(**message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def ask(method, params):
    """Ask the client something, and wait for what it says."""
    number = f"q{len(waiting)}"
    waiting[number] = answer = [threading.Event(), None]
    say(id=number, method=method, params=params)
    answer[0].wait()
    return answer[1]


def text(number, words):
    say(id=number, result={"content": [{"type": "text", "text": words}]})


def run(number, params):
    token = params.get("_meta", {}).get("progressToken")
    match params["name"]:
        case "ask" | "ask_needy" as name:
            schema = FORM if name == "ask" else NEEDY
            text(number, json.dumps(ask("elicitation/create", {"message": "Who?", "requestedSchema": schema})))
        case "ask_url":
            more = {"mode": "url", "elicitationId": "1", "url": "https://pay.example/1"}
            text(number, json.dumps(ask("elicitation/create", {"message": "Pay?", **more})))
        case "roots":
            text(number, json.dumps(ask("roots/list", {})))
        case "slow":
            for step in range(6):
                time.sleep(0.5)  # three seconds in all, longer than the whole call may take without a word
                progress = {"progressToken": token, "progress": step + 1, "total": 6, "message": f"step {step + 1}"}
                say(method="notifications/progress", params=progress)
                say(method="notifications/message", params={"level": "info", "data": f"at {step + 1}"})
            text(number, "done at last")
        case "environment":
            text(number, json.dumps(dict(os.environ)))
        case "noise":
            sys.stderr.write(("x" * 99 + "\n") * 30_000)
            sys.stderr.flush()
            text(number, "said it")
        case "client":
            text(number, json.dumps(client))
        case name:
            text(number, f"{name} {json.dumps(params.get('arguments'))}")


def main():
    for line in sys.stdin:
        request = json.loads(line)
        method, number = request.get("method"), request.get("id")
        if method is None:
            answer = waiting[number]
            answer[1] = request.get("result", request.get("error"))
            answer[0].set()
        elif method == "initialize":
            client.update(request["params"])
            capabilities = {"tools": {}, "resources": {}, "prompts": {}, "logging": {}}
            info = {"name": "talkative", "version": "3", "title": "Talkative"}
            result = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info}
            say(id=number, result={**result, "instructions": "Ask before you slow."})
        elif method == "tools/list":
            say(id=number, result={"tools": TOOLS})
        elif method == "tools/call":
            threading.Thread(target=run, args=(number, request["params"]), daemon=True).start()
        elif method == "resources/list":
            resource = {"uri": "note://1", "name": "note", "description": "A note.", "mimeType": "text/plain"}
            say(id=number, result={"resources": [resource]})
        elif method == "resources/read":
            uri = request["params"]["uri"]
            say(id=number, result={"contents": [{"uri": uri, "mimeType": "text/plain", "text": f"what {uri} says"}]})
        elif method == "prompts/list":
            arguments = [{"name": "topic", "required": True, "description": "What about"}]
            say(id=number, result={"prompts": [{"name": "poem", "description": "A poem.", "arguments": arguments}]})
        elif method == "prompts/get":
            words = f"Write a poem about {request['params']['arguments']['topic']}."
            say(id=number, result={"messages": [{"role": "user", "content": {"type": "text", "text": words}}]})
        elif number is not None:
            say(id=number, error={"code": -32601, "message": "Method not found"})


if __name__ == "__main__":
    main()
