"""The training that comes before a rollout: who in its schools completed it, from every list that is loaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from django.test import Client

from homeroom.apps.manage.rollouts.models import Rollout
from homeroom.apps.platform.audit.models import Entry
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES
from tests.apps.manage.rollouts.rollout_cases import AT, TODAY
from tests.assessed_district import build_snapshot, publish_load
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]
COURSE = "New Chromebooks in class"
# id, name, email, kind, here, school
PEOPLE: list[tuple[Any, ...]] = [
    (1, "Ana Rivera", "ana@maple.test", "staff", True, "Cedar Middle"),
    (2, "Ben Ode", "ben@maple.test", "staff", True, "Cedar Middle"),
    (3, "Cora Lund", "cora@maple.test", "staff", True, "Maple High"),
    (4, "Left Long", "left@maple.test", "staff", False, "Maple High"),
    (5, "Sam Student", "sam@maple.test", "student", True, "Maple High"),
    (6, "Far Away", "far@maple.test", "staff", True, "Lincoln Elementary"),
]
TRAINING = [
    {"email": "ana.old@maple.test", "course": COURSE, "assigned_on": date(2026, 1, 2), "done_on": date(2026, 1, 9)},
    {"email": "ben@maple.test", "course": COURSE, "assigned_on": date(2026, 1, 2), "done_on": None},
    {"email": "cora@maple.test", "course": "Fire drill", "assigned_on": date(2026, 1, 2), "done_on": date(2026, 1, 9)},
]


@pytest.fixture
def trained(store: EvidenceStore, rollout: str) -> None:
    publish_load(store, "training", "training.training", "training_records", TRAINING, at=AT)
    names = ("id", "name", "email", "kind", "here", "school")
    accounts = [{"id": 9, "person": 1, "email": "Ana.Old@maple.test"}]
    tables = {
        "people": [dict(zip(names, row, strict=True)) for row in PEOPLE],
        "accounts": accounts,
    }
    snapshot = build_snapshot(1) | {
        name: cast_to_table(pl.DataFrame(rows, infer_schema_length=None), table=TABLES[name]).to_arrow()
        for name, rows in tables.items()
    }
    store.publish_derived(snapshot, inputs=store.compute_sources_id(), today=TODAY, at=AT)


def choose(client: Client, public: str, course: str = COURSE) -> Any:
    return client.post(f"/rollouts/{public}/training", {"course": course})


@pytest.mark.usefixtures("trained")
def test_staff_of_the_schools_count_by_any_address_of_theirs(as_: ClientFactory, rollout: str):
    client = as_("technician")
    assert choose(client, rollout).status_code == 302
    text = get_text(client.get(f"/rollouts/{rollout}/training"))
    assert f"1 of 3 staff in its schools completed {COURSE}." in text
    rows = read_rows(client, rollout)
    assert [(row["name"], row["completed on"], row["state"]) for row in rows] == [
        ("Ana Rivera", "2026-01-09", "completed"),
        ("Ben Ode", "", "not yet"),
        ("Cora Lund", "", "on no list"),
    ]


def read_rows(client: Client, public: str) -> list[dict[str, str]]:
    answer = client.get(f"/rollouts/{public}/training.csv")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.usefixtures("trained")
def test_the_training_is_in_the_trail_and_can_be_taken_back(as_: ClientFactory, cast: Cast, rollout: str):
    client = as_("director")
    choose(client, rollout)
    assert Rollout.objects.of(cast.district).get().rules["course"] == COURSE
    entry = Entry.objects.of(cast.district).filter(action="set rollout rules").latest("pk")
    assert entry.detail["rules"] == ["course"]
    choose(client, rollout, "")
    assert "course" not in Rollout.objects.of(cast.district).get().rules
    assert "Name the training that comes before" in get_text(client.get(f"/rollouts/{rollout}/training"))


@pytest.mark.usefixtures("trained")
def test_a_training_on_no_list_is_refused(as_: ClientFactory, cast: Cast, rollout: str):
    client = as_("technician")
    choose(client, rollout, "Juggling")
    assert "is on no list of training" in get_text(client.get(f"/rollouts/{rollout}/training"))
    assert "course" not in Rollout.objects.of(cast.district).get().rules


def test_without_a_list_of_training_the_page_says_what_would_tell(as_: ClientFactory, rollout: str):
    assert "No training is loaded" in get_text(as_("auditor").get(f"/rollouts/{rollout}/training"))


def test_an_auditor_names_no_training_and_a_stranger_sees_none(as_: ClientFactory, rollout: str):
    assert choose(as_("auditor"), rollout).status_code == 403
    stranger = as_("stranger")
    for page in ("training", "training.csv"):
        assert stranger.get(f"/rollouts/{rollout}/{page}").status_code == 404
