"""Find what identifies people: from an id, address or number to all of their records, ids and names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from homeroom.domain.ids import format_public_id, parse_public_id
from homeroom.evidence.erasing.person_terms import PersonTerms, RecordKey, fold_term
from homeroom.evidence.erasing.record_scan import RecordIds, RecordScan
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import SINGLE_THREAD, open_session

ListSubjects = Callable[[Collection[RecordKey]], set[int]]
"""Returns the subjects that records ever had."""
_KINDS = {"person_records": "person", "account_records": "account"}


class PersonNotFound(Exception):
    """Nobody, or more than one person, has the id, address or number; its text has what would fit."""


@dataclass(frozen=True, kw_only=True)
class FoundPeople:
    """The people of an erasure: what identifies them, and the sources whose current loads still list them."""

    terms: PersonTerms
    people: tuple[int, ...]
    listed_in: tuple[str, ...] = ()


def find_people(
    store: EvidenceStore,
    wanted: Iterable[str],
    *,
    merged: Mapping[tuple[str, int], int] | None = None,
    list_subjects: ListSubjects | None = None,
) -> FoundPeople:
    """Return what identifies the people with these public ids, addresses or numbers. Raise PersonNotFound.

    `merged` has for each merged subject the one that it was merged into. `list_subjects` returns the subjects that
    records ever had.
    """
    scan, links = RecordScan(store), _read_links(store)
    people: set[int] = set()
    records: set[RecordKey] = set()
    for text in wanted:
        match = _find_subject(text, scan=scan, links=links, merged=merged or {})
        if isinstance(match, int):
            people.add(match)
        else:
            records |= match
    return _build_found(scan, links, people, records, merged=merged or {}, list_subjects=list_subjects)


def find_records(
    store: EvidenceStore,
    records: Collection[RecordKey],
    *,
    merged: Mapping[tuple[str, int], int] | None = None,
    list_subjects: ListSubjects | None = None,
) -> FoundPeople:
    """Return what identifies the people that these records are about; parameters as of `find_people`."""
    scan, links = RecordScan(store), _read_links(store)
    people = {links.person_of[record] for record in records if record in links.person_of}
    return _build_found(scan, links, people, set(records), merged=merged or {}, list_subjects=list_subjects)


def _build_found(
    scan: RecordScan,
    links: _Links,
    people: set[int],
    records: set[RecordKey],
    *,
    merged: Mapping[tuple[str, int], int],
    list_subjects: ListSubjects | None,
) -> FoundPeople:
    records |= {record for person in people for record in links.list_records(person)}
    accounts = {account for person in people for account in links.accounts.get(person, ())}
    accounts |= {subject for record in records for subject in links.account_of.get(record, ())}
    former = {subject for subject, _ in _list_former(merged, {*people, *accounts})}
    earlier = list_subjects(records) if list_subjects else set()
    terms = _collect_terms(scan, records, people=people, accounts={*accounts, *former, *earlier} - people)
    return FoundPeople(
        terms=terms, people=tuple(sorted(people)), listed_in=tuple(sorted(links.list_current_sources(terms.records)))
    )


class _Links:
    """The newest resolved snapshot as mappings: the subject of each record, and the accounts of each person."""

    def __init__(self) -> None:
        self.person_of: dict[RecordKey, int] = {}
        self.account_of: dict[RecordKey, set[int]] = {}
        self.records: dict[int, set[RecordKey]] = {}
        self.current: set[RecordKey] = set()
        self.accounts: dict[int, set[int]] = {}
        self.owners: dict[int, int] = {}
        self.people: set[int] = set()

    def list_records(self, person: int) -> set[RecordKey]:
        """Return the records of a person and of the person's accounts."""
        return {
            record for subject in (person, *self.accounts.get(person, ())) for record in self.records.get(subject, ())
        }

    def list_current_sources(self, records: Collection[RecordKey]) -> set[str]:
        """Return the sources whose current loads have one of the records."""
        return {record[0] for record in records if record in self.current}


