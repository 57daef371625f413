"""Words for what a conversation takes: money, and how full its context is."""

import pytest

from tui.page.line import Line
from tui.page.wording import account_line, money


@pytest.mark.parametrize(
    ("dollars", "words"),
    [(0.0, "$0.00"), (0.000068, "$0.000068"), (0.000136, "$0.00014"), (0.0012, "$0.0012"), (0.0123, "$0.0123")]
    + [(0.5, "$0.5000"), (1.5, "$1.50"), (1234.5, "$1,234.50")],
)
def test_a_sum_has_the_places_that_it_needs(dollars, words):
    assert money(dollars) == words


@pytest.mark.parametrize(("window", "words"), [(0, "context 32 of ?"), (256_000, "context 32 of 256k (0%)")])
def test_a_context_says_what_it_is_a_part_of_or_that_nobody_knows(window, words):
    line: Line = account_line(32, window, 0.0, is_exact=True, is_estimate=False)
    assert line == [(words, "muted")]
