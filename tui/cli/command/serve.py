"""`rillet serve`: an endpoint on this machine that plays tapes."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.opening import run_async
from tui.cli.option import Commands, port, positive, whole

if TYPE_CHECKING:
    from tui.chat.serving.playing import Player
    from tui.domain.tape import Tape


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("serve", help="play tapes to any client, as the endpoint did, with faults on request")
    parser.set_defaults(command=serve)
    parser.add_argument("tapes", metavar="TAPE", nargs="*", help="a tape, .sse, .har, a folder, or SESSION.TURN")
    parser.add_argument("--port", type=port, default=0, metavar="N", help="else the system chooses one")
    parser.add_argument("--speed", type=positive, default=1.0, metavar="N", help="times as fast; 0 for at once")
    parser.add_argument("--times", type=whole(1), metavar="N", help="end after N replies")
    parser.add_argument(
        "--fault", metavar="NAME[=N]", action="append", default=[], help="something that goes wrong, see --faults"
    )
    parser.add_argument("--fault-times", type=whole(0), metavar="N", help="only in the first N replies")
    parser.add_argument("--faults", action="store_true", help="list what can go wrong")


def serve(args: argparse.Namespace) -> int:
    """`rillet serve`: plays until it is interrupted, or has played as often as it was told to."""
    from tui.domain.error import ConfigError

    if args.faults:
        from tui.chat.serving.faults import FAULTS

        for name, fault in FAULTS.items():
            number = "" if fault.default is None else f"=N ({fault.default:g})"
            print(f"{name + number:<18} {fault.words}")
        return 0
    if not args.tapes:
        raise ConfigError("no tape is named", "Name files, folders or SESSION.TURN; --faults lists what can go wrong.")
    from tui.chat.serving.faults import parse_faults
    from tui.chat.serving.playing import Player, named_takes

    faults = parse_faults(args.fault)
    with ExitStack() as stack:
        tapes = [named for address in args.tapes for named in _tapes_at(args, address, stack)]
        player = Player(
            list(named_takes(tapes)), speed=args.speed, faults=faults, fault_times=args.fault_times, times=args.times
        )
        return run_async(_run(player, args.port))


def _tapes_at(args: argparse.Namespace, address: str, stack: ExitStack) -> list[tuple[str, Tape]]:
    """The tapes of a file, a folder or a saved turn, with their names."""
    from tui.chat.foreign_tape import SUFFIXES, named_tapes
    from tui.cli.command.tape import opened_tape

    path = Path(address)
    if path.is_dir() or path.is_file():
        return named_tapes(path)
    return [
        (Path(address).stem if path.suffix in SUFFIXES else address, stack.enter_context(opened_tape(args, address)))
    ]


async def _run(player: Player, port: int) -> int:
    import asyncio

    from tui.net.http_server import Server
    from tui.wire.printable import printable_line

    done = asyncio.Event()

    def log(line: str) -> None:
        print(printable_line(line), file=sys.stderr, flush=True)
        if player.is_over:
            done.set()

    server = Server(player.answer, log)
    await server.open(port)
    try:
        print(f"http://127.0.0.1:{server.port}/v1", flush=True)
        for line in player.lines():
            print(printable_line(line), file=sys.stderr, flush=True)
        await done.wait()
    finally:
        await server.close()
    return 0
