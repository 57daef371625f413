#!/usr/bin/env bash
# @ai-sdk/xai 3.0.138, beside @ai-sdk/openai 3.0.141 and @ai-sdk/openai-compatible 2.0.92, with ai 6.0.326 (npm).
#
# Expected: the chat model of each joins the fragments of a tool's arguments, as Chat Completions sends them: the first names
#   id and function, the later ones carry `index` and a piece.
# So it is: xAI's takes a call only whole. Its schema asks every fragment for id, type and name, so a later fragment is an error
#   part; and what the first one brought, here nothing, goes on as the call, marked invalid, with "tool-calls" as the finish
#   reason. Repeating id and type does not help. The other two give the call.
# Seen on 29 Nov 2026. Source: packages/xai/src/xai-chat-language-model.ts of vercel/ai, `xaiChatChunkSchema` and the comment that
#   xAI sends calls in one chunk.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent ai@6.0.326 @ai-sdk/xai@3.0.138 @ai-sdk/openai@3.0.141 @ai-sdk/openai-compatible@2.0.92 zod@4 >/dev/null
cat > ask.mjs <<'JS'
import assert from "node:assert/strict";
import http from "node:http";
import { streamText, tool } from "ai";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createXai } from "@ai-sdk/xai";
import { z } from "zod";

const named = { id: "t1", type: "function" };
const deltas = {
  whole: [{ index: 0, ...named, function: { name: "pay", arguments: '{"amount":5}' } }],
  fragments: [
    { index: 0, ...named, function: { name: "pay", arguments: "" } },
    { index: 0, function: { arguments: '{"amount":' } },
    { index: 0, function: { arguments: "5}" } },
  ],
  "fragments that repeat id and type": [
    { index: 0, ...named, function: { name: "pay", arguments: "" } },
    { index: 0, ...named, function: { arguments: '{"amount":5}' } },
  ],
};
let now;
const server = http.createServer((request, answer) => {
  request.resume().on("end", () => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    const send = (delta, finish_reason = null) =>
      answer.write(`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
    for (const call of deltas[now]) send({ role: "assistant", tool_calls: [call] });
    send({}, "tool_calls");
    answer.end("data: [DONE]\n\n");
  });
}).listen(0, "127.0.0.1");
await new Promise(ready => server.on("listening", ready));
const given = { baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: "k" };
const models = { xai: createXai(given).chat("m"), openai: createOpenAI(given).chat("m"), compatible: createOpenAICompatible({ name: "x", ...given })("m") };
const pay = tool({ inputSchema: z.object({ amount: z.number() }) });
const seen = {};
for (now of Object.keys(deltas))
  for (const [name, model] of Object.entries(models)) {
    const parts = [];
    for await (const part of streamText({ model, prompt: "Hi", maxRetries: 0, onError() {}, tools: { pay } }).fullStream) {
      if (part.type === "tool-call") parts.push(`call ${JSON.stringify(part.input)}${part.invalid ? ", invalid" : ""}`);
      if (part.type === "error") parts.push("error");
      if (part.type === "finish") parts.push(part.finishReason);
    }
    seen[`${now}, ${name}`] = parts.filter((part, place) => part !== parts[place - 1]).join("; ");
    console.log(`${now}, ${name}:`.padEnd(52), seen[`${now}, ${name}`]);
  }
server.close();
for (const [name, came] of Object.entries(seen)) {
  const breaks = name.startsWith("fragments") && name.endsWith("xai");
  assert.equal(came, breaks ? 'call "", invalid; error; tool-calls' : 'call {"amount":5}; tool-calls', name);
}
console.log("as before: what arrives in fragments is an invalid call for xAI's model, and a call for the others");
JS
node ask.mjs
