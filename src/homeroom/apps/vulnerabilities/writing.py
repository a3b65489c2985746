"""Writes a review under a number that nobody reads yet, in short transactions, and publishes it with one update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from homeroom.apps.districts.batches import in_batches, inserted, repeated, rows_of
from homeroom.apps.vulnerabilities.lapsed import Ended, Lost
from homeroom.apps.vulnerabilities.models import Fixed, Gap, Release, Remedy, Review, Reviewed, Sighting, Tally
from homeroom.domain.states import Closed
from homeroom.engines.vulnerabilities.gaps import REMEDIES
from homeroom.engines.vulnerabilities.lives import OPEN, Sums

IDS = 500
SLICE = 20_000
STALE = timedelta(days=7)
_TALLIES = (
    "thing", "devices", "excepted", "overdue", "missed", "stale", "due_on", "since", "closes", "without_fix", "excepted_flaws", "exploited",
    "worst", "points", "reasons",
)  # fmt: skip
_NOTHING: Mapping[str, Any] = dict.fromkeys(_TALLIES, 0) | {"due_on": None, "since": None, "worst": "", "reasons": ""}


def published(*, district: Any) -> int:
    """The number of the published review; 0 before the first."""
    found, _ = Reviewed.objects.get_or_create(district=district)
    return int(found.review)


def swept(*, district: Any, number: int) -> None:
    """Removes what a killed run wrote after that review, or had not yet let go of those before it."""
    for model in (Gap, Sighting):
        rows = model.objects.of(district)
        for some in _ids(rows.filter(opened__gt=number)):
            model.objects.keyed(district, some).delete()
        back = {"closed": None, "why": "", "took": None} if model is Gap else {"closed": None, "ended_on": None}
        for some in _ids(rows.filter(closed__gt=number)):
            model.objects.keyed(district, some).update(**back)
    Fixed.objects.of(district).filter(review__gt=number).delete()
    for some in _ids(Tally.objects.of(district).exclude(review=number)):  # of those before, too: killed once published
        Tally.objects.keyed(district, some).delete()


def remedies(*, district: Any, number: int, wanted: pa.Table) -> pa.Table:
    """Every release that the district ever lacked, with its remedy, as REMEDIES; those of `wanted` (thing, fix) that are new
    are made, the new ones of one thing as one remedy."""
    known = _releases(district)
    there = set(zip(known.column("thing").to_pylist(), known.column("fix").to_pylist(), strict=True))
    missing = [pair for pair in zip(*wanted.to_pydict().values(), strict=True) if pair not in there]
    rows = Remedy.objects.of(district).filter(first=number)
    made = set(rows.values_list("thing", flat=True))
    new = ((district.pk, thing, number) for thing in sorted({thing for thing, _ in missing} - made))
    in_batches(new, inserted(Remedy._meta.db_table, ("district_id", "thing", "first")))
    numbers = dict(rows.values_list("thing", "pk"))
    releases = ((district.pk, numbers[thing], thing, fix) for thing, fix in missing)
    in_batches(releases, inserted(Release._meta.db_table, ("district_id", "remedy_id", "thing", "fix")))
    return _releases(district) if missing else known


def _releases(district: Any) -> pa.Table:
    rows = Release.objects.of(district).order_by("pk").values_list("remedy_id", "thing", "fix")
    return _table(rows, REMEDIES)


def standing(*, district: Any) -> pa.Table:
    """Every gap that is open in the published review, as OPEN; nothing may be half-written (see `swept`)."""
    rows = Gap.objects.of(district).filter(closed=None)
    told = rows.values_list("pk", "remedy_id", "device", "since", "missed_since").iterator(chunk_size=SLICE)
    return _table(((pk, remedy, device, since, bool(missed)) for pk, remedy, device, since, missed in told), OPEN)


def lost_of(*, district: Any, lost: pa.Table) -> Iterator[Lost]:
    """The lost gaps with what the database keeps of them: the snapshot in which they opened, and whether they were missed."""
    for batch in lost.to_batches(max_chunksize=IDS):
        rows = {row["id"]: row for row in batch.to_pylist()}
        kept = Gap.objects.keyed(district, rows).values_list("pk", "kind", "snapshot", "missed_since")
        for pk, kind, snapshot, missed in kept:
            row = rows[pk]
            told = {name: row[name] for name in ("id", "thing", "device", "since", "moved")}
            yield Lost(**told, kind=kind, snapshot=snapshot, missed_since=missed)


def write_gaps(*, district: Any, number: int, opening: pa.Table, ended: Ended, snapshot: str, today: date) -> None:
    """Writes gaps that open and close under `number`, and how long those took that were fixed."""
    columns = ("district_id", "remedy_id", "device", "kind", "since", "opened", "why", "snapshot")
    rows = (
        (district.pk, remedy, device, kind, since, number, "", snapshot)
        for remedy, device, kind, since in rows_of(opening.select(["remedy", "device", "class", "since"]), size=SLICE)
    )
    in_batches(rows, inserted(Gap._meta.db_table, columns))
    closing = (
        (number, str(why), (today - one.since).days if why is Closed.FIXED else None, one.id, district.pk)
        for why, some in ended.closing.items()
        for one in some
    )
    statement = f"UPDATE {Gap._meta.db_table} SET closed = %s, why = %s, took = %s WHERE id = %s AND district_id = %s"
    in_batches(closing, repeated(statement))
    took = Counter((one.kind, (today - one.since).days) for one in ended.closing.get(Closed.FIXED, ()))
    day = connection.ops.adapt_datefield_value(today)
    counts = ((district.pk, number, day, kind, days, many) for (kind, days), many in sorted(took.items()))
    in_batches(counts, inserted(Fixed._meta.db_table, ("district_id", "review", "on", "kind", "took", "many")))


def returned(*, district: Any, number: int) -> int:
    """How many gaps that open under `number` are of a device that had that remedy once."""
    before = Gap.objects.of(district).filter(
        device=OuterRef("device"), remedy=OuterRef("remedy"), why=str(Closed.FIXED)
    )
    return Gap.objects.of(district).filter(Exists(before), opened=number).count()


def mark(*, district: Any, missed: Iterable[Lost], again: Iterable[int], today: date) -> None:
    """Says since when gaps could not be seen, and which are seen again."""
    day = connection.ops.adapt_datefield_value(today)
    statement = f"UPDATE {Gap._meta.db_table} SET missed_since = %s WHERE id = %s AND district_id = %s"
    rows = [(day, one.id, district.pk) for one in missed] + [(None, pk, district.pk) for pk in again]
    in_batches(iter(rows), repeated(statement))


def write_sightings(*, district: Any, number: int, seen: set[tuple[str, str]], kept: set[str], today: date) -> None:
    """Opens and closes flaws of things under `number`; those of a thing in `kept` stay open, since it was only not seen."""
    rows = Sighting.objects.of(district).filter(closed=None).values_list("pk", "thing", "cve")
    there = {(thing, cve): pk for pk, thing, cve in rows.iterator(chunk_size=SLICE)}
    day = connection.ops.adapt_datefield_value(today)
    columns = ("district_id", "thing", "cve", "since", "opened")
    opening = ((district.pk, thing, cve, day, number) for thing, cve in sorted(seen - there.keys()))
    in_batches(opening, inserted(Sighting._meta.db_table, columns))
    over = [pk for (thing, cve), pk in there.items() if (thing, cve) not in seen and thing not in kept]
    statement = f"UPDATE {Sighting._meta.db_table} SET closed = %s, ended_on = %s WHERE id = %s AND district_id = %s"
    in_batches(((number, day, pk, district.pk) for pk in over), repeated(statement))


def write_tallies(*, district: Any, number: int, tallies: pa.Table, unseen: Iterable[Lost], today: date) -> None:
    """Writes how each thing stands under `number`; a thing that nobody could see has no numbers but those of its devices."""
    missed: dict[str, dict[int, bool]] = {}
    for one in unseen:
        old = one.missed_since is not None and today - one.missed_since > STALE
        missed.setdefault(one.thing, {})[one.device] = missed.get(one.thing, {}).get(one.device, False) or old
    rows = tallies.to_pylist()
    rows += [{"thing": thing} for thing in sorted(missed.keys() - {row["thing"] for row in rows})]
    made = []
    for row in rows:
        away = missed.get(row["thing"], {})
        full = {**_NOTHING, **row, "missed": len(away), "stale": sum(away.values())}
        made.append((district.pk, number, *(_plain(full[name]) for name in _TALLIES)))
    in_batches(iter(made), inserted(Tally._meta.db_table, ("district_id", "review", *_TALLIES)))


def publish(
    *,
    district: Any,
    number: int,
    at: datetime,
    today: date,
    derived: str,
    asked: str,
    opened: int,
    fixed: int,
    sums: Sums,
) -> None:
    """Makes review `number` the one that everybody reads; then lets the tallies of the ones before go."""
    again = returned(district=district, number=number)
    with transaction.atomic():
        Review.objects.create(
            district=district,
            number=number,
            at=at,
            today=today,
            derived=derived,
            asked=asked,
            opened=opened,
            returned=again,
            fixed=fixed,
            open_devices=sums.open_devices,
            overdue_devices=sums.overdue_devices,
            late_devices=sums.late_devices,
            exploited_flaws=sums.exploited_flaws,
            late_flaws=sums.late_flaws,
        )
        moved = Reviewed.objects.filter(district=district, review__lt=number).update(review=number)
        if moved != 1:
            raise RuntimeError(f"review {number} is published already")
    for some in _ids(Tally.objects.of(district).filter(review__lt=number)):
        Tally.objects.keyed(district, some).delete()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return ",".join(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _table(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _ids(query: Any) -> Iterator[tuple[int, ...]]:
    return batched(list(query.values_list("pk", flat=True)), IDS)
