from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.protect.detections.events import LogSource
from tests.unit.ingest.events.log_folder import build_windows_document, format_lines, read_text

SYSMON = LogSource(product="windows", service="sysmon")
BEAT = {
    "@timestamp": "2026-03-02T08:15:00.123Z",
    "event": {"code": "1", "provider": "Microsoft-Windows-Sysmon"},
    "host": {"name": "lab-12.maple.example"},
    "log": {"level": "information"},
    "message": "Process Create",
    "winlog": {
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "computer_name": "lab-12.maple.example",
        "event_id": "1",
        "provider_name": "Microsoft-Windows-Sysmon",
        "record_id": 77,
        "event_data": {"Image": "C:\\Windows\\System32\\cmd.exe", "User": "MAPLE\\front-desk"},
    },
}
FLAT = {
    "TimeCreated": "2026-03-02 08:15:00.123",
    "SourceName": "Microsoft-Windows-Sysmon",
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "Hostname": "lab-12.maple.example",
    "EventID": "1",
    "RecordNumber": 77,
    "Level": "4",
    "Image": "C:\\Windows\\System32\\cmd.exe",
    "User": "MAPLE\\front-desk",
}
WAZUH = {
    "timestamp": "2026-03-02T08:15:01.000+0000",
    "agent": {"name": "lab-12"},
    "data": {
        "win": {
            "system": {
                "providerName": "Microsoft-Windows-Sysmon",
                "eventID": "1",
                "level": "4",
                "systemTime": "2026-03-02T08:15:00.1234567Z",
                "eventRecordID": "77",
                "channel": "Microsoft-Windows-Sysmon/Operational",
                "computer": "lab-12.maple.example",
            },
            "eventdata": {"image": "C:\\\\Windows\\\\System32\\\\cmd.exe", "user": "MAPLE\\\\front-desk"},
        }
    },
}
DOTTED = {"@timestamp": BEAT["@timestamp"]} | {
    f"winlog.{name}": value
    for name, value in {
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "computer_name": "lab-12.maple.example",
        "event_id": 1,
        "provider_name": "Microsoft-Windows-Sysmon",
        "record_id": "77",
        "event_data.Image": "C:\\Windows\\System32\\cmd.exe",
        "event_data.User": "MAPLE\\front-desk",
    }.items()
}
FORMS = {
    "evtx_dump": build_windows_document(77),
    "winlogbeat": BEAT,
    "winlogbeat with dots": DOTTED,
    "winlogbeat of a search": {"_index": "logs", "_source": BEAT},
    "flat": FLAT,
    "wazuh": WAZUH,
}


@pytest.mark.parametrize("record", FORMS.values(), ids=FORMS.keys())
def test_each_form_has_the_fields_that_rules_name(record: dict[str, Any], tmp_path: Path) -> None:
    (event,), rejects = read_text(tmp_path, format_lines(record))
    assert rejects == []
    assert event.source == SYSMON
    assert (event.file, event.record, event.host) == ("log.jsonl", 1, "lab-12.maple.example")
    assert event.user == "MAPLE\\front-desk"
    assert event.time is not None
    assert event.time.replace(microsecond=0) == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert event.raw == record
    assert {name: event.fields[name] for name in ("Channel", "EventID", "Provider_Name", "EventRecordID", "Image")} == {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "EventID": 1,
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "EventRecordID": 77,
        "Image": "C:\\Windows\\System32\\cmd.exe",
    }
    assert event.fields["Computer"] == "lab-12.maple.example"
    assert event.fields["TimeCreated"]


def _print_documents(separator: str, heading: str = "") -> str:
    documents = [json.dumps(build_windows_document(number), indent=2) for number in (5, 6, 7)]
    return separator.join(heading.format(number=index) + text for index, text in enumerate(documents, 1))


