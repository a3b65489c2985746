"""Databases that a state is loaded into: which they are, whether they are empty, and emptying them.

Some tables of Homeroom have names that other Django programs use too (`auth_group`, `django_migrations`). So a database
counts as empty only if Homeroom's tables are all there without rows, or if none of those names is taken.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.db import connections, transaction

from homeroom.apps.platform.backups.state_tables import DEFAULT, list_all_names
from homeroom.evidence.backups.manifest import BackupRefused, StoredTable

_DISTRICTS = "districts_district"
_MIGRATED = ("django_migrations", "django_content_type", "auth_permission")
"""Tables whose rows migrating writes."""
_TOKEN_TABLE = "homeroom_loading"
"""A table of PostgreSQL whose row no other database has; addresses behind tunnels and in containers are alike."""


def identify_databases() -> str:
    """Return a hash that only the databases of these settings have: server, name, number in it, and mark, or path."""
    places = {alias: _locate(connections[alias]) for alias in connections}
    return hashlib.sha256(msgspec.json.encode(places, order="sorted")).hexdigest()


def mark_databases() -> None:
    """Give each database of PostgreSQL a mark of its own, by which what is loaded into it is found again."""
    for alias in _list_servers():
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {_TOKEN_TABLE}")
            cursor.execute(f"CREATE TABLE {_TOKEN_TABLE} (token text NOT NULL)")
            cursor.execute(f"INSERT INTO {_TOKEN_TABLE} VALUES (%s)", [secrets.token_hex(16)])


def remove_database_marks() -> None:
    """Remove the marks, once nothing is loaded any more."""
    for alias in _list_servers():
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {_TOKEN_TABLE}")


def check_databases_empty(tables: Sequence[StoredTable] = ()) -> None:
    """Raise BackupRefused if a database has rows of Homeroom, or tables of another program with the same names.

    `tables` are those of a backup, which may be of an older version.
    """
    own = _list_own(tables)
    for alias in connections:
        database = connections[alias]
        taken = sorted(own.intersection(database.introspection.table_names()))
        full = [name for name in taken if name not in _MIGRATED and _has_rows(database, name)]
        if _DISTRICTS in full:
            raise BackupRefused("the database has districts already; an empty database would fit")
        # A first start that was interrupted leaves the table of migrations alone, and without rows.
        others = [name for name in taken if name != _MIGRATED[0] or len(taken) > 1 or _has_rows(database, name)]
        if others and alias == DEFAULT and _DISTRICTS not in taken:
            raise BackupRefused(
                f"the database has tables of another program, such as {others[0]}; an empty database would fit"
            )
        if full:
            raise BackupRefused(f"the database has rows in {full[0]} already; an empty database would fit")


def clear_databases(tables: Sequence[StoredTable] = ()) -> None:
    """Remove the tables of Homeroom, of this version and of a backup, and no others, from all databases."""
    own = _list_own(tables)
    for alias in connections:
        database = connections[alias]
        if database.vendor == "sqlite":
            database.close()
            path = Path(str(database.settings_dict["NAME"]))
            for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                part.unlink(missing_ok=True)
        elif taken := sorted(own.intersection(database.introspection.table_names())):
            with database.cursor() as cursor:
                cursor.execute("DROP TABLE {} CASCADE".format(", ".join(f'"{name}"' for name in taken)))


def _list_own(tables: Sequence[StoredTable]) -> frozenset[str]:
    return list_all_names() | {table.name for table in tables}


def _locate(database: Any) -> list[str]:
    if database.vendor == "sqlite":
        return ["sqlite", str(database.settings_dict["NAME"])]
    with database.cursor() as cursor:
        cursor.execute("SELECT oid::text, datname FROM pg_database WHERE datname = current_database()")
        number, name = cursor.fetchone()
    info = database.connection.info
    return [str(database.vendor), str(info.host), str(info.port), number, name, _read_token(database)]


def _read_token(database: Any) -> str:
    if _TOKEN_TABLE not in database.introspection.table_names():
        return ""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT max(token) FROM {_TOKEN_TABLE}")
        return str(cursor.fetchone()[0])


def _list_servers() -> list[str]:
    return [alias for alias in connections if connections[alias].vendor != "sqlite"]


def _has_rows(database: Any, table: str) -> bool:
    with database.cursor() as cursor:
        cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")')
        return bool(cursor.fetchone()[0])
