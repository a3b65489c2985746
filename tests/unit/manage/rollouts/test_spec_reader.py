"""A rollout's spec is read strictly: what does not fit is named with its path of keys, its value and what would fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.ingest.contract.errors import FileRefused
from tests.unit.manage.rollouts.spec_files import SPEC, write_spec

BUSY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Maple//EN
BEGIN:VEVENT
UID:1
DTSTART;TZID=America/Los_Angeles:20251013T090000
DTEND;TZID=America/Los_Angeles:20251013T100000
RRULE:{rule}
SUMMARY:Staff meeting
END:VEVENT
END:VCALENDAR
"""


def change_part(name: str, number: int, **changes: Any) -> dict[str, Any]:
    """Return the spec's list of a name with one entry changed."""
    entries = deepcopy(SPEC[name])
    entries[number] |= changes
    return {name: entries}


def list_problems(path: Path) -> list[tuple[str | None, str | None]]:
    with pytest.raises(FileRefused) as refused:
        load_spec(path)
    for problem in refused.value.problems:
        assert problem.fits or problem.line, f"{problem} does not say what would fit"
    return [(problem.field, problem.value) for problem in refused.value.problems]


def test_a_spec_is_read_with_its_bells_and_defaults(tmp_path: Path):
    spec = load_spec(write_spec(tmp_path, grid=None, walk=None, class_time=None))
    assert (spec.grid, spec.walk, spec.class_costs, spec.stock) == (5, 0, False, None)
    assert [ring.id for ring in spec.rings] == [""]
    assert spec.schools[1].closed == {date(2025, 10, 14), date(2025, 10, 15)}
    assert spec.schools[0].bells.get_type_name(date(2025, 10, 20)) == "holiday"
    assert spec.schools[0].bells.get_type_name(date(2025, 10, 15)) == "short"
    assert spec.team[1].list_hours(date(2025, 10, 16)) == ()
    assert spec.team[1].list_hours(date(2025, 10, 23)) == ((480, 720),)
    assert spec.travel.get_minutes("s02", "s01") == 10


def test_schools_are_visited_on_days_with_class_that_nothing_forbids(tmp_path: Path):
    spec = load_spec(write_spec(tmp_path, **change_part("schools", 1, open=["2025-10-18", "2025-10-14"])))
    days = {day.day for day in spec.list_days() if spec.schools[0].is_visited(day)}
    assert days == {13, 14, 15, 23, 24, 27, 28, 29, 30, 31}, "no finals, no unknown type, no holiday, no weekend"
    closed = {day.day for day in spec.list_days() if spec.schools[1].is_visited(day)}
    assert closed == {13, 17, 18, 23, 24, 27, 28, 29, 30, 31}


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"colour": "red"}, "colour", "colour"),
        ({"zone": "America/Maple"}, "zone", "America/Maple"),
        ({"zone": None}, "zone", None),
        ({"until": "2025-10-12"}, "until", "2025-10-12"),
        ({"from": "13.10.2025"}, "from", "13.10.2025"),
        ({"from": "9999-12-01", "until": "9999-12-31"}, "until", "9999-12-31"),
        ({"grid": 0}, "grid", "0"),
        ({"class_time": "sometimes"}, "class_time", "sometimes"),
        ({"rooms": []}, "rooms", "[]"),
        ({"travel": {"s01": {"s03": 4}}}, "travel.s01.s03", "s03"),
        ({"travel": {"s01": {"s02": 4}, "s02": {"s01": 5}}}, "travel.s02.s01", "5"),
        ({"limits": {"visits": 3}}, "limits.visits", "visits"),
        ({"stock": [{"on": "2025-10-13"}]}, "stock[0].devices", None),
        (change_part("schools", 0, opens=450), "schools[0] (s01).opens", "450"),
        (change_part("schools", 0, opens="25:00"), "schools[0] (s01).opens", "25:00"),
        (change_part("schools", 0, closes="06:00"), "schools[0] (s01).closes", "06:00"),
        (change_part("schools", 0, closed=["2025-10-20..2025-10-13"]), "schools[0] (s01).closed", None),
        (change_part("schools", 1, id="s01"), "schools[1] (s01).id", "s01"),
        (change_part("schools", 0, no_visits={"day": []}), "schools[0] (s01).no_visits.day", "day"),
        (change_part("rooms", 1, id="101"), "rooms[1] (101).id", "101"),
        (change_part("rooms", 1, school="s09"), "rooms[1] (102).school", "s09"),
        (change_part("rooms", 1, ring="pilot"), "rooms[1] (102).ring", "pilot"),
        (change_part("rooms", 1, minutes=True), "rooms[1] (102).minutes", "True"),
        (change_part("team", 1, works={"monday": ["08:00", "12:00"]}), "team[1] (lee).works", None),
        (change_part("team", 1, works={"mon": [480, 720]}), "team[1] (lee).works", None),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, changes: dict[str, Any], field: str, value: str | None):
    problems = list_problems(write_spec(tmp_path, **changes))
    assert field in [name for name, _ in problems]
    if value is not None:
        assert (field, value) in problems


