"""Load the rules of a content folder: detections/<area>/<id>.yml, each with the records that prove it beside it.

A file may have several documents: base rules, and last the correlation of them. The last one is the rule that ships.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.protect.detections.district_fields import is_district_field
from homeroom.domain.protect.detections.rules import RuleSet, list_field_names
from homeroom.library.protect.detections.fields import TEXTS, find_field_problems
from homeroom.library.protect.detections.records import RuleRecord, read_records
from homeroom.library.protect.detections.student_privacy import find_privacy_problems
from homeroom.library.protect.sigma_rules.documents import DocumentRefused, RuleDocument, parse_documents
from homeroom.library.protect.sigma_rules.load import build_rule_set
from homeroom.library.yaml_loader import ContentProblem, ContentRefused, get_relative_name, load_files

FOLDER = "detections"


@dataclass(frozen=True, kw_only=True)
class ShippedRule:
    """A rule of the content folder, with the texts of its alert and the records that prove it.

    `stage` is the step of an intrusion that it shows. `entities` are the fields of an event that name what is involved,
    by kind, in order of preference.
    """

    id: str
    file: str
    title: str
    level: str
    tags: tuple[str, ...]
    stage: str
    entities: Mapping[str, tuple[str, ...]]
    rules: RuleSet
    means: str
    first_step: str
    playbook: str
    records: tuple[RuleRecord, ...]

    @property
    def district_fields(self) -> tuple[str, ...]:
        """Return the fields of the district's evidence that the rule tests or groups by, in order."""
        return list_district_fields(self.rules)


def load_shipped_rules(directory: Path, *, with_records: bool = True) -> tuple[ShippedRule, ...]:
    """Load the detection rules of a content folder; raise ContentRefused with all problems.

    Who judges by them needs no records, which are a quarter of the reading.
    """
    loaded, problems = load_files(
        list_rule_files(directory), lambda path: _load_rule(path, directory, with_records=with_records)
    )
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def list_district_fields(rules: RuleSet) -> tuple[str, ...]:
    """Return the fields of the district's evidence that rules test, group by or count."""
    names = {name for rule in rules.rules for variant in rule.variants for name in list_field_names(variant.condition)}
    for entry in rules.correlations:
        correlation = entry.correlation
        names.update(correlation.group_by, correlation.value_fields)
        names.update(name for fields in correlation.aliases.values() for name in fields.values())
    return tuple(sorted(name for name in names if is_district_field(name)))


def list_rule_files(directory: Path) -> list[Path]:
    """Return the rule files of a content folder."""
    return sorted((directory / FOLDER).glob("*/*.yml"))


@cache
def list_shipped_ids(directory: Path) -> frozenset[str]:
    """Return the ids of the rules of a content folder, which are the names of their files; no rule is read."""
    return frozenset(path.stem for path in list_rule_files(directory))


def _load_rule(path: Path, root: Path, *, with_records: bool) -> ShippedRule:
    file = get_relative_name(path, root)
    contents = _read_contents(path, file)
    content = contents[-1]
    documents = [
        RuleDocument(file=path.name, number=number, content=item) for number, item in enumerate(contents, start=1)
    ]
    rules, not_run = build_rule_set(documents)
    problems = [ContentProblem(file=file, field="detection", message=entry.reason) for entry in not_run]
    problems += find_field_problems(path, file, content)
    problems += [problem for item in contents for problem in find_privacy_problems(file, item)]
    records = read_records(path.with_name(f"{path.stem}.events.jsonl"), file, problems) if with_records else []
    if problems:
        raise ContentRefused(problems)
    return ShippedRule(
        id=path.stem,
        file=file,
        title=content["title"],
        level=content["level"],
        tags=tuple(content["tags"]),
        stage=content["stage"],
        entities={kind: tuple(names) for kind, names in content["entities"].items()},
        rules=rules,
        records=tuple(records),
        **{name: content[name] for name in TEXTS},
    )


def _read_contents(path: Path, file: str) -> list[dict[str, Any]]:
    """Return the documents of a rule file."""
    try:
        documents = parse_documents(path.read_text(encoding="utf-8"))
    except (DocumentRefused, UnicodeDecodeError) as error:
        raise ContentRefused([ContentProblem(file=file, field="", message=str(error))]) from None
    if not documents or not all(isinstance(document, dict) for document in documents):
        raise ContentRefused([ContentProblem(file=file, field="", message="a mapping of fields would fit")])
    return documents
