"""Query the reach of an incident: what the logs say that its accounts and computers did while it lasted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path

from django.conf import settings

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.incidents.parties import IncidentParties, find_parties
from homeroom.apps.protect.incidents.queries import IncidentView
from homeroom.apps.protect.incidents.reach_events import (
    iter_own_addresses,
    iter_reach_events,
    iter_uses_of_addresses,
)
from homeroom.apps.protect.incidents.reach_people import PeopleFinder, ReachPeople, clean_name
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import Entity, Role
from homeroom.domain.protect.incidents.reach import Reach, ReachItem, ReachKind, ReachQuestion, ReachSection
from homeroom.domain.protect.incidents.records import Moment
from homeroom.engines.protect.enrich.country_names import get_country_name
from homeroom.engines.protect.enrich.district_knowledge import DistrictKnowledge
from homeroom.engines.protect.incidents.reach import (
    ReachCollector,
    build_section,
    choose_foreign_addresses,
    find_other_accounts,
)
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore

MARGIN = timedelta(hours=1)
"""Time before the first event whose activity counts as reach: an alert names the first event that looked wrong."""
MAX_TIME = timedelta(days=90)
"""Longest time that is read; of an incident that is open longer, the first part."""
MAX_ACCOUNTS = 200
"""Accounts that are asked about, those that act first; more are a crowd."""
MAX_SHOWN = 50
_DOMAIN = re.compile(r"@([\w-]+(?:\.[\w-]+)+)")
_ABOUT_ACCOUNTS = (ReachKind.ACCOUNT, ReachKind.OTHER_ACCOUNT)
CACHED = 32
"""Incidents whose reach a process remembers until more events are loaded."""


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """The accounts and hosts whose reach it is, as a key of what is remembered."""

    accounts: tuple[Entity, ...]
    hosts: frozenset[str]
    addresses: frozenset[str]
    began_at: datetime
    until: datetime


def get_reach(
    *, district: District, incident: IncidentView, at: datetime, parties: IncidentParties | None = None
) -> Reach:
    """Return the reach of an incident until it was contained or closed, else until now.

    Sections count all, and have the first 50 things. It is computed again once more events are loaded, and each hour.
    `parties` are those of all its alerts, for who read only some of them.
    """
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    version = EventStore(store).get_version()
    return _remember_reach(
        settings.DATA,
        district.slug,
        _build_subject(incident, parties or find_parties(incident.alerts), at),
        version,
        derived.id if derived else "",
    )


def get_complete_reach(*, district: District, incident: IncidentView, at: datetime) -> Reach:
    """Return the reach of an incident with all things of its sections."""
    subject = _build_subject(incident, find_parties(incident.alerts), at)
    return _compute_reach(get_evidence_store(district=district), subject)


@lru_cache(maxsize=CACHED)
def _remember_reach(data: Path, slug: str, subject: _Subject, _version: int, _derived: str) -> Reach:
    reach = _compute_reach(EvidenceStore(data / "evidence", district=slug), subject)
    sections = tuple(replace(section, items=section.items[:MAX_SHOWN]) for section in reach.sections)
    return replace(reach, sections=sections)


def _build_subject(incident: IncidentView, parties: IncidentParties, at: datetime) -> _Subject:
    ends = [incident.moments[moment] for moment in (Moment.CONTAINED, Moment.CLOSED) if moment in incident.moments]
    next_hour = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _Subject(
        accounts=parties.accounts[:MAX_ACCOUNTS],
        hosts=parties.hosts,
        addresses=parties.addresses,
        began_at=incident.moments.get(Moment.FIRST_EVENT, at),
        until=min([*ends, next_hour]),
    )


def _compute_reach(store: EvidenceStore, subject: _Subject) -> Reach:
    since = subject.began_at - MARGIN
    until = max(since, min(subject.until, since + MAX_TIME))
    if not subject.accounts and not subject.hosts:
        return Reach(since=since, until=until)
    finder, events = PeopleFinder(store), EventStore(store)
    people = finder.find_people(subject.accounts)
    question = ReachQuestion(
        since=since,
        began_at=subject.began_at,
        until=until,
        accounts=people.names,
        hosts=subject.hosts,
        named_addresses=subject.addresses,
    )
    foreign, own = _find_addresses(events, question, people)
    collector = ReachCollector(foreign=foreign)
    for event in iter_reach_events(events, question):
        collector.add(event)
    uses = iter_uses_of_addresses(events, question, foreign) if foreign else ()
    others = find_other_accounts(question, uses, foreign=foreign)
    sections = (*((build_section(ReachKind.OTHER_ACCOUNT, others),) if others else ()), *collector.build_sections())
    entities = finder.find_entities({name for section in sections for name in _iter_names(section)})
    answer = partial(_answer_outside, foreign=foreign, own=own, domains=people.domains)
    return Reach(
        since=since,
        until=until,
        owners=people.owners,
        sections=tuple(
            build_section(section.kind, (_mask_item(answer(item), entities) for item in section.items))
            for section in sections
        ),
        events=collector.events,
        failed=collector.failed,
        shortened=until < subject.until,
    )


def _find_addresses(
    events: EventStore, question: ReachQuestion, people: ReachPeople
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the addresses from which the accounts came for the first time, and those that are the district's own."""
    uses = list(iter_own_addresses(events, question))
    knowledge = DistrictKnowledge(own_networks=people.networks)
    addresses = {use.address for use in uses if use.address} | question.named_addresses
    is_own = {address: knowledge.has_own_network(address) for address in addresses}
    own = frozenset(address for address, answer in is_own.items() if answer)
    return choose_foreign_addresses(question, uses, is_own=is_own), own


def _answer_outside(
    item: ReachItem, *, foreign: frozenset[str], own: frozenset[str], domains: frozenset[str]
) -> ReachItem:
    """Return an address with whether it was new for the accounts, and mail with whether it goes out of the district."""
    if item.kind is ReachKind.ADDRESS:
        outside = True if item.name in foreign else False if item.name in own else None
        return replace(item, outside=outside, notes=tuple(map(get_country_name, item.notes)))
    if item.kind is ReachKind.MAIL and domains:
        named = {match.casefold() for text in (item.name, *item.notes) for match in _DOMAIN.findall(text)}
        return replace(item, outside=bool(named - domains) if named else None)
    return item


def _iter_names(section: ReachSection) -> Iterator[str]:
    """Yield all texts of a section that may name an account."""
    for item in section.items:
        yield from (item.name, item.owner, item.id, *item.accounts, *item.notes)


def _mask_item(item: ReachItem, entities: Mapping[str, Entity]) -> ReachItem:
    owner = next((entities[key] for text in (item.owner, item.id) if (key := clean_name(text)) in entities), None)
    is_students = item.kind is ReachKind.DOCUMENT and owner is not None and owner.role == Role.STUDENT
    masked = replace(
        item,
        name=_mask(item.name, entities),
        owner=owner.label if owner is not None else item.owner,
        accounts=tuple(_mask(name, entities) for name in item.accounts),
        notes=tuple(_mask(note, entities) for note in item.notes),
        account=entities.get(clean_name(item.name)) if item.kind in _ABOUT_ACCOUNTS else None,
    )
    if not is_students or owner is None:
        return masked
    number = item.id.rpartition("/")[2] if "/personal/" not in item.id.casefold() else ""
    return replace(masked, name=number or owner.label, id=number)


def _mask(text: str, entities: Mapping[str, Entity]) -> str:
    entity = entities.get(clean_name(text))
    return entity.label if entity is not None and entity.role == Role.STUDENT else text