def test_what_only_keeps_visits_from_being_possible_is_no_error(tmp_path: Path):
    changes = change_part("schools", 0, closes="07:00", at_once=0)
    changes["rooms"] = [dict(SPEC["rooms"][0], minutes=2000, hands=60)]
    works = {"mon": ["08:00", "08:00"], "tue": ["08:00", "12:00"]}
    changes["team"] = [dict(SPEC["team"][0], works=works, away=["2025-10-13..2099-12-31"])]
    spec = load_spec(write_spec(tmp_path, **changes))
    assert (spec.rooms[0].minutes, spec.rooms[0].hands, spec.schools[0].at_once) == (2000, 60, 0)
    assert spec.team[0].works[0] == ()
    assert date(2099, 12, 31) in spec.team[0].away


def test_a_type_that_the_bells_do_not_have_is_unknown_whatever_its_name(tmp_path: Path):
    path = write_spec(tmp_path)
    schedules = tmp_path / "bells" / "schedules.bell"
    schedules.write_text(schedules.read_text().replace("* holiday", "* closed"))
    bells = load_spec(path).schools[0].bells
    assert "holiday" not in bells.types
    assert "closed" in bells.types


def test_a_calendar_is_read_behind_the_last_day_for_a_later_deadline(tmp_path: Path):
    events = "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20251110\nEND:VEVENT"
    calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Maple//EN\n{events}\nEND:VCALENDAR\n"
    (tmp_path / "kim.ics").write_text(calendar)
    spec = load_spec(write_spec(tmp_path, **change_part("team", 0, calendar="kim.ics")))
    assert spec.last < date(2025, 11, 10)
    assert spec.team[0].busy == {date(2025, 11, 10): ((0, 1440),)}


def test_every_problem_is_named_at_once(tmp_path: Path):
    changes = change_part("rooms", 0, minutes=0, colour="red") | {"walk": -1}
    assert {name for name, _ in list_problems(write_spec(tmp_path, **changes))} == {
        "walk",
        "rooms[0] (101).minutes",
        "rooms[0] (101).colour",
    }


def test_a_time_without_quotes_is_refused_and_one_in_quotes_is_read(tmp_path: Path):
    write_spec(tmp_path)
    path = tmp_path / "spec.yaml"
    text = """zone: America/Los_Angeles
from: 2025-10-13
until: 2025-10-31
schools: [{id: s01, bells: bells, opens: QUOTED07:00QUOTED, closes: CLOSES}]
rooms: [{id: 101, school: s01, minutes: 25}]
team: [{id: kim, works: {mon: ["07:30", "15:30"]}}]
"""
    path.write_text(text.replace("QUOTED", '"').replace("CLOSES", "17:00"))
    assert list_problems(path) == [("schools[0] (s01).closes", "1020")]
    path.write_text(text.replace("QUOTED", '"').replace("CLOSES", '"17:00"'))
    assert load_spec(path).rooms[0].id == "101"


