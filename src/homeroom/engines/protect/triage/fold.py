"""Fold detections into stories: those of one actor, victim, host or app that follow one another within a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from homeroom.domain.protect.detections.alerts import Entity, EntityKind, FoldedDetection, Part, Role

STORY_GAP = timedelta(hours=24)
WAVE_GAP = timedelta(hours=1)
"""How soon what precedes encryption follows on the next computer: tools of intruders run it on many at once."""
PRECURSOR = "precursor"
"""The stage of what precedes encryption, such as deleted shadow copies."""
MAX_VICTIMS = 3
"""Victims of one detection up to which each is part of its story; more are a crowd that shares nothing."""

type StoryKey = tuple[EntityKind, str]


def order_detections(detections: Iterable[FoldedDetection]) -> list[FoldedDetection]:
    """Return detections in the order of time, rule and event."""
    return sorted(detections, key=lambda item: (item.event.time, item.rule, item.event.key))


def fold_detections(
    detections: Iterable[FoldedDetection], *, shared_names: frozenset[str] = frozenset()
) -> list[tuple[FoldedDetection, ...]]:
    """Return the stories, ordered by their first detection, whatever the order that detections are given in.

    Two detections with a common actor, victim, host or app are of one story if at most a day lies between them, or
    between each and the next of a chain of such; so are those of accounts of one person. What precedes encryption is
    one story on several computers too, if a rule fires on the next within an hour. `shared_names` are accounts that
    everybody acts as, such as SYSTEM.
    """
    ordered = order_detections(detections)
    parents = list(range(len(ordered)))
    newest: dict[StoryKey | str, tuple[datetime, int]] = {}
    for number, detection in enumerate(ordered):
        gaps: dict[StoryKey | str, timedelta] = dict.fromkeys(
            iter_story_keys(detection, shared_names=shared_names), STORY_GAP
        )
        if detection.stage == PRECURSOR:
            gaps[detection.rule] = WAVE_GAP
        for key, gap in gaps.items():
            before = newest.get(key)
            if before is not None and detection.event.time - before[0] <= gap:
                _unite(parents, before[1], number)
            newest[key] = (detection.event.time, number)
    stories: dict[int, list[FoldedDetection]] = {}
    for number, detection in enumerate(ordered):
        stories.setdefault(_find_root(parents, number), []).append(detection)
    return [tuple(story) for story in stories.values()]


def iter_story_keys(detection: FoldedDetection, *, shared_names: frozenset[str] = frozenset()) -> Iterator[StoryKey]:
    """Yield what a story can be about: accounts, hosts, apps, files of canaries, and addresses that act."""
    accounts = [
        entity
        for entity in detection.entities
        if entity.kind == EntityKind.ACCOUNT and is_personal(entity, shared_names=shared_names)
    ]
    actors = [entity for entity in accounts if entity.part == Part.ACTOR]
    victims = [entity for entity in accounts if entity.part == Part.VICTIM]
    for account in (*actors, *(victims if len(victims) <= MAX_VICTIMS else ())):
        yield _build_key(account)
        if account.person:
            yield account.kind, f"person {account.person}"
    for entity in detection.entities:
        if _is_story_thing(entity, has_actor=bool(actors)):
            yield _build_key(entity)


def is_personal(entity: Entity, *, shared_names: frozenset[str]) -> bool:
    """Return whether an account is one that somebody has, not SYSTEM or a computer's own."""
    name = entity.name.rpartition("\\")[2].casefold()
    return bool(name) and not name.endswith("$") and name not in shared_names


def _is_story_thing(entity: Entity, *, has_actor: bool) -> bool:
    if entity.kind in (EntityKind.HOST, EntityKind.DEVICE):
        return not (has_actor and entity.role == Role.DOMAIN_CONTROLLER)  # all accounts of a domain share these
    if entity.kind == EntityKind.ADDRESS:
        return entity.part == Part.ACTOR
    return entity.kind == EntityKind.APP or (entity.kind == EntityKind.FILE and entity.part == Part.VICTIM)


def _build_key(entity: Entity) -> StoryKey:
    return entity.kind, entity.id or entity.name.casefold()


def _find_root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def _unite(parents: list[int], first: int, second: int) -> None:
    roots = sorted((_find_root(parents, first), _find_root(parents, second)))
    parents[roots[1]] = roots[0]


def list_rules(story: Sequence[FoldedDetection]) -> tuple[str, ...]:
    """Return the rules of a story in the order in which they fired first."""
    return tuple(dict.fromkeys(detection.rule for detection in story))
