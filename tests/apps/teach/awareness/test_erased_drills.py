"""Erasing a person takes events and outcomes of drills; the counts of each drill stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bench.support.byte_search import search_folder
from homeroom.apps.comply.erasing.commands import erase_people
from homeroom.apps.know.sources.erased_people import build_people_filter
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.events.erase_events import count_naming_events
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.awareness.drill_district import (
    SENT,
    build_events,
    get_email,
    list_missed,
    load_events,
    load_staff,
    open_store,
    read_derived,
    resolve_on,
)

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
COUNTS = ("people", "delivered", "raw", "own", "cannot_tell", "reported")
EVENTS = build_events(clicks=(1, 2), reports=(1, 3))


@pytest.fixture
def district() -> District:
    return District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> EvidenceStore:
    settings.DATA = tmp_path
    store = open_store(tmp_path)
    load_staff(store)
    return store


def erase(district: District, store: EvidenceStore, number: int) -> dict[str, int]:
    """Erase a person, and return how many rows of each table went."""
    certificate = erase_people(
        district=district,
        store=store,
        wanted=[get_email(number)],
        reason="Asked for.",
        actor="privacy officer",
        at=SENT + timedelta(days=2),
        though_listed=True,
    )
    return dict(certificate.register.erased["evidence"]["rows"])


@pytest.mark.differs_by_database("the ledger and the audit trail lose the person")
def test_events_and_outcomes_go_and_the_counts_stay(district: District, store: EvidenceStore, tmp_path: Path) -> None:
    load_events(store, EVENTS, at=SENT + timedelta(days=1))
    resolve_on(district, store, SENT.date() + timedelta(days=1))
    (before,) = read_derived(store, "drills")
    erased = erase(district, store, 1)
    assert (erased["drill_events"], erased["drill_results"]) == (4, 1)
    assert search_folder(tmp_path, [get_email(1), "198.51.100.2"]) == [], "neither address is in any file"
    (after,) = read_derived(store, "drills")
    assert after == before
    assert get_email(1) not in list_missed(store)
    assert sum(row["missed"] is True for row in read_derived(store, "drill_results")) == 1
    rows = build_events(clicks=(1, 2, 4), reports=(1, 3))
    people_filter = build_people_filter(store, instance="gophish")
    assert people_filter is not None
    remaining, _ = people_filter.clean("drill_events", pl.DataFrame(rows, infer_schema_length=None))
    assert remaining.height == len(rows) - 4, "the tool still delivers what it has of the person"
    load_events(store, remaining.to_dicts(), at=SENT + timedelta(days=3))
    resolve_on(district, store, SENT.date() + timedelta(days=3))
    (later,) = read_derived(store, "drills")
    assert {name: later[name] - before[name] for name in COUNTS} == {
        **dict.fromkeys(COUNTS, 0),
        "raw": 1,
        "own": 1,
    }, "who clicked since is counted beside the one who was erased"


def test_a_request_counts_the_events_that_name_a_person(store: EvidenceStore) -> None:
    load_events(store, EVENTS, at=SENT + timedelta(days=1))
    assert dict(count_naming_events(store, [get_email(1)])) == {("gophish", "drill_events"): 4}
    assert dict(count_naming_events(store, ["nobody@maple.test"])) == {}
