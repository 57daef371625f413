"""`rillet` and `python -m tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run rillet as the command line says."""
    try:
        from tui.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # Ctrl+C while rillet is still being loaded
        from tui.cli.exit_code import ExitCode

        code = ExitCode.STOPPED
    sys.exit(code)


if __name__ == "__main__":
    main()
