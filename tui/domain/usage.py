"""Usage: what a reply took, in tokens and money, as the endpoint counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class Usage(Struct, frozen=True):
    """Token counts made comparable across dialects; `None` where the endpoint did not say.

    `output` includes reasoning tokens. `rate` is the server's own tokens per second, where it gives
    timings. `cost_usd` is what the endpoint says it charged, `estimated_usd` what that comes to by the prices that
    are known, where it does not say. `server_calls` counts the calls of tools that the endpoint ran itself, `sources` what they found and
    the answer uses. `raw` is the endpoint's last usage object.
    """

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    total: int | None = None
    cost_usd: float | None = None
    rate: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    server_calls: int | None = None
    sources: int | None = None
    estimated_usd: float | None = None

    def tokens(self) -> dict[str, int | None]:
        """The five counts by name."""
        return {
            "input": self.input,
            "cached": self.cached,
            "output": self.output,
            "reasoning": self.reasoning,
            "total": self.total,
        }
