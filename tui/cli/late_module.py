"""Modules that are loaded when something of them is used, though they were imported before."""

from __future__ import annotations

import sys
from threading import RLock
from types import ModuleType
from typing import Any

_LOCK = RLock()


class _LateModule(ModuleType):
    """Stands for a module. One thread loads it, and others that want something of it wait.

    That is what `importlib.util.LazyLoader` does not do before Python 3.12.
    """

    def __getattr__(self, name: str) -> Any:
        """Load it, since it does not have that yet."""
        with _LOCK:
            spec = self.__spec__
            if type(self) is _LateModule and spec is not None and spec.loader is not None:
                _become(self, _LoadingModule)
                try:
                    spec.loader.exec_module(self)
                except BaseException:
                    _become(self, _LateModule)
                    raise
                _become(self, ModuleType)
        return ModuleType.__getattribute__(self, name)


class _LoadingModule(_LateModule):
    """One that is being loaded."""


def _become(module: ModuleType, kind: type[ModuleType]) -> None:
    module.__class__ = kind


def import_late(*names: str) -> None:
    """Have modules loaded when something of them is used, whoever imports them. One that cannot be found is left alone.

    The packages that they are in are not loaded for that.
    """
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    for name in names:
        package = name.rpartition(".")[0]
        parent = PathFinder.find_spec(package) if package else None
        spec = PathFinder.find_spec(name, parent.submodule_search_locations if parent else None)
        if name not in sys.modules and spec is not None:
            module = module_from_spec(spec)
            _become(module, _LateModule)
            sys.modules[name] = module
