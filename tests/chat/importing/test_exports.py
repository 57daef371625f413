"""What people download: the exports of ChatGPT, Claude and Open WebUI, and our own JSON."""

from __future__ import annotations

import json
import zipfile

import pytest

from tests.chat.importing.samples import (
    PNG,
    PNG_URL,
    above,
    chatgpt_chat,
    chatgpt_node,
    plain_chatgpt,
    prompts,
    texts,
    write_database,
    write_json,
)
from tui.domain.session import NO_TIME
from tui.domain.turn import TurnState

# -- ChatGPT ------------------------------------------------------------------------------------------------

HIDDEN = {"is_visually_hidden_from_conversation": True}


def rich_chat():
    return chatgpt_chat(
        "rich",
        chatgpt_node("sys", "root", "system", "", metadata=HIDDEN),
        chatgpt_node("about", "sys", "user", "my profile", kind="user_editable_context"),
        chatgpt_node("ask", "about", "user", "What is it?", at=1700000001.0),
        chatgpt_node(
            "think",
            "ask",
            "assistant",
            kind="thoughts",
            at=1700000002.0,
            content={"thoughts": [{"summary": "Looking", "content": "I look closely."}]},
        ),
        chatgpt_node(
            "recap",
            "think",
            "assistant",
            kind="reasoning_recap",
            at=1700000005.0,
            metadata={"finished_duration_sec": 3},
            content={"content": "Thought for 3s"},
        ),
        chatgpt_node(
            "old", "recap", "assistant", "An old answer", at=1700000006.0, metadata={"model_slug": "gpt-9-thinking"}
        ),
        chatgpt_node(
            "call", "recap", "assistant", kind="code", at=1700000007.0, recipient="python", content={"text": "1+1"}
        ),
        chatgpt_node(
            "ran", "call", "tool", kind="execution_output", tool="python", at=1700000008.0, content={"text": "2"}
        ),
        chatgpt_node(
            "new",
            "ran",
            "assistant",
            "It is two. \ue200cite\ue202turn0search0\ue201",
            at=1700000009.0,
            status="finished_successfully",
            metadata={
                "finish_details": {"type": "stop"},
                "content_references": [{"items": [{"url": "https://example.org/", "title": "Example"}]}],
            },
        ),
        title=None,
        is_archived=False,
    )


def test_chatgpt_keeps_branches_thoughts_calls_and_sources_and_leaves_out_what_is_hidden(one, tmp_path):
    session = one(write_json(tmp_path / "conversations-000.json", [rich_chat()]))
    assert session.title == "What is it?"
    assert prompts(session) == ["What is it?", "What is it?", None]
    assert texts(session) == ["An old answer", "", "It is two. "]
    assert above(session) == [None, None, 2]
    assert session.head == 3
    old, asked, last = (whole.turn for whole in session.turns)
    assert old.reasoning == asked.reasoning == "Looking\n\nI look closely."
    assert old.timing.reasoning == 3
    assert (old.model, asked.model) == ("gpt-9-thinking", "gpt-9")
    (call,) = asked.tool_calls
    assert (call.name, json.loads(call.arguments), call.outcome.text) == ("python", {"code": "1+1"}, "2")
    assert last.finish_reason == "stop"
    assert [cited.url for cited in last.citations] == ["https://example.org/"]
    assert [whole.began_at for whole in session.turns] == [1700000001.0, 1700000001.0, 1700000009.0]
    assert (session.created_at, session.updated_at) == (1700000000.5, 1700000100.25)


def test_chatgpt_files_are_found_by_their_map_of_names_in_a_zip_file(one, tmp_path):
    asset = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_abc"}
    lost = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-lost"}
    files = [{"id": "file_abc", "name": "cat.png", "mime_type": "image/png"}, {"id": "f2", "name": "report.pdf"}]
    chat = chatgpt_chat(
        "files",
        chatgpt_node("a", "root", "user", asset, lost, "see", kind="multimodal_text", metadata={"attachments": files}),
        chatgpt_node("b", "a", "assistant", "seen"),
    )
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations-000.json", json.dumps([chat]))
        archive.writestr("conversation_asset_file_names.json", json.dumps({"file_abc.dat": "cat.png"}))
        archive.writestr("file_abc.dat", PNG)
        archive.writestr("chat.html", "<html>")
    session = one(path)
    opening = session.turns[0].turn.opening
    assert [(image.name, image.url) for image in opening.images] == [("cat.png", PNG_URL)]
    assert opening.text == "[image: file-lost]\nsee\n\n[attached: report.pdf]"
    assert session.turns[0].began_at == NO_TIME


def test_chatgpt_older_exports_are_one_file_or_an_object(take, tmp_path):
    write_json(tmp_path / "one" / "conversations.json", [plain_chatgpt("x1"), plain_chatgpt("x2")])
    write_json(tmp_path / "two" / "conversations.json", {"conversations": [plain_chatgpt("x3")]})
    report, sessions = take(tmp_path / "one", tmp_path / "two")
    assert report.new == 3
    assert {prompts(session)[0] for session in sessions.values()} == {"Hello"}


