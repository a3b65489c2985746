"""What changed in the laws of a district since somebody last looked: duties added or removed, and their clocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from homeroom.apps.comply.duties.models import SeenLaws
from homeroom.apps.comply.laws.catalog import list_current_laws, list_laws
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.comply.laws.clocks import DateClock, DeadlineDoubt, DutyClock, MomentClock, PeriodClock
from homeroom.domain.comply.laws.law import Law, LawDuty
from homeroom.domain.platform.district import District

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
FIELDS = ("title", "citation", "clock", "who", "to", "effective", "doubt")
"""What counts of a duty, in words, in the order in which a change shows it."""


@dataclass(frozen=True, kw_only=True)
class LawChange:
    """A duty that was added, removed or changed; `old` and `new` have what differs by field, in words."""

    duty: str
    title: str
    kind: str
    old: Mapping[str, str]
    new: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class LawChanges:
    """The changes since somebody last looked; `seen_at` is None if nobody ever did, and then there are none."""

    changes: tuple[LawChange, ...] = ()
    seen_at: datetime | None = None
    seen_by: str = ""


def list_law_changes(*, district: District, today: date) -> LawChanges:
    """Return what changed for this district since somebody last saw its laws."""
    row = SeenLaws.objects.of(district).first()
    if row is None:
        return LawChanges()
    current = describe_duties(district=district, today=today)
    return LawChanges(changes=tuple(_iter_changes(row.duties, current)), seen_at=row.seen_at, seen_by=row.seen_by)


@transaction.atomic
def mark_laws_seen(*, district: District, today: date, actor: str, at: datetime) -> None:
    """Remember the laws of the district as they are now, so that only later changes are shown."""
    duties = describe_duties(district=district, today=today)
    SeenLaws.objects.of(district).delete()
    SeenLaws.objects.create(district_id=district.pk, duties=duties, seen_by=actor, seen_at=at)
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="see laws",
        subject_kind="district",
        subject=district.slug,
        detail={"duties": len(duties)},
    )


def describe_duties(*, district: District, today: date) -> dict[str, dict[str, str]]:
    """Return what counts of each duty that applies to the district or may apply, in words, by law:duty."""
    facts = load_fact_values(district=district)
    laws = list_current_laws(list_laws(district=district), facts=facts, today=today)
    return {f"{law.id}:{duty.id}": _describe_duty(law, duty) for law in laws for duty in law.duties}


def _describe_duty(law: Law, duty: LawDuty) -> dict[str, str]:
    words = {
        "title": duty.title,
        "citation": duty.citation,
        "clock": describe_clock(duty.clock),
        "who": duty.who,
        "to": duty.to,
        "effective": law.effective.isoformat(),
        "doubt": _describe_doubt(duty.doubt),
    }
    return {name: words[name] for name in FIELDS if words[name]}


def describe_clock(clock: DutyClock) -> str:
    """Describe a clock in words: what starts it, and how much time it gives."""
    match clock:
        case MomentClock():
            return f"{clock.within} after {' or '.join(clock.starts)}"
        case DateClock():
            return "on " + " or ".join(str(item.date) for item in clock.dates)
        case PeriodClock():
            return " or ".join(
                f"{rule.within} after each {rule.period} begins" if rule.within else f"each {rule.period}"
                for rule in clock.rules
            )
    return f"{clock.wording}, after {' or '.join(clock.starts)}" if clock.starts else clock.wording


def _describe_doubt(doubt: DeadlineDoubt | None) -> str:
    if doubt is None:
        return ""
    return f"{doubt.text} (or {doubt.or_within})" if doubt.or_within else doubt.text


def _iter_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[LawChange]:
    for name in sorted({**before, **after}):
        old, new = before.get(name, {}), after.get(name, {})
        if old == new:
            continue
        kind = ADDED if not old else REMOVED if not new else CHANGED
        differing = [field for field in FIELDS if old.get(field, "") != new.get(field, "")]
        yield LawChange(
            duty=name,
            title=(new or old).get("title", ""),
            kind=kind,
            old={field: old[field] for field in differing if field in old},
            new={field: new[field] for field in differing if field in new},
        )
