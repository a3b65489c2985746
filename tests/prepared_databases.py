"""Test databases on SQLite: copies of the run's migrated databases, as migrating takes seconds of each process.

`tests.data_folders` migrates them as the program does. On PostgreSQL the test runner migrates its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections

from tests.data_folders import prepare_migrated_databases


@contextmanager
def copy_migrated_databases() -> Iterator[None]:
    """Let the test runner fill the SQLite databases that it creates with copies instead of migrating them."""
    open_copies: list[sqlite3.Connection] = []
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            _replace_creation(connections[alias], open_copies)
    try:
        yield
    finally:
        for copy in open_copies:
            copy.close()


def _replace_creation(wrapper: Any, open_copies: list[sqlite3.Connection]) -> None:
    create_empty = wrapper.creation._create_test_db
    file_name = Path(wrapper.settings_dict["NAME"]).name

    def create_copy(*arguments: Any, **options: Any) -> str:
        name = str(create_empty(*arguments, **options))
        copy = sqlite3.connect(name, uri=name.startswith("file:"), check_same_thread=False)
        open_copies.append(copy)  # a database in memory lasts as long as a connection to it
        with closing(sqlite3.connect(prepare_migrated_databases() / file_name)) as template:
            template.backup(copy)
        return name

    wrapper.creation._create_test_db = create_copy
    wrapper.settings_dict["TEST"]["MIGRATE"] = False
