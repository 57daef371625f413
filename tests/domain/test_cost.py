"""What a reply costs by the price list, where the endpoint does not say what it charged."""

import pytest

from tui.domain.cost import estimate_cost
from tui.domain.model import LongPrices, Model
from tui.domain.usage import Usage

GROK = Model("grok", "xai", price_in=2.0, price_cached=0.5, price_out=6.0, long=LongPrices(200_000, 4.0, 1.0, 12.0))


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (Usage(input=1_000_000 // 10, output=1000), 0.2 + 0.006),
        (Usage(input=100_000, cached=60_000, output=0), 0.08 + 0.03),
        (Usage(input=200_000, output=0), 0.4),
        (Usage(input=200_001, output=1_000_000), 0.800004 + 12),
        (Usage(input=300_000, cached=300_000, output=0), 0.3),
        (Usage(input=10, cached=400, output=0), 10 * 0.5 / 1e6),
    ],
    ids=["plain", "cached", "at the threshold", "above it", "above it, cached", "more cached than sent"],
)
def test_a_long_prompt_is_charged_by_its_own_prices_as_a_whole(usage, dollars):
    assert estimate_cost(usage, GROK) == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("usage", "model"),
    [
        (Usage(output=5), GROK),
        (Usage(input=5), GROK),
        (Usage(input=5, output=5), Model("a", "b", price_in=1.0)),
        (Usage(input=5, output=5), Model("a", "b")),
    ],
)
def test_what_is_not_known_is_not_made_up(usage, model):
    assert estimate_cost(usage, model) is None


def test_a_long_price_that_is_not_told_is_the_usual_one():
    model = Model("a", "b", price_in=1.0, price_out=2.0, long=LongPrices(10, price_in=3.0))
    assert estimate_cost(Usage(input=1_000_000, output=1_000_000), model) == pytest.approx(5.0)
