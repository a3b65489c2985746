"""Judging records: the documents, and the same outcome however many processes judge and in whatever order."""

from __future__ import annotations

import json
import random
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.apps.protect.detection import spill_file
from homeroom.apps.protect.detection.judge_files import NoRules, judge_files
from homeroom.apps.protect.detection.serialize import build_detection_document, build_summary_document
from homeroom.domain.protect.detections.events import EventReject, LogEvent
from tests.amounts import choose_amount
from tests.unit.protect.detections.log_events import make_event

RULES = """
title: Tool
id: tool
name: tool
level: high
tags: [attack.execution]
logsource: {product: windows}
detection: {s: {'Image|endswith': \\tool.exe}, condition: s}
---
title: Often
id: often
correlation: {type: event_count, rules: [tool], group-by: [User], timespan: 1h, condition: {gte: 2}, generate: true}
---
title: Unknown
id: unknown
logsource: {product: okta}
detection: {s: {A: x}, condition: s}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yml"
    path.write_text(RULES, encoding="utf-8")
    return path


def make_events(count: int) -> list[LogEvent]:
    return [
        make_event({"Image": f"C:\\{'tool' if n % 3 == 0 else 'x'}.exe", "User": f"u{n % 2}"}, second=n, record=n)
        for n in range(count)
    ]


def test_the_documents_have_what_the_door_promises(rules: Path) -> None:
    reject = EventReject(file="log.jsonl", record=9, reason="not JSON")
    outcome = judge_files(rules=[rules], records=[*make_events(7), reject])
    tool = build_detection_document(next(iter(outcome.detections)))
    assert {**tool, "event": {}} == {
        "rule_id": "tool", "title": "Tool", "level": "high", "tags": ["attack.execution"], "file": "log.jsonl",
        "record": 0, "time": "2026-09-01T08:00:00Z", "host": "", "user": "", "matched": {"Image": "C:\\tool.exe"},
        "event": {},
    }  # fmt: skip
    correlated = next(entry for entry in map(build_detection_document, outcome.detections) if "events" in entry)
    assert correlated["events"] == [{"file": "log.jsonl", "record": 0}, {"file": "log.jsonl", "record": 6}]
    assert correlated["matched"] == {"User": "u0"}
    assert build_summary_document(outcome) == {
        "files": 1, "events": 7, "rejected": 1, "secrets": 0, "detections": 4,
        "rejects": [{"file": "log.jsonl", "record": 9, "reason": "not JSON"}],
        "rules": {
            "read": 3, "run": 2,
            "not_run": [{"file": "rules.yml", "id": "unknown", "reason": "no log of the product okta is read"}],
        },
    }  # fmt: skip


@pytest.mark.parametrize("password", ["--password=Winter-2026!", "/p\tWinter-2026!"], ids=["=", "tab"])
def test_a_secret_in_a_record_is_neither_printed_nor_lost_from_the_count(rules: Path, password: str) -> None:
    line = f"psexec.exe /user:lab\\ann {password}"
    event = make_event({"Image": "C:\\tool.exe", "CommandLine": line}, second=1, record=1)
    outcome = judge_files(rules=[rules], records=[replace(event, raw={"CommandLine": line})])
    (document,) = map(build_detection_document, outcome.detections)
    assert document["event"] == {"CommandLine": line.replace("Winter-2026!", "[secret]")}
    assert build_summary_document(outcome)["secrets"] == 1


def test_the_outcome_depends_neither_on_the_order_nor_on_the_processes(rules: Path) -> None:
    events = make_events(choose_amount(brief=1200, thorough=20_000))
    shuffled = random.Random(5).sample(events, len(events))
    outcomes = [
        [json.dumps(build_detection_document(detection)) for detection in outcome.detections]
        for outcome in (
            judge_files(rules=[rules], records=events),
            judge_files(rules=[rules], records=shuffled),
            judge_files(rules=[rules], records=events, workers=2),
        )
    ]
    assert len(outcomes[0]) > len(events) // 3
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_detections_come_in_order_however_many_there_are(
    rules: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spill_file, "MAX_BYTES_IN_MEMORY", 1_000)  # so that most are in a file
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    outcome = judge_files(rules=[rules], records=random.Random(3).sample(make_events(300), 300))
    tools = [detection.event.record for detection in outcome.detections if detection.rule.id == "tool"]
    assert tools == list(range(0, 300, 3))
    assert [detection.event.record for detection in outcome.detections if detection.rule.id == "tool"] == tools
    assert list(tmp_path.glob("tmp*")) == []  # the file has no name


def test_no_rules_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoRules, match="no rules"):
        judge_files(rules=[tmp_path], records=[])