def _read_links(store: EvidenceStore) -> _Links:
    links, newest = _Links(), store.get_latest_derived()
    if newest is None:
        return links
    session = open_session(
        store.pin_snapshot(derived=newest.id).restrict_to("links", "accounts", "people"), limits=SINGLE_THREAD
    )
    rows = session.execute(
        "SELECT subject_kind, id, instance, table_name, key, gone FROM links "
        "WHERE subject_kind IN ('person', 'account')"
    )
    while batch := rows.fetchmany(50_000):
        for kind, subject, instance, table, key, gone in batch:
            if table in _KINDS:
                record = (instance, _KINDS[table], key)
                if kind == "person":
                    links.person_of[record] = subject
                else:
                    links.account_of.setdefault(record, set()).add(subject)
                links.records.setdefault(subject, set()).add(record)
                if not gone:
                    links.current.add(record)
    for account, person in session.execute("SELECT id, person FROM accounts WHERE person IS NOT NULL").fetchall():
        links.accounts.setdefault(person, set()).add(account)
        links.owners[account] = person
    links.people = {row[0] for row in session.execute("SELECT id FROM people").fetchall()}
    session.close()
    return links


def _find_subject(
    text: str, *, scan: RecordScan, links: _Links, merged: Mapping[tuple[str, int], int]
) -> int | set[RecordKey]:
    try:
        kind, subject = parse_public_id(text.strip())
    except ValueError:
        return _find_by_value(text, scan=scan, links=links)
    while (kind, subject) in merged:
        subject = merged[kind, subject]
    person = links.owners.get(subject, subject) if kind == "account" else subject
    if person in links.people and kind in ("person", "account"):
        return person
    if kind == "account" and subject in links.records:
        return set(links.records[subject])
    raise PersonNotFound(f"there is nobody {text}; the id of a person's page, an address or a number would fit")


def _find_by_value(text: str, *, scan: RecordScan, links: _Links) -> int | set[RecordKey]:
    value = fold_term(text)
    if len(value) < 2:
        raise PersonNotFound(f"{text!r} is no address and no number; the id of a person's page would fit as well")
    records = {record.record for record in scan.list_with_ids([value])}
    people = {links.person_of[key] for key in records if key in links.person_of}
    accounts = {account for key in records for account in links.account_of.get(key, ())}
    people |= {links.owners[account] for account in accounts if account in links.owners}
    if len(people) > 1:
        pages = ", ".join(sorted(format_public_id("person", person) for person in people))
        raise PersonNotFound(f"{text} is of {len(people)} people; the id of one page would fit: {pages}")
    if people & links.people:
        return next(iter(people))
    if not records:
        raise PersonNotFound(f"nobody has {text}; the id of a person's page, an address or a number would fit")
    return records


def _collect_terms(scan: RecordScan, records: set[RecordKey], *, people: set[int], accounts: set[int]) -> PersonTerms:
    own = scan.list_records(records)
    ids = {item for record in own for item in record.ids}
    ids |= {_get_local_part(item) for item in ids if "@" in item}
    spellings = {name for record in own for name in record.names}
    others = {record for record in scan.list_with_ids(ids) if record.record not in records}
    shared = ids & _list_all_ids(others)
    names = set(map(fold_term, spellings))
    namesakes = {record for record in scan.list_with_names(names) if record.record not in records}
    shared_names = names & {name for record in namesakes for name in record.folded_names}
    subjects = people | accounts
    publics = {format_public_id(kind, subject) for subject in subjects for kind in ("person", "account")}
    return PersonTerms(
        subjects=frozenset(subjects),
        publics=frozenset(publics),
        records=frozenset(records),
        ids=frozenset(item for item in ids - shared if len(item) > 1),
        shared_ids=frozenset(shared),
        names=frozenset(names - shared_names),
        spellings=frozenset(name for name in spellings if fold_term(name) not in shared_names),
        shared_names=frozenset(shared_names),
    )


def _list_all_ids(records: Iterable[RecordIds]) -> set[str]:
    ids = {item for record in records for item in record.ids}
    return ids | {_get_local_part(item) for item in ids if "@" in item}


def _get_local_part(address: str) -> str:
    return address.partition("@")[0]


def _list_former(merged: Mapping[tuple[str, int], int], subjects: set[int]) -> Iterable[tuple[int, int]]:
    """Return the subjects that were merged into one of these, with it."""
    return [(subject, into) for (_, subject), into in merged.items() if into in subjects]
