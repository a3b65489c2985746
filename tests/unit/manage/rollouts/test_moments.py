"""Whether a room has class at a moment, at the edges of periods and both changes of the clock."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.apps.manage.rollouts.specs.moments import answer_moments
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.cli.main import build_app
from homeroom.ingest.contract.errors import FileRefused
from tests.amounts import choose_amount
from tests.unit.manage.rollouts.spec_files import SPEC, write_spec

HEADER = "room,at\n"


def answer(folder: Path, *lines: str) -> list[tuple[str, str | None, str | None]]:
    moments = folder / "moments.csv"
    moments.write_text(HEADER + "\n".join(lines))
    outcome = answer_moments(load_spec(write_spec(folder)), moments)
    assert not outcome.rejects
    return [(item.answer, item.period, item.type) for item in outcome.answers]


def test_a_period_holds_its_first_minute_and_not_its_last(tmp_path: Path):
    day = "2025-10-13T"
    assert answer(tmp_path, f"102,{day}07:59:59-07:00", f"102,{day}08:00-07:00", f"102,{day}15:49:59Z") == [
        ("no", None, "normal"),
        ("yes", "Period 1", "normal"),
        ("yes", "Period 1", "normal"),
    ]
    assert answer(tmp_path, f"102,{day}08:50-07:00", f"102,{day}09:45-07:00", f"102,{day}11:10-07:00") == [
        ("no", "Passing to Period 2", "normal"),
        ("no", "Lunch", "normal"),
        ("no", None, "normal"),
    ]


def test_free_periods_closed_days_and_unknown_types(tmp_path: Path):
    assert answer(
        tmp_path,
        "101,2025-10-13T09:00-07:00",
        "102,2025-10-13T09:00-07:00",
        "201,2025-10-14T09:00-07:00",
        "102,2025-10-16T09:00-07:00",
        "102,2025-10-20T09:00-07:00",
        "102,2025-10-18T09:00-07:00",
    ) == [
        ("no", "Period 2", "normal"),
        ("yes", "Period 2", "normal"),
        ("no", "Period 2", "normal"),
        ("cannot tell", None, "mystery"),
        ("no", None, "holiday"),
        ("no", None, "weekend"),
    ]


def test_moments_in_any_offset_are_the_same_across_both_changes_of_the_clock(tmp_path: Path):
    assert answer(
        tmp_path,
        "102,2025-10-31T15:00:00Z",  # 8:00, summer time
        "102,2025-11-03T15:30:00Z",  # 7:30, after the clock went back
        "102,2025-11-03T16:00:00Z",
        "102,2026-03-06T16:00:00Z",
        "102,2026-03-09T15:00:00Z",  # 8:00, after it went forward
        "102,2026-03-09T20:30:00+05:30",
        "102,2026-03-09T08:00:00",
    ) == [("yes", "Period 1", "normal"), ("no", None, "normal"), *[("yes", "Period 1", "normal")] * 5]


def test_random_moments_equal_a_table_of_minutes(tmp_path: Path):
    spec = load_spec(write_spec(tmp_path, until="2026-06-05", **{"from": "2025-09-02"}))
    chance = random.Random(16)
    rooms = {room.id: room for room in spec.rooms}
    schools = {school.id: school for school in spec.schools}
    lines, expected = [], []
    for _ in range(choose_amount(brief=400, thorough=4_000)):
        room = rooms[chance.choice(list(rooms))]
        day = date(2025, 9, 2) + timedelta(days=chance.randrange(270))
        local = datetime.combine(day, time(chance.randrange(24), chance.choice((0, 10, 20, 45, 50, 55, 59))))
        moment = local.replace(tzinfo=spec.zone).astimezone(chance.choice((UTC, spec.zone)))
        lines.append(f"{room.id},{moment.isoformat()}")
        local = moment.astimezone(spec.zone).replace(tzinfo=None)
        expected.append(_look_up(local, schools[room.school].closed, room.free))
    assert [kind for kind, *_ in answer(tmp_path, *lines)] == expected


def _look_up(local: datetime, closed: frozenset[date], free: frozenset[str]) -> str:
    """Answer from the bells as a person reads them."""
    if local.date() in closed:
        return "no"
    named = {date(2025, 11, 11): "holiday", date(2025, 10, 17): "finals", date(2025, 10, 16): "mystery"}
    named |= {date(2025, 10, day): "holiday" for day in (20, 21, 22)}
    usual = ("normal", "normal", "short", "normal", "normal", "weekend", "weekend")[local.weekday()]
    kind = named.get(local.date(), usual)
    if kind == "mystery":
        return "cannot tell"
    clock = local.strftime("%H:%M")
    periods = {
        "normal": [("08:00", "08:50", "1"), ("08:55", "09:45", "2"), ("10:20", "11:10", "3")],
        "short": [("08:00", "08:30", "1")],
        "finals": [("08:00", "10:00", "exam")],
    }.get(kind, [])
    own = any(begins <= clock < ends and f"period {name}" not in free for begins, ends, name in periods)
    return "yes" if own else "no"


def test_a_bad_line_costs_only_itself(tmp_path: Path):
    path = tmp_path / "moments.csv"
    path.write_text(
        f"{HEADER}102,2025-10-13T08:00\n\n999,2025-10-13T08:00\n102,yesterday\n102\n101,2025-10-13T08:00\n"
        "101,0001-01-01T00:00:00+14:00\n"
    )
    outcome = answer_moments(load_spec(write_spec(tmp_path)), path)
    assert [item.room for item in outcome.answers] == ["102", "101"]
    assert [(item.line, item.field, item.value) for item in outcome.rejects] == [
        (4, "room", "999"),
        (5, "at", "yesterday"),
        (6, "at", ""),
        (8, "at", "0001-01-01T00:00:00+14:00"),
    ]


@pytest.mark.parametrize("text", ["", "room\n101\n", "when,at\n"])
def test_a_file_without_its_columns_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "moments.csv"
    path.write_text(text)
    with pytest.raises(FileRefused, match="room,at"):
        answer_moments(load_spec(write_spec(tmp_path)), path)


def test_the_command_prints_answers_in_their_order_and_exits_by_what_it_read(tmp_path: Path):
    spec, path, runner = write_spec(tmp_path), tmp_path / "moments.csv", CliRunner()
    path.write_text(f"{HEADER}102,2025-10-13T08:00:00-07:00\n")
    done = runner.invoke(build_app(), ["rollout", "when", str(spec), str(path), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "moments": [
            {
                "room": "102",
                "at": "2025-10-13T08:00:00-07:00",
                "class": "yes",
                "period": "Period 1",
                "type": "normal",
            }
        ]
    }
    path.write_text(f"{HEADER}102,2025-10-13T08:00:00-07:00\n999,2025-10-13T08:00:00-07:00\n")
    rejected = runner.invoke(build_app(), ["rollout", "when", str(spec), str(path), "--json"])
    assert rejected.exit_code == 1
    assert json.loads(rejected.stdout)["rejects"][0]["line"] == 3
    write_spec(tmp_path, rooms=SPEC["rooms"] * 2)
    refused = runner.invoke(build_app(), ["rollout", "when", str(spec), str(path), "--json"])
    assert refused.exit_code == 2
    assert "rooms[4] (101).id" in refused.stderr
