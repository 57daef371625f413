"""What typesetting costs: `python -m tests.bench.typeset [chars]`.

Feeds replies of about 100,000 tokens four characters at a time, asks for the changed lines every 32 characters as a
frame would, and prints CPU per feed for each quarter of the reply; then what pathological text costs beside letters.
"""

import sys
import time

from tests.typeset import corpus
from tui.typeset.document import Document

KINDS = {
    "mixed": corpus.mixed,
    "paragraph": corpus.paragraph,
    "fence": corpus.fence,
    "table": corpus.table,
    "list": corpus.items,
    "quote": corpus.quoted,
    "nested item": corpus.nested,
}
UNITS = [
    "a",
    "word ",
    "[",
    "![",
    "*a ",
    "_a",
    "`a ",
    "<a ",
    "$a ",
    "[x](y ",
    "[a]: b\n",
    "> ",
    "- \n",
    "|a|\n|-|\n",
    "中",
    "é",
]
WIDTH = 100
FEED = 4
FRAME = 8  # feeds


def stream(document, text):
    """CPU seconds of feeding the text and painting what changed."""
    begin = time.process_time()
    for number, at in enumerate(range(0, len(text), FEED)):
        first = document.feed(text[at : at + FEED])
        if number % FRAME == 0:
            for block in document.blocks[first:]:
                block.lines(WIDTH)
            if document.tail:
                document.tail.lines(WIDTH)
    return time.process_time() - begin


def main():
    chars = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    stream(Document(), corpus.mixed(4000))
    print(f"{'kind':12} {'ms a feed, by quarter':32} {'last/first':>10} {'CPU ms per 1k tokens':>21} {'blocks':>7}")
    for kind, make in KINDS.items():
        text, document, quarters = make(chars), Document(), []
        for number in range(4):
            part = text[number * len(text) // 4 : (number + 1) * len(text) // 4]
            quarters.append(stream(document, part) / (len(part) / FEED) * 1000)
        document.finish()
        shown = " ".join(f"{quarter:.4f}" for quarter in quarters)
        print(
            f"{kind:12} {shown:32} {quarters[3] / quarters[0]:10.2f} {sum(quarters) / 4 * 1000:21.0f} {len(document.blocks):7}"
        )
    floor = None
    print(f"\n{'text':12} {'CPU s per 100 KB':>17} {'to letters':>11}")
    for unit in UNITS:
        text = (unit * chars)[: chars // 4]
        cost = stream(Document(), text)
        floor = floor or cost
        print(f"{unit!r:12} {cost * 100_000 / len(text):17.2f} {cost / floor:11.1f}")


if __name__ == "__main__":
    main()
