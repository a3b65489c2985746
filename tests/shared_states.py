"""States that the tests of a process share: the rows of the database and a data folder, built once and then copied.

A resolve takes a second of a processor, however small the district is. Each test gets its own copy within its own
transaction, so that none sees what another writes.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from tests.cast import Cast

type TableRows = tuple[list[str], list[tuple[Any, ...]]]
"""The names of the columns, and the rows."""


@dataclass(frozen=True, kw_only=True)
class _SharedState:
    folder: Path
    tables: dict[str, TableRows]
    result: Any


_states: dict[tuple[Any, ...], _SharedState] = {}


def share_state[Result](key: tuple[Any, ...], folder: Path, build: Callable[[], Result]) -> Result:
    """Return the result of `build`, which fills that folder and the database; call it only the first time.

    Later calls with the same key copy the folder and replace all rows of the database. The key has to name all that
    the state depends on, such as the ids of rows that the test has objects of.
    """
    if key not in _states:
        result = build()
        target = Path(os.environ["HOMEROOM_DATA"]) / "shared-states" / str(len(_states))
        shutil.copytree(folder, target)
        _states[key] = _SharedState(folder=target, tables=dict(_read_tables()), result=copy.deepcopy(result))
        return result
    state = _states[key]
    shutil.copytree(state.folder, folder, dirs_exist_ok=True)
    _replace_rows(state.tables)
    return copy.deepcopy(state.result)


def share_cast_state(name: str, cast: Cast, folder: Path, build: Callable[[], None]) -> None:
    """Let `build` fill that folder and the database beside the cast, the first time; copy what it did later."""
    users = (cast.director, cast.technician, cast.privacy, cast.auditor, cast.stranger)
    share_state((name, cast.district.pk, *(user.pk for user in users)), folder, build)
    for user in users:
        user.refresh_from_db()  # the rows are of users with the same ids and other passwords


def _read_tables() -> Iterator[tuple[str, TableRows]]:
    """Yield each table that a test may have written, with its rows."""
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            if not table.startswith(("django_", "auth_permission")):
                cursor.execute(f'SELECT * FROM "{table}"')
                yield table, ([column[0] for column in cursor.description], cursor.fetchall())


def _replace_rows(tables: dict[str, TableRows]) -> None:
    """Replace the rows of all tables; references are checked at the end of the transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')
        for table, (columns, rows) in tables.items():
            names, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
            if rows:
                cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
