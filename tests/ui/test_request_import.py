"""A curl command as a conversation: read as a shell reads it, refused with the place, its key written nowhere."""

import json

import pytest

from tests.chat.test_export_tape import BODY, sent
from tests.ui.fake import FakeProgram
from tui.chat.curl_command import is_curl, read_curl
from tui.chat.export_code import request_code
from tui.chat.request_import import open_request
from tui.domain.endpoint import Secret, Source
from tui.domain.error import ConfigError
from tui.domain.turn import Prompt, ToolResults

URL = "https://llm.example.com/v1/chat/completions"


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
def test_what_rillet_writes_as_curl_it_reads_again(dialect):
    tape = sent("https://api.x.ai/v1", dialect)
    request = read_curl(request_code(tape, "curl"))
    assert request.url == tape.request.url
    assert request.body == BODY
    assert (request.key, request.key_variable) == ("", "XAI_API_KEY")
    assert request.headers["x-extra"] == "it's"


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (f"curl {URL} -d '{{\"a\": 1}}'", {"a": 1}),
        (f"curl {URL} -d'{{\"a\": 1}}'", {"a": 1}),
        (f'curl --url={URL} --data-raw "{{\\"a\\": \\"$x\\"}}"', {"a": "$x"}),
        (f'curl {URL} --json $\'{{"a": "it\\\'s \\u00fc\\n"}}\''.replace("\\n", "\\\\n"), {"a": "it's ü\n"}),
        (
            f"$ curl -sS -N {URL} \\\n  -X POST -H 'A: b' \\\r\n  --data-binary '{{\"a\":\n[1]}}' --compressed",
            {"a": [1]},
        ),
        (f'curl ^"{URL}^" ^\r\n  -H ^"a: b^" ^\n  --data-raw ^"{{^\\^"a^\\^": ^\\^"1 ^^^& 2^\\^"}}^"', {"a": "1 ^& 2"}),
        (f'curl.exe {URL} -d \'{{"a": "^"}}\'', {"a": "^"}),
        (f"curl {URL} -d '{{}}' | jq .x", {}),
        (f"curl -s {URL} -d '{{}}' 2>&1 > out.json", {}),
        (f"curl {URL} -d '{{}}';", {}),
        (f"curl {URL} -d '{{}}'  # as in the docs", {}),
        (f"curl -sSNX POST {URL} -d '{{}}'", {}),
        (f"curl -sd '{{}}' {URL}", {}),
        (f"curl --tls-max 1.2 -oout {URL} -d '{{}}'", {}),
        (f"me@host:~/src$ curl {URL} -d '{{}}'", {}),
        (f"> curl {URL} -d '{{}}'", {}),
        (f"KEY=abc time /usr/bin/curl {URL} -d '{{}}'", {}),
        (f"curl\xa0{URL} \\  \n  -d '{{}}'", {}),
        (f"curl.exe {URL} `\r\n  -d '{{}}'", {}),
        (f"curl {URL} -d @- <<'EOF'\n{{\"a\":\n 1}}\nEOF\n", {"a": 1}),
        (f"curl {URL} -d @- <<< '{{\"a\": 1}}' | jq .", {"a": 1}),
        (f"curl {URL} -d '{{\"a\": 1}}' \\", {"a": 1}),  # the end of what was copied
        (f"curl -d '{{\"a\": 1}}' -X post -- {URL}", {"a": 1}),
        (f'curl {URL} -d $\'{{"a": "\\ud83d\\ude00\\155\\x41\\?"}}\'', {"a": "😀mA?"}),
    ],
)
def test_a_command_is_read_as_a_shell_reads_it(text, body):
    assert is_curl(text)
    request = read_curl(text)
    assert (request.url, request.body) == (URL, body)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wget x", "this is no curl command: it begins with “wget”"),
        ('Invoke-WebRequest -Uri "https://x"', "it begins with “Invoke-WebRequest”"),
        (f"curl {URL}", "sends no body"),
        ("curl -d '{}'", "has no address"),
        (f'curl {URL} -d \'{{"a": 1', "line 1, column 53: a quote is opened here and not closed"),
        (f"curl {URL} -d '{{\"a\": }}'", "line 1, column 53: the body is not JSON, at line 1, column 7 of the body"),
        (f"curl {URL} -d @body.json", "the body is in a file"),
        (f"curl {URL} -F file=@x", "line 1, column 50: -F sends a form"),
        (f"curl {URL} -Ffile=@x", "-F sends a form"),
        (f"curl -G {URL} -d a=b", "-G puts the data into the address"),
        (f"curl {URL} \\\n -d '[1]'", "line 2, column 5: the body is no JSON object"),
        (f"curl {URL} -d @- < body.json", "what is sent is in a file"),
        (f"curl {URL} -d @-", "the body is on standard input, which is not read"),
        (f'curl {URL} -d "$(cat body.json)"', "the body is what another command prints"),
        (f"curl {URL} -d ‘{{}}’", "the quotes around the body are ‘"),
        (f"curl {URL} -H @headers -d '{{}}'", "the headers are in a file"),
        ("curl $BASE/chat/completions -d '{}'", "the variable $BASE, whose value is not known here"),
        (f"curl --unix-socket /run/x.sock {URL} -d '{{}}'", "asks through a socket"),
        (f"curl {URL} -d '{{}}' --next {URL}", "makes a second request"),
        (f"curl {URL} -H", "-H has no value"),
        (f"curl {URL} https://other -d '{{}}'", "is a second address"),
        ("curl \x1b[31m -d '{}'\n echo", "the command ended on the line before"),
        (
            f"curl {URL} --url https://other.example/v1 -d '{{}}'",
            "column 56: “https://other.example/v1” is a second address",
        ),
        (f"curl {URL} --frob x -d '{{}}'", "or the value of --frob, an option that is not known here"),
        (f"curl -X PUT {URL} -d '{{}}'", "column 9: a model is asked by POST, and not by PUT"),
        (f"curl --request=GET {URL} -d '{{}}'", "not by GET"),
        (f"curl -sK conf {URL} -d '{{}}'", "column 6: -K takes options from a file"),
        ("curl 'https://[::1/v1' -d '{}'", "column 6: “https://[::1/v1” is no web address"),
        ("curl https://api.example.com:99999/v1 -d '{}'", "is no web address"),
        ("curl https:///v1 -d '{}'", "“https:///v1” is no web address"),
        ("curl file:///etc/passwd -d '{}'", "“file:///etc/passwd” is no web address"),
        ("curl --url 'https://$HOST/v1' -d '{}'", "column 12: the address holds the variable $HOST"),
        (f'curl {URL} -d $\'{{"a": "\\U99999999"}}\'', "\\U is no character"),
        (f'curl {URL} -d "$BODY"', "the body is in the variable $BODY, whose value is not known here"),
        (f"curl {URL} -d '{{\"a\": NaN}}'", "the body is not JSON: NaN is no number there"),
        (f"curl {URL} -d '{{\"a\": 1{'0' * 5000}}}'", "a number of 5,001 digits"),
        (f"curl {URL} -d @- <<EOF\n{{}}", "have no end: the mark is missing"),
    ],
)
def test_a_command_that_cannot_be_read_is_told_with_its_place(text, words):
    with pytest.raises(ConfigError) as raised:
        read_curl(text)
    assert words in raised.value.message
    assert "\x1b" not in raised.value.message


