"""One SQL statement for each Sigma rule over events in SQLite: `python -m bench.detections.sql_rules LOG RULES`.

Prints the rules that SQLite could not run, and last the events for each CPU-second.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MAX_COLUMNS = 1_900
"""SQLite has 2,000 at most."""


def main(log: Path, rules: Path) -> None:
    """Convert the rules, then measure reading the events and running every statement."""
    statements = list(_convert_rules(rules))
    started = time.process_time()
    events = [dict(_iter_fields(json.loads(line))) for line in log.read_text(encoding="utf-8").split("\n") if line]
    database = _load(events)
    failed = rows = 0
    for statement in statements:
        try:
            rows += len(database.execute(statement).fetchall())
        except sqlite3.Error:
            failed += 1
    seconds = time.process_time() - started
    print(f"{len(statements)} statements, {failed} failed, {rows} rows")
    print(len(events) / seconds)


def _convert_rules(folder: Path) -> Iterator[str]:
    from sigma.backends.sqlite import sqlite  # type: ignore[import-not-found]
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError
    from sigma.pipelines.sysmon import sysmon_pipeline  # type: ignore[import-not-found]
    from sigma.pipelines.windows import windows_logsource_pipeline  # type: ignore[import-not-found]

    backend = sqlite.sqliteBackend(sysmon_pipeline() + windows_logsource_pipeline())
    refused = 0
    for path in sorted(folder.rglob("*.yml")):
        try:
            collection = SigmaCollection.from_yaml(path.read_text(encoding="utf-8"))
            yield from (statement.replace("<TABLE_NAME>", "logs") for statement in backend.convert(collection))
        except (SigmaError, NotImplementedError, ValueError):
            refused += 1
    print(f"{refused} rules could not be converted")


def _iter_fields(document: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fields of an event by the names that the rules use: those of Windows without their path."""
    for name, value in document.items():
        if isinstance(value, dict):
            inside_windows = name in {"Event", "System", "EventData", "UserData"}
            yield from _iter_fields(value, "" if inside_windows else f"{prefix}{name}.")
        elif isinstance(value, list):
            yield f"{prefix}{name}", json.dumps(value)
        else:
            yield f"{prefix}{name}", value


def _load(events: list[dict[str, Any]]) -> sqlite3.Connection:
    columns: dict[str, str] = {}
    for event in events:
        for name in event:
            columns.setdefault(name.lower(), name)
    names = list(columns.values())[:MAX_COLUMNS]
    database = sqlite3.connect(":memory:")
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    database.execute(f"CREATE TABLE logs ({', '.join(f'{name} TEXT COLLATE NOCASE' for name in quoted)})")
    placeholders = ", ".join("?" * len(names))
    database.executemany(
        f"INSERT INTO logs VALUES ({placeholders})", ([event.get(name) for name in names] for event in events)
    )
    database.execute("CREATE INDEX by_log ON logs (Channel, EventID)")
    return database


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
