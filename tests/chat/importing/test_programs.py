"""What other programs keep on a machine: databases, logs and folders."""

from __future__ import annotations

import base64
import json
import os
import shutil
from datetime import UTC, datetime

import pytest

from tests.chat.importing.samples import (
    PNG,
    PNG_URL,
    above,
    prompts,
    texts,
    write_database,
    write_json,
    write_lines,
)
from tui.domain.session import NO_TIME
from tui.domain.turn import Prompt, TurnState

NOON = datetime.fromisoformat("2026-11-28T12:00:00+00:00").timestamp()

# -- llm ----------------------------------------------------------------------------------------------------


def llm_new(path, **more):
    messages = [
        ("m1", None, "user"),
        ("m2", "m1", "assistant"),
        ("m3", "m2", "tool"),
        ("m4", "m3", "assistant"),
        ("m5", "m1", "assistant"),
    ]
    parts = [
        ("m1", 0, "text", None, {"text_ref": [{"fragment": 1}, {"literal": "\nand this"}]}),
        ("m1", 1, "attachment", None, {}),
        ("m2", 0, "reasoning", "Hm.", {}),
        ("m2", 1, "tool_call", None, {"name": "look", "arguments": {"at": 1}, "tool_call_id": "c1"}),
        ("m3", 0, "tool_result", None, {"name": "look", "output": "seen", "tool_call_id": "c1"}),
        ("m4", 0, "text", "It is there.", {}),
        ("m5", 0, "text", "Another answer.", {}),
    ]
    turns = [
        ("t1", "m1", "m2", "2026-11-28T12:00:00+00:00"),
        ("t2", "m3", "m4", "2026-11-28T12:00:05+00:00"),
        ("t3", "m1", "m5", "2026-11-28T12:01:00+00:00"),
    ]
    return write_database(
        path,
        threads=[
            {"id": "th1", "name": "A thread", "tip_message_hash": "m4", "datetime_utc": "2026-11-28 12:02:00+00:00"}
        ],
        messages=[{"hash": name, "parent_hash": parent, "role": role} for name, parent, role in messages],
        parts=[
            {
                "id": number,
                "message_hash": of,
                "position": at,
                "type": kind,
                "tool_name": None,
                "text": text,
                "payload": json.dumps(payload),
            }
            for number, (of, at, kind, text, payload) in enumerate(parts, 1)
        ],
        turns=[
            {
                "id": name,
                "thread_id": "th1",
                "parent_message_hash": parent,
                "tip_message_hash": tip,
                "model": "m",
                "resolved_model": "m-1",
                "schema_id": "s1" if name == "t3" else None,
                "input_tokens": 3,
                "output_tokens": 4,
                "duration_ms": 250,
                "datetime_utc": at,
                "response_json": '{"finish_reason": "stop"}',
            }
            for name, parent, tip, at in turns
        ],
        fragments=[{"id": 1, "content": "A fragment,"}],
        schemas=[{"id": "s1", "content": '{"type": "object"}'}],
        attachments=[{"id": "a1", "type": "image/png", "path": None, "url": None, "content": PNG}],
        part_attachments=[{"part_id": 2, "attachment_id": "a1", "order": 0}],
        **more,
    )


def test_llm_walks_from_the_tip_and_keeps_the_other_turns_as_branches(one, tmp_path):
    session = one(llm_new(tmp_path / "logs.db"))
    assert session.title == "A thread"
    opening = session.turns[0].turn.opening
    assert (opening.text, opening.images[0].url) == ("A fragment,\nand this", PNG_URL)
    assert texts(session) == ["", "It is there.", "Another answer."]
    assert above(session) == [None, 1, None]
    assert session.head == 2
    first, _, third = (whole.turn for whole in session.turns)
    assert (first.reasoning, first.tool_calls[0].outcome.text, first.model) == ("Hm.", "seen", "m-1")
    assert (third.schema.schema, third.finish_reason, third.timing.duration) == ({"type": "object"}, "stop", 0.25)
    assert [whole.began_at for whole in session.turns] == [NOON, NOON + 5, NOON]
    assert session.updated_at == NOON + 120


