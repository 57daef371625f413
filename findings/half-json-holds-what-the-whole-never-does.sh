#!/usr/bin/env bash
# json-repair 0.64.6 with `stream_stable=True` and partial-json-parser 0.2.1.1.post7, beside jiter 0.19.0 (PyPI); jsonrepair 3.15.0,
# best-effort-json-parser 1.5.1, partial-json 0.1.7 and parsePartialJson of ai 6.0.326 (npm): parsers of JSON that is still coming.
#
# Expected: what a parser gives of the beginning of a text is a part of what the whole text gives: the same kinds of value in the
#   same places, and texts as far as they have come. (Half numbers are left out here.)
# So it is: jiter alone keeps to it. An object whose first key has not ended is a list for json-repair, and half an escape is text
#   (`\u00`); an emoji that is written as two escapes, as Python's `json.dumps` writes it, stays two halves, which no file and no
#   terminal takes ("surrogates not allowed"), until the JSON is whole. jsonrepair gives half a key with the value null, and "tr"
#   for true. The others give half an emoji for as long as its second escape is under way; best-effort-json-parser raises
#   in the middle of any escape.
# Seen on 30 Nov 2026. Source: json_repair/parse_string.py and parse_object.py; partial_json_parser/core/complete.py; `parseString` and
#   `parseObject` in jsonrepair/lib/esm/regular/jsonrepair.js.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check json-repair==0.64.6 partial-json-parser==0.2.1.1.post7 jiter==0.19.0
npm init -y >/dev/null
npm install --silent jsonrepair@3.15.0 best-effort-json-parser@1.5.1 partial-json@0.1.7 ai@6.0.326 zod@4 >/dev/null
cat > ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parsePartialJson } from "ai";
import { parse as bestEffort } from "best-effort-json-parser";
import { jsonrepair } from "jsonrepair";
import { parse as partialJson } from "partial-json";

console.error = () => {};
const parsers = {
  jsonrepair: text => JSON.parse(jsonrepair(text)),
  "best-effort-json-parser": bestEffort,
  "partial-json": text => partialJson(text),
  ai: async text => (await parsePartialJson(text)).value,
};
const whole = readFileSync(0, "utf8");
for (const [name, parse] of Object.entries(parsers))
  for (let end = 1; end <= whole.length; end++) {
    let given;
    try {
      given = { value: (await parse(whole.slice(0, end))) ?? {} };
    } catch {
      given = { raises: true };
    }
    console.log(JSON.stringify({ name, end, ...given }));
  }
JS
cat > ask.py <<'PY'
import json, subprocess

import jiter
from json_repair import repair_json
from partial_json_parser import loads

WHOLE = json.dumps({"to": "é 😀 b", "list": [{"key": True}]})


def odd(value, whole):
    "What in a value is no part of the whole's."
    if isinstance(value, dict) and isinstance(whole, dict):
        for key in value:
            if key not in whole:
                return "half a key"
            if told := odd(value[key], whole[key]):
                return told
    elif isinstance(value, list) and isinstance(whole, list):
        return next((told for pair in zip(value, whole) if (told := odd(*pair))), None)
    elif isinstance(value, str) and isinstance(whole, str):
        if any(0xD800 <= ord(letter) < 0xE000 for letter in value):
            return "half an emoji"
        if not whole.startswith(value):
            return "half an escape"
    elif value != whole:
        return "another value"


def python():
    parsers = {
        "json-repair": lambda text: repair_json(text, return_objects=True, stream_stable=True),
        "partial-json-parser": loads,
        "jiter": lambda text: jiter.from_json(text.encode(), partial_mode="trailing-strings"),
    }
    for name, parse in parsers.items():
        for end in range(1, len(WHOLE) + 1):
            yield {"name": name, "end": end, "value": parse(WHOLE[:end])}


node = subprocess.run(["node", "ask.mjs"], input=WHOLE, stdout=subprocess.PIPE, text=True, check=True)
saw = {}
for given in [*python(), *map(json.loads, node.stdout.splitlines())]:
    told = "an error" if "raises" in given else odd(given["value"], json.loads(WHOLE))
    kinds = saw.setdefault(given["name"], {})
    if told:
        kinds.setdefault(told, []).append(given)
print(WHOLE)
for name, kinds in saw.items():
    print(f"{name}:" if kinds else f"{name}: nothing odd")
    for kind, times in kinds.items():
        first = times[0]
        print(f"    {kind}, {len(times)} of {len(WHOLE)} beginnings: {WHOLE[: first['end']]} gives {ascii(first.get('value'))}")
half = {"half an emoji"}
assert {name: {*kinds} for name, kinds in saw.items()} == {
    "json-repair": {"another value", "half an escape"} | half,
    "partial-json-parser": half,
    "jiter": set(),
    "jsonrepair": {"half a key", "another value"} | half,
    "best-effort-json-parser": {"an error"} | half,
    "partial-json": half,
    "ai": half,
}, "they differ now"
longest = max(saw, key=lambda name: len(saw[name].get("half an emoji", [])))
assert longest == "json-repair", "its halves are joined now"
PY
venv/bin/python ask.py
