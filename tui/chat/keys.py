"""The keys of the endpoints, as far as they were found or typed in this run; in memory only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.domain.endpoint import Endpoint, Secret, Source

if TYPE_CHECKING:
    from tui.domain.request import Request


class Keys:
    """Finds the key of an endpoint once, and holds those that were typed. A key belongs to one origin."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._typed: dict[str, tuple[tuple[str, str], Secret]] = {}
        self._found: dict[str, Secret | None] = {}
        self._values: dict[str, Secret] = {}
        self._headers: dict[str, Mapping[str, str | Source | Secret]] = {}
        self._shed: set[str] = set()

    def use(self, endpoint: Endpoint, key: Secret) -> None:
        """Use a key for this run, in the place of the one that would be looked for."""
        self.forget(endpoint.name)
        self.drop(endpoint.name)
        self._typed[endpoint.name] = (_belongs_to(endpoint), key)

    def rename(self, old: str, new: str) -> None:
        """An endpoint has another name now, and the key that was typed for it goes along."""
        self.forget(old)
        if (typed := self._typed.pop(old, None)) is not None:
            self._typed[new] = typed

    def drop(self, name: str) -> None:
        """A key is no good, or is not to be used any more; it goes on being masked."""
        self.forget(name)
        if (gone := self._typed.pop(name, None)) is not None:
            self._shed.add(gone[1].reveal())

    def typed(self, endpoint: Endpoint) -> Secret | None:
        """The key that was typed for an endpoint; none where that has another address now."""
        place, key = self._typed.get(endpoint.name, (("", ""), None))
        return key if key is not None and place == _belongs_to(endpoint) else None

    def has(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint can be asked as far as keys go; a command and the keyring are taken at their word."""
        return (
            not endpoint.needs_key
            or bool(endpoint.key_command or endpoint.key_keyring)
            or self.typed(endpoint) is not None
            or any(self._environ.get(variable, "").strip() for variable in endpoint.key_env)
        )

    async def find(self, endpoint: Endpoint) -> tuple[Endpoint, Secret | None]:
        """An endpoint with its own headers found, and its key; looked for once.

        Raises:
            KeyMissingError: If there is none, with what to do about it.
            ConfigError: If there is one that cannot be used.
        """
        from tui.net.key import find_headers, find_key

        name = endpoint.name
        if name not in self._headers:
            self._headers[name] = (await find_headers(endpoint, self._environ)).headers
        if (typed := self.typed(endpoint)) is not None:
            return replace(endpoint, headers=self._headers[name]), typed
        if name not in self._found:
            self._found[name] = await find_key(endpoint, self._environ)
        return replace(endpoint, headers=self._headers[name]), self._found[name]

    async def with_values(self, endpoint: Endpoint, request: Request) -> Endpoint:
        """An endpoint with the keys of the server tools that a request switches on.

        Raises:
            KeyMissingError: If one is not there.
        """
        if not request.server_tools or not endpoint.tool_fields:
            return endpoint
        from tui.net.body import strings_in
        from tui.net.key import find_value, sources_in

        asked = strings_in(request.server_tools)
        for name, fields in endpoint.tool_fields.items():
            for source in sources_in(fields):
                mark = source.placeholder
                if mark in asked and mark not in self._values:
                    self._values[mark] = await find_value(source, self._environ, f"the server tool {name}")
        return replace(endpoint, values={mark: key for mark, key in self._values.items() if mark in asked})

    def forget(self, name: str) -> None:
        """An endpoint is another now: what was found for it is looked for again, and goes on being masked."""
        self._shed |= self._revealed((self._found.pop(name, None), *self._values.values()))
        self._values.clear()  # those of server tools, which are quickly found again
        self._shed |= self._revealed(self._headers.pop(name, {}).values())

    def revealed(self, endpoints: Iterable[Endpoint]) -> set[str]:
        """Every key that could stand in a text, to be masked there."""
        values = self._shed | self._revealed((*self._found.values(), *self._values.values()))
        values |= {key.reveal() for _, key in self._typed.values()}
        names: set[str] = set()
        for endpoint in endpoints:
            names |= {*endpoint.key_env, *(each.env for each in endpoint.headers.values() if isinstance(each, Source))}
        values |= {self._environ.get(name, "").strip() for name in names}
        for headers in self._headers.values():
            values |= self._revealed(headers.values())
        return values - {""}

    @staticmethod
    def _revealed(values: Iterable[object]) -> set[str]:
        return {value.reveal() for value in values if isinstance(value, Secret)}


def _belongs_to(endpoint: Endpoint) -> tuple[str, str]:
    """What a key belongs to: scheme, host and port, and the socket where they are reached by one."""
    from tui.net.address import origin_of

    return origin_of(endpoint.base_url), endpoint.way.socket
