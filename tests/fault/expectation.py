"""What each scenario of the fault server must come to, written from the list of faults and not from the code."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs

from tests.server import TEXT, THOUGHT, hostile
from tui.domain.endpoint import Deadlines

LONG = Deadlines(connect=30, first_byte=60, first_byte_reasoning=60, quiet=60, quiet_notice=1, alive=60)
SHORT = Deadlines(connect=30, first_byte=0.3, first_byte_reasoning=0.3, quiet=0.3, quiet_notice=0.1, alive=0.5)
MIDDLE = structs.replace(SHORT, first_byte=3.0, first_byte_reasoning=3.0)
"""Where something comes before the silence, however late it is seen."""
LIVELY = structs.replace(MIDDLE, quiet=1.0, alive=1.0)
"""Where what comes is late only if the machine is."""
PREFIX = object()
"""The beginning of the reply, and not all of it."""
PARIS = ("get_weather", '{"city": "Paris"}')


@dataclass(frozen=True)
class Expectation:
    """How one scenario ends.

    `says` are words of the message and hint; `calls` the names and arguments kept; `oddities` how many frames
    were passed over, as a lower bound; `retries` how often the request is seen to be sent again.
    """

    scenario: str
    state: str = "complete"
    kind: str = ""
    says: tuple[str, ...] = ()
    text: Any = TEXT
    calls: tuple[tuple[str, str], ...] = ()
    finish: str = "complete"
    next: str = "done"
    exit: int = 0
    oddities: int = 0
    retries: int = 0
    thought: str = ""
    deadlines: Deadlines = LONG
    differs: dict[str, Any] = field(default_factory=dict)
    """What differs in the Responses dialect."""
    messages: dict[str, Any] = field(default_factory=dict)
    """What differs in the Messages dialect."""

    def of(self, dialect: str) -> Expectation:
        """The expectation in one dialect."""
        return replace(self, **{"chat": {}, "responses": self.differs, "messages": self.messages}[dialect])


def whole(name: str, **more: Any) -> Expectation:
    """A reply that is complete in spite of everything."""
    return Expectation(name, **more)


def called(name: str, *calls: tuple[str, str], **more: Any) -> Expectation:
    """A complete reply that asks for tools."""
    more.setdefault("differs", {})
    more["differs"] = {"finish": "complete", **more["differs"]}
    return Expectation(name, text="", calls=calls, **{"next": "tools", "finish": "asked for tools", **more})


def cut(name: str, *says: str, **more: Any) -> Expectation:
    """A reply that ended without a finish signal."""
    return Expectation(
        name,
        **{
            "state": "truncated",
            "kind": "truncated",
            "says": says,
            "text": PREFIX,
            "finish": "ended without a finish signal",
            "next": "error",
            "exit": 5,
            **more,
        },
    )


def broke(name: str, *says: str, **more: Any) -> Expectation:
    """A connection that broke."""
    return cut(name, *says, **{"state": "failed", "kind": "transport", "exit": 4, **more})


def limit(name: str, *says: str, **more: Any) -> Expectation:
    """One of our limits."""
    return cut(name, *says, **{"state": "limit", "kind": "limit", **more})


def failed(name: str, kind: str, *says: str, **more: Any) -> Expectation:
    """An endpoint that failed."""
    return cut(name, *says, **{"state": "failed", "kind": kind, "exit": 1, **more})


def refused(name: str, kind: str, *says: str, **more: Any) -> Expectation:
    """An endpoint that said no."""
    return failed(name, kind, *says, **{"text": "", **more})


LENGTH = {"finish": "cut at the token limit", "exit": 5}

STREAMS = [
    # S1 to S14: how the connection behaves
    broke("reset@700", "broke", "again"),
    broke("cut@700", "ended early", "again"),
    cut("short@700", "ended before it was finished", "the rest"),
    cut("stall@700", "nothing more came", deadlines=MIDDLE),
    broke("stall-head", "no answer", "longer", text="", deadlines=SHORT),
    broke("stall-body", "no answer", "longer", text="", deadlines=SHORT),
    whole("drip@0.05"),
    cut("pings@20", "kept the connection alive and said nothing", deadlines=LIVELY),
    whole("pings-first@20"),
    whole("hold"),
    whole("hold-finish"),
    broke("half-chunk", "ended early"),
    failed("bad-chunk", "protocol", "stopped being HTTP"),
    whole("length-long"),
    cut("length-short", "before it was finished", differs={"text": TEXT}),  # the text had come, the signal had not
    refused("garbage", "protocol", "not HTTP", "base URL"),
    broke("close", "hung up", text="", retries=2),
    broke("reset-head", "broke before an answer", text="", retries=2),
    whole("drop-reused"),
    # S15 to S23: compressed, and too much of it
    whole("gzip"),
    failed("gzip-corrupt", "protocol", "compressed", "damaged"),
    limit("gzip-bomb", "compressed", "grows more than", text=""),
    limit("huge-line", "line", "4 MB", text=""),
    limit("endless-line", "line", "4 MB", text=""),
    limit("endless-frame", "frame", "8 MB", text=""),
    limit("endless;size=2000", "reply", "8 MB", text=None),
    cut("endless-empty", "said nothing", text="Once ", deadlines=LIVELY),
    limit("endless-comments", "64 MB", text="Once "),
    cut("endless-nothing", "said nothing", text="Once ", deadlines=LIVELY),
    limit("gzip-comments", "compressed", "grows more than", text=""),
    limit("huge-reply", "reply", "8 MB", text=None),
    limit("endless-tool", "arguments", "get_weather", "1 MB", "not run", text="", calls=None),
    limit("many-tools", "64", "tool calls", text="", calls=(("get_weather", '{"city":"Paris"}'),) * 64),
    # S24 to S34: frames and text that are wrong
    whole("deep-json", oddities=1),
    whole("huge-int", oddities=1),
    whole("nan", oddities=1),
    failed("not-json", "protocol", "not JSON"),
    whole("nulls", oddities=2),
    whole("wrong-types", oddities=5),
    whole("blank-events"),
    whole("dup-keys"),
    whole("bad-utf8", text=TEXT.replace("quick", "qu\ufffd\ufffd\ufffd(ck")),
    whole("lone-surrogate", text=TEXT.replace("quick", "qu\ufffdck")),
    whole("nul", text=TEXT.replace("quick", "qu\0ck")),
    # S35 to S40: other ways of writing the same thing
    whole("split@1"),
    whole("bom"),
    whole("cr"),
    whole("crlf"),
    whole("line-separators", text="The\u2028quick\u2029brown\u0085fox."),
    whole("latin-1", text="Füchse über Hunde …"),
    whole("no-space"),
    whole("event-fields"),
    whole("comments"),
    # S41 to S49: endings
    whole("no-done"),
    whole("done-no-newline"),
    cut("no-finish", "before it was finished", text=TEXT),
    whole(
        "after-finish",
        text=f"{TEXT} fox jumps",
        oddities=1,
        differs={"text": TEXT},
        messages={"text": f"{TEXT}The quick", "oddities": 0},
    ),
    whole("after-done", oddities=1),
    whole("twice-done", oddities=1),
    whole(
        "bad-finish",
        finish="stopped with the reason “[/] tired”",
        differs={"finish": "incomplete, for the reason “[/] tired”", "exit": 5},
    ),
    whole("length", **LENGTH),
    whole("filtered", finish="filtered", exit=5, messages={"finish": "refused by the model"}),
    whole("empty", text=""),
    cut("empty-body", "no reply", kind="empty", text=""),
    whole("usage"),
    whole("no-usage"),
    whole("reasoning", thought=THOUGHT),
    whole("other-choice", oddities=1, differs={"oddities": 0}),
    whole("id-changes"),
    # S50 to S57, S61: tool calls
    called("tool-same-id", PARIS),
    called(
        "tool-index-gap",
        PARIS,
        ("get_weather", '{"city": "Rome"}'),
        differs={"calls": (PARIS,)},
        messages={"calls": (PARIS,)},
    ),
    called("tool-index-negative", PARIS),
    called("tool-no-index", PARIS),
    called(
        "tool-orphan",
        ("", PARIS[1]),
        next="error",
        differs={"calls": (PARIS,), "next": "tools"},
        messages={"calls": (PARIS,), "next": "tools"},
    ),
    called("tool-bad-json", ("get_weather", '{"city": "Paris", oops}'), next="error"),
    called("tool-unknown", ("rm_rf_slash", '{"path": "/"}')),
    called("tool-loop", PARIS),
    cut(
        "tool-cut",
        "before it was finished",
        text="",
        calls=(("get_weather", '{"city": "Paris'),),
        messages={"calls": (("get_weather", '{"city": "'),)},
    ),
    # S58 to S60, S62: errors inside, and the Responses dialect's own
    failed("error-object", "stream", "had an error while processing"),
    failed("error-event", "stream", "had an error while processing"),
    failed("error-string", "stream", "the model fell over"),
    failed("error-first", "stream", "had an error while processing", text="", retries=2),
    whole("json"),
    failed("json-error", "stream", "waiting for first token", text="", retries=2),
    failed("html-200", "protocol", "HTML page", "Hotel Login", "login page", text=""),
    cut("missing-completed", "before it was finished", text=TEXT),
    whole("sequence-gap", differs={"oddities": 1}),
    failed("failed", "stream", "had an error while processing", differs={"finish": "failed at the endpoint"}),
    whole("incomplete", **LENGTH),
    whole("done-differs", differs={"text": "The final text wins.", "oddities": 1}),
    whole("late-usage"),
]

REFUSALS = [
    refused("http@401", "auth", "key was refused by 127.0.0.1:", "it came from TEST_API_KEY (401): Incorrect", exit=3),
    refused("http@402", "permission", "402", exit=3),
    refused(
        "http@403", "permission", "does not permit this to the key from TEST_API_KEY", "Your team is blocked", exit=3
    ),
    refused("http@404", "not_found", "does not know", "model"),
    refused("http@408", "server", "Request timeout", retries=2),
    refused("http@409", "bad_request", "Conflict", retries=2),
    refused("http@413", "bad_request", "too large", "prompt"),
    refused("http@422", "bad_request", "deserialize"),
    *(refused(f"http@{status}", "server", str(status), "again", retries=2) for status in (500, 502, 503, 504, 529)),
    refused("http-xai", "auth", "refused by 127.0.0.1:", "TEST_API_KEY (400): Incorrect API key provided", exit=3),
    refused("secret-echo", "auth", "Incorrect API key provided", exit=3),
    whole("retry-after@0.1", retries=1),
    whole("retry-after-ms@30", retries=1),
    whole("retry-after-date@1", retries=1),
    *(whole(f"retry-after@{junk}", retries=1) for junk in ("-3", "nan", "inf", "1e35", "soon", "0")),
    refused("retry-after@3600", "rate_limit", "1 h", "try again at"),
    refused("rate-limit", "rate_limit", "60 requests a minute. The", "limit 60 requests; 0 requests left.", retries=2),
    refused("credits", "rate_limit", "credit", "waiting does not help"),
    whole("should-retry", retries=1),
    refused("should-retry@false;status=503", "server", "503"),
    whole("flaky@2", retries=2),
    refused("flaky@3", "server", "503", retries=2),
    whole("flaky-reset@2", retries=2),
    whole("flaky-body", retries=1),
    whole("no-stream-options"),
    refused("http-html", "server", "502 Bad Gateway", retries=2),
    refused("http-empty", "server", "500", "again", retries=2),
    refused("http-stall", "bad_request", "The request was refused (400). Change"),
    refused("http-endless", "bad_request", "400"),
    refused("http-sse", "server", "said in a frame", retries=2),
    refused("http-reset", "bad_request", "The request was refused (400). Change"),
    refused("redirect-loop", "protocol", "redirects", "307"),
    refused("redirect-host", "protocol", "elsewhere.invalid", "308", "base URL"),
    limit("huge-header", "headers", "too long", text=""),
    refused("proxy-407", "auth", "proxy", "407", exit=3),
]

HOSTILE = [
    *(whole(name, text=text) for name, text in hostile.TEXTS.items()),
    called("tool-escapes", ("rm\x1b]0;x\x07[/]", '{"a": "\\u001b[2J[/]"}'), PARIS),
    whole("reasoning-escapes", text="done", thought=hostile.ESCAPES),
    refused("http-escapes", "bad_request", "PWNED", "[/INST]"),
    failed("error-escapes", "stream", "PWNED", "[/INST]"),
    whole("header-escapes"),
]
