import asyncio

import pytest

from tests.virtual import in_virtual_time
from tui.chat.outbox import EARLY, FRAME, WATERMARK, Outbox
from tui.domain.delta import Delta, FinishDelta, ReasoningDelta, TextDelta, ToolCallDelta, UsageDelta
from tui.domain.joining import join_deltas
from tui.domain.usage import Usage


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


@in_virtual_time
async def test_the_first_delta_leaves_at_once_and_the_rest_with_the_next_frame():
    batches: list[tuple[float, list[Delta]]] = []
    loop = asyncio.get_running_loop()
    outbox = Outbox(lambda deltas: batches.append((loop.time(), deltas)), clock=loop.time)
    outbox.put(TextDelta("a"))
    assert [deltas for _, deltas in batches] == [[TextDelta("a")]], "before anything else is done"
    for letter in "bcd":
        outbox.put(TextDelta(letter))
        await asyncio.sleep(0)
    assert len(batches) == 1
    await until(lambda: len(batches) == 2)
    assert batches[1][1] == [TextDelta("bcd")]
    assert batches[1][0] - batches[0][0] >= FRAME * (0.95 - EARLY)


async def test_the_next_batch_waits_as_long_as_the_last_one_cost(monkeypatch):
    now = 100.0
    times: list[float] = []

    def post(_: list[Delta]) -> None:
        nonlocal now
        times.append(now)
        now += 0.05

    outbox = Outbox(post, clock=lambda: now)
    outbox.put(TextDelta("a"))
    await until(lambda: len(times) == 1)
    loop, waits = asyncio.get_running_loop(), []
    monkeypatch.setattr(loop, "call_later", lambda wait, call: waits.append(wait) or loop.call_soon(call))
    outbox.put(TextDelta("b"))
    assert waits == [pytest.approx(0.05)], "a batch that took 50 ms is followed by 50 ms without one"
    monkeypatch.undo()
    await until(lambda: len(times) == 2)


async def test_close_hands_on_what_is_pending_before_it_returns_and_then_nothing():
    batches: list[list[Delta]] = []
    outbox = Outbox(batches.append, frame=0)  # another batch would come with the next turn of the loop
    outbox.put(UsageDelta(Usage()))
    outbox.put(FinishDelta("stop"))
    outbox.close()
    assert batches == [[UsageDelta(Usage()), FinishDelta("stop")]]
    outbox.put(TextDelta("b"))
    outbox.close()
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(batches) == 1


async def test_a_reader_waits_while_too_much_is_pending():
    batches: list[list[Delta]] = []
    outbox = Outbox(batches.append)
    outbox.put(TextDelta("x" * (WATERMARK + 1)))
    await outbox.room()
    assert batches, "room came only with the flush"


async def test_a_reader_waits_for_what_the_page_has_not_painted_yet():
    backlog, looks = WATERMARK * 2, 0

    def unpainted() -> int:
        nonlocal looks
        looks += 1
        return backlog

    outbox = Outbox(lambda _: None, backlog=unpainted)
    waiting = asyncio.ensure_future(outbox.room())
    await until(lambda: looks > 3)
    assert not waiting.done()
    backlog = 0
    await asyncio.wait_for(waiting, 60)


async def test_others_run_however_fast_deltas_come():
    outbox = Outbox(lambda _: None)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(tick())
    loop = asyncio.get_running_loop()
    began = loop.time()
    while ticks < 4 and loop.time() - began < 10:
        outbox.put(TextDelta("word "))
        await outbox.room()
    task.cancel()
    assert ticks >= 4


@in_virtual_time
async def test_what_came_while_a_slow_stream_waited_leaves_together_with_the_frame():
    batches: list[list[Delta]] = []
    outbox = Outbox(batches.append, clock=asyncio.get_running_loop().time)
    outbox.put(TextDelta("a"))
    await outbox.room()
    await asyncio.sleep(0.002)  # more comes than has been shown, and slowly
    outbox.put(TextDelta("b"))
    await outbox.room()
    assert batches == [[TextDelta("a")]], "it is read on before the frame leaves"
    outbox.put(TextDelta("c"))
    assert batches == [[TextDelta("a")], [TextDelta("bc")]]


@in_virtual_time
async def test_what_waited_leaves_where_nothing_more_has_come():
    batches: list[list[Delta]] = []
    outbox = Outbox(batches.append, clock=asyncio.get_running_loop().time)
    outbox.put(TextDelta("a"))
    await outbox.room()
    await asyncio.sleep(0.002)
    outbox.put(TextDelta("b"))
    await outbox.room()
    await until(lambda: len(batches) == 2)
    assert batches == [[TextDelta("a")], [TextDelta("b")]]


@in_virtual_time
async def test_a_text_goes_straight_on_when_it_would_leave_at_once_and_waits_for_the_frame_where_it_would_not():
    batches: list[tuple[float, list[Delta]]] = []
    loop, backlog = asyncio.get_running_loop(), [0]
    outbox = Outbox(lambda deltas: batches.append((loop.time(), deltas)), clock=loop.time, backlog=lambda: backlog[0])
    straight = outbox.straight
    assert straight.wait() == 0.0
    straight.take(TextDelta("a"))
    assert [deltas for _, deltas in batches] == [[TextDelta("a")]]
    wait = straight.wait()
    assert FRAME * (0.9 - EARLY) < wait <= FRAME
    await asyncio.sleep(wait)
    assert straight.wait() == 0.0
    backlog[0] = WATERMARK + 1
    assert straight.wait() is None, "whoever reads has to wait until what came is painted"
    backlog[0] = 0
    outbox.put(UsageDelta(Usage()))
    assert straight.wait() is None, "it would come before what is pending"
    await until(lambda: len(batches) == 2)
    await asyncio.sleep(1)
    assert straight.wait() == 0.0
    outbox.close()
    assert straight.wait() is None


def test_neighbours_that_continue_one_text_are_joined_and_others_are_not():
    assert join_deltas(
        [
            ReasoningDelta("h"),
            ReasoningDelta("m"),
            TextDelta("a"),
            TextDelta("b"),
            TextDelta("c", part=1),
            TextDelta("whole", part=1, replaces=True),
            TextDelta("!", part=1),
            ToolCallDelta(0, "id", "name", "{"),
            ToolCallDelta(0, arguments='"a"'),
            ToolCallDelta(1, arguments="["),
            ToolCallDelta(1, arguments="]"),
            FinishDelta("stop"),
        ]
    ) == [
        ReasoningDelta("hm"),
        TextDelta("ab"),
        TextDelta("c", part=1),
        TextDelta("whole!", part=1, replaces=True),
        ToolCallDelta(0, "id", "name", '{"a"'),
        ToolCallDelta(1, arguments="[]"),
        FinishDelta("stop"),
    ]
