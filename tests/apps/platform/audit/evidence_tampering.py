"""Attacks on evidence by somebody who writes files and SQL, seals what they write, and has no key."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.apps.platform.audit.tampering import run

RECORDS = "audit_manifestrecord"


@dataclass
class FileAttacker:
    """Who attacks the evidence in `folder` of a district (a key); `old_load` is a manifest as it once was."""

    district: int
    folder: Path
    old_load: tuple[str, bytes]
    random: random.Random

    def pick(self, folder: str) -> Path:
        return self.random.choice(sorted((self.folder / folder).glob("*.json")))


def seal(document: dict[str, Any]) -> bytes:
    """Return a manifest as Homeroom seals it: JSON that ends with the SHA-256 of all before it."""
    body = {name: value for name, value in document.items() if name != "checksum"}
    start = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    comma = b"" if start == b"{" else b","
    return start + comma + b'"checksum":"' + hashlib.sha256(start).hexdigest().encode() + b'"}'


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_bytes())
    change(document)
    path.write_bytes(seal(document))


def edit_load(attacker: FileAttacker) -> None:
    """Change a count of a load, and seal it again."""
    edit(
        attacker.pick("loads"), lambda load: load.update(rows_kept=load["rows_kept"] + attacker.random.randrange(1, 9))
    )


def exchange_rows(attacker: FileAttacker) -> None:
    """Give a load another file of rows, named by its own hash, and seal it again."""

    def change(load: dict[str, Any]) -> None:
        table = attacker.random.choice(sorted(load["tables"]))
        part = load["tables"][table]
        content = (attacker.folder / "blobs" / f"{part['blob']}.parquet").read_bytes() + b"\0"
        part["blob"] = hashlib.sha256(content).hexdigest()
        (attacker.folder / "blobs" / f"{part['blob']}.parquet").write_bytes(content)

    edit(attacker.pick("loads"), change)


def insert_load(attacker: FileAttacker) -> None:
    """Put a load there as the newest of its source."""
    document = json.loads(attacker.pick("loads").read_bytes())
    fingerprint = f"{attacker.random.getrandbits(256):064x}"
    document |= {"id": f"000900-{fingerprint[:12]}", "fingerprint": fingerprint}
    (attacker.folder / "loads" / f"{document['id']}.json").write_bytes(seal(document))


def insert_held_load(attacker: FileAttacker) -> None:
    document = json.loads(attacker.pick("loads").read_bytes())
    document["id"] = f"held-{attacker.random.getrandbits(48):012x}"
    (attacker.folder / "pending" / f"{document['id']}.json").write_bytes(seal(document))


def edit_held_load(attacker: FileAttacker) -> None:
    edit(attacker.pick("pending"), lambda load: load.update(hold_reasons=[]))


def mark_undone(attacker: FileAttacker) -> None:
    """Undo a load by a sealed marker."""
    undone = {path.stem for path in (attacker.folder / "undone").glob("*.json")}
    names = [path.stem for path in (attacker.folder / "loads").glob("*.json") if path.stem not in undone]
    (attacker.folder / "undone" / f"{attacker.random.choice(sorted(names))}.json").write_bytes(seal({}))


def delete_file(folder: str) -> Callable[[FileAttacker], None]:
    def delete(attacker: FileAttacker) -> None:
        attacker.pick(folder).unlink()

    delete.__name__ = f"delete_from_{folder}"
    return delete


def delete_with_record(folder: str) -> Callable[[FileAttacker], None]:
    """Delete a manifest, and what the database records of it."""

    def delete(attacker: FileAttacker) -> None:
        path = attacker.pick(folder)
        path.unlink()
        sql = f"DELETE FROM {RECORDS} WHERE district_id = %s AND name = %s"
        run(sql, attacker.district, f"{folder}/{path.name}")

    delete.__name__ = f"delete_with_record_from_{folder}"
    return delete


def put_older_load_back(attacker: FileAttacker) -> None:
    """Replace a load by what it was before Homeroom rewrote it: every hash in it fits."""
    name, content = attacker.old_load
    (attacker.folder / name).write_bytes(content)


def delete_newest_catalog(attacker: FileAttacker) -> None:
    max((attacker.folder / "events").glob("*.json")).unlink()


def delete_newest_catalog_with_record(attacker: FileAttacker) -> None:
    newest = max((attacker.folder / "events").glob("*.json"))
    newest.unlink()
    sql = f"DELETE FROM {RECORDS} WHERE district_id = %s AND name = %s"
    run(sql, attacker.district, f"events/{newest.name}")


def drop_events(attacker: FileAttacker) -> None:
    """Leave the events of a day out of the newest catalog, and seal it again."""

    def change(catalog: dict[str, Any]) -> None:
        days = catalog["tables"][attacker.random.choice(sorted(catalog["tables"]))]
        del days[attacker.random.choice(sorted(days))]

    edit(max((attacker.folder / "events").glob("*.json")), change)


def edit_event_load(attacker: FileAttacker) -> None:
    edit(attacker.pick("event_loads"), lambda load: load.update(rows_kept=load["rows_kept"] + 1))


def insert_with_record(attacker: FileAttacker) -> None:
    """Put a load there with a record of its hash, without the key."""
    insert_load(attacker)
    path = attacker.folder / "loads" / max(item.name for item in (attacker.folder / "loads").glob("000900-*.json"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    names = "district_id, name, digest, announced, mac"
    sql = f"INSERT INTO {RECORDS} ({names}) VALUES (%s, %s, %s, '', %s)"
    run(sql, attacker.district, f"loads/{path.name}", digest, f"{attacker.random.getrandbits(256):064x}")


def edit_with_record(attacker: FileAttacker) -> None:
    """Change a load, and its record as if it were under way."""
    path = attacker.pick("loads")
    edit(path, lambda load: load.update(rows_kept=load["rows_kept"] + 1))
    digest, column = hashlib.sha256(path.read_bytes()).hexdigest(), attacker.random.choice(("digest", "announced"))
    sql = f"UPDATE {RECORDS} SET {column} = %s WHERE district_id = %s AND name = %s"
    run(sql, digest, attacker.district, f"loads/{path.name}")


def delete_all_records(attacker: FileAttacker) -> None:
    """Delete all records, so that evidence looks as if it were from before there were any, and change a load."""
    edit_load(attacker)
    run(f"DELETE FROM {RECORDS} WHERE district_id = %s", attacker.district)


FILE_ATTACKS: tuple[Callable[[FileAttacker], None], ...] = (
    edit_load, exchange_rows, insert_load, insert_held_load, edit_held_load, mark_undone, put_older_load_back,
    delete_newest_catalog, delete_newest_catalog_with_record, drop_events, edit_event_load, insert_with_record,
    edit_with_record, delete_all_records,
    *(delete_file(folder) for folder in ("loads", "pending", "undone", "event_loads")),
    *(delete_with_record(folder) for folder in ("loads", "pending", "undone", "event_loads")),
)  # fmt: skip
