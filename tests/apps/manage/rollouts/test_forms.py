"""Lists of rooms and the forms of the rules: what fits becomes the spec's keys, what does not costs only itself."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.apps.manage.rollouts.rooms.room_lists import ListedRoom, decode_room_list, parse_room_list
from homeroom.apps.manage.rollouts.rule_forms import PRESET_RULES, format_rules, format_team, parse_rules, parse_team
from homeroom.ingest.contract.errors import FileRefused
from tests.apps.manage.rollouts.rollout_cases import RULES, SCHOOLS, TEAM, TODAY


def parse(text: str, schools=SCHOOLS):
    return parse_room_list(text, name="rooms.csv", schools=schools)


def test_rooms_have_the_keys_of_the_spec_and_each_value_its_form():
    text = (
        "School;Room;Minutes;devices;hands;free;after;not on\n"
        "cedar MIDDLE;101;25;30;2;Period 4|Prep;2026-02-01;2026-03-02|2026-03-09..2026-03-13\n"
    )
    listed = parse(text)
    assert listed.rooms == (
        ListedRoom(
            school="Cedar Middle", room="101", minutes=25, devices=30, hands=2, free=("Period 4", "Prep"),
            after=date(2026, 2, 1), not_on=("2026-03-02", "2026-03-09..2026-03-13"),
        ),
    )  # fmt: skip
    assert not listed.rejects


def test_a_bad_line_costs_itself_and_names_line_field_reason_and_what_fits():
    text = (
        "school,room,minutes,after,color\nCedar Middle,101,25,,\nOak,102,25,,\nMaple High,,x,soon,\n"
        "Cedar Middle,101,30,,\n\nMaple High,9,15,,\n"
    )
    listed = parse(text)
    assert [room.id for room in listed.rooms] == ["Cedar Middle: 101", "Maple High: 9"]
    places = [(problem.line, problem.field) for problem in listed.rejects]
    assert places == [(1, "color"), (3, "school"), (4, "room"), (4, "minutes"), (4, "after"), (5, "room")]
    assert "Cedar Middle, Maple High" in str(listed.rejects[1])
    assert all(problem.reason and problem.fits for problem in listed.rejects)


@pytest.mark.parametrize("text", ["", "room,minutes\n1,2\n", "just words\n"])
def test_a_list_without_its_columns_is_refused_with_what_fits(text: str):
    with pytest.raises(FileRefused) as refused:
        parse(text)
    assert "school,room,minutes" in str(refused.value)


def test_a_file_that_is_no_text_is_refused():
    assert decode_room_list("school".encode("utf-8-sig"), name="rooms.csv") == "school"
    for content in (b"\xff\xfe\x00", b"school\xff\x81", b"sch\xe9ool\0"):
        with pytest.raises(FileRefused):
            decode_room_list(content, name="rooms.csv")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_as_spreadsheets_save_it(codec: str):
    assert decode_room_list("school,room\nCedar,Peña Hall\n".encode(codec), name="rooms.csv").endswith("Peña Hall\n")


def test_days_of_a_list_are_read_as_spreadsheets_write_them():
    text = (
        "school\troom\tminutes\tafter\tnot_on\n"
        "Cedar Middle\t101\t25\t12/1/2026\t3/2/2026; 3/9/2026-3/13/26; 2026-04-01..2026-04-03\n"
        "Cedar Middle\t102\t25\t13/1/2026\t\nCedar Middle\t103\t25\t\t3/13/2026 to 3/9/2026\n"
    )
    listed = parse(text)
    [room] = listed.rooms
    assert room.after == date(2026, 12, 1)
    assert room.not_on == ("2026-03-02", "2026-03-09..2026-03-13", "2026-04-01..2026-04-03")
    assert [(problem.line, problem.field, problem.value) for problem in listed.rejects] == [
        (3, "after", "13/1/2026"),
        (4, "not_on", "3/13/2026 to 3/9/2026"),
    ]


def test_where_no_school_is_known_each_name_fits():
    assert parse("school,room,minutes\nOak,1,5\n", schools={}).rooms[0].school == "Oak"


def test_the_forms_give_the_keys_of_the_spec_and_read_back_the_same():
    rules, team = parse_rules(RULES, today=TODAY, schools=SCHOOLS), parse_team(TEAM)
    assert not {**rules.errors, **team.errors}
    assert rules.values["each_school"] == {
        "opens": "07:00", "closes": "17:00", "at_once": 2, "no_visits": {"types": ["*final*"]},
    }  # fmt: skip
    assert team.values["team"][1] == {"id": "Lee", "works": {"tue": ["08:00", "17:00"]}, "minutes_a_week": 360}
    assert team.values["stock"] == [{"on": "2026-01-19", "devices": 100}]
    values = {**rules.values, **team.values}
    assert parse_rules(format_rules(values), today=TODAY, schools=SCHOOLS).values == rules.values
    assert parse_team(format_team(values)).values == team.values


def test_lines_of_schools_are_their_own_rules_and_the_drive_between_two():
    form = {
        **RULES,
        "school_lines": "cedar  middle, 06:30-18:00, 2 at once\nMaple High, 1 at once",
        "travel_lines": "Cedar Middle, maple high, 12 min",
    }
    parsed = parse_rules(form, today=TODAY, schools=SCHOOLS)
    assert not parsed.errors
    assert parsed.values["own_schools"] == {
        "Cedar Middle": {"opens": "06:30", "closes": "18:00", "at_once": 2}, "Maple High": {"at_once": 1},
    }  # fmt: skip
    assert parsed.values["travel"] == {"default": 20, "Cedar Middle": {"Maple High": 12}}
    again = parse_rules(format_rules(parsed.values), today=TODAY, schools=SCHOOLS)
    assert again.values == parsed.values


def test_a_school_with_a_comma_in_its_name_is_found():
    schools = {"st. mary’s, main": "St. Mary’s, Main", "oak": "Oak"}
    parsed = parse_rules({**RULES, "travel_lines": "St. Mary’s, Main, Oak, 7"}, today=TODAY, schools=schools)
    assert parsed.values["travel"] == {"default": 20, "St. Mary’s, Main": {"Oak": 7}}


@pytest.mark.parametrize(
    ("field", "lines", "fits"),
    [
        ("school_lines", "Oak, 06:30-18:00", "Cedar Middle, Maple High"),
        ("school_lines", "Cedar Middle", "Oak Elementary, 06:30-18:00, 2 at once"),
        ("school_lines", "Cedar Middle, 18:00-06:30", "06:30-18:00"),
        ("school_lines", "Cedar Middle, 06:30-25:00", "time of 24 hours"),
        ("school_lines", "Cedar Middle, three", "2 at once"),
        ("school_lines", "Cedar Middle, 1 at once\n\nCEDAR MIDDLE, 2 at once", "one line a school"),
        ("travel_lines", "Cedar Middle, Oak, 12", "Cedar Middle, Maple High"),
        ("travel_lines", "Cedar Middle, 12", "Cedar Middle, Maple High"),
        ("travel_lines", "Cedar Middle, Cedar Middle, 12", "Oak Elementary, Maple High, 12"),
        ("travel_lines", "Cedar Middle, Maple High, far", "whole number"),
        ("travel_lines", "Cedar Middle, Maple High, 9\nMaple High, Cedar Middle, 12", "one line for two schools"),
    ],
)  # fmt: skip
def test_a_line_of_schools_that_does_not_fit_is_named_with_what_fits(field: str, lines: str, fits: str):
    error = parse_rules({**RULES, field: lines}, today=TODAY, schools=SCHOOLS).errors[field]
    number = len(lines.splitlines())
    assert error.startswith(f"Line {number}, {lines.splitlines()[-1]}: ")
    assert fits in error


def test_presets_leave_class_alone_and_visit_nobody_during_tests():
    preset = {**PRESET_RULES, "from": "2026-02-02", "until": "2026-03-02"}
    values = parse_rules(preset, today=TODAY, schools=SCHOOLS).values
    assert values["class_time"] == "never"
    assert {"*final*", "*sbac*"} <= set(values["each_school"]["no_visits"]["types"])
    assert (values["quiet_days"], values["edge_weeks"]) == (True, True)
    without = parse_rules({**preset, "edge_weeks": ""}, today=TODAY, schools=SCHOOLS).values
    assert "edge_weeks" not in without


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("from", "soon"), ("until", "2026-01-18"), ("until", "2025-12-01"), ("opens", "7"), ("closes", "06:00"),
        ("at_once", "-1"), ("walk", "-1"), ("travel", "x"), ("no_visit_days", "2026-13-01"), ("class_time", "maybe"),
        ("visits_a_week", "many"),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_fit_is_named(field: str, text: str):
    errors = parse_rules({**RULES, field: text}, today=TODAY, schools=SCHOOLS).errors
    assert field in errors


@pytest.mark.parametrize(
    "line",
    ["Kim", "Kim, mon-fri", "Kim, fri-mon, 07:00-15:00", "Kim, someday, 07:00-15:00", "Kim, mon, 15:00-07:00",
     "Kim, mon, 07:00-15:00, away soon", "Kim, mon, 7", ", mon, 07:00-15:00", ""],
)  # fmt: skip
def test_a_line_of_the_team_that_does_not_fit_is_named(line: str):
    assert "team" in parse_team({"team": line}).errors


@pytest.mark.parametrize(("text", "minutes"), [("20 h", 1200), ("37.5 hours", 2250), ("20 h 25 min", 1225)])
def test_hours_a_week_are_read_back_to_the_minute(text: str, minutes: int):
    values = parse_team({"team": f"Kim, mon-fri, 7:30-15:30, {text}"}).values
    assert values["team"][0]["minutes_a_week"] == minutes
    assert parse_team(format_team(values)).values == values


def test_days_of_rules_are_read_as_spreadsheets_write_them():
    rules = {**RULES, "no_visit_days": "1/20/2026, 2/16/2026-2/20/2026"}
    values = parse_rules(rules, today=TODAY, schools=SCHOOLS).values
    assert values["each_school"]["no_visits"]["days"] == ["2026-01-20", "2026-02-16..2026-02-20"]
    team = parse_team({**TEAM, "team": "Kim, mon-fri, 07:30-15:30, away 1/22/2026", "stock": "1/19/2026, 100"}).values
    assert team["team"][0]["away"] == ["2026-01-22"]
    assert team["stock"] == [{"on": "2026-01-19", "devices": 100}]


def test_what_does_not_fit_is_named_once_and_as_it_was_typed():
    team = parse_team({"team": "Kim, mon-fri, 15:30-07:30"}).errors["team"]
    assert team == "Line 1, Kim, mon-fri, 15:30-07:30: 15:30-07:30 ends before it begins. Use: 07:30-15:30"
    rules = parse_rules({**RULES, "no_visit_days": "2026-01-20, 24/12/2026"}, today=TODAY, schools=SCHOOLS).errors
    assert rules["no_visit_days"].startswith("24/12/2026 is no day; ")
    assert parse_rules({**RULES, "walk": "5000"}, today=TODAY, schools=SCHOOLS).errors["walk"] == (
        "5000 is no number that fits; a whole number from 0 to 1,440 would fit."
    )


def test_a_person_is_there_once_and_deliveries_have_a_day_and_a_number():
    assert "team" in parse_team({"team": "Kim, mon, 07:00-15:00\nkim, tue, 07:00-15:00"}).errors
    assert "stock" in parse_team({**TEAM, "stock": "2026-01-19"}).errors