def _write_yaml(folder: Path, *lines: str) -> Path:
    """Write lines of YAML before the rest of the spec."""
    path = write_spec(folder)
    spec = json.loads(path.read_text())
    rest = {name: value for name, value in spec.items() if f"{name}:" not in {line.split(" ")[0] for line in lines}}
    path.write_text("\n".join([*lines, *(f"{name}: {json.dumps(value)}" for name, value in rest.items())]))
    return path


def test_a_day_that_does_not_exist_is_named_by_its_key(tmp_path: Path):
    assert list_problems(_write_yaml(tmp_path, "from: 2025-02-30")) == [("from", "2025-02-30")]


def test_a_room_with_a_zero_before_its_number_keeps_its_name(tmp_path: Path):
    spec = load_spec(
        _write_yaml(tmp_path, "rooms: [{id: 0101, school: s01, minutes: 25}, {id: 65, school: s01, minutes: 5}]")
    )
    assert [room.id for room in spec.rooms] == ["0101", "65"]
    padded = _write_yaml(tmp_path, "rooms: [{id: 1, school: s01, minutes: 025}]")
    assert list_problems(padded) == [("rooms[0] (1).minutes", "025")]


def test_anchors_that_repeat_each_other_are_never_written_out(tmp_path: Path):
    lists = ["&a0 [x, x, x, x, x, x, x, x, x]"]
    lists += [f"&a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, 60)]
    [(field, value)] = list_problems(_write_yaml(tmp_path, f"between: [{', '.join(lists)}]"))
    assert (field, len(value or "")) == ("between", 58)
    digits = _write_yaml(tmp_path, f"walk: [0x{'f' * 5000}]")
    assert list_problems(digits) == [("walk", "a number of many digits")]


@pytest.mark.parametrize(
    "text",
    ["a: [", "a: 1\na: 2\n", "- 1\n", "", '{"a": 1, "a": 2}', "{" * 5000, '{"a": "\\ud800"}', '{"\\ud800": 1}'],
)
def test_a_file_without_structure_is_refused_whole(tmp_path: Path, text: str):
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    with pytest.raises(FileRefused):
        load_spec(path)


def _break_link(bells: Path) -> None:
    (bells / "schedules.bell").write_text("../lahs/schedules.bell")


def _break_order(bells: Path) -> None:
    (bells / "schedules.bell").write_text("* normal\n9:00 {Period 1}\n8:00 {Period 2}\n")


def _remove_calendar(bells: Path) -> None:
    (bells / "calendar.bell").unlink()


@pytest.mark.parametrize("damage", [_break_link, _break_order, _remove_calendar])
def test_a_bell_folder_that_cannot_be_read_is_named(tmp_path: Path, damage: Callable[[Path], None]):
    path = write_spec(tmp_path)
    damage(tmp_path / "bells")
    with pytest.raises(FileRefused) as refused:
        load_spec(path)
    (problem,) = refused.value.problems
    assert problem.file.startswith("bells/")
    assert problem.field == "schools[0] (s01).bells"


def test_a_calendar_that_repeats_within_a_day_is_refused_with_its_line(tmp_path: Path):
    (tmp_path / "kim.ics").write_text(BUSY.format(rule="FREQ=HOURLY;COUNT=3"))
    with pytest.raises(FileRefused) as refused:
        load_spec(write_spec(tmp_path, **change_part("team", 0, calendar="kim.ics")))
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.value) == ("kim.ics", 4, "FREQ=HOURLY;COUNT=3")


def test_a_person_is_busy_in_repeated_events(tmp_path: Path):
    (tmp_path / "kim.ics").write_text(BUSY.format(rule="FREQ=WEEKLY;UNTIL=20251101T000000Z"))
    spec = load_spec(write_spec(tmp_path, **change_part("team", 0, calendar="kim.ics")))
    assert spec.team[0].list_hours(date(2025, 10, 13)) == ((450, 540), (600, 930))
    assert spec.team[0].list_hours(date(2025, 10, 27)) == ((450, 540), (600, 930))
    assert spec.team[0].list_hours(date(2025, 10, 28)) == ((450, 930),)
