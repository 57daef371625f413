#!/usr/bin/env bash
# gptme 0.35.1 (PyPI), its command `/edit`, which opens the whole conversation in an editor and takes it back.
#
# Expected: an editor that is closed again without a change changes nothing.
# So it is: a backslash with an n behind it, as programs and paths have it, is gone from every message of the conversation:
#   `print("a\n")` becomes `print("a")`, and `C:\new` becomes `C:ew`. Blanks that follow it go too. Other backslashes stay.
# Seen on 30 Nov 2026. Source: gptme/message.py, `to_toml`: it escapes the text and then makes a line break of every "\n", also of
#   one whose backslash has just been doubled. What is left, a backslash at the end of a line, joins lines in TOML.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check gptme==0.35.1
mkdir "$work/home" "$work/conversation"
cat > "$work/ask.py" <<'PY'
import pathlib, sys

from gptme.commands import handle_cmd
from gptme.logmanager import LogManager
from gptme.message import Message

BEFORE = {
    r'print("a\n")': 'print("a")',
    r"cd C:\new\table": r"cd C:ew\table",
    r"a line break \n  and more": "a line break and more",
    r"grep '\d\t' # digits": r"grep '\d\t' # digits",
    "two\nlines\n": "two\nlines\n",
}
said = [Message("assistant", text) for text in BEFORE]
manager = LogManager([*said, Message("user", "/edit")], logdir=pathlib.Path(sys.argv[1]))
assert list(handle_cmd("/edit", manager)) == []
after = [message.content for message in manager.log]
for before, text in zip(BEFORE, after, strict=True):
    print(f"{before!r}: {'the same' if before == text else repr(text)}")
assert after == [*BEFORE.values()], "it keeps other things now"
PY
HOME="$work/home" EDITOR=true "$work/venv/bin/python" "$work/ask.py" "$work/conversation"
