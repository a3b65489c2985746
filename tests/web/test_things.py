"""A thing through its life: loaded, judged, shown on pages, excepted, not seen after an undone load, and gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.inventory.commands import resolve
from homeroom.apps.posture.commands import AssessReport, accept, assess
from homeroom.apps.posture.models import Finding, Member
from homeroom.evidence.store import Store
from homeroom.library.controls import controls
from tests.cast import Cast
from tests.scene import load

TODAY, AT = date(2026, 1, 15), datetime(2026, 1, 15, 11, tzinfo=UTC)
CONTROL = "backup-copy-elsewhere"
As = Callable[[str], Client]


class Morning:
    """A district whose list of backups a test writes, and the minutes that pass."""

    def __init__(self, cast: Cast, root: Path) -> None:
        self.district, self.store, self.runs = cast.district, Store(root / "evidence", district=cast.district.slug), 0

    def loads(self, **offsite: bool | None) -> None:
        self.runs += 1
        rows = [
            {"system": name, "job": "", "tool": "Disk", "critical": True, "offsite": said, "last_success": AT}
            for name, said in offsite.items()
        ]
        at = AT + timedelta(minutes=self.runs)
        load(self.store, "csv", "csv.backups", "backup_records", rows, at=at)

    def judged(self, **asked: Any) -> AssessReport:
        at = AT + timedelta(minutes=self.runs, seconds=30)
        resolve(district=self.district, store=self.store, today=TODAY, at=at)
        only = [control for control in controls() if control.id == CONTROL]
        return assess(district=self.district, store=self.store, today=TODAY, at=at, controls=only, **asked)

    def members(self) -> list[tuple[str, bool]]:
        rows = Member.objects.of(self.district).order_by("pk")
        return [(row.why or "open", row.not_seen_since is not None) for row in rows]

    def finding(self) -> Finding:
        return Finding.objects.of(self.district).get()


@pytest.fixture
def morning(cast: Cast, settings: Any, tmp_path: Path) -> Morning:
    settings.DATA = tmp_path
    return Morning(cast, tmp_path)


def test_every_state_of_a_thing_is_told_with_its_records(morning: Morning) -> None:
    morning.loads(gradebook=False, library=True, payroll=None)
    line = morning.judged(subjects=True).as_json()["controls"][0]
    assert (line["passing"], line["failing"], line["cannot_tell"]) == (1, 1, 1)
    assert [one["records"] for one in line["subjects"]] == [[{"source": "csv", "key": "gradebook"}]]
    assert line["subjects"][0]["id"].startswith("s-")


def test_a_thing_is_fixed_by_a_newer_list_and_returns_under_its_own_id(morning: Morning) -> None:
    ids = set()
    for said in (False, True, False):
        morning.loads(gradebook=said)
        morning.judged()
        ids |= set(Member.objects.of(morning.district).values_list("subject", flat=True))
    assert morning.members() == [("fixed", False), ("open", False)]
    assert len(ids) == 1


def test_a_system_that_a_newer_whole_list_lacks_is_gone_and_one_of_an_undone_list_is_only_not_seen(
    morning: Morning,
) -> None:
    morning.loads(gradebook=False, library=True)
    morning.judged()
    morning.loads(library=True)
    morning.judged()
    assert morning.members() == [("gone", False)]
    morning.loads(gradebook=False, library=True)
    morning.judged()
    with morning.store.writing():
        for one in list(morning.store.loads())[::-1]:
            morning.store.undo(one.id)
    morning.judged()
    assert morning.members() == [("gone", False), ("open", True)]


def test_an_accepted_thing_is_excepted(morning: Morning) -> None:
    morning.loads(gradebook=False)
    morning.judged()
    subject = Member.objects.of(morning.district).get().subject
    accept(
        district=morning.district, at=AT, today=TODAY, actor="director", control=CONTROL, reason="The vendor's own.",
        owner="director", expires_on=TODAY + timedelta(days=30), subject=subject,
    )  # fmt: skip
    assert morning.judged().controls[0].counts.excepted == 1
    assert morning.members() == [("accepted", False)]


def test_pages_and_files_name_the_thing_and_lead_to_it(morning: Morning, as_: As) -> None:
    morning.loads(gradebook=False, library=True)
    public = morning.judged(subjects=True).as_json()["controls"][0]["subjects"][0]["id"]
    finding, reader = morning.finding().public, as_("technician")
    for address in (
        f"/findings/{finding}",
        f"/findings/{finding}?columns=all",
        f"/posture/{CONTROL}/pass",
        f"/posture/{CONTROL}",
    ):
        answer = reader.get(address)
        assert answer.status_code == 200, address
    body = reader.get(f"/findings/{finding}").content.decode()
    assert f"/things/{public}" in body
    assert "gradebook" in body
    told = reader.get(f"/findings/{finding}/rows.csv").getvalue().decode()
    assert public in told
    assert "gradebook" in told
    page = reader.get(f"/things/{public}").content.decode()
    assert "<h1>gradebook</h1>" in page
    assert finding in page


def test_a_stranger_sees_no_thing_of_another_district(morning: Morning, as_: As) -> None:
    morning.loads(gradebook=False)
    public = morning.judged(subjects=True).as_json()["controls"][0]["subjects"][0]["id"]
    assert as_("stranger").get(f"/things/{public}").status_code == 404
    assert as_("technician").get("/things/s-0000000000000").status_code == 404
    assert as_("technician").get("/things/nonsense").status_code == 404
