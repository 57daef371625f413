"""The colours of the built-in themes where a terminal shows 256: chosen by hand, so that grounds are told apart and hues stay.

Imports nothing: the first frame is painted before anything is.
"""

from __future__ import annotations

BY_HAND = {
    # ink
    "#15171c": 233, "#1c1e23": 235, "#24272e": 236, "#2f3238": 237, "#373f51": 239, "#6a573c": 58, "#3d3f44": 238, "#404249": 239,
    "#dcdee3": 253, "#999faa": 248, "#7aa2f7": 111, "#8fbf7f": 108, "#e0af68": 179, "#ee7f8a": 210,
    "#b9a3f5": 147, "#93c48b": 114, "#e3ab7c": 180, "#86b0f5": 111, "#6fc0c0": 73,
    # clear
    "#14171b": 233, "#1a1d22": 235, "#22262c": 236, "#2e3239": 237, "#344352": 24, "#716636": 58, "#3e4145": 238, "#3f4349": 239,
    "#e4e8ee": 255, "#9ca3ae": 248, "#6cb6ff": 75, "#f2d45c": 221, "#ff9d4d": 208,
    "#8cb8ff": 111, "#f0b66f": 215, "#6cc8f5": 117, "#c5cfe0": 252,
    # contrast
    "#000000": 16, "#1f1f1f": 235, "#1c1b18": 236, "#403916": 58, "#6b4a00": 94, "#333333": 237, "#414141": 238,
    "#ffffff": 231, "#d0d0d0": 252, "#ffd700": 220, "#5cff5c": 83, "#ffb000": 214, "#ff8080": 210,
    "#ffa8ff": 219, "#8cff8c": 120, "#ffc58a": 222, "#8cd0ff": 117, "#7ff5f5": 123,
    # paper
    "#fbfaf7": 231, "#f2f1ee": 255, "#e8e6e1": 254, "#e2e1e0": 253, "#d1d7e0": 189, "#bfae8f": 223, "#d0d0ce": 252, "#cbc9c6": 251,
    "#25272c": 235, "#5a574f": 240, "#2a5db0": 25, "#256a2c": 22, "#6b4500": 58, "#b3261e": 124,
    "#5f2fb0": 55, "#286631": 22, "#9a4410": 94, "#13686d": 23,
}  # fmt: skip
"""The number of each colour, those that are blended from two among them; whatever is not here is the nearest by rule."""
