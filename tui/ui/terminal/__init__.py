"""The terminal: its bytes in and out, the difference that is written, the clipboard, other programs that get it."""