def llm_old(**more):
    rows = [
        {"id": "r1", "prompt": "Old question", "response": "Old answer", "tool": None},
        {"id": "r2", "prompt": "Look", "response": "", "tool": None},
        {"id": "r3", "prompt": "", "response": "Looked.", "tool": None},
    ]
    return {
        "conversations": [{"id": "cv1", "name": "An old one", "model": "m"}],
        "responses": [
            {
                "id": row["id"],
                "model": "m",
                "prompt": row["prompt"],
                "system": "Be kind",
                "response": row["response"],
                "conversation_id": "cv1",
                "datetime_utc": f"2026-11-28T12:00:0{number}",
                "duration_ms": 100,
                "input_tokens": 1,
                "output_tokens": 2,
            }
            for number, row in enumerate(rows)
        ],
        "tool_calls": [{"id": 1, "response_id": "r2", "name": "look", "arguments": "{}", "tool_call_id": "c1"}],
        "tool_results": [{"id": 1, "response_id": "r3", "name": "look", "output": "seen", "tool_call_id": "c1"}],
        **more,
    }


def test_llm_of_before_the_threads(one, tmp_path):
    session = one(write_database(tmp_path / "logs.db", **llm_old()))
    assert (prompts(session), texts(session)) == (["Old question", "Look", None], ["Old answer", "", "Looked."])
    assert session.turns[1].turn.tool_calls[0].outcome.text == "seen"
    assert (session.system, session.title) == ("Be kind", "An old one")
    assert session.turns[0].began_at == NOON


@pytest.mark.parametrize("repeats", [True, False])
def test_an_old_chat_of_llm_that_was_gone_on_with_is_there_once(one, tmp_path, repeats):
    chain = [("m1", "user", "Old question"), ("m2", "assistant", "Old answer")] if repeats else []
    chain += [("m3", "user", "New question"), ("m4", "assistant", "New answer")]
    messages, parts, last = [], [], None
    for number, (name, role, text) in enumerate(chain):
        messages.append({"hash": name, "parent_hash": last, "role": role})
        parts.append({"id": number, "message_hash": name, "position": 0, "type": "text", "text": text, "payload": None})
        last = name
    old = llm_old()
    old["responses"] = old["responses"][:1]
    for table in ("tool_calls", "tool_results"):
        del old[table]
    thread = {"id": "cv1", "name": "An old one", "tip_message_hash": "m4", "datetime_utc": "2026-11-28 12:02:00+00:00"}
    turn = {
        "id": "t",
        "thread_id": "cv1",
        "tip_message_hash": "m4",
        "parent_message_hash": "m3",
        "datetime_utc": "2026-11-28T12:02:00",
    }
    session = one(
        write_database(tmp_path / "logs.db", **old, threads=[thread], messages=messages, parts=parts, turns=[turn])
    )
    assert (prompts(session), texts(session)) == (["Old question", "New question"], ["Old answer", "New answer"])
    assert above(session) == [None, 1]


# -- oterm, elia, parllama ------------------------------------------------------------------------------------


def test_oterm_has_images_without_a_kind_and_no_times(one, tmp_path):
    messages = [
        ("user", "[Image #1] what?", json.dumps([base64.b64encode(PNG).decode()])),
        ("assistant", "<think>Hm.</think>A cat", "[]"),
    ]
    path = write_database(
        tmp_path / "store.db",
        chat=[{"id": 1, "name": "cats", "model": "m", "system": "Be kind", "provider": "ollama"}],
        message=[
            {"id": number, "chat_id": 1, "author": author, "text": text, "images": images}
            for number, (author, text, images) in enumerate(messages)
        ],
    )
    session = one(path)
    opening = session.turns[0].turn.opening
    assert (opening.text, opening.images[0].url) == ("[Image #1] what?", PNG_URL)
    turn = session.turns[0].turn
    assert (turn.text, turn.reasoning, turn.endpoint, turn.source) == ("A cat", "Hm.", "ollama", "oterm")
    assert (session.created_at, session.updated_at, session.turns[0].began_at) == (NO_TIME, NO_TIME, NO_TIME)
    assert (session.system, session.title) == ("Be kind", "cats")


