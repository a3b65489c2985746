"""Queries of the pages of rules: all rules of a district with their state, and one rule with what proves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count

from homeroom.apps.protect.detection.coverage import measure_district_coverage
from homeroom.apps.protect.detection.judging.alert_rules import load_alert_rules
from homeroom.apps.protect.detection.models import StoredDetection
from homeroom.apps.protect.detection.queries import RulePrecision, list_rule_precision
from homeroom.apps.protect.detection.rule_imports import list_district_imports
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.coverage import RuleCoverage
from homeroom.library.protect.detections import FOLDER
from homeroom.library.protect.detections.imported_rules import ImportedRule
from homeroom.library.protect.detections.records import read_records
from homeroom.library.protect.logs.log_kinds import load_log_kinds
from homeroom.library.protect.playbooks import get_playbook
from homeroom.library.yaml_loader import BUILTIN_CONTENT

COUNTED = timedelta(days=90)
_LEVELS = ("critical", "high", "medium", "low", "informational")


class RuleState(StrEnum):
    """Whether a rule runs and can see something, runs and sees nothing here, or is off."""

    RUNS = "runs"
    BLIND = "blind"
    OFF = "off"


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule of the list: the logs that it is about, its detections in the last 90 days, and how often it was right.

    `author` and `license` are those of an imported rule, and empty for one of Homeroom's own.
    """

    id: str
    title: str
    level: str
    stage: str
    logs: tuple[str, ...]
    state: RuleState
    off_because: str = ""
    author: str = ""
    license: str = ""
    is_imported: bool = False
    detections: int = 0
    precision: RulePrecision | None = None


@dataclass(frozen=True, kw_only=True)
class RulePage:
    """One rule with the texts of its alerts, and what each record of its test shows: whether it fires, and why."""

    line: RuleLine
    means: str = ""
    first_step: str = ""
    playbook: str = ""
    tests: tuple[tuple[bool, str], ...] = ()


def list_rule_lines(*, district: District, now: datetime) -> tuple[RuleLine, ...]:
    """Return all rules, shipped and imported: those that can see something first, the most severe ones on top."""
    listed = list(_iter_lines(district, now=now))
    counts = _count_detections(district, [line.id for line in listed], since=now - COUNTED)
    precisions = {entry.rule: entry for entry in list_rule_precision(district=district)}
    lines = [_add_outcome(line, counts, precisions) for line in listed]
    states = list(RuleState)
    return tuple(sorted(lines, key=lambda line: (states.index(line.state), _rank_level(line.level), line.title)))


def load_rule_page(*, district: District, rule: str, now: datetime) -> RulePage | None:
    """Return one rule of the district; None if it has none of that id."""
    line = next((line for line in list_rule_lines(district=district, now=now) if line.id == rule), None)
    if line is None:
        return None
    texts = load_alert_rules().texts.get(rule)
    if texts is None:
        return RulePage(line=line)
    playbook = get_playbook(texts.playbook)
    return RulePage(
        line=line,
        means=texts.means,
        first_step=texts.first_step,
        playbook=playbook.title if playbook else "",
        tests=_list_tests(rule),
    )


def _iter_lines(district: District, *, now: datetime) -> Iterator[RuleLine]:
    imported = {rule.id: rule for rule in list_district_imports(district=district)}
    measured = measure_district_coverage(district=district, now=now).rules
    titles = {kind.id: kind.title for kind in load_log_kinds()}
    for entry in measured:
        yield _build_running_line(entry, imported.get(entry.heading.id), titles)
    running = {entry.heading.id for entry in measured}
    for other in imported.values():
        if other.id not in running:
            yield _build_off_line(other)


def _build_running_line(entry: RuleCoverage, imported: ImportedRule | None, titles: Mapping[str, str]) -> RuleLine:
    heading = entry.heading
    texts = load_alert_rules().texts.get(heading.id)
    is_imported = texts is None and imported is not None
    return RuleLine(
        id=heading.id,
        title=heading.title,
        level=heading.level,
        stage=texts.stage if texts else "",
        logs=tuple(titles[kind] for kind in entry.kinds),
        state=RuleState.RUNS if entry.can_see else RuleState.BLIND,
        author=imported.author if is_imported and imported else "",
        license=imported.license if is_imported and imported else "",
        is_imported=is_imported,
    )


def _build_off_line(rule: ImportedRule) -> RuleLine:
    return RuleLine(
        id=rule.id,
        title=rule.title,
        level=rule.level,
        stage="",
        logs=(),
        state=RuleState.OFF,
        off_because=rule.reason or "it does not run any more; import it again",
        author=rule.author,
        license=rule.license,
        is_imported=True,
    )


def _add_outcome(line: RuleLine, counts: Mapping[str, int], precisions: Mapping[str, RulePrecision]) -> RuleLine:
    return replace(line, detections=counts.get(line.id, 0), precision=precisions.get(line.id))


def _count_detections(district: District, rules: Sequence[str], *, since: datetime) -> dict[str, int]:
    """Return how many detections each of the rules has; named, they are counted in an index alone."""
    rows = StoredDetection.objects.of(district).filter(rule__in=rules, at__gte=since).order_by()
    return dict(rows.values("rule").annotate(number=Count("pk")).values_list("rule", "number"))


def _rank_level(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)


def _list_tests(rule: str) -> tuple[tuple[bool, str], ...]:
    """Return what each record of a shipped rule's test shows, each sentence once."""
    file = next((BUILTIN_CONTENT / FOLDER).glob(f"*/{rule}.events.jsonl"), None)
    records = read_records(file, rule, []) if file else []
    return tuple(dict.fromkeys((record.fires, record.why) for record in records))
