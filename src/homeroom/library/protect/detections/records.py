"""The records that prove a rule: <id>.events.jsonl beside it.

A line has a vendor's record as it comes, `record`; whether the rule has to fire on it, `fires`; what the record shows,
`why`; and, where the rule needs it, what the district's evidence would add to the event, `district`. A line with
`times` is as many records, in which {n} is the number of each. The lines are one log, so that a correlation fires on
the record that completes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from homeroom.domain.protect.detections.district_fields import build_district_fields
from homeroom.domain.protect.detections.events import EventReject, LogEvent
from homeroom.domain.protect.detections.rules import RuleSet
from homeroom.engines.protect.detect import detect_events
from homeroom.ingest.events import read_events
from homeroom.library.yaml_loader import ContentProblem

_REQUIRED = frozenset({"fires", "why", "record"})
_OPTIONAL = frozenset({"district", "times"})
_FITS = "{fires: true or false, why: text, record: {…}, and where needed district: {…} and times: 40} would fit"
MAX_TIMES = 1_000


@dataclass(frozen=True, kw_only=True)
class RuleRecord:
    """A record that proves a rule: whether the rule fires on it, what it shows, and what the evidence adds to it."""

    fires: bool
    why: str
    record: dict[str, Any]
    district: Mapping[str, str | bool] = field(default_factory=dict)
    line: int = 0


class ProvenRule(Protocol):
    """A rule with the records that prove it."""

    @property
    def id(self) -> str:
        """Return the id of the rule."""

    @property
    def file(self) -> str:
        """Return the name of its file."""

    @property
    def rules(self) -> RuleSet:
        """Return the rule, with those that it refers to."""

    @property
    def records(self) -> tuple[RuleRecord, ...]:
        """Return the records."""


def read_records(path: Path, file: str, problems: list[ContentProblem]) -> list[RuleRecord]:
    """Return the records of a rule, and add what is wrong with them to the problems."""
    records: list[RuleRecord] = []
    if not path.is_file():
        problems.append(ContentProblem(file=file, field=path.name, message="missing; records that prove it would fit"))
        return []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            records += _build_records(json.loads(line), number)
        except (ValueError, TypeError, KeyError) as error:
            problems.append(
                ContentProblem(file=file, field=f"{path.name} line {number}", message=f"{error.args[0]}; {_FITS}")
            )
    if {record.fires for record in records} != {True, False}:
        message = "a record that fires and a near miss that does not would fit"
        problems.append(ContentProblem(file=file, field=path.name, message=message))
    return records


def _build_records(raw: Any, line: int) -> list[RuleRecord]:
    if not isinstance(raw, dict) or not _REQUIRED <= set(raw) <= _REQUIRED | _OPTIONAL:
        raise ValueError("other fields")
    if not isinstance(raw["fires"], bool) or not raw["why"] or not isinstance(raw["record"], dict):
        raise ValueError("a value of another type")
    times = raw.pop("times", 1)
    if type(times) is not int or not 0 < times <= MAX_TIMES:
        raise ValueError(f"`times` is {times!r}; a number up to {MAX_TIMES:,} would do")
    district = raw.get("district", {})
    if not isinstance(district, dict) or not all(isinstance(value, str | bool) for value in district.values()):
        raise ValueError("a value of `district` of another type")
    build_district_fields(district)
    if times == 1:
        return [RuleRecord(**raw, line=line)]
    template = json.dumps(raw.pop("record"))
    return [
        RuleRecord(**raw, record=json.loads(template.replace("{n}", str(number))), line=line)
        for number in range(1, times + 1)
    ]


def find_unproven_rules(rules: Iterable[ProvenRule]) -> list[ContentProblem]:
    """Return a problem for each record where a rule's outcome is not the expected one, or that cannot be read."""
    rules = list(rules)
    logs = _read_logs([rule.records for rule in rules])
    return [problem for rule, log in zip(rules, logs, strict=True) for problem in _find_record_problems(rule, log)]


def _find_record_problems(rule: ProvenRule, log: Sequence[LogEvent | EventReject]) -> list[ContentProblem]:
    events = [_add_district_fields(entry, rule.records) for entry in log if isinstance(entry, LogEvent)]
    problems: dict[int, str] = {}
    for entry in log:
        if isinstance(entry, EventReject):
            problems.setdefault(rule.records[entry.record - 1].line, f"cannot be read: {entry.reason}")
    fired = {entry.event.record for entry in detect_events(rule.rules, events) if entry.rule.id == rule.id}
    for number, record in enumerate(rule.records, start=1):
        if record.fires is not (number in fired):
            wanted = "fires not, and should" if record.fires else "fires, and should not"
            problems.setdefault(record.line, f"{wanted}: {record.why}")
    return [
        ContentProblem(file=rule.file, field=f"{rule.id}.events.jsonl line {line}", message=message)
        for line, message in sorted(problems.items())
    ]


def _add_district_fields(event: LogEvent, records: Sequence[RuleRecord]) -> LogEvent:
    added = records[event.record - 1].district
    return replace(event, fields={**event.fields, **build_district_fields(added)}) if added else event


def _read_logs(logs: Sequence[Sequence[RuleRecord]]) -> list[list[LogEvent | EventReject]]:
    """Return the records of each log as Homeroom reads them from a file of JSON lines."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jsonl" for number in range(len(logs))]
        for path, records in zip(paths, logs, strict=True):
            path.write_text("".join(json.dumps(record.record) + "\n" for record in records), encoding="utf-8")
        return [list(read_events([path])) for path in paths]