def test_elia_has_times_without_a_zone_and_replies_without_words(one, tmp_path):
    rows = [("system", "Be kind", "12:00:00"), ("user", "Hello", "12:00:00"), ("assistant", "", "12:00:03.5")]
    path = write_database(
        tmp_path / "elia.sqlite",
        chat=[{"id": 1, "model": "m", "title": "", "started_at": "2026-11-28 12:00:00", "archived": 1}],
        message=[
            {
                "id": number,
                "chat_id": 1,
                "role": role,
                "content": text,
                "timestamp": f"2026-11-28 {at}",
                "meta": "{}",
                "parent_id": None,
                "model": "m",
            }
            for number, (role, text, at) in enumerate(rows)
        ],
    )
    session = one(path)
    assert (session.title, session.system, session.created_at) == ("Hello", "Be kind", NOON)
    assert session.archived_at is not None
    assert (prompts(session), texts(session)) == (["Hello"], [""])


def test_parllama_keeps_thinking_apart(one, tmp_path):
    messages = [
        {"id": "a", "role": "user", "content": "Hello", "thinking": "", "images": [PNG_URL], "tool_calls": None},
        {"id": "b", "role": "assistant", "content": "Hi", "thinking": "Hm.", "images": None, "tool_calls": None},
    ]
    chat = {
        "_salt": None,
        "__key__": None,
        "id": "p1",
        "name": "New Chat",
        "last_updated": "2026-11-28T12:00:00+00:00",
        "llm_config": {"provider": "Ollama", "model_name": "m"},
        "messages": messages,
    }
    session = one(write_json(tmp_path / "chats" / "p1.json", chat))
    turn = session.turns[0].turn
    assert (turn.text, turn.reasoning, turn.model, turn.endpoint) == ("Hi", "Hm.", "m", "ollama")
    assert turn.opening.images[0].url == PNG_URL
    assert (session.title, session.updated_at, session.created_at) == ("Hello", NOON, NO_TIME)


def test_parllama_of_its_first_versions(one, tmp_path):
    messages = [{"id": "m1", "role": "user", "content": "hi"}, {"id": "m2", "role": "assistant", "content": "hello"}]
    chat = {
        "id": "p1",
        "name": "A talk",
        "last_updated": "2024-08-08T10:00:00",
        "llm_model_name": "llama3",
        "options": {},
    }
    session = one(write_json(tmp_path / "p1.json", {**chat, "messages": messages}))
    assert (prompts(session), texts(session), session.turns[0].turn.model) == (["hi"], ["hello"], "llama3")
    assert session.updated_at == datetime(2024, 8, 8, 10, tzinfo=UTC).timestamp()


# -- opencode -------------------------------------------------------------------------------------------------


def opencode_messages():
    state = {"status": "completed", "input": {"path": "a"}, "output": "held"}
    failed = {"status": "error", "input": {}, "error": "no such file"}
    ms = int(NOON * 1000)
    return [
        (
            {"id": "m1", "role": "user", "time": {"created": ms}, "model": {"providerID": "prov", "modelID": "m"}},
            [
                {"type": "text", "synthetic": True, "text": "Called the Read tool"},
                {"type": "text", "text": '"look at \\"this\\""'},
                {"type": "file", "mime": "image/png", "url": PNG_URL, "filename": "cat.png", "synthetic": True},
            ],
        ),
        (
            {
                "id": "m2",
                "role": "assistant",
                "time": {"created": ms + 1000, "completed": ms + 3000},
                "modelID": "m",
                "providerID": "prov",
                "finish": "stop",
                "cost": 0.5,
                "tokens": {"total": 60, "input": 20, "output": 25, "reasoning": 5, "cache": {"read": 10, "write": 0}},
            },
            [
                {"type": "step-start"},
                {"type": "reasoning", "text": "Hm.", "time": {"start": ms + 1000, "end": ms + 1500}},
                {"type": "tool", "tool": "read", "callID": "c1", "state": state},
                {"type": "tool", "tool": "list", "callID": "c2", "state": failed},
                {"type": "text", "text": "Seen."},
                {"type": "step-finish"},
            ],
        ),
        ({"id": "m3", "role": "user", "time": {"created": ms + 4000}}, [{"type": "text", "text": "stop"}]),
        (
            {
                "id": "m4",
                "role": "assistant",
                "time": {"created": ms + 5000},
                "error": {"name": "MessageAbortedError", "data": {}},
            },
            [{"type": "text", "text": "I was"}],
        ),
    ]


