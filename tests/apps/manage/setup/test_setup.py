"""The first run: each answer is stored at once, facts become a source, and an invalid answer stores nothing."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.manage.setup.answers import InvalidSetupForm
from homeroom.apps.manage.setup.commands import answer_step
from homeroom.apps.manage.setup.queries import STEPS, load_setup, render_facts_file
from homeroom.apps.manage.setup.system_exports import (
    UnknownSystem,
    find_guide,
    load_first_scan,
    load_system_exports,
    tick_steps,
)
from homeroom.apps.platform.audit.queries import AuditFilter, list_audit_entries
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.library.know.connectors import load_connectors
from homeroom.library.know.guides import find_unknown_readers, load_guides
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.differs_by_database("rows that replace others")]
AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
CALENDAR = {"first_day": ["2025-08-18"], "last_day": ["2026-05-29"], "closed": ["2025-09-01 Labor Day"]}


@pytest.fixture
def cast(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    settings.DATA = tmp_path
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # what is dropped leaves with the test
    return create_cast()


def answer_setup_step(cast: Cast, step: str, **values: list[str]) -> None:
    answer_step(district=cast.district, step=step, form=values, actor="director", at=AT)


def test_an_answer_is_kept_at_once_and_the_next_step_is_the_first_without_one(cast: Cast) -> None:
    answer_setup_step(cast, "district", name=["Cedar Falls"], timezone=["America/Denver"], fiscal_year_starts=["10"])
    answer_setup_step(cast, "systems", systems=["google", "hr"])
    progress = load_setup(district=cast.district)
    district = District.objects.get(pk=cast.district.pk)
    assert (district.name, district.timezone, district.fiscal_year_starts) == ("Cedar Falls", "America/Denver", 10)
    assert [entry.id for entry in progress.guides] == ["hr", "google"]
    assert progress.answered == ("district", "systems")
    assert progress.next_step == "exports"
    assert [
        entry.subject
        for entry in list_audit_entries(district=cast.district, shown=AuditFilter(action="answer setup")).lines
    ] == [
        "systems",
        "district",
    ]


def test_facts_are_dropped_like_a_file_that_somebody_looked_at(cast: Cast, tmp_path: Path) -> None:
    answer_setup_step(cast, "calendar", **CALENDAR)
    job = LoadJob.objects.of(cast.district).get()
    assert (job.approved, job.made_by) == (True, "director")
    text = (Path(job.folder) / "district-facts.yaml").read_text(encoding="utf-8")
    assert "first_day: '2025-08-18'" in text
    assert text.startswith("homeroom: district\nname: Maple Valley Unified\n")
    answer_setup_step(cast, "calendar", **CALENDAR)
    assert LoadJob.objects.of(cast.district).count() == 2, "what does not stand yet is tried again"
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    load_files([Path(job.folder)], district=cast.district, store=store, at=AT)
    answer_setup_step(cast, "calendar", **CALENDAR)
    assert LoadJob.objects.of(cast.district).count() == 2, "what stands changes nothing"


def test_facts_that_somebody_wrote_by_hand_do_not_go_unseen(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "district.yaml"
    path.write_text(
        "homeroom: district\nname: Maple Valley Unified\ncalendar: {first_day: 2025-08-18, last_day: 2026-05-29}\n"
        "sign_in: [{directory: google, unit: /Staff, provider: microsoft}]\n",
        encoding="utf-8",
    )
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    arguments: dict[str, Any] = {"district": cast.district, "store": store, "at": AT}
    load_files([path], **arguments)
    answer_setup_step(cast, "systems", systems=["hr"])
    answer_setup_step(cast, "people", staff=["hr"])
    job = LoadJob.objects.of(cast.district).get()
    assert not job.approved
    (waiting_result,) = load_files([Path(job.folder)], **arguments, approved=job.approved).loaded
    assert waiting_result.outcome == "held"
    session = open_session(store.pin_snapshot())
    assert session.execute("SELECT count(*) FROM sign_in_rules").fetchall() == [(1,)]


def test_what_was_answered_here_gives_way_to_the_next_answer(cast: Cast, tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    answer_setup_step(cast, "calendar", **CALENDAR)
    first = LoadJob.objects.of(cast.district).get()
    load_files([Path(first.folder)], district=cast.district, store=store, at=AT, approved=first.approved)
    answer_setup_step(cast, "calendar", first_day=[""], last_day=[""], closed=[""])
    assert LoadJob.objects.of(cast.district).order_by("-pk")[0].approved


def test_a_slip_keeps_nothing(cast: Cast) -> None:
    answer_setup_step(cast, "systems", systems=["google"])
    with pytest.raises(InvalidSetupForm):
        answer_setup_step(cast, "calendar", first_day=["2026-05-29"], last_day=["2025-08-18"])
    with pytest.raises(InvalidSetupForm):
        answer_setup_step(cast, "systems", systems=["no-such"])
    with pytest.raises(InvalidSetupForm):
        answer_setup_step(cast, "district", name=["Cedar"], timezone=["Mars/Olympus"])
    progress = load_setup(district=cast.district)
    assert (progress.facts, progress.systems, progress.answered) == ({}, ("google",), ("systems",))
    assert District.objects.get(pk=cast.district.pk).name == "Maple Valley Unified"
    assert not LoadJob.objects.of(cast.district).exists()


def test_a_step_that_is_none_is_refused(cast: Cast) -> None:
    with pytest.raises(KeyError):
        answer_setup_step(cast, "password")


def test_who_decides_is_offered_from_what_the_district_has(cast: Cast) -> None:
    answer_setup_step(cast, "systems", systems=["hr", "oneroster", "snipeit"])
    progress = load_setup(district=cast.district)
    assert [name for name, _ in progress.list_choices("staff")] == ["hr"]
    assert [name for name, _ in progress.list_choices("student")] == ["oneroster"]
    assert progress.directories == ()
    assert [guide.id for guide in progress.chosen_guides] == ["oneroster", "hr", "snipeit"], "the roster comes first"


def test_a_system_is_received_once_a_file_of_its_connectors_is_loaded(cast: Cast, tmp_path: Path) -> None:
    answer_setup_step(cast, "systems", systems=["google", "hr"])
    staff = tmp_path / "staff.csv"
    staff.write_text(
        "Employee ID,First Name,Last Name,Work Email,Job Title,Building,Start Date,End Date,Status\n"
        "1,Ada,Moss,ada@maple.example,Teacher,Lincoln,2020-08-01,,Active\n",
        encoding="utf-8",
    )
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    assert [result.outcome for result in load_files([staff], district=cast.district, store=store, at=AT).loaded] == [
        "new"
    ]
    scan = load_first_scan(district=cast.district)
    assert [(guide.id, len(loads)) for guide, loads in scan.systems] == [("google", 0), ("hr", 1)]
    assert scan.has_loads
    exports = load_system_exports(district=cast.district, system="hr")
    assert (exports.number, exports.count, exports.before, exports.after) == (2, 2, "google", "")
    assert not load_first_scan(district=cast.next_district).has_loads


def test_ticks_are_of_steps_that_exist_and_stay_when_a_question_is_answered(cast: Cast) -> None:
    step_ids = find_guide("google").step_ids
    ticking: dict[str, Any] = {"district": cast.district, "system": "google", "actor": "director", "at": AT}
    tick_steps(**ticking, step_ids=[*step_ids, "of-another-guide"])
    answer_setup_step(cast, "systems", systems=["google"])
    assert load_system_exports(district=cast.district, system="google").ticked == step_ids
    tick_steps(**ticking, step_ids=[])
    assert load_system_exports(district=cast.district, system="google").ticked == frozenset()
    assert load_setup(district=cast.district).systems == ("google",)
    with pytest.raises(UnknownSystem):
        tick_steps(**{**ticking, "system": "no-such"}, step_ids=[])


def test_the_stranger_s_answers_are_the_stranger_s(cast: Cast) -> None:
    answer_setup_step(cast, "systems", systems=["google"])
    assert load_setup(district=cast.next_district).systems == ()


def test_the_file_of_facts_says_whose_they_are(cast: Cast) -> None:
    assert render_facts_file(district=cast.district, facts={"authority": {"staff": "hr"}}).splitlines() == [
        "homeroom: district", "name: Maple Valley Unified", "timezone: America/Chicago", "authority:", "  staff: hr",
    ]  # fmt: skip


def test_each_guide_says_who_may_how_and_what_to_leave_out() -> None:
    for guide in load_guides():
        assert guide.rights
        assert len(guide.role.split()) <= 18, guide.id
        assert guide.leaves_out
        assert guide.sources
        assert all(export.steps for export in guide.exports), guide.id
    assert {"google", "microsoft", "powerschool", "snipeit"} <= {guide.id for guide in load_guides()}
    assert STEPS[0] == "district"


def test_a_guide_names_connectors_and_mappings_that_exist() -> None:
    guides = [guide for guide in load_guides() if guide.id in ("knowbe4", "vector")]
    problems = find_unknown_readers(guides, connector_names=frozenset({"other"}), mapping_names=frozenset({"vector"}))
    assert [(problem.file, problem.field) for problem in problems] == [
        ("guides/knowbe4.yaml", "connectors"),
        ("guides/knowbe4.yaml", "mappings"),
    ]


def test_every_connector_has_a_guide_to_its_exports() -> None:
    covered = {name for guide in load_guides() for name in guide.connectors}
    assert {connector.name for connector in load_connectors()} == covered
