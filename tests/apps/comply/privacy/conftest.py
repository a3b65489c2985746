"""A district with one family: two students, a guardian and a teacher, in four systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.ids import format_public_id
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES
from tests.assessed_district import publish_load
from tests.cast import Cast, create_cast

TODAY = date(2026, 1, 15)
NOON = datetime(2026, 1, 15, 18, tzinfo=UTC)
ANA, BEN, LUZ, DANA = 7001, 7002, 7003, 7004
PEOPLE: tuple[tuple[int, str, str, str, list[str]], ...] = (
    (ANA, "Ana Rivera", "rivera, ana", "student", ["s-ana", "90417", "ana.rivera@maple.test"]),
    (BEN, "Ben Ode", "ode, ben", "student", ["s-ben", "90418", "ben.ode@maple.test"]),
    (LUZ, "Luz Rivera", "rivera, luz", "guardian", ["g-luz", "luz@family.example"]),
    (DANA, "Dana Whitfield", "whitfield, dana", "staff", ["t-dana", "dana@maple.test", "55510"]),
)


@dataclass(frozen=True)
class FamilyDistrict:
    """The cast, with the evidence of its district; `common` are the arguments that every command takes."""

    cast: Cast
    store: EvidenceStore

    @property
    def common(self) -> Mapping[str, Any]:
        return {"district": self.cast.district, "actor": "privacy", "at": NOON}

    def get_id(self, number: int) -> str:
        return format_public_id("person", number)


@pytest.fixture
def family(db: None, tmp_path: Path, settings: Any) -> FamilyDistrict:
    settings.DATA = tmp_path
    cast = create_cast()
    store = get_evidence_store(district=cast.district)
    publish_family(store)
    return FamilyDistrict(cast=cast, store=store)


def publish_family(store: EvidenceStore) -> None:
    """Publish loads of a roster, a directory, assets and use of apps, and what is resolved from them."""
    people = [
        {"key": "s-ana", "given_name": "Ana", "family_name": "Rivera", "email": "ana.rivera@maple.test",
         "identifier": "90417", "grade": "05", "agent_keys": ["g-luz"], "street": "Elm Street 4"},
        {"key": "s-ben", "given_name": "Ben", "family_name": "Ode", "email": "ben.ode@maple.test",
         "identifier": "90418"},
        {"key": "g-luz", "given_name": "Luz", "family_name": "Rivera", "email": "luz@family.example"},
        {"key": "t-dana", "given_name": "Dana", "family_name": "Whitfield", "email": "dana@maple.test"},
    ]  # fmt: skip
    enrollments = [
        {"key": f"e-{n}", "person_key": person, "class_key": f"c-{n % 3}", "role": "student"}
        for n, person in enumerate(("s-ana", "s-ana", "s-ben"))
    ]
    account = {"key": "a-ana", "email": "ana.rivera@maple.test", "given_name": "Ana", "family_name": "Rivera"}
    device = {
        "key": "d-1",
        "serial": "5CD0001",
        "name": "Cart 4, before: Ben Ode",
        "holder_email": "ana.rivera@maple.test",
        "recent_emails": ["ana.rivera@maple.test", "ben.ode@maple.test", "visitor@elsewhere.example"],
    }
    use = [
        {"app": "Math app", "email": name, "school_name": "", "since": date(2026, 1, 1), "minutes": 30}
        for name in ("ana.rivera@maple.test", "ben.ode@maple.test")
    ]
    publish_load(store, "oneroster", "oneroster.users", "person_records", people, at=NOON)
    publish_load(store, "oneroster", "oneroster.enrollments", "enrollments", enrollments, at=NOON)
    publish_load(store, "google", "google.users", "account_records", [account], at=NOON)
    publish_load(store, "snipeit", "snipeit.assets", "device_records", [device], at=NOON)
    publish_load(store, "lightspeed", "lightspeed.use", "app_use_records", use, at=NOON)
    store.publish_derived(_build_derived(), inputs=store.compute_sources_id(), today=TODAY, at=NOON)


def _build_derived() -> dict[str, Any]:
    people = pl.DataFrame(
        [
            {"id": number, "name": name, "sort_name": sort, "kind": kind, "identifiers": identifiers, "here": True}
            for number, name, sort, kind, identifiers in PEOPLE
        ]
    )
    links = [
        ("person", ANA, "oneroster", "person_records", "s-ana"),
        ("person", BEN, "oneroster", "person_records", "s-ben"),
        ("person", LUZ, "oneroster", "person_records", "g-luz"),
        ("account", 8001, "google", "account_records", "a-ana"),
        ("device", 9001, "snipeit", "device_records", "d-1"),
    ]
    names = ("subject_kind", "id", "connector", "table_name", "key")
    tables = {
        "people": people,
        "accounts": pl.DataFrame([{"id": 8001, "person": ANA, "email": "ana.rivera@maple.test"}]),
        "devices": pl.DataFrame([{"id": 9001, "serial": "5CD0001", "holder": ANA}]),
        "links": pl.DataFrame([{**dict(zip(names, link, strict=True)), "instance": link[2]} for link in links]),
    }
    return {name: cast_to_table(frame, table=TABLES[name]).to_arrow() for name, frame in tables.items()}
