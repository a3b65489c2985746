"""Write a review under a number that nobody reads yet, in short transactions, and publish it with one update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from homeroom.apps.platform.districts.bulk_write import build_insert, build_statement, iter_row_tuples, write_in_batches
from homeroom.apps.protect.vulnerabilities.models import Fixed, Gap, Release, Remedy, Review, Reviewed, Sighting, Tally
from homeroom.apps.protect.vulnerabilities.review.closing_reasons import ClosedGap, ClosingResult
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import CloseReason
from homeroom.engines.protect.vulnerabilities.lifecycle import OPEN_GAPS_SCHEMA, VulnerabilityTotals
from homeroom.engines.protect.vulnerabilities.missing_remedies import REMEDIES_SCHEMA

BATCH_IDS = 500
SLICE_ROWS = 20_000
STALE_AFTER = timedelta(days=7)
_TALLIES = (
    "product_key",
    "devices",
    "excepted",
    "overdue",
    "missed",
    "stale",
    "due_on",
    "since",
    "closes",
    "without_fix",
    "excepted_vulnerabilities",
    "exploited",
    "worst",
    "points",
    "reasons",
)
_EMPTY_TALLY: Mapping[str, Any] = dict.fromkeys(_TALLIES, 0) | {
    "due_on": None,
    "since": None,
    "worst": "",
    "reasons": "",
}


def get_review_number(*, district: District) -> int:
    """Return the number of the published review; 0 before the first."""
    row, _ = Reviewed.objects.get_or_create(district_id=district.pk)
    return int(row.review)


def remove_unpublished_review(*, district: District, number: int) -> None:
    """Remove what a killed run wrote after the published review, or had not yet removed of those before it."""
    for model in (Gap, Sighting):
        rows = model.objects.of(district)
        for batch in _batch_ids(rows.filter(opened__gt=number)):
            model.objects.filter_by_keys(district, batch).delete()
        reopened = {"closed": None, "why": "", "took": None} if model is Gap else {"closed": None, "ended_on": None}
        for batch in _batch_ids(rows.filter(closed__gt=number)):
            model.objects.filter_by_keys(district, batch).update(**reopened)
    Fixed.objects.of(district).filter(review__gt=number).delete()
    for batch in _batch_ids(
        Tally.objects.of(district).exclude(review=number)
    ):  # of those before, too: killed once published
        Tally.objects.filter_by_keys(district, batch).delete()


def ensure_remedies(*, district: District, number: int, needed: pa.Table) -> pa.Table:
    """Return every release that the district ever lacked, with its remedy, as REMEDIES.

    New releases of `needed` (product_key, fix) are created, the new ones of one product as one remedy.
    """
    releases = _load_releases(district)
    products, fixes = releases.column("product_key").to_pylist(), releases.column("fix").to_pylist()
    existing_releases = set(zip(products, fixes, strict=True))
    missing = [pair for pair in zip(*needed.to_pydict().values(), strict=True) if pair not in existing_releases]
    rows = Remedy.objects.of(district).filter(first=number)
    existing_products = set(rows.values_list("product_key", flat=True))
    new = (
        (district.pk, product, number) for product in sorted({product for product, _ in missing} - existing_products)
    )
    write_in_batches(new, build_insert(Remedy._meta.db_table, ("district_id", "product_key", "first")))
    numbers = dict(rows.values_list("product_key", "pk"))
    new_releases = ((district.pk, numbers[product], product, fix) for product, fix in missing)
    columns = ("district_id", "remedy_id", "product_key", "fix")
    write_in_batches(new_releases, build_insert(Release._meta.db_table, columns))
    return _load_releases(district) if missing else releases


def _load_releases(district: District) -> pa.Table:
    rows = Release.objects.of(district).order_by("pk").values_list("remedy_id", "product_key", "fix")
    return _build_table(rows, REMEDIES_SCHEMA)


def load_open_gaps(*, district: District) -> pa.Table:
    """Return every gap that is open in the published review, as OPEN.

    Call `remove_unpublished_review` first.
    """
    rows = Gap.objects.of(district).filter(closed=None)
    values = rows.values_list("pk", "remedy_id", "device", "since", "missed_since").iterator(chunk_size=SLICE_ROWS)
    return _build_table(
        ((pk, remedy, device, since, bool(missed)) for pk, remedy, device, since, missed in values), OPEN_GAPS_SCHEMA
    )


def load_closed_gaps(*, district: District, gaps: pa.Table) -> Iterator[ClosedGap]:
    """Yield the missing gaps with their stored values: the snapshot in which they opened, and if they were missed."""
    for batch in gaps.to_batches(max_chunksize=BATCH_IDS):
        rows = {row["id"]: row for row in batch.to_pylist()}
        stored = Gap.objects.filter_by_keys(district, rows).values_list("pk", "kind", "snapshot", "missed_since")
        for pk, kind, snapshot, missed in stored:
            row = rows[pk]
            values = {name: row[name] for name in ("id", "product_key", "device", "since", "moved")}
            yield ClosedGap(**values, kind=kind, snapshot=snapshot, missed_since=missed)


def write_gaps(
    *, district: District, number: int, opening: pa.Table, closing_result: ClosingResult, snapshot: str, today: date
) -> None:
    """Write gaps that open and close under `number`, and how long the fixed ones took."""
    columns = ("district_id", "remedy_id", "device", "kind", "since", "opened", "why", "snapshot")
    rows = (
        (district.pk, remedy, device, kind, since, number, "", snapshot)
        for remedy, device, kind, since in iter_row_tuples(
            opening.select(["remedy", "device", "class", "since"]), size=SLICE_ROWS
        )
    )
    write_in_batches(rows, build_insert(Gap._meta.db_table, columns))
    closing = (
        (number, str(reason), (today - gap.since).days if reason is CloseReason.FIXED else None, gap.id, district.pk)
        for reason, gaps in closing_result.closing.items()
        for gap in gaps
    )
    statement = f"UPDATE {Gap._meta.db_table} SET closed = %s, why = %s, took = %s WHERE id = %s AND district_id = %s"
    write_in_batches(closing, build_statement(statement))
    took = Counter((gap.kind, (today - gap.since).days) for gap in closing_result.closing.get(CloseReason.FIXED, ()))
    day = connection.ops.adapt_datefield_value(today)
    counts = ((district.pk, number, day, kind, days, count) for (kind, days), count in sorted(took.items()))
    write_in_batches(
        counts, build_insert(Fixed._meta.db_table, ("district_id", "review", "on", "kind", "took", "many"))
    )


def count_returned_gaps(*, district: District, number: int) -> int:
    """Count the gaps that open under `number` on a device that had the remedy before."""
    fixed_before = Gap.objects.of(district).filter(
        device=OuterRef("device"), remedy=OuterRef("remedy"), why=str(CloseReason.FIXED)
    )
    return Gap.objects.of(district).filter(Exists(fixed_before), opened=number).count()


def mark_missed_gaps(
    *, district: District, missed: Iterable[ClosedGap], observed_again: Iterable[int], today: date
) -> None:
    """Store since when gaps could not be observed, and which are observed again."""
    day = connection.ops.adapt_datefield_value(today)
    statement = f"UPDATE {Gap._meta.db_table} SET missed_since = %s WHERE id = %s AND district_id = %s"
    rows = [(day, gap.id, district.pk) for gap in missed] + [(None, pk, district.pk) for pk in observed_again]
    write_in_batches(iter(rows), build_statement(statement))


def write_sightings(
    *, district: District, number: int, current: AbstractSet[tuple[str, str]], unobserved: set[str], today: date
) -> None:
    """Open and close vulnerabilities of products under `number`.

    Those of a product in `unobserved` stay open, since it was only not observed.
    """
    rows = Sighting.objects.of(district).filter(closed=None).values_list("pk", "product_key", "cve")
    open_sightings = {(product, cve): pk for pk, product, cve in rows.iterator(chunk_size=SLICE_ROWS)}
    day = connection.ops.adapt_datefield_value(today)
    columns = ("district_id", "product_key", "cve", "since", "opened")
    opening = ((district.pk, product, cve, day, number) for product, cve in sorted(current - open_sightings.keys()))
    write_in_batches(opening, build_insert(Sighting._meta.db_table, columns))
    closed_pks = [
        pk
        for (product, cve), pk in open_sightings.items()
        if (product, cve) not in current and product not in unobserved
    ]
    statement = f"UPDATE {Sighting._meta.db_table} SET closed = %s, ended_on = %s WHERE id = %s AND district_id = %s"
    write_in_batches(((number, day, pk, district.pk) for pk in closed_pks), build_statement(statement))


def write_tallies(
    *, district: District, number: int, tallies: pa.Table, unseen: Iterable[ClosedGap], today: date
) -> None:
    """Write the counts of each product under `number`.

    A product that could not be observed has no numbers but those of its devices.
    """
    unobserved: dict[str, dict[int, bool]] = {}
    for gap in unseen:
        is_stale = gap.missed_since is not None and today - gap.missed_since > STALE_AFTER
        unobserved.setdefault(gap.product_key, {})[gap.device] = (
            unobserved.get(gap.product_key, {}).get(gap.device, False) or is_stale
        )
    rows = tallies.to_pylist()
    rows += [{"product_key": product} for product in sorted(unobserved.keys() - {row["product_key"] for row in rows})]
    values = []
    for row in rows:
        unobserved_devices = unobserved.get(row["product_key"], {})
        tally = {**_EMPTY_TALLY, **row, "missed": len(unobserved_devices), "stale": sum(unobserved_devices.values())}
        values.append((district.pk, number, *(_convert_value(tally[name]) for name in _TALLIES)))
    write_in_batches(iter(values), build_insert(Tally._meta.db_table, ("district_id", "review", *_TALLIES)))


def publish_review(
    *,
    district: District,
    number: int,
    at: datetime,
    today: date,
    derived: str,
    fingerprint: str,
    opened: int,
    fixed: int,
    sums: VulnerabilityTotals,
) -> None:
    """Make review `number` the one that everybody reads; then remove the tallies of the ones before."""
    returned_gaps = count_returned_gaps(district=district, number=number)
    with transaction.atomic():
        Review.objects.create(
            district_id=district.pk,
            number=number,
            at=at,
            today=today,
            derived=derived,
            asked=fingerprint,
            opened=opened,
            returned=returned_gaps,
            fixed=fixed,
            open_devices=sums.open_devices,
            overdue_devices=sums.overdue_devices,
            late_devices=sums.late_devices,
            exploited_vulnerabilities=sums.exploited_vulnerabilities,
            late_vulnerabilities=sums.late_vulnerabilities,
        )
        moved = Reviewed.objects.filter(district_id=district.pk, review__lt=number).update(review=number)
        if moved != 1:
            raise RuntimeError(f"review {number} is published already")
    for batch in _batch_ids(Tally.objects.of(district).filter(review__lt=number)):
        Tally.objects.filter_by_keys(district, batch).delete()


def _convert_value(value: Any) -> Any:
    if isinstance(value, list):
        return ",".join(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _build_table(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _batch_ids(query: Any) -> Iterator[tuple[int, ...]]:
    return batched(list(query.values_list("pk", flat=True)), BATCH_IDS)
