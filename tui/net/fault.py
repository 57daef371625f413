"""Faults of the network, put into sentences."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from collections.abc import Iterator

from msgspec import Struct

from tui.domain.error import (
    BrokenError,
    ConfigError,
    ConnectError,
    FrameError,
    LimitError,
    RilletError,
    TruncatedError,
)
from tui.domain.quantity import describe_seconds
from tui.net.dial import ProxyRefusalError
from tui.net.watch import Quiet
from tui.wire.http_reply import HttpError, HttpFault
from tui.wire.http_request import UnsendableError
from tui.wire.printable import printable_line

_AGAIN = "Try again."
_PROXY_HINT = "Check HTTPS_PROXY and HTTP_PROXY, or unset them."
_UNTRUSTED = (18, 19, 20, 21)  # the numbers are OpenSSL's: X509_V_ERR_…
_EXPIRED, _NOT_YET_VALID = 10, 9
_FORM = range(80, 94)  # what is wrong with its form alone, which Python looks at from 3.13 on
_WRONG_HOST = (62, 64)  # name, address


class Fault(Struct, frozen=True):
    """What a foreign exception means, and whether asking again may help."""

    error: RilletError
    may_retry: bool


FOREIGN_ERRORS = (
    HttpError,
    ProxyRefusalError,
    UnsendableError,
    UnicodeError,  # of a host name that cannot be looked up
    OSError,
)
"""What may be raised while a request is made."""


def read_fault(
    error: BaseException, *, host: str, proxy: str = "", is_connected: bool = True, has_begun: bool = False
) -> Fault:
    """Translate an exception of HTTP, ssl or the operating system.

    Args:
        error: What was raised while talking to `host`.
        host: As it is to be shown.
        proxy: The proxy between, as it is to be shown; empty where there is none.
        is_connected: Whether the connection had been made.
        has_begun: Whether something of the reply had come.
    """
    if isinstance(error, HttpError):
        return _protocol(error.fault, host, has_begun=has_begun)
    if isinstance(error, ProxyRefusalError):
        return Fault(_proxy_error(str(error), proxy), may_retry=False)
    if has_begun:
        return Fault(BrokenError(f"The connection to {host} broke.", _AGAIN), may_retry=False)
    causes = tuple(_causes(error))
    for cause in (
        causes if "_ssl" in sys.modules else ()
    ):  # without it, it was none of its errors, and need not be loaded
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return Fault(_tls_error(cause, host, proxy), may_retry=False)
    if isinstance(error, (UnsendableError, UnicodeError)):
        return Fault(
            ConfigError(f"The request to {host} cannot be sent: {printable_line(str(error))}."), may_retry=False
        )
    if not is_connected:
        return Fault(_connect_error(causes, host, proxy), may_retry=True)
    return Fault(ConnectError(f"The connection to {host} broke before an answer came.", "Try again."), may_retry=True)


def describe_quiet(quiet: Quiet, host: str) -> RilletError:
    """A clock that ran out while talking to `host`, in a sentence."""
    time_ = describe_seconds(quiet.seconds)
    match quiet.phase:
        case "connect":
            return ConnectError(f"No connection to {host} within {time_}.", "Are you online?")
        case "between_reads":
            return TruncatedError(f"Nothing more came from {host} for {time_}.", "Try again.")
        case "alive":
            return TruncatedError(f"For {time_}, {host} has kept the connection alive and said nothing.", "Try again.")
        case "whole_turn":
            return LimitError(
                f"The reply from {host} has not ended within {time_}, the limit for a whole turn.",
                "Ask for a shorter answer, or raise whole_turn under [deadlines] in the settings.",
                limit="whole_turn",
            )
        case _:
            return ConnectError(
                f"No answer from {host} within {time_}.", "Try again, or give it longer in the settings."
            )


def _connect_error(causes: tuple[BaseException, ...], host: str, proxy: str) -> ConnectError:
    target = f"the proxy {proxy}" if proxy else host
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        if proxy:
            return ConnectError(f"Cannot find the proxy {proxy}.", _PROXY_HINT)
        return ConnectError(f"Cannot find host {_bare(host)}.", "Are you online? Is the address right?")
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    if host.startswith("/") and (error := _socket_error(numbers, host)) is not None:
        return error
    if errno.ECONNREFUSED in numbers:
        if proxy:
            return ConnectError(f"The proxy {proxy} does not answer.", _PROXY_HINT)
        return ConnectError(f"Nothing listens at {host}.", "Is the server running?")
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}:
        return ConnectError(f"There is no way to {target}.", "Are you online?")
    if errno.ECONNRESET in numbers:
        return ConnectError(f"The other side hung up while the connection to {target} was made.", "Try again.")
    if errno.EMFILE in numbers or errno.ENFILE in numbers:
        return ConnectError("Too many files are open on this machine.", "Close some programs, or raise the limit.")
    return ConnectError(f"Cannot connect to {target}.", "Are you online?")


def _socket_error(numbers: set[int | None], path: str) -> ConnectError | None:
    if errno.ENOENT in numbers:
        return ConnectError(f"There is no socket {path}.", "Is the server running? Is the path right?")
    if numbers & {errno.EACCES, errno.EPERM}:
        return ConnectError(
            f"You may not use the socket {path}.", "Look at its permissions, and those of its directory."
        )
    if errno.ENAMETOOLONG in numbers or not numbers:
        return ConnectError(f"The path of the socket {path} is too long.", "Most systems take 100 characters.")
    return None


def _tls_error(cause: ssl.SSLError, host: str, proxy: str) -> ConnectError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return ConnectError(
            f"The certificate of {host} is refused: {_certificate_fault(cause, host)}.",
            _trust_hint(cause.verify_code),
        )
    reason = (cause.reason or "").replace("_", " ").lower()
    if "wrong version number" in reason or "http request" in reason or "record layer" in reason:
        return ConnectError(f"{host} does not speak TLS.", "Should the base URL begin with http:// ?")
    if (words := _own_certificate_fault(reason)) and not proxy:
        return ConnectError(f"{host} {words}.", "Name your own: client_cert and client_key, for this endpoint.")
    beyond = f" through the proxy {proxy}" if proxy else ""
    return ConnectError(f"No secure connection to {host}{beyond}: {printable_line(reason) or 'the handshake failed'}.")


def _own_certificate_fault(reason: str) -> str:
    """What a server says of the certificate that we showed, or did not; empty where it is about something else."""
    if "certificate required" in reason or "peer did not return" in reason:
        return "wants to see a certificate of yours"
    if "alert unknown ca" in reason:
        return "does not trust the one who signed your certificate"
    if "alert certificate expired" in reason:
        return "says that your certificate has expired"
    return "refuses your certificate" if "alert" in reason and "certificate" in reason else ""


def _trust_hint(code: int) -> str:
    if code in _UNTRUSTED:
        return "If you trust it, name its file: ca_file for this endpoint, or SSL_CERT_FILE for all."
    if code in _FORM:
        return "If you trust the authority that signed it, name its file for this endpoint: ca_file."
    return "Is the address right?"


def _certificate_fault(cause: ssl.SSLCertVerificationError, host: str) -> str:
    code = cause.verify_code
    if code in _UNTRUSTED:
        return "nobody this machine trusts has signed it"
    if code == _EXPIRED:
        return "it has expired (is the clock of this machine right?)"
    if code == _NOT_YET_VALID:
        return "it is not valid yet (is the clock of this machine right?)"
    if code in _WRONG_HOST:
        return f"it is for another host than {_bare(host)}"
    return printable_line(cause.verify_message).rstrip(".") or "it could not be verified"


def _protocol(fault: HttpFault, host: str, *, has_begun: bool) -> Fault:
    """Faults of HTTP itself."""
    match fault:
        case "hung_up":
            return Fault(ConnectError(f"{host} hung up without an answer.", "Try again."), may_retry=True)
        case "cut":
            if has_begun:
                return Fault(BrokenError(f"The connection to {host} ended early.", _AGAIN), may_retry=False)
            return Fault(ConnectError(f"{host} hung up before the reply began.", "Try again."), may_retry=True)
        case "too_long":
            return Fault(
                LimitError(f"The headers from {host} are too long.", "Is the base URL right?", limit="header_bytes"),
                may_retry=False,
            )
    if has_begun:
        return Fault(FrameError(f"What {host} sends has stopped being HTTP.", _AGAIN), may_retry=False)
    return Fault(FrameError(f"What {host} sends is not HTTP.", "Is the base URL right?"), may_retry=False)


def _proxy_error(words: str, proxy: str) -> ConnectError:
    name = f"The proxy {proxy}" if proxy else "The proxy"
    if words.startswith("407"):
        return ConnectError(
            f"{name} wants a user and a password.", "Write them as http://user:password@host in HTTPS_PROXY."
        )
    return ConnectError(
        f"{name} refused the connection: {printable_line(words)[:200] or 'it does not say why'}.", _PROXY_HINT
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything it came from."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += (cause.__cause__, cause.__context__)
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions


def _bare(host: str) -> str:
    """A host without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and not name.endswith(":") else host
