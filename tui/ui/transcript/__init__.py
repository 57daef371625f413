"""The page: a whole conversation in one widget, painted as it streams."""

from tui.ui.transcript.widget import Transcript
from tui.ui.transcript.wish import (
    AskFind,
    BlockMenu,
    Choice,
    CopyText,
    Found,
    LinkPointed,
    NewBelow,
    OpenBlock,
    OpenLink,
    ShowOrigin,
    ShowToolCall,
)

__all__ = [
    "AskFind",
    "BlockMenu",
    "Choice",
    "CopyText",
    "Found",
    "LinkPointed",
    "NewBelow",
    "OpenBlock",
    "OpenLink",
    "ShowOrigin",
    "ShowToolCall",
    "Transcript",
]
