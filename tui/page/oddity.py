"""Oddities: what of a stream is not as its client may expect it, row by row as it comes, each with what that does to one."""

from __future__ import annotations

from msgspec import Struct

from tui.domain.delta import Delta, OddityDelta, TextDelta
from tui.domain.tape import Head, TapeEnd
from tui.page.origin import Origins

BURST = 40
"""Frames in one read that no model writes at once."""
LONG = 10.0
"""Seconds of silence that many clients do not wait."""
REPEATS = 4
"""So often the same piece of text comes in a row before that is odd."""


class Oddity(Struct, frozen=True):
    """One thing that is odd: a short code, and what is so here."""

    code: str
    words: str

    @property
    def advice(self) -> str:
        """What a client usually makes of it."""
        return EXPLAINED.get(
            self.code, "Most clients pass over it; one that is strict may end the stream with an error."
        )


EXPLAINED = {
    "bad frame": "A client that parses each frame without care fails here and loses the rest of the reply; careful ones skip it.",
    "sequence": "A client that sorts or counts by these numbers waits for one that never comes, or drops what came.",
    "unknown event": "Clients that know only the documented events pass over it; one with a closed list fails.",
    "usage": "Whoever adds up costs from this counts wrongly.",
    "late": "Most clients have hung up or stopped listening by now: what comes here is lost to them.",
    "text replaced": "A client that only appends deltas shows the first version and never learns of the second.",
    "no text": "A client shows an empty answer and calls it complete.",
    "repeated text": "It is shown as often as it comes: either the model is caught in a loop, or something sends frames twice.",
    "split character": "A client that decodes each read by itself shows � here, or fails; bytes must be decoded as one stream.",
    "burst": "Everything on the way was held back and came at once: the reader sees nothing, then a wall of text. A proxy buffers.",
    "compressed": "Compression holds bytes back until a block is full: text comes in gulps. Ask for `accept-encoding: identity`.",
    "media type": "A client that picks its parser by the media type takes this for something else than a stream.",
    "silence": "Many clients give up after 10 to 60 s without a byte; this one may have looked hung.",
    "no finish": "A client cannot tell this from a broken connection: it shows what came as if it were whole, or reports an error.",
    "no done": "A client that waits for [DONE] waits until the connection ends.",
    "no usage": "Whoever shows tokens or costs shows none, or guesses.",
    "error": "Clients that only look for text show what came before it and say nothing.",
    "reset": "The client's HTTP library raises here; what came before is lost where it is not kept on the way.",
    "quiet": "The client's own clock ended it.",
    "limit": "It was more than this client takes.",
}


class OddityWatch:
    """Sees what is odd while the tape is read; it holds a few numbers, and no texts but the last."""

    def __init__(self, head: Head | None = None) -> None:
        """Start with the head, once it came."""
        self._last_text = ""
        self._repeats = 0
        self._is_cut = False
        self.at_head: tuple[Oddity, ...] = ()
        if head is None or head.status >= 300:
            return
        media = head.headers.get("content-type", "")
        encoding = head.headers.get("content-encoding", "").strip().lower()
        found = []
        if media.partition(";")[0].strip().lower() not in ("text/event-stream", "application/json"):
            found.append(Oddity("media type", f"the media type is “{media or 'missing'}”"))
        if encoding not in ("", "identity"):
            found.append(Oddity("compressed", f"the stream is compressed: {encoding}"))
        self.at_head = tuple(found)

    def of_frame(self, deltas: list[Delta], gap: float, place_in_read: int) -> tuple[Oddity, ...]:
        """What is odd about a frame: what it says, how long it kept one waiting, and the how manieth of its read it is."""
        found: list[Oddity] = []
        if self._is_cut:
            self._is_cut = False
            found.append(Oddity("split character", "the network cut a character in two before this"))
        if gap > LONG:
            found.append(Oddity("silence", f"nothing came for {gap:.1f} s before it"))
        if place_in_read == BURST:
            found.append(Oddity("burst", f"{BURST} frames and more came in one read"))
        for delta in deltas:
            if isinstance(delta, OddityDelta):
                found.append(Oddity(delta.kind, f"{delta.kind}: {delta.detail}"))
            elif isinstance(delta, TextDelta) and len(delta.text) > 2:
                self._repeats = self._repeats + 1 if delta.text == self._last_text else 0
                self._last_text = delta.text
                if self._repeats == REPEATS:
                    found.append(
                        Oddity("repeated text", f"“{delta.text[:40].strip()}” came {REPEATS + 1} times in a row")
                    )
        return tuple(found)

    def of_read(self, data: bytes) -> None:
        """Bytes came: whether they end within a character is told with the next frame."""
        if data and data[-1] >= 0x80:
            tail = data[-4:]
            start = next((at for at in range(len(tail) - 1, -1, -1) if tail[at] >= 0xC0), None)
            if start is not None:
                need = 4 if tail[start] >= 0xF0 else 3 if tail[start] >= 0xE0 else 2
                self._is_cut = len(tail) - start < need

    def of_end(
        self, end: TapeEnd | None, origins: Origins, *, is_stream: bool, has_done: bool, needs_done: bool
    ) -> tuple[Oddity, ...]:
        """What is odd about how it ended."""
        found: list[Oddity] = []
        if end is not None and end.kind in ("reset", "quiet", "limit"):
            found.append(Oddity(end.kind, end.message or f"it ended as “{end.kind}”"))
        if is_stream:
            if origins.frame_of("finish") is None and (end is None or end.kind != "stopped"):
                found.append(Oddity("no finish", "no finish reason came"))
            elif origins.frame_of("usage") is None and (end is None or end.kind == "eof"):
                found.append(Oddity("no usage", "no usage came"))
            if needs_done and not has_done and (end is None or end.kind == "eof"):
                found.append(Oddity("no done", "[DONE] did not come"))
        return tuple(found)
