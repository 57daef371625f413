"""The key is in no file and no output, whatever the endpoint does with it."""

from tests.cli.running import KEY

SCENARIOS = ["ok", "secret-echo", "http-escapes", "error-object", "retry-after-ms@20", "redirect-host", "reset@900"]


def test_the_key_is_nowhere(ask, rillet, home, server):
    seen = []
    server.add("echo-key", echo_key)
    before = len(server.log)
    for scenario in [*SCENARIOS, "echo-key"]:
        for more in ([], ["--events"], ["--dialect", "responses"]):
            done = ask(f"{scenario};secret", *more, "hi", env={"RILLET_API_KEY": KEY})
            seen += [done.stdout, done.stderr]
            assert done.returncode in range(6)
    assert all(exchange.headers["authorization"] == f"Bearer {KEY}" for exchange in server.log[before:])
    for line in rillet("tape", "list").stdout.splitlines():
        seen.append(rillet("tape", "show", line.split()[0]).stdout)
        if len(seen) > 60:
            break
    secret = KEY.removeprefix("xai-").encode()
    for said in seen:
        assert secret.decode() not in said
    for path in home.rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), path
    # Tapes are packed on disk: look inside them too.
    from tui.store.database import Database

    database = Database.open(home / "data/rillet/sessions.db")
    for session in database.sessions.summaries():
        for turn in database.turns.of_session(session.id):
            assert secret.decode() not in turn.text
            assert secret.decode() not in "".join(database.tapes.tape(turn.id).lines())
    database.close()


def echo_key(ask):
    """Says the key in the reply, in a header, and cut into two reads."""
    from tests.server.good import say
    from tests.server.step import Answer, recut

    key = ask.headers["authorization"]
    headers = {"content-type": "text/event-stream", "x-echo": key}
    return Answer(recut(say(ask, f"You sent {key} to me."), 11), headers=headers)


def test_a_key_goes_to_its_own_origin_only(rillet, server):
    """`XAI_API_KEY` is xAI's: no other endpoint is shown it."""
    done = rillet("ask", "--base-url", server.url("ok"), "--model", "m", "hi", env={"XAI_API_KEY": KEY})
    assert done.returncode == 0
    assert "authorization" not in server.log[-1].headers
    assert KEY not in str(server.log[-1].headers)
