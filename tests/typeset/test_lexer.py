"""The lexers of the usual languages are found without the list of all of them, and are those that the list names."""

import subprocess
import sys

import pytest
from pygments.lexers import get_lexer_by_name

from tui.typeset.lexer import USUAL, find_lexer

LEX = """
import sys
from tui.cli import LATE
from tui.cli.late_module import import_late
import_late(*LATE)
from tui.typeset.lexer import find_lexer
assert type(find_lexer("python")).__name__ == "PythonLexer"
assert "pygments.lexers._mapping" not in sys.modules
assert type(find_lexer("nim")).__name__ == "NimrodLexer"
assert "pygments.lexers._mapping" in sys.modules
"""


@pytest.mark.parametrize("language", USUAL)
def test_a_usual_language_has_the_lexer_that_pygments_finds(language):
    assert type(find_lexer(language)) is type(get_lexer_by_name(language))
    assert find_lexer(language).options == {"ensurenl": False, "stripnl": False}


def test_the_list_of_all_lexers_is_read_for_other_languages_only():
    subprocess.run([sys.executable, "-c", LEX], check=True, timeout=60)
