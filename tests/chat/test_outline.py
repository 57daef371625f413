"""The outline knows of every turn which it follows, in a few bytes, whatever is told of them and in whatever order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.chat.outline import Outline

STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "odd", "aside", "back", "rename"]), st.integers(0, 30), st.booleans()),
    max_size=12,
)
"""What is done to it, with which turn, and one choice more."""


class Plain:
    """The same by looking through all of it."""

    def __init__(self, rows):
        self.turns = [[f"s.{number}", number, f"s.{above}" if above else None, aside] for number, above, aside in rows]

    def ids(self):
        return [each[0] for each in self.turns]

    def following(self, above):
        below = [each for each in self.turns if each[2] == above and not each[3]]
        return [each[0] for each in sorted(below, key=lambda each: each[1])]

    def way(self, turn_id):
        way = []
        while (turn := next((each for each in self.turns if each[0] == turn_id), None)) is not None:
            way.append(turn_id)
            turn_id = turn[2]
        return way

    def siblings(self, turn_id):
        turn = next(each for each in self.turns if each[0] == turn_id)
        return [turn_id] if turn[3] else self.following(turn[2])


@st.composite
def saved(draw):
    rows, number = [], 0
    for _ in range(draw(st.integers(0, 10))):
        number += draw(st.sampled_from([1, 1, 1, 2]))
        above = draw(st.sampled_from([0, *(row[0] for row in rows), *[rows[-1][0]] * 5])) if rows else 0
        rows.append((number, above, draw(st.integers(0, 8)) == 0))
    return rows


@given(saved(), STEPS)
@settings(max_examples=300, deadline=None)
def test_it_says_the_same_as_looking_through_all_turns(rows, steps):
    plain, outline = Plain(rows), Outline("s", rows)
    number = rows[-1][0] if rows else 0
    for step, which, choice in steps:
        ids = plain.ids()
        turn = plain.turns[which % len(ids)] if ids else None
        number += 1
        if step in ("add", "odd"):
            turn_id = f"s.{number}" if step == "add" else f"unsaved {number}"
            parent = "gone" if which == 0 else turn[0] if turn else None
            plain.turns.append([turn_id, number, parent, choice])
            outline.add(turn_id, number, parent, is_aside=choice)
        elif turn is not None and step in ("aside", "back"):
            turn[3] = step == "aside"
            outline.set_aside(turn[0], is_aside=turn[3])
        elif turn is not None and turn[0].startswith("unsaved"):
            earlier, turn[0], turn[1] = turn[0], f"s.{number}", number
            for other in plain.turns:
                other[2] = turn[0] if other[2] == earlier else other[2]
            outline.rename(earlier, turn[0], number)
        if plain.turns:
            turn_id = plain.turns[(which * 7) % len(plain.turns)][0]
            assert outline.count_above(turn_id) == len(plain.way(turn_id)) - 1
    assert sorted(outline) == sorted(plain.ids())
    assert [*outline.links()] == [
        (each[0], each[2] if each[2] in plain.ids() else None) for each in sorted(plain.turns, key=lambda each: each[1])
    ]
    for turn_id in plain.ids():
        way = plain.way(turn_id)
        assert turn_id in outline
        assert [*outline.above(turn_id)] == way[1:]
        assert outline.count_above(turn_id) == len(way) - 1
        assert [*outline.below(turn_id)] == plain.following(turn_id)
        assert [*outline.siblings(turn_id)] == plain.siblings(turn_id)
        assert [*outline.forks_above(turn_id)] == [each for each in plain.way(turn_id) if len(plain.siblings(each)) > 1]
        for end in plain.ids():
            path = plain.way(end)[::-1]
            expected = path[path.index(turn_id) + 1 :][:3] if turn_id in path else []
            assert outline.toward(turn_id, end, 3) == expected
    assert "s.99" not in outline
    assert "gone" not in outline


def test_a_turn_whose_like_was_asked_twice_makes_the_way_fork():
    outline = Outline("s", [(1, 0, False), (2, 1, False), (3, 1, False), (4, 2, False)])
    assert outline.forks("s.4")
    assert outline.newest_below("s.1") == "s.3"
    assert not outline.forks("s.1")
    outline.set_aside("s.3", is_aside=True)
    assert not outline.forks("s.4")


def test_how_many_stand_above_is_known_of_a_damaged_file_too():
    outline = Outline("s", [(1, 2, False), (2, 0, False), (3, 2, False)])
    assert [outline.count_above(f"s.{number}") for number in (1, 2, 3)] == [
        len([*outline.above(f"s.{number}")]) for number in (1, 2, 3)
    ]
