"""Fill the tables of an SQLite database with rows, from its schema alone.

`python -m tests.apps.platform.upgrades.fill_tables STATE_FILE…` knows no model and no code of the program, so that it
fills a database of any version. It recorded the databases beside it; see `test_old_schemas`.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

ROWS = 3
CHAINED = ("audit_entry", "audit_head")
"""Tables that only the program can fill, as soon as their entries are chained."""
EMPTY = ("django_content_type", "django_migrations", "django_ox_oxschedule", "sqlite_", *CHAINED)
JSON_COLUMN = re.compile(r'JSON_VALID\("(\w+)"\)')
TYPE = re.compile(r"(\w+)(?: unsigned)?(?:\((\d+)\))?")
SPECIAL_TEXTS = {"timezone": "America/Chicago", "ip": "192.0.2.1", "address": "192.0.2.2"}
"""Values of columns in which not each text is accepted by whoever reads the row."""
PARAGRAPH = "Line one\nwith “quotes”, a tab\tand an accent: Zoë."


def fill_tables(path: Path) -> dict[str, int]:
    """Add rows to each table that has few and is not excluded; return the number of rows of every table."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        for table in list_by_dependency(database):
            has_chain = "digest" in (name for name, *_ in read_columns(database, table))
            is_left_empty = table.startswith(EMPTY) and (has_chain or table not in CHAINED)
            if not is_left_empty:
                for number in range(count_rows(database, table) + 1, ROWS + 1):
                    insert_row(database, table, number)
        database.commit()
        problems = database.execute("PRAGMA foreign_key_check").fetchall()
        if problems:
            raise ValueError(f"rows without parents: {problems[:3]}")
        return {table: count_rows(database, table) for table in list_tables(database)}


def list_tables(database: sqlite3.Connection) -> list[str]:
    """Return the names of all tables."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return sorted(name for (name,) in rows)


def count_rows(database: sqlite3.Connection, table: str) -> int:
    """Return the number of rows of a table."""
    return int(database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])


def read_columns(database: sqlite3.Connection, table: str) -> list[tuple[str, str, bool, bool]]:
    """Return name, declared type, whether NULL is refused, and whether the database numbers it, of each column."""
    rows = database.execute(f'PRAGMA table_info("{table}")').fetchall()
    has_short_key = sum(row[5] > 0 for row in rows) == 1
    return [
        (name, kind.lower(), bool(required), bool(key) and has_short_key and kind.lower() == "integer")
        for _, name, kind, required, _, key in rows
    ]


def read_parents(database: sqlite3.Connection, table: str) -> dict[str, tuple[str, str]]:
    """Return the table and the column that each column with a foreign key refers to."""
    rows = database.execute(f'PRAGMA foreign_key_list("{table}")')
    return {row[3]: (row[2], row[4] or "id") for row in rows}


def list_by_dependency(database: sqlite3.Connection) -> Iterator[str]:
    """Yield the tables, each after those that it refers to."""
    waiting = {
        table: {parent for parent, _ in read_parents(database, table).values()} - {table}
        for table in list_tables(database)
    }
    while waiting:
        ready = sorted(table for table, parents in waiting.items() if not parents.intersection(waiting))
        if not ready:
            raise ValueError(f"tables refer to each other: {sorted(waiting)}")
        yield from ready
        waiting = {table: parents for table, parents in waiting.items() if table not in ready}


def insert_row(database: sqlite3.Connection, table: str, number: int) -> None:
    """Insert a row; the first has a value only where one is needed, and parents that exist in all rows."""
    (sql,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()
    json_columns, parents = set(JSON_COLUMN.findall(sql)), read_parents(database, table)
    values: dict[str, object] = {}
    for name, kind, required, is_numbered in read_columns(database, table):
        if is_numbered and name not in parents:
            continue
        if not required and number == 1:
            values[name] = None
        elif name in parents:
            values[name] = choose_parent(database, *parents[name], number=number)
        elif name in json_columns:
            values[name] = f'{{"text": "Zoë {number}", "list": [{number}, null]}}' if name == "detail" else "{}"
        else:
            values[name] = invent_value(name, kind, number)
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
    database.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))


def choose_parent(database: sqlite3.Connection, table: str, column: str, *, number: int) -> object:
    """Return the key of a row of the parent, another for each number as far as there are rows."""
    keys = [key for (key,) in database.execute(f'SELECT "{column}" FROM "{table}" ORDER BY 1 LIMIT {ROWS}')]
    return keys[(number - 1) % len(keys)] if keys else None


def invent_value(name: str, kind: str, number: int) -> object:
    """Return a value that fits the declared type and is another for each number."""
    match = TYPE.match(kind)
    base, length = (match[1], int(match[2] or 0)) if match else (kind, 0)
    values: dict[str, object] = {
        "bool": number % 2,
        "date": f"2026-0{number}-28",
        "datetime": f"2026-0{number}-28 12:34:56.78901{number}",
        "time": f"0{number}:30:00",
        "real": number + 0.25,
        "decimal": number + 0.5,
        "blob": bytes([0, 255, number]),
        "text": f"{PARAGRAPH} {name} {number}",
        "char": f"{number:032x}"[:length],
        "varchar": f"{number} Zoë {name}"[: length or None],
    }
    if base not in ("char", "varchar"):
        return values.get(base, number)
    return SPECIAL_TEXTS.get(name, values[base]) if name != "slug" else f"invented-{number}"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(argument, fill_tables(Path(argument)))