LAYOUTS = {
    "lines": format_lines(*map(build_windows_document, (5, 6, 7))),
    "lines without the last line feed": format_lines(*map(build_windows_document, (5, 6, 7))).rstrip("\n"),
    "lines after the numbers of evtx_dump": "".join(
        f"Record {number}\n{json.dumps(build_windows_document(number))}\n" for number in (5, 6, 7)
    ),
    "pretty": _print_documents("\n"),
    "pretty without space": _print_documents(""),
    "pretty with numbers": _print_documents("\n", "Record {number}\n"),
    "a list": json.dumps([*map(build_windows_document, (5, 6, 7))]),
    "a pretty list": json.dumps([*map(build_windows_document, (5, 6, 7))], indent=1),
    "a list by line": "[" + _print_documents(",\n").replace("\n", "") + "]\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_layout_has_the_same_records(text: str, encoding: str, tmp_path: Path) -> None:
    events, rejects = read_text(tmp_path, text.encode(encoding), name="log.json")
    assert rejects == []
    assert [(event.record, event.fields["EventRecordID"]) for event in events] == [(1, 5), (2, 6), (3, 7)]


def test_values_without_a_name_and_of_user_data_are_fields(tmp_path: Path) -> None:
    document = build_windows_document(1)
    document["Event"]["System"]["EventID"] = {"#attributes": {"Qualifiers": 16384}, "#text": 7045}
    document["Event"]["EventData"] = {"Data": {"#text": ["one", "two"]}, "Threat Name": "Test"}
    document["Event"]["UserData"] = {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "ops"}}
    (event,), rejects = read_text(tmp_path, format_lines(document))
    assert rejects == []
    assert (event.fields["EventID"], event.fields["Data"]) == (7045, ["one", "two"])
    assert (event.fields["Threat Name"], event.fields["ThreatName"]) == ("Test", "Test")
    assert (event.fields["SubjectUserName"], event.user) == ("ops", "ops")
    assert "xmlns" not in event.fields


def test_attributes_in_names_of_their_own_are_read(tmp_path: Path) -> None:
    record = {
        "Event": {
            "System": {
                "Provider_attributes": {"Name": "Service Control Manager"},
                "EventID": 7045,
                "EventID_attributes": {"Qualifiers": 16384},
                "TimeCreated_attributes": {"SystemTime": "2026-03-02T08:15:00Z"},
                "Channel": "System",
            },
            "EventData": {"ServiceName": "remote"},
        }
    }
    (event,), _ = read_text(tmp_path, format_lines(record))
    assert event.source == LogSource(product="windows", service="system")
    assert event.fields["Provider_Name"] == "Service Control Manager"
    assert event.time == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def test_values_of_the_event_never_replace_its_channel(tmp_path: Path) -> None:
    (event,), _ = read_text(tmp_path, format_lines(build_windows_document(1, Channel="other", Version="2")))
    assert (event.fields["Channel"], event.fields["Version"]) == ("Microsoft-Windows-Sysmon/Operational", "2")


def test_a_path_that_wazuh_did_not_escape_stays(tmp_path: Path) -> None:
    win = {"system": {"eventID": "1", "channel": "Security"}, "eventdata": {"commandLine": "\\\\server\\share"}}
    (event,), _ = read_text(tmp_path, format_lines({"data": {"win": win}}))
    assert (event.fields["CommandLine"], event.fields["commandLine"]) == ("\\\\server\\share", "\\\\server\\share")


def test_who_signs_in_is_the_user_of_a_logon(tmp_path: Path) -> None:
    values = {"SubjectUserName": "LAB-12$", "TargetUserName": "front-desk", "Channel": "Security"}
    events, _ = read_text(tmp_path, format_lines({"EventID": 4624, **values}, {"EventID": 4688, **values}))
    assert [event.user for event in events] == ["front-desk", "LAB-12$"]


def test_a_windows_event_without_a_number_is_rejected(tmp_path: Path) -> None:
    events, rejects = read_text(tmp_path, format_lines({"Channel": "Security", "EventID": "soon"}, FLAT))
    assert [event.record for event in events] == [2]
    assert [(reject.record, reject.reason) for reject in rejects] == [
        (1, "a Windows event without a number as EventID")
    ]
