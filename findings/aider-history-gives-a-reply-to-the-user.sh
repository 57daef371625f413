#!/usr/bin/env bash
# aider-chat 0.86.2 (PyPI), the chat history that it writes (`.aider.chat.history.md`) and reads back for
# `--restore-chat-history`.
#
# Expected: what is read back is what was written: one prompt of the user and one reply, with its words.
# So it is: the history is Markdown without escapes, so a line of the reply that looks like a mark of the history is one. A
#   heading of the fourth level becomes a prompt of the user, in the middle of the reply; a comment of a Python block ("# …")
#   and a heading of the first level are dropped, as is a quote; the reply comes back as several. Nothing is said.
# Seen on 30 Nov 2026. Source: aider/io.py, `append_chat_history`; aider/utils.py, `split_chat_history_markdown`, called by
#   aider/coders/base_coder.py where the history is restored.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "oslex==0.1.3" "rich==14.3.2" "prompt-toolkit==3.0.52" \
    "packaging==26.0"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps "aider-chat==0.86.2"
"$work/venv/bin/python" - "$work/history.md" 2> /dev/null <<'PY'
import sys
from pathlib import Path

from aider.io import InputOutput
from aider.utils import split_chat_history_markdown

REPLY = """Two steps.

#### Step one

```python
# the old name stays
old = new
```

> Nothing else changes.

Done."""

history = Path(sys.argv[1])
io = InputOutput(pretty=False, yes=True, chat_history_file=history)
io.user_input("How do I rename it?", log_only=True)
io.ai_output(REPLY)
assert REPLY in history.read_text()
messages = [(each["role"], each["content"].strip()) for each in split_chat_history_markdown(history.read_text())]
for role, content in messages:
    print(f"{role:>9}: {content!r}")
assert messages == [
    ("user", "How do I rename it?"),
    ("assistant", "Two steps."),
    ("user", "Step one"),
    ("assistant", "```python\nold = new\n```"),
    ("assistant", "Done."),
], "this has changed"
PY
