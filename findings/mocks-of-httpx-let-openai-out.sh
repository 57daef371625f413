#!/usr/bin/env bash
# respx 0.23.1, pytest-httpx 0.36.2 and pook 2.1.6 (PyPI), which stand in for the network in tests, around openai 3.57.0, anthropic
# 2.14.0 and mistralai 3.7.0, beside ollama 0.6.3 (PyPI).
#
# Expected: a request that no answer was given for is an error (respx: "not mocked"; pytest-httpx: "No response can be found"), as
#   it is by default, so that a test sends nothing, whichever version of these clients it is run with.
# So it is: the three clients speak over httpx2, which these stand-ins do not know, and with which httpx is often installed too.
#   Their requests go out to the real server, key and all, and the test passes with its answer. Of ollama, which speaks over
#   httpx, nothing goes out.
# Seen on 30 Nov 2026. Source: respx/mocks.py, `HTTPCoreMocker`; pytest_httpx/__init__.py, which patches `httpx.HTTPTransport`;
#   "Requires-Dist: httpx2" in the metadata of the clients.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check respx==0.23.1 pytest-httpx==0.36.2 pook==2.1.6 pytest httpx==0.28.1 \
  httpx2==2.16.2 openai==3.57.0 anthropic==2.14.0 mistralai==3.7.0 ollama==0.6.3
cat > "$work/test_asked.py" <<'PY'
import http.server, json, threading

import anthropic, mistralai.client, ollama, openai, pook, pytest, respx

arrived = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        arrived.append(self.path)
        body = b"{}"
        self.send_response(418)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
asked = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
clients = {
    "openai": lambda: openai.OpenAI(base_url=url, api_key="k", max_retries=0).chat.completions.create(**asked),
    "anthropic": lambda: anthropic.Anthropic(base_url=url, api_key="k", max_retries=0).messages.create(max_tokens=1, **asked),
    "mistralai": lambda: mistralai.client.Mistral(server_url=url, api_key="k").chat.complete(**asked),
    "ollama": lambda: ollama.Client(host=url).chat(**asked),
}


def ask(name, stand_in):
    arrived.clear()
    with pytest.raises(Exception):
        clients[name]()
    print(f"{stand_in}, {name}: {'the server was asked' if arrived else 'nothing went out'}")
    assert bool(arrived) == (name != "ollama")


@pytest.mark.parametrize("name", clients)
def test_respx(name):
    with respx.mock:
        ask(name, "respx")


@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
@pytest.mark.parametrize("name", clients)
def test_pytest_httpx(name, httpx_mock):
    ask(name, "pytest-httpx")


@pytest.mark.parametrize("name", clients)
def test_pook(name):
    with pook.use():
        ask(name, "pook")
PY
cd "$work"
venv/bin/pytest -q -s -p no:cacheprovider test_asked.py