def body_of(dialect):
    if dialect == "chat":
        return {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Weather?"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "mild"},
                {"role": "assistant", "content": "Mild."},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "And now?"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                    ],
                },
            ]
        }
    if dialect == "responses":
        return {
            "instructions": "Be brief.",
            "input": [
                {"role": "user", "content": "Weather?"},
                {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1", "output": "mild"},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Mild."}]},
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "And now?"},
                        {"type": "input_image", "image_url": "data:image/png;base64,AA"},
                    ],
                },
            ],
        }
    return {
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "mild"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Mild."}]},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "And now?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}},
                ],
            },
        ],
    }


PATHS = {"chat": "chat/completions", "responses": "responses", "messages": "messages"}


@pytest.mark.parametrize("around", ["```sh\n{}\n```", "# ask it\nexport A=1\n{}", "{}\ncurl https://other/x"])
def test_a_command_is_found_among_other_lines(around):
    request = read_curl(around.format(f"curl {URL} -d '{{}}'"))
    assert (request.url, request.body) == (URL, {})


def test_a_header_without_a_content_is_not_sent():
    request = read_curl(f"curl {URL} -H 'a: b' -H 'Accept:' -H 'x-empty;' -H no-colon -d '{{}}'")
    assert request.headers == {"a": "b"}


