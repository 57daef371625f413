#!/usr/bin/env bash
# mitmproxy 11.0.2 (PyPI), `mitmdump` with `hardump`, as a reverse proxy before a server whose event stream breaks off.
#
# Expected: the client has the words that came before the break, and the HAR tells what the client had: its status and its body.
# So it is: the client has a page with status 502 and no word; the HAR has status 200, no body and no error, so that it tells
#   neither of the answers that were given. With `stream_large_bodies=1` the client has the words and then the break, and
#   the HAR is the same as before. A stream that ends is recorded whole in the first case, and without a word of it in the second.
# Seen on 30 Nov 2026. Source: mitmproxy/addons/savehar.py, `flow_entry`, which looks at the error of a flow only where the flow has
#   no response; mitmproxy/proxy/layers/http/__init__.py, where the 502 is made.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mitmproxy==11.0.2
cat > "$work/ask.py" <<'PY'
import http.server, json, pathlib, socket, subprocess, sys, threading, time


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in (b"data: one\n\n", b"data: two\n\n"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        if self.path == "/whole":
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_):
        pass


def ask(port, path):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        came = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(came.split()[1]), [word for word in ("one", "two") if f"data: {word}" in came]


def wait_for(port):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)


work = pathlib.Path(sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
both = ["one", "two"]
BEFORE = {
    ("held", "/whole"): ((200, both), (200, both)),
    ("held", "/broken"): ((502, []), (200, [])),
    ("streamed", "/whole"): ((200, both), (200, [])),
    ("streamed", "/broken"): ((200, both), (200, [])),
}
for way, more in {"held": [], "streamed": ["--set", "stream_large_bodies=1"]}.items():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    har = work / f"{way}.har"
    command = [work / "venv/bin/mitmdump", "-q", "--mode", f"reverse:http://127.0.0.1:{server.server_port}"]
    command += ["--listen-host", "127.0.0.1", "-p", str(port), "--set", f"hardump={har}", "--set", f"confdir={work}/conf", *more]
    proxy = subprocess.Popen(command)
    wait_for(port)
    given = {path: ask(port, path) for path in ("/whole", "/broken")}
    proxy.terminate()
    proxy.wait()
    for entry in json.loads(har.read_text())["log"]["entries"]:
        path = "/" + entry["request"]["url"].rsplit("/", 1)[1]
        text = entry["response"]["content"].get("text", "")
        recorded = (entry["response"]["status"], [word for word in both if f"data: {word}" in text])
        print(f"{way}, {path}: the client had {given[path]}; the HAR has {recorded}")
        assert "_error" not in entry["response"], "it tells of the error now"
        assert (given[path], recorded) == BEFORE.pop((way, path)), "it differs now"
assert not BEFORE
PY
"$work/venv/bin/python" "$work/ask.py" "$work"
