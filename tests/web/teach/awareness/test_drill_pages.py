"""The pages of drills: reports first, by lure, bounds by school, and counts as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.teach.awareness.published_drills import list_drills
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.awareness.drill_district import SENT, build_events, get_email, load_events, load_staff, resolve_on
from tests.cast import Cast

PEOPLE = range(60)
CLICKED, REPORTED = range(12), range(20, 44)


@pytest.fixture
def tested(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    """Return the cast, in a district to which three drills of two lures, and a small one, were sent."""
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    load_staff(store, people=PEOPLE)
    later = SENT + timedelta(days=20)
    rows = [
        *build_events("1", people=PEOPLE, clicks=CLICKED, reports=REPORTED),
        *build_events("2", people=PEOPLE, clicks=range(6), reports=range(20, 50), sent=later),
        *(row | {"lure": "Gift card"} for row in build_events("3", people=PEOPLE, clicks=range(40), sent=later)),
        *(row | {"lure": "Few"} for row in build_events("4", people=range(5), clicks=range(2), sent=later)),
    ]
    load_events(store, rows, at=later)
    resolve_on(cast.district, store, date(2026, 11, 2))
    return cast


def find_key(cast: Cast, name: str) -> str:
    return next(drill.key for drill in list_drills(district=cast.district) if drill.name == name)


def test_drills_are_in_the_table_of_their_lure_and_lead_with_reports(tested: Cast, as_: Callable[[str], Client]):
    text = as_("auditor").get("/awareness").content.decode()
    sections = {section.partition("</h2>")[0].rpartition(">")[2]: section for section in text.split("<section")[1:]}
    assert set(sections) == {"Parcel waiting", "Gift card", "Few"}
    assert all(f">Drill {number}</a>" in sections["Parcel waiting"] for number in (1, 2))
    assert ">Drill 3</a>" in sections["Gift card"]
    assert ">Drill 3</a>" not in sections["Parcel waiting"]
    assert text.index("Reported</th>") < text.index("Missed</th>")
    assert "never compared with each other" in text


def test_a_drill_shows_its_shares_with_intervals_and_its_schools_as_bounds(tested: Cast, as_: Callable[[str], Client]):
    text = as_("technician").get(f"/awareness/drills/{find_key(tested, 'Drill 1')}").content.decode()
    assert "Sent to 60 people, delivered to 60." in text
    assert "24 of 60 people whose mail was delivered" in text
    assert "12 of 60 people clicked or sent the form themselves" in text
    assert "Interval of 95%" in text
    assert "School 0" in text
    assert "steps of 5%" in text


def test_of_a_drill_to_few_people_nothing_is_shown(tested: Cast, as_: Callable[[str], Client]):
    key = find_key(tested, "Drill 4")
    client = as_("director")
    assert "Fewer than 10 people got this drill" in client.get(f"/awareness/drills/{key}").content.decode()
    document = client.get(f"/awareness/drills/{key}.json").json()
    assert (document["missed"]["people"], document["reported"]["people"], document["schools"]) == (None, None, [])
    row = next(row for row in read_csv(client) if row["name"] == "Drill 4")
    assert (row["people"], row["missed"], row["reported"]) == ("", "", "")


def read_csv(client: Client) -> list[dict[str, str]]:
    answer = client.get("/awareness/drills.csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


@pytest.mark.parametrize("role", ["director", "privacy", "auditor"])
def test_files_have_counts_and_no_person(tested: Cast, as_: Callable[[str], Client], role: str):
    client = as_(role)
    rows = {row["name"]: row for row in read_csv(client)}
    assert (rows["Drill 1"]["reported"], rows["Drill 1"]["missed"]) == ("24", "12")
    documents = {drill["name"]: drill for drill in client.get("/awareness/drills.json").json()["drills"]}
    assert documents["Drill 2"]["reported"]["people"] == 30
    for address in ("/awareness", "/awareness/drills.json", f"/awareness/drills/{find_key(tested, 'Drill 1')}"):
        text = client.get(address).content.decode()
        assert get_email(1) not in text
        assert "Given1" not in text


def test_there_is_no_page_of_a_drill_that_is_not_here(tested: Cast, as_: Callable[[str], Client]):
    for address in ("/awareness/drills/0123456789abcdef", "/awareness/drills/0123456789abcdef.json"):
        assert as_("director").get(address).status_code == 404
    assert as_("stranger").get("/awareness").content.decode().count("Drill 1") == 0


def test_without_drills_the_page_says_where_they_come_from(
    cast: Cast, as_: Callable[[str], Client], empty_folder: None
):
    assert "No drills yet" in as_("technician").get("/awareness").content.decode()
