#!/usr/bin/env bash
# elia-chat 1.10.0 (PyPI), a chat for terminals, its command `elia import`, which reads the conversations that ChatGPT exports.
#
# Expected: a conversation comes in as it is seen: from its root to `current_node`, by the model that it was held with. (The
#   export is a tree: a prompt that was edited, and an answer that was given again, begin branches.)
# So it is: every message of every branch comes in, one after the other, as a single conversation, in which the prompt that was
#   given up stands with its answer, and would be sent with the next one. Of a message that begins with a picture the words are
#   lost, and its text is how Python prints the picture's record. A conversation with gpt-4o goes on with gpt-3.5-turbo.
# Seen on 30 Nov 2026. Source: elia_chat/database/import_chatgpt.py: the loop over `mapping`, `parts[0]`, and the test for "gpt-4".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_DATA_HOME="$work/data" XDG_CONFIG_HOME="$work/config"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check elia-chat==1.10.0
cat > "$work/export.py" <<'PY'
import json, sys

place = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://map"}


def node(ident, parent, children, role, *parts):
    metadata = {"model_slug": "gpt-4o"} if role == "assistant" else {}
    content = {"content_type": "multimodal_text" if place in parts else "text", "parts": [*parts]}
    message = {"id": ident, "author": {"role": role}, "create_time": 1.7e9, "content": content, "metadata": metadata}
    return ident, {"id": ident, "parent": parent, "children": children, "message": message}


mapping = dict([
    ("root", {"id": "root", "parent": None, "children": ["may", "june"], "message": None}),
    node("may", "root", ["rome"], "user", "Where to in May?"),
    node("rome", "may", [], "assistant", "To Rome."),
    node("june", "root", ["oslo"], "user", "Where to in June?"),
    node("oslo", "june", ["here"], "assistant", "To Oslo."),
    node("here", "oslo", [], "user", place, "Is it here?"),
])  # fmt: skip
chat = {"title": "A journey", "create_time": 1.7e9, "current_node": "here", "mapping": mapping}
json.dump([chat], open(sys.argv[1], "w"))
PY
cat > "$work/ask.py" <<'PY'
import asyncio

from elia_chat.database.models import ChatDao

[chat] = asyncio.run(ChatDao.all())
said = [message.content for message in chat.messages]
print(f"{chat.title}, {chat.model}:", *said, sep="\n    ")
assert said[:4] == ["Where to in May?", "To Rome.", "Where to in June?", "To Oslo."], "it keeps branches apart now"
assert said[4] == "{'content_type': 'image_asset_pointer', 'asset_pointer': 'file-service://map'}", "it has the words now"
assert chat.model == "gpt-3.5-turbo", "it keeps the model now"
PY
"$work/venv/bin/python" "$work/export.py" "$work/export.json"
yes | "$work/venv/bin/elia" reset >/dev/null || true
"$work/venv/bin/elia" import "$work/export.json" >/dev/null
"$work/venv/bin/python" "$work/ask.py"
