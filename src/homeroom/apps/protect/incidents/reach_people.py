"""Whose accounts an incident is about: names that logs call them by, the person's role, school and devices."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import duckdb

from homeroom.apps.protect.detection.judging.district_evidence import ACCOUNT_COLUMNS, build_account
from homeroom.domain.ids import format_public_id, parse_public_id
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part
from homeroom.domain.protect.incidents.reach import AccountOwner
from homeroom.engines.protect.enrich.district_knowledge import AccountFacts
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import WEB, open_session

MAX_GROUPS = 12
"""Groups of an account that are named; more are counted."""
_TABLES = ("accounts", "people", "devices", "group_members", "groups", "own_networks")
_NAMED_SQL = f"""
    SELECT {ACCOUNT_COLUMNS}, person FROM accounts
    WHERE list_contains(?, id) OR list_contains(?, lower(email)) OR list_has_any(identifiers, ?)"""
_SITES_SQL = f"""
    SELECT {ACCOUNT_COLUMNS}, person FROM accounts
    WHERE list_contains(?, regexp_replace(lower(email), '[^a-z0-9]', '_', 'g'))"""
_PERSONAL = re.compile(r"/personal/([^/]+)", re.IGNORECASE)
_NO_LETTER = re.compile("[^a-z0-9]")
_SAME_PERSON_SQL = f"SELECT {ACCOUNT_COLUMNS}, person FROM accounts WHERE list_contains(?, person)"
_DOMAINS_SQL = "SELECT DISTINCT split_part(lower(email), '@', 2) FROM accounts WHERE contains(email, '@')"
_PEOPLE_SQL = """
    SELECT id, coalesce(kind, ''), coalesce(title, ''), coalesce(school, ''), opens FROM people
    WHERE list_contains(?, id)"""
_DEVICES_SQL = """
    SELECT holder, id, coalesce(name, serial, asset_tag, '') FROM devices WHERE list_contains(?, holder) ORDER BY id"""
_GROUPS_SQL = """
    SELECT member.email, coalesce(g.name, g.email, g.key)
    FROM group_members member JOIN groups g
        ON g.key = member.group_key AND g.connector = member.connector AND g.instance = member.instance
    WHERE list_contains(?, member.email) ORDER BY 1, 2"""


@dataclass(frozen=True, kw_only=True)
class ReachPeople:
    """The accounts of an incident and the others of the same people, and the district's own networks and domains.

    `names` has, by each name of an account in lower case, what the incident calls the account.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    owners: tuple[AccountOwner, ...] = ()
    networks: tuple[str, ...] = ()
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _ResolvedAccount:
    """An account with the person it belongs to, None where nobody was found."""

    facts: AccountFacts
    person: int | None

    def build_entity(self, *, part: Part = Part.OTHER) -> Entity:
        return Entity(kind=EntityKind.ACCOUNT, name=self.facts.name, id=self.facts.id, part=part, role=self.facts.role)


class PeopleFinder:
    """Looks up accounts of a district by the names that logs have; each look-up reads only what it needs."""

    def __init__(self, store: EvidenceStore) -> None:
        derived = store.get_latest_derived()
        self._pinned = store.pin_snapshot(derived=derived.id if derived else None).restrict_to(*_TABLES)
        self._has_accounts = derived is not None

    def find_people(self, accounts: Sequence[Entity]) -> ReachPeople:
        """Return whose these accounts are, with the other accounts of the same people."""
        names = {clean_name(entity.name): entity.name for entity in accounts}
        with closing(open_session(self._pinned, limits=WEB)) as session:
            networks = tuple(str(row[0]) for row in session.execute("SELECT network FROM own_networks").fetchall())
            if not self._has_accounts:
                return ReachPeople(names=names, networks=networks)
            domains = frozenset(str(row[0]) for row in session.execute(_DOMAINS_SQL).fetchall())
            numbers = [number for entity in accounts if (number := _parse_number(entity.id)) is not None]
            unknown = {clean_name(entity.name) for entity in accounts if not entity.id}
            named = _drop_ambiguous(_list_accounts(session, numbers, unknown), numbers)
            persons = sorted({item.person for item in named if item.person is not None})
            related = _read_accounts(session, _SAME_PERSON_SQL, [persons]) if persons else []
            owners = _build_owners(session, accounts, named, related, persons)
        by_id = {entity.id: entity.name for entity in accounts if entity.id}
        by_person: dict[int | None, str] = {
            item.person: _name_in_incident(item, by_id, names) for item in named if item.person is not None
        }
        for item in (*related, *named):
            called = _name_in_incident(item, by_id, names) or by_person.get(item.person, "")
            for name in item.facts.names if called else ():
                names.setdefault(name, called)
        return ReachPeople(names=names, owners=owners, networks=networks, domains=domains)

    def find_entities(self, names: Collection[str]) -> dict[str, Entity]:
        """Return the accounts of the district among names, by the name in lower case.

        A personal site's address, or one below it, is a name of its account too.
        """
        wanted = {clean_name(name) for name in names if name}
        sites = {site: name for name in wanted if (site := clip_personal_site(name))}
        if not self._has_accounts or not wanted:
            return {}
        with closing(open_session(self._pinned, limits=WEB)) as session:
            accounts = _list_accounts(session, (), wanted)
            owners = _read_accounts(session, _SITES_SQL, [sorted(sites)]) if sites else []
        entities = {name: item.build_entity() for item in accounts for name in item.facts.names if name in wanted}
        by_site = {_build_site(item.facts.name): item.build_entity() for item in owners}
        return entities | {name: by_site[site] for name in wanted if (site := clip_personal_site(name)) in by_site}


