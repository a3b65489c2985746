"""Test that rows of unknown content let nothing count as gone, and that rows lost each time do not matter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from tests.apps.know.loading.oneroster_days import ORGS, USERS

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
ROWS = 60


@pytest.fixture
def district() -> District:
    return District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


class LoadDay:
    """Load one day's roster, some rows of it without an id or left out."""

    def __init__(self, *, folder: Path, district: District, store: EvidenceStore) -> None:
        self._folder, self._district, self._store, self._day = folder, district, store, 0

    def __call__(self, *, without_id: Iterable[int] = (), left_out: Iterable[int] = ()) -> Load:
        lines = [
            f"{'' if number in without_id else f'u{number}'},,true,s1,student,p{number},Ann,Oak,p{number}@maple.example,,5"
            for number in range(ROWS)
            if number not in left_out
        ]
        return self.load_text("\n".join([USERS, *lines]) + "\n")

    def load_text(self, users: str) -> Load:
        self._day += 1
        folder = self._folder / f"day{self._day}"
        folder.mkdir()
        (folder / "users.csv").write_text(users, encoding="utf-8")
        (folder / "orgs.csv").write_text(ORGS, encoding="utf-8")
        at = AT + timedelta(days=self._day)
        report = load_files([folder], district=self._district, store=self._store, at=at, actor="technician")
        assert report.problems == ()
        (result,) = report.loaded
        assert result.load is not None
        assert result.outcome == "new"
        return result.load

    def count_people(self) -> int:
        with open_session(self._store.pin_snapshot()) as session:
            ((count,),) = session.execute("SELECT count(*) FROM person_records").fetchall()
        return int(count)


@pytest.fixture
def load_day(tmp_path: Path, district: District, store: EvidenceStore) -> LoadDay:
    return LoadDay(folder=tmp_path, district=district, store=store)


def test_nobody_is_gone_while_more_rows_are_lost_than_in_the_last_full_load(load_day: LoadDay) -> None:
    assert load_day().mode == "full"
    second = load_day(without_id={3, 4}, left_out={20})
    assert (second.mode, second.rows_rejected, load_day.count_people()) == ("partial", 2, ROWS)
    assert second.files[-1].notes[-1] == "2 rows could not be read, so nothing counts as gone"
    third = load_day(without_id={3}, left_out={20})
    assert (third.mode, load_day.count_people()) == ("partial", ROWS)
    fourth = load_day(left_out={20})
    assert (fourth.mode, load_day.count_people()) == ("full", ROWS - 1)


def test_rows_that_are_lost_each_time_do_not_keep_anybody(load_day: LoadDay) -> None:
    assert load_day(without_id={1, 2}).mode == "full"
    second = load_day(without_id={1, 2}, left_out={20})
    assert (second.mode, load_day.count_people()) == ("full", ROWS - 3)
    third = load_day(without_id={1, 2, 5})
    assert (third.mode, load_day.count_people()) == ("partial", ROWS - 2)
    assert load_day(without_id={1, 2}, left_out={30}).mode == "full"
    assert load_day.count_people() == ROWS - 3


def test_a_repeated_row_is_no_row_of_unknown_content(load_day: LoadDay, tmp_path: Path) -> None:
    load_day()
    users = tmp_path / "day1" / "users.csv"
    lines = users.read_text(encoding="utf-8").splitlines()
    again = load_day.load_text("\n".join([*lines[:-1], lines[5].replace("Ann", "Bea")]) + "\n")
    assert (again.mode, again.rows_rejected, load_day.count_people()) == ("full", 1, ROWS - 1)
