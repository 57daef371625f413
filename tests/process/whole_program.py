"""The whole program, for a pty."""

from tui.__main__ import main

if __name__ == "__main__":
    main()
