import json

import pytest

from tui.domain.tape import Head
from tui.wire.error_body import is_out_of_credit, read_refusal, read_retry_after, read_stream_error

KEY = "k-very/secret"


def refusal(body="", status=400, **headers):
    body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return read_refusal(
        Head(status, {name.replace("_", "-"): value for name, value in headers.items()}),
        body,
        secrets=[KEY],
        key_name="XAI_API_KEY",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "boom", "type": "t", "param": None, "code": "c"}},
        {"error": "boom"},
        {"code": "Client specified an invalid argument", "error": "boom"},
        {"message": "boom"},
        {"object": "error", "message": "boom", "code": 40001},
        {"detail": "boom"},
        {"detail": [{"loc": ["body", "x"], "msg": "boom"}]},
        [{"error": {"code": 400, "message": "boom", "status": "INVALID_ARGUMENT"}}],
        {"success": False, "error": {"message": "boom"}},
        {"errors": [{"message": "boom"}]},
        {"error": {"error": {"message": "boom"}}},
        {"error": {"code": 1}, "message": "boom"},
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {"raw": "boom", "provider_name": "P"},
            }
        },
        {"error": {"message": "x", "metadata": {"raw": '{"error":{"message":"boom"}}'}}},
        {"base_resp": {"status_code": 1008, "status_msg": "boom"}},
        {"Message": "boom"},
        {"error_msg": "boom"},
        {"status": "failure", "html-message": "<h1>Gateway</h1><p>boom &amp; bust</p>"},
        "boom",
        'data: {"error":{"message":"boom"}}\n\n',
        'event: error\ndata: {"error":"boom"}',
    ],
)
def test_the_words_are_found_in_every_shape(body):
    error = refusal(body)
    assert "boom" in error.message
    assert (error.kind, error.status) == ("bad_request", 400)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, "Incorrect API key provided: xa***24. You can obtain an API key from https://console.x.ai.", "auth"),
        (400, {"error": {"message": "API key not valid. Please pass a valid API key."}}, "auth"),
        (400, {"error": {"message": "x", "code": "invalid_api_key"}}, "auth"),
        (400, "Invalid key 'foo' in the body", "bad_request"),
        (400, {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}}, "auth"),
        (401, "", "auth"),
        (402, "Insufficient Balance", "permission"),
        (403, "", "permission"),
        (404, "", "not_found"),
        (408, "", "server"),
        (409, "", "bad_request"),
        (410, "Live search is deprecated", "bad_request"),
        (413, "", "bad_request"),
        (415, "", "bad_request"),
        (422, "", "bad_request"),
        (425, "", "server"),
        (429, "", "rate_limit"),
        (500, "", "server"),
        (529, "", "server"),
    ],
)
def test_the_kind_follows_the_status_and_the_words(status, body, kind):
    error = refusal(body, status)
    assert error.kind == kind
    assert error.message
    assert str(status) in error.message
    assert error.hint


def test_a_refused_key_is_named_by_its_source_and_by_who_refused_it():
    def said(status, body=b"", **more):
        return read_refusal(Head(status, {}), body, **more).message

    both = {"key_name": "XAI_API_KEY", "host": "api.x.ai"}
    assert said(401, **both) == "The key was refused by api.x.ai; it came from XAI_API_KEY (401)."
    wrong = b'{"code": "Client specified an invalid argument", "error": "Incorrect API key provided: no***pe."}'
    assert said(400, wrong, **both).startswith("The key was refused by api.x.ai; it came from XAI_API_KEY (400): Inc")
    assert said(403, **both) == "The endpoint api.x.ai does not permit this to the key from XAI_API_KEY (403)."
    assert said(451, **both) == "The endpoint api.x.ai does not permit this (451)."
    assert said(401, host="api.x.ai") == "The key was refused by api.x.ai (401)."
    assert said(401) == "The key was refused (401)."


def test_a_refusal_without_a_key_says_that_none_was_sent():
    error = read_refusal(Head(401, {}), b"", key_name="RILLET_API_KEY", has_key=False, host="llm.example")
    assert error.message == "llm.example wants a key, and none was sent (401)."
    assert error.hint == "It is looked for in RILLET_API_KEY."
    assert read_refusal(Head(401, {}), b"", has_key=False).hint == "Name its key in the settings, by key_env."
    assert "The proxy wants" in read_refusal(Head(407, {}), b"", has_key=False).message


def test_the_advice_names_where_the_key_comes_from():
    assert "XAI_API_KEY" in refusal("", 401).hint
    assert "context" in refusal("request (4031 tokens) exceeds the available context size (2048 tokens)").hint


@pytest.mark.parametrize(
    "body",
    [
        {"code": "x", "error": "The team has used all available credits or reached its monthly spending limit"},
        {"error": {"message": "quota", "code": "insufficient_quota"}},
    ],
)
def test_no_credit_is_told_from_too_many_requests(body):
    assert is_out_of_credit(refusal(body, 429))
    assert "waiting does not help" in refusal(body, 429).hint
    assert not is_out_of_credit(refusal("Rate limit reached for requests", 429))


