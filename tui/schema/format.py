"""The values of `format`: dates, addresses and names, each as the document that defines it has them.

The expressions are read from left to right with hardly a step back, so that no text keeps them busy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from tui.domain.lazy_pattern import LazyPattern
from tui.schema.pattern import PatternError, check_pattern
from tui.schema.pattern_node import BeyondError

LONGEST = 10_000


def format_fault(name: str, text: str) -> str:
    """What was wanted, in words, where a text is not of a format; empty where it is, or the format is not known."""
    if name not in FORMATS:
        return ""
    fits, words = FORMATS[name]
    return "" if len(text) <= LONGEST and fits(text) else words


def _whole(pattern: str, flags: int = re.ASCII) -> Callable[[str], bool]:
    compiled = LazyPattern(pattern, flags)
    return lambda text: compiled.fullmatch(text) is not None


_CLOCK = LazyPattern(r"(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and text.isascii() and text[4] == text[7] == "-" and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return False
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    off_hour, off_minute = int(match[5] or 0), int(match[6] or 0)
    if hour > 23 or minute > 59 or second > 60 or off_hour > 23 or off_minute > 59:
        return False
    off = (off_hour * 60 + off_minute) * (-1 if match[4] == "-" else 1)
    return second < 60 or (hour * 60 + minute - off) % 1440 == 23 * 60 + 59  # a leap second ends a day of UTC


def _is_date_time(text: str) -> bool:
    return text[10:11] in ("T", "t") and _is_date(text[:10]) and _is_time(text[11:])


_DURATION = (
    r"P(?=.)(?:\d+W|(?:\d+D|\d+M(?:\d+D)?|\d+Y(?:\d+M(?:\d+D)?)?)?"
    r"(?:T(?:\d+S|\d+M(?:\d+S)?|\d+H(?:\d+M(?:\d+S)?)?))?)"
)

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_WIDE_ATOM = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])+"
_LOCAL = LazyPattern(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])*"', re.ASCII)
_WIDE_LOCAL = LazyPattern(rf'{_WIDE_ATOM}(?:\.{_WIDE_ATOM})*|"(?:[ !#-\[\]-~]|[^\x00-\x7f]|\\[ -~])*"')


def _is_address(local: LazyPattern[str], is_host: Callable[[str], bool]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        name, at, host = text.rpartition("@")
        if not at or local.fullmatch(name) is None:
            return False
        if host.startswith("[") and host.endswith("]"):
            literal = host[1:-1]
            return _is_ipv6(literal[5:]) if literal[:5].lower() == "ipv6:" else _is_ipv4(literal)
        return is_host(host)

    return fits


_LABEL = LazyPattern(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)


def _is_hostname(text: str) -> bool:
    if not 0 < len(text) <= 253:
        return False
    for label in text.split("."):
        if _LABEL.fullmatch(label) is None or (label[2:4] == "--" and not _is_coded(label)):
            return False
    return True


def _is_coded(label: str) -> bool:
    """Whether a label that may only be one in Punycode is one."""
    return label[:4].lower() == "xn--" and _is_wide_hostname(label)


def _is_wide_hostname(text: str) -> bool:
    from unicodedata import normalize

    import idna  # httpx brings it

    if text.endswith((".", "\u3002", "\uff0e", "\uff61")):
        return False
    try:
        idna.encode(normalize("NFC", text.lower()))
    except (idna.IDNAError, UnicodeError):
        return False
    return True


def _is_ipv4(text: str) -> bool:
    try:
        return text.isascii() and bool(IPv4Address(text))
    except AddressValueError:
        return False


def _is_ipv6(text: str) -> bool:
    try:
        return text.isascii() and "%" not in text and IPv6Address(text) is not None
    except AddressValueError:
        return False


class _Uri:
    """RFC 3986, and RFC 3987 where characters beyond ASCII are taken."""

    def __init__(self, more: str = "", more_in_query: str = "") -> None:
        plain = rf"[A-Za-z0-9._~!$&'()*+,;=:@{more}-]|%[0-9A-Fa-f]{{2}}"
        host = rf"[A-Za-z0-9._~!$&'()*+,;={more}-]|%[0-9A-Fa-f]{{2}}"
        user = rf"[A-Za-z0-9._~!$&'()*+,;=:{more}-]|%[0-9A-Fa-f]{{2}}"
        rest = rf"(?:\?(?:{plain}|[/?{more_in_query}])*)?(?:\#(?:{plain}|[/?])*)?"
        authority = rf"(?:(?:{user})*@)?(?:\[(?P<literal>[^\]]*)\]|(?:{host})*)(?::[0-9]*)?"
        path = rf"(?:(?:{plain})+(?:/(?:{plain})*)*)"
        no_scheme = rf"(?:(?:(?!:)(?:{plain}))+(?:/(?:{plain})*)*)"
        below = rf"//{authority}(?:/(?:{plain})*)*"
        self._absolute = LazyPattern(rf"[A-Za-z][A-Za-z0-9+.-]*:(?:{below}|/{path}?|{path})?{rest}")
        self._relative = LazyPattern(rf"(?:{below}|/{path}?|{no_scheme})?{rest}")

    def is_absolute(self, text: str) -> bool:
        """Whether a text is an address with its scheme."""
        return self._fits(self._absolute, text)

    def is_reference(self, text: str) -> bool:
        """Whether a text is an address, or one that counts from another."""
        return self._fits(self._absolute, text) or self._fits(self._relative, text)

    @staticmethod
    def _fits(pattern: LazyPattern[str], text: str) -> bool:
        match = pattern.fullmatch(text)
        if match is None:
            return False
        literal = match["literal"]
        return literal is None or _is_ipv6(literal) or _FUTURE.fullmatch(literal) is not None


_FUTURE = LazyPattern(r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+")
_PLAIN_URI = _Uri()
_WIDE = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd\U00020000-\U000efffd"
_WIDE_URI = _Uri(_WIDE, "\ue000-\uf8ff\U000f0000-\U0010fffd")

_VARIABLE = r"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*(?::[1-9][0-9]{0,3}|\*)?"
_TEMPLATE = (
    r"(?:[^\x00-\x20\x7f\"%<>\\^`{|}]|%[0-9A-Fa-f]{2}"
    rf"|\{{[+#./;?&=,!@|]?{_VARIABLE}(?:,{_VARIABLE})*\}})*"
)
_POINTER = r"(?:/(?:[^~/]|~[01])*)*"


def _is_pattern(text: str) -> bool:
    try:
        check_pattern(text)
    except BeyondError:
        return True  # it may be good
    except PatternError:
        return False
    return True


FORMATS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "date-time": (_is_date_time, "a date and a time such as 2026-11-28T09:30:00Z"),
    "date": (_is_date, "a date such as 2026-11-28"),
    "time": (_is_time, "a time with its offset such as 09:30:00Z"),
    "duration": (_whole(_DURATION), "a duration such as P1DT12H"),
    "email": (_is_address(_LOCAL, _is_hostname), "an e-mail address"),
    "idn-email": (_is_address(_WIDE_LOCAL, _is_wide_hostname), "an e-mail address"),
    "hostname": (_is_hostname, "the name of a host"),
    "idn-hostname": (_is_wide_hostname, "the name of a host"),
    "ipv4": (_is_ipv4, "an IPv4 address"),
    "ipv6": (_is_ipv6, "an IPv6 address"),
    "uri": (_PLAIN_URI.is_absolute, "a whole address such as https://example.com/"),
    "uri-reference": (_PLAIN_URI.is_reference, "an address"),
    "iri": (_WIDE_URI.is_absolute, "a whole address such as https://example.com/"),
    "iri-reference": (_WIDE_URI.is_reference, "an address"),
    "uri-template": (_whole(_TEMPLATE, 0), "a template of an address"),
    "uuid": (_whole(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"), "a UUID"),
    "json-pointer": (_whole(_POINTER, re.DOTALL), "a JSON pointer such as /a/0"),
    "relative-json-pointer": (_whole(rf"(?:0|[1-9][0-9]*)(?:\#|{_POINTER})", re.DOTALL), "a relative JSON pointer"),
    "regex": (_is_pattern, "a regular expression"),
}
"""By name: whether a text is one, and what is wanted in words."""
