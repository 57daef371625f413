"""The rules: what can be said of a stream, a row each, with what a client usually makes of it."""

from __future__ import annotations

from msgspec import Struct


class Rule(Struct, frozen=True):
    """One thing to look for: what it is, what a client usually makes of it, and whether it is wrong or worth knowing."""

    words: str
    effect: str
    is_wrong: bool = False


RULES: dict[str, Rule] = {
    # -- the answer as a whole
    "no-answer": Rule(
        "no response came", "Most clients raise a connection error, and many send the request again.", True
    ),
    "refused": Rule("the status says no", "The SDK raises an error of that status; the body says why.", True),
    "error": Rule(
        "an error stands inside a response with a good status",
        "A client that looks at the status alone takes it for an answer, or fails on the missing choices.",
        True,
    ),
    "no-stream": Rule(
        "the answer came in one piece though a stream was asked for",
        "A client that waits for frames shows nothing at all.",
        True,
    ),
    "stopped": Rule("the person who asked stopped it", "None: the client itself hung up."),
    "left-out": Rule(
        "a field of the request was left out because it was refused",
        "A client that does not leave it out fails with 400.",
    ),
    # -- the head
    "media-type": Rule(
        "the media type is not text/event-stream",
        "EventSource and httpx-sse refuse the reply; others may wait for its whole body.",
        True,
    ),
    "charset": Rule(
        "the media type names a charset other than UTF-8",
        "A client that believes it reads other letters: an event stream is always UTF-8.",
        True,
    ),
    "compressed": Rule(
        "the stream is compressed",
        "What compresses holds bytes back: text comes in lumps, and a client that does not inflate reads rubbish.",
    ),
    "content-length": Rule(
        "a stream has a Content-Length",
        "Whoever wrote it had the whole body first: nothing streams, and the reply is cut where the number is wrong.",
    ),
    "cacheable": Rule(
        "the head does not forbid caches to store the stream",
        "A proxy may hold the reply back, or answer the next request with this one.",
    ),
    # -- bytes
    "bom": Rule(
        "the stream begins with a byte order mark", "A client that does not expect it loses the first frame.", True
    ),
    "split-char": Rule(
        "a character is cut in two between reads", "A client that decodes each read by itself shows �� in its place."
    ),
    "bad-utf8": Rule(
        "bytes that are not UTF-8", "Strict clients raise a decoding error; others show � in their place.", True
    ),
    "mixed-eol": Rule(
        "lines end in different ways",
        "A client that looks for a blank line of one kind joins two frames, and fails on their JSON.",
    ),
    "frame-split": Rule(
        "a frame is cut between reads",
        "A client that parses each read by itself fails on half a JSON object; it must wait for the blank line.",
    ),
    # -- frames
    "unframed": Rule(
        "lines that belong to no frame", "Clients pass over them: an error that is told so is never seen.", True
    ),
    "not-json": Rule("a frame is not JSON", "Most SDKs raise a JSON error, and the reply ends there.", True),
    "bad-frame": Rule(
        "frames make no sense as a part of a reply", "Typed SDKs raise a validation error; others pass over them.", True
    ),
    "empty-data": Rule("a frame has no data", "json.loads fails on an empty text in clients that do not look."),
    "large-frame": Rule(
        "a frame is larger than 64 KB",
        "Line readers with a fixed buffer, as Go's Scanner and asyncio's StreamReader have, fail on it.",
    ),
    "repeated-frame": Rule(
        "a frame came twice in a row, the same in every byte", "The client says the text twice.", True
    ),
    "last-frame": Rule(
        "the last frame lacks its blank line",
        "A client that follows the standard drops it: often the finish reason or the usage.",
    ),
    "event-name": Rule(
        "the event's name is not the type in its JSON",
        "Clients that go by the name and clients that go by the type see different streams.",
    ),
    "id-field": Rule(
        "frames have SSE ids or a retry time",
        "EventSource connects again when the stream ends, and the prompt is paid for twice.",
    ),
    "lone-surrogate": Rule(
        "a string holds half a surrogate pair",
        "Encoding it as UTF-8 raises in Python; it must be joined with the half in the next frame.",
    ),
    "unknown-event": Rule(
        "events of a kind that is not known", "Typed clients raise on a value outside their list; others pass over it."
    ),
    "unknown-field": Rule(
        "fields that the dialect does not have",
        "Clients that forbid unknown fields raise; others drop what is told in them.",
    ),
    "no-type": Rule("the JSON does not name its type", "A client that tells events apart by it drops the frame.", True),
    # -- order
    "no-done": Rule("[DONE] did not come", "A client that waits for it waits until the connection ends.", True),
    "done-twice": Rule("[DONE] came twice", "A client that reads on fails: [DONE] is not JSON.", True),
    "after-done": Rule(
        "frames came after the end of the stream", "Nearly every client has stopped reading: they are lost.", True
    ),
    "done-word": Rule(
        "the end is marked by another word than [DONE]",
        "Clients try to parse it as JSON, and fail at the very end.",
        True,
    ),
    "finish-early": Rule(
        "content came after the finish reason", "A client that stops at the finish reason loses it.", True
    ),
    "finish-twice": Rule(
        "two finish reasons that differ",
        "Some clients keep the first and some the last: one runs the tools, another does not.",
        True,
    ),
    "unknown-finish": Rule(
        "a finish reason that is not in the dialect's list", "Typed SDKs raise; others take the reply for whole."
    ),
    "finish-mismatch": Rule(
        "the finish reason and what came do not go together",
        "A loop that goes by the reason never runs the calls, or waits for calls that never come.",
        True,
    ),
    "no-finish": Rule(
        "no finish reason came", "Most SDKs return what came as if it were whole: nobody sees that it was cut.", True
    ),
    "cut": Rule(
        "the reply was cut: a limit, a filter",
        "A client that does not look at the reason shows half an answer, and half of a call's JSON.",
        True,
    ),
    "no-start": Rule(
        "the stream does not begin with its start event",
        "Clients that build the message from it fail on the first delta.",
        True,
    ),
    "block-order": Rule(
        "a part was written to that was not opened, or was not closed",
        "Clients that keep a list of parts fail with an index error, or never hand the part on.",
        True,
    ),
    "index-gap": Rule(
        "an index skips a number", "A client that appends to a list by index fails, or leaves a hole.", True
    ),
    "sequence": Rule(
        "sequence numbers do not follow one another", "A client that trusts them drops or waits for frames.", True
    ),
    "id-changes": Rule(
        "the id of the response changes in mid-stream",
        "Clients that sort by id see several replies; logs do not find this one.",
    ),
    "model-changes": Rule("the model changes in mid-stream", "Prices and limits are looked up for the wrong model."),
    "created-changes": Rule(
        "the time of creation changes in mid-stream", "None in most clients: each chunk is stamped anew by a proxy."
    ),
    "reasoning-late": Rule(
        "reasoning came after the answer had begun",
        "A client that folds the reasoning above the answer shows it in the wrong place.",
    ),
    # -- chunks of Chat Completions
    "no-role": Rule(
        "the first delta names no role",
        "SDKs that build the message leave its role empty, and the next request is refused with 400.",
    ),
    "empty-choices": Rule(
        "a chunk has no choices", "chunk.choices[0] raises IndexError: the usage comes in such a chunk."
    ),
    "many-choices": Rule(
        "there is more than one choice",
        "Clients that read choices[0] show one of them; those that do not look mix them up.",
    ),
    "object-word": Rule("the object is not chat.completion.chunk", "Clients that check the word drop the chunk."),
    "delta-and-message": Rule(
        "a chunk holds a delta and a whole message", "A client that takes both says the text twice.", True
    ),
    # -- text, calls, counts
    "no-text": Rule(
        "the reply says that it is whole, and no text came",
        "The user sees an empty answer, and the history holds one: many APIs refuse that next time.",
        True,
    ),
    "between-words": Rule(
        "the reply says that it is whole, and ends between words",
        "Nobody is told: a proxy that loses the end makes up a good one.",
    ),
    "repeated-text": Rule("the text came again as a whole", "A client that appends it says everything twice.", True),
    "loop": Rule(
        "the same piece of text came many times in a row",
        "It is shown as often as it comes: the model is caught in a loop, or something sends frames again.",
    ),
    "one-delta": Rule(
        "the whole text came in one frame", "Nothing streams: something made a stream of a finished answer."
    ),
    "arguments": Rule(
        "the arguments of a call are not JSON", "json.loads raises in the tool loop, often far from here.", True
    ),
    "written-call": Rule(
        "a call is written into the text, and was not made",
        "The tool loop sees no call: the person is shown its markup, and nothing runs.",
        is_wrong=True,
    ),
    "call-no-id": Rule(
        "a call has no id", "Its result cannot be sent back: the next request is refused with 400.", True
    ),
    "call-no-name": Rule("a call has no name", "The tool loop raises KeyError, or calls nothing.", True),
    "call-id-twice": Rule("two calls have the same id", "The second result overwrites the first.", True),
    "schema": Rule(
        "the reply does not follow the schema that was asked for",
        "The parser of the structured reply raises a validation error.",
        True,
    ),
    "no-usage": Rule("no usage came", "Costs and context are guessed, or counted as nothing."),
    "usage": Rule("the usage cannot be", "Budgets are wrong by as much: nothing raises."),
    "usage-shrinks": Rule(
        "a later usage counts less than an earlier one", "A client that adds them up, or keeps the first, is wrong."
    ),
    "model": Rule(
        "another model answered than was asked", "Usually an alias; sometimes a fallback that nobody asked for."
    ),
    "unknown-part": Rule(
        "a part of the content is of a kind that is not known", "Typed clients raise; others show nothing of it."
    ),
    "text-replaced": Rule(
        "the finished text differs from what was streamed",
        "Clients that show the deltas and clients that show the end say different things.",
    ),
    # -- time
    "silence": Rule("the longest silence", "A read timeout shorter than this ends the reply."),
    "slow-start": Rule(
        "the first byte took more than 10 s",
        "Default timeouts of proxies and clients (10 s, 30 s, 60 s) begin to strike.",
    ),
    "stall": Rule(
        "the text stood still for long in its middle",
        "A client without a read timeout seems to hang; one with a short one gives up.",
    ),
    "burst": Rule(
        "many frames came in one read",
        "The reader sees nothing, then a wall of text: something on the way held them back.",
    ),
    "buffered": Rule(
        "everything came at once",
        "Nothing streams: a proxy, a compressor or a server without flush holds it back.",
        True,
    ),
    "bursts": Rule(
        "frames come in bursts at even intervals", "Text jumps: something flushes on a timer or when a buffer is full."
    ),
    "keep-alives": Rule(
        "comments alone came for long", "A read timeout does not strike, though nothing of the reply comes."
    ),
    "late-break": Rule(
        "the connection broke after the reply had finished",
        "Clients that read to the end of the body raise, and throw a whole answer away.",
    ),
    "httpx-sse": Rule(
        "a client built on httpx-sse would have seen something else",
        "As told: such clients are many, the openai SDK for one has a reader of its own.",
    ),
}
"""By code, in the order of the stages of an exchange."""

HEAD_CODES = frozenset(("media-type", "charset", "compressed", "content-length", "cacheable"))
"""The rules about the head."""

USUAL = frozenset(
    ("silence", "stopped", "cut", "refused", "no-answer", "frame-split", "model", "created-changes", "empty-choices")
)
"""What many a good stream has, or what the reply itself says of how it ended: told when asked, and not marked as odd."""


class Finding(Struct, frozen=True):
    """One thing about a stream: the code of its rule, a sentence, and whether it is wrong or only worth knowing.

    `frame` is the number of the frame at which it was first seen, from 0 on; -1 where it is about no single one.
    """

    code: str
    words: str
    is_wrong: bool = True
    frame: int = -1

    @property
    def effect(self) -> str:
        """What a client usually makes of it."""
        rule = RULES.get(self.code)
        return rule.effect if rule is not None else ""
