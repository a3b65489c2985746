"""Names for canaries come from the district's own evidence: its accounts, people, schools and shares."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.conf import LazySettings

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.canaries.naming import belongs_to_somebody, propose_canary_names
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import CanaryPlace
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.tables import TABLES
from tests.assessed_district import publish_load
from tests.cast import Cast, create_cast
from tests.unit.evidence.event_loads import load_rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 14, 13, tzinfo=UTC)
ACCOUNTS: tuple[dict[str, Any], ...] = (
    {"directory": "activedirectory", "name": "sa_backup", "kind": "service"},
    {"directory": "activedirectory", "name": "sa_web", "kind": "service"},
    {"directory": "activedirectory", "name": "aruiz", "kind": "staff", "person": 1},
    {"directory": "google", "email": "ana.ruiz@maple.example", "name": "Ana Ruiz", "kind": "staff", "person": 1},
    {"directory": "google", "email": "ben.hall@maple.example", "name": "Ben Hall", "kind": "staff", "person": 2},
    {"directory": "google", "email": "kit@students.maple.example", "name": "Kit Moss", "kind": "student", "person": 3},
    {"directory": "google", "email": "lee@students.maple.example", "name": "Lee Moss", "kind": "student", "person": 4},
    {"directory": "google", "email": "may@students.maple.example", "name": "May Moss", "kind": "student", "person": 5},
)


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: LazySettings) -> Cast:
    settings.DATA = tmp_path / "data"
    return create_cast()


def _publish(
    district: District, *, accounts: tuple[dict[str, Any], ...] = ACCOUNTS, people: tuple[str, ...] = ()
) -> None:
    store = get_evidence_store(district=district)
    schools = [{"key": "1", "name": "Grove Elementary", "kind": "school"}]
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", schools, at=NOW)
    tables = {
        "accounts": pl.DataFrame([{"id": n, "identifiers": []} | row for n, row in enumerate(accounts)]),
        "people": pl.DataFrame([{"id": n, "name": name} for n, name in enumerate(("Ana Ruiz", *people))]),
    }
    derived = {name: cast_to_table(frame, table=TABLES[name]).to_arrow() for name, frame in tables.items()}
    store.publish_derived(derived, inputs=store.compute_sources_id(), today=NOW.date(), at=NOW)


def _list_all(district: District, place: CanaryPlace, **values: Any) -> list[str]:
    turns = [propose_canary_names(district=district, place=place, now=NOW, turn=turn, **values) for turn in range(4)]
    return [name for turn in turns for name in turn]


def test_accounts_are_named_in_the_style_and_domain_of_their_directory(cast: Cast) -> None:
    _publish(cast.district)
    assert all(name.startswith("sa_") for name in _list_all(cast.district, CanaryPlace.AD_ACCOUNT))
    google = _list_all(cast.district, CanaryPlace.GOOGLE_ACCOUNT)
    assert all(name.startswith("sa_") and name.endswith("@maple.example") for name in google), "the domain of staff"
    assert propose_canary_names(district=cast.next_district, place=CanaryPlace.GOOGLE_ACCOUNT, now=NOW) == ()


def test_no_name_is_an_accounts_or_a_persons(cast: Cast) -> None:
    _publish(cast.district)
    before = _list_all(cast.district, CanaryPlace.AD_ACCOUNT)
    taken, named = before[0], before[1].removeprefix("sa_").partition("_")[0]
    account = {"directory": "google", "email": f"{taken}@other.example", "name": "Old one", "kind": "other"}
    _publish(cast.district, accounts=(*ACCOUNTS, account), people=(f"Dee {named.title()}",))
    after = _list_all(cast.district, CanaryPlace.AD_ACCOUNT)
    assert taken not in after
    assert not [name for name in after if named in name.split("_")]
    assert set(before) & set(after)


def test_a_persons_account_is_no_canary(cast: Cast) -> None:
    _publish(cast.district)
    names = ("Ana.Ruiz@maple.example", "ARUIZ", "sa_backup", "sa_door")
    assert [belongs_to_somebody(district=cast.district, name=name) for name in names] == [True, True, False, False]


def test_files_are_on_shares_that_logs_name_or_on_the_given_one(cast: Cast) -> None:
    _publish(cast.district)
    assert _list_all(cast.district, CanaryPlace.SHARE_FILE) == []
    assert all(path.startswith("Staff\\") for path in _list_all(cast.district, CanaryPlace.SHARE_FILE, share="Staff"))
    shares = ("\\\\*\\office", "\\\\*\\IPC$", "\\\\*\\SYSVOL", "\\\\FS01\\office")
    rows = [
        {
            "key": str(number), "at": NOW - timedelta(days=1), "channel": "Security", "event_id": 5145,
            "details": json.dumps({"EventData": {"ShareName": share, "Path": "a.txt"}}, separators=(",", ":")),
        }
        for number, share in enumerate(shares)
    ]  # fmt: skip
    load_rows(get_evidence_store(district=cast.district), rows, table="host_events")
    paths = _list_all(cast.district, CanaryPlace.SHARE_FILE)
    assert paths
    assert {path.partition("\\")[0] for path in paths} == {"office"}
    assert any("Grove Elementary" in path for path in paths)
