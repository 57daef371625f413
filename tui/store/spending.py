"""Spending: what replies have taken, in tokens and money, added up over a session or over a time."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui.store.behind import Behind
from tui.store.connection import Connection, Row, Table
from tui.store.migration import ADD_SPENDING_OF

_SUMS = """SELECT coalesce(sum(json_extract(reply, '$.usage.input')), 0),
    coalesce(sum(json_extract(reply, '$.usage.output')), 0),
    coalesce(sum(coalesce(json_extract(reply, '$.usage.cost_usd'), json_extract(reply, '$.usage.estimated_usd'))), 0),
    coalesce(sum(json_extract(reply, '$.usage.cost_usd') IS NULL
        AND json_extract(reply, '$.usage.estimated_usd') IS NOT NULL), 0) > 0
    FROM turn WHERE reply IS NOT NULL AND json_valid(reply) AND """


class Spent(Struct, frozen=True):
    """Tokens read and written, and dollars; `is_estimate` where a price list stands for some of them."""

    input: int = 0
    output: int = 0
    dollars: float = 0.0
    is_estimate: bool = False


class SpendingTable(Table):
    """What is known of it from the turns that are saved: added up as they end, and not by reading them."""

    def of_session(self, session_id: str) -> Spent:
        """All replies of a session, every branch.

        Raises:
            StoreError: If they cannot be read.
        """
        if self._is_incomplete:
            return self._sum("session_id = ?", session_id)
        query = "SELECT read, written, nanodollars, estimates FROM session WHERE id = ?"
        return _spent(self._connection.row(query, session_id))

    def since(self, moment: float) -> Spent:
        """All replies since a moment of the wall clock.

        Raises:
            StoreError: If they cannot be read.
        """
        if self._is_incomplete:
            return self._sum("created_at >= ?", moment)
        sums = "SELECT total(read), total(written), total(nanodollars), total(is_estimate) FROM spent WHERE created_at >= ?"
        return _spent(self._connection.row(sums, moment))

    @property
    def _is_incomplete(self) -> bool:
        """Whether turns of an earlier rillet have not been added up yet; they are read then."""
        return self._connection.row("SELECT 1 FROM progress WHERE name = 'spending'") is not None

    def _sum(self, which: str, value: object) -> Spent:
        (row,) = self._connection.rows(_SUMS + which, value)
        read, written, dollars, is_estimate = row
        return Spent(int(read), int(written), float(dollars), bool(is_estimate))


def _spent(row: Row | None) -> Spent:
    read, written, nanodollars, estimates = row or (0, 0, 0, 0)
    return Spent(int(read), int(written), nanodollars / 1e9, bool(estimates))


def _add_up(connection: Connection, turns: Sequence[Row]) -> None:
    connection.run(ADD_SPENDING_OF, turns[0][-1] - 1, turns[-1][-1])


ADDING_UP = Behind("spending", "turn", "SELECT key FROM turn WHERE key > ? ORDER BY key LIMIT ?", _add_up, 64)
"""What the turns of an earlier rillet have taken is added up."""
