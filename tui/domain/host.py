"""Hosts: which of them are this machine, and how they are reached where a person does not say."""

from __future__ import annotations

_USUAL = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    name = host.lower().strip("[]").rstrip(".")
    if name in _USUAL or name.endswith(".localhost"):
        return True
    import ipaddress

    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified  # 0.0.0.0 and [::] lead here too


def with_scheme(address: str) -> str:
    """A URL as a person may write it, `localhost:11434`, with its scheme: http on this machine, https elsewhere."""
    text = address.strip()
    if not text or "://" in text:
        return text
    host = text[: text.find("]") + 1] if text.startswith("[") else text.partition("/")[0].partition(":")[0]
    return f"{'http' if is_loopback(host) else 'https'}://{text}"
