"""`rillet` and `python -m tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run rillet as the command line says."""
    from tui.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
