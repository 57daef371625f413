"""The floor: a bare Textual app that writes what arrives into a `Log` as plain lines. argv: base URL."""

import json
import sys

from textual.app import App
from textual.widgets import Input, Log


class Floor(App):
    BINDINGS = [("escape", "stop", "Stop")]

    def compose(self):
        yield Log()
        yield Input(placeholder="Say something")

    def on_mount(self):
        self.query_one(Input).focus()

    def on_input_submitted(self, event):
        event.input.value = ""
        self.worker = self.run_worker(self.answer(event.value))

    def action_stop(self):
        self.worker.cancel()

    async def answer(self, prompt):
        import httpx

        log = self.query_one(Log)
        body = {"model": "bench-1", "stream": True, "messages": [{"role": "user", "content": prompt}]}
        async with (
            httpx.AsyncClient(timeout=None) as client,
            client.stream("POST", sys.argv[1] + "/chat/completions", json=body) as answer,
        ):
            async for line in answer.aiter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    for choice in json.loads(line[6:])["choices"]:
                        log.write(choice["delta"].get("content") or "")


Floor().run()
