#!/usr/bin/env bash
# @ai-sdk/openai 3.0.141, @ai-sdk/xai 3.0.138, @ai-sdk/anthropic 3.0.140 and @ai-sdk/openai-compatible 2.0.92, with ai 6.0.326 (npm).
#
# Expected: a stream whose connection is closed in good order, before its finish reason and its last event have come, has been
#   cut, and each of them says so by an error.
# So it is: only openai-compatible has an error. The others, over Chat Completions, Responses and Messages, end with the finish
#   reason "other" and no error part, and `text` resolves to what came.
# Seen on 29 Nov 2026. Source: the `flush` of the stream in each package's language model; "ended without a finish reason" stands in
#   openai-compatible's alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent ai@6.0.326 @ai-sdk/xai@3.0.138 @ai-sdk/openai@3.0.141 @ai-sdk/anthropic@3.0.140 \
  @ai-sdk/openai-compatible@2.0.92 zod@4 >/dev/null
cat > ask.mjs <<'JS'
import assert from "node:assert/strict";
import http from "node:http";
import { streamText } from "ai";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createXai } from "@ai-sdk/xai";

globalThis.AI_SDK_LOG_WARNINGS = false;
const chat = delta => ({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: null }] });
const told = [
  { type: "message_start", message: { id: "m1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "The sum is" } },
];
const responses = [
  { type: "response.created", sequence_number: 0, response: { id: "r", object: "response", created_at: 1, model: "m", status: "in_progress", output: [] } },
  { type: "response.output_item.added", sequence_number: 1, output_index: 0, item: { type: "message", id: "i", status: "in_progress", role: "assistant", content: [] } },
  { type: "response.output_text.delta", sequence_number: 2, item_id: "i", output_index: 0, content_index: 0, delta: "The sum is", logprobs: [] },
];
const frames = { chat: [chat({ role: "assistant", content: "The sum is" })], messages: told, responses };
let sent;
const server = http.createServer((request, answer) => {
  request.resume().on("end", () => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    for (const frame of sent) answer.write(`${frame.type ? `event: ${frame.type}\n` : ""}data: ${JSON.stringify(frame)}\n\n`);
    answer.end();
  });
}).listen(0, "127.0.0.1");
await new Promise(ready => server.on("listening", ready));
const given = { baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: "k" };
const models = [
  ["openai-compatible", "chat", createOpenAICompatible({ name: "x", ...given })("m")],
  ["openai", "chat", createOpenAI(given).chat("m")],
  ["xai", "chat", createXai(given).chat("m")],
  ["openai", "responses", createOpenAI(given).responses("m")],
  ["xai", "responses", createXai(given).responses("m")],
  ["anthropic", "messages", createAnthropic(given)("m")],
];
for (const [name, dialect, model] of models) {
  sent = frames[dialect];
  const parts = [];
  const result = streamText({ model, prompt: "Hi", maxRetries: 0, onError() {} });
  for await (const part of result.fullStream) {
    if (part.type === "error") parts.push("error");
    if (part.type === "finish") parts.push(part.finishReason);
  }
  const came = `${parts.join("; ")}; ${JSON.stringify(await result.text)}`;
  console.log(`${name}, ${dialect}:`.padEnd(28), came);
  assert.equal(came, `${name === "openai-compatible" ? "error; error" : "other"}; "The sum is"`, name);
}
server.close();
console.log("as before: a stream that was cut is an error for one of the four packages only");
JS
node ask.mjs
