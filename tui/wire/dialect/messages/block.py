"""Blocks of a message as far as known, and what those of the endpoint's own tools tell."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Block(Struct):
    """One block of content: `number` counts the parts of its kind, or the calls; `fragments` are its text so far.

    Texts that follow one another are one part: an answer that names its sources is cut into a block for each. `begins`
    is where in its part a block does.
    """

    place: int
    type: str
    number: int
    raw: dict[str, Any]
    fragments: list[str] = field(default_factory=list)
    size: int = 0
    begins: int = 0
    is_over: bool = False

    @property
    def is_call(self) -> bool:
        """Whether it is a call of a tool of ours."""
        return self.type == "tool_use"

    @property
    def is_server_tool(self) -> bool:
        """Whether it tells of a tool that the endpoint runs itself."""
        return self.type.endswith("_tool_use") or self.type.endswith("_tool_result")

    @property
    def text(self) -> str:
        """All of it so far."""
        if len(self.fragments) > 1:
            self.fragments[:] = ["".join(self.fragments)]
        return self.fragments[0] if self.fragments else ""


def server_state(block: Block) -> dict[str, Any]:
    """A tool that the endpoint ran itself, told as the other dialects tell of theirs."""
    raw = block.raw
    is_result = block.type.endswith("_result")
    state: dict[str, Any] = {"type": block.type, "status": "completed" if is_result or block.is_over else "in_progress"}
    state |= {name: raw[name] for name in ("id", "tool_use_id", "name") if isinstance(raw.get(name), str)}
    if label := raw.get("server_name"):
        state["server_label"] = label
    if is_result:
        content = state["output"] = raw.get("content")
        code = content.get("error_code") if isinstance(content, dict) else None
        if raw.get("is_error") is True or code:
            state |= {"status": "failed"} | ({"error": code} if isinstance(code, str) else {})
    elif block.text:
        state["arguments"] = block.text
    return state
