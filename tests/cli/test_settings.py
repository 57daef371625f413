"""`rillet settings`: every default, a schema that says what is taken, and where each value comes from."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from tui.schema.check import violations
from tui.store.settings import Settings, parse_settings

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_defaults_are_a_file_that_changes_nothing(rillet):
    done = rillet("settings", "--default")
    assert done.returncode == 0
    assert parse_settings(Path("d"), done.stdout) == Settings()
    assert 'send_key = "enter"' in done.stdout
    assert "# key_header =" in done.stdout
    assert "# The header that carries the key, such as `api-key`, where it is not the dialect's own." in done.stdout


def test_the_defaults_can_be_uncommented_where_they_have_a_value(rillet):
    lines = rillet("settings", "--default").stdout.splitlines()
    names = {line.removeprefix("# ").partition(" =")[0] for line in lines if " =" in line}
    assert {"endpoint", "theme", "base_url", "quiet", "argv", "function", "key_env", "keep"} <= names


def test_the_schema_takes_the_example_of_the_readme_and_no_nonsense(rillet):
    schema = json.loads(rillet("settings", "--schema").stdout)
    example = README.partition("## Settings")[2].partition("```toml\n")[2].partition("```")[0]
    assert violations(schema, tomllib.loads(example)) == []
    assert violations(schema, {"mouse": "yes"}) != []


def test_where_each_value_comes_from(rillet, home):
    settings = home / "config.toml"
    settings.write_text('theme = "paper"\n\n[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\n')
    done = rillet("settings", env={"RILLET_CONFIG": str(settings)})
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split("  ")[0] == 'theme = "paper"'
    assert lines[0].endswith(f"{settings}:1")
    assert lines[1].endswith(f"{settings}:4")
    assert lines[2].endswith("the environment: RILLET_CONFIG")
    assert rillet("settings", "--origin", env={"RILLET_CONFIG": str(settings)}).stdout == done.stdout


def test_a_mistake_is_told(rillet, home):
    settings = home / "config.toml"
    settings.write_text("theme = 3\n")
    done = rillet("settings", env={"RILLET_CONFIG": str(settings)})
    assert done.returncode == 2
    assert f"{settings}:1" in done.stderr
