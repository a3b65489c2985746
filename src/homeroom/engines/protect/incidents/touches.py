"""What joins an alert to others: who acts, who signs in or is acted on, hosts, apps, and addresses from outside.

The accounts of one person in Google, Microsoft and Active Directory are one actor. A crowd joins nothing: that two
alerts are about the same two hundred accounts does not show who did them. Nor do accounts that everybody acts as,
domain controllers where somebody acts, and the district's own addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address

from homeroom.domain.protect.detections.alerts import Alert, Entity, EntityKind, EventReference, Part, Role
from homeroom.domain.protect.incidents.records import IncidentAlert, IncidentEvent, Naming, Touch

MAX_VICTIMS = 3
MAX_THINGS = 10
"""Actors, hosts, apps or addresses of one detection up to which each joins; more are a crowd."""

type ThingKey = tuple[EntityKind, str]


def convert_alert(alert: Alert, *, shared_names: frozenset[str] = frozenset()) -> IncidentAlert:
    """Return an alert as an incident needs it."""
    return IncidentAlert(
        id=alert.id,
        title=alert.title,
        severity=alert.severity,
        fired_at=alert.fired_at,
        first_seen=alert.first_seen,
        last_seen=alert.last_seen,
        rules=alert.rules,
        stages=alert.stages,
        entities=alert.entities,
        why=alert.why,
        means=alert.means,
        first_step=alert.first_step,
        playbook=alert.playbook,
        events=tuple(_iter_events(alert)),
        touches=find_touches(alert, shared_names=shared_names),
    )


def find_touches(alert: Alert, *, shared_names: frozenset[str] = frozenset()) -> tuple[Touch, ...]:
    """Return what joins an alert to others, each thing once."""
    return tuple(_unite_touches(_iter_alert_touches(alert, shared_names=shared_names)))


def _iter_events(alert: Alert) -> Iterator[IncidentEvent]:
    """Yield the events of an alert, each once: those that fired under their rule, then those that led there."""
    fired: dict[EventReference, str] = {}
    led: dict[EventReference, str] = {}
    for detection in alert.detections:
        fired.setdefault(detection.event, detection.title)
        for event in detection.events:
            led.setdefault(event, detection.title)
    for event, title in fired.items():
        yield IncidentEvent(reference=event, what=title)
    for event in dict.fromkeys((*led, *alert.events)):
        if event not in fired:
            yield IncidentEvent(reference=event, what=led.get(event, alert.title), fires=False)


def _iter_alert_touches(alert: Alert, *, shared_names: frozenset[str]) -> Iterator[Touch]:
    for detection in alert.detections:
        times = [event.time for event in (detection.event, *detection.events)]
        for kind, name in iter_thing_keys(detection.entities, shared_names=shared_names):
            yield Touch(kind=kind, name=name, first=min(times), last=max(times))
    if not alert.detections:
        for kind, name in iter_thing_keys(alert.entities, shared_names=shared_names):
            yield Touch(kind=kind, name=name, first=alert.first_seen, last=alert.last_seen)


def iter_thing_keys(entities: Iterable[Entity], *, shared_names: frozenset[str] = frozenset()) -> Iterator[ThingKey]:
    """Yield what entities may have in common with others, by name and by id; a crowd yields nothing."""
    named = list(entities)
    actors = [item for item in named if _is_personal(item, shared_names) and item.part != Part.VICTIM]
    victims = [item for item in named if _is_personal(item, shared_names) and item.part == Part.VICTIM]
    hosts = [item for item in named if _is_joining_host(item, has_actor=bool(actors))]
    apps = [item for item in named if item.kind == EntityKind.APP]
    addresses = [item for item in named if _is_outside_address(item)]
    for group, limit in ((actors, MAX_THINGS), (victims, MAX_VICTIMS), (hosts, MAX_THINGS), (apps, MAX_THINGS),
                        (addresses, MAX_THINGS)):  # fmt: skip
        if len(group) <= limit:
            yield from (key for item in group for key in _iter_keys(item))


def list_subjects(
    alerts: Iterable[Naming], *, shared_names: frozenset[str] = frozenset()
) -> tuple[tuple[Entity, ...], frozenset[str]]:
    """Return whose activity is the reach of alerts: accounts, those that act first, and hosts by their short names.

    A crowd that something happened to is left out.
    """
    actors: dict[str, Entity] = {}
    victims: dict[str, Entity] = {}
    hosts: set[str] = set()
    for alert in alerts:
        accounts = [entity for entity in alert.entities if _is_personal(entity, shared_names)]
        acting = [entity for entity in accounts if entity.part != Part.VICTIM]
        acted_on = [entity for entity in accounts if entity.part == Part.VICTIM]
        actors |= {entity.id or entity.name.casefold(): entity for entity in acting}
        if len(acted_on) <= MAX_VICTIMS:
            victims |= {entity.id or entity.name.casefold(): entity for entity in acted_on}
        joining = [entity for entity in alert.entities if _is_joining_host(entity, has_actor=bool(acting))]
        if len(joining) <= MAX_THINGS:
            hosts |= {entity.name.partition(".")[0].casefold() for entity in joining if entity.name}
    return tuple({**victims, **actors}.values())[::-1], frozenset(hosts)


def _is_personal(entity: Entity, shared_names: frozenset[str]) -> bool:
    if entity.kind != EntityKind.ACCOUNT:
        return False
    name = entity.name.rpartition("\\")[2].casefold()
    return bool(name) and not name.endswith("$") and name not in shared_names


def _is_joining_host(entity: Entity, *, has_actor: bool) -> bool:
    if entity.kind not in (EntityKind.HOST, EntityKind.DEVICE):
        return False
    return not (has_actor and entity.role == Role.DOMAIN_CONTROLLER)  # all accounts of a domain share these


def _is_outside_address(entity: Entity) -> bool:
    if entity.kind != EntityKind.ADDRESS or entity.part != Part.ACTOR:
        return False
    try:
        address = ip_address(entity.name)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_link_local)


def _iter_keys(entity: Entity) -> Iterator[ThingKey]:
    kind = EntityKind.HOST if entity.kind == EntityKind.DEVICE else entity.kind
    yield kind, entity.name.casefold()
    if entity.id:
        yield kind, f"id {entity.id}"
    if entity.person:
        yield kind, f"person {entity.person}"


def _unite_touches(touches: Iterable[Touch]) -> Iterator[Touch]:
    """Yield the touches of one thing as one, from its first time to its last."""
    spans: dict[ThingKey, tuple[datetime, datetime]] = {}
    for touch in touches:
        first, last = spans.get((touch.kind, touch.name), (touch.first, touch.last))
        spans[touch.kind, touch.name] = (min(first, touch.first), max(last, touch.last))
    for (kind, name), (first, last) in spans.items():
        yield Touch(kind=kind, name=name, first=first, last=last)
