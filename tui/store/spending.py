"""Spending: what replies have taken, in tokens and money, added up over a session or over a time."""

from __future__ import annotations

from msgspec import Struct

from tui.store.connection import Table

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
    """What is known of it from the turns that are saved."""

    def of_session(self, session_id: str) -> Spent:
        """All replies of a session, every branch.

        Raises:
            StoreError: If they cannot be read.
        """
        return self._sum("session_id = ?", session_id)

    def since(self, moment: float) -> Spent:
        """All replies since a moment of the wall clock.

        Raises:
            StoreError: If they cannot be read.
        """
        return self._sum("created_at >= ?", moment)

    def _sum(self, which: str, value: object) -> Spent:
        (row,) = self._connection.rows(_SUMS + which, value)
        read, written, dollars, is_estimate = row
        return Spent(int(read), int(written), float(dollars), bool(is_estimate))
