"""The scripted fault server: real loopback sockets, byte-exact answers, every fault by its name.

    with FaultServer() as server:
        endpoint = Endpoint("test", server.url("reset@400"), needs_key=False)
        ...
        server.wait_for(lambda: server.log and server.log[0].hung_up_at)

`python -m tests.server --list` names the scenarios, `python -m tests.server` serves them.
"""

from tests.server import ending_fault, frame_fault, good, hostile, http_fault, model, socket_fault, tool_fault
from tests.server.connection import Exchange
from tests.server.good import TEXT, THOUGHT
from tests.server.scenario import SCENARIOS, Ask, Scenario
from tests.server.server import FaultServer
from tests.server.step import Answer, At, End, Pause, Step, json_answer, text_answer

__all__ = [
    "SCENARIOS",
    "TEXT",
    "THOUGHT",
    "Answer",
    "Ask",
    "At",
    "End",
    "Exchange",
    "FaultServer",
    "Pause",
    "Scenario",
    "Step",
    "ending_fault",
    "frame_fault",
    "good",
    "hostile",
    "http_fault",
    "json_answer",
    "model",
    "socket_fault",
    "text_answer",
    "tool_fault",
]
