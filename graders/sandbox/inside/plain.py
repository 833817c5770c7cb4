"""The start of a subject on the plain level: an interpreter of its own, without a sandbox around it."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.metadata
import json
import os
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from . import driver, limits


class OnlyTheseLibraries(importlib.abc.MetaPathFinder):
    """Finds the allowed third-party modules where they are; the folders around them stay off sys.path."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None and name in self._folders:
            return importlib.machinery.PathFinder.find_spec(name, [self._folders[name]], target)
        return None

    def find_distributions(self, context: Any = None) -> Iterable[importlib.metadata.Distribution]:
        """So that importlib.metadata.version("flask") works, which flask itself calls."""
        name = getattr(context, "name", None)
        return importlib.metadata.MetadataPathFinder.find_distributions(
            importlib.metadata.DistributionFinder.Context(name=name, path=sorted(set(self._folders.values())))
        )


def main() -> None:
    """argv[1] is the configuration of driver.main, with libraries {name: folder} and limits."""
    config = json.loads(sys.argv[1])
    sys.meta_path.append(OnlyTheseLibraries(config["libraries"]))
    limits.apply(config["limits"], count_processes=False)
    del sys.argv[1:]
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(os.path.dirname(__file__))]
    driver.main(config)
