"""From exports of drills to whose click it was: each format is known by what it holds, and bad rows cost themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from homeroom.cli.main import build_app

BROWSER = {"address": "198.51.100.7", "user-agent": "Edg/131"}
CAMPAIGN: dict[str, Any] = {
    "id": 7,
    "name": "Parcel",
    "results": [
        {"email": "ana@maple.example", "status": "Submitted Data", "send_date": "2026-10-06T13:00:00.123456789Z"},
        {"email": "Bo@maple.example", "status": "Email Sent", "send_date": "0001-01-01T00:00:00Z"},
        {"email": "cy@maple.example", "status": "Error", "send_date": "2026-10-06T13:00:00Z"},
    ],
    "timeline": [
        {"email": "", "time": "2026-10-06T12:59:00Z", "message": "Campaign Created", "details": ""},
        {"email": "ana@maple.example", "time": "2026-10-06T13:00:00.123456789Z", "message": "Email Sent"},
        {"email": "bo@maple.example", "time": "2026-10-06T08:00:01-05:00", "message": "Email Sent", "details": ""},
        {"email": "cy@maple.example", "time": "2026-10-06T13:00:01Z", "message": "Error Sending Email", "details": ""},
        {
            "email": "ana@maple.example",
            "time": "2026-10-06T13:30:00Z",
            "message": "Clicked Link",
            "details": json.dumps(
                {"payload": {"rid": ["x"]}, "browser": {"address": "198.51.100.7", "user-agent": "Edg/131"}}
            ),
        },
        {
            "email": "ana@maple.example",
            "time": "2026-10-06T13:31:00Z",
            "message": "Submitted Data",
            "details": json.dumps(
                {"payload": {"rid": ["x"], "password": ["Secret-1"]}, "browser": {"address": "198.51.100.7"}}
            ),
        },
        {"email": "bo@maple.example", "time": "2026-10-06T13:20:00Z", "message": "Email Reported", "details": ""},
    ],
}
LOG = [
    {"drill": "Parcel", "person": "ana@maple.example", "event": "delivered", "at": "2026-10-06T13:00:00Z"},
    {
        "drill": "Parcel",
        "person": "ana@maple.example",
        "event": "clicked",
        "at": "2026-10-06T14:00:00Z",
        "ip": "2001:db8::7",
    },
]


def _judge(*arguments: object) -> tuple[int, dict[str, Any], str]:
    result = CliRunner().invoke(build_app(), ["awareness", "judge", *map(str, arguments), "--json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout else {}, result.stderr


def _write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def _write_log(folder: Path, lines: list[Any]) -> Path:
    return _write(
        folder, "log.jsonl", "".join(f"{json.dumps(line) if isinstance(line, dict) else line}\n" for line in lines)
    )


def test_a_campaign_of_gophish_is_judged_and_what_was_typed_is_dropped(tmp_path: Path):
    path, events = _write(tmp_path, "c.json", CAMPAIGN), tmp_path / "events.jsonl"
    code, document, _ = _judge(path, "--events", events)
    assert code == 0
    (drill,) = document["drills"]
    assert (drill["file"], drill["drill"], drill["people"], drill["delivered"]) == ("c.json", "Parcel", 3, 2)
    assert {name: drill["missed"][name] for name in ("raw", "own", "cannot_tell", "rate")} == {
        "raw": 1, "own": 1, "cannot_tell": 0, "rate": 0.5,
    }  # fmt: skip
    assert drill["reported"]["people"] == 1
    assert drill["reported"]["first_minutes"] == pytest.approx(20, abs=0.1)
    assert document["dropped"] == {"typed": 1}
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"file": "c.json", "row": 5, "event": "clicked", "whose": "own", "rules": []},
        {"file": "c.json", "row": 6, "event": "posted", "whose": "own", "rules": []},
    ]
    assert "Secret-1" not in json.dumps(document)


def test_bad_rows_of_a_campaign_are_rejected_and_the_rest_is_judged(tmp_path: Path):
    campaign = json.loads(json.dumps(CAMPAIGN))
    campaign["results"] += [{"email": "ana@maple.example"}, {"email": ""}]
    campaign["timeline"] += [
        {"email": "dee@maple.example", "time": "2026-10-06T13:20:00Z", "message": "Clicked Link", "details": ""},
        {"email": "bo@maple.example", "time": "noon", "message": "Clicked Link", "details": ""},
        {"email": "bo@maple.example", "time": "2026-10-06T13:20:00Z", "message": "Clicked Link", "details": "{broken"},
        {"email": "bo@maple.example", "time": "2026-10-06T13:20:00Z", "message": "Danced", "details": ""},
        {"email": "bo@maple.example", "time": "2026-10-06T13:20:00Z", "message": "Clicked Link",
         "details": '{"browser": {"address": "999.1.1.1"}}'},
        "no event",
    ]  # fmt: skip
    code, document, _ = _judge(_write(tmp_path, "c.json", campaign))
    assert code == 1
    assert [(problem["row"], problem["field"]) for problem in document["problems"]] == [
        (4, "results.email"), (5, "results.email"), (8, "email"), (9, "time"), (10, "details"), (11, "message"),
        (12, "details.browser.address"), (13, "timeline"),
    ]  # fmt: skip
    assert document["drills"][0]["missed"]["raw"] == 1


def test_events_of_gophish_as_csv_are_the_same_events(tmp_path: Path):
    rows = ["campaign_id,email,time,message,details"]
    for entry in CAMPAIGN["timeline"]:
        details = entry.get("details", "").replace('"', '""')
        rows.append(f'7,{entry["email"]},{entry["time"]},{entry["message"]},"{details}"')
    _, document, _ = _judge(_write(tmp_path, "e.csv", "\n".join(rows)))
    (drill,) = document["drills"]
    assert (drill["drill"], drill["delivered"], drill["missed"]["own"], document["dropped"]["typed"]) == ("7", 2, 1, 1)


def test_recipients_of_knowbe4_have_first_times_alone(tmp_path: Path):
    machine = {"ip": "192.0.2.9", "browser": "Chrome", "browser_version": "131", "os": "Windows"}
    common = {"pst_id": 5, "delivered_at": "2026-10-06T13:00:00Z"}
    recipients = [
        {**common, "recipient_id": n, "user": {"email": f"p{n}@maple.example"}, "clicked_at": "2026-10-06T13:00:09Z"}
        | machine
        for n in range(6)
    ]
    recipients[0]["data_entered_at"] = "2026-10-06T16:00:00Z"
    own = {"clicked_at": "2026-10-06T15:30:00Z", "ip": "198.51.100.20", "browser": "Edge"}
    recipients.append({**common, "recipient_id": 9, "user.email": "q@maple.example", **own})
    recipients.append({"recipient_id": 10, "pst_id": 5, "user": {"email": "p1@maple.example"}, "delivered_at": None})
    code, document, _ = _judge(_write(tmp_path, "r.json", recipients))
    (drill,) = document["drills"]
    assert (drill["drill"], drill["missed"]["raw"], drill["missed"]["own"], drill["missed"]["cannot_tell"]) == (
        "5",
        7,
        2,
        5,
    )
    assert (code, document["problems"][0]["field"]) == (1, "user.email")


def test_users_of_a_microsoft_simulation_are_read(tmp_path: Path):
    users = {"value": [
        {"simulationUser": {"email": "ana@maple.example"}, "reportedPhishDateTime": "2026-10-06T13:30:00Z",
         "simulationEvents": [
            {"eventName": "SuccessfullyDeliveredEmail", "eventDateTime": "2026-10-06T13:00:00Z"},
            {"eventName": "EmailLinkClicked", "eventDateTime": "2026-10-06T13:20:00Z", "ipAddress": "198.51.100.7",
             "browser": "Edge 131", "osPlatformDeviceDetails": "Windows 11"},
            {"eventName": "TrainingAssignmentEmailDelivered", "eventDateTime": "2026-10-07T13:20:00Z"},
        ]},
        {"simulationUser": {"email": "bo@maple.example"}, "simulationEvents": [
            {"eventName": "FailedToDeliverEmail", "eventDateTime": "2026-10-06T13:00:00Z"}]},
    ]}  # fmt: skip
    code, document, _ = _judge(_write(tmp_path, "fall.json", users))
    (drill,) = document["drills"]
    assert (code, drill["drill"], drill["people"], drill["delivered"]) == (0, "fall", 2, 1)
    assert (drill["missed"]["own"], drill["reported"]["first_minutes"]) == (1, 30)


def test_a_log_with_broken_lines_loses_those_alone(tmp_path: Path):
    broken = ["", "{cut", "[1]", {**LOG[0], "person": ""}, {**LOG[1], "event": "danced"}, {**LOG[1], "at": "soon"},
              {**LOG[1], "ip": "1.2.3"}, {**LOG[1], "link": "side"}, {**LOG[1], "script": "yes"}, {**LOG[1], "ip": 7},
              {**LOG[1], "person": "stranger@maple.example"}]  # fmt: skip
    code, document, _ = _judge(_write_log(tmp_path, [LOG[0], *broken, LOG[1]]))
    assert code == 1
    assert sorted((problem["row"], problem["field"] or "") for problem in document["problems"]) == [
        (3, ""), (4, ""), (5, "person"), (6, "event"), (7, "at"), (8, "ip"), (9, "link"), (10, "script"), (11, "ip"),
        (12, "person"),
    ]  # fmt: skip
    assert document["drills"][0]["missed"]["own"] == 1


def test_rows_of_a_log_are_its_lines(tmp_path: Path):
    events = tmp_path / "events.jsonl"
    _judge(_write_log(tmp_path, [LOG[0], "", LOG[1]]), "--events", events)
    assert [json.loads(line)["row"] for line in events.read_text(encoding="utf-8").splitlines()] == [3]


def test_a_folder_is_read_whole_and_what_is_no_drill_is_named(tmp_path: Path):
    folder = tmp_path / "drills"
    folder.mkdir()
    _write(folder, "a.json", CAMPAIGN)
    _write_log(folder, LOG)
    _write(folder, "notes.txt", "nothing")
    code, document, _ = _judge(folder)
    assert [drill["file"] for drill in document["drills"]] == ["a.json", "log.jsonl"]
    assert (code, [problem["file"] for problem in document["problems"]]) == (1, ["notes.txt"])


@pytest.mark.parametrize("content", ["", "nothing", "{}", "[]", '{"results": 1}'])
def test_a_file_that_holds_no_drill_is_refused_with_what_would_fit(tmp_path: Path, content: str):
    code, document, errors = _judge(_write(tmp_path, "x.json", content))
    assert (code, document["exit_code"]) == (2, 2)
    assert "x.json" in errors
    assert "gophish" in errors


def test_schools_stand_by_name_in_steps_of_a_twentieth(tmp_path: Path):
    people = [f"p{number}@maple.example" for number in range(40)]
    lines: list[Any] = [{**LOG[0], "person": person} for person in people]
    lines += [{**LOG[1], "person": person, "ip": f"198.51.{n}.7"} for n, person in enumerate(people[:6])]
    schools = ["email,school", *(f"{person},{'Elm' if n < 12 else 'Oak'}" for n, person in enumerate(people[:36]))]
    _, document, _ = _judge(_write_log(tmp_path, lines), "--people", _write(tmp_path, "p.csv", "\n".join(schools)))
    rows = document["drills"][0]["schools"]
    assert [(row["school"], row["delivered"]) for row in rows] == [("Oak", 24), ("Small schools", 16)]
    for row in rows:
        for bound in (*row["missed"].values(), *row["reported"].values()):
            assert round(bound * 20, 6) == int(round(bound * 20, 6))
    assert rows[1]["missed"]["low"] <= 6 / 16 <= rows[1]["missed"]["high"]
