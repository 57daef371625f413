#!/usr/bin/env bash
# python-bidi 0.6.12 (PyPI), `bidi.get_display`, by which a terminal program puts Hebrew or Arabic in the order it is seen in.
#
# Expected: brackets that are read from right to left come out mirrored (UAX 9, rule L4), as they did before version 0.5
#   and still do in `bidi.algorithm.get_display` of the same package.
# So it is: the default one, written in Rust since 0.5, reorders and does not mirror: "A(B)" in Hebrew letters is shown as
#   ")B(A". What is put into a terminal by it has its brackets the wrong way round; neither docstring nor README says so.
# Seen on 28 Nov 2026. Source: bidi/wrapper.py and src/lib.rs, which call `reorder_line` of the crate unicode-bidi.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "python-bidi==0.6.12"
"$work/venv/bin/python" - <<'PY'
from bidi import get_display
from bidi.algorithm import get_display as get_display_in_python

text = "\u05d0(\u05d1)"  # alef ( bet )
rust, python = (show(text, base_dir="R") for show in (get_display, get_display_in_python))
print("bidi.get_display          ", ascii(rust))
print("bidi.algorithm.get_display", ascii(python))
assert python == "(\u05d1)\u05d0", "the one in Python has changed"
assert rust == ")\u05d1(\u05d0", "the one in Rust has changed"
PY
