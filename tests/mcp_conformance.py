"""The client suite of `@modelcontextprotocol/conformance`, run against the installed program. On demand:

    python -m tests.mcp_conformance DIRECTORY [--suite core] [--scenario NAME ...]

DIRECTORY is where `npm install node@22 @modelcontextprotocol/conformance` was run. The suite starts this module again as
its client, with the address of a server: rillet lists its tools, and is then asked to call each of them once. The model is
scripted, a browser is `curl`, and nothing leaves the machine. It prints one line a scenario, and fails where one fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cli.running import environ_in
from tests.server import FaultServer
from tests.server.good import _example, say
from tests.server.scenario import Ask, scenario, stream

PROGRAM = Path(sys.executable).with_name("rillet")
ROOT = Path(__file__).parents[1]
BROWSER = '#!/bin/sh\nexec curl -sL -o /dev/null "$1"\n'


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("place", metavar="DIRECTORY", type=Path)
    parser.add_argument("--suite", default="core")
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    programs = args.place / "node_modules"
    env = {**os.environ, "PATH": f"{programs}/node/bin:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    client = shlex.join([sys.executable, "-m", "tests.mcp_conformance", "--client"])
    suite = [str(programs / ".bin" / "conformance"), "client", "--command", client, "--timeout", "300000"]
    failed = 0
    for name in args.scenario or scenarios(programs, env, args.suite):
        done = subprocess.run([*suite, "--scenario", name], env=env, cwd=ROOT, capture_output=True, text=True)
        said = done.stdout + done.stderr
        counts = re.search(r"Passed: (\d+)/(\d+)(?:, (\d+) failed)?(?:, (\d+) warnings)?", said)
        print(
            f"{'passed' if done.returncode == 0 else 'FAILED':<8} {name:<50} {counts[0] if counts else ''}", flush=True
        )
        if args.verbose and done.returncode:
            print(said)
        failed += done.returncode != 0
    return min(failed, 1)


def scenarios(programs: Path, env: dict[str, str], suite: str) -> list[str]:
    """The names of the client's scenarios."""
    listed = subprocess.run(
        [programs / ".bin" / "conformance", "list", "--client"], env=env, capture_output=True, text=True
    )
    names = re.findall(r"^\s+- (\S+)", listed.stdout, re.MULTILINE)
    return [
        name for name in names if suite == "all" or name.startswith("auth/") == (suite == "auth") or suite == "core"
    ]


def client(address: str) -> int:
    """What the suite starts: the installed program, in an empty home, with one server."""
    name = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    with tempfile.TemporaryDirectory() as folder, FaultServer() as model:
        home = Path(folder)
        browser = home / "browser"
        browser.write_text(BROWSER)
        browser.chmod(0o755)
        (home / "rillet.toml").write_text(f'[tools.mcp.s]\nurl = "{address}"\n{sign_in_of(name, context)}')
        env = environ_in(
            home,
            RILLET_CONFIG=str(home / "rillet.toml"),
            BROWSER=f"{browser} %s",
            CLIENT_SECRET=context.get("client_secret", ""),
            PRIVATE_KEY=context.get("private_key_pem", ""),
        )
        listed = run(env, "tools", "list")
        tools = [line.split()[0] for line in listed.stdout.splitlines()]
        calls = [
            ("s__" + re.sub(r"[^\w-]", "_", call["name"]), call["arguments"]) for call in context.get("toolCalls", [])
        ]
        CALLS[:] = calls or [(tool, None) for tool in tools]
        code = listed.returncode
        for number in range(len(CALLS)):
            approve = [word for tool in tools for word in ("--approve", tool)]
            url = model.url(f"mcp-conformance@{number}")
            asked = run(env, "ask", "--elicit", "defaults", "--base-url", url, "--model", "m", *approve, "hi")
            code = code or (asked.returncode if asked.returncode != 5 else 0)
    return code


CALLS: list[tuple[str, dict | None]] = []


@scenario("mcp-conformance", group="good")
def call_one(ask: Ask):
    """Calls the tool whose number is the argument, with arguments made from its schema where none are given."""
    if ask.has_tool_results():
        return stream(say(ask, "Thank you."))
    name, arguments = CALLS[int(ask.argument)]
    if arguments is None:
        offered = {tool["function"]["name"]: tool["function"] for tool in ask.body["tools"]}
        arguments = _example(offered[name]["parameters"])
        if name == "s__json_schema_echo":  # it wants to see what the model was shown of the other tool
            arguments = {"schema": offered["s__json_schema_2020_12_tool"]["parameters"]}
    speech = ask.speech()
    return stream(
        [*speech.start(), *speech.call("c1", name, [json.dumps(arguments)]), *speech.finish(), *speech.done()]
    )


def sign_in_of(name: str, context: dict) -> str:
    """The settings that a scenario needs: what a person would have been given by the server's operator."""
    lines = ["[tools.mcp.s.sign_in]", 'store = "file"']
    if name.startswith("auth/client-credentials"):
        lines.append('grant = "client_credentials"')
    if client_id := context.get("client_id"):
        lines.append(f'client_id = "{client_id}"')
    if context.get("client_secret"):
        lines.append('client_secret_env = "CLIENT_SECRET"')
    if context.get("private_key_pem"):
        lines.append('private_key_env = "PRIVATE_KEY"')
    if name == "auth/basic-cimd":
        lines.append('client_metadata_url = "https://conformance-test.local/client-metadata.json"')
    return "\n".join(lines) + "\n"


def run(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [PROGRAM, *words], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240
    )
    sys.stderr.write(f"$ rillet {words[0]} -> {done.returncode}\n{done.stdout}{done.stderr}")
    return done


if __name__ == "__main__":
    sys.exit(client(sys.argv[2]) if sys.argv[1] == "--client" else main())
