"""What the tests of tools share."""

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Call:
    """A tool call, as a turn holds it."""

    name: str
    arguments: str = ""
    id: str = "call_1"


@pytest.fixture
def call():
    return Call
