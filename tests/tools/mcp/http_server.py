"""An MCP server over HTTP, and the authorization server before it, that misbehave as they are told."""

import base64
import gzip
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

TOOLS = [{"name": "echo", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}]


class HttpServer:
    """Serves `/mcp` on loopback.

    Attributes:
        status: Answer requests with this status instead.
        mode: "plain", "gzip", "events" (results as events), "huge", or "oauth".
        requests: Every request: method, path, headers, body.
        scope: What a token must be for, in the mode "oauth".
        elsewhere: Where it says that one signs in, in place of here.
    """

    def __init__(self, mode="plain", status=0):
        self.mode, self.status, self.requests, self.scope = mode, status, [], "read"
        self.elsewhere = ""
        self.sessions, self.codes, self.tokens, self.refreshed = set(), {}, {}, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.answer(self, "GET")

            def do_POST(self):
                outer.answer(self, "POST")

            def do_DELETE(self):
                outer.answer(self, "DELETE")

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.origin}/mcp"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def forget(self):
        """As a server that was restarted does."""
        self.sessions.clear()

    # -- answering ----------------------------------------------------------------------------------------

    def answer(self, handler, method):
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        parts = urlsplit(handler.path)
        self.requests.append((method, handler.path, dict(handler.headers), body))
        if parts.path == "/mcp":
            self.mcp(handler, method, body)
        else:
            self.oauth(handler, parts, body)

    def send(self, handler, status, body=b"", kind="application/json", **headers):
        handler.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        try:
            handler.wfile.write(body)
        except OSError:
            pass

    def mcp(self, handler, method, body):
        if self.status:
            self.send(handler, self.status, b"no", "text/plain")
            return
        if self.mode == "oauth" and not self.may_pass(handler):
            return
        if method != "POST":
            self.send(handler, 405 if method == "GET" else 204)
            return
        request = json.loads(body)
        number, name = request.get("id"), request["method"]
        session = handler.headers.get("mcp-session-id")
        if name == "initialize":
            session = secrets.token_hex(8)
            self.sessions.add(session)
            info = {"serverInfo": {"name": "http", "version": "1"}, "capabilities": {"tools": {}}}
            self.say(handler, number, {"protocolVersion": "2025-11-25", **info}, mcp_session_id=session)
        elif name == "server/discover":
            error = {"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "Method not found"}}
            self.send(handler, 200, json.dumps(error).encode())
        elif session not in self.sessions:
            self.send(handler, 404, b"", "text/plain")
        elif number is None:
            self.send(handler, 202)
        elif name == "tools/list":
            self.say(handler, number, {"tools": TOOLS})
        else:
            text = request["params"]["arguments"].get("text", "")
            text = "x" * int(text.removeprefix("size ")) if text.startswith("size ") else text
            self.say(handler, number, {"content": [{"type": "text", "text": text}]})

    def say(self, handler, number, result, **headers):
        body = json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode()
        if self.mode == "gzip":
            self.send(handler, 200, gzip.compress(body), content_encoding="gzip", **headers)
        elif self.mode == "events":
            self.send(handler, 200, b"event: message\ndata: " + body + b"\n\n", "text/event-stream", **headers)
        else:
            self.send(handler, 200, body, **headers)

    # -- signing in ---------------------------------------------------------------------------------------

    def may_pass(self, handler):
        token = handler.headers.get("authorization", "").removeprefix("Bearer ")
        about = f'resource_metadata="{self.origin}/.well-known/oauth-protected-resource/mcp"'
        if token not in self.tokens:
            self.send(handler, 401, www_authenticate=f'Bearer {about}, scope="read"')
            return False
        if self.scope not in self.tokens[token].split():
            self.send(
                handler, 403, www_authenticate=f'Bearer error="insufficient_scope", scope="{self.scope}", {about}'
            )
            return False
        return True

    def oauth(self, handler, parts, body):
        form = {name: values[0] for name, values in parse_qs(body.decode() or parts.query).items()}
        match parts.path:
            case "/.well-known/oauth-protected-resource/mcp":
                self.put(handler, {"resource": self.url, "authorization_servers": [self.elsewhere or self.origin]})
            case "/.well-known/oauth-authorization-server":
                here = {
                    name: f"{self.origin}/{path}"
                    for name, path in (
                        ("authorization_endpoint", "authorize"),
                        ("token_endpoint", "token"),
                        ("registration_endpoint", "register"),
                    )
                }
                more = {"code_challenge_methods_supported": ["S256"], "response_types_supported": ["code"]}
                self.put(handler, {"issuer": self.origin, **here, **more})
            case "/register":
                self.put(handler, {**json.loads(body), "client_id": "c-1", "token_endpoint_auth_method": "none"}, 201)
            case "/authorize":
                code = secrets.token_hex(8)
                self.codes[code] = form
                back = urlencode({"code": code, "state": form["state"]})
                self.send(handler, 302, location=f"{form['redirect_uri']}?{back}")
            case "/token" if form["grant_type"] == "authorization_code":
                asked = self.codes.pop(form["code"])
                digest = hashlib.sha256(form["code_verifier"].encode()).digest()
                assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
                assert (asked["code_challenge_method"], asked["resource"]) == ("S256", self.url)
                self.grant(handler, asked.get("scope", ""))
            case "/token" if form["refresh_token"] == "again":
                self.refreshed += 1
                self.grant(handler, self.scope)
            case _:
                self.send(handler, 404)

    def grant(self, handler, scope):
        token = f"t0k3n-{secrets.token_hex(8)}"
        self.tokens[token] = scope
        self.put(
            handler,
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": 3600,
                "refresh_token": "again",
                "scope": scope,
            },
        )

    def put(self, handler, value, status=200):
        self.send(handler, status, json.dumps(value).encode())
