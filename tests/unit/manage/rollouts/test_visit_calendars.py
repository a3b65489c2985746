"""Each person's visits go into a calendar file, which a replan changes event by event."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from icalendar import Calendar

from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.apps.manage.rollouts.visits.visit_calendars import write_visit_calendars
from homeroom.domain.manage.rollouts.plan import PlannedVisit
from tests.unit.manage.rollouts.spec_files import SPEC, write_spec

NOW = datetime(2025, 10, 1, tzinfo=UTC)


def plan_visit(room: str, day: int, starts: int, *people: str) -> PlannedVisit:
    return PlannedVisit(
        room=room, day=date(2025, 10, day), starts=starts, ends=starts + 25, people=people, class_minutes=0
    )


def read_events(path: Path) -> dict[str, Any]:
    calendar = Calendar.from_ical(path.read_bytes())
    return {
        str(event["SUMMARY"]): (event["DTSTART"].dt, int(event["SEQUENCE"]), str(event["STATUS"]), str(event["UID"]))
        for event in calendar.walk("VEVENT")
    }


def test_a_person_gets_the_own_visits_in_the_right_time(tmp_path: Path):
    spec = load_spec(write_spec(tmp_path))
    visits = [plan_visit("101", 13, 900, "kim"), plan_visit("102", 13, 930, "kim", "lee")]
    paths = write_visit_calendars(tmp_path / "out", visits, spec, now=NOW)
    assert [path.name for path in paths] == ["kim.ics", "lee.ics"]
    kim, lee = map(read_events, paths)
    assert kim["Swap every cart: 101"][:3] == (datetime(2025, 10, 13, 22, tzinfo=UTC), 0, "CONFIRMED")
    assert set(lee) == {"Swap every cart: 102 (kim, lee)"}


def test_a_replan_moves_events_by_their_uid_and_cancels_those_that_are_gone(tmp_path: Path):
    spec = load_spec(write_spec(tmp_path))
    folder = tmp_path / "out"
    write_visit_calendars(folder, [plan_visit("101", 13, 900, "kim"), plan_visit("201", 13, 960, "kim")], spec, now=NOW)
    before = read_events(folder / "kim.ics")
    replanned = [plan_visit("101", 14, 900, "kim"), plan_visit("201", 13, 960, "lee")]
    write_visit_calendars(folder, replanned, spec, now=NOW)
    kim, lee = read_events(folder / "kim.ics"), read_events(folder / "lee.ics")
    moved, gone = kim["Swap every cart: 101"], kim["Swap every cart: 201"]
    assert moved == (datetime(2025, 10, 14, 22, tzinfo=UTC), 1, "CONFIRMED", before["Swap every cart: 101"][3])
    assert gone[1:] == (1, "CANCELLED", before["Swap every cart: 201"][3])
    assert lee["Swap every cart: 201"][1:3] == (0, "CONFIRMED")
    write_visit_calendars(folder, replanned, spec, now=NOW)
    assert read_events(folder / "kim.ics") == kim, "what did not change keeps its number"


def test_visits_of_a_person_who_left_the_team_are_cancelled_and_other_files_stay(tmp_path: Path):
    folder = tmp_path / "out"
    spec = load_spec(write_spec(tmp_path))
    write_visit_calendars(folder, [plan_visit("101", 13, 900, "lee")], spec, now=NOW)
    (folder / "holidays.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    remaining = [person for person in SPEC["team"] if person["id"] != "lee"]
    spec = load_spec(write_spec(tmp_path, team=remaining))
    write_visit_calendars(folder, [plan_visit("101", 13, 900, "kim")], spec, now=NOW)
    assert read_events(folder / "lee.ics")["Swap every cart: 101"][1:3] == (1, "CANCELLED")
    assert (folder / "holidays.ics").read_text() == "BEGIN:VCALENDAR\nEND:VCALENDAR\n"


def test_names_of_people_never_leave_the_folder(tmp_path: Path):
    team = [dict(SPEC["team"][0], id=name) for name in ("../kim", "Kim/..", "Ümit", "..")]
    spec = load_spec(write_spec(tmp_path, team=team))
    paths = write_visit_calendars(tmp_path / "out", [], spec, now=NOW)
    assert len({path.name.casefold() for path in paths}) == 4
    assert all(path.parent == tmp_path / "out" and path.exists() for path in paths)
