"""Markdown as it streams, incrementally, to lines of styled runs: no screen, no I/O."""
