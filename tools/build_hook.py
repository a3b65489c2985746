"""What hatchling runs before it builds a wheel or links the sources: the compiled search becomes part of both."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledSearchHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles the search for places of rollouts; without a C compiler, the wheel is built without it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the library, and add it to what is built, which then is for this platform only."""
        sys.path.insert(0, self.root)
        try:
            from tools.compile_search import compile_search
        finally:
            sys.path.remove(self.root)
        library = compile_search(Path(self.root))
        if library is not None:
            build_data["artifacts"].append(library.relative_to(self.root).as_posix())
            build_data["pure_python"] = False
            build_data["infer_tag"] = True
