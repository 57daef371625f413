#!/usr/bin/env bash
# tomlkit 0.15.2 (PyPI), which edits TOML and keeps comments and layout.
#
# Expected: a new key at the top of a document, and a new table, come where they part no comment from what it is about:
#   a comment that stands directly above `[table]`, with a blank line before it, is about that table.
# So it is: a new top-level key is put between that comment and `[table]`, and so the comment is about the key now. A new
#   table of a group that is there already (`[group.new]`) parts the comment above the table behind the group in the same way.
# Seen on 29 Nov 2026. Source: tomlkit/container.py, `Container.append`: a comment belongs to the items before the table, and
#   what is new is inserted directly before the table.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "tomlkit==0.15.2"
"$work/venv/bin/python" - <<'PY'
import tomlkit

TEXT = """\
first = 1

# about a group
[group.one]
x = 1

# about the last table
[last]
y = 1
"""


def above(text, heading):
    """The line that stands directly above a heading."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[lines.index(heading) - 1]


key = tomlkit.parse(TEXT)
key["second"] = 2
table = tomlkit.parse(TEXT)
table["group"]["two"] = {"x": 2}
print("a new key: above [group.one] stands  ", above(key.as_string(), "[group.one]"))
print("a new table: above [last] stands     ", above(table.as_string(), "[last]"))
assert above(TEXT, "[group.one]") == "# about a group"
assert above(key.as_string(), "[group.one]") == "second = 2"
assert above(table.as_string(), "[last]") == "x = 2"
PY
