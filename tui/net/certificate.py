"""Certificates of the settings: what is trusted at an endpoint, and what we show of ourselves there."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from tui.domain.endpoint import Way
from tui.domain.error import ConfigError
from tui.wire.printable import printable_line

ALPN = ("http/1.1",)
"""What is spoken over TLS, as the server is told."""


def trust_of(way: Way) -> ssl.SSLContext:
    """What connections of a way trust, and show.

    Raises:
        ConfigError: If a file of it is not what it should be; it is named, with what to do.
    """
    if way.authority:
        _check_file(way.authority, "ca_file")
        try:
            context = ssl.create_default_context(cafile=way.authority)
        except (ssl.SSLError, OSError) as error:
            raise ConfigError(
                f"The file {printable_line(way.authority)} holds no certificates in PEM.",
                "Name the file of the authority in ca_file: it begins with -----BEGIN CERTIFICATE-----.",
            ) from error
        # From 3.13 on Python refuses authorities for their form, as many a firm's own has it; who names one trusts it so.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    else:
        context = ssl.create_default_context()
    if way.certificate:
        _show(context, way)
    context.set_alpn_protocols(ALPN)
    return context


def _show(context: ssl.SSLContext, way: Way) -> None:
    """Let connections show our certificate."""
    shown, key = printable_line(way.certificate), way.private_key or way.certificate
    _check_file(way.certificate, "client_cert")
    _check_file(key, "client_key")
    asked = False

    def refuse_to_ask() -> str:
        nonlocal asked
        asked = True  # OpenSSL itself would ask on the terminal, over the screen
        return ""

    try:
        context.load_cert_chain(way.certificate, key, refuse_to_ask)
    except (ssl.SSLError, OSError, ValueError) as error:
        if asked:
            raise ConfigError(
                f"The key in {printable_line(key)} has a passphrase, and rillet does not ask for it.",
                f"Write it without one into a file that only you can read: openssl pkey -in {printable_line(key)} -out FILE",
            ) from error
        if getattr(error, "reason", "") in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
            raise ConfigError(
                f"The key in {printable_line(key)} is not that of the certificate in {shown}.",
                "Name the two that belong together as client_cert and client_key.",
            ) from error
        raise ConfigError(
            f"The client certificate {shown} with the key in {printable_line(key)} cannot be used.",
            "Both must be PEM; a file that holds both needs no client_key.",
        ) from error


def _check_file(path: str, name: str) -> None:
    shown = printable_line(path)
    if not Path(path).is_file():
        raise ConfigError(f"There is no file {shown}, which {name} names.", f"Correct {name} in the settings.")
    if not os.access(path, os.R_OK):
        raise ConfigError(f"The file {shown}, which {name} names, may not be read.", "Look at its permissions.")
