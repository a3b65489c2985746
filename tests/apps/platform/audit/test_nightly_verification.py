"""Each district is verified once a night; what is wrong is on Today, in the doctor and in the metrics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from homeroom.apps.know.sources.nightly_verification import (
    VERIFY,
    VerificationClock,
    read_verification,
    verify_and_record,
)
from homeroom.apps.platform.audit.appending import lock_head
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.daily_signing import SigningClock
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.audit.signing import sign_trail
from homeroom.apps.platform.audit.trail_files import append_head
from homeroom.apps.platform.audit.verification import VerifiedTrail
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.apps.platform.monitoring.measures import FolderSizes, measure_installation
from homeroom.cli.platform.doctor import check_audit_trail
from homeroom.domain.platform.audit.chain import ChainHead
from tests.apps.program import run_homeroom
from tests.cast import Cast, create_cast
from tests.data_folders import prepare_data_folder

pytestmark = pytest.mark.django_db(databases="__all__")
NOON = datetime(2026, 1, 15, 18, tzinfo=UTC)
NIGHT = datetime(2026, 1, 16, 8, 30, tzinfo=UTC)


@dataclass
class EndedRun:
    """A process that ended at once."""

    code: int = 0

    def poll(self) -> int:
        return self.code


def verify_at(at: datetime, clock: VerificationClock | None = None) -> int:
    """Let a clock verify what is due at a time, in this process; return the number of districts."""

    def verify_here(arguments: Sequence[str]) -> EndedRun:
        *verb, slug = arguments
        assert verb == ["verify", "--no-evidence", "--continue", "--json", "--district"]
        (district,) = [item for item in list_districts() if item.slug == slug]
        verify_and_record(district=district, at=at, reads_evidence=False, goes_on=True)
        return EndedRun()

    clock = clock or VerificationClock()
    clock._start = verify_here
    return len(list(takewhile(bool, (clock.apply(at=at) for _ in range(9)))))


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    created = create_cast()
    record_audit_entry(district=created.district, at=NOON, actor="technician", action="open person", subject="p-1")
    return created


def test_a_district_is_verified_once_a_night_and_soon_if_it_never_was(cast: Cast) -> None:
    clock = VerificationClock()
    assert verify_at(NOON, clock) == 2
    assert verify_at(NOON + timedelta(hours=1), clock) == 0
    assert verify_at(NIGHT, clock) == 0, "it is not so long ago"
    assert verify_at(NIGHT + timedelta(days=1), clock) == 2
    assert verify_at(NIGHT + timedelta(days=1, hours=1)) == 0, "a worker that began again"
    result = read_verification(district=cast.district)
    assert result is not None
    assert (result.problems, result.at) == (0, NIGHT + timedelta(days=1))


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_district_without_an_entry_is_no_problem_after_both_clocks(
    tmp_path: Path, settings: Any, *, is_locked: bool
) -> None:
    settings.DATA = tmp_path
    district = create_district(slug="maple", name="Maple Valley")
    with transaction.atomic():
        if is_locked:  # as an erasure does
            lock_head(district)
    assert SigningClock().apply(at=NOON) == 0
    assert verify_at(NOON) == 1
    result = read_verification(district=district)
    assert result is not None
    assert result.first == ()
    record_audit_entry(district=district, at=NOON, actor="technician", action="open person", subject="p-1")
    assert SigningClock().apply(at=NOON) == 1


def test_what_is_wrong_is_measured_until_a_verification_finds_nothing(cast: Cast, tmp_path: Path) -> None:
    Entry.objects.of(cast.district).update(actor="somebody else")
    verify_at(NOON)
    measures = {
        item.name: item.values
        for item in measure_installation(tmp_path, at=NOON + timedelta(hours=2), sizes=FolderSizes())
    }
    labels = (cast.district.slug,)
    assert measures["homeroom_verification_problems"][labels] == 1
    assert measures["homeroom_verification_age_seconds"][labels] == 7_200
    Entry.objects.of(cast.district).update(actor="technician")
    assert verify_and_record(district=cast.district, at=NOON).is_sound
    result = read_verification(district=cast.district)
    assert result is not None
    assert result.problems == 0


def test_a_district_that_is_gone_is_measured_and_named_by_the_doctor(cast: Cast, tmp_path: Path) -> None:
    append_head(tmp_path, ChainHead(chain="c", number=1, digest="0" * 64), district="riverbend")
    measures = measure_installation(tmp_path, at=NOON, sizes=FolderSizes())
    (problems,) = [item.values for item in measures if item.name == "homeroom_verification_problems"]
    assert problems == {("riverbend",): 1}
    context: Any = SimpleNamespace(district=cast.district, at=NOON)
    check = check_audit_trail(context, deep=False)
    assert not check.well
    assert "riverbend: the district is gone from the database" in check.found


def test_a_long_verification_holds_up_no_other_clock_and_one_that_died_is_named(cast: Cast) -> None:
    started: list[str] = []
    codes: list[int | None] = [None, -9]

    class LongRun:
        def poll(self) -> int | None:
            return codes[0]

    def start(arguments: Sequence[str]) -> LongRun:
        started.append(arguments[-1])
        return LongRun()

    clock = VerificationClock(start=start)
    assert clock.apply(at=NOON) != ""
    assert clock.apply(at=NOON) == "", "never two at a time"
    codes.pop(0)
    assert clock.apply(at=NOON + timedelta(minutes=4)) == cast.next_district.slug
    assert started == [cast.district.slug, cast.next_district.slug]
    result = read_verification(district=cast.district)
    assert result is not None
    assert result.first == ("it could not be read to its end",)


def test_the_process_that_the_clock_starts_records_its_result(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    assert run_homeroom(*VERIFY, "--district", "district", data=data).returncode == 0
    (path,) = (data / "run" / "verified").iterdir()
    assert json.loads(path.read_bytes())["problems"] == 0
    path.write_text(json.dumps({"at": "2026-01-15T12:00:00Z", "problems": 1, "first": ["loads/x was put there"]}))
    reason = "Restored the database of Monday night."
    assert run_homeroom("audit", "accept-evidence", "--why", reason, data=data).returncode == 0
    assert json.loads(path.read_bytes())["problems"] == 0, "nobody has to verify again"


def get_trails() -> Path:
    """Return the folder of the files of trails."""
    return Path(settings.DATA) / "audit"


def add_and_sign(cast: Cast, *, at: datetime, noted: Any) -> None:
    with noted():
        record_audit_entry(district=cast.district, at=at, actor="technician", action="open person", subject="p-2")
    assert sign_trail(district=cast.district, at=at) is not None


def verify_night(cast: Cast, *, nights: int) -> VerifiedTrail:
    at = NIGHT + timedelta(days=nights)
    return verify_and_record(district=cast.district, at=at, reads_evidence=False, goes_on=True).trail


def test_a_night_goes_on_from_the_last_verified_checkpoint_and_a_week_later_reads_all(cast: Cast, noted: Any) -> None:
    add_and_sign(cast, at=NIGHT, noted=noted)
    first = verify_night(cast, nights=0)
    assert (first.after, first.entries, first.through) == (0, 3, 3)
    add_and_sign(cast, at=NIGHT + timedelta(hours=12), noted=noted)
    second = verify_night(cast, nights=1)
    assert (second.after, second.entries, second.through) == (2, 3, 5), "a signature is of the entry before its own"
    third = verify_night(cast, nights=2)
    assert (third.after, third.entries) == (4, 1)
    assert [verify_night(cast, nights=nights).after for nights in (6, 7, 8)] == [4, 0, 4]


def test_what_was_altered_before_the_checkpoint_is_found_within_a_week_and_then_each_night(
    cast: Cast, noted: Any
) -> None:
    add_and_sign(cast, at=NIGHT, noted=noted)
    assert verify_night(cast, nights=0).problems == ()
    Entry.objects.of(cast.district).filter(number=1).update(actor="somebody else")
    assert verify_night(cast, nights=1).problems == ()
    assert [len(verify_night(cast, nights=nights).problems) for nights in (7, 8, 9)] == [1, 1, 1]
    Entry.objects.of(cast.district).filter(number=1).update(actor="technician")
    assert [verify_night(cast, nights=nights).after for nights in (10, 11)] == [0, 2]


@pytest.mark.parametrize("change", ["altered", "deleted", "cut off", "not chained", "unsigned"])
def test_what_is_wrong_after_the_checkpoint_is_found_in_the_next_night(cast: Cast, noted: Any, change: str) -> None:
    add_and_sign(cast, at=NIGHT, noted=noted)
    assert verify_night(cast, nights=0).problems == ()
    add_and_sign(cast, at=NIGHT + timedelta(hours=12), noted=noted)
    entries = Entry.objects.of(cast.district)
    if change == "altered":
        entries.filter(number=4).update(actor="somebody else")
    elif change == "deleted":
        entries.filter(number=4).delete()
    elif change == "cut off":
        entries.filter(number__gte=4).delete()
    elif change == "not chained":
        entries.filter(number=3).update(previous="0" * 64)
    else:
        (path,) = get_trails().glob("*/checkpoints.jsonl")
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert verify_night(cast, nights=1).problems != ()


def test_a_checkpoint_of_another_key_is_no_start(cast: Cast, noted: Any) -> None:
    add_and_sign(cast, at=NIGHT, noted=noted)
    assert verify_night(cast, nights=0).problems == ()
    (path,) = get_trails().glob("*/checkpoints.jsonl")
    line = json.loads(path.read_bytes())
    path.write_text(json.dumps(line | {"signature": line["signature"][::-1]}) + "\n", encoding="ascii")
    assert verify_night(cast, nights=1).after == 0
