"""Bare addresses in a text: where they end and the sentence around them goes on, in every script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

# Punctuation, arrows and pictures end an address wherever they stand: in other scripts no space follows them.
_FOREIGN_MARKS = (
    "\u00a1\u00ab\u00bb\u00bf\u0589\u058a\u05be\u05c3\u060c\u061b\u061f\u066a-\u066d\u06d4\u0700-\u070d\u0964\u0965\u0e2f\u0e5a\u0e5b"
    "\u0f04-\u0f0a\u0f0d-\u0f14\u0f3a-\u0f3d\u104a\u104b\u1361-\u1368\u1800-\u1805\u1808\u1809\u17d4-\u17da\u2010-\u205e\u2190-\u2bff"
    "\u2e00-\u2e7f\u3000-\u303f\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff"
)
_TAIL = ".,;:!?'\"*_~\u00b7\u30fb"
_NEXT = re.compile(r"[,;|\u00b7\u30fb]+https?://", re.IGNORECASE)
_PAIRS = {")": "(", "]": "["}
_HOST = re.compile(r"(https?://[A-Za-z0-9.:-]+)([^/?#]*)", re.IGNORECASE)
_WIDE = "\u1100"
_SHORTEST = len("https://")
_LONGEST = 4000


@cache
def _urls() -> re.Pattern[str]:
    return re.compile(rf"https?://[^\s<>\"`{{}}|\\^\x00-\x20{_FOREIGN_MARKS}]{{1,{_LONGEST}}}", re.IGNORECASE)


@cache
def _sentence() -> re.Pattern[str]:
    """Where a sentence goes on right behind an address: words that follow others without a space, and begin none."""
    korean = (
        "에서는|에서도|에서|에게|에는|에도|에|으로는|으로|로는|로|을|를|은|는|이라는|이라고|이며|이고|이나|이|가|의|와|과|도|만|까지|부터|처럼|보다"
        "|입니다|이에요|예요|라는|라고|하고|나|및"
    )
    japanese = "を|は|が|に(?=[^\u3040-\u309f])|で(?=[^\u3040-\u309f])|から|まで|より|へ|です|という|として|について"
    chinese = (
        "的|是|和|与|與|或|及|来|來|就|也|在|以|即|并|並|了|等|这|這|那|吧|呢|吗|嗎|后|後|查看|获取|獲取|进行|進行|可以|可|会|會|能|中的"
        "|上的|里的|裡的|页面|頁面|网站|網站|链接|鏈接|連結|下载|下載"
    )
    return re.compile(
        rf"(?<=[A-Za-z0-9/%=_~)-])(?:(?:{korean})(?![\uac00-\ud7a3])|{japanese})"
        rf"|(?<=[A-Za-z0-9%=_~-])(?:[\u3041-\u3096]|{chinese})|(?<=[A-Za-z0-9]/)(?:{chinese})(?=[\u4e00-\u9fff])"
    )


def find_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Where bare addresses begin, and each without the punctuation and the sentence around it."""
    at = 0
    while match := _urls().search(text, at):
        url = match[0]
        if following := _NEXT.search(url, _SHORTEST):
            url = url[: following.start()]
        if not url.isascii():
            url = _without_sentence(url)
        url = _without_tail(url, text[match.start() - 1 : match.start()])
        at = match.start() + max(_SHORTEST, len(url))
        if len(url) > _SHORTEST:
            yield match.start(), url


def _without_sentence(url: str) -> str:
    """The address without words that a sentence goes on with."""
    host = _HOST.match(url)
    if host is not None and host[2][:1] >= _WIDE and "." not in host[2] and _is_name(host[1]):
        return host[1]  # the last part of a name is of one script: what stands behind `com` in another is not of it
    match = _sentence().search(url, host.end() if host else 0)
    return url[: match.start()] if match else url


def _is_name(host: str) -> bool:
    """Whether the beginning of an address names a host whole: `example.com`, `localhost:80`."""
    return "." in host or host[-1].isdigit()


def _without_tail(url: str, before: str) -> str:
    """The address without a bracket or a quote that was opened before it, and without punctuation at its end."""
    depth = {"(": 0, "[": 0}
    for at, letter in enumerate(url):
        if letter in depth:
            depth[letter] += 1
        elif letter in _PAIRS:
            depth[_PAIRS[letter]] -= 1
            if depth[_PAIRS[letter]] < 0:
                return url[:at].rstrip(_TAIL)
        elif letter == before == "'":
            return url[:at].rstrip(_TAIL)
    return url.rstrip(_TAIL)
