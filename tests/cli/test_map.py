"""ARCHITECTURE.md is a map: what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "ARCHITECTURE.md").read_text()
NAMED = sorted(set(re.findall(r"`([^`\s<>]+)`", MAP)))
FLOORS = sorted(path.name for path in (ROOT / "tui").iterdir() if (path / "__init__.py").exists())
PLACES = [name for name in NAMED if re.fullmatch(r"[a-z_]+(/[a-z_]+)+[\w.]*", name)]
MEMBERS = [name for name in NAMED if re.fullmatch(r"[A-Z][a-z]\w+\.[a-z]\w+", name)]
SOURCE = "\n".join(path.read_text() for path in (ROOT / "tui").rglob("*.py"))


def source_of(place):
    """The text of the module, package or file that is meant, and the names that are in it; the `ui` may be left out."""
    module, *names = re.sub(r"\.(py|md|json|toml)$", "", place).split(".")
    for above in ("tui", "tui/ui", "."):
        path = ROOT / above / module
        for file in (path, path.with_suffix(".py"), path.with_suffix(".json"), path.with_suffix(".md")):
            if file.is_file():
                return file.read_text(), names
        if path.is_dir() and any(path.iterdir()):
            return "\n".join(file.read_text() for file in path.rglob("*.py")), names
    return None, names


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_the_map_names_is_there(place):
    text, names = source_of(place)
    assert text is not None
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_that_the_map_names_is_there(member):
    owner, name = member.split(".")
    assert re.search(rf"^class {owner}\b", SOURCE, re.MULTILINE)
    assert re.search(rf"\bdef {name}\b|^    {name}\b", SOURCE, re.MULTILINE)


def test_every_floor_is_in_its_table():
    assert sorted(re.findall(r"^\| \d \| `tui/(\w+)` \|", MAP, re.MULTILINE)) == FLOORS