def test_no_key_of_a_command_is_said_or_stays_in_the_address():
    request = read_curl(f"curl '{URL}?api-version=3&key=AIzaS3cr3t&sig=x' --oauth2-bearer sk-s3cr3t -d '{{}}'")
    assert (request.url, request.key) == (f"{URL}?api-version=3", "sk-s3cr3t")
    assert read_curl(f"curl '{URL}?key=x' -H 'Authorization: Bearer $(pass show x)' -d '{{}}'").key == ""
    with pytest.raises(ConfigError) as raised:
        read_curl(f"curl {URL} -H Authorization: Bearer sk-abcdefghijklmnop0123456789 -d '{{}}'")
    assert "abcdefghijklmnop" not in raised.value.in_full


def test_an_address_keeps_its_query_and_a_key_its_header():
    program = FakeProgram()
    url = "https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-04-01-preview"
    text = f'curl "{url}" -H "api-key: $AZURE_KEY" -d \'{{"model": "m", "messages": []}}\''
    conversation = open_request(program, read_curl(text))
    endpoint = program.endpoints[conversation.sheet.endpoint]
    assert endpoint.base_url == "https://n.openai.azure.com/openai/deployments/d?api-version=2025-04-01-preview"
    assert (endpoint.key_header, endpoint.key_env) == ("api-key", ("AZURE_KEY",))


def test_headers_name_and_password_and_certificates_go_along_and_what_cannot_is_told():
    program = FakeProgram()
    text = (
        "curl -skN -u me:s3cr3t -A probe/1 --url-query v=2 -H 'X-Team: blue' -H \"X-Org: org-$ORG\" -H 'X-Auth-Token: t0k3n' "
        f'-H \'Content-Type: application/json\' --cacert /ca.pem -E /me.pem --proxy http://p:1 {URL} -d \'{{"model": "m", "messages": []}}\''
    )
    request = read_curl(text)
    conversation = open_request(program, request)
    endpoint = program.endpoints[conversation.sheet.endpoint]
    assert endpoint.base_url == "https://llm.example.com/v1?v=2"
    assert {name: value for name, value in endpoint.headers.items() if isinstance(value, str)} == {
        "user-agent": "probe/1",
        "x-team": "blue",
    }
    assert endpoint.headers["x-org"] == Source(env="ORG", form="org-{}")
    revealed = {name: each.reveal() for name, each in endpoint.headers.items() if isinstance(each, Secret)}
    assert revealed == {"authorization": "Basic bWU6czNjcjN0", "x-auth-token": "t0k3n"}
    assert (endpoint.way.authority, endpoint.way.certificate) == ("/ca.pem", "/me.pem")
    assert [said.partition(" is left out")[0] for said in request.left_out] == ["--insecure", "--proxy"]
    assert "s3cr3t" not in f"{request.left_out}{endpoint}"


