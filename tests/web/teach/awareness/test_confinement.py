"""What one person did in a drill is behind no door but the coach's and the person's own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from django.db import transaction
from django.test import Client

from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.know.inventory.models import Person
from homeroom.apps.protect.fixes.collect import FixOptions
from homeroom.apps.protect.fixes.commands import FixNotPossible, prepare_fix
from homeroom.apps.protect.fixes.queries import count_members_by_school
from homeroom.apps.protect.posture.catalog.confinement import list_confined_controls
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.models import Finding
from homeroom.apps.protect.posture.published.by_school import list_school_results, list_school_scores
from homeroom.apps.protect.posture.published.control_weeks import list_control_weeks, list_weekly_controls
from homeroom.apps.protect.posture.published.queries import get_finding, get_published_assessment
from homeroom.apps.protect.posture.rows.by_state import count_states_by_column
from homeroom.apps.teach.awareness.coach_commands import ask_for_help, name_coach, record_talk
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Privacy
from tests.cast import Cast
from tests.web.teach.awareness.drilled_district import (
    AT,
    CAUGHT,
    MISSES,
    OTHER_MISSES,
    SCHOOL,
    TODAY,
    assess_drilled_district,
    publish_drilled_evidence,
)

CONTROL = "drill-help-offered"
OFFICE = ("director", "technician", "privacy", "auditor")
STATES = ("fail", "cannot_tell", "pass", "excepted", "not_applicable")
STARTS = (
    "/", "/posture", "/plan", "/reports", "/fixes", "/sources", "/audit", "/inventory", "/people", "/people.csv",
    "/accounts", "/accounts.csv", "/awareness", "/awareness/coach", "/exceptions", "/by-school", "/tools/effects",
)  # fmt: skip
LINK = re.compile(
    rf"^/(?!sign-|static|password|users|account/sessions|districts|setup|frameworks/|alerts/|things/|posture/(?!{CONTROL})"
    r"|.*(\.(pdf|html|figures)$|sort=))"
)
"""Links that are followed; pages of users and sessions show when each world's director signed in."""
VOLATILE = re.compile(r"nonce=\"[^\"]+\"|\b[A-Za-z0-9]{64}\b|\b[0-9a-f]{12,40}\b")
"""Tokens of forms, and hashes of what was loaded."""


def get_person(cast: Cast, name: str) -> Person:
    return Person.objects.of(cast.district).get(name=name, closed=None)


def get_finding_id(cast: Cast) -> str:
    return Finding.objects.of(cast.district).get(control=CONTROL).public


def list_doors(cast: Cast) -> list[str]:
    """Return the addresses that show rows of the control, or what a person is in."""
    finding, person = get_finding_id(cast), get_person(cast, CAUGHT).public
    states = [f"/posture/{CONTROL}/{state}" for state in STATES]
    return [
        f"/findings/{finding}",
        f"/findings/{finding}?columns=all",
        f"/findings/{finding}?after=0",
        f"/posture/{CONTROL}",
        *states,
        *(f"{state}?columns=all" for state in states),
        *(f"{state}?school={SCHOOL}" for state in states),
        f"/fixes?finding={finding}",
        f"/people/{person}",
        "/awareness/coach",
    ]


def test_the_control_of_drills_is_confined_and_those_of_training_are_not():
    assert list_confined_controls() == {CONTROL}
    assert {"training-overdue", "staff-trained"} <= set(load_all_controls())


def test_what_a_person_did_in_a_drill_is_of_the_individual_class():
    individual = {
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.privacy is Privacy.INDIVIDUAL
    }
    assert {("people", "drills_missed"), ("people", "helped_since"), ("training_records", "status_word")} <= individual
    assert {("drill_results", name) for name in ("person", "missed", "reported_at", "rules")} <= individual
    assert ("people", "training_overdue") not in individual


@pytest.mark.parametrize("role", OFFICE)
def test_the_office_sees_the_count_and_nobody(drilled: Cast, as_: Callable[[str], Client], role: str):
    client, person = as_(role), get_person(drilled, CAUGHT)
    for door in list_doors(drilled):
        text = client.get(door).content.decode()
        own_page = door.startswith("/people/")
        assert own_page or (CAUGHT not in text and person.public not in text), door
        assert "failed at least two phishing tests" not in text or not own_page, door
        assert "rills missed" not in text, door
    finding = client.get(f"/findings/{get_finding_id(drilled)}").content.decode()
    assert "1 person failed at least two phishing tests" in finding
    assert "Only the count is shown" in finding
    assert client.get(f"/findings/{get_finding_id(drilled)}/rows.csv").status_code == 404


@pytest.mark.parametrize("role", ["director", "auditor"])
def test_no_list_is_filtered_sorted_or_exported_by_what_people_did(
    drilled: Cast, as_: Callable[[str], Client], role: str
):
    client = as_(role)
    people = [person.public for person in Person.objects.of(drilled.district).filter(closed=None)]
    usual = {path: read_text(client.get(path)) for path in ("/people", "/people.csv")}
    for sort, path in itertools.product(("drills_missed", "-helped_since"), usual):
        names = "columns=drills_missed&show=helped_since&drills_missed=2&helped_since=no"
        sorted_text = read_text(client.get(f"{path}?{names}&sort={sort}"))
        assert sorted(people, key=sorted_text.index) == sorted(people, key=usual[path].index)
        assert "rills missed" not in sorted_text
    for searched in ("drills_missed", "helped_since", "2 drills", "Clicked"):
        assert not any(name in read_text(client.get("/people", {"q": searched})) for name in MISSES)


