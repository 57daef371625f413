import pytest

from tests.server import FaultServer
from tui.chat.conversation import Conversation
from tui.chat.program import Program
from tui.domain.endpoint import Endpoint
from tui.net.retry import Pauses
from tui.store.database import Database
from tui.store.settings import Choices, Settings

KEY = "xai-F4k3K3yF4k3K3yF4k3K3yF4k3K3yF4k3"
SWIFT = Pauses(retry=0.002, retry_cap=0.01, error_body=0.2, after_finish=0.1)


@pytest.fixture(scope="module")
def server():
    with FaultServer() as running:
        yield running


@pytest.fixture
async def program(tmp_path):
    """A program that saves, with a key, and with short waits of its own."""
    made = Program(Settings(), Choices(), Database.open(tmp_path / "sessions.db"), {"TEST_API_KEY": KEY})
    made.pauses = SWIFT
    yield made
    await made.close()


@pytest.fixture
async def quick_program():
    """The same, without a disk, for tests that ask hundreds of times."""
    made = Program(Settings(), Choices(), Database.memory(), {"TEST_API_KEY": KEY})
    made.pauses = SWIFT
    yield made
    await made.close()


@pytest.fixture
def ask(program):
    """Begins a conversation with an endpoint at a URL."""

    def begin(url, dialect="chat", **more) -> Conversation:
        program.use_endpoint(Endpoint("test", url, dialect, key_env=("TEST_API_KEY",), **more), "scripted-1")
        return Conversation(program, "test", "scripted-1")

    return begin
