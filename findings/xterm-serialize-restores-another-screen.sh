#!/usr/bin/env bash
# @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0 (npm): a terminal's screen as text that draws it again, by which
# terminals in browsers and editors bring a running program's screen back.
#
# Expected: written into a new terminal, the text gives the screen that there was, and the program behind it may go on.
# So it is, besides links and the shapes of underlines, which are left out: bold text that follows bold and dim text is not
#   bold; a program that has set a background and taken the alternate screen gets it filled with that colour; a background below the
#   last text is gone; the lines that scroll are all of them again; a hidden cursor is shown; and reports of the mouse
#   are on without their encoding (1006), so that what the program is sent next is in a format that it did not ask for.
# Seen on 30 Nov 2026. Source: SerializeAddon.ts, `_diffStyle` (22 ends both bold and dim), `_serializeModes` and `serialize`, which
#   gives "1049 h" with the colours that the other screen's text has just ended with.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent @xterm/headless@6.0.0 @xterm/addon-serialize@0.14.0 >/dev/null
cat > ask.mjs <<'JS'
import assert from "node:assert/strict";
import headless from "@xterm/headless";
import addon from "@xterm/addon-serialize";

async function terminal(written) {
  const made = new headless.Terminal({ cols: 12, rows: 4, allowProposedApi: true });
  const serializer = new addon.SerializeAddon();
  made.loadAddon(serializer);
  const answers = [];
  made.onData(data => answers.push(data));
  const write = data => new Promise(done => made.write(data, done));
  await write(written);
  const cells = look => [...Array(made.rows).keys()].map(row =>
    [...Array(made.cols).keys()].map(col => look(made.buffer.active.getLine(made.buffer.active.baseY + row).getCell(col))).join(""));
  return { serializer, cells, ask: async query => (await write(query), answers.join("").replaceAll("\x1b", "ESC ")) };
}
const bold = screen => screen.cells(cell => (cell.getChars() ? (cell.isBold() ? "B" : "-") : " "))[0].trim();
const blue = screen => screen.cells(cell => (cell.isBgPalette() && cell.getBgColor() === 4 ? "#" : ".")).join(" ");
const text = screen => screen.cells(cell => (cell.getWidth() ? cell.getChars() || " " : "")).map(row => row.trim()).join("|");
const cases = {
  "bold after bold and dim": ["\x1b[1;2mab\x1b[22;1mcd", bold, "BBBB", "BB--"],
  "blue when the alternate screen is taken": ["a\x1b[?1049h\x1b[44mx", blue, ".#.......... ............ ............ ............",
    "############ ############ ############ ############"],
  "blue below the text": ["\x1b[44m\x1b[2Jx", blue, "############ ############ ############ ############",
    "############ ............ ............ ............"],
  "lines that scroll": ["top\x1b[2;3r", screen => screen.ask("\x1bP$qr\x1b\\"), "ESC P1$r2;3rESC \\", "ESC P1$r1;4rESC \\"],
  "hidden cursor": ["\x1b[?25l", screen => screen.ask("\x1b[?25$p"), "ESC [?25;2$y", "ESC [?25;1$y"],
  "reports of the mouse": ["\x1b[?1003h\x1b[?1006h", screen => screen.ask("\x1b[?1003$p"), "ESC [?1003;1$y", "ESC [?1003;1$y"],
  "their encoding": ["\x1b[?1003h\x1b[?1006h", screen => screen.ask("\x1b[?1006$p"), "ESC [?1006;1$y", "ESC [?1006;2$y"],
  "text, wide and wrapped": ["12345678901漢字", text, "12345678901|漢字||", "12345678901|漢字||"],
};
for (const [name, [written, look, was, is]] of Object.entries(cases)) {
  const first = await terminal(written);
  const again = await terminal(first.serializer.serialize());
  const [before, after] = [await look(first), await look(again)];
  console.log(`${name}: ${before}${before === after ? ", as before" : ` is restored as ${after}`}`);
  assert.deepEqual([before, after], [was, is], name);
}
const { serializer } = await terminal("\x1b]8;;http://a.example/\x1b\\link\x1b]8;;\x1b\\ \x1b[4:3;58:5:1mcurly");
const given = serializer.serialize();
console.log("a link and a red curly underline:", JSON.stringify(given));
assert.equal(given, "\x1b[4mlink\x1b[0m \x1b[4mcurly");
JS
node ask.mjs