def _drop_ambiguous(accounts: Sequence[_ResolvedAccount], numbers: Sequence[int]) -> list[_ResolvedAccount]:
    """Return the accounts of these ids, and of those found by a name the ones whose name only one person has."""
    ids = {format_public_id("account", number) for number in numbers}
    persons: dict[str, set[str]] = {}
    for item in accounts:
        for name in item.facts.names:
            persons.setdefault(name, set()).add(item.facts.person)
    return [
        item for item in accounts if item.facts.id in ids or all(len(persons[name]) == 1 for name in item.facts.names)
    ]


def _parse_number(public: str) -> int | None:
    try:
        return parse_public_id(public)[1]
    except ValueError:
        return None


def clean_name(name: str) -> str:
    r"""Return an account's name without a Windows domain before it, in lower case."""
    return name.rpartition("\\")[2].strip().casefold()


def clip_personal_site(address: str) -> str:
    """Return the part of a personal site's address that is made of its owner's; empty for other texts."""
    match = _PERSONAL.search(address)
    return match[1].casefold() if match else ""


def _build_site(email: str) -> str:
    return _NO_LETTER.sub("_", email.casefold())


def _list_accounts(
    session: duckdb.DuckDBPyConnection, numbers: Sequence[int], names: Collection[str]
) -> list[_ResolvedAccount]:
    """Return the accounts of these ids and names."""
    ordered = sorted(names)
    return _read_accounts(session, _NAMED_SQL, [list(numbers), ordered, ordered])


def _read_accounts(session: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> list[_ResolvedAccount]:
    rows = session.execute(sql, values).fetchall()
    return [_ResolvedAccount(facts=build_account(row[:-1]), person=row[-1]) for row in rows]


def _name_in_incident(item: _ResolvedAccount, by_id: Mapping[str, str], names: Mapping[str, str]) -> str:
    return by_id.get(item.facts.id) or next((names[name] for name in item.facts.names if name in names), "")


def _build_owners(
    session: duckdb.DuckDBPyConnection,
    accounts: Sequence[Entity],
    named: Sequence[_ResolvedAccount],
    related: Sequence[_ResolvedAccount],
    persons: Sequence[int],
) -> tuple[AccountOwner, ...]:
    """Return the owner of each account of the incident, in their order, and of the people's other accounts after."""
    people: dict[int | None, tuple[Any, ...]] = {
        row[0]: row[1:] for row in session.execute(_PEOPLE_SQL, [list(persons)]).fetchall()
    }
    devices: dict[int | None, list[Entity]] = {}
    for holder, number, name in session.execute(_DEVICES_SQL, [list(persons)]).fetchall():
        public = format_public_id("device", number)
        devices.setdefault(holder, []).append(Entity(kind=EntityKind.DEVICE, name=name or public, id=public))
    parts = {entity.id: entity.part for entity in accounts}
    by_person: dict[str, list[_ResolvedAccount]] = {}
    for item in {item.facts.id: item for item in (*named, *related)}.values():
        by_person.setdefault(item.facts.person, []).append(item)
    groups = _list_groups(session, [item.facts.name.casefold() for item in (*named, *related)])
    return tuple(_build_owner(items, people, devices, groups, parts) for items in by_person.values())


def _build_owner(
    items: Sequence[_ResolvedAccount],
    people: Mapping[int | None, tuple[Any, ...]],
    devices: Mapping[int | None, Sequence[Entity]],
    groups: Mapping[str, Sequence[str]],
    parts: Mapping[str, Part],
) -> AccountOwner:
    person = items[0].person
    kind, title, school, opens = people.get(person, ("", "", "", None))
    accounts = {
        item.facts.name.casefold(): item.build_entity(part=parts.get(item.facts.id, Part.OTHER))
        for item in reversed(items)
    }
    memberships = sorted({name for item in items for name in groups.get(item.facts.name.casefold(), ())})
    return AccountOwner(
        accounts=tuple(accounts.values())[::-1],
        directories=tuple(dict.fromkeys(item.facts.directory for item in items)),
        person=format_public_id("person", person) if person is not None else "",
        role=title or kind,
        school=school,
        devices=tuple(devices.get(person, ())),
        opens=tuple(opens or ()),
        groups=tuple(memberships[:MAX_GROUPS]),
        groups_total=len(memberships),
    )


def _list_groups(session: duckdb.DuckDBPyConnection, emails: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for email, name in session.execute(_GROUPS_SQL, [sorted(set(emails))]).fetchall():
        groups.setdefault(email, []).append(name)
    return groups
