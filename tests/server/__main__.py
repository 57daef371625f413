"""`python -m tests.server [--list] [--port N] [--default SCENARIO]`: serve the scenarios on loopback."""

from __future__ import annotations

import argparse

from tests.server import SCENARIOS, FaultServer
from tests.server.server import run_forever


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.server")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--default", default="ok", help="the scenario where the model names none")
    args = parser.parse_args()
    if args.list:
        for entry in sorted(SCENARIOS.values(), key=lambda entry: (entry.group, entry.name)):
            print(f"{entry.group:5}{entry.name:22}{entry.about}")
        return
    server = FaultServer(args.default, port=args.port).start()
    print(server.url(), flush=True)
    run_forever(server)


if __name__ == "__main__":
    main()
