"""What `markdown_it` brings along is left out until it is used."""

import subprocess
import sys

LOOK = """
import sys
from tui.typeset.document import Document

def document_of(text):
    document = Document()
    document.feed(text)
    document.finish()
    return [block.lines(80) for block in document.all_blocks()]

document_of("*Words* and https://a.example/b")
names = sys.modules["markdown_it.common.entities"].entities
assert sys.modules.get("linkify_it") is None
assert "_table" not in vars(names)
assert "A \u2192 B &amp C &nosuch;" in str(document_of("A &rarr; B &amp C &nosuch;"))
assert "_table" in vars(names)
"""


def test_names_of_characters_are_read_when_one_is_met_and_no_finder_of_links_ever():
    child = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
