"""What came of an import, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.chat.importing.run import Report


def outcome_of(report: Report) -> str:
    """What was imported, what was there already, and how much could not be read."""
    from_ = ", ".join(f"{title} {count:,}" for title, count in report.programs.items())
    sentences = [f"{_count(report.new, 'session')} imported, {_count(report.turns, 'turn')}"]
    sentences += [f"{report.grown:,} of those that were there have grown"] if report.grown else []
    sentences += [f"{report.same:,} were there already"] if report.same else []
    sentences += [f"{report.deleted:,} are in the bin, and stay there"] if report.deleted else []
    sentences += [f"{report.empty:,} were empty"] if report.empty else []
    sentences += [f"{len(report.problems):,} could not be read"] if report.problems else []
    return f"{'stopped: ' if report.was_stopped else ''}{'; '.join(sentences)}{f' ({from_})' if from_ else ''}"


def left_out_of(report: Report) -> list[str]:
    """What was not taken along, a sentence for each kind."""
    return [
        f"left out{' once' if count == 1 else f', {count:,} times'}: {words}"
        for words, count in report.left_out.items()
    ]


def progress_of(done: int, expected: int) -> str:
    """How far it is: so many conversations, and of how many, where that is known."""
    of = f" of {expected:,}" if expected > done else ""
    return f"{done:,}{of} conversations"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
