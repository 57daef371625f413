"""The floor for starting: a bare Textual app with a line of text and an input."""

from textual.app import App
from textual.widgets import Input, Static


class Bare(App):
    def compose(self):
        yield Static("bare")
        yield Input()

    def on_mount(self):
        self.query_one(Input).focus()


Bare().run()
