"""Compile the search for places of rollouts, where there is a C compiler: `python -m tools.compile_search`.

`./run setup` and `./run install` do it through tools/build_hook.py. Without a compiler, rollouts are planned in Python.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path("src", "homeroom", "engines", "rollout", "compiled")
COMPILERS = ("cc", "gcc", "clang")


def compile_search(root: Path = ROOT, *, target: Path | None = None, options: Sequence[str] = ()) -> Path | None:
    """Return the library, compiled again if its sources have changed; None without a compiler that can build it."""
    sources = _load_sources(root)
    library: Path = target or sources.LIBRARY
    digest: str = sources.compute_digest()
    if _has_digest(library, digest):
        return library
    unfinished: Path | None = None
    try:
        compiler = find_compiler()
        if compiler is None:
            print("homeroom: no C compiler here, so rollouts are planned without the compiled search", file=sys.stderr)
            return None
        with tempfile.NamedTemporaryFile(dir=library.parent, prefix=".search-", suffix=".native", delete=False) as file:
            unfinished = Path(file.name)
        own = [str(path) for path in sources.list_sources() if path.suffix == ".c"]
        define = f'-DSOURCE_DIGEST="{digest}"'
        command = [*compiler, *sources.OPTIONS, *options, define, "-o", str(unfinished), *own, "-lm"]
        subprocess.run(command, check=True)
        unfinished.chmod(0o755)
        unfinished.replace(library)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"homeroom: the search for rollouts was not compiled, and Python's is used: {error}", file=sys.stderr)
        return None
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
    return library


def _has_digest(library: Path, digest: str) -> bool:
    """Return True if a library can be loaded here and was built from these sources."""
    if not library.is_file() or digest.encode() not in library.read_bytes():
        return False
    try:
        ctypes.CDLL(str(library))
    except OSError:
        return False
    return True


def find_compiler() -> list[str] | None:
    """Return the command of a C compiler: that of the variable CC, else the first that is installed; None without.

    Raise ValueError if CC has an open quote.
    """
    if named := shlex.split(os.environ.get("CC", "")):
        return named
    return next(([path] for name in COMPILERS if (path := shutil.which(name))), None)


def _load_sources(root: Path) -> ModuleType:
    """Return the module that names the sources, without importing the program, which is not installed yet."""
    specification = importlib.util.spec_from_file_location("compiled_sources", root / FOLDER / "sources.py")
    assert specification is not None, "the module is a file"
    assert specification.loader is not None, "a file has a loader"
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(0 if compile_search() else 1)
