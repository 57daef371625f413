"""Changes to the settings file: comments, order and form stay, a wrong change is not made, another's is not written over."""

from __future__ import annotations

import tomllib

import pytest

from tui.domain.error import ConfigError, SettingsError
from tui.store.setting_edit import Edit, draft, edit_text, write_draft

FILE = """\
# my settings

endpoint = "xai"   # why not
# about the system prompt
system = "Be brief."

# the lab
[endpoints.lab]
base_url = "http://127.0.0.1:9/v1"  # here

# how the screen is divided
[panes]
sizes = { wire = 40 }
"""


def edited(tmp_path, *edits, text=FILE):
    return edit_text(tmp_path / "c.toml", text, [Edit(*edit) for edit in edits])


def test_a_value_is_changed_in_its_place(tmp_path):
    made = edited(tmp_path, (("endpoint",), "lab"))
    assert made == FILE.replace('"xai"', '"lab"')


def test_a_new_value_stands_behind_the_last_of_its_table_and_away_from_the_comment_about_the_next(tmp_path):
    made = edited(tmp_path, (("theme",), "paper"), (("endpoints", "lab", "model"), "m"))
    assert 'system = "Be brief."\ntheme = "paper"\n\n# the lab\n[endpoints.lab]' in made
    assert '# here\nmodel = "m"\n\n# how the screen is divided\n[panes]' in made


@pytest.mark.parametrize("text", ["", "# head\n", "# head\n\n[local]\nthreads = 2\n", "[local]\nthreads = 2", "\n\n"])
def test_a_first_value_goes_to_the_top(tmp_path, text):
    made = edited(tmp_path, (("theme",), "paper"), text=text)
    assert tomllib.loads(made) == {**tomllib.loads(text), "theme": "paper"}
    assert all(line in made for line in text.splitlines())


def test_a_table_is_added_and_taken_away_again(tmp_path):
    new = {"base_url": "https://llm.example.com/v1", "dialect": "responses", "key_env": ["A", "B"]}
    made = edited(tmp_path, (("endpoints", "work"), new))
    assert tomllib.loads(made)["endpoints"]["work"] == new
    assert "\n\n[endpoints.work]\n" in made
    back = edited(tmp_path, (("endpoints", "work"), None), text=made)
    assert tomllib.loads(back) == tomllib.loads(FILE)
    assert back == FILE


def test_a_table_goes_with_its_last_value(tmp_path):
    made = edited(tmp_path, (("panes", "sizes"), None))
    assert "[panes]" not in made
    assert edited(tmp_path, (("budget", "month"), None)) == FILE, "what is not there is not taken out"


def test_a_first_endpoint_makes_its_table(tmp_path):
    made = edited(tmp_path, (("endpoints", "a"), {"base_url": "https://a.example/v1"}), text='theme = "ink"\n')
    assert made == 'theme = "ink"\n\n[endpoints.a]\nbase_url = "https://a.example/v1"\n'
    made = edited(tmp_path, (("endpoints", "xai", "model"), "m"), text="")
    assert made == '[endpoints.xai]\nmodel = "m"\n'


LISTED = '[[endpoints]]\nname = "a"\nbase_url = "https://a.example/v1" # one\n\n[[endpoints]]\nname = "b"\nbase_url = "https://b.example/v1"\n'


def test_endpoints_in_a_list_are_found_by_their_names(tmp_path):
    made = edited(tmp_path, (("endpoints", "b", "model"), "m"), text=LISTED)
    assert made == LISTED + 'model = "m"\n'
    made = edited(tmp_path, (("endpoints", "c"), {"base_url": "https://c.example/v1"}), text=LISTED)
    assert [each["name"] for each in tomllib.loads(made)["endpoints"]] == ["a", "b", "c"]
    made = edited(tmp_path, (("endpoints", "a"), None), (("endpoints", "b"), None), text=LISTED)
    assert tomllib.loads(made) == {}


@pytest.mark.parametrize("text", ['endpoints.lab.base_url = "x"\n', 'endpoints = { lab = { base_url = "x" } }\n'])
def test_other_forms_of_tables_stay_as_they_are(tmp_path, text):
    made = edited(tmp_path, (("endpoints", "lab", "model"), "m"), text=text)
    assert tomllib.loads(made)["endpoints"] == {"lab": {"base_url": "x", "model": "m"}}
    assert "[endpoints" not in made


def test_a_change_that_could_not_be_used_is_not_made(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(FILE)
    with pytest.raises(SettingsError, match=r"c\.toml:6: “temperature” must be"):
        draft(path, [Edit(("temperature",), 7)])
    with pytest.raises(SettingsError, match="holds a key"):
        draft(path, [Edit(("endpoints", "lab", "api_key"), "xai-" + "0123456789" * 3)])
    assert path.read_text() == FILE


def test_what_is_written_was_shown_and_nothing_of_another_is_lost(tmp_path):
    path = tmp_path / "real.toml"
    path.write_text(FILE)
    path.chmod(0o640)
    link = tmp_path / "c.toml"
    link.symlink_to(path)
    made = draft(link, [Edit(("theme",), "paper")])
    assert made.diff == [
        " # about the system prompt",
        ' system = "Be brief."',
        '+theme = "paper"',
        " ",
        " # the lab",
    ]
    assert path.read_text() == FILE
    write_draft(made)
    assert (link.is_symlink(), path.stat().st_mode & 0o777) == (True, 0o640)
    assert path.read_text() == made.after
    path.write_text(FILE + "# mine\n")
    with pytest.raises(SettingsError, match="was changed meanwhile"):
        write_draft(made)
    assert path.read_text() == FILE + "# mine\n"


def test_a_file_that_is_not_there_is_made_for_its_owner_only(tmp_path):
    path = tmp_path / "rillet" / "c.toml"
    write_draft(draft(path, [Edit(("theme",), "paper")]))
    assert path.read_text() == 'theme = "paper"\n'
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_broken_file_is_left_alone(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("theme = \n")
    with pytest.raises(ConfigError):
        draft(path, [Edit(("theme",), "paper")])
