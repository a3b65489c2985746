"""What the evidence knows of a district, read for judging: accounts, devices, canaries, networks, announced work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from homeroom.apps.protect.detection.announced_work import build_activity
from homeroom.domain.ids import format_public_id
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from homeroom.engines.protect.enrich.district_knowledge import (
    WINDOWS_DIRECTORY,
    AccountFacts,
    Canary,
    DeviceFacts,
    DistrictKnowledge,
)
from homeroom.engines.protect.enrich.event_enricher import is_weekday
from homeroom.engines.protect.enrich.host_roles import SERVER_ROLES, find_system_role
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

ACCOUNT_COLUMNS = """
    id, directory, coalesce(email, ''), coalesce(name, ''), identifiers, kind, role, administrator, super_admin,
    enabled, coalesce(person_left, false), coalesce(person, id), coalesce(works_here, false),
    person IS NOT NULL"""
"""What `build_account` takes, of the table `accounts`."""
_ACCOUNTS_SQL = f"SELECT {ACCOUNT_COLUMNS} FROM accounts ORDER BY id"
_DEVICES_SQL = """
    SELECT id, coalesce(name, ''), coalesce(os_edition, ''), coalesce(os_version, ''), coalesce(kind, '')
    FROM devices WHERE name IS NOT NULL ORDER BY id"""
_DAYS_SQL = "SELECT date, bool_or(kind = 'school') FROM calendar_days GROUP BY date"
_CANARIES_SQL = "SELECT kind, value FROM canaries ORDER BY kind, value"
_NETWORKS_SQL = "SELECT network FROM own_networks ORDER BY network"
_EXPECTED_SQL = """
    SELECT key, who, targets, hosts, addresses, countries, starts, ends, daily_from, daily_until, reason
    FROM expected_activities ORDER BY key"""
_NAMED_ACCOUNTS_SQL = _ACCOUNTS_SQL.replace(
    "ORDER BY id",
    """WHERE list_has_any($names, list_transform(
            list_concat([coalesce(email, ''), coalesce(name, '')], coalesce(identifiers, [])), text -> lower(text)))
        OR directory = 'activedirectory' AND list_has_any($names, list_transform(
            list_concat([coalesce(email, ''), coalesce(name, '')], coalesce(identifiers, [])),
            text -> split_part(lower(text), '@', 1)))
    ORDER BY id""",
)
_SYNCED_IDS_SQL = """
    SELECT lower(email), flatten(list(synced_ids)) FROM account_records
    WHERE email IS NOT NULL AND len(synced_ids) > 0 GROUP BY lower(email)"""
_SYNCED_DIRECTORIES = (WINDOWS_DIRECTORY, "microsoft")
_LOGON_NAME, _SID = "sam:", "sid:"
NO_SYNCED_IDS: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class DistrictEvidence:
    """What judging needs to know of a district."""

    knowledge: DistrictKnowledge
    expected: tuple[ExpectedActivity, ...] = ()
    school_days: Mapping[date, bool] | None = None

    def is_server(self, host: str) -> bool:
        """Return whether a host is a server, by the inventory or its name."""
        return self.knowledge.find_host_role(host) in SERVER_ROLES

    def is_school_day(self, day: date) -> bool:
        """Return whether a day is a school day; without a calendar, whether it is from Monday to Friday."""
        return self.school_days.get(day, False) if self.school_days else is_weekday(day)


@dataclass(frozen=True, kw_only=True)
class AnnouncedSet:
    """Announced work as files have it, and the accounts that these and the announcements of the page name."""

    of_files: tuple[ExpectedActivity, ...] = ()
    accounts: tuple[AccountFacts, ...] = ()

    def expand(self, item: ExpectedActivity) -> ExpectedActivity:
        """Return announced work with all names of the accounts that it names."""
        (expanded,) = add_account_names([item], self.accounts)
        return expanded


def load_announced_set(
    store: EvidenceStore, *, timezone: str, announced: Iterable[ExpectedActivity] = ()
) -> AnnouncedSet:
    """Read the announced work of files, and no more accounts than those that it or `announced` names."""
    if not store.list_current_loads():
        return AnnouncedSet()
    derived = store.get_latest_derived()
    snapshot = store.pin_snapshot(derived=derived.id if derived else None)
    session = open_session(snapshot.restrict_to("accounts", "expected_activities"))
    try:
        of_files = tuple(build_activity(row, zone=ZoneInfo(timezone)) for row in _list_rows(session, _EXPECTED_SQL))
        names = {name.casefold() for item in (*of_files, *announced) for name in (*item.who, *item.targets)}
        wanted = {"names": sorted(names)}
        rows = session.execute(_NAMED_ACCOUNTS_SQL, wanted).fetchall() if derived and names else []
    finally:
        session.close()
    return AnnouncedSet(of_files=of_files, accounts=tuple(map(build_account, rows)))


def load_district_evidence(
    store: EvidenceStore, *, timezone: str, announced: Iterable[ExpectedActivity] = ()
) -> DistrictEvidence:
    """Read what the newest snapshot and the current loads know; nothing is resolved here.

    `announced` is the work that was announced on the page; it and that of files are one set.
    """
    derived = store.get_latest_derived()
    if not store.list_current_loads():
        return DistrictEvidence(knowledge=DistrictKnowledge(), expected=add_account_names(tuple(announced), ()))
    names = (
        "accounts",
        "account_records",
        "devices",
        "calendar_days",
        "canaries",
        "own_networks",
        "expected_activities",
    )
    session = open_session(store.pin_snapshot(derived=derived.id if derived else None).restrict_to(*names))
    try:
        synced_ids = dict(_fetch(session, _SYNCED_IDS_SQL))
        accounts = [build_account(row, synced_ids) for row in _fetch(session, _ACCOUNTS_SQL)] if derived else []
        devices = [_build_device(row) for row in session.execute(_DEVICES_SQL).fetchall()] if derived else []
        planted = _fetch(session, _CANARIES_SQL)
        networks = [network for (network,) in _fetch(session, _NETWORKS_SQL)]
        of_files = [build_activity(row, zone=ZoneInfo(timezone)) for row in _list_rows(session, _EXPECTED_SQL)]
        days = dict(_fetch(session, _DAYS_SQL))
    finally:
        session.close()
    canaries = [Canary(kind=kind, value=value.casefold(), name=value) for kind, value in planted]
    knowledge = DistrictKnowledge(accounts=accounts, devices=devices, own_networks=networks, canaries=canaries)
    return DistrictEvidence(
        knowledge=knowledge,
        expected=add_account_names((*of_files, *announced), accounts),
        school_days=days or None,
    )


def _fetch(session: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return session.execute(sql).fetchall()


def _list_rows(session: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = session.execute(sql).to_arrow_table().to_pylist()
    return rows


def build_account(row: tuple[Any, ...], synced_ids: Mapping[str, Sequence[str]] = NO_SYNCED_IDS) -> AccountFacts:
    """Return an account of a row of ACCOUNT_COLUMNS, with the ids by e-mail that Windows has for it."""
    number, directory, email, name, identifiers, kind, role, *states, person, works_here, has_person = row
    administrator, super_administrator, enabled, left = states
    names = {email.casefold(), name.casefold(), *(identifiers or ())} - {""}
    ids = synced_ids.get(email.casefold(), ()) if directory in _SYNCED_DIRECTORIES else ()
    logon_names = [text.rpartition("/")[2] for text in ids if text.startswith(_LOGON_NAME)]
    names |= {*logon_names, *(text.removeprefix(_SID) for text in ids if text.startswith(_SID))}
    if directory == WINDOWS_DIRECTORY and not logon_names:
        names |= {text.partition("@")[0] for text in names if "@" in text}
    state = "departed" if left or kind == "leaver" else "suspended" if enabled is False else "active"
    return AccountFacts(
        id=format_public_id("account", number),
        directory=directory,
        name=email or name,
        names=tuple(sorted(map(str.casefold, names))),
        kind=_choose_kind(kind, role, works_here=works_here),
        administrator=administrator,
        super_administrator=super_administrator,
        state=state,
        person=str(person),
        logon_name=logon_names[0] if logon_names else "",
        has_person=has_person,
    )


def _choose_kind(kind: str | None, role: str | None, *, works_here: bool) -> str:
    if works_here or kind in ("staff", "administrator") or role in ("teacher", "staff", "administrator"):
        return "staff"
    return "service" if kind == "service" else str(kind or "other")


def _build_device(row: tuple[Any, ...]) -> DeviceFacts:
    number, name, edition, version, kind = row
    short = name.partition(".")[0].casefold()
    return DeviceFacts(
        id=format_public_id("device", number), name=short, role=find_system_role(short, f"{edition} {version} {kind}")
    )


def add_account_names(
    expected: Sequence[ExpectedActivity], accounts: Iterable[AccountFacts]
) -> tuple[ExpectedActivity, ...]:
    """Return announced work with all names of the accounts that it names, since each log has another."""
    by_name: dict[str, set[str]] = {text.casefold(): set() for item in expected for text in (*item.who, *item.targets)}
    for account in accounts if by_name else ():
        for name in account.names:
            if name in by_name:
                by_name[name].update(account.names)
    return tuple(
        replace(item, who=_expand(item.who, by_name), targets=_expand(item.targets, by_name)) for item in expected
    )


def _expand(names: Sequence[str], by_name: Mapping[str, set[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for text in names for name in (text.casefold(), *by_name.get(text.casefold(), ()))}))
