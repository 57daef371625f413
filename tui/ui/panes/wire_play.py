"""Playing a turn again, in its place in the conversation: the page, the wire log and the inspector follow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic

from msgspec.structs import replace
from textual.timer import Timer

from tui.chat.player import Player
from tui.chat.replies import data_of, reads_of
from tui.chat.tape_frames import Goal, Point
from tui.domain.delta import Delta
from tui.domain.error import RilletError
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Turn
from tui.ui.action.hint import Hint, Hints, keymap_of
from tui.ui.host import Chat

FRAME_SECONDS = 1 / 30
SPEEDS = {"1": 1.0, "4": 4.0, "0": 0.0}
"""The keys of the speeds; 0 is as fast as it goes."""
AT_ONCE = 400
"""Frames that are shown at a time at most, where it goes as fast as it can."""
SEEK_SECONDS = 0.02
"""What a step of the way to another place takes: the way there is through all frames before it."""


class Playing:
    """A turn that is played in the place of the recorded one; leaving puts that back."""

    def __init__(
        self,
        chat: Chat,
        turn: Turn,
        follow: Callable[[list[Delta]], None],
        every: Callable[..., Timer],
        points: Callable[[], list[Point]],
    ) -> None:
        """Begin, at rest, before the first frame.

        `follow` is told what came; `every` makes a timer; `points` gives places on the way that are known.
        """
        replies = chat.conversation.replies
        tape = replace(replies.tape_since(turn)[0], dialect=turn.dialect)
        self.player = Player(tape, turn, partial(reads_of, replies, turn), points, partial(data_of, replies, turn))
        self.speed = 1.0
        self.is_paused = True
        self._chat = chat
        self._recorded = turn
        self._shown = turn
        self._follow = follow
        self._began = self._from = 0.0
        self._goal: Callable[[], bool] | None = None
        self._is_there = False
        self._timer = every(FRAME_SECONDS, self._tick, pause=True)
        self._show([])

    def pause(self) -> None:
        """Stand still, or go on; at the end it begins anew."""
        self.is_paused = not self.is_paused
        if self.is_paused:
            self._timer.pause()
            return
        if self.player.is_at_end:
            self.player.restart()
            self._show([])
        self._set_off()

    def go_at(self, speed: float) -> None:
        """Go at a speed, from here on."""
        self.speed = speed
        if not self.is_paused:
            self._set_off()

    def _set_off(self) -> None:
        self._began, self._from = monotonic(), self.player.at
        self._timer.resume()

    def step(self, by: int) -> None:
        """Stand still, a frame further on or back."""
        self.is_paused, self._goal = True, None
        self._timer.pause()
        if by > 0:
            self._show(self.player.forward())
        else:
            self.seek_frame(self.player.frame - 1)

    def seek_frame(self, frame: int) -> None:
        """Show so many frames."""
        if max(0, frame) < self.player.frame or self.player.is_at_end:
            self.player.back(max(0, frame))
        self.player.aim(Goal(frame))
        self._seek(lambda: self.player.frame >= frame)

    def heed(self, frame: int) -> None:
        """The cursor is at a frame: while it stands still, that is what is shown."""
        if self.is_paused and self._goal is None and frame >= 0 and frame + 1 != self.player.frame:
            self.seek_frame(frame + 1)

    def seek(self, at: float) -> None:
        """Show what had come at an instant."""
        if at < self.player.at or self.player.is_at_end:
            self.player.back(at=at)
        self.player.aim(Goal(at=at))
        self._seek(lambda: (due := self.player.next_at) is not None and due > at)

    def _seek(self, is_there: Callable[[], bool]) -> None:
        self._goal, self._is_there = is_there, False
        self._go_on()
        if self._goal is not None:
            self._timer.resume()

    def _go_on(self) -> None:
        """Go some way to where somebody wants to be; when that is reached and typeset, show it."""
        until = monotonic() + SEEK_SECONDS
        player = self.player
        while self._goal is not None and not self._is_there:
            self._is_there = self._goal() or player.is_at_end
            if not self._is_there:
                player.forward()
            if monotonic() >= until:
                return
        page = self._chat.page
        if not page.replayed.prepare(player.before, keymap_of(page), page.page.width, lambda: monotonic() < until):
            return
        self._goal = None
        player.aim(Goal())
        self._show([], anew=True)
        if self.is_paused:
            self._timer.pause()
        else:
            self._set_off()

    def leave(self) -> None:
        """Put the recorded turn back."""
        self._timer.stop()
        self._chat.page.swap(self._shown, self._recorded)

    @property
    def at(self) -> float:
        """How far it is, in seconds since the request: where nothing came, time goes on all the same."""
        if self.is_paused or not self.speed or self._goal is not None:
            return self.player.at
        return max(self.player.at, self._from + (monotonic() - self._began) * self.speed)

    @property
    def words(self) -> str:
        """How it goes, in a few letters."""
        player = self.player
        sign = "■" if player.is_at_end else "‖" if self.is_paused else "▶"
        speed = f"{self.speed:g}x" if self.speed else "max"
        return f"{sign} {speed}  {describe_seconds(self.at)}  frame {player.frame:,}"

    def _tick(self) -> None:
        player = self.player
        if self._goal is not None:
            self._go_on()
            return
        if self.is_paused:
            return  # the timer had struck before it was stopped
        deltas: list[Delta] = []
        if self.speed:
            deltas = player.advance_to(self._from + (monotonic() - self._began) * self.speed)
        else:
            for _ in range(AT_ONCE):
                deltas += player.forward()
        if player.is_at_end:
            self.is_paused = True
            self._timer.pause()
        self._show(deltas)

    def _show(self, deltas: list[Delta], *, anew: bool = False) -> None:
        page, turn = self._chat.page, self.player.turn
        if anew or turn is not self._shown:
            page.swap(self._shown, turn, self.player.before if anew else None)
            self._shown = turn
        elif self.player.is_at_end:
            page.end_turn(turn)
        elif deltas:
            page.feed(turn, deltas)
        self._follow(deltas)


class Playback:
    """Whether the turn of a pane is played again, and the one that is.

    Attributes:
        playing: The turn that is played; `None` where it is shown as it was recorded.
    """

    def __init__(
        self,
        chat: Chat,
        follow: Callable[[list[Delta]], None],
        every: Callable[..., Timer],
        points: Callable[[], list[Point]],
    ) -> None:
        """Play nothing yet; see `Playing`."""
        self._points = points
        self.playing: Playing | None = None
        self._chat = chat
        self._follow = follow
        self._every = every

    @property
    def hints(self) -> Hints:
        """The keys that mean something while a turn is played; none where none is."""
        if self.playing is None:
            return ()
        rests = "play again" if self.playing.player.is_at_end else "go on"
        return (
            Hint(("wire.play",), rests if self.playing.is_paused else "pause"),
            Hint(("wire.earlier", "wire.later"), "step"),
            Hint(("wire.speed_1",), "real speed"),
            "wire.speed_4",
            Hint(("wire.speed_max",), "full speed"),
            Hint(("list.choose",), "in full"),
            Hint(("pane.close",), "end it"),
        )

    @property
    def words(self) -> str:
        """How it goes, in a few letters; empty where nothing is played."""
        return "" if self.playing is None else self.playing.words

    def toggle(self, turn: Turn) -> None:
        """Play a turn, or pause, or go on; where it cannot be played, say why."""
        is_whole = turn.state.is_over or self._chat.conversation.replies.is_whole(turn)
        if self.playing is None and not is_whole:
            self._chat.say("a reply is still streaming: {chat.back} stops it")
            return
        try:
            self.playing = self.playing or Playing(self._chat, turn, self._follow, self._every, self._points)
        except RilletError as error:
            self._chat.say(error.in_full, "warning")
            return
        self.playing.pause()

    @property
    def goes(self) -> bool:
        """Whether a turn is played and goes on by itself."""
        return self.playing is not None and not self.playing.is_paused

    def go_at(self, speed: float) -> None:
        """Go at a speed from here on, where a turn is played."""
        if self.playing is not None:
            self.playing.go_at(speed)

    def leave(self) -> bool:
        """Put the recorded turn back; whether one was played."""
        playing, self.playing = self.playing, None
        if playing is not None:
            playing.leave()
        return playing is not None
