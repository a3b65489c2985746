"""`homeroom detect` over loaded logs, and `homeroom alerts`: from a touched canary to a closed alert."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder

CANARIES = "homeroom: canaries\ndocuments: [1AbC_dEf]\n"
VIEW = {
    "kind": "admin#reports#activity",
    "id": {
        "time": "2026-09-14T13:05:00.000Z",
        "uniqueQualifier": "-42",
        "applicationName": "drive",
        "customerId": "C1",
    },
    "actor": {"email": "ana@maple.example", "profileId": "1001"},
    "ipAddress": "203.0.113.9",
    "events": [
        {
            "type": "access",
            "name": "view",
            "parameters": [
                {"name": "doc_id", "value": "1AbC_dEf"},
                {"name": "doc_title", "value": "Passwords 2024"},
                {"name": "owner", "value": "root@maple.example"},
            ],
        }
    ],
}


def _run(data: Path, *arguments: str) -> dict[str, Any]:
    done = run_homeroom(*arguments, data=data)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_a_touched_canary_is_judged_listed_and_closed(tmp_path: Path):
    data, files = prepare_data_folder(tmp_path / "data"), tmp_path / "files"
    files.mkdir()
    (files / "canaries.yaml").write_text(CANARIES, encoding="utf-8")
    page = {"kind": "admin#reports#activities", "items": [VIEW]}
    (files / "drive.json").write_text(json.dumps(page), encoding="utf-8")
    _run(data, "load", str(files), "--json")
    outcome = _run(data, "detect", "--today", "2026-09-15", "--json")
    assert (outcome["events"], outcome["judged_until"]) == (1, {"google/drive": "2026-09-14T13:05:00Z"})
    (new,) = outcome["new_alerts"]
    document = _run(data, "alerts", "--today", "2026-09-15", "--json")
    (alert,) = document["alerts"]
    assert document["as_of"] == "2026-09-15T12:00:00Z"
    assert (alert["id"], alert["severity"], alert["state"]) == (new["id"], "high", "new")
    assert [event["key"] for event in alert["events"]] == ["2026-09-14T13:05:00.000Z/drive/-42/0"]
    assert {"kind": "file", "name": "Passwords 2024", "id": "1AbC_dEf"} in alert["entities"]
    assert any("1AbC_dEf is a canary" in line for line in alert["why"])
    document = _run(data, "alerts", "--close", alert["id"], "--real", "--json")
    assert [item["state"] for item in document["alerts"]] == ["closed"]


def test_a_verdict_without_its_reason_is_refused(tmp_path: Path):
    done = run_homeroom("alerts", "--close", "alert-1", data=prepare_data_folder(tmp_path / "data"))
    assert (done.returncode, "--because" in done.stderr) == (2, True)


def test_an_alert_of_another_tool_joins_the_queue(tmp_path: Path):
    data, path = prepare_data_folder(tmp_path / "data"), tmp_path / "alerts.json"
    alert = {
        "timestamp": "2026-11-02T08:05:01.000-0500",
        "rule": {"level": 12, "description": "Log cleared", "id": "60118", "groups": ["windows"]},
        "agent": {"id": "001", "name": "LAB-1", "ip": "198.51.100.1"},
        "manager": {"name": "wazuh"},
        "id": "1793624706.1",
        "location": "EventChannel",
    }
    quiet = {**alert, "id": "1793624706.2", "rule": {**alert["rule"], "level": 3}}  # type: ignore[dict-item]
    path.write_text("\n".join(map(json.dumps, (alert, quiet))), encoding="utf-8")
    _run(data, "load", str(path), "--json")
    _run(data, "detect", "--json")
    (shown,) = _run(data, "alerts", "--json")["alerts"]
    assert (shown["rules"], shown["severity"]) == (["wazuh/60118"], "high")
    assert any("Log cleared" in line for line in shown["why"])


def test_an_account_of_the_domain_is_known_by_its_logon_name_and_sid(tmp_path: Path):
    data, files = prepare_data_folder(tmp_path / "data"), tmp_path / "files"
    files.mkdir()
    (files / "ad-users.csv").write_text(
        "SamAccountName,UserPrincipalName,DistinguishedName,ObjectGUID,SID,Enabled\n"
        'alund,ana.lund@maple.example,"CN=Ana Lund,OU=Staff,DC=maple,DC=local",'
        "11111111-2222-3333-4444-555555555555,S-1-5-21-1-2-3-1104,True\n",
        encoding="utf-8",
    )
    added = {
        **{"TimeCreated": "2026-09-14T13:05:00Z", "Channel": "Security", "EventID": 4728, "EventRecordID": 7},
        **{"SourceName": "Microsoft-Windows-Security-Auditing", "Hostname": "DC01.maple.local"},
        **{"SubjectUserName": "alund", "SubjectDomainName": "MAPLE", "TargetUserName": "Domain Admins"},
        **{"TargetSid": "S-1-5-21-1-2-3-512", "MemberSid": "S-1-5-21-1-2-3-1104"},
        "MemberName": "CN=Ana Lund,OU=Staff,DC=maple,DC=local",
    }
    (files / "security.jsonl").write_text(json.dumps(added) + "\n", encoding="utf-8")
    _run(data, "load", str(files), "--json")
    _run(data, "detect", "--json")
    (alert,) = _run(data, "alerts", "--json")["alerts"]
    accounts = [(item["name"], bool(item["id"])) for item in alert["entities"] if item["kind"] == "account"]
    assert accounts == [("alund", True)]
