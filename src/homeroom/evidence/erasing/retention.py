"""Last ages of records about people: how long somebody who left a source's lists is stored, and who is past that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from homeroom.domain.ids import format_public_id
from homeroom.evidence.erasing.column_classes import RECORD_TABLES
from homeroom.evidence.files.manifests import read_manifest, seal_manifest
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import SINGLE_THREAD, open_session

RULES_FILE = "last-ages.json"


class LastAge(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days a person's records are stored after they left the lists of a source or the rows of a table.

    `what` is a source instance, or person_records or account_records. `because` is the law or policy, and `duty` the
    duty that it meets, as law:duty.
    """

    what: str
    days: int
    because: str = ""
    duty: str = ""


class LastAges(msgspec.Struct, frozen=True, kw_only=True):
    """The last ages of a district."""

    rules: tuple[LastAge, ...] = ()


def read_last_ages(folder: Path) -> tuple[LastAge, ...]:
    """Return the last ages of a district; none before somebody sets one."""
    try:
        return read_manifest(folder / RULES_FILE, kind=LastAges).rules
    except FileNotFoundError:
        return ()


def encode_last_ages(rules: Sequence[LastAge]) -> bytes:
    """Return the file of a district's last ages."""
    manifest = LastAges(rules=tuple(sorted(rules, key=lambda rule: rule.what)))
    return seal_manifest(msgspec.json.encode(manifest))


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """From when on somebody who is on no current list is past their last age, and the rules that it follows from."""

    at: datetime
    rules: tuple[LastAge, ...]


def find_expired_people(
    store: EvidenceStore, *, rules: Sequence[LastAge], at: datetime
) -> dict[str, tuple[LastAge, ...]]:
    """Return the public ids of people past their last age, each with the rules that it follows from."""
    expiries = find_expiries(store, rules=rules)
    return {person: expiry.rules for person, expiry in expiries.items() if expiry.at < at}


def find_expiries(store: EvidenceStore, *, rules: Sequence[LastAge]) -> dict[str, Expiry]:
    """Return when each person who left is past their last age, by public id.

    Somebody is past it who is on no current list, if every record left its list longer ago than every rule for its
    source or table. A record that no rule is about keeps its person.
    """
    newest = store.get_latest_derived()
    if newest is None or not rules:
        return {}
    gone_views = [f"{table}_gone" for table in RECORD_TABLES]
    session = open_session(
        store.pin_snapshot(derived=newest.id).restrict_to("links", *gone_views), limits=SINGLE_THREAD
    )
    unions = " UNION ALL ".join(
        f"SELECT '{table}' AS table_name, instance, key, max(seen_at) AS seen_at FROM {table}_gone GROUP BY ALL"
        for table in RECORD_TABLES
    )
    rows = session.execute(
        f"SELECT l.id, l.table_name, l.instance, l.gone, g.seen_at FROM links l LEFT JOIN ({unions}) g "
        "USING (table_name, instance, key) WHERE l.subject_kind = 'person'"
    ).fetchall()
    session.close()
    ages: dict[int, list[tuple[datetime, tuple[LastAge, ...]]]] = defaultdict(list)
    staying: set[int] = set()
    for person, table, instance, is_gone, seen_at in rows:
        matching = tuple(rule for rule in rules if rule.what in (table, instance))
        if is_gone and matching and seen_at:
            ages[person].append((seen_at + timedelta(days=max(rule.days for rule in matching)), matching))
        else:
            staying.add(person)
    return {
        format_public_id("person", person): Expiry(
            at=max(moment for moment, _ in of_person),
            rules=tuple(dict.fromkeys(rule for _, matching in of_person for rule in matching)),
        )
        for person, of_person in ages.items()
        if person not in staying
    }
