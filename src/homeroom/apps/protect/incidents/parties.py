"""Who and what the alerts of an incident name, and whose activity is its reach."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from homeroom.apps.protect.incidents.hold import read_entities
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part
from homeroom.domain.protect.incidents.records import Naming, unite_entities
from homeroom.engines.protect.enrich.parties import clean_address
from homeroom.engines.protect.incidents.touches import list_subjects
from homeroom.library.protect.triage.triage_table import load_triage_table

CACHED = 16
"""Incidents of which a process remembers whom they name."""


@dataclass(frozen=True, kw_only=True)
class IncidentParties:
    """The entities of an incident, each once; of them the accounts, hosts and addresses whose activity is its reach."""

    entities: tuple[Entity, ...]
    accounts: tuple[Entity, ...]
    hosts: frozenset[str]
    addresses: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _AlertEntities:
    entities: tuple[Entity, ...]


def find_parties(alerts: Iterable[Naming]) -> IncidentParties:
    """Return whom and what alerts name."""
    named = list(alerts)
    accounts, hosts = list_subjects(named, shared_names=load_triage_table().shared_names)
    addresses = {
        address
        for alert in named
        for entity in alert.entities
        if entity.kind == EntityKind.ADDRESS and entity.part == Part.ACTOR and (address := clean_address(entity.name))
    }
    return IncidentParties(
        entities=unite_entities(named), accounts=accounts, hosts=hosts, addresses=frozenset(addresses)
    )


@lru_cache(maxsize=CACHED)
def parse_parties(details: tuple[str, ...]) -> IncidentParties:
    """Return whom and what held alerts name, from their details as JSON; remembered by the whole of these texts."""
    return find_parties([_AlertEntities(entities=read_entities(json.loads(text)["entities"])) for text in details])
