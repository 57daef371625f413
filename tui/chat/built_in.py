"""The built-in model of a program: which file it is, by the settings or the command line, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.domain.endpoint import Endpoint, Secret
from tui.domain.error import KeyMissingError, RilletError
from tui.domain.model import Model
from tui.domain.request import Request
from tui.store.path import data_dir, state_dir
from tui.store.settings import LocalSettings

if TYPE_CHECKING:
    from tui.local.model import LocalModel

LOCAL = "local"
_SWITCHED_OFF = "switched off in the settings"


def open_local(local: LocalSettings, gguf: Path | None = None) -> LocalModel | None:
    """The built-in model, where its weights are; starts nothing.

    Args:
        local: What the settings say of it.
        gguf: The file that the command line names in its place.

    Raises:
        ConfigError: If the file asked for is not a model.
    """
    if not local.enabled and gguf is None:
        return None
    if gguf is None and local.model:
        gguf = Path(local.model).expanduser()
    if gguf is None:
        from tui.local.weights import find_weights

        if find_weights(data_dir()) is None:  # nothing of the model needs to be imported
            return None
    from tui.local.model import open_local_model

    return open_local_model(data_dir(), state_dir() / "local.log", gguf, threads=local.threads, context=local.context)


class BuiltIn:
    """The built-in model as it is now; other settings put another in its place, and what is asked of it meanwhile ends first.

    Attributes:
        model: It; `None` where there is none.
        problem: Why that of the settings cannot be used.
    """

    def __init__(self, local: LocalSettings, gguf: Path | None = None) -> None:
        """Open it, without starting it.

        Raises:
            RilletError: If the file that the command line names cannot be used.
        """
        self._gguf = gguf
        self._local = local
        self.model: LocalModel | None = None
        self.problem: RilletError | None = None
        self._uses: dict[LocalModel, int] = {}
        self._others: set[LocalModel] = set()  # that the settings named before
        try:
            self.open()
        except RilletError:
            if gguf is not None:
                raise

    def open(self) -> None:
        """Look for it again: it may have been brought here.

        Raises:
            RilletError: If its file cannot be used.
        """
        try:
            self.model, self.problem = open_local(self._local, self._gguf), None
        except RilletError as error:
            self.model, self.problem = None, error
            raise

    def use_settings(self, local: LocalSettings) -> None:
        """Go by other settings: a model that runs ends with what is still asked of it, the other starts when it is wanted."""
        if local == self._local:
            return
        before, self._local = self.model, local
        with suppress(RilletError):  # `problem` tells of it, and whoever asks it is told
            self.open()
        if before is not None:
            before.listener = None
            self._others.add(before)
            if before not in self._uses:
                before.stop()

    def name(self, endpoints: dict[str, Endpoint]) -> dict[str, Endpoint]:
        """The same endpoints, the built-in one with the name of the file that it is."""
        if self.model is None or not self.model.weights.is_own:
            return endpoints
        return {**endpoints, LOCAL: replace(endpoints[LOCAL], model=self.model.weights.alias)}

    @property
    def lack(self) -> str:
        """Why there is none to ask, in a sentence; empty where there is."""
        if self.model is not None:
            return ""
        if self.problem is not None:
            return f"the built-in model cannot be used: {self.problem.message}"
        return (
            "the built-in model is not installed" if self._local.enabled else f"the built-in model is {_SWITCHED_OFF}"
        )

    @property
    def is_missing(self) -> bool:
        """Whether to install it is all that it takes."""
        return self.model is None and self.problem is None and self._local.enabled

    @property
    def models(self) -> list[Model]:
        """The one model that it offers, known without starting it."""
        from tui.local.request import local_models

        return local_models(self.model.weights, self.model.context) if self.model is not None else local_models()

    def about(self, model_id: str) -> Model:
        """What is known of it."""
        context = self.model.context if self.model is not None else None
        return Model(model_id, LOCAL, context=context, price_in=0.0, price_out=0.0)

    async def reach(self, endpoint: Endpoint) -> tuple[Endpoint, Secret]:
        """Start it where it does not run, and say where it is asked.

        Raises:
            RilletError: If there is none, or it does not start.
        """
        if self.model is None:
            if self.problem is not None:
                raise self.problem
            hint = "/local installs it here, “rillet local install” in a shell. Or set XAI_API_KEY to ask xAI."
            off = "[local] enabled = true switches it on; /model chooses another."
            raise KeyMissingError(self.lack, hint if self.is_missing else off)
        url, key = await self.model.ready()
        return replace(endpoint, base_url=url), key

    def fit(self, request: Request) -> Request:
        """A request as it can do it."""
        if self.model is None:
            return request
        from tui.local.request import fit_request

        return fit_request(request, is_own=self.model.weights.is_own, context=self.model.context)

    @contextmanager
    def in_use(self) -> Generator[None]:
        """While something is asked of it: it does not end before, even where the settings name another."""
        if (model := self.model) is None:
            yield
            return
        self._uses[model] = self._uses.get(model, 0) + 1
        try:
            yield
        finally:
            self._uses[model] -= 1
            if not self._uses[model]:
                del self._uses[model]
                if model is not self.model:
                    model.stop()

    def free(self) -> None:
        """A request was dropped before its first token: it would go on with it, so stop it."""
        if self.model is not None:
            self.model.free()

    async def close(self) -> None:
        """End it, and what is still asked of another."""
        for model in (*self._others, self.model):
            if model is not None:
                await model.close()
