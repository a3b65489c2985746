"""A child process for the kill test: one resolve of a small invented district in the given data folder.

`python -m tests.apps.know.inventory.resolve_process` resolves the current loads of HOMEROOM_DATA.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import django
import polars as pl

from homeroom.evidence.files.manifests import Load, LoadedFile
from homeroom.evidence.loads.load_diff import diff_to_current
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter

TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
SIZE = 3_000


def open_store(folder: Path) -> EvidenceStore:
    return EvidenceStore(folder / "evidence", district="maple")


def publish_day(folder: Path, number: int) -> None:
    """Publish load 1 with people and devices, or load 2, which renames a third and removes a tenth of the devices."""
    numbers = range(SIZE)
    people = pl.DataFrame(
        {
            "key": [f"s{n}" for n in numbers],
            "email": [f"s{n}@d.example" for n in numbers],
            "given_name": [f"Given{n}" for n in numbers],
            "family_name": [f"Family{n + number if n % 3 == 0 else n}" for n in numbers],
            "grade": ["03"] * SIZE,
        }
    )
    devices = pl.DataFrame(
        {
            "key": [f"d{n}" for n in numbers if number == 1 or n % 10],
            "serial": [f"5CD{n:06}" for n in numbers if number == 1 or n % 10],
            "managed": [True for n in numbers if number == 1 or n % 10],
        }
    )
    accounts = people.select("key", "email")
    publish(folder, "oneroster", "oneroster.bundle", {"person_records": people}, number)
    publish(folder, "google", "google.users", {"account_records": accounts}, number)
    publish(folder, "google", "google.chromeos", {"device_records": devices}, number)


def publish(
    folder: Path, connector: str, stream: str, frames: dict[str, pl.DataFrame], number: int, *, district: str = "maple"
) -> None:
    store = EvidenceStore(folder / "evidence", district=district)
    with store.lock_for_writing():
        writer = LoadWriter(store.blobs)
        for name, frame in frames.items():
            writer.write(name, frame.with_columns(pl.int_range(2, 2 + frame.height).alias("_line")), file=0)
        tables, rejects, _ = writer.finish(names=["file.csv"])
        base = next(
            (
                current_load
                for current_load in store.list_current_loads()
                if current_load.chain == (connector, stream, "/")
            ),
            None,
        )
        store.publish(
            Load(
                id="",
                connector=connector,
                instance=connector,
                stream=stream,
                scope="/",
                mode="full",
                loaded_at=datetime(2026, 1, 10 + number, 5, 10, tzinfo=UTC),
                fingerprint=f"{number}{stream}" * 4,
                reader_version="1",
                files=(LoadedFile(name="file.csv", kind=stream, sha256="0", bytes=1),),
                tables=diff_to_current(store.blobs, base=base, tables=tables),
                rows_read=SIZE,
                rows_kept=SIZE,
                rows_rejected=0,
                rejects=rejects,
                base="",
            )
        )


def resolve(folder: Path) -> None:
    django.setup()
    from homeroom.cli.startup.databases import migrate_databases

    migrate_databases()
    from homeroom.apps.know.inventory import commands
    from homeroom.apps.platform.districts.models import District

    district, _ = District.objects.get_or_create(slug="maple", defaults={"name": "Maple"})
    report = commands.resolve(district=district, store=open_store(folder), today=TODAY, at=AT)
    print(report.generation, report.opened, report.closed)


if __name__ == "__main__":
    resolve(Path(os.environ["HOMEROOM_DATA"]))
