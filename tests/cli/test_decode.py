"""`rillet decode`: a raw stream, decoded while it arrives."""

import json
import subprocess

import pytest

from tests.cli.running import start
from tests.conformance.compare import differences
from tests.conformance.harness import CASES, reads_of
from tests.server import TEXT, good
from tests.server.scenario import Ask
from tui.cli.decode import decode


def frames_of(dialect):
    path = "/v1/responses" if dialect == "responses" else "/v1/chat/completions"
    return good.say(Ask("ok", path=path, body={"model": "m"}))


@pytest.mark.parametrize("words", [["--dialect", "chat"], ["--dialect", "responses"], []])
def test_a_stream_is_decoded_as_it_arrives(home, words):
    dialect = words[-1] if words else "responses"
    with start("decode", *words, home=home, stdin=subprocess.PIPE) as child:
        said, written = [], 0
        for frame in frames_of(dialect):
            child.stdin.write(frame.decode())
            child.stdin.flush()
            written += 1
            if b'"content":"' in frame or b"output_text.delta" in frame:
                said.append(json.loads(child.stdout.readline()))  # comes before more is written
                assert said[-1]["type"] == "text"
            if len(said) == 3:
                break
        child.stdin.write("".join(frame.decode() for frame in frames_of(dialect)[written:]))
        child.stdin.close()
        said += [json.loads(line) for line in child.stdout]
        assert child.wait(10) == 0
        assert child.stderr.read() == ""
    assert "".join(event["text"] for event in said if event["type"] == "text") == TEXT
    assert [event["t"] for event in said[:-1]] == sorted(event["t"] for event in said[:-1])
    assert (said[-1]["type"], said[-1]["state"], said[-1]["text"]) == ("turn", "complete", TEXT)


def test_frames_are_printed_as_they_are(home):
    with start("decode", "--dialect", "sse", home=home, stdin=subprocess.PIPE) as child:
        child.stdin.write(": hello\nevent: ping\nid: 7\ndata: one\ndata: two\n\n")
        child.stdin.flush()
        assert json.loads(child.stdout.readline()) == {"event": "ping", "data": "one\ntwo", "id": "7"}
        out, err = child.communicate("data: three\n\ndata: lost")
    assert [json.loads(line) for line in out.splitlines()] == [{"event": "message", "data": "three", "id": "7"}]
    assert (child.returncode, err) == (0, "")


def test_a_stream_without_an_end_says_so(rillet_process):
    body = b"".join(frames_of("chat")[:5]).decode()
    done = rillet_process("decode", stdin=body)
    turn = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, turn["state"], turn["error"]["kind"]) == (5, "truncated", "truncated")
    assert TEXT.startswith(turn["text"]) and turn["text"]
    nothing = rillet_process("decode", stdin="")
    assert (nothing.returncode, json.loads(nothing.stdout)["error"]["kind"]) == (5, "empty")


def test_a_stream_is_decoded_from_a_file_too_and_from_a_dash(rillet_process, tmp_path):
    body = b"".join(frames_of("chat"))
    path = tmp_path / "s.sse"
    path.write_bytes(body)
    for done in (rillet_process("decode", str(path)), rillet_process("decode", "-", stdin=body.decode())):
        turn = json.loads(done.stdout.splitlines()[-1])
        assert (done.returncode, turn["text"]) == (0, TEXT)
    missing = rillet_process("decode", str(tmp_path / "none.sse"))
    assert (missing.returncode, "cannot read" in missing.stderr, "Traceback" in missing.stderr) == (2, True, False)
    folder = rillet_process("decode", str(tmp_path))
    assert (folder.returncode, "cannot read" in folder.stderr, "Traceback" in folder.stderr) == (2, True, False)


def test_a_reader_that_goes_away_is_no_fault(home):
    with start("decode", home=home, stdin=subprocess.PIPE) as child:
        child.stdout.close()
        try:
            child.stdin.write("".join(frame.decode() for frame in frames_of("chat") * 50))
            child.stdin.close()
        except BrokenPipeError:
            pass
        assert child.wait(10) == 141
        assert child.stderr.read() == ""


WHOLE = [
    case
    for case in CASES
    if case["http"]["status"] == 200
    and "content-encoding" not in {name.lower() for name in case["http"]["headers"]}
    # A pipe neither breaks off nor knows what was asked.
    and case["body_end"] == "eof"
    and "token_limit" not in case
]


@pytest.mark.parametrize("case", WHOLE, ids=[case["name"] for case in WHOLE])
def test_every_conformance_case_can_be_piped_in(case, tmp_path):
    path = tmp_path / "stream"
    path.write_bytes(b"".join(reads_of(case)))
    said = []
    with path.open("rb") as file:
        decode(file.fileno(), case["dialect"], lambda line: said.append(json.loads(line)))
    shown = {"events": said} if case["dialect"] == "sse" else said[-1]
    assert differences(case["expect"], shown) == []