def check_opencode(session):
    assert prompts(session)[0] == 'look at "this"'
    assert session.turns[0].turn.opening.images[0].name == "cat.png"
    assert [whole.turn.text for whole in session.turns][-2:] == ["Seen.", "I was"]
    calls = [call for whole in session.turns for call in whole.turn.tool_calls]
    assert [(call.name, call.outcome.state, call.outcome.text) for call in calls] == [
        ("read", "done", "held"),
        ("list", "failed", "no such file"),
    ]
    answered = next(whole.turn for whole in session.turns if whole.turn.text == "Seen.")
    usage = answered.usage
    assert (usage.input, usage.cached, usage.output, usage.reasoning, usage.cost_usd) == (30, 10, 30, 5, 0.5)
    assert (answered.timing.duration, answered.finish_reason, answered.endpoint) == (2.0, "stop", "prov")
    assert session.turns[-1].turn.state is TurnState.STOPPED
    assert session.turns[0].began_at == NOON


def opencode_session(name="s1", **more):
    ms = int(NOON * 1000)
    return {
        "id": name,
        "parent_id": None,
        "title": "A look",
        "time_created": ms,
        "time_updated": ms + 5000,
        "time_archived": None,
        **more,
    }


def test_opencode_of_its_database(take, tmp_path):
    messages, parts = [], []
    for session in ("s1", "s2"):
        for info, held in opencode_messages():
            name = f"{session}{info['id']}"
            created = info["time"]["created"]
            messages.append({"id": name, "session_id": session, "time_created": created, "data": json.dumps(info)})
            for part in held:
                parts.append(
                    {"id": f"p{len(parts):03}", "message_id": name, "session_id": session, "data": json.dumps(part)}
                )
    sessions = [opencode_session(), opencode_session("s2", title="New session - 2026-11-28", parent_id="s1")]
    report, found = take(write_database(tmp_path / "opencode.db", session=sessions, message=messages, part=parts))
    assert report.problems == []
    check_opencode(found["opencode:s1"])
    assert found["opencode:s1"].archived_at is None
    assert found["opencode:s2"].archived_at is not None
    assert (found["opencode:s2"].tags, found["opencode:s2"].title) == (("subagent",), 'look at "this"')


def write_filed(home, message="message/s1", part="part", folder="session/p1"):
    """The folders of JSON that opencode kept before its database."""
    times = {"created": int(NOON * 1000), "updated": int(NOON * 1000) + 5000}
    session = {"id": "s1", "projectID": "p1", "version": "0.9", "directory": "/w", "title": "A look", "time": times}
    path = write_json(home / folder / "s1.json", session)
    for info, held in opencode_messages():
        write_json(home / message / f"{info['id']}.json", {**info, "sessionID": "s1"})
        for number, each in enumerate(held):
            write_json(home / part / info["id"] / f"prt_{number:03}.json", {**each, "messageID": info["id"]})
    return path


@pytest.mark.parametrize(
    "places",
    [{}, {"folder": "session/info", "message": "session/message/s1", "part": "session/part/s1"}],
    ids=["storage", "project"],
)
def test_opencode_of_its_folders(one, tmp_path, places):
    session = one(write_filed(tmp_path / "storage", **places))
    check_opencode(session)
    assert (session.title, session.source, session.created_at) == ("A look", "opencode:s1", NOON)


def test_opencode_of_a_folder_that_was_packed(one, tmp_path):
    write_filed(tmp_path / "in" / "storage")
    check_opencode(one(shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path / "in")))


