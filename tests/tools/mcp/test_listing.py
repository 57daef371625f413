"""Names that a model is told: no two tools are one, and none is taken for another server's."""

import re

import pytest

from tui.tools.definition import Tool
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.listing import full_names
from tui.tools.mcp.server import McpServer
from tui.tools.registry import Registry


def names(server, *tools):
    return full_names(McpServer(server, ("x",)), tools)


def test_a_plain_name_stays_what_it_is():
    assert names("s", "echo", "a.b") == {"echo": "s__echo", "a.b": "s__a_b"}


@pytest.mark.parametrize("tools", [("a.b", "a_b", "a b"), ("x" * 61 + "one", "x" * 61 + "two"), ("ä", "ö")])
def test_names_that_would_become_one_are_told_apart(tools):
    full = names("s", *tools)
    assert len(set(full.values())) == len(tools)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in full.values())
    assert full == names("s", *reversed(tools))
    if "a_b" in tools:
        assert full["a_b"] == "s__a_b"


@pytest.mark.parametrize(
    ("first", "second"),
    [(("a", "b__c"), ("a__b", "c")), (("a", "_b"), ("a_", "b")), (("a", "b__c__d"), ("a__b", "c__d"))],
)
def test_no_tool_has_the_name_of_another_servers(first, second):
    (one,) = names(first[0], first[1]).values()
    (other,) = names(second[0], second[1]).values()
    assert one != other


def test_a_name_that_two_servers_use_all_the_same_is_nobodys():
    good, bad = (McpConnection(McpServer(name, ("x",))) for name in ("a__b", "a"))
    for server in (good, bad):
        server.tools = (Tool("a__b__c_12345678", server.name, {"type": "object"}, "mcp", None, server=server.name),)
    registry = Registry(servers=[good, bad])
    assert registry.get("a__b__c_12345678") is None
    assert registry.definitions() == ()
    assert [note.name for note in registry.notes] == ["a__b", "a"]
    assert "another tool has this name too" in str(registry.notes[0])
