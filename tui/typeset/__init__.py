"""Markdown as it streams, incrementally, to lines of styled runs: no screen, no I/O."""

from tui.typeset.markdown_parts import leave_out

leave_out()
