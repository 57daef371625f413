"""The README's lists of keys are those of the table of actions."""

from tests.readme import BLOCK, README, keys_block


def test_the_readme_lists_the_keys_of_the_table():
    match = BLOCK.search(README.read_text("utf-8"))
    assert match is not None
    assert match[0] == keys_block(), "renew it: python -m tests.readme"
