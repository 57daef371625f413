"""A clock that passes only while nothing else can be done: seconds take no time, and as many on any machine.

For what talks to no process, thread or socket: those take time of their own.
"""

import asyncio
import functools
import selectors


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: where it would, the clock goes on to the end of the wait."""

    def __init__(self):
        super().__init__()
        self.passed = 0.0

    def select(self, timeout=None):
        ready = super().select(0)
        if timeout is None and not ready:
            raise AssertionError("it waits for something that never comes")
        if not ready:
            self.passed += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        return self._jumping.passed


def in_virtual_time(test):
    """Decorate an async test so that it runs by such a clock."""

    @functools.wraps(test)
    def run(*arguments, **given):
        with asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(test(*arguments, **given))

    return run
