"""The rules that come with Homeroom prove themselves, and one that does not is refused with the line."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from homeroom.library.protect.detections import find_unproven_rules, list_shipped_ids, load_shipped_rules
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


def test_the_ids_of_shipped_rules_are_known_without_reading_a_rule(content: Path) -> None:
    assert list_shipped_ids(BUILTIN_CONTENT) == {rule.id for rule in load_shipped_rules(BUILTIN_CONTENT)}
    (content / "detections" / "google" / f"{RULE}.yml").write_text("no rule: [", encoding="utf-8")
    assert list_shipped_ids(content) == {RULE}


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


def edit_rule(content: Path, old: str, new: str) -> None:
    rule = content / "detections" / "google" / f"{RULE}.yml"
    text = rule.read_text(encoding="utf-8")
    assert old in text
    rule.write_text(text.replace(old, new), encoding="utf-8")


def list_problem_fields(content: Path) -> list[str]:
    with pytest.raises(ContentRefused) as refused:
        load_shipped_rules(content)
    return [problem.field for problem in refused.value.problems]


def test_a_rule_has_its_stage_and_entities(content: Path) -> None:
    (rule,) = load_shipped_rules(content)
    assert (rule.id, rule.level, rule.stage) == (RULE, "medium", "credentials")
    assert rule.entities["victim"] == ("parameters.affected_email_address", "actor.email")
    assert "attack.t1078.004" in rule.tags


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("stage: credentials", "stage: theft", "stage"),
        ("  victim: ", "  robber: ", "entities.robber"),
        ("  victim: [parameters.affected_email_address, actor.email]", "  victim: actor.email", "entities.victim"),
        ("playbook: taken-over-staff-account", "playbook: panic", "playbook"),
        ("level: medium", "level: severe", "level"),
    ],
)
def test_a_stage_entity_or_playbook_that_does_not_exist_is_refused(
    content: Path, old: str, new: str, field: str
) -> None:
    edit_rule(content, old, new)
    assert list_problem_fields(content) == [field]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("title: Account disabled", "title: Cyberbullying by an account disabled", "title"),
        ("The password of this account", "The attendance of this account", "means"),
        ("Reset the password, turn", "Read the browser history, turn", "first_step"),
        ("    name: account_disabled_password_leak", "    id.time|hour: 23", "detection"),
        ("    name: account_disabled_password_leak", "    parameters.URL|contains: example.org", "detection"),
        ("    name: account_disabled_password_leak", "    parameters.query: [self-harm]", "detection"),
        ("  service: login", "  service: chrome", "logsource"),
    ],
)
def test_a_rule_about_conduct_browsing_wellness_or_hours_is_refused(
    content: Path, old: str, new: str, field: str
) -> None:
    edit_rule(content, old, new)
    assert set(list_problem_fields(content)) == {field}


def write_first_district(content: Path, district: dict[str, str]) -> None:
    path = content / "detections" / "google" / f"{RULE}.events.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines[0]["district"] = district
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def test_a_record_gives_what_the_evidence_adds_to_it(content: Path) -> None:
    edit_rule(content, "  condition: leaked", "    district.actor.kind: staff\n  condition: leaked")
    problems = find_unproven_rules(load_shipped_rules(content))
    assert [problem.message.split(":")[0] for problem in problems] == ["fires not, and should"]
    write_first_district(content, {"actor.kind": "staff"})
    assert find_unproven_rules(load_shipped_rules(content)) == []


def test_a_field_that_no_evidence_has_is_refused(content: Path) -> None:
    write_first_district(content, {"actor.mood": "staff"})
    assert f"{RULE}.events.jsonl line 1" in list_problem_fields(content)


def test_a_line_stands_for_many_records(content: Path) -> None:
    path = content / "detections" / "google" / f"{RULE}.events.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines[2]["record"]["actor"]["email"] = "coach{n}@school.example"
    text = "".join(json.dumps(line) + "\n" for line in [*lines, {**lines[2], "times": 3}])
    path.write_text(text, encoding="utf-8")
    (rule,) = load_shipped_rules(content)
    assert [record.record["actor"]["email"][:6] for record in rule.records[3:]] == ["coach1", "coach2", "coach3"]
    assert find_unproven_rules([rule]) == []
    path.write_text(text.replace('"times": 3', '"times": 0'), encoding="utf-8")
    assert f"{RULE}.events.jsonl line 4" in list_problem_fields(content)


def test_a_line_of_many_records_is_the_problem_of_all_of_them(content: Path) -> None:
    path = content / "detections" / "google" / f"{RULE}.events.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines.append({**lines[0], "fires": False, "times": 5})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    problems = find_unproven_rules(load_shipped_rules(content))
    assert [problem.field for problem in problems] == [f"{RULE}.events.jsonl line 4"]


def test_rules_of_the_areas_cover_what_schools_meet() -> None:
    rules = load_shipped_rules(BUILTIN_CONTENT)
    by_area = Counter(rule.file.split("/")[1] for rule in rules)
    assert by_area["google"] >= 25
    assert by_area["microsoft"] >= 20
    assert by_area["windows"] >= 20
    assert by_area["canary"] >= 3
    titles = [rule.title for rule in rules if not rule.id.endswith("-unified")]
    assert len(set(titles)) == len(titles), "only the unified log repeats a title"
    assert len([rule for rule in rules if not rule.district_fields]) >= 50, "they run on copied logs"