def test_a_chat_that_went_on_since_grows_and_keeps_what_was_said_to_it_here(database, take, tmp_path):
    path = write_json(tmp_path / "conversations.json", [plain_chatgpt()])
    take(path)
    chat = plain_chatgpt()
    more = [
        chatgpt_node("c", "b", "user", "More?", at=1700000003.0),
        chatgpt_node("d", "c", "assistant", "Yes.", at=1700000004.0),
    ]
    chat["mapping"] |= {node["id"]: node for node in more}
    chat["current_node"] = "d"
    write_json(path, [chat])
    report, sessions = take(path)
    assert (report.grown, report.turns) == (1, 1)
    (session,) = sessions.values()
    assert texts(session) == ["You said Hello", "Yes."]
    assert session.head == 2


def test_what_is_in_the_bin_stays_there(database, take, tmp_path):
    path = write_json(tmp_path / "conversations.json", [plain_chatgpt()])
    report, _ = take(path)
    database.sessions.delete(report.sessions[0])
    from tui.chat.importing.run import Import, sources_of

    work = Import(database)
    assert work.run(sources_of([str(path)], work)).deleted == 1
    assert database.sessions.summaries() == []


# -- Claude -------------------------------------------------------------------------------------------------


def claude_message(name, parent, sender, *content, **more):
    return {
        "uuid": name,
        "sender": sender,
        "parent_message_uuid": parent,
        "created_at": more.pop("at", "2026-03-29T07:06:35.552627Z"),
        "text": more.pop("text", "".join(each.get("text", "") for each in content)),
        "content": list(content),
        **more,
    }


def claude_chat(*messages, **more):
    return {
        "uuid": "chat-1",
        "name": "Tea",
        "created_at": "2026-03-29T07:06:34.084721Z",
        "updated_at": "2026-03-29T12:59:41Z",
        "chat_messages": list(messages),
        **more,
    }


ROOT = "00000000-0000-4000-8000-000000000000"


def say(text):
    return {"type": "text", "text": text}


def test_claude_is_a_tree_whose_calls_and_results_stand_in_one_message(one, tmp_path):
    use = {"type": "tool_use", "id": "t1", "name": "search", "input": {"q": "tea"}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [say("found tea")], "is_error": False}
    path = write_json(
        tmp_path / "conversations.json",
        [
            claude_chat(
                claude_message(
                    "m1",
                    ROOT,
                    "human",
                    say("Which tea?"),
                    attachments=[{"file_name": "list.txt", "extracted_content": "green, black"}],
                    files=[{"file_name": "pot.png"}],
                ),
                claude_message(
                    "m2",
                    "m1",
                    "assistant",
                    {"type": "thinking", "thinking": "Hm."},
                    say("Look."),
                    use,
                    result,
                    say("Green."),
                ),
                claude_message("m3", "m1", "assistant", say("Black."), at="2026-03-29T08:00:00Z"),
                claude_message("m4", "m2", "human", say("Thanks"), at="2026-03-29T07:30:00Z"),
                current_leaf_message_uuid="m4",
            )
        ],
    )
    session = one(path)
    prompt = "Which tea?\n\n[attached: list.txt]\ngreen, black\n\n[attached: pot.png]"
    assert prompts(session) == [prompt, None, "Thanks", prompt]
    by_text = {whole.turn.text: whole for whole in session.turns}
    first, second = by_text["Look."], by_text["Green."]
    assert first.turn.reasoning == "Hm."
    assert first.turn.tool_calls[0].outcome.text == "found tea"
    assert second.above == first.turn.number
    assert by_text["Black."].above is None
    assert by_text[""].above == second.turn.number
    assert session.head == by_text[""].turn.number
    assert session.created_at == pytest.approx(1774767994.084721)


def test_claude_of_an_older_export_is_in_the_order_of_the_array(one, tmp_path):
    messages = [
        claude_message("a", None, "human", text="One"),
        claude_message("b", None, "assistant", text="Two"),
        claude_message("c", None, "human", text="Three"),
    ]
    session = one(write_json(tmp_path / "conversations.json", [claude_chat(*messages)]))
    assert (prompts(session), texts(session), above(session)) == (["One", "Three"], ["Two", ""], [None, 1])


def test_the_list_of_the_parts_of_an_export_says_what_to_do(take, tmp_path):
    path = write_json(tmp_path / "manifest-1.json", {"files": [{"url": "https://example.org/part1.zip"}]})
    report, sessions = take(path)
    assert sessions == {}
    ((_, words),) = report.problems
    assert "download" in words


# -- Open WebUI ---------------------------------------------------------------------------------------------

