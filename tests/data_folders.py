"""An initialized data folder: marked, with migrated and empty databases, built once per run and then copied.

Migrating an empty database takes seconds of a processor and gives the same result each time. Tests of how a folder is
initialized do without this: they give the program an empty one. `python -m tests.data_folders` initializes the folder
that HOMEROOM_DATA names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.prepared_folders import prepare_folder

ROOT = Path(__file__).resolve().parent.parent
COPIED_FILES = ("store.json", "state.sqlite3", "jobs.sqlite3")
"""Files to copy. The key is not one of them: each folder creates its own."""


def prepare_data_folder(folder: Path) -> Path:
    """Return the folder; if missing, create it with the files of Homeroom's first command, without a district."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        template = prepare_migrated_databases()
        for name in COPIED_FILES:
            shutil.copy(template / name, folder / name)
    return folder


def prepare_migrated_databases() -> Path:
    """Return the run's folder with the files to copy; tests only read it."""
    return prepare_folder("initialized", _initialize_folder)


def _initialize_folder(folder: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": "", "HOMEROOM_DATA": str(folder)}
    subprocess.run([sys.executable, "-m", "tests.data_folders"], cwd=ROOT, env=environment, check=True)


def _migrate_folder(folder: Path) -> None:
    import django

    from homeroom.evidence.files.data_folder import open_data_folder

    open_data_folder(folder, kind="real")
    django.setup()
    from django.db import connections

    from homeroom.cli.startup.databases import migrate_databases

    migrate_databases()
    connections.close_all()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    _migrate_folder(Path(os.environ["HOMEROOM_DATA"]))
