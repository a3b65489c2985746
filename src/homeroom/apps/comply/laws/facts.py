"""The facts of a district that laws ask for: entered by hand, counted from evidence, or from its own file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.comply.laws.models import EnteredFact
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import fetch_small_resolved, fetch_small_table, get_evidence_store
from homeroom.domain.comply.laws.facts import EMPLOYEES, ENROLLMENT, INCIDENT, FactField, parse_fact
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.library.comply.laws.fact_fields import load_fact_fields

ENTERED, FROM_PEOPLE, FROM_FILE, UNKNOWN = "entered", "people", "file", ""
"""Where a fact is from: by hand, the people whom an authoritative list carries, the district's file, nowhere."""
KIND_OF_COUNT = {ENROLLMENT: "student", EMPLOYEES: "staff"}
"""Facts that are counted where a source is authoritative for that kind of person."""
_FACTS_SQL = "SELECT fact, value FROM district_facts WHERE value IS NOT NULL ORDER BY seen_at"
_AUTHORITIES_SQL = "SELECT DISTINCT kind FROM authorities WHERE authority IS NOT NULL"
_COUNTS_SQL = "SELECT role, count(*) FROM (SELECT unnest(roles) AS role FROM people WHERE here) GROUP BY role"


class InvalidFact(ValueError):
    """A fact is refused; the message states what would fit, and `field` names the fact."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class KnownFact:
    """A fact of the district with its value, None where it is not known, and where it is from.

    `stated` is what the district's file states if something else counts instead.
    """

    field: FactField
    value: Any
    origin: str
    stated: Any = None
    entered_by: str = ""
    entered_at: datetime | None = None


def list_district_fields() -> tuple[FactField, ...]:
    """Return the facts that a district has, in the order of their questions."""
    return tuple(field for name, field in load_fact_fields().items() if not name.startswith(f"{INCIDENT}."))


def load_known_facts(*, district: District) -> tuple[KnownFact, ...]:
    """Return each fact of the district: by hand first, then counted, then as its file states it."""
    entered = {row.name: row for row in EnteredFact.objects.of(district)}
    store = get_evidence_store(district=district)
    try:
        stated = dict(fetch_small_table(store, _FACTS_SQL))
        counted = _count_people(store)
    except QueryTimeout:
        stated, counted = {}, {}
    return tuple(_build_known_fact(field, entered, stated, counted) for field in list_district_fields())


def load_fact_values(*, district: District) -> Mapping[str, Any]:
    """Return the facts of the district that are known, by name."""
    return {fact.field.name: fact.value for fact in load_known_facts(district=district) if fact.value is not None}


def _build_known_fact(
    field: FactField, entered: Mapping[str, EnteredFact], stated: Mapping[str, str], counted: Mapping[str, int]
) -> KnownFact:
    in_file = _parse_stated(field, stated.get(field.name, ""))
    row = entered.get(field.name)
    if row is not None:
        return KnownFact(
            field=field,
            value=row.value,
            origin=ENTERED,
            stated=in_file,
            entered_by=row.entered_by,
            entered_at=row.entered_at,
        )
    count = counted.get(KIND_OF_COUNT.get(field.name, ""))
    if count:
        return KnownFact(field=field, value=count, origin=FROM_PEOPLE, stated=in_file)
    return KnownFact(field=field, value=in_file, origin=UNKNOWN if in_file is None else FROM_FILE)


def _parse_stated(field: FactField, text: str) -> Any:
    try:
        return parse_fact(field, text)
    except ValueError:
        return None


def _count_people(store: EvidenceStore) -> Mapping[str, int]:
    """Count who is here by role, for the roles that an authoritative source decides; empty before resolving."""
    decided = {str(kind) for (kind,) in fetch_small_table(store, _AUTHORITIES_SQL)}
    counts = fetch_small_resolved(store, _COUNTS_SQL, tables=("people",)) if decided else ()
    return {str(kind): int(count) for kind, count in counts if kind in decided}


@transaction.atomic
def enter_facts(*, district: District, texts: Mapping[str, str], actor: str, at: datetime) -> tuple[str, ...]:
    """Enter facts as a person wrote them; an empty text takes back what was entered. Return the names that changed.

    Raise InvalidFact at the first that does not fit; nothing changes then.
    """
    fields = {field.name: field for field in list_district_fields()}
    values = {name: _parse_entered(fields, name, text) for name, text in texts.items()}
    before = {row.name: row.value for row in EnteredFact.objects.of(district)}
    changed = tuple(name for name, value in values.items() if before.get(name) != value)
    EnteredFact.objects.of(district).filter(name__in=changed).delete()
    EnteredFact.objects.bulk_create(
        EnteredFact(district_id=district.pk, name=name, value=values[name], entered_by=actor, entered_at=at)
        for name in changed
        if values[name] is not None
    )
    if changed:
        detail = {name: values[name] for name in changed}
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="enter facts for laws",
            subject_kind="district",
            subject=district.slug,
            detail=detail,
        )
    return changed


def _parse_entered(fields: Mapping[str, FactField], name: str, text: str) -> Any:
    field = fields.get(name)
    if field is None:
        raise InvalidFact(name, _("there is no such fact; there are %(names)s") % {"names": _join(fields)})
    try:
        return parse_fact(field, text)
    except ValueError as error:
        raise InvalidFact(name, str(error)) from None


def _join(names: Iterable[str]) -> str:
    return ", ".join(names)
