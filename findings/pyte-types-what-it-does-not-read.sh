#!/usr/bin/env bash
# pyte 0.8.2 (PyPI), the terminal in which programs for terminals are tested, given what such programs write today: the
# requests of the kitty keyboard protocol and of xterm's modifyOtherKeys, colours with colons, DECRQSS, a kitty picture.
#
# Expected: a sequence that a terminal does not know leaves no mark (ECMA-48: parameters 3/0 to 3/15, intermediates 2/0 to
#   2/15, one final byte; DCS and APC last until ST), so that the screen holds "." alone, without attributes.
# So it is: its parser stops in the middle of five of the six and types the rest on the screen as text; of `CSI > 4 ; 1 m` it
#   leaves the ">" out, so that asking for keys turns all text that follows bold and underlined.
# Seen on 30 Nov 2026. Source: pyte/streams.py, `Stream._parser_fsm`: "<", "=" and ":" are no parameters to it, ">" and a
#   blank are skipped, and ESC P and ESC _ are not read as strings.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "pyte==0.8.2"
"$work/venv/bin/python" - <<'PY'
import pyte

SENT = {
    "drop the kitty keys": ("\x1b[<u", "u."),
    "set the kitty keys": ("\x1b[=1;1u", "1;1u."),
    "a colour, ISO 8613-6": ("\x1b[38:2::1:2:3m", "2::1:2:3m."),
    "DECRQSS": ("\x1bP$qm\x1b\\", "$qm."),
    "a kitty picture": ("\x1b_Ga=d\x1b\\", "Ga=d."),
    "modifyOtherKeys": ("\x1b[>4;1m", "."),
}
for what, (sequence, shown) in SENT.items():
    screen = pyte.Screen(20, 1)
    pyte.Stream(screen).feed(f"{sequence}.")
    row, last = screen.display[0].rstrip(), screen.buffer[0][len(shown) - 1]
    styled = [name for name in ("bold", "underscore") if getattr(last, name)]
    print(f"{what:<22}{sequence!r:<22} shows {row!r} {' '.join(styled)}")
    assert row == shown, "this has changed"
    assert styled == (["bold", "underscore"] if what == "modifyOtherKeys" else []), "this has changed"
PY
