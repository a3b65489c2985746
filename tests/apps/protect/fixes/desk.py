"""A technician's desk: a small sample district, loaded and assessed, and a console that runs a fix file.

The console applies a fix file by rewriting its own export.
"""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.protect.fixes.collect import FixOptions
from homeroom.apps.protect.fixes.commands import prepare_fix, release, review_fix
from homeroom.apps.protect.fixes.queries import FixSummary, find_fix
from homeroom.apps.protect.fixes.verify import verify_fixes
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.published.queries import OpenFinding, get_published_assessment, list_open_findings
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.sample import generate_sample
from tests.cast import Cast, create_cast
from tests.shared_states import share_state

FIRST_DAY = date(2026, 1, 6)
CsvRow = dict[str, str]


class FixDesk:
    """One district and its exports, with the steps of a day: load, assess, prepare, release and verify."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.district, self.cast = cast.district, cast
        self.store = EvidenceStore(folder / "evidence", district=cast.district.slug)
        self.exports, self.day = folder / "exports", FIRST_DAY

    def create_exports(self) -> None:
        """Create the exports of the first day."""
        generate_sample(self.exports, students=500, seed=1, today=FIRST_DAY)
        shutil.rmtree(self.exports / "google" / "one-unit")

    @property
    def at(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)

    def run_morning(self, *paths: Path, at: datetime | None = None) -> int:
        """Load the paths (all exports by default), resolve, assess and verify; return the number of new outcomes."""
        arguments: dict[str, Any] = {"district": self.district, "store": self.store, "at": at or self.at}
        load_files(list(paths) or [self.exports], **arguments, approved=True)
        resolve(**arguments, today=self.day)
        assess(**arguments, today=self.day)
        return verify_fixes(**arguments)

    def advance_day(self) -> None:
        self.day += timedelta(days=1)

    def get_finding(self, control: str) -> OpenFinding:
        assessment = get_published_assessment(district=self.district)
        assert assessment is not None
        return list_open_findings(district=self.district, assessment=assessment, control=control)[0]

    def prepare_fix(self, control: str, action: str, actor: str = "technician", **options: Any) -> FixSummary:
        assessment = get_published_assessment(district=self.district)
        assert assessment is not None
        public = prepare_fix(
            district=self.district,
            assessment=assessment,
            finding=self.get_finding(control),
            action=action,
            options=FixOptions(**options),
            actor=actor,
            at=self.at,
            today=self.day,
        )
        return self.get_fix(public)

    def get_fix(self, public: str) -> FixSummary:
        fix = find_fix(district=self.district, public=public)
        assert fix is not None
        return fix

    def release_fix(self, fix: FixSummary, *, actor: str = "director") -> dict[str, str]:
        """Review and release the fix file; return the texts in the zip by name."""
        review_fix(district=self.district, public=fix.public, actor=actor, at=self.at)
        with release(district=self.district, public=fix.public, actor=actor, at=self.at).file as file:
            return read_zip(file.read())


def load_first_morning(folder: Path) -> FixDesk:
    """Return a desk in that folder with the first day's exports loaded and assessed.

    That is done once per process and copied from then on.
    """

    def build() -> Cast:
        desk = FixDesk(create_cast(), folder)
        desk.create_exports()
        desk.run_morning()
        return desk.cast

    return FixDesk(share_state(("first morning",), folder, build), folder)


def read_zip(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def parse_csv(text: str) -> list[CsvRow]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def rewrite_export(path: Path, change: Callable[[CsvRow], Iterable[CsvRow]]) -> None:
    """Rewrite the export as the console would write it tomorrow: each row as `change` returns it."""
    text = path.read_text(encoding="utf-8")
    header = next(csv.reader([text.splitlines()[0]]))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, header, restval="")
    writer.writeheader()
    for row in parse_csv(text):
        writer.writerows(change(row))
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