@pytest.mark.parametrize("dialect", PATHS)
def test_a_request_is_a_conversation_in_every_dialect(dialect):
    program = FakeProgram()
    body = {"model": "m", "stream": True, "temperature": 0.5, **body_of(dialect)}
    text = f"curl https://llm.example.com/v1/{PATHS[dialect]} -H 'Authorization: Bearer s3cr3t-k3y' -d '{json.dumps(body)}'"
    conversation = open_request(program, read_curl(text))
    first, second = conversation.turns
    assert (first.opening, first.tool_calls[0].name, first.tool_calls[0].arguments) == (
        Prompt("Weather?"),
        "look",
        "{}",
    )
    assert isinstance(second.opening, ToolResults)
    assert (second.opening.results[0].text, second.text) == ("mild", "Mild.")
    assert (conversation.sheet.system, conversation.sheet.model) == ("Be brief.", "m")
    prompts = program.database.prompts
    assert prompts.draft(conversation.session.id) == "And now?"
    assert [image.url for image in prompts.draft_images(conversation.session.id)] == ["data:image/png;base64,AA"]
    endpoint = program.endpoints[conversation.sheet.endpoint]
    assert (endpoint.base_url, endpoint.dialect, endpoint.body) == (
        "https://llm.example.com/v1",
        dialect,
        {"temperature": 0.5},
    )
    assert program.keys["request"].reveal() == "s3cr3t-k3y"
    assert conversation.requests.of_prompt(Prompt("And now?")).messages[0].text == "Weather?"


def test_an_endpoint_that_is_set_up_is_asked_with_its_own_key():
    program = FakeProgram()
    text = 'curl https://api.x.ai/v1/responses -H "Authorization: Bearer $XAI_API_KEY" -d \'{"model": "grok-4", "input": "hi"}\''
    conversation = open_request(program, read_curl(text))
    assert (conversation.sheet.endpoint, program.endpoints["xai"].dialect, program.keys) == ("xai", "responses", {})
    assert program.database.prompts.draft(conversation.session.id) == "hi"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curl https://x.example/ -d '{}'", "asks no model"),
        (f"curl {URL} -d '{{}}'", "names no model|holds no messages"),
        (f'curl {URL} -d \'{{"model": "m", "messages": [1]}}\'', "message 1 of 1 is no JSON object"),
        ('curl http://x.example/v1/responses -d \'{"model": "m", "input": "hi"}\'', "unencrypted"),
    ],
)
def test_a_request_that_is_none_to_a_model_is_told_and_nothing_is_opened(text, words):
    program = FakeProgram()
    with pytest.raises(ConfigError, match=words):
        open_request(program, read_curl(text))
    assert program.database.sessions.summaries() == []


async def test_the_prompt_of_a_command_without_a_history_waits_in_the_composer(open_screen):
    from textual import events

    async with open_screen(size=(120, 36)) as screen:
        body = {"model": "m", "messages": [{"role": "user", "content": "Hello from curl"}]}
        screen.chat.composer.post_message(events.Paste(f"curl {URL} -d '{json.dumps(body)}'"))
        await screen.until(lambda: "opened as a conversation" in screen.text())
        assert screen.chat.composer.draft.text == "Hello from curl"
        screen.chat.composer.write("")
        await screen.chat.panes.show_over("install")
        await screen.press("x", "backspace")
        screen.chat.composer.post_message(events.Paste(f"curl {URL} -d '{json.dumps(body)}'"))
        await screen.until(lambda: screen.chat.composer.draft.text == "Hello from curl")
        assert screen.chat.panes.over is None, "who asks of an endpoint needs to be told of none"


async def test_a_command_that_is_pasted_opens_as_a_conversation(open_screen):
    from textual import events

    async with open_screen(size=(120, 36)) as screen:
        text = f"curl {URL} -d '{json.dumps({'model': 'm', **body_of('chat')})}'"
        screen.chat.composer.post_message(events.Paste(text))
        await screen.until(lambda: "opened as a conversation" in screen.text())
        assert "Mild." in screen.text()
        assert screen.chat.composer.draft.text.startswith("And now?")
        screen.chat.composer.write("")
        screen.chat.composer.post_message(events.Paste("curl https://x.example/ -d '{'"))
        await screen.until(lambda: "cannot be read at line 1" in screen.text())
        assert screen.chat.composer.text.startswith("curl https://x.example/")