LIMITED = {"limit-requests": "60", "limit-tokens": "100000", "remaining-requests": "0", "reset-requests": "6.2s"}


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (LIMITED, "limit 60 requests and 100,000 tokens; 0 requests left; resets in 6.2 s"),
        (
            {**LIMITED, "remaining-requests": "12", "remaining-tokens": "0", "reset-tokens": "6m0s"},
            "limit 60 requests and 100,000 tokens; 12 requests and 0 tokens left; resets in 6 min",
        ),
        ({"remaining-tokens": "1", "reset-tokens": "120ms", "reset-requests": "3"}, "1 token left; resets in 3 s"),
        (
            {**LIMITED, "reset-requests": "1h0m1.5s"},
            "limit 60 requests and 100,000 tokens; 0 requests left; resets in 1 h",
        ),
        ({**LIMITED, "limit-tokens": "many", "reset-requests": "1764000000"}, "limit 60 requests; 0 requests left"),
        ({"limit-requests": "-1", "remaining-requests": "\x1b[2J", "reset-requests": "7"}, ""),
        ({"limit-requests": "9" * 5000, "limit-tokens": "\u0663", "remaining-tokens": "60, 60"}, ""),
        ({"limit-requests": "1e9", "remaining-requests": "nan", "reset-requests": "9" * 9 + "h"}, ""),
        ({"limit-requests": "60", "reset-requests": "soon\u202e"}, "limit 60 requests"),
        ({"limit-requests": "60", "reset-requests": ""}, "limit 60 requests"),
    ],
)
def test_the_limits_of_an_endpoint_are_shown_where_they_are_numbers(headers, said):
    headers = {f"x_ratelimit_{name}".replace("-", "_"): value for name, value in headers.items()}
    told = f" The endpoint says: {said}." if said else ""
    assert refusal("", 429, **headers).message == f"Too many requests (429).{told}"
    stop = "." if said else ""
    assert refusal("Slow down", 429, **headers).message == f"Too many requests (429): Slow down{stop}{told}"
    assert refusal("", 500, **headers).message == "The endpoint failed (500)."


def test_no_key_is_in_any_word_of_it():
    error = refusal({"error": {"message": f"{KEY} and sk-abcdefgh12345", "code": KEY}})
    assert KEY not in repr(error.record())
    assert "abcdefgh" not in repr(error.record())


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"message": "half of',
        "{",
        " [ ",
        '[{"error": {"mess',
        'data: {"error": {"message": "half of',
        '\ufeff{"error": {"message": "half of',
        '{"error": {"message": "whole"}, "details": [' + "1, " * 9,
    ],
)
def test_a_fragment_of_json_is_not_shown(body):
    assert refusal(body).message == "The request was refused (400)."


@pytest.mark.parametrize("body", ["[ERROR] overloaded", "{model} is gone", "<busy>", "half of"])
def test_what_only_begins_like_json_is_shown(body):
    assert refusal(body).message == f"The request was refused (400): {body}"


def test_a_web_page_is_told_by_its_title_only():
    page = "<!DOCTYPE html><html><head><title>502 Bad &amp; Gate\x1bway</title></head><body>" + "1.2.3.4 " * 3000
    error = refusal(page, 502)
    assert error.message == "The endpoint failed (502): an HTML page (“502 Bad & Gate␛way”)"
    assert len(refusal("x" * 60_000, 500).message) < 1100
    assert "\x1b" not in refusal("a\x1b[31m", 500).message


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("https://evil.example:8443/x?key=1", "to evil.example"),
        ("/login", "elsewhere"),
        ("http://[bad", "elsewhere"),
        ("", "elsewhere"),
    ],
)
def test_a_redirect_is_named_and_not_followed(location, says):
    error = refusal("", 302, location=location)
    assert error.kind == "protocol"
    assert says in error.message
    assert "key=1" not in error.message


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (None, None)),
        ({"retry-after": "7"}, (7, None)),
        ({"retry-after": " 0.5 "}, (0.5, None)),
        ({"retry-after": "0"}, (0, None)),
        ({"retry-after": "1", "retry-after-ms": "250"}, (0.25, None)),
        ({"retry-after": "3", "retry-after-ms": "soon"}, (3, None)),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, (None, "2026-10-21T07:28:00+00:00")),
        *(
            ({"retry-after": junk}, (None, None))
            for junk in (
                "-1",
                "-1, soon",
                "nan",
                "inf",
                "1e35",
                "1_0",
                "٣",
                "9" * 30,
                "Wed, 99 Foo",
                "Fri, 31 Dec 100000 23:59:59 GMT",
            )
        ),
    ],
)
def test_the_time_to_wait_is_read_or_ignored(headers, expected):
    assert read_retry_after(headers) == expected


def test_the_provider_behind_a_router_is_named():
    raw = {"raw": "acme/x is busy upstream", "provider_name": "ProviderOne"}
    error = refusal({"error": {"message": "Provider returned error", "code": 429, "metadata": raw}}, 429)
    assert error.message == "Too many requests (429): ProviderOne: acme/x is busy upstream"
    error = refusal({"error": {"message": "boom", "metadata": {"raw": "", "provider_name": "P"}}}, 429)
    assert error.message.endswith("boom")


@pytest.mark.parametrize("code", [404, "404", "model_not_found"])
def test_a_missing_model_inside_a_stream_is_told_as_that(code):
    error = read_stream_error({"error": {"message": "Model 'x' not here", "code": code}})
    assert (error.kind, error.hint) == ("not_found", "Choose another model, or check the endpoint's base URL.")
    assert "does not know this model" in error.message
    assert read_stream_error({"error": {"message": "busy", "code": 500}}).kind == "stream"
