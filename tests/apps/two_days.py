"""Two days of a sample district, with a stopped resolve and assessment on the second, as plain rows.

`python -m tests.apps.two_days FOLDER` runs them on SQLite, in the data folder that HOMEROOM_DATA names, and prints
them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import django

from homeroom.evidence.loads.store import EvidenceStore

DAYS = ((1, date(2026, 1, 14)), (2, date(2026, 1, 15)))
OMITTED_FIELDS = {"id", "district_id", "snapshot"}
RowsByModel = dict[str, list[list[Any]]]


class RunStopped(Exception):
    """Somebody stopped the run."""


def create_exports(folder: Path) -> None:
    """Create the exports of both days; the second is another district's, so that nearly every row changes."""
    from homeroom.sample import generate_sample

    for seed, day in DAYS:
        generate_sample(folder / str(seed), students=500, seed=seed, today=day)


def run_two_days(folder: Path, *, store: EvidenceStore) -> RowsByModel:
    """Load, resolve and assess both days in a new district."""
    from homeroom.apps.know.inventory.commands import resolve
    from homeroom.apps.know.sources.commands import load_files
    from homeroom.apps.platform.districts.models import District
    from homeroom.apps.protect.posture.commands import assess
    from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities

    district = District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")
    for seed, day in DAYS:
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        arguments: dict[str, Any] = {"district": district, "store": store, "at": at}
        load_files([folder / str(seed)], **arguments, approved=True)
        if seed > 1:
            _run_until_stopped(
                lambda halt, arguments=arguments, day=day: resolve(**arguments, today=day, progress=halt), at="writing"
            )
        resolve(**arguments, today=day)
        if seed > 1:
            _run_until_stopped(
                lambda halt, arguments=arguments, day=day: assess(**arguments, today=day, progress=halt),
                at="write findings",
            )
        assess(**arguments, today=day)
        review_vulnerabilities(**arguments, today=day)
    return read_rows(district)


def _run_until_stopped(run: Callable[[Callable[[str, int, int], None]], object], *, at: str) -> None:
    def halt(step: str, done: int, total: int) -> None:
        if step == at and done > 0:
            raise RunStopped

    try:
        run(halt)
    except RunStopped:
        return
    raise AssertionError(f"nothing was stopped while {at}")


def read_rows(district: Any) -> RowsByModel:
    """Return everything that the two days left, except numbers that a database assigns, as JSON values."""
    from homeroom.apps.know.inventory.models import Account, Device, LedgerEntry, LedgerMerge, Person
    from homeroom.apps.protect.posture.models import ControlResult, Member
    from homeroom.apps.protect.vulnerabilities.models import Fixed, Gap, Release, Review, Sighting, Tally

    rows: RowsByModel = {}
    for model in (
        Person,
        Account,
        Device,
        LedgerEntry,
        LedgerMerge,
        ControlResult,
        Review,
        Sighting,
        Tally,
        Fixed,
    ):
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in OMITTED_FIELDS]
        rows[model.__name__] = _convert_to_json(model.objects.of(district).values_list(*names))
    names = ["finding__public", "finding__control", "subject", "since", "opened", "closed", "why", "not_seen_since"]
    rows["Member"] = _convert_to_json(Member.objects.of(district).values_list(*names))
    names = [
        "remedy__product_key",
        "remedy__first",
        "device",
        "kind",
        "since",
        "opened",
        "closed",
        "why",
        "took",
        "missed_since",
    ]
    releases = Release.objects.of(district)
    rows["Release"] = _convert_to_json(releases.values_list("product_key", "fix", "remedy__first"))
    rows["Gap"] = _convert_to_json(Gap.objects.of(district).values_list(*names))
    return rows


def _convert_to_json(rows: Iterable[Any]) -> list[list[Any]]:
    return sorted((json.loads(json.dumps(row, default=str)) for row in rows), key=repr)


if __name__ == "__main__":
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(
        json.dumps(run_two_days(Path(sys.argv[1]), store=EvidenceStore(settings.DATA / "evidence", district="maple")))
    )
