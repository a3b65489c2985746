"""The detection rules of a content folder: detections/<area>/<id>.yml, each with the records that prove it.

Beside a rule is <id>.events.jsonl. A line of it has a vendor's record as it comes, `record`; whether the rule has to
fire on it, `fires`; and what the record shows, `why`. The lines are one log, so that a correlation fires on the record
that completes it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeroom.domain.detections.events import EventReject, LogEvent
from homeroom.domain.detections.rules import RuleSet
from homeroom.engines.detect import detect_events
from homeroom.ingest.events import read_events
from homeroom.library.sigma_rules import load_sigma_rules
from homeroom.library.sigma_rules.documents import DocumentRefused, parse_documents
from homeroom.library.yaml_loader import ContentProblem, ContentRefused, get_relative_name, load_files

FOLDER = "detections"
AREAS = ("google", "microsoft", "windows", "canary")
LEVELS = ("informational", "low", "medium", "high", "critical")
SENTENCES = ("means", "first_step")
FIELDS = frozenset(
    {"title", "id", "name", "status", "description", "references", "author", "date", "modified", "tags", "level"}
    | {"logsource", "detection", "correlation", "fields", "falsepositives", *SENTENCES, "playbook"}
)


@dataclass(frozen=True, kw_only=True)
class RuleRecord:
    """A record that proves a rule: whether the rule fires on it, and what it shows."""

    fires: bool
    why: str
    record: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ShippedRule:
    """A rule of the content folder, with the sentences of its alert and the records that prove it."""

    id: str
    file: str
    rules: RuleSet
    means: str
    first_step: str
    playbook: str
    records: tuple[RuleRecord, ...]


def load_shipped_rules(directory: Path) -> tuple[ShippedRule, ...]:
    """Load the detection rules of a content folder; raise ContentRefused with all problems."""
    loaded, problems = load_files(list_rule_files(directory), lambda path: _load_rule(path, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def list_rule_files(directory: Path) -> list[Path]:
    """Return the rule files of a content folder."""
    return sorted((directory / FOLDER).glob("*/*.yml"))


def _load_rule(path: Path, root: Path) -> ShippedRule:
    file = get_relative_name(path, root)
    content = _read_content(path, file)
    rules, not_run = load_sigma_rules([path])
    problems = [ContentProblem(file=file, field="detection", message=entry.reason) for entry in not_run]
    problems += _check_fields(path, file, content)
    records = _read_records(path.with_name(f"{path.stem}.events.jsonl"), file, problems)
    if problems:
        raise ContentRefused(problems)
    texts = {name: str(content[name]) for name in (*SENTENCES, "playbook")}
    return ShippedRule(id=path.stem, file=file, rules=rules, records=tuple(records), **texts)


def _read_content(path: Path, file: str) -> dict[str, Any]:
    """Return the last document of a rule file: the rule, or the correlation of those before it."""
    try:
        documents = parse_documents(path.read_text(encoding="utf-8"))
    except (DocumentRefused, UnicodeDecodeError) as error:
        raise ContentRefused([ContentProblem(file=file, field="", message=str(error))]) from None
    if not documents or not isinstance(documents[-1], dict):
        raise ContentRefused([ContentProblem(file=file, field="", message="a mapping of fields would fit")])
    return documents[-1]


def _check_fields(path: Path, file: str, content: dict[str, Any]) -> list[ContentProblem]:
    checks = [
        ("id", content.get("id") == path.stem, "the file's own name without .yml"),
        ("level", content.get("level") in LEVELS, ", ".join(LEVELS)),
        ("area", path.parent.name in AREAS, f"a folder of {', '.join(AREAS)}"),
        *((name, _is_sentence(content.get(name)), "sentences with a period") for name in SENTENCES),
        ("playbook", bool(content.get("playbook")), "the id of a playbook"),
    ]
    unknown = [name for name in content if name not in FIELDS]
    return [
        ContentProblem(file=file, field=str(name), message=f"no such field; there are {', '.join(sorted(FIELDS))}")
        for name in unknown
    ] + [
        ContentProblem(file=file, field=name, message=f"{content.get(name)!r}; {fits} would fit")
        for name, is_valid, fits in checks
        if not is_valid
    ]


def _is_sentence(text: Any) -> bool:
    return isinstance(text, str) and text.endswith(".") and text == " ".join(text.split())


def _read_records(path: Path, file: str, problems: list[ContentProblem]) -> list[RuleRecord]:
    """Return the records of a rule, and add what is wrong with them to the problems."""
    records: list[RuleRecord] = []
    if not path.is_file():
        problems.append(ContentProblem(file=file, field=path.name, message="missing; records that prove it would fit"))
        return []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            records.append(_build_record(json.loads(line)))
        except (ValueError, TypeError) as error:
            message = f"{error}; {{fires: true or false, why: text, record: {{…}}}} would fit"
            problems.append(ContentProblem(file=file, field=f"{path.name} line {number}", message=message))
    if {record.fires for record in records} != {True, False}:
        message = "a record that fires and a near miss that does not would fit"
        problems.append(ContentProblem(file=file, field=path.name, message=message))
    return records


def _build_record(raw: Any) -> RuleRecord:
    if not isinstance(raw, dict) or set(raw) != {"fires", "why", "record"}:
        raise ValueError("other fields")
    if not isinstance(raw["fires"], bool) or not raw["why"] or not isinstance(raw["record"], dict):
        raise ValueError("a value of another type")
    return RuleRecord(**raw)


def find_unproven_rules(rules: Iterable[ShippedRule]) -> list[ContentProblem]:
    """Return a problem for each record where a rule's outcome is not the expected one, or that cannot be read."""
    return [problem for rule in rules for problem in _find_record_problems(rule)]


def _find_record_problems(rule: ShippedRule) -> list[ContentProblem]:
    read = _read_as_log(rule.records)
    events = [entry for entry in read if isinstance(entry, LogEvent)]
    problems = {entry.record: f"cannot be read: {entry.reason}" for entry in read if isinstance(entry, EventReject)}
    fired = {entry.event.record for entry in detect_events(rule.rules, events) if entry.rule.id == rule.id}
    for number, record in enumerate(rule.records, start=1):
        if record.fires is not (number in fired):
            wanted = "fires not, and should" if record.fires else "fires, and should not"
            problems.setdefault(number, f"{wanted}: {record.why}")
    return [
        ContentProblem(file=rule.file, field=f"{rule.id}.events.jsonl line {number}", message=message)
        for number, message in sorted(problems.items())
    ]


def _read_as_log(records: Sequence[RuleRecord]) -> list[LogEvent | EventReject]:
    """Return the records as Homeroom reads them from a file of JSON lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.jsonl"
        path.write_text("".join(json.dumps(record.record) + "\n" for record in records), encoding="utf-8")
        return list(read_events([path]))
