"""A resource through its life: loaded, assessed, shown, excepted, not seen after an undone load, and gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.posture.commands import AssessmentReport, assess
from homeroom.apps.protect.posture.models import Finding, Member
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.protect.controls import load_controls
from tests.assessed_district import publish_load
from tests.cast import Cast

TODAY, AT = date(2026, 1, 15), datetime(2026, 1, 15, 11, tzinfo=UTC)
CONTROL = "backup-copy-elsewhere"
ClientFactory = Callable[[str], Client]


class BackupDistrict:
    """A district with a list of backups that a test writes, and a clock that advances with each load."""

    def __init__(self, cast: Cast, root: Path) -> None:
        self.district, self.store, self.runs = (
            cast.district,
            EvidenceStore(root / "evidence", district=cast.district.slug),
            0,
        )

    def load_backups(self, **offsite: bool | None) -> None:
        self.runs += 1
        rows = [
            {"system": name, "job": "", "tool": "Disk", "critical": True, "offsite": has_copy, "last_success": AT}
            for name, has_copy in offsite.items()
        ]
        at = AT + timedelta(minutes=self.runs)
        publish_load(self.store, "csv", "csv.backups", "backup_records", rows, at=at)

    def run_assessment(self, **options: Any) -> AssessmentReport:
        at = AT + timedelta(minutes=self.runs, seconds=30)
        resolve(district=self.district, store=self.store, today=TODAY, at=at)
        selected = [control for control in load_controls() if control.id == CONTROL]
        return assess(district=self.district, store=self.store, today=TODAY, at=at, controls=selected, **options)

    def list_members(self) -> list[tuple[str, bool]]:
        rows = Member.objects.of(self.district).order_by("pk")
        return [(row.why or "open", row.not_seen_since is not None) for row in rows]

    def get_finding(self) -> Finding:
        return Finding.objects.of(self.district).get()


@pytest.fixture
def morning(cast: Cast, settings: Any, tmp_path: Path) -> BackupDistrict:
    settings.DATA = tmp_path
    return BackupDistrict(cast, tmp_path)


def test_every_state_of_a_resource_is_told_with_its_records(morning: BackupDistrict) -> None:
    morning.load_backups(gradebook=False, library=True, payroll=None)
    line = morning.run_assessment(subjects=True).serialize()["controls"][0]
    assert (line["passing"], line["failing"], line["cannot_tell"]) == (1, 1, 1)
    assert [subject["records"] for subject in line["subjects"]] == [[{"source": "csv", "key": "gradebook"}]]
    assert line["subjects"][0]["id"].startswith("s-")


def test_a_resource_is_fixed_by_a_newer_list_and_returns_under_its_own_id(morning: BackupDistrict) -> None:
    ids = set()
    for has_copy in (False, True, False):
        morning.load_backups(gradebook=has_copy)
        morning.run_assessment()
        ids |= set(Member.objects.of(morning.district).values_list("subject", flat=True))
    assert morning.list_members() == [("fixed", False), ("open", False)]
    assert len(ids) == 1


def test_a_system_that_a_newer_whole_list_lacks_is_gone_and_one_of_an_undone_list_is_only_not_seen(
    morning: BackupDistrict,
) -> None:
    morning.load_backups(gradebook=False, library=True)
    morning.run_assessment()
    morning.load_backups(library=True)
    morning.run_assessment()
    assert morning.list_members() == [("gone", False)]
    morning.load_backups(gradebook=False, library=True)
    morning.run_assessment()
    with morning.store.lock_for_writing():
        for stored_load in list(morning.store.list_loads())[::-1]:
            morning.store.undo(stored_load.id)
    morning.run_assessment()
    assert morning.list_members() == [("gone", False), ("open", True)]


def test_an_accepted_resource_is_excepted(morning: BackupDistrict) -> None:
    morning.load_backups(gradebook=False)
    morning.run_assessment()
    subject = Member.objects.of(morning.district).get().subject
    create_exception(
        district=morning.district, at=AT, today=TODAY, actor="director", reason="The vendor's own.",
        owner="director", expires_on=TODAY + timedelta(days=30), scope=FindingScope(control=CONTROL, subject=subject),
    )  # fmt: skip
    assert morning.run_assessment().controls[0].counts.excepted == 1
    assert morning.list_members() == [("accepted", False)]


def test_pages_and_files_name_the_resource_and_lead_to_it(morning: BackupDistrict, as_: ClientFactory) -> None:
    morning.load_backups(gradebook=False, library=True)
    public = morning.run_assessment(subjects=True).serialize()["controls"][0]["subjects"][0]["id"]
    finding, reader = morning.get_finding().public, as_("technician")
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
    csv_text = reader.get(f"/findings/{finding}/rows.csv").getvalue().decode()
    assert public in csv_text
    assert "gradebook" in csv_text
    page = reader.get(f"/things/{public}").content.decode()
    assert "<h1>gradebook</h1>" in page
    assert finding in page


def test_a_stranger_sees_no_resource_of_another_district(morning: BackupDistrict, as_: ClientFactory) -> None:
    morning.load_backups(gradebook=False)
    public = morning.run_assessment(subjects=True).serialize()["controls"][0]["subjects"][0]["id"]
    assert as_("stranger").get(f"/things/{public}").status_code == 404
    assert as_("technician").get("/things/s-0000000000000").status_code == 404
    assert as_("technician").get("/things/nonsense").status_code == 404
