"""rillet in real terminals: `python -m tests.terminals [NAME…]` starts each under Xvfb, presses keys, and prints a table.

Outside CI. It needs Debian's xvfb, xdotool, xclip, imagemagick and the terminals; what is not installed is left out.
"""
