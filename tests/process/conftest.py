"""The same fixtures as those of the command line's own tests."""

from tests.cli.conftest import ask, home, rillet, rillet_process, server

__all__ = ["ask", "home", "rillet", "rillet_process", "server"]
