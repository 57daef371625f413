"""The words for what a tape can be exported as. Nothing but the standard library is imported here."""

from __future__ import annotations

from typing import Literal, get_args

CodeForm = Literal["curl", "python", "openai", "fetch"]
"""Code that sends the request again: curl, Python with httpx, Python with the openai SDK, JavaScript's fetch."""

ExportForm = Literal["tape", "har", "sse", "case", "curl", "python", "openai", "fetch"]
"""A tape; an HTTP archive; the raw stream; a case for a test; or code."""

EXPORT_FORMS: tuple[ExportForm, ...] = get_args(ExportForm)

SessionForm = Literal["markdown", "json", "html", "text", "body"]
"""Markdown with the facts at its head; JSON that can be imported again; one HTML page; text; a body for curl."""
SESSION_FORMS: tuple[SessionForm, ...] = ("markdown", "json", "html", "text", "body")
