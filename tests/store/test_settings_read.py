"""A setting that nobody reads is a promise that nobody keeps."""

import re
from pathlib import Path

import pytest

from tui.store import endpoint_setting, settings, tool_setting

TUI = Path(settings.__file__).parents[1]
SOURCE = "\n".join(
    path.read_text()
    for path in TUI.rglob("*.py")
    if path.name not in {"settings.py", "tool_setting.py"}  # which only define them
)
READERS = {
    settings.Settings: r"settings",
    settings.PaneSettings: r"(?:panes|usual)",
    settings.LocalSettings: r"local",
    settings.BudgetSettings: r"budget",
    tool_setting.ToolSettings: r"(?:tools|settings)",
    tool_setting.CommandTool: r"tool",
    tool_setting.PythonTool: r"tool",
    tool_setting.McpServer: r"server",
    tool_setting.AllowedPattern: r"(?:pattern|allowed|rule|one)",
    endpoint_setting.EndpointSettings: r"(?:settings|endpoint|self)",
}
"""Each table of the settings, and what those who read it call it."""

FIELDS = [(table, field) for table in READERS for field in table.__struct_fields__]


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=[f"{table.__name__}.{field}" for table, field in FIELDS])
def test_every_setting_is_read_somewhere(table, field):
    assert re.search(rf"\b{READERS[table]}\.{field}\b", SOURCE), f"nothing reads {field} of {table.__name__}"
