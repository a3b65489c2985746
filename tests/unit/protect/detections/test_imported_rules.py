"""Sigma rules of others are taken in with their authors, and only the proven and serious ones run."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from homeroom.library.protect.detections.imported_rules import (
    NoRulesToImport,
    RuleImport,
    list_imported_rules,
    load_imported_rules,
    merge_rule_import,
    read_rule_import,
    write_rules,
)

RULE = """title: {title}
id: {id}
status: {status}
level: {level}
author: Mara Quill
{extra}logsource: {{product: {product}, service: security}}
detection:
  cleared: {{EventID: 1102}}
  condition: cleared
"""
CORRELATION = """title: Logs cleared again and again
id: many
status: stable
level: critical
author: [Mara Quill, Ben Oar]
correlation: {type: event_count, rules: [low], group-by: [Computer], timespan: 1h, condition: {gte: 3}}
"""


def write_rule(folder: Path, name: str, *, status: str = "stable", level: str = "high", extra: str = "") -> None:
    product = "linux" if name == "linux" else "windows"
    text = RULE.format(title=f"Log cleared {name}", id=name, status=status, level=level, extra=extra, product=product)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    write_rule(folder / "windows", "serious")
    write_rule(folder / "windows", "tested", status="test", level="critical", extra="license: MIT\n")
    write_rule(folder / "windows", "low", level="low")
    write_rule(folder / "windows", "young", status="experimental")
    write_rule(folder / "linux", "linux")
    (folder / "broken.yml").write_text("title: [", encoding="utf-8")
    (folder / "README.md").write_text("Not a rule", encoding="utf-8")
    return folder


def test_proven_and_serious_rules_are_on_and_the_others_are_listed(rules: Path) -> None:
    outcome = read_rule_import(rules)
    assert {rule.id: rule.is_on for rule in outcome.rules} == {
        "serious": True,
        "tested": True,
        "low": False,
        "young": False,
    }
    reasons = {rule.id: rule.off_because for rule in outcome.rules}
    assert "level is low" in reasons["low"]
    assert "status is experimental" in reasons["young"]
    assert [(Path(entry.file).name, entry.reason.partition(":")[0]) for entry in outcome.refused] == [
        ("broken.yml", "not YAML"),
        ("linux.yml", "no log of the product linux is read"),
    ]


def test_authors_and_licenses_are_kept(rules: Path) -> None:
    outcome = read_rule_import(rules, default_license="The terms of the example")
    by_id = {rule.id: rule for rule in outcome.rules}
    assert by_id["serious"].author == "Mara Quill"
    assert by_id["serious"].license == "The terms of the example"
    assert by_id["tested"].license == "MIT"


def test_a_zip_is_read_like_its_folder(rules: Path, tmp_path: Path) -> None:
    archive = tmp_path / "rules.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in rules.rglob("*.yml"):
            packed.write(path, path.relative_to(rules).as_posix())
    assert {rule.id for rule in read_rule_import(archive).rules} == {"serious", "tested", "low", "young"}


def add_rules(folder: Path, addition: RuleImport) -> None:
    write_rules(folder, merge_rule_import(folder, addition), texts=addition.texts)


def test_rules_that_are_on_run_and_newer_ones_replace_them(rules: Path, tmp_path: Path) -> None:
    district_folder, newer = tmp_path / "district", tmp_path / "newer"
    add_rules(district_folder, read_rule_import(rules))
    loaded, not_run = load_imported_rules(district_folder)
    assert ({rule.heading.id for rule in loaded.rules}, not_run) == ({"serious", "tested"}, ())
    write_rule(newer, "serious", level="low")
    add_rules(district_folder, read_rule_import(newer))
    loaded, _ = load_imported_rules(district_folder)
    assert {rule.heading.id for rule in loaded.rules} == {"tested"}
    assert len(list(district_folder.glob("*.yml"))) == len(list_imported_rules(district_folder)) == 4


def test_a_correlation_that_is_on_brings_the_rules_that_it_refers_to(rules: Path, tmp_path: Path) -> None:
    (rules / "many.yml").write_text(CORRELATION, encoding="utf-8")
    add_rules(tmp_path / "district", read_rule_import(rules))
    loaded, not_run = load_imported_rules(tmp_path / "district")
    assert [rule.heading.id for rule in loaded.correlations] == ["many"]
    assert {rule.heading.id: rule.silent for rule in loaded.rules} == {"serious": False, "tested": False, "low": True}
    assert not_run == ()
    (correlation,) = (rule for rule in list_imported_rules(tmp_path / "district") if rule.id == "many")
    assert correlation.author == "Mara Quill, Ben Oar"


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(NoRulesToImport, match="no rule that runs"):
        read_rule_import(tmp_path)
