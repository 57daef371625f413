"""Signing in at a server that wants OAuth 2.1: the SDK speaks it, a person goes to the address in a browser.

The address that the browser comes back to is on loopback, listens only while it is waited for, and takes one
answer. Tokens are kept in the system's keyring; without one, or where the settings say so, in memory for this
run; in a file only where the settings say so.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tui.keyring import find_keyring
from tui.tools.definition import ToolError
from tui.tools.mcp.question import is_safe_address
from tui.tools.mcp.server import McpServer, SignIn, Value

_SERVICE = "rillet mcp"
_PATH = "/callback"
_REQUEST_BYTES = 16 << 10
_PAGE = "<!doctype html><meta charset=utf-8><title>rillet</title><p>{}</p>"
_MEMORY: dict[str, dict[str, Any]] = {}
"""What was signed in at in this run, by address; never written down."""

Opens = Callable[[str], Awaitable[bool]]


class NeedsSignInError(ToolError):
    """A person must sign in first, and has not been brought there."""


class Keeper(Protocol):
    """Where the tokens for one server are kept."""

    def load(self) -> dict[str, Any]:
        """What is kept; nothing where nothing is."""
        ...

    def save(self, credentials: Mapping[str, Any]) -> None:
        """Keep it."""
        ...


class _MemoryKeeper:
    def __init__(self, name: str) -> None:
        self._name = name

    def load(self) -> dict[str, Any]:
        return dict(_MEMORY.get(self._name, {}))

    def save(self, credentials: Mapping[str, Any]) -> None:
        _MEMORY[self._name] = dict(credentials)


class _FileKeeper:
    """A file, 0600: for machines without a keyring, and only where the settings want it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            credentials = json.loads(self._path.read_bytes())
            return credentials if isinstance(credentials, dict) else {}
        return {}

    def save(self, credentials: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        with suppress(FileNotFoundError):
            beside.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(beside, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(credentials))
        beside.replace(self._path)


class _KeyringKeeper:
    def __init__(self, keyring: Any, name: str) -> None:
        self._keyring = keyring
        self._name = name

    def load(self) -> dict[str, Any]:
        with suppress(self._keyring.errors.KeyringError, ValueError):
            credentials = json.loads(self._keyring.get_password(_SERVICE, self._name) or "{}")
            return credentials if isinstance(credentials, dict) else {}
        return {}

    def save(self, credentials: Mapping[str, Any]) -> None:
        try:
            self._keyring.set_password(_SERVICE, self._name, json.dumps(credentials))
        except self._keyring.errors.KeyringError:  # a locked keyring: this run has them all the same
            _MEMORY[self._name] = dict(credentials)


def open_keeper(server: McpServer, folder: Path | None) -> Keeper:
    """Where the tokens for a server are kept. This may ask the system's keyring: keep it off the event loop."""
    how = server.sign_in or SignIn()
    if how.store == "file" and folder is not None:
        return _FileKeeper(folder / f"mcp-{server.name}.sign-in.json")
    if how.store == "keyring" and server.url not in _MEMORY and (keyring := find_keyring()) is not None:
        return _KeyringKeeper(keyring, server.url)
    return _MemoryKeeper(server.url)


class _Storage:
    """The SDK's storage on top of a keeper; a client that the settings name is never registered again."""

    def __init__(self, auth: Any, keeper: Keeper, own_client: Any) -> None:
        self._auth = auth
        self._keeper = keeper
        self._own_client = own_client

    async def get_tokens(self) -> Any:
        credentials = await asyncio.to_thread(self._keeper.load)
        return self._auth.OAuthToken.model_validate(credentials["tokens"]) if credentials.get("tokens") else None

    async def set_tokens(self, tokens: Any) -> None:
        await self._put("tokens", tokens)

    async def get_client_info(self) -> Any:
        if self._own_client is not None:
            return self._own_client
        credentials = await asyncio.to_thread(self._keeper.load)
        return (
            self._auth.OAuthClientInformationFull.model_validate(credentials["client"])
            if credentials.get("client")
            else None
        )

    async def set_client_info(self, client_info: Any) -> None:
        await self._put("client", client_info)

    async def _put(self, key: str, value: Any) -> None:
        credentials = await asyncio.to_thread(self._keeper.load)
        credentials[key] = value.model_dump(mode="json", exclude_none=True)
        await asyncio.to_thread(self._keeper.save, credentials)


class SignInFlow:
    """What brings a person to the sign-in of one server, and takes the answer."""

    def __init__(self, server: McpServer, folder: Path | None, opens: Opens) -> None:
        """Prepare it; `opens` brings a person to an address, and says whether they go there."""
        self._server = server
        self._folder = folder
        self._opens = opens
        self._socket: socket.socket | None = None

    async def provider(self) -> Any:
        """What the HTTP client signs requests with.

        Raises:
            ToolError: If what the settings name is not there.
        """
        how = self._server.sign_in or SignIn()
        auth = importlib.import_module("mcp.shared.auth")
        secret = await Value(env=how.client_secret_env).find() if how.client_secret_env else None
        if how.grant == "client_credentials":
            return await self._machine(how, secret)
        keeper = await asyncio.to_thread(open_keeper, self._server, self._folder)
        credentials = await asyncio.to_thread(keeper.load)
        address, is_old = self._reserve(how.port or _port_of(credentials))
        if not is_old and "client" in credentials and not how.client_id:
            # It was registered with another address to come back to, which is taken now: register anew.
            keeper.save({})
        metadata = auth.OAuthClientMetadata(
            client_name="rillet",
            redirect_uris=[address],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=how.scope or None,
            token_endpoint_auth_method=None if secret else "none" if how.client_id else None,
        )
        own = None
        if how.client_id:
            own = auth.OAuthClientInformationFull(
                client_id=how.client_id,
                client_secret=secret,
                redirect_uris=[address],
                token_endpoint_auth_method="client_secret_basic" if secret else "none",
                issuer=how.issuer or None,
            )
        oauth = importlib.import_module("mcp.client.auth")
        return oauth.OAuthClientProvider(
            self._server.url,
            metadata,
            _Storage(auth, keeper, own),
            redirect_handler=self._go,
            callback_handler=self._come_back,
            client_metadata_url=how.client_metadata_url or None,
        )

    def close(self) -> None:
        """Let the address go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _machine(self, how: SignIn, secret: str | None) -> Any:
        """A sign-in without a person: by the client's secret, or by a key it signs with."""
        extension = importlib.import_module("mcp.client.auth.extensions.client_credentials")
        auth = importlib.import_module("mcp.shared.auth")
        storage = _Storage(auth, _MemoryKeeper(f"machine {self._server.url}"), None)
        more = {"issuer": how.issuer or None, "scope": how.scope or None}
        if how.private_key_env:
            key = os.environ.get(how.private_key_env, "")
            signed = extension.SignedJWTParameters(
                issuer=how.client_id, subject=how.client_id, signing_key=key, signing_algorithm=_algorithm(key)
            )
            return extension.PrivateKeyJWTOAuthProvider(
                self._server.url, storage, how.client_id, signed.create_assertion_provider(), **more
            )
        return extension.ClientCredentialsOAuthProvider(self._server.url, storage, how.client_id, secret or "", **more)

    def _reserve(self, port: int) -> tuple[str, bool]:
        """Take an address on loopback without listening there yet; whether it is the one that was wanted."""
        self.close()
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.bind(("127.0.0.1", 0))
        got = self._socket.getsockname()[1]
        return f"http://127.0.0.1:{got}{_PATH}", got == port

    async def _go(self, address: str) -> None:
        if not is_safe_address(address):
            raise ToolError("it wants the sign-in at an address that is not https")
        if not await self._opens(address):
            raise NeedsSignInError("it needs a sign-in")

    async def _come_back(self) -> Any:
        """Listen until the browser comes back, and take what it brings."""
        auth = importlib.import_module("mcp.shared.auth")
        if self._socket is None:
            self._reserve(0)
        came: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            query = await _read_query(reader)
            if query is not None and ("code" in query or "error" in query) and not came.done():
                came.set_result(query)
            words = "rillet has what it needs. You can close this page." if query else "This is not the address."
            body = _PAGE.format(words).encode()
            head = f"HTTP/1.1 {200 if query else 404} \r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            with suppress(OSError):
                writer.write(head.encode() + body)
                await writer.drain()
                writer.close()

        own = self._socket
        if own is None:
            raise ToolError("there is no port for the sign-in to come back to")
        listening = await asyncio.start_server(take, sock=own.dup(), limit=_REQUEST_BYTES)
        try:
            query = await came
        finally:
            listening.close()
        if "error" in query:
            why = query.get("error_description") or query["error"]
            raise ToolError(f"the sign-in was refused: {why[:200]}")
        return auth.AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


async def _read_query(reader: asyncio.StreamReader) -> Mapping[str, str] | None:
    """What a browser brings to our address; `None` for anything else."""
    with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, OSError):
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
        parts = urlsplit(target)
        if method == "GET" and parts.path == _PATH:
            return {name: values[0] for name, values in parse_qs(parts.query).items()}
    return None


def _port_of(credentials: Mapping[str, Any]) -> int:
    """The port of the address that a kept client was registered with."""
    with suppress(LookupError, TypeError, ValueError):
        return urlsplit(credentials["client"]["redirect_uris"][0]).port or 0
    return 0


def _algorithm(key: str) -> str:
    return "RS256" if "RSA" in key else "ES256"
