"""The pieces of a pattern, each a step from a set of positions to a set of positions.

The work is bounded by the length of the text, and counted besides.
"""

from __future__ import annotations

from collections.abc import Callable

STEPS = 200_000

Test = Callable[[str], bool]
Places = frozenset[int]


class PatternError(ValueError):
    """The pattern cannot be checked: it is malformed, or one of the kinds below."""


class BeyondError(PatternError):
    """The pattern may be good, but goes beyond what is done here: too long, too costly, or not supported."""


def is_word(char: str) -> bool:
    """Whether a character is one of `[A-Za-z0-9_]`."""
    return char == "_" or (char.isascii() and char.isalnum())


class Walk:
    """One text and the steps that are left for it."""

    __slots__ = ("left", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.left = STEPS

    def spend(self, steps: int) -> None:
        """Count steps; too many are a `PatternError`."""
        self.left -= steps + 1
        if self.left < 0:
            raise BeyondError("the pattern takes too long on this text")


class Node:
    """A piece of a pattern: from the positions before it to the positions after it."""

    __slots__ = ()

    def follow(self, walk: Walk, places: Places) -> Places:
        """The positions after this piece, from the positions before it."""
        raise NotImplementedError


class One(Node):
    """One character that passes a test."""

    __slots__ = ("test",)

    def __init__(self, test: Test) -> None:
        self.test = test

    def follow(self, walk: Walk, places: Places) -> Places:
        """See `Node`."""
        walk.spend(len(places))
        text, end = walk.text, len(walk.text)
        return frozenset(at + 1 for at in places if at < end and self.test(text[at]))


class Edge(Node):
    """A place between characters: `^`, `$`, `b` for a word border, `B` for none."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def follow(self, walk: Walk, places: Places) -> Places:
        """See `Node`."""
        text, end = walk.text, len(walk.text)
        if self.kind == "^":
            return places & {0}
        if self.kind == "$":
            return places & {end}
        walk.spend(len(places))

        def is_border(at: int) -> bool:
            before = at > 0 and is_word(text[at - 1])
            return before != (at < end and is_word(text[at]))

        return frozenset(at for at in places if is_border(at) == (self.kind == "b"))


class Row(Node):
    """Pieces one after another."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    def follow(self, walk: Walk, places: Places) -> Places:
        """See `Node`."""
        for node in self.nodes:
            if not places:
                break
            places = node.follow(walk, places)
        return places


class Either(Node):
    """Alternatives."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    def follow(self, walk: Walk, places: Places) -> Places:
        """See `Node`."""
        return frozenset[int]().union(*(node.follow(walk, places) for node in self.nodes))


class Repeat(Node):
    """A piece, repeated; `most` is `None` for without end."""

    __slots__ = ("least", "most", "node")

    def __init__(self, node: Node, least: int, most: int | None) -> None:
        self.node, self.least, self.most = node, least, most

    def follow(self, walk: Walk, places: Places) -> Places:
        """See `Node`."""
        for _ in range(self.least):
            walk.spend(len(places))
            after = self.node.follow(walk, places)
            if after == places:
                break
            places = after
        reached, frontier, count = places, places, self.least
        while frontier and (self.most is None or count < self.most):
            walk.spend(len(frontier))
            frontier = self.node.follow(walk, frontier) - reached
            reached |= frontier
            count += 1
        return reached


class Look(Node):
    """Look-ahead: the positions from which a piece matches, or does not."""

    __slots__ = ("is_wanted", "node")

    def __init__(self, node: Node, *, is_wanted: bool) -> None:
        self.node, self.is_wanted = node, is_wanted

    def follow(self, walk: Walk, places: Places) -> Places:
        """See `Node`."""
        return frozenset(at for at in places if bool(self.node.follow(walk, frozenset((at,)))) is self.is_wanted)


class LookBehind(Node):
    """The positions before which a piece matches, or does not."""

    __slots__ = ("is_wanted", "node")

    def __init__(self, node: Node, *, is_wanted: bool) -> None:
        self.node, self.is_wanted = node, is_wanted

    def follow(self, walk: Walk, places: Places) -> Places:
        """See `Node`."""
        ends: dict[int, Places] = {}

        def is_behind(at: int) -> bool:
            for start in range(at, -1, -1):
                walk.spend(1)
                if start not in ends:
                    ends[start] = self.node.follow(walk, frozenset((start,)))
                if at in ends[start]:
                    return True
            return False

        return frozenset(at for at in places if is_behind(at) is self.is_wanted)
