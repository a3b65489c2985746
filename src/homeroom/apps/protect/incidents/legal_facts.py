"""What laws ask of an incident: the moments that start their clocks, whose data is affected, and at which vendor.

The clocks are counted by the laws' engine alone; an incident has the moments and no deadline of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from homeroom.apps.comply.vendors.vendor_choices import build_party_title, list_vendor_choices
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.incidents.models import Incident, IncidentLegalFacts
from homeroom.apps.protect.incidents.records import MERGED, IncidentRefused, get_incident_row, record_entry
from homeroom.domain.comply.laws.duties import INCIDENT_MOMENTS, LawCase
from homeroom.domain.comply.laws.facts import INCIDENT, FactField, format_fact, parse_fact
from homeroom.domain.comply.laws.moments import CaseMoment, InvalidCaseMoment, parse_moment
from homeroom.domain.platform.district import District
from homeroom.library.comply.laws.fact_fields import load_fact_fields

MAX_CASES = 200
"""The newest incidents whose clocks are counted."""
MAX_FITS = 5
"""How many vendors a refusal names, the most similar first."""


def list_incident_fields() -> tuple[FactField, ...]:
    """Return the facts that laws ask of an incident, with names such as incident.data."""
    return tuple(field for name, field in load_fact_fields().items() if name.startswith(f"{INCIDENT}."))


class IncidentCases:
    """The incidents that have moments or facts for laws, as a source of cases."""

    def list_cases(self, *, district: District) -> tuple[LawCase, ...]:
        """Return the newest incidents that are not merged into another one."""
        rows = IncidentLegalFacts.objects.of(district).exclude(incident__state=MERGED).select_related("incident")
        newest = rows.order_by("-incident__made_at", "-pk")[:MAX_CASES]
        return tuple(
            _build_case(row.incident, row, district) for row in newest if row.moments or row.facts or row.vendor
        )

    def find_case(self, *, district: District, case: str) -> LawCase | None:
        """Return an incident that a person opened, also one without moments yet; None for any other id."""
        incident = Incident.objects.of(district).filter(public=case).exclude(state=MERGED).first()
        if incident is None:
            return None
        return _build_case(
            incident, IncidentLegalFacts.objects.of(district).filter(incident=incident).first(), district
        )


def _build_case(incident: Incident, row: IncidentLegalFacts | None, district: District) -> LawCase:
    return LawCase(
        id=incident.public,
        kind=INCIDENT,
        title=incident.title,
        opened_on=incident.made_at.astimezone(ZoneInfo(district.timezone)).date(),
        moments=dict(row.moments) if row else {},
        facts=dict(row.facts) if row else {},
        vendor=row.vendor if row else "",
        product=row.product if row else "",
    )


def has_legal_facts(*, district: District, public: str) -> bool:
    """Check whether a moment or a fact for laws is recorded of an incident."""
    return IncidentLegalFacts.objects.of(district).filter(incident__public=public).exists()


@transaction.atomic
def record_legal_facts(
    *,
    district: District,
    public: str,
    moments: Mapping[str, str],
    facts: Mapping[str, str],
    vendor: str | None = None,
    actor: str,
    at: datetime,
) -> None:
    """Record moments and facts of an incident as a person wrote them; an empty text takes one back.

    A moment is a day, or a time that is local unless it has an offset. `vendor` is the key or the name of a vendor or
    product of the district. What is not named stays. Raise LookupError for an unknown incident, QueryTimeout, and
    IncidentRefused at the first that does not fit; nothing changes then.
    """
    incident = get_incident_row(district, public)
    if incident.state == MERGED:
        raise IncidentRefused("state", f"it was merged into {incident.merged_into}; that one would fit")
    new_moments = {name: _parse_moment(name, text, district, at) for name, text in moments.items()}
    new_facts = {name: _parse_incident_fact(name, text) for name, text in facts.items()}
    row = IncidentLegalFacts.objects.of(district).filter(incident=incident).first()
    row = row or IncidentLegalFacts(district_id=district.pk, incident=incident)
    before = _list_values(row)
    row.moments, row.facts = _replace(row.moments, new_moments), _replace(row.facts, new_facts)
    if vendor is not None:
        row.vendor, row.product = _find_vendor(district, vendor, row)
    changes = _list_changes(before, _list_values(row))
    if not changes:
        return
    row.changed_by, row.changed_at = actor, at
    row.save()
    record_entry(
        incident,
        "details",
        f"For laws: {'; '.join(f'{name} {format_fact(value) or "taken back"}' for name, value in changes.items())}.",
        district=district,
        actor=actor,
        at=at,
        detail=changes,
    )


def merge_legal_facts(district: District, *, into: Incident, merged: Incident) -> None:
    """Give an incident the earliest of each moment of two, and the facts of the other that it does not have."""
    rows = {row.incident_id: row for row in IncidentLegalFacts.objects.of(district).filter(incident__in=[into, merged])}
    other = rows.get(merged.pk)
    if other is None:
        return
    row = rows.get(into.pk) or IncidentLegalFacts(district_id=district.pk, incident=into)
    earliest = {name: min(row.moments.get(name, text), text) for name, text in other.moments.items()}
    row.moments, row.facts = {**row.moments, **earliest}, {**other.facts, **row.facts}
    if not row.vendor:
        row.vendor, row.product = other.vendor, other.product
    row.changed_by, row.changed_at = other.changed_by, other.changed_at
    row.save()


def _list_values(row: IncidentLegalFacts) -> dict[str, Any]:
    names = {name: value for name, value in (("vendor", row.vendor), ("product", row.product)) if value}
    return {**row.moments, **row.facts, **names}


def _find_vendor(district: District, text: str, row: IncidentLegalFacts) -> tuple[str, str]:
    """Return the vendor and product that a text names, of those of the district, or those that are recorded already."""
    wanted = text.strip()
    if wanted in ("", build_party_title(row.vendor, row.product)):
        return (row.vendor, row.product) if wanted else ("", "")
    parties = list_vendor_choices(store=get_evidence_store(district=district))
    for party in parties:
        if wanted.casefold() in (party.key, party.title.casefold()):
            return party.vendor, party.product
    titles = [party.title for party in parties]
    fits = get_close_matches(wanted, titles, n=MAX_FITS, cutoff=0) or ["a vendor of the list of agreements"]
    raise IncidentRefused("vendor", f"{wanted!r} is no vendor of the district; {', '.join(fits)} would fit")


def _parse_moment(name: str, text: str, district: District, at: datetime) -> str | None:
    if name not in INCIDENT_MOMENTS:
        raise IncidentRefused(name, f"no such moment; {', '.join(INCIDENT_MOMENTS)} would fit")
    if not text.strip():
        return None
    zone = ZoneInfo(district.timezone)
    try:
        moment = parse_moment(name, text.strip(), zone=zone)
    except InvalidCaseMoment as error:
        raise IncidentRefused(name, str(error)) from None
    if moment.at is None or moment.at > at:
        raise IncidentRefused(name, f"{text.strip()!r} is to come; a time in the past would fit")
    return _format_moment(moment, is_day=len(text.strip()) == len("2026-03-06"))


def _format_moment(moment: CaseMoment, *, is_day: bool) -> str:
    return moment.day.isoformat() if is_day or moment.at is None else moment.at.isoformat()


def _parse_incident_fact(name: str, text: str) -> Any:
    fields = {field.name: field for field in list_incident_fields()}
    if name not in fields:
        raise IncidentRefused(name, f"no such fact; {', '.join(fields)} would fit")
    try:
        return parse_fact(fields[name], text)
    except ValueError as error:
        raise IncidentRefused(name, str(error)) from None


def _replace(before: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**before, **new}.items() if value is not None}


def _list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    names = dict.fromkeys((*before, *after))
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}