def test_opencode_of_its_folders_where_a_part_is_cut_and_the_database_holds_it_too(take, tmp_path):
    path = write_filed(tmp_path / "storage")
    (tmp_path / "storage" / "part" / "m2" / "prt_004.json").write_text('{"type": "te')
    report, found = take(path)
    assert [words for _, words in report.problems] == ["it is cut, or no JSON"]
    assert report.problems[0][0].endswith("part/m2/prt_004.json")
    assert "look at" in prompts(found["opencode:s1"])[0]


def test_opencode_of_its_first_versions(one, tmp_path):
    home, ms = tmp_path / "storage", int(NOON * 1000)
    write_json(home / "session/info/s1.json", {"id": "s1", "title": "Old", "time": {"created": ms}})
    asked = {"id": "m1", "role": "user", "parts": [{"type": "text", "text": "what?"}]}
    write_json(home / "session/message/s1/m1.json", {**asked, "metadata": {"time": {"created": ms}}})
    told = {"state": "result", "toolCallId": "c1", "toolName": "read", "args": {"path": "a"}, "result": "held"}
    parts = [{"type": "tool-invocation", "toolInvocation": told}, {"type": "text", "text": "That."}]
    about = {
        "time": {"created": ms + 1000, "completed": ms + 2000},
        "assistant": {"modelID": "m", "providerID": "prov"},
    }
    write_json(
        home / "session/message/s1/m2.json", {"id": "m2", "role": "assistant", "parts": parts, "metadata": about}
    )
    session = one(home / "session/info/s1.json")
    assert prompts(session)[0] == "what?"
    (call,) = [call for whole in session.turns for call in whole.turn.tool_calls]
    assert (call.name, call.outcome.text, texts(session)[-1]) == ("read", "held", "That.")
    assert (session.turns[-1].turn.endpoint, session.turns[0].began_at) == ("prov", NOON)


def test_opencode_of_its_export(one, tmp_path):
    info = {"id": "s1", "title": "A look", "time": {"created": int(NOON * 1000), "updated": int(NOON * 1000)}}
    messages = [{"info": about, "parts": parts} for about, parts in opencode_messages()]
    session = one(write_json(tmp_path / "export.json", {"info": info, "messages": messages}))
    check_opencode(session)
    assert session.title == "A look"


# -- Codex ----------------------------------------------------------------------------------------------------


def codex_line(ordinal, kind, at=0, **payload):
    stamp = datetime.fromtimestamp(NOON + at).astimezone().isoformat()
    return {"timestamp": stamp, "ordinal": ordinal, "type": kind, "payload": payload}


def codex_user(ordinal, text, *more, at=0):
    content = [*more, {"type": "input_text", "text": text}]
    return codex_line(ordinal, "response_item", at, type="message", role="user", content=content)


def codex_rollout():
    words = [{"type": "output_text", "text": "I look."}]
    image = (
        {"type": "input_text", "text": '<image name=[Image #1] path="/home/ada/cat.png">'},
        {"type": "input_image", "image_url": PNG_URL},
        {"type": "input_text", "text": "</image>"},
    )
    return [
        codex_line(
            0, "session_meta", id="base", timestamp="2026-11-28T12:00:00Z", model_provider="prov", source="exec"
        ),
        codex_line(1, "turn_context", model="m-1"),
        codex_user(2, "<environment_context>\n<cwd>/</cwd></environment_context>"),
        codex_user(3, "Look", *image, at=1),
        codex_line(4, "event_msg", type="item_completed", item={"type": "UserMessage", "content": [{"text": "Look"}]}),
        codex_line(
            5, "response_item", 2, type="reasoning", summary=[{"text": "Hm."}], content=None, encrypted_content="x"
        ),
        codex_line(6, "response_item", 3, type="message", role="assistant", content=words),
        codex_line(7, "response_item", 3, type="function_call", name="run", arguments='{"cmd": "ls"}', call_id="c1"),
        codex_line(
            8, "token_usage_record", usage={"input_tokens": 5, "output_tokens": 6, "reasoning_output_tokens": 2}
        ),
        codex_line(
            9,
            "response_item",
            4,
            type="function_call_output",
            call_id="c1",
            output="Process exited with code 3\nOutput:\nno",
        ),
        codex_line(
            10,
            "response_item",
            5,
            type="message",
            role="assistant",
            content=[{"type": "output_text", "text": "It failed."}],
        ),
        codex_line(11, "event_msg", 6, type="task_complete", duration_ms=1000),
    ]


