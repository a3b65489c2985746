"""A server whose clock was a year ahead, and was set back, does at once what is due, and its trail stays sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from homeroom.apps.comply.erasing.last_ages import LastAgeClock
from homeroom.apps.know.connections.nightly_retention import RetentionClock
from homeroom.apps.know.sources.nightly_verification import VerificationClock, read_verification, verify_and_record
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.daily_signing import SigningClock
from homeroom.apps.platform.audit.verification import verify_trail
from homeroom.apps.platform.backups.schedule import BackupClock, choose_due
from homeroom.apps.platform.backups.status import BackupStatus
from homeroom.apps.platform.districts.sweep import ExpiryClock
from homeroom.apps.teach.trials.nightly_ends import TrialClock
from homeroom.domain.scheduling.past_times import is_within
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db(databases="__all__")
NIGHT = datetime(2026, 1, 16, 8, 30, tzinfo=UTC)
AHEAD = NIGHT + timedelta(days=365)


@pytest.fixture
def cast(settings: Any, tmp_path: Path) -> Cast:
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return create_cast()


def test_a_time_that_is_yet_to_come_is_no_time_that_was() -> None:
    hour = timedelta(hours=1)
    assert is_within(hour, NIGHT, at=NIGHT)
    assert is_within(hour, NIGHT - hour + timedelta(seconds=1), at=NIGHT)
    assert not is_within(hour, NIGHT - hour, at=NIGHT)
    assert not is_within(hour, NIGHT + timedelta(seconds=1), at=NIGHT)
    assert not is_within(hour, None, at=NIGHT)


@pytest.mark.fault(area="audit", fault="the clock is set back by a year")
def test_a_trail_is_signed_again_and_stays_sound_if_the_clock_is_set_back(cast: Cast) -> None:
    clock, (district, *_) = SigningClock(), (cast.district,)
    for at in (AHEAD, NIGHT):
        record_audit_entry(district=district, at=at, actor="director", action="change", subject="x")
        assert clock.apply(at=at) == 1
        assert verify_trail(district=district).problems == ()
    assert clock.apply(at=NIGHT + timedelta(hours=2)) == 0, "once is enough"


@pytest.mark.fault(area="backup", fault="the clock is set back by a year")
def test_a_backup_is_due_at_once_if_the_clock_is_set_back(settings: Any, tmp_path: Path, cast: Cast) -> None:
    settings.BACKUP_FOLDER = tmp_path / "backups"
    ahead = BackupStatus(made_at=AHEAD, written_at=AHEAD, verified_at=AHEAD, failed_at=AHEAD)
    assert choose_due(ahead, at=AHEAD + timedelta(hours=2), is_night=False) == ""
    assert choose_due(ahead, at=NIGHT, is_night=False) == "backup"

    def start_failing(_arguments: Sequence[str]) -> Any:
        return SimpleNamespace(poll=lambda: 1)

    clock = BackupClock(start=start_failing)
    assert [clock.apply(at=at) for at in (AHEAD, AHEAD, NIGHT)] == ["backup", "", "backup"]


@pytest.mark.fault(area="nightly work", fault="the clock is set back by a year")
@pytest.mark.parametrize("build", [RetentionClock, TrialClock, LastAgeClock], ids=lambda kind: kind.__name__)
def test_nightly_work_is_done_again_if_the_clock_is_set_back(build: Callable[[], Any], cast: Cast) -> None:
    clock = build()
    for at in (AHEAD, NIGHT):
        clock.apply(at=at)
        assert clock._applied_at[cast.district.slug] == at
    clock.apply(at=NIGHT + timedelta(minutes=20))
    assert clock._applied_at[cast.district.slug] == NIGHT, "once a night is enough"


@pytest.mark.fault(area="expiry", fault="the clock is set back by a year")
def test_expired_rows_go_if_the_clock_is_set_back(cast: Cast) -> None:
    clock, deletions = ExpiryClock(), []
    clock._delete_more = (lambda at: deletions.append(at) or 0,)  # type: ignore[assignment,func-returns-value]
    for at in (AHEAD, NIGHT, NIGHT + timedelta(minutes=20)):
        clock.apply(at=at)
    assert deletions == [AHEAD, NIGHT]


@pytest.mark.fault(area="verification", fault="the clock is set back by a year")
def test_a_district_is_verified_at_once_if_the_clock_is_set_back(cast: Cast) -> None:
    verify_and_record(district=cast.district, at=AHEAD, reads_evidence=False)
    clock = VerificationClock(start=lambda _arguments: SimpleNamespace(poll=lambda: 0))  # type: ignore[arg-type]
    assert clock.apply(at=NIGHT) != ""
    assert read_verification(district=cast.district) is not None
