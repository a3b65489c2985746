"""How urgent a story is, by a table of content: level and stage of its rules, roles of accounts, and reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, FoldedDetection, Part, Role, TriageTable
from homeroom.engines.protect.triage.fold import is_personal


def rank_story(story: Sequence[FoldedDetection], *, table: TriageTable) -> Severity:
    """Return the severity of a story.

    One about students alone is low unless it touches many accounts or a computer: what a student's sign-in does is no
    matter for a queue. Canaries and new super administrators are at least high.
    """
    entities = list(iter_entities(story))
    points = max(score_detection(detection, table=table) for detection in story)
    points += _look_up(table.reach, count_reach(entities, table=table))
    points += _look_up(table.several_stages, len({detection.stage for detection in story if detection.stage}))
    severity = _name_severity(points, table=table)
    if any(detection.always_alerts for detection in story):
        return severity if severity == Severity.CRITICAL else Severity.HIGH
    return Severity.LOW if is_about_students_alone(entities, table=table) else severity


def score_detection(detection: FoldedDetection, *, table: TriageTable) -> int:
    """Return the points of one detection, without the reach of its story."""
    points = table.levels.get(detection.level, 0) + table.stages.get(detection.stage, 0)
    return points + _score_roles(detection.entities, table=table)


def count_reach(entities: Iterable[Entity], *, table: TriageTable) -> int:
    """Return how many accounts and hosts a story touches."""
    return len(
        {
            (entity.kind, entity.id or entity.name.casefold())
            for entity in entities
            if entity.kind in (EntityKind.HOST, EntityKind.DEVICE)
            or (entity.kind == EntityKind.ACCOUNT and is_personal(entity, shared_names=table.shared_names))
        }
    )


def is_about_students_alone(entities: Sequence[Entity], *, table: TriageTable) -> bool:
    """Return whether all accounts of a story are students' and nothing else of the district is touched."""
    accounts = {entity.name.casefold(): entity for entity in entities if entity.kind == EntityKind.ACCOUNT}
    touches_more = any(entity.kind in (EntityKind.HOST, EntityKind.DEVICE) for entity in entities)
    if not accounts or touches_more or len(accounts) >= table.students_alone_reach:
        return False
    return all(entity.role == Role.STUDENT for entity in accounts.values())


def iter_entities(story: Iterable[FoldedDetection]) -> Iterable[Entity]:
    """Yield the entities of a story."""
    for detection in story:
        yield from detection.entities


def _score_roles(entities: Sequence[Entity], *, table: TriageTable) -> int:
    """Return the points of those it is done to and of the hosts; of those who act only where it is done to nobody.

    An administrator who administers is nothing unusual; one whom something happens to is.
    """
    accounts = [entity for entity in entities if entity.kind == EntityKind.ACCOUNT and entity.role != Role.UNKNOWN]
    victims = [entity for entity in accounts if entity.part == Part.VICTIM] or accounts
    hosts = [entity for entity in entities if entity.kind == EntityKind.HOST and entity.role != Role.UNKNOWN]
    return max((table.roles.get(entity.role, 0) for entity in (*victims, *hosts)), default=0)


def _look_up(steps: Mapping[int, int], amount: int) -> int:
    return max((points for least, points in steps.items() if amount >= least), default=0)


def _name_severity(points: int, *, table: TriageTable) -> Severity:
    return next((severity for severity, least in table.severities.items() if points >= least), Severity.LOW)
