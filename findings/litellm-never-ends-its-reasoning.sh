#!/usr/bin/env bash
# litellm 1.108.7 (PyPI), `litellm.responses` for a model behind Chat Completions, streamed, and ai 6.0.326 with @ai-sdk/openai 3.0.141
# (npm), which reads those events.
#
# Expected: what begins ends: an item of reasoning that came with `response.output_item.added` ends with `response.output_item.done`,
#   its summary has a part that is added and done, and in the whole response the words stand where they were said, in `summary`.
# So it is: the item comes, then its deltas, and nothing that ends it; no part is added or done. In the whole response the words
#   are an `output_text` in the item's `content`. So ai has a "reasoning-start" without a "reasoning-end", and a page that shows
#   what comes goes on showing that the model thinks, above the answer that is finished.
# Seen on 30 Nov 2026. Source: litellm/responses/litellm_completion_transformation/streaming_iterator.py, where only the item of the
#   message and those of calls are ended.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check litellm==1.108.7
npm init -y >/dev/null
npm install --silent ai@6.0.326 @ai-sdk/openai@3.0.141 zod@4 >/dev/null
cat > ask.py <<'PY'
import http.server, json, os, threading

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for delta in [{"reasoning_content": "Hm"}, {"reasoning_content": "m."}, {"content": "Yes."}, {}]:
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
            chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
given = {"api_base": f"http://127.0.0.1:{server.server_port}/v1", "api_key": "k", "stream": True}
events = [json.loads(event.model_dump_json(exclude_none=True)) for event in litellm.responses(model="llamafile/m", input="x", **given)]
with open("events.txt", "w") as file:
    file.writelines(f"data: {json.dumps(event)}\n\n" for event in events)
for event in events:
    print(event["type"], event.get("output_index", ""), event.get("delta", ""))
about = [event["type"].removeprefix("response.") for event in events if event.get("output_index") == 0]
assert about == ["output_item.added", "reasoning_summary_text.delta", "reasoning_summary_text.delta"], "it ends now"
item = events[-1]["response"]["output"][0]
print("the whole item:", item)
assert item["content"][0]["type"] == "output_text" and not item.get("summary"), "its words stand elsewhere now"
PY
cat > read.mjs <<'JS'
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import { createOpenAI } from "@ai-sdk/openai";
import { streamText } from "ai";

const server = http.createServer((request, answer) => {
  request.resume().on("end", () => answer.writeHead(200, { "content-type": "text/event-stream" }).end(readFileSync("events.txt")));
}).listen(0, "127.0.0.1");
await new Promise(ready => server.on("listening", ready));
const openai = createOpenAI({ baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: "k" });
const parts = [];
for await (const part of streamText({ model: openai.responses("m"), prompt: "x", maxRetries: 0 }).fullStream) parts.push(part.type);
server.close();
console.log("ai:", parts.join(", "));
assert.ok(parts.includes("reasoning-start") && parts.includes("text-end") && !parts.includes("reasoning-end"), "the reasoning ends now");
JS
venv/bin/python -W ignore ask.py
node read.mjs
