"""`rillet` and `python -m tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run rillet as the command line says; what the chat shows first is shown before anything else is imported."""
    words, early = sys.argv[1:], None
    try:
        if not words or words[0].startswith("-"):
            from tui.ui.start.early import open_early

            early = open_early(words)
        if early is None:
            from tui.cli.loading import end_at_interrupt

            end_at_interrupt()
        from tui.cli import run

        code = run(words, early)
    except KeyboardInterrupt:  # Ctrl+C while rillet is still being loaded
        from tui.cli.exit_code import ExitCode

        code = ExitCode.STOPPED
    finally:
        if early is not None:
            early.leave()
    sys.exit(code)


if __name__ == "__main__":
    main()
