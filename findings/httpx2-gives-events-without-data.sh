#!/usr/bin/env bash
# httpx2 2.16.2, its `Client.sse`, beside httpx-sse 0.4.3 with httpx 0.28.1 (PyPI) and eventsource-parser 3.0.6 (npm): event streams.
#
# Expected: what has no `data` is no event: a `retry`, an `id` or a name by itself sets something and is not given out (the
#   standard, html.spec.whatwg.org, 9.2.6). An event whose line ends are CR is over at its second one.
# So it is: httpx2 and httpx-sse give each of the three as an event with empty data, which is no JSON: a stream that begins with
#   `retry: 3000`, as many do, ends at once in a JSONDecodeError where events are read with `.json()`. eventsource-parser gives none of
#   them. Where line ends are CR, all three keep each event back until the next byte comes, so that the reader is one word
#   behind, and eventsource-parser never gives the last.
# Seen on 30 Nov 2026. Source: httpx2/_sse.py, `_pending` in `_SSEEventDecoder.decode` and `_trailing_cr` in `_SSELineDecoder`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check httpx2==2.16.2 httpx-sse==0.4.3 httpx==0.28.1
npm init -y >/dev/null
npm install --silent eventsource-parser@3.0.6 >/dev/null
cat > ask.mjs <<'JS'
import { createParser } from "eventsource-parser";

const parser = createParser({ onEvent: event => console.log(JSON.stringify(event.data)) });
const decoder = new TextDecoder();
for await (const part of (await fetch(process.argv[2])).body) parser.feed(decoder.decode(part, { stream: true }));
JS
cat > ask.py <<'PY'
import http.server, json, subprocess, threading

import httpx, httpx2, httpx_sse

PATHS = {"retry": [b"retry: 3000\n\n"], "id": [b"id: 7\n\n"], "name": [b"event: open\n\n"], "cr": []}


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        end = b"\r\r" if self.path == "/cr" else b"\n\n"
        for part in [*PATHS[self.path[1:]], b"data: one" + end]:
            self.wfile.write(part)
        came.append(read.wait(2))
        self.wfile.write(b"data: two" + end)

    def log_message(self, *_):
        pass


def with_httpx2(url):
    with httpx2.Client() as client, client.sse(url) as events:
        yield from (event.data for event in events)


def with_httpx_sse(url):
    with httpx.Client() as client, httpx_sse.connect_sse(client, "GET", url) as events:
        yield from (event.data for event in events.iter_sse())


def with_eventsource_parser(url):
    with subprocess.Popen(["node", "ask.mjs", url], stdout=subprocess.PIPE, text=True) as child:
        yield from map(json.loads, child.stdout)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
read, saw = threading.Event(), {}
for path in PATHS:
    for reader in (with_httpx2, with_httpx_sse, with_eventsource_parser):
        came = []
        read.clear()
        heard = []
        for data in reader(f"http://127.0.0.1:{server.server_port}/{path}"):
            heard.append(data)
            if data == "one":
                read.set()
        saw[path, reader.__name__] = (heard, came[0])
        print(f"{path}, {reader.__name__}: {heard}; the first was read before the second was sent: {came[0]}")
for (path, name), what in saw.items():
    parser = name == "with_eventsource_parser"
    if path == "cr":
        before = (["one"] if parser else ["one", "two"], False)
    else:
        before = (["one", "two"] if parser else ["", "one", "two"], True)
    assert what == before, f"{path}, {name}: it was {before}"
PY
venv/bin/python ask.py
