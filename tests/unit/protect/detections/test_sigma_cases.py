"""Cases of Sigma's specification, through the command: a rule, events on which it fires, and events on which not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from homeroom.cli.main import build_app

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("sigma-cases.yaml").read_text(encoding="utf-8"))
EVENT = {"@timestamp": "2026-09-01T08:00:00Z", "Hostname": "PC1", "Channel": "Application", "EventID": 7777}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[tuple[int, int]], dict[int, str]]:
    """Return which rule fired on which line, and why rules did not run, of all cases in one run."""
    folder = tmp_path_factory.mktemp("cases")
    rules = [
        {
            "title": case["name"],
            "id": str(number),
            "logsource": case.get("logsource", {"product": "windows"}),
            "detection": case["detection"],
        }
        for number, case in enumerate(CASES)
    ]
    (folder / "rules.yml").write_text(yaml.safe_dump_all(rules, allow_unicode=True), encoding="utf-8")
    lines = [json.dumps({**EVENT, "RecordNumber": record, **fields}) for record, fields in _number_events()]
    (folder / "log.jsonl").write_text("\n".join(lines), encoding="utf-8")
    arguments = ["detect", str(folder / "log.jsonl"), "--rules", str(folder / "rules.yml"), "--json"]
    result = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    fired = {(int(entry["rule_id"]), entry["record"]) for entry in document["detections"]}
    return fired, {int(entry["id"]): entry["reason"] for entry in document["summary"]["rules"]["not_run"]}


def _list_events(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [*case.get("fires", ()), *case.get("silent", ())]


def _number_events() -> list[tuple[int, dict[str, Any]]]:
    return list(enumerate((fields for case in CASES for fields in _list_events(case)), start=1))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_a_rule_fires_where_the_specification_has_it(
    outcome: tuple[set[tuple[int, int]], dict[int, str]], number: int
) -> None:
    case, (fired, not_run) = CASES[number], outcome
    assert case.get("not_run", "") in not_run.get(number, "")
    assert (number in not_run) is ("not_run" in case)
    first = 1 + sum(len(_list_events(earlier)) for earlier in CASES[:number])
    records = range(first, first + len(_list_events(case)))
    assert [record for record in records if (number, record) in fired] == list(records)[: len(case.get("fires", ()))]
