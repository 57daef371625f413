"""Moves: rows that show already, some rows further up or down, are moved by the terminal itself."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

Row = dict[int, Strip]
"""What stands in a row of the screen: column -> the strip that begins there."""

MOVE_ROWS = 4
"""Fewer rows than this are written again rather than moved."""

_SPARSE = 3
"""If fewer than one in so many rows are to change, they have not moved."""


def find_move(
    rows: dict[int, Row], wanted: dict[int, Row], width: int, *, is_synced: bool
) -> tuple[int, int, int] | None:
    """Whether most of an update is what the screen shows already, some rows further up or down.

    Returns:
        First row, last row and by how many rows up, or `None`.
    """
    if len(wanted) < MOVE_ROWS:
        return None
    first, last = min(wanted), max(wanted)
    if last - first >= _SPARSE * len(wanted) or any(y not in rows for y in range(first, last + 1)):
        return None
    x = max(wanted[first], key=lambda at: wanted[first][at].cell_length, default=None)
    # Where a blank row takes the place of another, nothing is wanted of it.
    wanted = {y: wanted.get(y) or rows[y] for y in range(first, last + 1)}
    if x is None or any(x not in row for row in wanted.values()):
        return None
    column = {y: rows[y].get(x) for y in wanted}
    places: dict[int, list[int]] = {}
    for y, strip in column.items():
        places.setdefault(id(strip), []).append(y)
    votes: dict[int, int] = {}
    unmoved = 0
    for y, row in wanted.items():
        rows_before = places.get(id(row[x]), ())
        unmoved += y in rows_before
        if len(rows_before) == 1 and rows_before[0] != y:  # a blank line stands in many places and tells nothing
            votes[rows_before[0] - y] = votes.get(rows_before[0] - y, 0) + 1
    by = max(votes, key=lambda step: votes[step], default=0)
    moved = [y for y, row in wanted.items() if column.get(y + by) is row[x]]
    if not by or votes[by] < MOVE_ROWS or len(moved) <= unmoved:
        return None
    if any(sum(strip.cell_length for strip in rows[y].values()) != width for y in wanted):
        return None
    # What stands beside the page and differs from row to row has to be written again.
    cost = sum(
        strip.cell_length
        for y in wanted
        for at, strip in rows[y].items()
        if at != x and (other := rows.get(y + by, {}).get(at)) is not strip and other != strip
    )
    gain = sum(wanted[y][x].cell_length for y in moved if column[y] is not wanted[y][x])
    return (first, last, by) if cost * (2 if is_synced else 8) < gain else None


def may_move(before: Sequence[Row], x: int, strips: Sequence[Strip], by: int, width: int, *, is_synced: bool) -> bool:
    """Whether rows that show these in a column are better moved up by `by` than written again, to show others there."""
    column: list[Strip] = []
    for row in before:
        strip, cells = row.get(x), 0
        for other in row.values():
            cells += other.cell_length
        if strip is None or cells != width:
            return False
        column.append(strip)
    moved = unmoved = gain = cost = 0
    for y, (shown, strip) in enumerate(zip(column, strips, strict=True)):
        below = before[y + by] if y + by < len(before) else None
        if below is not None and column[y + by] is strip:
            moved += 1
            gain += 0 if shown is strip else strip.cell_length
        unmoved += shown is strip
        for at, strip_beside in before[y].items():
            if at != x and (below is None or (below.get(at) is not strip_beside and below.get(at) != strip_beside)):
                cost += strip_beside.cell_length
    return moved >= MOVE_ROWS and moved > unmoved and cost * (2 if is_synced else 8) < gain