def read_text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode(errors="replace"))


def test_counts_by_school_leave_the_control_out(drilled: Cast, as_: Callable[[str], Client]):
    district = drilled.district
    assessment = get_published_assessment(district=district)
    assert assessment is not None
    listed = list_school_results(district=district, assessment=assessment, school=SCHOOL)
    assert listed
    assert CONTROL not in {result.control.id for result in listed}
    (score,) = (row for row in list_school_scores(district=district, assessment=assessment) if row.name == SCHOOL)
    assert score.controls == len(listed)
    assert score.failing == sum(result.numbers.failing for result in listed)
    assert list_control_weeks(district=district, control=CONTROL) == ()
    assert CONTROL not in list_weekly_controls(district=district)
    assert list_control_weeks(district=district, control="staff-given-training")


def test_neither_a_fix_file_nor_a_report_gets_a_subject(drilled: Cast):
    district = drilled.district
    assessment = get_published_assessment(district=district)
    assert assessment is not None
    finding = get_finding(district=district, assessment=assessment, public=get_finding_id(drilled))
    assert finding is not None
    assert finding.members == 1
    assert count_members_by_school(district=district, assessment=assessment, finding=finding) == ()
    with pytest.raises(FixNotPossible):
        prepare_fix(
            district=district,
            assessment=assessment,
            finding=finding,
            action="google.suspend",
            options=FixOptions(target="", school=""),
            actor="director",
            at=AT,
            today=TODAY,
        )
    data = ReportData(district=district, assessment=assessment, today=TODAY)
    assert data.list_failing_subjects(CONTROL) == ()
    assert data.count_states_by(CONTROL, column="school") == {}
    assert count_states_by_column(district=district, assessment=assessment, control=CONTROL, column="name") == {}
    figure = data.build_figure(CONTROL, label="Caught twice")
    assert figure is not None
    assert (figure.part, figure.total) == (1, 2)


def test_the_program_beside_the_exports_lists_subjects_with_its_option(drilled: Cast, tmp_path: Path):
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    shared: dict[str, Any] = {"district": drilled.district, "store": store, "today": TODAY, "at": AT}
    lines = [
        {line["id"]: line for line in assess(**shared, subjects=subjects).serialize()["controls"]}[CONTROL]
        for subjects in (False, True)
    ]
    assert [line["failing"] for line in lines] == [1, 1]
    assert not lines[0].get("subjects")
    assert len(lines[1]["subjects"]) == 1


def test_of_a_load_no_example_of_a_row_about_drills_is_shown(
    drilled: Cast, as_: Callable[[str], Client], tmp_path: Path
):
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    publish_drilled_evidence(store, misses={**MISSES, "Sol Fernando": 2})
    client = as_("director")
    assert not any("sol.fernando" in text for text in read_pages(client, ("/sources",)).values())


def test_the_trail_of_a_talk_names_nobody(drilled: Cast, as_: Callable[[str], Client]):
    person = get_person(drilled, CAUGHT)
    name_coach(district=drilled.district, username="technician", actor="director", at=AT)
    ask_for_help(district=drilled.district, person=person.subject, at=AT)
    record_talk(
        district=drilled.district, public=person.public, talked_on=TODAY, today=TODAY, actor="technician", at=AT
    )
    for address in ("/audit", "/audit.csv"):
        trail = read_text(as_("director").get(address))
        assert "coach" in trail
        assert CAUGHT not in trail
        assert person.public not in trail
        assert str(person.subject) not in trail


def test_the_office_reads_the_same_pages_whoever_it_was_that_missed(
    as_: Callable[[str], Client], cast: Cast, tmp_path: Path, settings: Any
):
    """Exchange two people: every page that a director reaches stays the same, letter for letter."""
    worlds = []
    for name, misses in (("one", MISSES), ("other", OTHER_MISSES)):
        settings.DATA = tmp_path / name
        store = EvidenceStore(settings.DATA / "evidence", district="maple-valley")
        publish_drilled_evidence(store, misses=misses)
        with transaction.atomic():
            assess_drilled_district(cast.district, store)
            worlds.append(read_pages(as_("director")))
            transaction.set_rollback(True)
    first_world, other_world = worlds
    assert len(first_world) > 80
    assert f"/posture/{CONTROL}" in first_world
    assert list(first_world) == list(other_world)
    assert {address: text for address, text in first_world.items() if other_world[address] != text} == {}


def read_pages(client: Client, starts: tuple[str, ...] = STARTS) -> dict[str, str]:
    """Return every page and file that links lead to, without what differs in each response."""
    pages: dict[str, str] = {}
    waiting = list(starts)
    while waiting:
        address = waiting.pop(0)
        if address in pages:
            continue
        answer = client.get(address)
        text = read_text(answer)
        pages[address] = VOLATILE.sub("", text)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            hrefs = lxml.html.fromstring(text).xpath("//a/@href")
            addresses = (str(href).partition("#")[0] for href in hrefs)
            waiting += [address for address in addresses if LINK.match(address)]
    return pages
