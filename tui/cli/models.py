"""The list of an endpoint's models, for a shell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from tui.cli.exit_code import ExitCode
from tui.domain.model import Model
from tui.wire.json_text import clean, write_shown_json

_HEADINGS = ("model", "context", "$ in", "$ cached", "$ out", "takes", "")
_FIGURES = range(1, 5)


def list_models(models: Sequence[Model], out: TextIO, *, as_json: bool) -> int:
    """Write the models: a table with headings, prices in dollars for a million tokens, or JSON."""
    if as_json:
        out.write(write_shown_json(clean([_record(model) for model in models]), indent=2) + "\n")
        return ExitCode.COMPLETE
    rows = [_HEADINGS, *map(_row, models)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row in rows:
        cells = [
            cell.rjust(width) if column in _FIGURES else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        ]
        out.write("  ".join(cells).rstrip() + "\n")
    if any(model.price_in is not None for model in models):
        out.write("Prices are US dollars for a million tokens.\n")
    return ExitCode.COMPLETE


def _row(model: Model) -> tuple[str, ...]:
    long = f"dearer above {model.long.above:,} tokens" if model.long is not None else ""
    return (
        model.id,
        f"{model.context:,}" if model.context else "",
        *map(_dollars, (model.price_in, model.price_cached, model.price_out)),
        " ".join(model.inputs),
        model.refusal or long or (f"also {', '.join(model.aliases[:3])}" if model.aliases else ""),
    )


def _dollars(price: float | None) -> str:
    return "" if price is None else f"{price:.4f}".rstrip("0").rstrip(".")


def _record(model: Model) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.to_builtins(model)
    return {**record, "can_stream": model.can_stream}
