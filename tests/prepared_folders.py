"""Folders that take long to build and that many tests read: built once per run, by whichever process needs one first.

HOMEROOM_PREPARED names the folder of a run; tests/conftest.py creates one unless `./run test` has named it for all of
its steps. Tests only read what it holds: a test that writes copies first.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

VARIABLE = "HOMEROOM_PREPARED"


def prepare_folder(name: str, build: Callable[[Path], None]) -> Path:
    """Return the run's folder of that name; if missing, let `build` fill a new one while other processes wait."""
    root = Path(os.environ[VARIABLE])
    root.mkdir(parents=True, exist_ok=True)
    folder, draft = root / name, root / f"{name}.draft"
    with FileLock(root / f"{name}.lock"):
        if not folder.exists():
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            build(draft)
            draft.rename(folder)
    return folder
