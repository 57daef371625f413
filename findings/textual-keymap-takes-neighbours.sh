#!/usr/bin/env bash
# textual 8.2.8 (PyPI), `App.set_keymap`, by which users of a terminal program choose their own keys.
#
# Expected: an action that is given another key by its id leaves its old key; what other actions are bound to that same key
#   (as with Esc, which may stop or go back, decided by `check_action`) stays bound.
# So it is: every binding of the old key goes, also those of other ids that the keymap does not name. Moving "stop" to F9
#   leaves Esc without "back"; nothing is raised, and `handle_bindings_clash` is not called.
# Seen on 28 Nov 2026. Source: textual/binding.py, `BindingsMap.apply_keymap`: `del self.key_to_bindings[key]` where any
#   binding of the key has the id.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "textual==8.2.8"
"$work/venv/bin/python" - <<'PY'
import asyncio

from textual.app import App
from textual.binding import Binding


class Both(App):
    BINDINGS = [Binding("escape", "back", "Back", id="back"), Binding("escape", "stop", "Stop", id="stop")]
    ran = []

    def action_back(self):
        self.ran.append("back")

    def action_stop(self):
        self.ran.append("stop")

    def check_action(self, action, parameters):
        return action != "stop"  # nothing runs that could be stopped


async def main():
    app = Both()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape")
        before = list(app.ran)
        app.ran.clear()
        app.set_keymap({"stop": "f9"})
        await pilot.press("escape")
    print("Esc before the keymap runs:       ", before)
    print("Esc after only stop was moved runs:", app.ran)
    assert (before, app.ran) == (["back"], []), "this has changed"


asyncio.run(main())
PY
