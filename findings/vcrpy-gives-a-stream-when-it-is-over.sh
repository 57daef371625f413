#!/usr/bin/env bash
# vcrpy 9.4.2 (PyPI), which records HTTP for tests, around event streams that are read with openai 3.57.0 (on httpx2), httpx 0.28.1,
# requests 2.34.2 and aiohttp 3.14.5 (PyPI).
#
# Expected: a program that is recorded sees what it sees without the recorder: the first word while the server has not yet sent
#   the last, and, of a stream whose connection breaks, the words that came before the error. The recording has the broken one too.
# So it is: with all four a recorded stream is read to its end before the program has its head, so that every word comes at once,
#   at the end; of a stream that breaks the program has the error and no word, and nothing is written, so such a test cannot be
#   replayed.
# Seen on 30 Nov 2026. Source: vcr/stubs/httpx_stubs.py, which joins the parts of `real_response.stream`; vcr/stubs/__init__.py,
#   `VCRConnection.getresponse`; vcr/stubs/aiohttp_stubs.py, `record_response`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check vcrpy==9.4.2 openai==3.57.0 httpx==0.28.1 requests==2.34.2 aiohttp==3.14.5
cat > "$work/ask.py" <<'PY'
import asyncio, contextlib, http.server, json, pathlib, sys, threading

import aiohttp, httpx, openai, requests, vcr


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def word(self, text):
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        event = b"data: " + json.dumps(chunk).encode() + b"\n\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.word("one")
        came["while the stream is open"] = read.wait(1)
        if "broken" not in self.path:
            self.word("two")
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_):
        pass


def words(data):
    for event in data.decode().split("\n\n"):
        if event:
            yield json.loads(event.removeprefix("data: "))["choices"][0]["delta"]["content"]


def with_openai(url):
    client = openai.OpenAI(base_url=url, api_key="k", max_retries=0)
    for chunk in client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], stream=True):
        yield chunk.choices[0].delta.content


def with_httpx(url):
    with httpx.stream("POST", url, json={}) as reply:
        for data in reply.iter_raw():
            yield from words(data)


def with_requests(url):
    for data in requests.post(url, json={}, stream=True).iter_content(None):
        yield from words(data)


def with_aiohttp(url):
    async def each():
        async with aiohttp.ClientSession() as session, session.post(url, json={}) as reply:
            async for data in reply.content.iter_any():
                for word in words(data):
                    yield word

    loop, stream = asyncio.new_event_loop(), each()
    with contextlib.suppress(StopAsyncIteration):
        while True:
            yield loop.run_until_complete(anext(stream))


def ask(reader, url):
    read.clear()
    came.clear()
    heard = []
    try:
        for word in reader(url):
            heard.append(word)
            read.set()
    except Exception as error:
        heard.append("an error")
    return heard


came, read = {}, threading.Event()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
saw = {}
for reader in (with_openai, with_httpx, with_requests, with_aiohttp):
    for recorded in (False, True):
        for path in ("whole", "broken"):
            tape = pathlib.Path(sys.argv[1], f"{reader.__name__}-{path}.yaml")
            with vcr.use_cassette(str(tape)) if recorded else contextlib.nullcontext():
                heard = ask(reader, url + path)
            saw[reader.__name__, recorded, path] = (heard, came["while the stream is open"], tape.exists())
            print(f"{reader.__name__}, {'recorded' if recorded else 'by itself'}, {path}: {heard}; a word was read while the",
                  f"stream was open: {came['while the stream is open']}; a recording: {tape.exists()}")
for (name, recorded, path), what in saw.items():
    if recorded:
        before = (["one", "two"], False, True) if path == "whole" else (["an error"], False, False)
    else:
        before = (["one", "two" if path == "whole" else "an error"], True, False)
    assert what == before, f"{name}, {path}: it was {before}"
PY
"$work/venv/bin/python" "$work/ask.py" "$work"
