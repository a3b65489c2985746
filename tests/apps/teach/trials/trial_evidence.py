"""Evidence of a district for trials: staff by school, and what they missed in drills."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES
from tests.assessed_district import publish_load

TODAY = date(2026, 1, 15)
SCHOOLS = {f"School {number:02}": 40 for number in range(12)}


def publish_staff(
    store: EvidenceStore,
    *,
    schools: Mapping[str, int] | None = None,
    drills: Mapping[date, float] | None = None,
    less: Mapping[int, float] | None = None,
    gone: Collection[int] = (),
    training: list[dict[str, Any]] | None = None,
    day: date = TODAY,
) -> None:
    """Publish a resolved snapshot of a day: staff, numbered from 1 in the order of schools, and drills by their day.

    `drills` are the chance of missing each; `less` changes it by person. Those who are `gone` do not work here.
    """
    sizes = SCHOOLS if schools is None else schools
    names = [school for school, size in sizes.items() for _ in range(size)]
    at = datetime.combine(day, time(12), tzinfo=UTC)
    if training is not None or not store.list_current_loads():
        rows = training or [{"email": "nobody@maple.test", "course": "None", "kind": "training"}]
        publish_load(store, "lists", "lists.training", "training_records", rows, at=at)
    people = [
        {
            "id": number,
            "name": f"Person {number:04}",
            "email": f"person{number}@maple.test",
            "kind": "staff",
            "here": number not in gone,
            "school": school or None,
            "title": "Secretary" if number % 5 == 0 else "Teacher",
        }
        for number, school in enumerate(names, 1)
    ]
    tables = {
        "people": _build("people", people),
        "drill_results": _build("drill_results", _draw(len(people), drills, less)),
    }
    store.publish_derived(tables, inputs=store.compute_sources_id(), today=day, at=at)


def _draw(people: int, drills: Mapping[date, float] | None, less: Mapping[int, float] | None) -> list[dict[str, Any]]:
    draw = random.Random(7)
    return [
        {
            "key": f"drill-{sent_on}/{number}",
            "person": number,
            "drill": f"drill-{sent_on}",
            "drill_name": f"Drill of {sent_on}",
            "lure": "Parcel",
            "sent_on": sent_on,
            "delivered": True,
            "missed": draw.random() < chance + (less or {}).get(number, 0.0),
            "ended_on": sent_on + timedelta(days=7),
        }
        for sent_on, chance in (drills or {}).items()
        for number in range(1, people + 1)
    ]


def _build(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    frame = pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame({"key": []}, schema={"key": pl.Utf8})
    return cast_to_table(frame, table=TABLES[name]).to_arrow()
