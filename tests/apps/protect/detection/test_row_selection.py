"""Rows that no rule could be about are left out, and no rule loses one that it fires on."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from homeroom.apps.protect.detection.judging.alert_rules import load_alert_rules
from homeroom.apps.protect.detection.judging.row_selection import RowSelection
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.domain.protect.detections.rules import (
    And,
    DetectionRule,
    FieldSearch,
    LogCondition,
    LogVariant,
    Number,
    RuleHeading,
    Text,
)
from homeroom.ingest.events import read_events
from homeroom.library.protect.detections import load_shipped_rules
from homeroom.library.yaml_loader import BUILTIN_CONTENT

SOURCES = {"google_workspace": "google", "azure": "microsoft", "m365": "microsoft"}
AUDIT = pa.schema([(name, pa.string()) for name in ("source", "log", "event", "details", "number")])
HOST = pa.schema(
    [("channel", pa.string()), ("event_id", pa.int64()), ("details", pa.string()), ("number", pa.string())]
)


def _build_row(event: LogEvent, number: str) -> tuple[str, dict[str, Any]]:
    fields, details = event.fields, json.dumps(event.raw, default=str)
    if event.source.product == "windows":
        values = {"channel": fields.get("Channel"), "event_id": fields.get("EventID"), "details": details}
        return "host_events", {**values, "number": number}
    is_unified = event.source.product == "m365"
    log = "unified" if is_unified else event.source.service
    kind = fields.get("Operation") if is_unified else fields.get("name")
    source = SOURCES.get(event.source.product, "")
    return "audit_events", {"source": source, "log": log, "event": kind, "details": details, "number": number}


def _select(selection: RowSelection, table: str, rows: list[dict[str, Any]]) -> set[str]:
    batch = pa.RecordBatch.from_pylist(rows, schema=AUDIT if table == "audit_events" else HOST)
    return {number for part in selection.select(table, batch) for number in part["number"].to_pylist()}


def test_every_record_that_a_shipped_rule_fires_on_is_selected():
    selection = RowSelection(load_alert_rules().rules.rules)
    wanted: dict[str, list[dict[str, Any]]] = {"audit_events": [], "host_events": []}
    for rule in load_shipped_rules(BUILTIN_CONTENT):
        if rule.file.split("/")[-2] == "canary":
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "records.jsonl"
            path.write_text("".join(json.dumps(item.record) + "\n" for item in rule.records if item.fires))
            for event in read_events([path]):
                assert isinstance(event, LogEvent)
                table, row = _build_row(event, f"{rule.id} {event.record}")
                wanted[table].append(row)
    for table, rows in wanted.items():
        assert len(rows) > 20
        assert _select(selection, table, rows) == {row["number"] for row in rows}


def test_kinds_that_no_rule_names_are_left_out_unless_a_canary_is_in_them():
    selection = RowSelection(load_alert_rules().rules.rules, canaries=["1abc", "office\\payroll\\accounts.xlsx"])
    rows = [
        {"source": "google", "log": "drive", "event": "view", "details": details, "number": str(number)}
        for number, details in enumerate(['{"doc_id": "x"}', '{"doc_id": "1ABC"}'])
    ]
    assert _select(selection, "audit_events", rows) == {"1"}
    files = [
        {"channel": "Security", "event_id": 4656, "details": f'{{"ObjectName": "D:\\\\{name}"}}', "number": name}
        for name in ("Accounts.xlsx", "other.xlsx")
    ]
    assert _select(selection, "host_events", files) == {"Accounts.xlsx"}


def test_rows_without_a_kind_are_judged():
    selection = RowSelection(load_alert_rules().rules.rules)
    row = {"source": "google", "log": "drive", "event": None, "details": None, "number": "1"}
    assert _select(selection, "audit_events", [row]) == {"1"}


def _select_tickets(*encryptions: str) -> set[str]:
    selection = RowSelection(load_alert_rules().rules.rules)
    rows = [
        {"channel": "Security", "event_id": 4769, "details": f'{{"TicketEncryptionType":"{text}"}}', "number": text}
        for text in encryptions
    ]
    return _select(selection, "host_events", rows)


def test_a_row_without_any_text_that_its_kinds_rules_need_is_left_out():
    assert _select_tickets("0x17", "0X17", "0x12") == {"0x17", "0X17"}


def test_a_row_whose_letters_may_be_spelled_otherwise_is_judged():
    assert _select_tickets("0\\u007817", "0x12 \u212a", "0x12") == {"0\\u007817", "0x12 \u212a"}


def test_a_text_is_needed_only_if_no_rule_of_the_kind_holds_without_it():
    heading, log = RuleHeading(id="a-rule", title="A rule"), LogCondition(product="windows")
    kind = FieldSearch(name="EventID", tests=(Number(value=4769),))
    named = FieldSearch(name="ServiceName", tests=(Text(parts=('cifs/"backup',)),))
    unnamed = FieldSearch(name="Status", tests=(Number(value=0),))
    rows = [
        {"channel": "Security", "event_id": 4769, "details": json.dumps({"ServiceName": name}), "number": name}
        for name in ('CIFS/"backup', "krbtgt")
    ]

    def choose(*searches: FieldSearch) -> set[str]:
        variants = (LogVariant(log=log, condition=And(parts=(kind, And(parts=(search,))))) for search in searches)
        return _select(RowSelection([DetectionRule(heading=heading, variants=tuple(variants))]), "host_events", rows)

    assert choose(named) == {'CIFS/"backup'}
    assert choose(named, unnamed) == {'CIFS/"backup', "krbtgt"}
