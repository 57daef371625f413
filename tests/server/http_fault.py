"""Group H: statuses, headers, redirects, and servers that work the second time."""

from __future__ import annotations

import email.utils
import time

from tests.server.good import say
from tests.server.scenario import Ask, scenario, stream
from tests.server.step import Answer, End, Step, json_answer, text_answer

MESSAGES = {
    400: "Client specified an invalid argument",
    401: "Incorrect API key provided",
    403: "Your team is blocked",
    404: "The model does not exist",
    408: "Request timeout",
    409: "Conflict",
    413: "The request is too large",
    422: "Failed to deserialize the JSON body into the target type",
    429: "Too many requests",
    500: "Internal error",
    502: "Bad gateway",
    503: "The service is currently unavailable",
    504: "Gateway timeout",
    529: "Overloaded",
}


def refusal(status: int, message: str = "", headers: dict[str, str] | None = None, code: str | None = None) -> Answer:
    """An OpenAI-shaped refusal."""
    error = {
        "message": message or MESSAGES.get(status, "It did not work"),
        "type": "error",
        "param": None,
        "code": code,
    }
    return json_answer({"error": error}, status, headers)


@scenario("http", group="H")
def http(ask: Ask) -> Answer:
    """Status N (500) with a JSON error; `message=`."""
    return refusal(int(ask.number(500)), ask.options.get("message", ""))


@scenario("http-xai", group="H")
def http_xai(ask: Ask) -> Answer:
    """Status N (400) with xAI's two strings; a wrong key is a 400 there."""
    return json_answer(
        {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: no***pe."},
        int(ask.number(400)),
    )


@scenario("secret-echo", group="H")
def secret_echo(ask: Ask) -> Answer:
    """401 whose message repeats the key in full."""
    key = ask.headers.get("authorization", "").removeprefix("Bearer ")
    return refusal(401, f"Incorrect API key provided: {key}. You can find your key at the console.")


@scenario("retry-after", group="H")
def retry_after(ask: Ask) -> Answer:
    """429 with Retry-After N (2) the first `times=` (1); then the reply."""
    return _once_it_waited(ask, {"retry-after": ask.argument or "2"})


@scenario("retry-after-ms", group="H")
def retry_after_ms(ask: Ask) -> Answer:
    """The same with Retry-After-Ms N (200)."""
    return _once_it_waited(ask, {"retry-after-ms": ask.argument or "200", "retry-after": "60"})


@scenario("retry-after-date", group="H")
def retry_after_date(ask: Ask) -> Answer:
    """The same with a date N seconds (2) from now."""
    return _once_it_waited(ask, {"retry-after": email.utils.formatdate(time.time() + ask.number(2), usegmt=True)})


def _once_it_waited(ask: Ask, headers: dict[str, str]) -> Answer:
    if ask.count >= int(ask.option("times", 1)):
        return stream(say(ask))
    return refusal(int(ask.option("status", 429)), headers=headers)


@scenario("rate-limit", group="H")
def rate_limit(ask: Ask) -> Answer:
    """429 for ever, with limits in the headers."""
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"}
    return refusal(429, "Rate limit reached: 60 requests a minute", headers)


@scenario("credits", group="H")
def credits_(ask: Ask) -> Answer:
    """429 because the money is gone: not worth a retry."""
    message = "Your team has either used all available credits or reached its monthly spending limit."
    return json_answer({"code": "Some resource has been exhausted", "error": message}, 429)


@scenario("should-retry", group="H")
def should_retry(ask: Ask) -> Answer:
    """Status `status=` (400) with `x-should-retry: N` (true) once; then the reply."""
    if ask.count:
        return stream(say(ask))
    return refusal(int(ask.option("status", 400)), headers={"x-should-retry": ask.argument or "true"})


@scenario("flaky", group="H")
def flaky(ask: Ask) -> Answer:
    """503 the first N times (2), then the reply."""
    return refusal(503) if ask.count < int(ask.number(2)) else stream(say(ask))


@scenario("flaky-reset", group="H")
def flaky_reset(ask: Ask) -> Answer:
    """RST without an answer the first N times (2), then the reply."""
    return Answer([End.RESET], status=0, framing="raw") if ask.count < int(ask.number(2)) else stream(say(ask))


@scenario("flaky-body", group="H")
def flaky_body(ask: Ask) -> Answer:
    """A head and then RST the first N times (1), then the reply."""
    return Answer([End.RESET]) if ask.count < int(ask.number(1)) else stream(say(ask))


@scenario("no-stream-options", group="H")
def no_stream_options(ask: Ask) -> Answer:
    """400 that names `stream_options` where it was sent."""
    if isinstance(ask.body, dict) and "stream_options" in ask.body:
        return refusal(400, "Unrecognized request argument supplied: stream_options")
    return stream(say(ask))


@scenario("http-html", group="H")
def http_html(ask: Ask) -> Answer:
    """Status N (502) with a web page of 24 KB."""
    page = (
        "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>"
        + "<p>nginx</p>\n" * 2000
        + "</body></html>"
    )
    return text_answer(page, int(ask.number(502)), "text/html")


@scenario("http-empty", group="H")
def http_empty(ask: Ask) -> Answer:
    """Status N (500) without a body."""
    return Answer([], int(ask.number(500)), {}, "length")


@scenario("http-stall", group="H")
def http_stall(ask: Ask) -> Answer:
    """Status N (400) whose body stops half-way."""
    return Answer(
        [b'{"error": {"message": "half of', End.HOLD], int(ask.number(400)), {"content-type": "application/json"}
    )


@scenario("http-endless", group="H")
def http_endless(ask: Ask) -> Answer:
    """Status N (400) whose body never ends."""
    body = (b"x" * 4096 for _ in range(1 << 30))
    return Answer(body, int(ask.number(400)), {"content-type": "text/plain"})


@scenario("http-sse", group="H")
def http_sse(ask: Ask) -> Answer:
    """Status N (500) whose body is an event stream."""
    return Answer([b'data: {"error":{"message":"said in a frame","code":500}}\n\n'], int(ask.number(500)))


@scenario("http-reset", group="H")
def http_reset(ask: Ask) -> Answer:
    """Status N (400), and RST in the middle of its body."""
    body: list[Step] = [b'{"error": {"message": "half of', End.RESET]
    return Answer(body, int(ask.number(400)), {"content-type": "application/json"})


@scenario("redirect-loop", group="H")
def redirect_loop(ask: Ask) -> Answer:
    """A redirect to itself; status N (307)."""
    return Answer([], int(ask.number(307)), {"location": f"{ask.origin}/s/redirect-loop/v1/chat/completions"}, "length")


@scenario("redirect-host", group="H")
def redirect_host(ask: Ask) -> Answer:
    """A redirect to another host, or to `to=`."""
    location = ask.options.get("to", "http://user:pw@elsewhere.invalid/v1/chat/completions?token=1")
    return Answer([], int(ask.number(308)), {"location": location}, "length")


@scenario("huge-header", group="H")
def huge_header(ask: Ask) -> Answer:
    """Headers of N kilobytes (200)."""
    headers = {"content-type": "text/event-stream", **{f"x-pad-{i}": "y" * 1000 for i in range(int(ask.number(200)))}}
    return Answer(say(ask), headers=headers)


@scenario("proxy-407", group="H")
def proxy_407(ask: Ask) -> Answer:
    """What a proxy that wants a password answers."""
    return Answer([], 407, {"proxy-authenticate": 'Basic realm="proxy"'}, "length")
