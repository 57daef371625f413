"""Warming: fetching what the first prompt will need, after the first paint and beside everything else."""

from __future__ import annotations

import gc
import importlib
from contextlib import suppress
from threading import Thread

from tui.domain.endpoint_word import DialectName
from tui.typeset.line import MEASURE

MODULES = (
    "tui.typeset.document",
    "tui.typeset.position",
    "markdown_it",
    "tui.net.exchange",
    "tui.wire.reply",
    "tui.net.model_list",
    "tui.domain.digest",
    "tui.wire.written_call",
)

USUAL_LANGUAGE = "python"
"""What most code in replies is in: Pygments builds the table of a language when it is first met, and a stream would stand
still for 70 ms."""

USUAL_TEXT = "*Words* \u2014 and https://example.org."
"""What has the parser of marks made, and the patterns that find addresses and measure letters of other scripts."""


def warm(dialect: DialectName, *, needs_tls: bool) -> None:
    """Import, what a dialect needs too, and read the certificates if the endpoint needs them, in a thread."""

    def fetch() -> None:
        for name in (*MODULES, f"tui.wire.dialect.{dialect}.reply"):
            with suppress(ImportError):  # what is missing is told of when it is used, not here
                importlib.import_module(name)
        from tui.net.client import warm_up
        from tui.typeset.document import Document
        from tui.typeset.lexer import find_lexer

        find_lexer(USUAL_LANGUAGE)
        document = Document()
        document.feed(USUAL_TEXT)
        for block in document.all_blocks():
            block.lines(MEASURE)

        _try_out()
        with suppress(OSError):  # so are certificates that cannot be read
            warm_up(needs_tls=needs_tls)
        gc.collect()
        gc.enable()
        gc.freeze()  # what is loaded now stays: the collector need not look at it again
        gc.set_threshold(20_000, 50, 100)

    Thread(target=fetch, name="rillet-warming", daemon=True).start()


def _try_out() -> None:
    """Do for nothing, once, what each turn does: patterns and tables are made when they are first used."""
    from tui.domain.doubt import doubt_ending
    from tui.domain.finish import describe_finish
    from tui.domain.model import is_reasoning_model, refused_options, refuses_effort
    from tui.domain.price_list import listed_model
    from tui.store.fold import pieces
    from tui.typeset.line import clusters
    from tui.wire.json_text import write_json
    from tui.wire.model_list import read_models

    model = "model-1"
    is_reasoning_model(model)
    refused_options(model)
    refuses_effort(model)
    listed_model("", model)
    describe_finish("")
    doubt_ending(model)
    read_models([{"id": model}], "")
    write_json(model)
    pieces([model])
    clusters(USUAL_TEXT)
