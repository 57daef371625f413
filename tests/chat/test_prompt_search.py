"""Earlier prompts, found by a few letters over all sessions, in a bounded memory."""

import pytest

from tui.chat import prompt_search
from tui.chat.prompt_search import PastPrompt, PromptSearch
from tui.domain.turn import Prompt, Turn
from tui.store.database import Database


def search_of(*texts):
    search = PromptSearch()
    for text in texts:
        search.add(PastPrompt(text))
    return search


def found(search, words):
    return [(search.prompts[at].text, is_exact) for at, is_exact in search.find(words, 0, 10_000)]


def test_every_word_must_stand_in_it_or_its_letters_in_order():
    search = search_of("Deploy the docker image", "What is a dachshund?", "write a Dockerfile\nfor python")
    assert found(search, "DOCKER for") == [("write a Dockerfile\nfor python", True)]
    assert found(search, "dckr") == [("Deploy the docker image", False), ("write a Dockerfile\nfor python", False)]
    assert found(search, "zebra") == []
    assert len(found(search, "")) == 3


def test_each_is_held_once_where_it_is_newest():
    search = search_of("new", "old", "new ", "", "  ")
    assert [prompt.text for prompt in search.prompts] == ["new", "old"]


def test_no_more_is_held_than_may_be(monkeypatch):
    monkeypatch.setattr(prompt_search, "MOST_HELD", 100)
    search = search_of(*(f"prompt number {number}" for number in range(50)))
    assert search.is_full
    assert len(search.prompts) < 6


@pytest.fixture
def database():
    with_prompts = Database.memory()
    for session in ("one", "two", "gone"):
        session_id = with_prompts.sessions.create(session)
        for number in range(3):
            text = f"{session} {number}" + (" and a long text" * 100 if number == 2 else "")
            with_prompts.turns.begin(session_id, Turn(Prompt(text), model="m", endpoint="e"))
        if session == "gone":
            with_prompts.sessions.delete(session_id)
    return with_prompts


def test_they_are_read_newest_first_a_few_at_a_time_and_not_of_deleted_sessions(database):
    texts, before = [], None
    while True:
        asked, before = database.prompts.asked(before, 2)
        texts += [text for _, text in asked]
        if before is None:
            break
    assert [text[:5] for text in texts] == ["two 2", "two 1", "two 0", "one 2", "one 1", "one 0"]
    assert len(texts[0]) > 1000
