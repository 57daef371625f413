"""Modules that are loaded when something of them is used, though they were imported before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from importlib.util import module_from_spec
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader

_LOCK = RLock()
_LENT: dict[str, Mapping[str, Any]] = {}


class _LateModule(ModuleType):
    """Stands for a module. One thread loads it, and others that want something of it wait.

    That is what `importlib.util.LazyLoader` does not do before Python 3.12.
    """

    def __getattr__(self, name: str) -> Any:
        """Load it, since it does not have that yet, unless that was lent to it."""
        if type(self) is _LateModule and (lent := _LENT.get(self.__name__)) is not None:
            if name in lent:
                return lent[name]
            if name == "__path__":  # as `from ... import` looks whether it is a package
                raise AttributeError(name)
        _load(self)
        return ModuleType.__getattribute__(self, name)


class _LoadingModule(_LateModule):
    """One that is being loaded."""


def _load(module: ModuleType) -> None:
    with _LOCK:
        spec = module.__spec__
        if type(module) is _LateModule and spec is not None and spec.loader is not None:
            _become(module, _LoadingModule)
            try:
                _fill(module, spec, spec.loader)
            except BaseException:
                _become(module, _LateModule)
                raise
            _become(module, ModuleType)


def _fill(module: ModuleType, spec: ModuleSpec, loader: Loader) -> None:
    """Run a module; of one in C, which is mapped into memory as soon as it is made, what is in it is taken over."""
    if not isinstance(loader, ExtensionFileLoader):
        loader.exec_module(module)
        return
    made = module_from_spec(spec)
    loader.exec_module(made)
    vars(module).update(vars(made))


def _become(module: ModuleType, kind: type[ModuleType]) -> None:
    module.__class__ = kind


def import_late(*names: str) -> None:
    """Have modules loaded when something of them is used, whoever imports them. One that cannot be found is left alone.

    The packages that they are in are not loaded for that.
    """
    for name in names:
        package = name.rpartition(".")[0]
        parent = PathFinder.find_spec(package) if package else None
        spec = PathFinder.find_spec(name, parent.submodule_search_locations if parent else None)
        if name not in sys.modules and spec is not None:
            if isinstance(spec.loader, ExtensionFileLoader):
                module = ModuleType(name)
                module.__spec__ = spec
            else:
                module = module_from_spec(spec)
            _become(module, _LateModule)
            sys.modules[name] = module


def lend(name: str, things: Mapping[str, Any]) -> None:
    """Have a module that is imported late give these without being loaded: they do what its own would."""
    _LENT[name] = things


def when_called(name: str, thing: str) -> Callable[..., Any]:
    """What calls something of a module that is imported late, which is loaded by that."""

    def call(*values: Any, **options: Any) -> Any:
        module = sys.modules[name]
        _load(module)
        return getattr(module, thing)(*values, **options)

    return call