THOUGHT = '<details type="reasoning" done="true" duration="2">\n<summary>Thought for 2 seconds</summary>\n> Hm.\n> Well.\n</details>\n'
CALL = (
    '<details type="tool_calls" done="true" id="t1" name="search" arguments="&quot;{\\&quot;q\\&quot;: 1}&quot;" '
    'result="&quot;found&quot;"><summary>Tool Executed</summary></details>\n'
)


def open_webui_chat(chat_id="chat-1", **more):
    messages = {
        "message-1": {
            "id": "message-1",
            "parentId": None,
            "childrenIds": ["gone"],
            "role": "user",
            "content": "Hi",
            "timestamp": 1700000001,
        },
        "message-2": {
            "id": "message-2",
            "parentId": "message-1",
            "role": "assistant",
            "content": f"{THOUGHT}Let me see.\n{CALL}Hello.",
            "model": "m1",
            "timestamp": 1700000002000,
            "done": True,
            "usage": {"prompt_tokens": 5, "completion_tokens": 7},
        },
        "message-3": {
            "id": "message-3",
            "parentId": "message-1",
            "role": "assistant",
            "content": "Hey",
            "timestamp": 1700000003,
            "done": False,
        },
    }
    chat = {
        "title": "Greeting",
        "models": ["m0"],
        "history": {"messages": messages, "currentId": "message-2"},
        "params": {"system": "Be kind"},
    }
    row = {"id": chat_id, "title": "Greeting", "chat": chat, "created_at": 1700000000, "updated_at": 1700000009}
    return {**row, "pinned": True, "archived": False, "meta": {"tags": ["greeting"]}, **more}


def check_greeting(session):
    by_text = {whole.turn.text: whole for whole in session.turns}
    assert set(by_text) == {"Let me see.", "Hello.", "Hey"}
    first = by_text["Let me see."].turn
    assert (first.reasoning, first.model) == ("Hm.\nWell.", "m1")
    assert (first.tool_calls[0].name, first.tool_calls[0].arguments, first.tool_calls[0].outcome.text) == (
        "search",
        '{"q": 1}',
        "found",
    )
    assert by_text["Hello."].turn.usage.output == 7
    assert by_text["Hey"].turn.state is TurnState.STOPPED
    assert session.head == by_text["Hello."].turn.number
    assert (session.system, session.is_pinned, session.tags) == ("Be kind", True, ("greeting",))
    assert by_text["Let me see."].began_at == 1700000001


def test_open_webui_reads_thoughts_and_calls_out_of_the_text_and_knows_a_chat_by_its_messages(take, tmp_path):
    path = write_json(tmp_path / "chat-export-1.json", [open_webui_chat(), open_webui_chat("a new id")])
    report, sessions = take(path)
    assert (report.new, report.same) == (1, 1)
    check_greeting(*sessions.values())


def test_open_webui_of_a_database_whose_messages_are_rows(one, tmp_path):
    row = open_webui_chat()
    messages = row["chat"]["history"].pop("messages")
    rows = [
        {
            "id": f"chat-1-{name}",
            "chat_id": "chat-1",
            "role": message["role"],
            "parent_id": message["parentId"],
            "content": json.dumps(message["content"]),
            "output": None,
            "model_id": message.get("model"),
            "usage": json.dumps(message.get("usage")),
            "done": int(message.get("done", True)),
            "created_at": message["timestamp"],
        }
        for name, message in messages.items()
    ]
    path = write_database(
        tmp_path / "webui.db",
        chat=[{**row, "chat": json.dumps(row["chat"]), "meta": json.dumps(row["meta"])}],
        chat_message=rows,
    )
    session = one(path)
    assert {whole.turn.text for whole in session.turns} == {"Let me see.", "Hello.", "Hey"}
    assert {whole.turn.state for whole in session.turns if whole.turn.text == "Hey"} == {TurnState.STOPPED}


def test_open_webui_of_blocks_and_of_a_list(take, tmp_path):
    output = [
        {"type": "reasoning", "content": [{"type": "text", "text": "Hm."}]},
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "seen"}]},
        {"type": "message", "content": [{"type": "output_text", "text": "Done."}]},
    ]
    blocks = open_webui_chat(title="Blocks")
    blocks["chat"]["history"]["messages"] = {
        "long-message-1": {"parentId": None, "role": "user", "content": "Do", "timestamp": 1},
        "long-message-2": {
            "parentId": "long-message-1",
            "role": "assistant",
            "content": "Done.",
            "output": output,
            "timestamp": 2,
            "done": True,
        },
    }
    legacy = {
        "id": "legacy",
        "title": "Legacy",
        "chat": {"messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]},
    }
    _, sessions = take(write_json(tmp_path / "chats.json", [blocks, legacy]))
    by_title = {session.title: session for session in sessions.values()}
    assert texts(by_title["Blocks"]) == ["", "Done."]
    assert by_title["Blocks"].turns[0].turn.tool_calls[0].outcome.text == "seen"
    assert (prompts(by_title["Legacy"]), texts(by_title["Legacy"])) == (["A"], ["B"])
