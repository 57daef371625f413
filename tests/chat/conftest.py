import pytest

from tests.server import FaultServer
from tests.ui.fake import FakeProgram
from tui.chat.conversation import Conversation
from tui.chat.program import Program
from tui.domain.endpoint import Deadlines, Endpoint
from tui.store.database import Database
from tui.store.path import data_dir, database_path, make_dir
from tui.store.settings import Choices, Settings


@pytest.fixture(scope="module")
def server():
    with FaultServer() as running:
        yield running


@pytest.fixture
async def program():
    made = Program(Settings(), Choices(), Database.memory(), {})
    made.retries = 0
    yield made
    await made.close()


@pytest.fixture
def ask(program):
    """Begins a conversation with an endpoint at a URL."""

    def begin(url: str, dialect="chat", *, model="scripted-1", deadlines=Deadlines(), **more) -> Conversation:
        program.use_endpoint(Endpoint("test", url, dialect, needs_key=False, deadlines=deadlines, **more), model)
        return Conversation(program, "test", model)

    return begin


@pytest.fixture
def filed():
    """A program whose database stands where other processes find it."""
    made = FakeProgram()
    make_dir(data_dir())
    made.database = Database.open(database_path())
    yield made
    made.database.close()
