"""A technician's desk: the small sample district loaded and judged, and a console that runs a fix file on its export."""

from __future__ import annotations

import csv
import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from homeroom.apps.fixes.commands import hand_out, prepare, review
from homeroom.apps.fixes.gathering import Asked
from homeroom.apps.fixes.proving import verify
from homeroom.apps.fixes.queries import Fix, fix_of
from homeroom.apps.inventory.commands import resolve
from homeroom.apps.posture.commands import assess
from homeroom.apps.posture.queries import OpenFinding, judgement, open_findings
from homeroom.apps.sources.commands import load
from homeroom.evidence.store import Store
from homeroom.sample import make
from tests.cast import Cast, gather

FIRST_DAY = date(2026, 1, 6)
Row = dict[str, str]


class Desk:
    """One district and its exports; a day passes with each `morning`."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.district, self.cast = cast.district, cast
        self.store = Store(folder / "evidence", district=cast.district.slug)
        self.exports, self.day = folder / "exports", FIRST_DAY

    def exported(self) -> None:
        """The exports of the first day are made."""
        make(self.exports, students=500, seed=1, today=FIRST_DAY)
        shutil.rmtree(self.exports / "google" / "one-unit")

    @property
    def at(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)

    def morning(self, *paths: Path, at: datetime | None = None) -> int:
        """Loads the paths (all exports where none is named), resolves, judges and verifies; gives the new outcomes."""
        told: dict[str, Any] = {"district": self.district, "store": self.store, "at": at or self.at}
        load(list(paths) or [self.exports], **told, approved=True)
        resolve(**told, today=self.day)
        assess(**told, today=self.day)
        return verify(**told)

    def next_day(self) -> None:
        self.day += timedelta(days=1)

    def finding(self, control: str) -> OpenFinding:
        of = judgement(district=self.district)
        assert of is not None
        return open_findings(district=self.district, of=of, control=control)[0]

    def prepared(self, control: str, action: str, actor: str = "technician", **asked: Any) -> Fix:
        of = judgement(district=self.district)
        assert of is not None
        public = prepare(
            district=self.district, of=of, finding=self.finding(control), action=action, asked=Asked(**asked),
            actor=actor, at=self.at, today=self.day,
        )  # fmt: skip
        return self.fix(public)

    def fix(self, public: str) -> Fix:
        found = fix_of(district=self.district, public=public)
        assert found is not None
        return found

    def handed(self, fix: Fix, *, by: str = "director") -> dict[str, str]:
        """Reviews and hands out; gives the texts in the zip by name."""
        review(district=self.district, public=fix.public, actor=by, at=self.at)
        with hand_out(district=self.district, public=fix.public, actor=by, at=self.at).file as file:
            return inside(file.read())


def after_first_morning(folder: Path) -> Desk:
    """A desk in that folder, with the first day's exports loaded and judged. That is done once a process, and copied from then on."""
    if not _kept:
        first = Path(os.environ["HOMEROOM_DATA"]) / "first-morning"
        desk = Desk(gather(), first)
        desk.exported()
        desk.morning()
        _kept.append((desk.cast, first, dict(_every_row())))
        shutil.copytree(first, folder, dirs_exist_ok=True)
        return Desk(desk.cast, folder)
    cast, first, tables = _kept[0]
    shutil.copytree(first, folder, dirs_exist_ok=True)
    with connection.cursor() as cursor:
        for table, (columns, rows_of_it) in tables.items():
            named, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({places})', rows_of_it)
    return Desk(cast, folder)


_kept: list[tuple[Cast, Path, dict[str, tuple[list[str], list[tuple[Any, ...]]]]]] = []


def _every_row() -> Iterable[tuple[str, tuple[list[str], list[tuple[Any, ...]]]]]:
    """(table, (columns, rows)) of all that a test may have written."""
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            if not table.startswith(("django_", "auth_permission")):
                cursor.execute(f'SELECT * FROM "{table}"')
                yield table, ([one[0] for one in cursor.description], cursor.fetchall())


def inside(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name).decode() for name in zipped.namelist()}


def rows(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def edited(path: Path, change: Callable[[Row], Iterable[Row]]) -> None:
    """The export as the console writes it tomorrow: each row as `change` gives it, in a file that was written anew."""
    text = path.read_text(encoding="utf-8")
    header = next(csv.reader([text.splitlines()[0]]))
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="")
    writer.writeheader()
    for row in rows(text):
        writer.writerows(change(row))
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
