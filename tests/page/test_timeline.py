"""Time, drawn: what an exchange waited for is seen at a glance, in a memory that does not grow."""

import json
import re

import pytest
from msgspec.structs import replace

from tests.page.test_oddity import read_log
from tests.ui.script import chunk, ending, tape
from tui.domain.delta import RetryDelta
from tui.domain.tape import FailedAttempt, Head, Read, SentRequest, TapeEnd
from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn
from tui.domain.usage import Usage
from tui.page.line import width_of
from tui.page.time_lines import KEEP_ALIVE, SILENCE, bar, figure_line, label_line, speed_lines, time_line
from tui.page.time_words import sentence, shares_of, words_of
from tui.page.timeline import MOST_GAPS, MOST_SLOTS, Timeline
from tui.page.wording import retry_words


def drawn(line):
    return "".join(text for text, _ in line)


def exchange(*, first=1.0, silence=0.0, count=40, step=0.02, thinking=0, connected=0.0, head=0.2, alive=0):
    timeline = Timeline()
    timeline.head(min(first, head), {"connected": connected, "sent": connected} if connected else {})
    for number in range(alive):
        timeline.comment(head + number * 0.5)
    at = first
    for number in range(count):
        timeline.read(at, 100)
        timeline.frame(at)
        timeline.wrote(at, "thinking" if number < thinking else "text", 8)
        at += step + (silence if number == count // 2 else 0)
    timeline.end(at, "eof")
    return timeline


@pytest.mark.parametrize(
    ("timeline", "words"),
    [
        (exchange(first=4.0), "83 % waiting for the first token"),
        (exchange(silence=5.0), "74 % in silence"),
        (exchange(count=400), "89 % writing at ~100 tok/s"),
        (exchange(count=400, thinking=390), "87 % thinking"),
        (exchange(first=3.0, connected=2.5), "66 % connecting"),
        (exchange(first=4.0, head=3.9), "83 % waiting for the server to answer"),
        (exchange(first=4.0, alive=6), "83 % waiting for the first token (kept alive)"),
        (exchange(step=0.25, count=200), "98 % writing at only ~8 tok/s"),
    ],
)
def test_why_it_took_so_long_is_said_first(timeline, words):
    text = drawn(words_of(timeline, 100))
    assert text.partition(": ")[2].startswith(words)
    assert sum(share.seconds for share in shares_of(timeline)) == pytest.approx(timeline.span, rel=0.02)


@pytest.mark.parametrize(
    ("timeline", "words"),
    [
        (exchange(first=0.02, count=1, step=0.08, connected=0.01), "80 % waiting for the end, 10 % connecting"),
        (exchange(first=0.01, count=2, step=0.04, head=0.009), "45 % writing, 44 % waiting for the end"),
        (exchange(first=1.0, count=400, step=0.01), "80 % writing"),
    ],
)
def test_what_is_waited_for_behind_a_short_reply_is_not_told_as_something_else(timeline, words):
    text = drawn(words_of(timeline, 100)).partition(": ")[2]
    assert text.startswith(words), text


def test_what_is_refused_again_and_again_is_said_in_as_many_rows_as_there_are():
    made = tape((0.3, chunk({"content": "hi"})), *ending(0.4))
    made.attempts = [refused(502, 0.5, 1.0), refused(502, 0.5, 20.0)]
    rows = [drawn(line) for line in sentence(read_log(made).timeline, 46, rows=2)]
    assert all(len(row) <= 46 for row in rows)
    assert " ".join(rows).startswith("22.4 s: 99 % refused 2 times (502, 502), then waited 21 s")


def test_no_pace_is_told_that_no_model_writes_at():
    assert "tok/s" in drawn(speed_lines(exchange(first=4.0, count=400), 60, 3)[0])
    assert "tok/s" not in drawn(speed_lines(exchange(first=4.0, count=4000, step=0.000001), 60, 3)[0])


def steady(*ats):
    """A reply of which a piece came at each of these."""
    made = tape(*((at, chunk({"content": "word "})) for at in ats), *ending(ats[-1] + 0.001))
    made.request, made.end = SENT, TapeEnd(ats[-1] + 0.01, "eof")
    return read_log(made).timeline


def test_what_is_held_back_on_the_way_is_said():
    whole = steady(*(4.0 + number / 100000 for number in range(30)))
    assert drawn(words_of(whole, 100)).startswith("4.0 s: 100 % held back until it was whole")
    few = steady(*(0.3 + number / 100000 for number in range(6)))
    assert "held back" not in drawn(words_of(few, 100)), "a few words may be as quick"
    bursts = steady(*(0.3 + burst + number / 10000 for burst in range(8) for number in range(20)))
    assert "% held back and sent in bursts" in drawn(words_of(bursts, 100)).partition(",")[0]


def test_while_nothing_has_come_what_is_waited_for_is_said():
    timeline = Timeline()
    assert drawn(words_of(timeline, 80, now=3.0)) == "3 s: 100 % waiting for an answer"
    timeline.head(0.5, {})
    assert "waiting for the first token" in drawn(words_of(timeline, 80, now=3.0))


def test_how_far_a_request_came_is_said_before_its_head():
    timeline, timing = Timeline(), Timing(sent_at=100.0, phases={})

    def words(now):
        timeline.ahead(timing)
        return drawn(words_of(timeline, 80, now=now))

    assert words(3.0) == "connecting for 3 s"
    timing.phases = {"connected": 3.5}
    assert words(4.0) == "connected, sending for 4 s"
    timing.phases = {"connected": 3.5, "secured": 4.5, "sent": 5.0}
    assert words(9.0) == "waiting for the first byte for 4 s, connecting took 4.5 s"
    assert drawn(words_of(timeline, 50, now=9.0)) == "waiting for the first byte for 4 s", "none of it is cut"
    assert "TLS 4.5 s" in drawn(label_line(timeline, 80, now=9.0)[0:1])
    timing.head_at = 109.0
    timeline.head(9.0, timing.phases)
    timeline.read(9.5, 10)
    assert words(10.0).startswith("10 s: 55 % waiting for the first token, 45 % connecting")


SENT = SentRequest("POST", "http://x/v1", {}, {"model": "m"})


def refused(status, after, wait):
    head = Head(status, {"content-type": "application/json"}, after) if status else None
    body = [Read(after, b'{"error": {"message": "slow down"}}')] if status else []
    return FailedAttempt(SENT, head, body, TapeEnd(after, "refused" if status else "reset", "slow down"), wait)


@pytest.mark.parametrize(
    ("attempts", "words"),
    [
        ([refused(429, 0.2, 2.0)], "3.2 s: 69 % refused (429), then waited 2 s, 31 % waiting for the first token"),
        ([refused(429, 0.5, 1.0), refused(503, 0.5, 2.0)], "5 s: 80 % refused 2 times (429, 503), then waited 3 s"),
        ([refused(0, 3.0, 0.5)], "4.5 s: 78 % without an answer, then waited 0.50 s"),
    ],
)
def test_attempts_that_came_to_nothing_are_a_part_of_the_time(attempts, words):
    made = tape((0.98, chunk({"content": "Hi."})), *ending(0.99))
    made.request, made.end, made.attempts = SENT, TapeEnd(1.0, "eof"), attempts
    log = read_log(made)
    assert drawn(words_of(log.timeline, 100)).startswith(words)
    line = drawn(time_line(log.timeline, 80))
    assert line.count("✖") == len(attempts)
    rows = log.rows[: len(attempts) + 2]
    assert [row.kind for row in rows] == [f"attempt {at + 1}" for at in range(len(attempts))] + ["request", "head 200"]
    assert rows[-2].at == pytest.approx(sum(attempt.lasted for attempt in attempts)), "all on one clock"
    assert rows[-1].at == rows[-2].at + made.response.at
    whole = json.loads(log.text(rows[0]))
    assert whole.get("status") == (attempts[0].response.status if attempts[0].response else None)
    assert ("slow down" in json.dumps(whole.get("body"))) == bool(attempts[0].response)
    assert [read.data for read in log.reads_of(rows[0])] == [read.data for read in attempts[0].reads]
    alone = read_log(replace(made, attempts=[]))
    assert log.odd.findings == alone.odd.findings, "the rules judge the reply by its own clock"


def test_a_retry_is_told_before_the_exchange_that_it_led_to():
    timeline = exchange()
    turn = Turn(Prompt("Hi"), timing=Timing(sent_at=3.3, lost_to_retries=3.3))
    timeline.retry = retry_words(turn)
    assert drawn(words_of(timeline, 100)).startswith(
        "retried after 3.3 s, then 1.8 s: 56 % waiting for the first token"
    )
    turn.apply(RetryDelta(2, 2, 4.0, "the server is busy"))
    assert retry_words(turn, 503) == "refused (503): waits 4 s for the retry"
    assert retry_words(turn) == "no answer: waits 4 s for the retry"


def test_the_pace_is_the_endpoint_s_own_as_soon_as_it_has_counted_all_that_was_written():
    timeline = exchange(count=400)
    assert "writing at ~100 tok/s" in drawn(words_of(timeline, 100))
    timeline.counted(timeline.last_at, Usage(output=400, reasoning=40))
    assert "writing at 45 tok/s" in drawn(words_of(timeline, 100)), "360 in 8 s"
    timeline.counted(0.0, Usage(output=1))
    assert "writing at ~100 tok/s" in drawn(words_of(timeline, 100)), "counted before it was written"
    thinking = exchange(count=400, thinking=200)
    thinking.counted(thinking.last_at, Usage(output=400))
    assert "writing at ~" in drawn(words_of(thinking, 100)), "how many of them were thoughts nobody says"


def test_the_pace_gives_way_to_what_else_took_long():
    timeline = exchange(silence=4.0, count=250)
    assert drawn(words_of(timeline, 47)).endswith("s: 50 % writing, 40 % in silence, …")


@pytest.mark.parametrize("count", range(5, 60))
def test_the_largest_part_of_the_time_is_told_first(count):
    text = drawn(words_of(exchange(first=0.5, count=count, connected=0.2), 200))
    counts = [int(each) for each in re.findall(r"(\d+) %(?! other)", text)]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("width", range(20, 120, 3))
@pytest.mark.parametrize(
    "timeline",
    [exchange(silence=5.0), exchange(count=400, thinking=390), exchange(first=3.0, connected=2.5), exchange(count=7)],
)
def test_the_parts_of_the_time_are_all_of_it_or_it_is_said_that_there_are_more(timeline, width):
    text = drawn(words_of(timeline, width))
    counts = [int(count) for count in re.findall(r"(\d+) %", text)]
    is_all = sum(counts) == 100
    assert is_all or text.endswith(", …") or (len(counts) == 1 and len(f"{text}, {100 - sum(counts)} % other") > width)
    assert is_all or width < 60


@pytest.mark.parametrize("width", [20, 47, 98, 300])
def test_the_line_of_time_fills_its_width_and_shows_a_silence_with_its_length(width):
    timeline = exchange(silence=5.0)
    line = time_line(timeline, width)
    assert width_of(line) == width
    assert SILENCE in drawn(line)
    assert "5.0 s" in drawn(line)
    assert width_of(label_line(timeline, width)) <= width


def test_keep_alives_are_dots_and_do_not_end_a_silence():
    timeline = exchange()
    quiet = exchange(count=2, step=4.0)
    for number in range(3):
        quiet.comment(2.0 + number)
    assert drawn(time_line(quiet, 80)).count(KEEP_ALIVE) == 3
    assert [round(gap.length) for gap in quiet.unusual_gaps()] == [4]
    assert KEEP_ALIVE not in drawn(time_line(timeline, 80))


def test_what_is_over_ends_where_it_ended_on_a_scale_that_goes_on():
    timeline = exchange(count=20, step=0.05)
    timeline.end(timeline.last_at + 0.05, "eof")
    line = drawn(time_line(timeline, 80, now=10 * timeline.span))
    assert len(line) == 80
    assert line.index("■") <= 9
    assert not line[line.index("■") + 1 :].strip()


def test_percentiles_are_right_to_a_few_in_a_hundred():
    timeline = Timeline()
    at = 0.0
    for number in range(1, 1001):
        at += number / 1000
        timeline.read(at, 1)
    for share in (0.5, 0.95, 0.99):
        assert timeline.percentile(share) == pytest.approx(share, rel=0.06)
    assert "p95 0.9" in drawn(figure_line(timeline, 200))


def test_a_long_exchange_takes_no_more_memory_than_a_short_one():
    timeline = Timeline()
    for number in range(200_000):
        at = number * 0.02 + (number // 1000)
        timeline.read(at, 10)
        timeline.frame(at)
        timeline.wrote(at, "text", 4)
    assert len(timeline._slots) <= MOST_SLOTS
    assert len(timeline.gaps) <= MOST_GAPS
    assert len(timeline._lengths.counts) < 200
    assert sum(sum(slot.characters) for slot in timeline.columns(100, 0, timeline.span)) == 800_000


def test_the_longest_gap_is_told_though_there_is_little_room():
    assert "longest 3.0 s" in drawn(figure_line(exchange(silence=3.0), 46))
    assert "a character" in drawn(figure_line(exchange(silence=3.0), 80))


@pytest.mark.parametrize("width", [10, 46, 180])
def test_the_speed_is_drawn_in_its_width(width):
    lines = speed_lines(exchange(silence=3.0), width, 3)
    assert len(lines) == 3
    assert all(width_of(line) <= width for line in lines)
    assert ("tok/s" in drawn(lines[0])) == (width > 10)


def test_a_gap_is_a_bar_and_the_longest_fills_its_place():
    assert bar(5.0, 5.0, 8) == "█" * 8
    assert bar(0.0001, 5.0, 8) == "▏"
    assert bar(0.0, 5.0, 8) == ""
    assert bar(2.5, 5.0, 8) == "█" * 4


@pytest.mark.parametrize("width", range(38, 110, 3))
def test_in_two_rows_every_large_share_of_the_time_is_named(width):
    timeline = exchange(first=6.0, head=1.5, count=200, step=0.05, thinking=60, silence=4.0, alive=3)
    rows = [drawn(row) for row in sentence(timeline, width, rows=2)]
    assert len(rows) <= 2
    assert all(len(row) <= width for row in rows)
    assert not any(re.search(r"\d$", row) for row in rows[:-1]), "no number without its unit"
    text = " ".join(rows)
    if width >= 44:
        for words in ("writing", "the first token", "thinking", "in silence"):
            assert words in text, text
        assert sum(int(count) for count in re.findall(r"(\d+) %", text)) == 100


def test_one_row_stays_one_where_it_says_all():
    timeline = exchange(count=400)
    assert sentence(timeline, 80, rows=2) == [words_of(timeline, 80)]
