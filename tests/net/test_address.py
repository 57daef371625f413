"""What a base URL may be."""

from __future__ import annotations

import ipaddress

import pytest

from tui.domain.error import ConfigError
from tui.domain.host import is_loopback
from tui.net.address import base_url_hint, check_base_url, host_of, origin_of, places_of, url_at
from tui.net.dial import _is_address


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://api.x.ai/v1", "https://api.x.ai/v1"),
        ("https://api.x.ai/v1/", "https://api.x.ai/v1"),
        ("  https://API.x.ai/v1//  ", "https://api.x.ai/v1"),
        ("https://api.x.ai", "https://api.x.ai"),
        ("HTTPS://api.x.ai:8443/v1", "https://api.x.ai:8443/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://[::1]:9/v1", "http://[::1]:9/v1"),
        ("http://127.8.8.8/a//b", "http://127.8.8.8/a/b"),
        ("api.x.ai/v1", "https://api.x.ai/v1"),
        ("localhost:8080/v1", "http://localhost:8080/v1"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("https://a.azure.test/openai/x/?api-version=1&b=c", "https://a.azure.test/openai/x?api-version=1&b=c"),
    ],
)
def test_good_ones_have_one_form(given, expected):
    assert check_base_url(given) == expected
    assert check_base_url(expected) == expected


@pytest.mark.parametrize(
    ("given", "words", "fix"),
    [
        ("", "empty", "https://api.x.ai/v1"),
        ("ftp://api.x.ai/v1", "neither https nor http", "https://"),
        ("https://", "no proper host", "https://api.x.ai/v1"),
        ("https:///v1", "no proper host", "https://api.x.ai/v1"),
        ("https://a b/v1", "no proper host", "https://api.x.ai/v1"),
        ("https://api.x.ai:port/v1", "cannot be read", "https://api.x.ai/v1"),
        ("https://[::1/v1", "cannot be read", "https://api.x.ai/v1"),
        ("https://api.x.ai:99999/v1", "cannot be read", "https://api.x.ai/v1"),
        ("https://me:hunter2@api.x.ai/v1", "user name or password", "key_env"),
        ("https://hunter2@api.x.ai/v1", "user name or password", "key_env"),
        ("https://me:hunter2@api.x.ai:bad/v1", "cannot be read", ""),
        ("me:hunter2@api.x.ai/v1", "user name or password", "key_env"),
        ("https://api.x.ai/v1?key=hunter2", "holds a key, as key", "headers = "),
        ("https://api.x.ai/v1?a=1&Api-Key=hunter2", "holds a key, as Api-Key", "key_header"),
        ("https://api.x.ai/v1#x", "a fragment", "before the #"),
        ("https://api.x.ai/v1/models?a=1", "which rillet adds itself", "Write https://api.x.ai/v1?a=1"),
        ("https://api.x.ai/v1/chat/completions", "which rillet adds itself", "Write https://api.x.ai/v1"),
        ("https://api.x.ai/v1/responses/", "which rillet adds itself", "Write https://api.x.ai/v1"),
        ("http://api.x.ai/v1", "unencrypted", "allow_http"),
        ("http://192.168.1.7:8080/v1", "unencrypted", "allow_http"),
        ("http://localhost.evil.test/v1", "unencrypted", "allow_http"),
        ("https://api.x.ai/v1\x1b[2J", "", ""),
    ],
)
def test_bad_ones_are_refused_with_the_fix(given, words, fix):
    with pytest.raises(ConfigError) as caught:
        check_base_url(given)
    assert words in caught.value.message
    assert fix in caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert "\x1b" not in caught.value.message + caught.value.hint


def test_plain_http_may_be_allowed():
    assert check_base_url("http://192.168.1.7:8080/v1", allow_http=True) == "http://192.168.1.7:8080/v1"


def test_a_missing_path_is_only_worth_a_hint():
    assert base_url_hint("https://api.x.ai").startswith("Nothing is at https://api.x.ai/v1 either.")
    assert base_url_hint("https://api.x.ai/v1") == ""


def test_a_path_goes_before_the_query():
    assert url_at("https://a.test/b?api-version=1", "/models") == "https://a.test/b/models?api-version=1"
    assert places_of("https://a.test/b?c=1") == ("https://a.test/b?c=1",)
    assert places_of("https://a.test?c=1") == ("https://a.test/v1?c=1", "https://a.test?c=1")


def test_the_origin_is_what_a_key_belongs_to():
    assert origin_of("https://api.x.ai/v1") == origin_of("https://api.x.ai:443/other") == "https://api.x.ai:443"
    assert origin_of("http://api.x.ai/v1") != origin_of("https://api.x.ai/v1")


def test_a_host_is_shown_without_secrets():
    assert host_of("https://me:pw@api.x.ai:8443/v1?k=1") == "api.x.ai:8443"
    assert host_of("nonsense") == ""


def test_this_machine_has_many_names():
    assert all(map(is_loopback, ("localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]")))
    assert all(map(is_loopback, ("0.0.0.0", "::", "[::]", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("example.com", "localhost.example.com", "10.0.0.1", "0.0.0.1", "", "::2")))


def test_an_address_in_numbers_is_taken_as_the_standard_library_takes_it():
    for name in (
        "1.2.3.4",
        "255.255.255.255",
        "0.0.0.0",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.04",
        "1.2.3.4000",
        "a.2.3.4",
        "1..2.3",
        "\u0661.2.3.4",
        "1.2.3.-4",
        "+1.2.3.4",
        "1.2.3.",
    ):
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            assert not _is_address(name), name
        else:
            assert _is_address(name), name
