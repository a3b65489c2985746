"""`homeroom detect`: what it prints, its exit codes, and that it needs neither a database nor Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from homeroom.cli.main import build_app

RULE = (
    "title: Tool\nid: tool\nlogsource: {product: windows}\ndetection: {s: {'Image|endswith': tool.exe}, condition: s}\n"
)
EVENT = {"Channel": "Security", "EventID": 4688, "Hostname": "lab-1", "EventTime": "2026-09-08 14:00:00"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build_app(), ["detect", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rule.yml").write_text(RULE, encoding="utf-8")
    logs = tmp_path / "logs"
    logs.mkdir()
    lines = [json.dumps({**EVENT, "Image": f"C:\\{name}.exe"}) for name in ("x", "tool", "\u2028tool")]
    (logs / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_the_lines_are_detections_and_last_a_summary(folder: Path) -> None:
    (folder / "logs" / "empty.jsonl").touch()
    outcome = run(folder / "logs", "--rules", folder / "rule.yml", "--jsonl")
    *detections, last = map(json.loads, outcome.stdout.splitlines())
    assert outcome.exit_code == 0
    assert [(entry["rule_id"], entry["file"], entry["record"]) for entry in detections] == [
        ("tool", "a.jsonl", 2),
        ("tool", "a.jsonl", 3),
    ]
    assert (last["summary"]["detections"], last["summary"]["files"]) == (2, 2)
    assert last["summary"]["rules"] == {"read": 1, "run": 1, "not_run": []}


def test_the_document_has_the_same_and_a_broken_record_costs_itself_only(folder: Path) -> None:
    log = folder / "logs" / "a.jsonl"
    log.write_text(log.read_text(encoding="utf-8") + '{"Channel": "Sec\n', encoding="utf-8")
    outcome = run(folder / "logs", "--rules", folder / "rule.yml", "--json")
    document: dict[str, Any] = json.loads(outcome.stdout)
    assert outcome.exit_code == 1
    assert len(document["detections"]) == document["summary"]["detections"] == 2
    assert [(entry["file"], entry["record"]) for entry in document["summary"]["rejects"]] == [("a.jsonl", 4)]


def test_what_cannot_be_judged_is_refused(folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir()
    assert run(folder / "nowhere").exit_code == 2
    assert run(folder / "logs", "--rules", folder / "nowhere").exit_code == 2
    assert run(folder / "logs", "--rules", empty).exit_code == 2
    assert run(folder / "logs", "--json", "--jsonl").exit_code == 2


def test_the_command_imports_no_django(folder: Path) -> None:
    script = (
        "import sys; from homeroom.cli.main import build_app\n"
        "build_app()(['detect', *sys.argv[1:]], standalone_mode=False)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'django'))"
    )
    arguments = [sys.executable, "-c", script, str(folder / "logs"), "--rules", str(folder / "rule.yml"), "--jsonl"]
    finished = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[-1] == "[]"
