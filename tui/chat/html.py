"""A session as one HTML page: readable, printable, without scripts, and without anything that is fetched."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tui.chat.exporting import branch_heading, branches, call_names, facts, numbered, turn_facts
from tui.domain.message import ImagePart
from tui.domain.session import WholeSession, WholeTurn
from tui.domain.tool_call import ToolCall
from tui.domain.turn import Continuation, Prompt, Summary, ToolResults
from tui.wire.image import describe_image

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_STYLE = """\
:root { color-scheme: light dark; --ink: #1c1b19; --paper: #fdfcf9; --soft: #6b675f; --line: #ddd8cc; --tint: #f3efe6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e4da; --paper: #16171a; --soft: #9a958a; --line: #34353a; --tint: #1f2126; }
}
body { margin: 0 auto; padding: 3rem 1.5rem; max-width: 44rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 2rem; color: var(--soft);
  font-size: .85rem; }
dd { margin: 0; }
section { margin: 0 0 1.75rem; }
section > h2 { font-size: .8rem; letter-spacing: .06em; color: var(--soft); margin: 0 0 .35rem; font-weight: 600; }
.you { border-left: 3px solid var(--line); padding-left: 1rem; white-space: pre-wrap; }
.branch { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1rem; font-size: 1.1rem; }
details { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; margin: .6rem 0; color: var(--soft); }
summary { cursor: pointer; }
pre { background: var(--tint); padding: .75rem 1rem; border-radius: 6px; overflow-x: auto; white-space: pre-wrap;
  font: .85rem/1.5 ui-monospace, monospace; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
blockquote { margin: .8rem 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; }
img { max-width: 100%; border-radius: 6px; }
.figures { color: var(--soft); font-size: .8rem; }
@media print {
  body { padding: 0; max-width: none; color: #000; background: #fff; font-size: 10.5pt; }
  pre, details, img, tr { break-inside: avoid; }
  section > h2 { break-after: avoid; }
}
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def as_html(session: WholeSession) -> Iterator[str]:
    """The session as a page, a piece a turn: the branch it stands at first, then the others."""
    title = html.escape(session.title or "Conversation")
    yield "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title>",
            f"<style>\n{_STYLE}</style>",
            "</head>",
            "<body>",
            f"<h1>{title}</h1>",
            _facts(session),
            "",
        )
    )
    if session.system:
        yield f'<section><h2>System</h2><div class="you">{html.escape(session.system)}</div></section>\n'
    render, names, by_number = _markdown(), call_names(session), numbered(session)
    for number, path in enumerate(branches(session)):
        if number:
            yield f'<h2 class="branch">{html.escape(branch_heading(by_number, path))}</h2>\n'
        for whole in path:
            yield "".join(f"{section}\n" for section in _turn(whole, render, names))
    yield "</body>\n</html>\n"


def _facts(session: WholeSession) -> str:
    rows = []
    for name, value in facts(session).items():
        if name != "title":
            words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            rows.append(f"<dt>{html.escape(name.replace('_', ' '))}</dt><dd>{html.escape(words)}</dd>")
    return f"<dl>{''.join(rows)}</dl>"


def _turn(whole: WholeTurn, render: MarkdownIt, names: Mapping[str, str]) -> Iterable[str]:
    turn = whole.turn
    match turn.opening:
        case Prompt(text=text, images=images):
            shown = "".join(_image(image) for image in images)
            yield f'<section id="turn-{turn.number}"><h2>You</h2><div class="you">{html.escape(text)}</div>{shown}</section>'
        case ToolResults(results=results):
            for result in results:
                shown = "".join(_image(image) for image in result.images)
                name = names.get(result.call_id, result.call_id)
                yield (
                    f"<section><h2>Result of {html.escape(name)}{' (an error)' if result.is_error else ''}</h2>"
                    f"<pre>{html.escape(result.text)}</pre>{shown}</section>"
                )
        case Continuation():
            yield "<section><h2>Continued</h2></section>"
        case Summary():
            yield "<section><h2>A summary of what stands above</h2></section>"
    parts = [f"<h2>{html.escape(turn.answered_by or turn.model or 'Reply')}</h2>"]
    if turn.reasoning:
        parts.append(f"<details><summary>Thoughts</summary>{render.render(turn.reasoning)}</details>")
    if words := turn.prose or turn.refusal:
        parts.append(render.render(words))
    parts += [_image(ImagePart(turn.images[index])) for index in sorted(turn.images)]
    parts += [_call(call) for call in turn.tool_calls]
    if turn.citations:
        links = "".join(f"<li>{_link(each.url, each.title)}</li>" for each in turn.citations)
        parts.append(f"<ol>{links}</ol>")
    if facts := turn_facts(whole):
        parts.append(f'<p class="figures">{html.escape(" · ".join(facts))}</p>')
    yield f"<section>{''.join(parts)}</section>"


def _call(call: ToolCall) -> str:
    state = f" · {call.outcome.state}" if call.outcome is not None else ""
    try:
        arguments = json.dumps(json.loads(call.final_arguments or "{}"), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        arguments = call.final_arguments
    summary = f"Calls <code>{html.escape(call.name)}</code>{html.escape(state)}"
    return f"<details open><summary>{summary}</summary><pre>{html.escape(arguments)}</pre></details>"


def _image(image: ImagePart) -> str:
    """An image that is in the conversation; one that is only an address is a link, so that nothing is fetched."""
    if image.url.startswith("data:image/"):
        alt = html.escape(image.name or "image")
        return f'<p><img src="{html.escape(image.url)}" alt="{alt}"></p>'
    return f"<p>{_link(image.url, describe_image(image))}</p>"


def _link(url: str, words: str) -> str:
    shown = html.escape(words or url)
    if not url.startswith(("https://", "http://", "mailto:")):
        return shown
    return f'<a href="{html.escape(url)}" rel="noreferrer">{shown}</a>'


def _markdown() -> MarkdownIt:
    """Markdown as the page shows it: HTML within it is text, and an image elsewhere is a link."""
    from markdown_it import MarkdownIt

    def image(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        return _link(str(token.attrs.get("src", "")), self.renderInlineAsText(token.children or [], options, env))

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", image)
    return markdown
