"""The rules that come with Homeroom prove themselves, and one that does not is refused with the line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from homeroom.library.detections import find_unproven_rules, load_shipped_rules
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

RULE = "google-leaked-password"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    area = tmp_path / "detections" / "google"
    area.mkdir(parents=True)
    for suffix in (".yml", ".events.jsonl"):
        shutil.copy(BUILTIN_CONTENT / "detections" / "google" / f"{RULE}{suffix}", area)
    return tmp_path


def test_each_shipped_rule_fires_on_its_records_and_on_no_near_miss() -> None:
    rules = load_shipped_rules(BUILTIN_CONTENT)
    assert len(rules) >= 5
    assert find_unproven_rules(rules) == []


def test_a_record_on_which_the_rule_does_otherwise_is_a_problem(content: Path) -> None:
    path = content / "detections" / "google" / f"{RULE}.events.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    swapped = [{**line, "fires": not line["fires"]} for line in lines[:2]] + [{**lines[2], "record": {"no": "log"}}]
    path.write_text("".join(json.dumps(line) + "\n" for line in swapped), encoding="utf-8")
    problems = find_unproven_rules(load_shipped_rules(content))
    assert [
        (problem.field.removeprefix(f"{RULE}.events.jsonl "), problem.message.split(":")[0]) for problem in problems
    ] == [
        ("line 1", "fires, and should not"),
        ("line 2", "fires not, and should"),
        ("line 3", "cannot be read"),
    ]


def test_a_rule_without_sentences_or_records_is_refused(content: Path) -> None:
    area = content / "detections" / "google"
    rule = area / f"{RULE}.yml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("first_step:", "then:"), encoding="utf-8")
    (area / f"{RULE}.events.jsonl").unlink()
    with pytest.raises(ContentRefused) as refused:
        load_shipped_rules(content)
    assert [problem.field for problem in refused.value.problems] == ["then", "first_step", f"{RULE}.events.jsonl"]
