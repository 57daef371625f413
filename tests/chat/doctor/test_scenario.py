"""What the doctor says of every scenario of the fault server: a table of scenario and words."""

from __future__ import annotations

import pytest

from tests.chat.doctor.conftest import KEY
from tests.server import SCENARIOS
from tests.server.scenario import parse_scenario
from tui.page.card_lines import card_lines
from tui.wire.printable import printable_line

HUNG_UP = ("hung up without an answer",)
TIME = ("had not ended after",)
FINE: tuple[str, ...] = ("speaks chat",)
"""Nothing is wrong: there is a card."""

CHAT = {
    "reset@700": ("The connection to 127.0.0.1", "broke"),
    "cut@700": ("ended early",),
    "short@700": ("The reply ended before it was finished",),
    "stall@700;": ("Nothing more came from 127.0.0.1",),
    "stall-head;": ("No answer from 127.0.0.1",),
    "stall-body;": ("No answer from 127.0.0.1",),
    "drip@50;": ("kept the connection alive and said nothing",),
    "pings@20;": ("kept the connection alive and said nothing", "comment lines"),
    "pings-first@5": ("5 comment lines keep the connection alive",),
    "hold": ("followed by silence: its connection cannot be used again",),
    "hold-finish": ("[DONE] did not come",),
    "half-chunk": ("ended early",),
    "bad-chunk": ("has stopped being HTTP",),
    "length-long": ("ended short of the length that was promised",),
    "length-short": ("ended before it was finished",),
    "garbage": ("is not HTTP", "base URL"),
    "close": HUNG_UP,
    "reset-head": ("broke before an answer came",),
    "drop-reused": ("was dropped at the next request",),
    "gzip": ("compressed (gzip)",),
    "gzip-corrupt": ("compressed answer is damaged",),
    "gzip-bomb": ("grows more than 100 times",),
    "huge-line": ("a line of more than 4 MB",),
    "endless-line": ("a line of more than 4 MB",),
    "endless-frame;": ("said nothing", "or", "a frame of more than 8 MB"),
    "endless;size=2000;": (*TIME, "or", "a reply of more than 8 MB"),
    "endless-empty;": ("said nothing",),
    "endless-comments;": ("said nothing", "or", "64 MB"),
    "endless-nothing;": ("said nothing", "or", "64 MB", "or", *TIME),
    "gzip-comments": ("grows more than 100 times",),
    "huge-reply;": (*TIME, "or", "a reply of more than 8 MB"),
    "endless-tool;": ("grew beyond 1 MB", "or", *TIME),
    "many-tools": ("more than 64 tool calls",),
    "deep-json": ("nested too deeply",),
    "huge-int": ("an integer of more than 20 digits",),
    "nan": ("NaN where JSON has no such number",),
    "not-json": ("something that is not JSON",),
    "nulls": ("Frames make no sense", "null"),
    "wrong-types": ("Frames make no sense",),
    "blank-events": ("Frames without data, or blank lines",),
    "dup-keys": ("the same key twice",),
    "bad-utf8": ("no UTF-8",),
    "lone-surrogate": ("Half a surrogate pair",),
    "nul": ("NUL characters",),
    "split@1": ("streams truly",),
    "bom": ("byte order mark",),
    "cr": ("Lines end in CR:",),
    "crlf": ("Lines end in CR LF:",),
    "line-separators": ("U+2028",),
    "latin-1": ("charset iso-8859-1",),
    "no-space": ("No space follows “data:”",),
    "event-fields": ("Fields that no event stream has: foo", "an id or a retry"),
    "comments": ("comment lines",),
    "no-done": ("[DONE] did not come",),
    "done-no-newline": ("The last line has no end",),
    "no-finish": ("ended before it was finished",),
    "after-finish": ("More of the reply came after its finish reason",),
    "after-done": ("Frames came after [DONE]",),
    "twice-done": ("[DONE] came more than once",),
    "bad-finish": ("“[/] tired”, which nobody knows",),
    "length": ("cut at the token limit, after 12 of",),
    "filtered": ("The reply ended so: filtered",),
    "empty": ("no text came",),
    "empty-body": ("The endpoint sent no reply",),
    "usage": ("usage sent: in 9, out 12",),
    "no-usage": ("usage none: no usage came",),
    "reasoning": ("thoughts reasoning_content",),
    "other-choice": ("2 choices came, and one was asked for",),
    "id-changes": ("ids, and should have one",),
    "tool-same-id": ("repeat its id and name",),
    "tool-index-gap": ("the index 1,000,000,000",),
    "tool-index-negative": ("the index -1",),
    "tool-no-index": ("have no index",),
    "tool-orphan": ("tools broken: a call came that cannot be run: no name", "never opened"),
    "tool-bad-json": ("tools broken", "arguments of get_weather are not JSON"),
    "tool-unknown": ("not offered: rm_rf_slash",),
    "tool-loop": ("A tool was called where none was offered",),
    "tool-cut": ("ended before it was finished",),
    "error-object": ("had an error while processing",),
    "error-event": ("had an error while processing",),
    "error-string": ("the model fell over",),
    "error-first": ("had an error while processing",),
    "json": ("streams no: the wish to stream was ignored",),
    "json-error": ("Timed out waiting for first token",),
    "html-200": ("HTML page (“Hotel Login”)", "login page"),
    # statuses, headers, redirects
    "http@401": ("The key was refused by 127.0.0.1", "TEST_API_KEY"),
    "http@404": ("does not know this address or model",),
    "http@413": ("too large",),
    "http@429": ("Too many requests",),
    "http@500": ("The endpoint failed (500): Internal error",),
    "http@529": ("Overloaded",),
    "http-xai": ("The key was refused",),
    "secret-echo": ("Incorrect API key provided",),
    "retry-after@0.05;times=3": ("at the second try only; at the first: Too many requests",),
    "retry-after-ms@30;times=3": ("at the second try only",),
    "retry-after-date@1;times=3": ("at the second try only", "or", "Too many requests"),
    "rate-limit": ("60 requests a minute",),
    "credits": ("No credit is left",),
    "should-retry@false;status=503": ("The list of models from",),
    "flaky@3": ("at the second try only", "currently unavailable"),
    "flaky-reset@2": ("at the second try only", "broke before an answer came"),
    "flaky-body@2": ("at the second try only",),
    "no-stream-options": FINE,
    "http-html": ("502 Bad Gateway",),
    "http-empty": ("failed (500)",),
    "http-stall": ("refused (400)",),
    "http-endless;": ("refused (400)",),
    "http-sse": ("said in a frame",),
    "http-reset": ("refused (400)",),
    "redirect-loop": ("redirects", "307"),
    "redirect-host": ("redirects to elsewhere.invalid (308); a key is not sent to another place",),
    "huge-header": ("The headers from 127.0.0.1", "too long"),
    "proxy-407": ("proxy wants to know who asks (407)",),
    # what a terminal should not be told
    "escapes": ("characters that a terminal would obey or hide",),
    "bidi": ("characters that a terminal would obey or hide",),
    "zero-width": ("characters that a terminal would obey or hide",),
    "tags": ("characters that a terminal would obey or hide",),
    "selectors": FINE,
    "markup": FINE,
    "nesting": FINE,
    "zalgo": FINE,
    "links": FINE,
    "table": FINE,
    "fence": FINE,
    "tool-escapes": ("characters that a terminal would obey or hide",),
    "reasoning-escapes": ("characters that a terminal would obey or hide",),
    "http-escapes": ("refused (400)", "PWNED"),
    "error-escapes": ("PWNED",),
    "header-escapes": ("The head holds escape sequences",),
    # lists of models
    "models-404": ("models none: 127.0.0.1", "has no list of models"),
    "models-html": ("a web page instead of a list of models",),
    "models-huge": ("is longer than 4 MB",),
    "models-junk": ("lists no models", "or", "cannot be read"),
    "models-stall;": ("No list of models came",),
    "models-many": ("models listed: 10000",),
    "models-xai": ("models listed: 3", "grok"),
    "models-escapes": ("models",),
}
RESPONSES = {
    "missing-completed": ("ended before it was finished",),
    "sequence-gap": ("Sequence numbers do not follow one another",),
    "failed": ("had an error while processing", "failed at the endpoint"),
    "incomplete": ("cut at the token limit, after 12 of",),
    "done-differs": ("finished text differs from what was streamed",),
    "late-usage": ("usage sent",),
}
ROWS = [("chat", *row) for row in CHAT.items()] + [("responses", *row) for row in RESPONSES.items()]


def test_every_scenario_has_its_words():
    listed = {name for name, scenario in SCENARIOS.items() if scenario.group in "SHD"}
    assert listed == {parse_scenario(scenario.rstrip(";"))[0] for scenario in (*CHAT, *RESPONSES)}


@pytest.mark.parametrize(("dialect", "scenario", "words"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
async def test_what_is_said_of_a_scenario(server, doctor, dialect, scenario, words):
    """Where a scenario ends in `;` it is one that waits for the client, and little time is given."""
    question = 3.0 if scenario.endswith(";") else 6.0  # what a busy machine may keep an answer for
    examined = doctor(server.url(scenario.rstrip(";")), dialects=(dialect,), question=question, whole=4 * question)
    card = await examined.examine()
    lines = list(card_lines(card))
    said = " ".join(" ".join(lines).split())
    assert [line for line in lines if line != printable_line(line)] == []
    assert KEY not in said
    assert KEY[4:] not in said
    groups = "\0".join(words).split("\0or\0")
    assert any(all(each in said for each in group.split("\0")) for group in groups), said
