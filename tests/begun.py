"""A data folder that was begun: marked, with databases that are up to date and empty. Made once a process, then copied.

Migrating an empty database takes seconds of a processor and makes the same each time. Tests of how a folder is begun do
without this: they give the program an empty one. `python -m tests.begun` begins the folder that HOMEROOM_DATA names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE = ("store.json", "state.sqlite3", "jobs.sqlite3")
"""What is copied. The key is none of it: each folder makes its own."""


def begun(folder: Path) -> Path:
    """The folder; where it is not there yet, with what Homeroom's first command makes in it. No district stands in that."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        for name in MADE:
            shutil.copy(_pattern() / name, folder / name)
    return folder


@cache
def _pattern() -> Path:
    folder = Path(os.environ["HOMEROOM_DATA"]) / "begun"  # the run's own folder: tests/conftest.py removes it
    environment = {**os.environ, "DATABASE_URL": "", "HOMEROOM_DATA": str(folder)}
    subprocess.run([sys.executable, "-m", "tests.begun"], cwd=ROOT, env=environment, check=True)
    return folder


def _begin(folder: Path) -> None:
    import django

    from homeroom.evidence.folder import opened

    opened(folder, kind="real")
    django.setup()
    from django.db import connections

    from homeroom.cli.preparing import prepared

    prepared()
    connections.close_all()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    _begin(Path(os.environ["HOMEROOM_DATA"]))
