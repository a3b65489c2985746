"""Why a detection was made, in sentences that a person reads at night. Students are named by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part, Role
from homeroom.domain.protect.detections.district_fields import is_district_field
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.engines.protect.enrich.country_names import get_country_name
from homeroom.engines.protect.enrich.event_enricher import EventEnricher
from homeroom.engines.protect.enrich.learned_behavior import LAG_DAYS, Aspect
from homeroom.engines.protect.enrich.parties import find_parties

MAX_VALUE = 80
MAX_FIELDS = 3
MAX_USUAL = 3
NAMES_OF_EVENTS = frozenset(
    ("name", "type", "eventName", "eventService", "id.applicationName", "EventID", "Channel", "Provider_Name")
) | {"Operation", "Workload", "LogonType", "activityDisplayName", "category"}
"""Fields that name the kind of event, which the title of the rule has in words."""
_ROLES = {
    Role.SUPER_ADMINISTRATOR: "administers everything",
    Role.ADMINISTRATOR: "has a role of administration",
    Role.DOMAIN_CONTROLLER: "is a domain controller",
    Role.SERVER: "is a server",
}


def list_sentences(
    *,
    title: str,
    event: LogEvent,
    matched: Mapping[str, Any],
    entities: Sequence[Entity],
    enricher: EventEnricher,
    events_total: int = 1,
) -> tuple[str, ...]:
    """Return why a rule with that title fired on an event that was enriched."""
    zone = ZoneInfo(enricher.timezone)
    return tuple(
        line
        for line in (
            _describe_event(title, event, entities, zone=zone, events_total=events_total),
            *_iter_matched(matched, entities),
            *(f"{entity.label} {_ROLES[entity.role]}." for entity in entities if entity.role in _ROLES),
            *_iter_district_sentences(event, entities, enricher),
        )
        if line
    )


def format_local(time: datetime, *, zone: ZoneInfo) -> str:
    """Return a time as the district reads it: Sep 14, 2026, 8:05 AM."""
    local = time.astimezone(zone)
    return f"{local:%b} {local.day}, {local.year}, {local.hour % 12 or 12}:{local:%M %p}"


def describe_test(event: LogEvent, enricher: EventEnricher) -> str:
    """Return that a touch lies in a planned test of its canary, and who started it; empty if it does not."""
    canary = enricher.find_canary(event, find_parties(event)) if event.fields.get("district.canary") else None
    test = canary.find_test(event.time) if canary else None
    if test is None:
        return ""
    since = format_local(test.since, zone=ZoneInfo(enricher.timezone))
    return f"In a planned test of this canary, which {test.started_by} started on {since}."


def _describe_event(
    title: str, event: LogEvent, entities: Sequence[Entity], *, zone: ZoneInfo, events_total: int
) -> str:
    when = format_local(event.time, zone=zone) if event.time else "an unknown time"
    actors = [item.label for item in entities if item.kind == EntityKind.ACCOUNT and item.part == Part.ACTOR]
    hosts = [item.label for item in entities if item.kind == EntityKind.HOST]
    address = next((item for item in entities if item.kind == EntityKind.ADDRESS), None)
    parts = [f"“{title}” on {when}"]
    if actors:
        parts.append(f"by {', '.join(actors[:3])}")
    if hosts:
        parts.append(f"on {', '.join(hosts[:3])}")
    if address is not None:
        parts.append(f"from {address.name}" + _format_country(address.country))
    if events_total > 1:
        parts.append(f"after {events_total:,} events")
    return " ".join(parts) + "."


def _format_country(code: str) -> str:
    return f" ({get_country_name(code).removeprefix('the ')})" if code else ""


def _iter_matched(matched: Mapping[str, Any], entities: Sequence[Entity]) -> Iterator[str]:
    """Yield the values of the log that made the rule true; those that name an account are left to the entities."""
    names = {text for item in entities for text in (item.name.casefold(), item.id.casefold())}
    shown = []
    for name, value in matched.items():
        text = " ".join(str(value).split())
        if is_district_field(name) or name in NAMES_OF_EVENTS:
            continue
        if text and text.casefold() not in names and "@" not in text:
            shown.append(f"{name} is {text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + '…'}")
    if shown:
        yield f"In the log, {', '.join(shown[:MAX_FIELDS])}."


def _iter_district_sentences(event: LogEvent, entities: Sequence[Entity], enricher: EventEnricher) -> Iterator[str]:
    fields, day = event.fields, enricher.get_day(event.time)
    actor = next((item for item in entities if item.kind == EntityKind.ACCOUNT and item.part == Part.ACTOR), None)
    if canary := fields.get("district.canary"):
        yield f"{canary} is a canary: nobody has a reason to touch it."
        if test := describe_test(event, enricher):
            yield test
    if actor is not None and day is not None:
        yield from _iter_learned_sentences(fields, actor, entities, enricher, day=day)
    if actor is not None and (state := fields.get("district.actor.state")) in ("departed", "suspended"):
        yield (
            f"{actor.label} is the account of somebody who left."
            if state == "departed"
            else (f"{actor.label} is suspended.")
        )
    if fields.get("district.tool.first_use") is True:
        host = next((item.label for item in entities if item.kind == EntityKind.HOST), "this computer")
        yield f"{host} never ran this before, as far as its logs go back."


def _iter_learned_sentences(
    fields: Mapping[str, Any], actor: Entity, entities: Sequence[Entity], enricher: EventEnricher, *, day: date
) -> Iterator[str]:
    country = next((item.country for item in entities if item.country), "")
    if country and fields.get("district.country.usual") is False:
        before = describe_usual_countries(enricher, actor.name, day=day)
        yield f"{actor.label} signed in from {get_country_name(country)} for the first time; before: {before}."
    elif fields.get("district.network.usual") is False:
        yield f"{actor.label} never signed in from this network before."


def describe_usual_countries(enricher: EventEnricher, subject: str, *, day: date) -> str:
    """Return where an account was before that day, most often first: `Canada on 41 days, Mexico on 2 days`."""
    usual = enricher.learned.list_usual(Aspect.COUNTRY, subject.casefold(), day=day)
    until = day.toordinal() - LAG_DAYS
    counts = sorted(((days.count(until=until), value) for value, days in usual.items()), key=lambda item: -item[0])
    texts = [
        f"{get_country_name(value)} on {count} day{'s' if count > 1 else ''}" for count, value in counts[:MAX_USUAL]
    ]
    return ", ".join(texts) or "no sign-in that is known"
