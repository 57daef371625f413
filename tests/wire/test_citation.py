"""Where an answer names its sources, in every dialect."""

from tests.conformance.harness import play
from tests.wire.stream import DONE, STREAM, chat_turn, chunk, completed, event, frame, responses_turn


def url(address, start, end, **more):
    return {"type": "url_citation", "url": address, "start_index": start, "end_index": end, **more}


def places(turn):
    return [(mark.part, mark.start, mark.end, mark.source) for mark in turn.marks]


def test_chat_tells_them_as_annotations_of_the_message():
    told = [{"type": "url_citation", "url_citation": url("https://a", 0, 4, title="A")}, url("https://b", 5, 9)]
    turn = chat_turn(
        chunk(content="Cold and dark."), chunk(annotations=told), chunk(annotations=told), chunk("stop"), DONE
    )
    assert [(each.url, each.title) for each in turn.citations] == [("https://a", "A"), ("https://b", "")]
    assert places(turn) == [(0, 0, 4, 0), (0, 5, 9, 1)]


def test_responses_tells_them_part_by_part_and_each_once():
    here = {"output_index": 0, "item_id": "m1"}
    first, second = url("https://a", 0, 3), url("https://a", 0, 2)
    parts = [
        {"type": "output_text", "text": "One", "annotations": [first]},
        {"type": "output_text", "text": "Two", "annotations": [second]},
    ]
    item = {"type": "message", "id": "m1", "role": "assistant", "status": "completed", "content": parts}
    turn = responses_turn(
        event("output_item.added", output_index=0, item={"type": "message", "id": "m1", "content": []}),
        event("output_text.delta", content_index=0, delta="One", **here),
        event("output_text.annotation.added", content_index=0, annotation=first, **here),
        event("output_text.delta", content_index=1, delta="Two", **here),
        event("output_item.done", output_index=0, item=item),
        completed(output=[item]),
    )
    assert [each.url for each in turn.citations] == ["https://a"]
    assert places(turn) == [(0, 0, 3, 0), (1, 0, 2, 0)]


def test_a_file_is_a_source_too():
    annotations = [
        {"type": "file_citation", "file_id": "f1", "filename": "notes.pdf", "index": 5},
        {"type": "container_file_citation", "file_id": "f2", "filename": "plot.csv", "start_index": 0, "end_index": 2},
        {"type": "file_path", "file_id": "f3", "index": 1},
    ]
    item = {
        "type": "message",
        "id": "m1",
        "content": [{"type": "output_text", "text": "Cold.", "annotations": annotations}],
    }
    turn = responses_turn(completed(output=[item]))
    assert [each.title for each in turn.citations] == ["notes.pdf", "plot.csv", "f3"]
    assert places(turn) == [(0, 5, 5, 0), (0, 0, 2, 1), (0, 1, 1, 2)]


def test_places_that_cannot_be_are_none():
    told = [url("https://a", 9, 4), url("https://b", "x", None), url("https://c", -1, 3), url("https://d", True, 3)]
    turn = chat_turn(chunk(content="Cold."), chunk(annotations=told), chunk("stop"), DONE)
    assert ([each.url[-1] for each in turn.citations], turn.marks) == (["a", "b", "c", "d"], [])


def block(index, text, *citations):
    yield frame({"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}})
    for citation in citations:
        delta = {"type": "citations_delta", "citation": citation}
        yield frame({"type": "content_block_delta", "index": index, "delta": delta})
    yield frame({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}})
    yield frame({"type": "content_block_stop", "index": index})


def messages(*pieces):
    start = frame({"type": "message_start", "message": {"id": "m", "model": "m", "content": []}})
    end = [frame({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}), frame({"type": "message_stop"})]
    return play("messages", STREAM, [b"".join([start, *pieces, *end])])


def test_messages_cuts_its_text_into_a_block_for_each_and_the_answer_stays_one():
    cold = {"type": "web_search_result_location", "url": "https://a", "title": "A", "cited_text": "cold"}
    dark = {"type": "char_location", "document_title": "Report", "start_char_index": 90, "end_char_index": 99}
    turn = messages(
        *block(0, "It is "), *block(1, "cold", cold), *block(2, " and "), *block(3, "dark", dark, cold), *block(4, ".")
    )
    assert turn.body.parts == ["It is cold and dark."]
    assert [(each.url, each.title) for each in turn.citations] == [("https://a", "A"), ("", "Report")]
    assert places(turn) == [(0, 6, 10, 0), (0, 15, 19, 1), (0, 15, 19, 0)]


def test_text_on_either_side_of_a_search_is_in_two_parts():
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    turn = messages(
        *block(0, "Let me look."),
        frame({"type": "content_block_start", "index": 1, "content_block": search}),
        frame({"type": "content_block_stop", "index": 1}),
        *block(2, "Cold.", {"url": "https://a"}),
    )
    assert turn.body.parts == ["Let me look.", "Cold."]
    assert places(turn) == [(1, 0, 5, 0)]