def codex_fork():
    meta = {
        "id": "fork",
        "timestamp": "2026-11-28T13:00:00Z",
        "forked_from_id": "base",
        "forked_from_ordinal_exclusive": 12,
    }
    return [codex_line(12, "session_meta", **meta), codex_user(13, "Try again", at=3600)]


def test_codex_takes_each_message_once_and_finds_the_beginning_of_a_fork(take, tmp_path):
    day = tmp_path / ".codex" / "sessions" / "2026" / "11" / "28"
    write_lines(day / "rollout-2026-11-28T12-00-00-base.jsonl", *codex_rollout())
    write_lines(day / "rollout-2026-11-28T13-00-00-fork.jsonl", *codex_fork())
    report, sessions = take(tmp_path / ".codex")
    assert report.problems == []
    base, fork = sessions["codex:base"], sessions["codex:fork"]
    assert (prompts(base), texts(base)) == (["Look", None], ["I look.", "It failed."])
    turn = base.turns[0].turn
    assert (turn.reasoning, turn.model, turn.endpoint, turn.usage.reasoning) == ("Hm.", "m-1", "prov", 2)
    assert (turn.opening.images[0].name, turn.opening.images[0].url) == ("cat.png", PNG_URL)
    assert (turn.tool_calls[0].outcome.state, turn.tool_calls[0].arguments) == ("failed", '{"cmd": "ls"}')
    assert [whole.began_at for whole in base.turns] == [NOON + 1, NOON + 5]
    assert prompts(fork) == ["Look", None, "Try again"]
    assert fork.created_at == NOON + 3600


def test_codex_packed_by_zstd_and_a_fork_without_its_beginning(take, tmp_path):
    zstd = pytest.importorskip("backports.zstd")
    day = tmp_path / "sessions"
    day.mkdir()
    text = "".join(json.dumps(line) + "\n" for line in codex_rollout())
    (day / "rollout-base.jsonl.zst").write_bytes(zstd.compress(text.encode()))
    lonely = codex_fork()
    lonely[0]["payload"]["forked_from_id"] = "nowhere"
    write_lines(day / "rollout-fork.jsonl", *lonely)
    report, sessions = take(day)
    assert texts(sessions["codex:base"]) == ["I look.", "It failed."]
    ((_, words),) = report.problems
    assert "nowhere" in words


# -- gptme ----------------------------------------------------------------------------------------------------


def gptme_line(role, content, at, **more):
    return {"role": role, "content": content, "timestamp": f"2026-11-28T14:00:{at:02}.5", **more}


def test_gptme_reads_calls_out_of_the_text_and_branches_beside_it(one, tmp_path):
    folder = tmp_path / "logs" / "2026-11-28-little-tree"
    lines = [
        gptme_line("system", "You are gptme", 7, pinned=True, hide=True),
        gptme_line("user", "Look", 4),
        gptme_line(
            "assistant",
            '<think>\nHm.\n</think>\n\nI look.\n@shell(c1): {"command": "ls"}',
            6,
            metadata={
                "model": "openai/m",
                "usage": {"input_tokens": 5, "output_tokens": 6},
                "timings": {"ttft_ms": 500.2, "gen_ms": 1500},
            },
        ),
        gptme_line("system", "a b c", 7, call_id="c1"),
        gptme_line("assistant", "There are three.", 8),
        gptme_line("user", "<system>No tool call detected</system>", 9),
    ]
    write_lines(folder / "conversation.jsonl", *lines)
    other = gptme_line("user", "Look there", 20), gptme_line("assistant", "Nothing.", 21)
    write_lines(folder / "branches" / "other.jsonl", lines[0], *other)
    event = {"seq": 1, "ts": "2026-11-28T12:00:04.7+00:00", "payload": {"message": lines[1]}}
    write_lines(folder / "events.jsonl", event)
    session = one(tmp_path / "logs")
    assert prompts(session) == ["Look", None, "Look there"]
    assert texts(session) == ["I look.", "There are three.", "Nothing."]
    assert above(session) == [None, 1, None]
    turn = session.turns[0].turn
    assert (turn.reasoning, turn.tool_calls[0].outcome.text, turn.timing.latency, turn.timing.duration) == (
        "Hm.",
        "a b c",
        0.5,
        2.0,
    )
    assert (turn.model, turn.endpoint) == ("m", "openai")
    assert session.turns[0].began_at == NOON + 4.5
    assert (session.title, session.head) == ("little tree", 2)


