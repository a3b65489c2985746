"""The first run: each answer is kept at once, facts become a source, and a slip keeps nothing."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.audit.queries import trail
from homeroom.apps.districts.models import District
from homeroom.apps.setup.answers import Wrong
from homeroom.apps.setup.commands import answer
from homeroom.apps.setup.queries import STEPS, facts_file, missing, so_far
from homeroom.apps.sources.commands import load
from homeroom.apps.sources.models import LoadJob
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.library.connectors import connectors
from homeroom.library.guides import guides
from tests.cast import Cast, gather

pytestmark = pytest.mark.django_db(databases="__all__")
AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
CALENDAR = {"first_day": ["2025-08-18"], "last_day": ["2026-05-29"], "closed": ["2025-09-01 Labor Day"]}


@pytest.fixture
def cast(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    settings.DATA = tmp_path
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # what is dropped leaves with the test
    return gather()


def said(cast: Cast, step: str, **given: list[str]) -> None:
    answer(district=cast.district, step=step, given=given, actor="director", at=AT)


def test_an_answer_is_kept_at_once_and_the_next_step_is_the_first_without_one(cast: Cast) -> None:
    said(cast, "district", name=["Cedar Falls"], timezone=["America/Denver"], fiscal_year_starts=["10"])
    said(cast, "systems", systems=["google", "hr"])
    now = so_far(district=cast.district)
    here = District.objects.get(pk=cast.district.pk)
    assert (here.name, here.timezone, here.fiscal_year_starts) == ("Cedar Falls", "America/Denver", 10)
    assert [one.id for one in now.guides] == ["hr", "google"]
    assert now.answered == ("district", "systems")
    assert now.next_step == "exports"
    assert [one.subject for one in trail(district=cast.district, action="answer setup").lines] == [
        "systems",
        "district",
    ]


def test_facts_are_dropped_like_a_file_that_somebody_looked_at(cast: Cast, tmp_path: Path) -> None:
    said(cast, "calendar", **CALENDAR)
    job = LoadJob.objects.of(cast.district).get()
    assert (job.approved, job.made_by) == (True, "director")
    text = (Path(job.folder) / "district-facts.yaml").read_text(encoding="utf-8")
    assert "first_day: '2025-08-18'" in text
    assert text.startswith("homeroom: district\nname: Maple Valley Unified\n")
    said(cast, "calendar", **CALENDAR)
    assert LoadJob.objects.of(cast.district).count() == 2, "what does not stand yet is tried again"
    store = Store(tmp_path / "evidence", district=cast.district.slug)
    load([Path(job.folder)], district=cast.district, store=store, at=AT)
    said(cast, "calendar", **CALENDAR)
    assert LoadJob.objects.of(cast.district).count() == 2, "what stands changes nothing"


def test_facts_that_somebody_wrote_by_hand_do_not_go_unseen(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "district.yaml"
    path.write_text(
        "homeroom: district\nname: Maple Valley Unified\ncalendar: {first_day: 2025-08-18, last_day: 2026-05-29}\n"
        "sign_in: [{directory: google, unit: /Staff, provider: microsoft}]\n",
        encoding="utf-8",
    )
    store = Store(tmp_path / "evidence", district=cast.district.slug)
    told: dict[str, Any] = {"district": cast.district, "store": store, "at": AT}
    load([path], **told)
    said(cast, "systems", systems=["hr"])
    said(cast, "people", staff=["hr"])
    job = LoadJob.objects.of(cast.district).get()
    assert not job.approved
    (held,) = load([Path(job.folder)], **told, approved=job.approved).loaded
    assert held.outcome == "held"
    session = session_of(store.pinned())
    assert session.execute("SELECT count(*) FROM sign_in_rules").fetchall() == [(1,)]


def test_what_was_answered_here_gives_way_to_the_next_answer(cast: Cast, tmp_path: Path) -> None:
    store = Store(tmp_path / "evidence", district=cast.district.slug)
    said(cast, "calendar", **CALENDAR)
    first = LoadJob.objects.of(cast.district).get()
    load([Path(first.folder)], district=cast.district, store=store, at=AT, approved=first.approved)
    said(cast, "calendar", first_day=[""], last_day=[""], closed=[""])
    assert LoadJob.objects.of(cast.district).order_by("-pk")[0].approved


def test_a_slip_keeps_nothing(cast: Cast) -> None:
    said(cast, "systems", systems=["google"])
    with pytest.raises(Wrong):
        said(cast, "calendar", first_day=["2026-05-29"], last_day=["2025-08-18"])
    with pytest.raises(Wrong):
        said(cast, "systems", systems=["no-such"])
    with pytest.raises(Wrong):
        said(cast, "district", name=["Cedar"], timezone=["Mars/Olympus"])
    now = so_far(district=cast.district)
    assert (now.facts, now.systems, now.answered) == ({}, ("google",), ("systems",))
    assert District.objects.get(pk=cast.district.pk).name == "Maple Valley Unified"
    assert not LoadJob.objects.of(cast.district).exists()


def test_a_step_that_is_none_is_refused(cast: Cast) -> None:
    with pytest.raises(KeyError):
        said(cast, "password")


def test_who_decides_is_offered_from_what_the_district_has(cast: Cast) -> None:
    said(cast, "systems", systems=["hr", "oneroster", "snipeit"])
    now = so_far(district=cast.district)
    assert [name for name, _ in now.choices("staff")] == ["hr"]
    assert [name for name, _ in now.choices("student")] == ["oneroster"]
    assert now.directories == ()
    assert [one.id for one in missing(now, loaded=["hr"])] == ["oneroster", "snipeit"]


def test_the_stranger_s_answers_are_the_stranger_s(cast: Cast) -> None:
    said(cast, "systems", systems=["google"])
    assert so_far(district=cast.next_district).systems == ()


def test_the_file_of_facts_says_whose_they_are(cast: Cast) -> None:
    assert facts_file(district=cast.district, facts={"authority": {"staff": "hr"}}).splitlines() == [
        "homeroom: district", "name: Maple Valley Unified", "timezone: America/Chicago", "authority:", "  staff: hr",
    ]  # fmt: skip


def test_each_guide_says_who_may_how_and_what_to_leave_out() -> None:
    for guide in guides():
        assert guide.rights
        assert guide.leaves_out
        assert guide.sources
        assert all(export.steps for export in guide.exports), guide.id
    assert {"google", "microsoft", "powerschool", "snipeit"} <= {guide.id for guide in guides()}
    assert STEPS[0] == "district"


def test_every_connector_has_a_guide_to_its_exports() -> None:
    guided = {name for guide in guides() for name in guide.connectors}
    assert {one.name for one in connectors()} == guided
