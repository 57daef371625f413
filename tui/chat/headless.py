"""Rounds of tools without a screen: what was approved on the command line or in the settings runs, nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches

from tui.chat.call_view import is_waiting
from tui.chat.conversation import Conversation
from tui.chat.gate import Gate
from tui.chat.program import Program
from tui.chat.remote import describe_unanswered
from tui.chat.toolbox import patterns
from tui.domain.error import ConfigError
from tui.domain.tool_call import ToolCall
from tui.domain.turn import Turn
from tui.tools.approval import ROUND_LIMIT, Grants
from tui.tools.registry import Registry
from tui.tools.runner import Runner
from tui.wire.dialect import dialect_named


async def headless_rounds(
    program: Program,
    conversation: Conversation,
    offered: Sequence[str],
    approved: Sequence[str],
    on_result: Callable[[ToolCall, float], None] | None = None,
) -> Callable[[Turn], Awaitable[Turn | str]]:
    """Offer tools to the model, and make the call that runs them.

    Args:
        program: Whose tools they are.
        conversation: Who is told of them.
        offered: Names of the tools the model is told of; those approved are offered too.
        approved: Names of the tools that run unasked.
        on_result: Told of each call once something became of it, with the seconds since its request was sent.

    Returns:
        A call that runs a turn's calls and returns the turn that answers them, or says why it did not: one waits
        for a person, and nothing of that round that was not allowed has run; or there were too many rounds.

    Raises:
        ConfigError: If there is no such tool.
    """
    registry = await program.tools()
    remote = _remote_names(program, conversation, registry, approved)
    approved = [name for name in approved if name not in remote]
    names = list(dict.fromkeys((*offered, *approved)))
    await registry.start_servers(registry.servers_of(names))
    for name in names:
        if registry.get(name) is None:
            listed = [tool.name for tool in registry.tools]
            near = get_close_matches(name, listed, 1)
            down = {name, *(server.name for server in registry.servers_of([name]))}
            problem = next((str(problem) for problem in registry.problems if problem.name in down), "")
            raise ConfigError(
                problem or f"there is no tool “{name}”",
                f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(listed) or 'none'}.",
            )
    conversation.sheet.tools = registry.definitions(names)
    conversation.sheet.tool_instructions = registry.instructions_for(names)
    grants = Grants()
    for name in approved:
        if (tool := registry.get(name)) is not None:
            grants.allow_tool(tool)
    gate = Gate(
        conversation, Runner(registry.get, mask=program.mask_keys), patterns(program.settings, program.choices), grants
    )
    gate.allowed_remotely = remote
    reported: set[tuple[str, int]] = set()

    def tell(turn: Turn) -> None:
        for call in turn.tool_calls:
            is_over = call.outcome is not None and call.outcome.state != "running"
            if on_result is not None and is_over and (turn.id, call.index) not in reported:
                reported.add((turn.id, call.index))
                on_result(call, max(0.0, conversation.now() - (turn.timing.sent_at or conversation.now())))

    gate.listener = tell

    async def run(turn: Turn) -> Turn | str:
        gate.open(turn)
        if is_waiting(gate.views(turn)):
            is_held = gate.is_held(turn)
            views = [view for view in gate.views(turn) if view.state == "waiting" and not view.call.server]
            waiting = ", ".join(dict.fromkeys(view.call.name for view in views))
            await gate.abandon(
                turn, "it needs a person's approval, and nobody can be asked.", keeps_approvals=not is_held
            )
            if is_held:
                return (
                    f"the model called tools in {ROUND_LIMIT} rounds, which is the limit; the last calls were not run"
                )
            if asked := describe_unanswered(turn, conversation.session.id):
                return "; ".join([*asked, *([f"{waiting}: approval is needed"] if waiting else [])])
            return f"{waiting}: approval is needed; of this round nothing was run (see --approve)"
        return await gate.settle(turn)

    return run


def _remote_names(
    program: Program, conversation: Conversation, registry: Registry, approved: Sequence[str]
) -> tuple[str, ...]:
    """Which of the names that are approved are not of tools here: of MCP servers that the endpoint calls, or their tools.

    Nobody knows the tools of those before they are called, so a name that resembles none of ours is taken for one.
    """
    names = [tool.name for tool in registry.tools]
    takes_any = dialect_named(program.endpoint(conversation.sheet.endpoint).dialect).has_approvals
    return tuple(
        name
        for name in approved
        if ":" in name or (takes_any and registry.get(name) is None and not get_close_matches(name, names, 1))
    )
