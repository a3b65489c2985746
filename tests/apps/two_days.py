"""Two days of a sample district with a stopped resolve and a stopped judgement on the second, told as plain rows.

`python -m tests.apps.two_days FOLDER` lives them on SQLite, in the data folder that HOMEROOM_DATA names, and prints them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import django

from homeroom.evidence.store import Store

DAYS = ((1, date(2026, 1, 14)), (2, date(2026, 1, 15)))
UNSAID = {"id", "district_id", "snapshot"}
Rows = dict[str, list[list[Any]]]


class Stopped(Exception):
    """Somebody stopped the run."""


def exports(folder: Path) -> None:
    """The exports of both days: the second is another district's, so that nearly every row changes."""
    from homeroom.sample import make

    for seed, day in DAYS:
        make(folder / str(seed), students=500, seed=seed, today=day)


def lived(folder: Path, *, store: Store) -> Rows:
    """Loads, resolves and judges both days in a new district."""
    from homeroom.apps.districts.models import District
    from homeroom.apps.inventory.commands import resolve
    from homeroom.apps.posture.commands import assess
    from homeroom.apps.sources.commands import load
    from homeroom.apps.vulnerabilities.reviewing import review

    district = District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")
    for seed, day in DAYS:
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        told: dict[str, Any] = {"district": district, "store": store, "at": at}
        load([folder / str(seed)], **told, approved=True)
        if seed > 1:
            _stopped(lambda halt, told=told, day=day: resolve(**told, today=day, progress=halt), at="writing")
        resolve(**told, today=day)
        if seed > 1:
            _stopped(lambda halt, told=told, day=day: assess(**told, today=day, progress=halt), at="write findings")
        assess(**told, today=day)
        review(**told, today=day)
    return rows_of(district)


def _stopped(run: Callable[[Callable[[str, int, int], None]], object], *, at: str) -> None:
    def halt(step: str, done: int, total: int) -> None:
        if step == at and done > 0:
            raise Stopped

    try:
        run(halt)
    except Stopped:
        return
    raise AssertionError(f"nothing was stopped while {at}")


def rows_of(district: Any) -> Rows:
    """Everything that the two days left, but for numbers that a database gives out, as JSON has it."""
    from homeroom.apps.inventory.models import Account, Device, LedgerEntry, LedgerMerge, Person, SearchTerm
    from homeroom.apps.posture.models import ControlResult, Member
    from homeroom.apps.vulnerabilities.models import Fixed, Gap, Release, Review, Sighting, Tally

    found: Rows = {}
    for model in (
        Person,
        Account,
        Device,
        SearchTerm,
        LedgerEntry,
        LedgerMerge,
        ControlResult,
        Review,
        Sighting,
        Tally,
        Fixed,
    ):
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in UNSAID]
        found[model.__name__] = _plain(model.objects.of(district).values_list(*names))
    names = ["finding__public", "finding__control", "subject", "since", "opened", "closed", "why", "not_seen_since"]
    found["Member"] = _plain(Member.objects.of(district).values_list(*names))
    names = [
        "remedy__thing",
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
    found["Release"] = _plain(releases.values_list("thing", "fix", "remedy__first"))
    found["Gap"] = _plain(Gap.objects.of(district).values_list(*names))
    return found


def _plain(rows: Iterable[Any]) -> list[list[Any]]:
    return sorted((json.loads(json.dumps(row, default=str)) for row in rows), key=repr)


if __name__ == "__main__":
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(lived(Path(sys.argv[1]), store=Store(settings.DATA / "evidence", district="maple"))))
