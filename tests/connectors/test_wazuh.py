"""Wazuh's alerts and vulnerability lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.wazuh import readers
from homeroom.connectors.wazuh.agents import read_agents
from homeroom.ingest.contract.errors import FileRefused
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows
from tests.connectors.recordings import read_recording, select_columns

WAZUH_LIST = Path(__file__).parents[3] / "shared" / "data" / "scanners" / "wazuh" / "v4-8_many_findings.json"
AGENT = {"id": "007", "name": "LAB-7", "ip": "198.51.100.7"}
AT = datetime(2026, 11, 2, 13, 5, 6, tzinfo=UTC)


def _build_alert(number: int, **overrides: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-02T08:05:06.000-0500",
        "rule": {"level": "5", "description": "Logon failure", "id": "60122", "groups": ["windows", "authentication"]},
        "agent": AGENT,
        "manager": {"name": "wazuh"},
        "id": f"1793624706.{number}",
        "full_log": "net use Z: /user:ofield hunter2-not-kept",
        "data": {"win": {"eventdata": {"commandLine": "net use Z: /user:ofield hunter2-not-kept"}}},
        "location": "EventChannel",
        **overrides,
    }


def _build_vulnerability(status: str, package: str = "openssl") -> dict[str, Any]:
    return {
        "vulnerability": {
            "cve": "CVE-2099-3001",
            "title": "CVE-2099-3001 affects it",
            "severity": "High",
            "status": status,
            "package": {"name": package, "version": "3.0.1"},
            "cvss": {"cvss3": {"base_score": "7.5"}, "cvss2": {"base_score": "5.0"}},
        }
    }


def test_alerts_and_the_agent_that_saw_them() -> None:
    rule = {"level": "10", "description": "Brute force", "id": "5712", "mitre": {"id": ["T1110", "T1021.004"]}}
    read = readers.read_alerts([_build_alert(1), _build_alert(2, rule=rule)], 1)
    common = {
        "at": AT,
        "agent_key": "007",
        "agent_name": "LAB-7",
        "address": "198.51.100.7",
    }
    assert list_rows(read, "alert_records") == [
        {
            **common,
            "key": "1793624706.1",
            "rule": "60122",
            "level": 5,
            "title": "Logon failure",
            "groups": ["authentication", "windows"],
        },
        {
            **common,
            "key": "1793624706.2",
            "rule": "5712",
            "level": 10,
            "title": "Brute force",
            "techniques": ["T1021.004", "T1110"],
        },
    ]
    assert list_rows(read, "device_records") == [{"key": "007", "name": "LAB-7", "addresses": ["198.51.100.7"]}]


def test_no_log_and_no_command_line_is_kept() -> None:
    read = readers.read_alerts([_build_alert(1)], 1)
    assert not contains_text(read, "hunter2")
    assert dict(read.dropped) == {"full_log": 1}


def test_a_finding_in_an_alert_until_a_later_one_calls_it_solved() -> None:
    read = readers.read_alerts(
        [
            _build_alert(1, data=_build_vulnerability("Active")),
            _build_alert(2, data=_build_vulnerability("Active", "libssl")),
        ],
        1,
    )
    assert list_rows(read, "vulnerability_records")[0] == {
        "device_key": "007",
        "check_id": "CVE-2099-3001 openssl",
        "title": "CVE-2099-3001 affects it",
        "severity": "high",
        "cves": ["CVE-2099-3001"],
        "cvss_tenths": 75,
        "product": "openssl",
        "version": "3.0.1",
        "port": 0,
        "reported_at": AT,
        "solved": False,
    }
    assert [row["product"] for row in list_rows(read, "vulnerability_records")] == ["openssl", "libssl"]
    solved = readers.read_alerts(
        [_build_alert(1, data=_build_vulnerability("Active")), _build_alert(2, data=_build_vulnerability("Solved"))], 1
    )
    assert [row["solved"] for row in list_rows(solved, "vulnerability_records")] == [True]
    again = readers.read_alerts(
        [_build_alert(1, data=_build_vulnerability("Solved")), _build_alert(2, data=_build_vulnerability("Active"))], 1
    )
    assert [row["solved"] for row in list_rows(again, "vulnerability_records")] == [False]
    assert len(list_rows(solved, "alert_records")) == 2


def test_alerts_that_cannot_be_read_whole_are_said() -> None:
    without = _build_alert(1)
    del without["id"]
    odd = _build_alert(
        2, timestamp="yesterday", rule={"id": "1", "level": "loud"}, data={"vulnerability": {"cve": "none"}}
    )
    read = readers.read_alerts([without, odd], 11)
    assert list_rejects(read) == [
        (11, "id", True),
        (12, "timestamp", False),
        (12, "rule.level", False),
        (12, "cve", True),
    ]


def test_the_server_itself_is_an_agent_without_an_address_of_its_own() -> None:
    read = readers.read_alerts([_build_alert(1, agent={"id": "000", "name": "wazuh", "ip": "127.0.0.1"})], 1)
    assert list_rows(read, "device_records") == [{"key": "000", "name": "wazuh"}]


def test_a_list_of_4_7() -> None:
    item = {
        "cve": "CVE-2099-3001",
        "name": "openssl",
        "version": "3.0.1",
        "severity": "Untriaged",
        "agent_name": "LAB-7",
        "agent_ip": "198.51.100.7",
        "cvss3_score": "0",
        "detection_time": "2026-11-02T13:05:06Z",
        "title": "CVE-2099-3001 affects it",
    }
    document = {"data": {"affected_items": [item], "total_affected_items": "1"}, "error": "0"}
    read = readers.read_agent_lists([document], 1)
    assert list_rows(read, "vulnerability_records") == [
        {
            "device_key": "LAB-7",
            "check_id": "CVE-2099-3001 openssl",
            "title": "CVE-2099-3001 affects it",
            "cves": ["CVE-2099-3001"],
            "product": "openssl",
            "version": "3.0.1",
            "port": 0,
            "reported_at": AT,
        }
    ]
    assert list_rows(read, "device_records") == [{"key": "LAB-7", "name": "LAB-7", "addresses": ["198.51.100.7"]}]
    assert list_rejects(read) == []


def test_findings_of_an_agent_that_the_answer_does_not_name_are_kept_for_no_device() -> None:
    items = [{"cve": "CVE-2099-3002", "name": "curl"}, {"cve": "CVE-2099-3003", "name": "curl"}]
    read = readers.read_agent_lists([{"data": {"affected_items": items, "total_affected_items": 2}}], 1)
    assert [row["device_key"] for row in list_rows(read, "vulnerability_records")] == ["agent:unnamed", "agent:unnamed"]
    assert list_rows(read, "device_records") == []
    assert list_rejects(read) == [(1, "agent_name", False)]


def test_an_event_of_version_5_is_refused() -> None:
    event = {"wazuh": {"agent": {"id": "007"}}, "event": {"kind": "event"}}
    for reader in (readers.read_alerts, readers.refuse_version_5):
        with pytest.raises(FileRefused, match="Wazuh 5"):
            reader([event], 1)


def test_a_search_over_alerts_does_not_stand_for_a_list_without_findings() -> None:
    answer = {"_shards": {"total": 1}, "hits": {"total": {"value": 1}, "hits": [{"_source": _build_alert(1)}]}}
    with pytest.raises(FileRefused, match="another index") as refusal:
        readers.read_index([answer], 1)
    assert (refusal.value.problems[0].line, refusal.value.problems[0].field) == (1, "_source.vulnerability")


def test_a_real_list_of_4_8_has_the_findings_that_another_project_counts() -> None:
    if not WAZUH_LIST.exists():
        pytest.skip("the list that others made is not here")
    document = json.loads(WAZUH_LIST.read_text(encoding="utf-8"), parse_int=str, parse_float=str)
    expected = json.loads((WAZUH_LIST.parents[1] / "expected_findings.json").read_text(encoding="utf-8"))
    read = readers.read_index([document], 1)
    vulnerabilities = list_rows(read, "vulnerability_records")
    assert len(vulnerabilities) == expected["wazuh/v4-8_many_findings.json"]["findings"]
    assert all(row["severity"] == "critical" and row["cvss_tenths"] >= 90 for row in vulnerabilities)
    assert read.incomplete == "the answer holds 10 of 125 rows"
    assert read.incomplete in read.rejects["reason"][0], "an answer that is not the whole says so"


def test_agents_of_the_api_are_devices_and_no_list_of_vulnerabilities() -> None:
    kind, read = read_recording("wazuh/agents.json")
    assert (kind, set(read.tables)) == ("wazuh.agents", {"device_records"})
    assert select_columns(read, "device_records", "key", "name", "addresses", "platform", "os_version", "managed") == [
        ("004", "srv-1", ["192.0.2.91"], "linux", "22.04.4 LTS", None),
        ("000", "wazuh-manager", None, "windows", "10.0.22631", None),
        ("009", "lab-9", None, None, None, None),
    ]
    assert select_columns(read, "device_records", "last_seen") == [
        (datetime(2026, 3, 1, 10, 32, 57, tzinfo=UTC),),
        (None,),
        (None,),
    ]


def test_agents_of_a_csv_are_the_same_devices() -> None:
    kind, read = read_recording("wazuh/agents.csv")
    assert kind == "wazuh.agents.csv"
    assert select_columns(read, "device_records", "key", "name", "platform") == [("004", "srv-1", "linux")]


def test_an_answer_that_lists_fewer_agents_than_there_are_is_not_the_whole_list() -> None:
    agent = {"id": "004", "name": "srv-1", "ip": "192.0.2.91"}
    answer = {"data": {"affected_items": [agent], "total_affected_items": "2"}}
    assert read_agents([answer], 1).incomplete == "the answer holds 1 of 2 rows"
    older = {"data": {"items": [agent], "totalItems": "1"}}
    assert (read_agents([older], 1).incomplete, read_agents([agent], 1).incomplete) == ("", "")
    with pytest.raises(FileRefused, match="lists no agents"):
        read_agents([{"data": {"items": [{"name": "vim"}], "totalItems": "1"}}], 1)
