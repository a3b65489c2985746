"""Test databases with tables that were created at once, as the program does: migrating takes seconds of each process.

On SQLite they are copies of the run's databases, which `tests.data_folders` creates.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections

from homeroom.apps.platform.schema.create_tables import create_newest_tables
from tests.data_folders import prepare_migrated_databases


@contextmanager
def create_test_databases() -> Iterator[None]:
    """Let the test runner create SQLite databases as copies, and those of PostgreSQL with all tables at once."""
    open_copies: list[sqlite3.Connection] = []
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            _copy_at_creation(connections[alias], open_copies)
        else:
            _create_tables_at_creation(connections[alias])
    try:
        yield
    finally:
        for copy in open_copies:
            copy.close()


def _copy_at_creation(wrapper: Any, open_copies: list[sqlite3.Connection]) -> None:
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


def _create_tables_at_creation(wrapper: Any) -> None:
    create_empty, settings = wrapper.creation._create_test_db, wrapper.settings_dict

    def create_with_tables(*arguments: Any, **options: Any) -> str:
        name, own_name = str(create_empty(*arguments, **options)), settings["NAME"]
        wrapper.close()
        settings["NAME"] = name
        try:
            create_newest_tables(wrapper.alias, app_label=None)
        finally:
            wrapper.close()
            settings["NAME"] = own_name
        return name

    wrapper.creation._create_test_db = create_with_tables
