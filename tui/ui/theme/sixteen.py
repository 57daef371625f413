"""A theme where a terminal shows sixteen colours: chosen by hand, since the nearest of so few are often too near each other.

Imports nothing: the first frame is painted before anything is.
"""

DARK = {
    "background": "black",
    "surface": "black",
    "panel": "black",
    "text": "bright_white",
    "muted": "white",
    "accent": "bright_cyan",
    "success": "bright_green",
    "warning": "bright_yellow",
    "error": "bright_red",
}
LIGHT = {
    "background": "bright_white",
    "surface": "bright_white",
    "panel": "bright_white",
    "text": "black",
    "muted": "black",
    "accent": "blue",
    "success": "blue",
    "warning": "magenta",
    "error": "red",
}
DARK_CODE = {
    "keyword": "bright_magenta",
    "string": "bright_green",
    "number": "bright_yellow",
    "function": "bright_cyan",
    "builtin": "cyan",
}
LIGHT_CODE = {"keyword": "blue", "string": "red", "number": "magenta", "function": "blue", "builtin": "black"}
