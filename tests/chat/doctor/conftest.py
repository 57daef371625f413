"""The doctor against the fault server, with short waits and nothing on a disk."""

import pytest

from tests.server import FaultServer
from tui.chat.doctor.doctor import Doctor, Pace
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
async def program():
    made = Program(Settings(), Choices(), Database.memory(), {"TEST_API_KEY": KEY})
    yield made
    await made.close()


@pytest.fixture
def doctor(program):
    """A doctor for an endpoint at a URL."""

    def call(url, *, whole=30.0, question=6.0, dialects=("chat", "responses", "messages"), model="scripted-1", **more):
        more.setdefault("key_env", ("TEST_API_KEY",))
        program.use_endpoint(Endpoint("test", url, dialects[0], **more), model)
        return Doctor(program, "test", model, dialects=dialects, pace=Pace(whole, question, SWIFT))

    return call
