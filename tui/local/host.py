"""The child that serves one GGUF file on loopback: the standard library and xllamacpp, nothing of rillet's.

Its parent writes one line of JSON to its standard input: `model` (path), `alias`, `key`, `log` (path), `threads`,
`n_ctx`, `n_parallel` and `template` (text; empty for the file's own). On standard output it answers with one line
for each state, `{"state": "loading"}` and `{"state": "ready", "url": …}`. When its standard input ends, so does it.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys
from typing import Any


def main() -> None:
    """Serve until the parent is gone."""
    config = json.loads(sys.stdin.buffer.readline())
    tell = _take_output(config["log"])
    _die_with_parent()
    import xllamacpp

    _say(tell, {"state": "loading"})
    server = xllamacpp.Server(_parameters(xllamacpp.CommonParams(), config))
    _say(tell, {"state": "ready", "url": f"{server.listening_address}/v1"})
    os.close(tell)
    sys.stdin.buffer.read()
    os._exit(0)


def _take_output(log: str) -> int:
    """Keep the standard output for the parent, and send whatever else is printed to the log."""
    tell = os.dup(1)
    os.set_inheritable(tell, False)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.fchmod(descriptor, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    return tell


def _die_with_parent() -> None:
    """End at once when the standard input ends, even while the weights are loaded.

    Loading holds the interpreter's lock for seconds, so no thread of Python could see it; but Linux signals the
    owner of a descriptor when its other end closes, and what is not caught kills.
    """
    stdin = sys.stdin.fileno()
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(stdin, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(stdin, fcntl.F_SETFL, fcntl.fcntl(stdin, fcntl.F_GETFL) | os.O_ASYNC)
    # It may have ended before.
    if select.select([stdin], [], [], 0)[0]:
        os._exit(0)


def _parameters(p: Any, config: dict[str, Any]) -> Any:
    p.model.path = config["model"]
    p.model_alias = {config["alias"]}
    p.n_ctx = config["n_ctx"]
    p.n_parallel = config["n_parallel"]
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = config["threads"]
    p.hostnames = ["127.0.0.1"]
    p.port = 0
    p.api_keys = [config["key"]]
    # The default lets any web page the user visits call it.
    p.cors_origins = ""
    p.cors_origins_explicit = True
    p.ui = False
    p.endpoint_slots = False
    p.offline = True
    # The default keeps up to 8 GiB of old prompts.
    p.cache_ram_mib = 0
    p.verbosity = 1
    p.warmup = False
    p.use_jinja = True
    if config["template"]:
        p.enable_chat_template = True
        p.chat_template = config["template"]
    return p


def _say(descriptor: int, line: dict[str, str]) -> None:
    os.write(descriptor, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    main()
