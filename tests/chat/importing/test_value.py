"""Instants, however a program writes them; what is none is none."""

import pytest

from tui.chat.importing.value import seconds_of
from tui.domain.session import NO_TIME

AT = 1795879200.0  # 2026-11-28 15:20:00 UTC


@pytest.mark.parametrize(
    "value",
    [
        AT,
        int(AT),
        str(int(AT)),
        int(AT * 1e3),
        int(AT * 1e6),
        int(AT) * 10**9,
        "2026-11-28T15:20:00Z",
        "2026-11-28 15:20:00",
        "2026-11-28 15:20:00 UTC",
        "2026-11-28T16:20:00.000+01:00",
        "20261128T152000Z",
        "Sat, 28 Nov 2026 15:20:00 GMT",
    ],
)
def test_an_instant_is_known_in_every_form(value):
    assert seconds_of(value) == pytest.approx(AT)


@pytest.mark.parametrize("value", [None, "", "soon", True, -5, 0, [AT], {"at": AT}, "99-99-99", float("nan"), 10**30])
def test_what_is_no_instant_is_none(value):
    assert seconds_of(value) == NO_TIME