# -- aichat, crush, LM Studio -----------------------------------------------------------------------------------


def test_aichat_puts_the_older_half_first(one, tmp_path):
    pytest.importorskip("yaml")
    path = tmp_path / "sessions" / "tea.yaml"
    path.parent.mkdir()
    path.write_text(
        f"""model: openai:m
temperature: 0.5
compressed_messages:
- role: system
  content: Be kind
- role: user
  content: |-
    First
    line
- role: assistant
  content: "One"
messages:
- role: system
  content: 'This is a summary of the chat history'
- role: user
  content:
  - type: text
    text: See
  - type: image_url
    image_url:
      url: {PNG_URL}
- role: assistant
  content:
    tool_results:
    - call:
        name: look
        arguments:
          at: 1
        id: c1
      output: seen
    text: I look.
- role: assistant
  content: Two
"""
    )
    session = one(path)
    assert (prompts(session), texts(session)) == (["First\nline", "See", None], ["One", "I look.", "Two"])
    assert session.turns[1].turn.tool_calls[0].outcome.text == "seen"
    assert session.turns[1].turn.opening.images[0].url == PNG_URL
    assert (session.system, session.title, session.turns[0].turn.endpoint, session.updated_at) == (
        "Be kind",
        "tea",
        "openai",
        NO_TIME,
    )


def test_crush_has_seconds_where_it_says_milliseconds(take, tmp_path):
    parts = {
        "a": [
            {"type": "text", "data": {"text": "Look"}},
            {
                "type": "binary",
                "data": {"Path": "/x/cat.png", "MIMEType": "image/png", "Data": base64.b64encode(PNG).decode()},
            },
        ],
        "b": [
            {"type": "reasoning", "data": {"thinking": "Hm.", "started_at": int(NOON), "finished_at": int(NOON) + 2}},
            {"type": "text", "data": {"text": "I look."}},
            {"type": "tool_call", "data": {"id": "c1", "name": "view", "input": '{"path": "x"}'}},
            {"type": "finish", "data": {"reason": "tool_use"}},
        ],
        "c": [
            {"type": "tool_result", "data": {"tool_call_id": "c1", "name": "view", "content": "no", "is_error": True}}
        ],
        "d": [{"type": "text", "data": {"text": "Well."}}, {"type": "finish", "data": {"reason": "canceled"}}],
    }
    roles = {"a": "user", "b": "assistant", "c": "tool", "d": "assistant"}
    session = {
        "parent_session_id": None,
        "title": "A look",
        "created_at": int(NOON),
        "updated_at": int(NOON * 1000) + 9000,
    }
    path = write_database(
        tmp_path / ".crush" / "crush.db",
        sessions=[{"id": "s1", **session}, {"id": "title-s1", **session, "parent_session_id": "s1"}],
        messages=[
            {
                "id": name,
                "session_id": "s1",
                "role": roles[name],
                "parts": json.dumps(held),
                "model": "m",
                "provider": "prov",
                "created_at": int(NOON) + number,
                "finished_at": None,
            }
            for number, (name, held) in enumerate(parts.items())
        ],
        files=[{"id": "f", "path": "x"}],
    )
    report, sessions = take(path)
    assert report.problems == []
    (session,) = sessions.values()
    assert (prompts(session), texts(session)) == (["Look", None], ["I look.", "Well."])
    first, last = (whole.turn for whole in session.turns)
    assert (first.opening.images[0].name, first.reasoning, first.timing.reasoning) == ("cat.png", "Hm.", 2)
    assert (first.tool_calls[0].outcome.state, first.finish_reason, last.state) == (
        "failed",
        "tool_use",
        TurnState.STOPPED,
    )
    assert (session.created_at, session.updated_at, session.turns[0].began_at) == (NOON, NOON + 9, NOON)


