"""The doctor's card: full where all is well, and there is one whatever answers."""

from __future__ import annotations

import socket

import pytest

from tests.chat.doctor.conftest import KEY
from tests.net.test_fault import tls_server
from tests.server import Answer, Ask, At, FaultServer, json_answer
from tests.server.good import tools, words_of
from tests.server.model import models_answer
from tui.chat.doctor.question import plan
from tui.domain.error import ConnectError, RefusedError


def play_all(ask: Ask) -> Answer:
    """A server that does all that it is asked: text that streams, calls, schemas, and errors for what is wrong."""
    if ask.method == "GET":
        return models_answer(ask)
    body = ask.body or {}
    if 7 in (body.get("messages"), body.get("input")):
        return json_answer({"error": {"message": "messages must be a list", "type": "invalid_request_error"}}, 400)
    if body.get("tools"):
        return tools(ask)
    wants_json = any(body.get(name) for name in ("response_format", "output_config")) or "format" in body.get(
        "text", {}
    )
    pieces = ['{"city": "Paris", ', '"is_capital": true}'] if wants_json else words_of("One, two, three, four, five.")

    def steps():
        speech = ask.speech()
        yield from speech.start()
        for number, piece in enumerate(pieces):
            yield At(number * 0.08)  # so that no pause of this machine makes one piece of all
            yield from speech.text(piece)
        yield from speech.finish()
        yield from speech.done()

    return Answer(steps())


@pytest.mark.parametrize("number", range(3))
async def test_a_full_card(server, doctor, number):
    server.add("all", play_all)
    examined = doctor(server.url("all"))
    card = await examined.examine()
    dialect = card.dialects[number]
    assert (dialect.spoken, dialect.reason, dialect.oddities) == ("yes", "", [])
    assert dialect.stream.verdict == "truly"
    assert dialect.usage.verdict == "sent"
    assert dialect.tools.verdict == "in fragments"
    assert dialect.schema.verdict == "kept"
    assert dialect.errors.verdict == "well formed"
    assert "400: “messages must be a list”" in dialect.errors.words
    assert len(dialect.finish_reasons) == (1 if dialect.dialect == "responses" else 2)
    assert (card.models.verdict, card.after_cancel.verdict, card.not_asked, card.reason) == (
        "listed",
        "answered",
        [],
        "",
    )
    assert len(card.first_token) == 3
    assert card.after_cancel_seconds is not None
    assert card.requests == len(list(plan(is_local=False)))
    assert (card.key, examined.error) == ("TEST_API_KEY", None)


async def test_what_was_cancelled_is_hung_up_on(server, doctor):
    server.add("long", lambda ask: play_all(ask) if (ask.body or {}).get("max_completion_tokens") != 400 else endless())
    card = await doctor(server.url("long"), dialects=("chat",)).examine()
    assert card.after_cancel.verdict == "answered"
    (long,) = [
        each for each in server.log if (each.body or {}).get("max_completion_tokens") == 400 and "/long/" in each.path
    ]
    assert long.hung_up_after is not None


def endless() -> Answer:
    def steps():
        from tests.server.speech import ChatSpeech

        speech = ChatSpeech("scripted-1")
        yield from speech.start()
        for number in range(10_000):
            yield At(number * 0.01)
            yield from speech.text(" word")

    return Answer(steps())


async def test_only_what_is_spoken_is_asked_on(server, doctor):
    def chat_only(ask):
        is_chat = ask.path.endswith(("/chat/completions", "/models"))
        return play_all(ask) if is_chat else json_answer({"detail": "Not Found"}, 404)

    server.add("chat-only", chat_only)
    card = await doctor(server.url("chat-only")).examine()
    assert [(each.dialect, each.spoken) for each in card.dialects] == [
        ("chat", "yes"),
        ("responses", "no"),
        ("messages", "no"),
    ]
    asked = [entry.path.rpartition("/v1")[2] for entry in server.log if "/s/chat-only/" in entry.path]
    assert (asked.count("/responses"), asked.count("/messages")) == (1, 1)


async def test_a_server_that_never_answers_has_its_card_in_time(doctor):
    with FaultServer() as server:
        server.add("never", lambda ask: Answer([At(3600)], status=0, framing="raw"))
        card = await doctor(server.url("never"), whole=4.0, question=1.0).examine()
        assert len(server.log) + len(server.lists) <= 5, "as many as are given a second each, and no more"
        assert "No answer from 127.0.0.1" in card.reason
        assert card.models.verdict == "none"


async def test_nobody_listens(doctor):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        examined = doctor(url)
        card = await examined.examine()
    assert card.reason.startswith(f"Nothing listens at 127.0.0.1:{url.rpartition(':')[2].removesuffix('/v1')}.")
    assert isinstance(examined.error, ConnectError)
    assert [each.reason for each in card.dialects[1:]] == ["Not asked: nothing answers there."] * 2


async def test_a_name_that_is_not_found(doctor):
    card = await doctor("https://no-such-host.invalid/v1").examine()
    assert card.reason.startswith("Cannot find host no-such-host.invalid.")


async def test_a_certificate_that_is_not_trusted(doctor):
    with tls_server("own") as server:
        card = await doctor(server.url("ok")).examine()
        assert "nobody this machine trusts has signed it" in card.reason
        assert "ca_file" in card.reason
        assert server.log == []


async def test_a_redirect_takes_no_key_along(server, doctor):
    with FaultServer() as other:
        examined = doctor(server.url(f"redirect-host;to={other.url()}"))
        card = await examined.examine()
        assert "redirects" in card.reason
        assert other.log == []
    assert isinstance(examined.error, RefusedError)


async def test_a_login_page(server, doctor):
    page = b"<!doctype html><html><head><title>Hotel Login</title></head><body>Log in</body></html>"
    server.add("login", lambda ask: Answer([page], headers={"content-type": "text/html"}, framing="length"))
    card = await doctor(server.url("login")).examine()
    assert "HTML page (“Hotel Login”)" in card.reason
    assert [each.spoken for each in card.dialects] == ["no"] * 3
    assert "a web page instead of a list of models" in card.models.words


async def test_without_a_key_nothing_is_sent(program, doctor, server):
    examined = doctor(server.url("ok"), key_env=("NOT_SET",))
    before = len(server.log)
    card = await examined.examine()
    assert card.reason.startswith("There is no key for test.")
    assert len(server.log) == before


async def test_the_model_is_taken_from_the_list_where_none_is_named(server, doctor):
    server.add("all", play_all)
    card = await doctor(server.url("all"), dialects=("chat",), model="").examine()
    assert card.model == "scripted-1"


async def test_the_key_goes_into_its_header_and_nowhere_else(server, doctor):
    server.add("all", play_all)
    before = len(server.log)
    card = await doctor(server.url("all")).examine()
    for entry in server.log[before:]:
        assert KEY in {entry.headers.get("authorization", "").removeprefix("Bearer "), entry.headers.get("x-api-key")}
        assert KEY not in str(entry.body)
    assert KEY not in repr(card)
