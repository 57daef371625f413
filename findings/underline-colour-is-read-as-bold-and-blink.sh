#!/usr/bin/env bash
# rich 15.0.0 (`Text.from_ansi`), prompt_toolkit 3.0.53 (`ANSI`) and ansi2html 1.9.5 (PyPI), ansi_up 6.0.6, ansi-to-html 0.7.2 and
# anser 2.3.5 (npm): what reads the output of programs for a screen or a page.
#
# Expected: an underline with a colour of its own (`CSI 4 ; 58 ; 5 ; 1 m`) is at least an underline; a colour with colons, as
#   ISO 8613-6 writes it, is that colour or none; a link (OSC 8) that ends with BEL is its text, as one that ends with ST is.
# So it is: for all six the 5 and the 1 that belong to the 58 are blink and bold (for ansi_up, which has no blink, bold). Colours
#   with colons are text for four ("38:2::255:0:0mred"), none for rich, and right for ansi2html alone. Of a link that ends with
#   BEL rich makes text of the address, though it reads the other; ansi2html reads BEL and leaves the one with ST as it is;
#   prompt_toolkit, ansi-to-html and anser leave both in the text. ansi_up reads both.
# Seen on 30 Nov 2026. Source: rich/ansi.py, `AnsiDecoder.decode_line` and `_ansi_tokenize`; `_select_graphic_rendition` in
#   prompt_toolkit/formatted_text/ansi.py; `process_ansi` in ansi_up.js.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check rich==15.0.0 prompt_toolkit==3.0.53 ansi2html==1.9.5
npm init -y >/dev/null
npm install --silent ansi_up@6.0.6 ansi-to-html@0.7.2 anser@2.3.5 >/dev/null
cat > ask.mjs <<'JS'
import Anser from "anser";
import { AnsiUp } from "ansi_up";
import Convert from "ansi-to-html";

const readers = {
  ansi_up: text => new AnsiUp().ansi_to_html(text),
  "ansi-to-html": text => new Convert().toHtml(text),
  anser: text => Anser.ansiToHtml(text),
};
const given = {};
for (const [name, read] of Object.entries(readers)) given[name] = JSON.parse(process.argv[2]).map(read);
console.log(JSON.stringify(given));
JS
cat > ask.py <<'PY'
import itertools, json, subprocess

from ansi2html import Ansi2HTMLConverter
from prompt_toolkit.formatted_text import ANSI, to_formatted_text
from rich.text import Text

INPUTS = {
    "an underline in red": "\x1b[4;58;5;1mword\x1b[0m.",
    "a colour with colons": "\x1b[38:2::255:0:0mred\x1b[0m.",
    "a link that ends with ST": "\x1b]8;;http://a.example/\x1b\\link\x1b]8;;\x1b\\.",
    "a link that ends with BEL": "\x1b]8;;http://a.example/\x07link\x1b]8;;\x07.",
}


def rich(text):
    read = Text.from_ansi(text)
    return f"{read.plain} {[str(span.style) for span in read.spans if str(span.style) != 'none']}"


def prompt_toolkit(text):
    runs = itertools.groupby(to_formatted_text(ANSI(text)), lambda run: run[0])
    return " ".join("".join(letter for _, letter, *_ in run) + f" [{style}]" for style, run in runs)


def ansi2html(text):
    return Ansi2HTMLConverter(inline=True).convert(text, full=False)


saw = {reader.__name__: [reader(text) for text in INPUTS.values()] for reader in (rich, prompt_toolkit, ansi2html)}
saw |= json.loads(subprocess.check_output(["node", "ask.mjs", json.dumps([*INPUTS.values()])], text=True))
for place, name in enumerate(INPUTS):
    print(f"{name}:")
    for reader, given in saw.items():
        print(f"    {reader}: {given[place]!r}")
red, colons, ending_st, ending_bel = zip(*saw.values(), strict=True)
assert all("bold" in given or "<b>" in given for given in red), "58 is read now"
assert ["blink" in given for given in red] == [True, True, True, False, True, True], "blink is read otherwise now"
assert ["0:0m" in given for given in colons] == [False, True, False, True, True, True], "colons are read otherwise now"
assert colons[0] == "red. []" and "#FF0000" in colons[2], "rich or ansi2html reads colons otherwise now"
shown = [["8;;" in given for given in links] for links in (ending_st, ending_bel)]
assert shown[0] == [False, True, True, False, True, True], "ST is read otherwise now"
assert shown[1] == [True, True, False, False, True, True], "BEL is read otherwise now"
PY
venv/bin/python ask.py