def lm_studio_chat():
    def step(text, **more):
        return {"type": "contentBlock", "content": [{"type": "text", "text": text}], **more}

    info = {
        "identifier": "m-1",
        "stats": {
            "stopReason": "eosFound",
            "timeToFirstTokenSec": 0.5,
            "totalTimeSec": 2.0,
            "promptTokensCount": 5,
            "predictedTokensCount": 6,
            "totalTokensCount": 11,
        },
    }
    answer = {
        "type": "multiStep",
        "role": "assistant",
        "senderInfo": {"senderName": "m"},
        "steps": [
            step("Hm.", style={"type": "thinking"}),
            {"type": "debugInfoBlock", "debugInfo": "x"},
            {
                "type": "contentBlock",
                "content": [
                    {
                        "type": "toolCallRequest",
                        "callId": 1,
                        "toolCallRequestId": "c1",
                        "name": "look",
                        "parameters": {"at": 1},
                    }
                ],
            },
            {
                "type": "contentBlock",
                "content": [{"type": "toolCallResult", "toolCallRequestId": "c1", "content": "seen"}],
            },
            step("Two.", genInfo=info),
        ],
    }
    question = {
        "type": "singleStep",
        "role": "user",
        "content": [
            {"type": "text", "text": "1+1?"},
            {"type": "file", "fileIdentifier": "1 - cat.png", "fileType": "image"},
        ],
    }
    short = {"type": "multiStep", "role": "assistant", "steps": [step("Three.")]}
    return {
        "name": "Sums",
        "createdAt": int(NOON * 1000),
        "systemPrompt": "Be kind",
        "assistantLastMessagedAt": int(NOON * 1000) + 5000,
        "messages": [
            {"versions": [question], "currentlySelected": 0},
            {"versions": [short, answer], "currentlySelected": 1},
        ],
    }


def test_lm_studio_keeps_versions_as_branches_and_is_known_by_the_name_of_its_file(one, tmp_path):
    home = tmp_path / ".lmstudio"
    path = write_json(home / "conversations" / "sums" / "1764331200000.conversation.json", lm_studio_chat())
    (home / "user-files").mkdir()
    (home / "user-files" / "1 - cat.png").write_bytes(PNG)
    session = one(path)
    assert session.source == "lm_studio:1764331200000"
    by_text = {whole.turn.text: whole for whole in session.turns}
    assert set(by_text) == {"Three.", "", "Two."}
    assert by_text[""].turn.reasoning == "Hm."
    assert by_text[""].turn.tool_calls[0].outcome.text == "seen"
    two = by_text["Two."]
    assert (two.turn.model, two.turn.usage.total, two.turn.timing.latency, two.turn.finish_reason) == (
        "m-1",
        11,
        0.5,
        "stop",
    )
    assert session.head == two.turn.number
    opening = session.turns[0].turn.opening
    assert isinstance(opening, Prompt)
    assert (opening.text, opening.images[0].name) == ("1+1?", "cat.png")
    assert (session.created_at, session.updated_at, session.turns[0].began_at) == (NOON, NOON + 5, NO_TIME)


def test_every_program_is_found_where_it_keeps_its_chats(tmp_path, monkeypatch):
    from tui.chat.importing.run import scan

    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    llm_new(tmp_path / "config" / "io.datasette.llm" / "logs.db")
    write_lines(tmp_path / ".codex" / "sessions" / "2026" / "rollout-x.jsonl", *codex_rollout())
    write_json(tmp_path / ".lmstudio" / "conversations" / "1764331200000.conversation.json", lm_studio_chat())
    found = {each.format.name: each for each in scan()}
    assert {name: each.conversations for name, each in found.items()} == {"llm": 1, "codex": 1, "lm_studio": 1}
