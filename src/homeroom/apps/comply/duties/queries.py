"""The query for the duties of a district: each with its state, day, owner and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.apps.comply.duties.models import DutyOwner, DutyRecord
from homeroom.apps.comply.duties.proofs import collect_proofs
from homeroom.apps.comply.laws.case_sources import find_law_case, list_law_cases
from homeroom.apps.comply.laws.catalog import list_law_versions, list_laws
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.platform.districts.evidence_store import fetch_small_table, get_evidence_store
from homeroom.domain.comply.laws.cases import ClockCase, SchoolDayList
from homeroom.domain.comply.laws.clocks import PeriodClock
from homeroom.domain.comply.laws.duties import DutyProof, DutyState, DutyStatus, LawCase, ProofKind
from homeroom.domain.comply.laws.facts import add_percent_of_enrollment
from homeroom.domain.comply.laws.law import Law, LawDuty
from homeroom.domain.comply.laws.moments import CaseMoment, InvalidCaseMoment, parse_moment
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import SCHOOL
from homeroom.engines.comply.laws.answers import answer_duty
from homeroom.engines.comply.laws.duty_periods import find_period_start, select_school_year
from homeroom.engines.comply.laws.duty_states import judge_duty
from homeroom.evidence.query.executor import QueryTimeout

SOON = timedelta(days=14)
"""How long before its day a duty is shown on Today and enters the week."""
_DAYS_SQL = "SELECT date, bool_or(kind = ?) FROM district_days GROUP BY date ORDER BY date"
_STATE_ORDER = {state: number for number, state in enumerate(DutyState)}


_SHARED: ContextVar[dict[tuple[int, date], DutyList] | None] = ContextVar("shared duties", default=None)


@dataclass(frozen=True, kw_only=True)
class DistrictDuty:
    """A duty with its state, and the user name of its owner; empty where nobody has it."""

    status: DutyStatus
    owner: str = ""

    @property
    def id(self) -> str:
        """Return law:duty, with the case after it where it has one."""
        return f"{self.status.name}@{self.status.case.id}" if self.status.case else self.status.name

    def is_soon(self, today: date) -> bool:
        """Check whether it is open and late, or due within two weeks."""
        return self.status.is_open and self.status.due is not None and self.status.due <= today + SOON


@dataclass(frozen=True, kw_only=True)
class DutyList:
    """The duties of a district on a day, the most urgent first, with the laws and facts that they rest on."""

    today: date
    duties: tuple[DistrictDuty, ...]
    laws: Mapping[str, Law]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def list_soon(self) -> tuple[DistrictDuty, ...]:
        """Return the duties that are late or due within two weeks."""
        return tuple(duty for duty in self.duties if duty.is_soon(self.today))

    def list_of_case(self, case: str) -> tuple[DistrictDuty, ...]:
        """Return the duties of one case."""
        return tuple(duty for duty in self.duties if duty.status.case and duty.status.case.id == case)


def list_duties(*, district: District, today: date, at: datetime, law: str = "") -> DutyList:
    """Return every duty of the district's laws, or of one law. Raise LookupError for an unknown law, QueryTimeout."""
    laws = _select_laws(list_laws(district=district), law, today=today)
    counter = _load_counter(district, today, at)
    proofs = collect_proofs(district=district, laws=tuple(laws.values()), at=at, today=today)
    cases = list_law_cases(district=district)
    records = _load_records(district, [case.id for case in cases])
    owners = load_owners(district=district)
    statuses = [
        status
        for entry in laws.values()
        for duty in entry.duties
        for status in counter.iter_statuses(entry, duty, cases=cases, proofs=proofs, records=records)
    ]
    return DutyList(
        today=today,
        duties=tuple(sorted((_add_owner(status, owners) for status in statuses), key=_build_sort_key)),
        laws=laws,
        facts=counter.facts,
    )


@contextmanager
def share_duties() -> Iterator[None]:
    """Let what reads the duties of a day in this block, such as one page, judge them but once. Change nothing in it."""
    token = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(token)


def list_day_duties(*, district: District, today: date) -> DutyList:
    """Return the duties as of a day: those that were shared, else as of its first minute. Raise QueryTimeout."""
    shared = (_SHARED.get() or {}).get((district.pk, today))
    at = datetime.combine(today, time.min, tzinfo=ZoneInfo(district.timezone))
    return shared or list_duties(district=district, today=today, at=at)


def list_soon_duties(*, district: District, today: date, at: datetime) -> tuple[DistrictDuty, ...]:
    """Return the duties that are late or due within two weeks, the most urgent first; none before facts are stated.

    Raise QueryTimeout.
    """
    if not load_fact_values(district=district):
        return ()
    listed = list_duties(district=district, today=today, at=at)
    shared = _SHARED.get()
    if shared is not None:
        shared[district.pk, today] = listed
    return listed.list_soon()


def list_case_duties(*, district: District, case: str, today: date, at: datetime) -> tuple[DistrictDuty, ...]:
    """Return the duties of one case, also a closed one, the earliest first. Raise LookupError for an unknown case."""
    law_case = find_law_case(district=district, case=case)
    if law_case is None:
        raise LookupError(f"there is no case {case}")
    laws = _select_laws(list_laws(district=district), "", today=today)
    counter, records = _load_counter(district, today, at), _load_records(district, [case])
    owners = load_owners(district=district)
    statuses = (
        counter.judge(entry, duty, case=law_case, proofs=records.get((case, f"{entry.id}:{duty.id}"), ()))
        for entry in laws.values()
        for duty in entry.duties
        if law_case.covers(entry, duty)
    )
    return tuple(sorted((_add_owner(status, owners) for status in statuses), key=_build_sort_key))


def load_owners(*, district: District) -> Mapping[str, str]:
    """Return the owners of duties by law:duty."""
    return dict(DutyOwner.objects.of(district).values_list("duty", "owner"))


def _select_laws(laws: Mapping[str, Law], name: str, *, today: date) -> Mapping[str, Law]:
    """Return the law of that id, or all but versions that another one replaced."""
    if not name:
        return {law.id: law for law in list_law_versions(laws, today=today)}
    if name not in laws:
        raise LookupError(f"no law {name!r}; there are {', '.join(sorted(laws))}")
    return {name: laws[name]}


def _load_counter(district: District, today: date, at: datetime) -> _DutyCounter:
    return _DutyCounter(
        laws=list_laws(district=district),
        facts=load_fact_values(district=district),
        zone=ZoneInfo(district.timezone),
        school_days=load_school_days(district),
        today=today,
        at=at,
    )


@dataclass(frozen=True, kw_only=True)
class _DutyCounter:
    """Judges duties with what is known of the district on a day."""

    laws: Mapping[str, Law]
    facts: Mapping[str, Any]
    zone: ZoneInfo
    school_days: SchoolDayList | None
    today: date
    at: datetime

    def iter_statuses(
        self,
        law: Law,
        duty: LawDuty,
        *,
        cases: Iterable[LawCase],
        proofs: Mapping[str, Sequence[DutyProof]],
        records: Mapping[tuple[str, str], Sequence[DutyProof]],
    ) -> Iterator[DutyStatus]:
        """Yield the state of a duty in each case that it is about; without any, its state in the district."""
        name = f"{law.id}:{duty.id}"
        concerned = [case for case in cases if case.covers(law, duty)]
        for case in concerned:
            yield self.judge(law, duty, case=case, proofs=records.get((case.id, name), ()))
        if not concerned:
            yield self.judge(law, duty, proofs=proofs.get(name, ()))

    def judge(self, law: Law, duty: LawDuty, *, proofs: Sequence[DutyProof], case: LawCase | None = None) -> DutyStatus:
        """Judge one duty; one that comes again sees the calendar of the current school year alone."""
        comes_again = isinstance(duty.clock, PeriodClock) and self.school_days is not None
        school_days = select_school_year(self.school_days, self.today) if comes_again else self.school_days
        clock_case = ClockCase(
            id=case.id if case else "",
            duty=f"{law.id}:{duty.id}",
            today=self.today,
            facts=add_percent_of_enrollment({**self.facts, **(case.facts if case else {})}),
            moments=dict(_iter_moments(case, self.zone)) if case else {},
            zone=self.zone,
            school_days=school_days,
        )
        answer = answer_duty(clock_case, law, duty, laws=self.laws)
        return judge_duty(
            answer,
            law=law,
            duty=duty,
            proofs=proofs,
            case=case,
            starts_on=find_period_start(duty.clock, answer.due, facts=self.facts, school_days=school_days),
            today=self.today,
            now=self.at,
        )


def _iter_moments(case: LawCase, zone: ZoneInfo) -> Iterator[tuple[str, CaseMoment]]:
    """Yield the moments of a case; they were checked when they were recorded."""
    for name, text in case.moments.items():
        try:
            yield name, parse_moment(name, text, zone=zone)
        except InvalidCaseMoment:
            continue


def load_school_days(district: District) -> SchoolDayList | None:
    """Return the school days of the loaded calendar, or None without one or if evidence does not answer in time."""
    try:
        rows = fetch_small_table(get_evidence_store(district=district), _DAYS_SQL, SCHOOL)
    except QueryTimeout:
        return None
    if not rows:
        return None
    return SchoolDayList(
        first_day=rows[0][0], last_day=rows[-1][0], days=tuple(day for day, is_school in rows if is_school)
    )


def _load_records(district: District, cases: Sequence[str]) -> Mapping[tuple[str, str], Sequence[DutyProof]]:
    """Return what was recorded as done, by case and duty."""
    records: dict[tuple[str, str], list[DutyProof]] = {}
    rows = DutyRecord.objects.of(district).filter(case__in=cases, withdrawn_at=None)
    for row in rows.order_by("pk"):
        proof = DutyProof(
            kind=ProofKind.RECORD,
            id=str(row.pk),
            title=row.note,
            holds=True,
            on=row.done_on,
            by=row.recorded_by,
            note=row.note,
        )
        records.setdefault((row.case, row.duty), []).append(proof)
    return records


def _add_owner(status: DutyStatus, owners: Mapping[str, str]) -> DistrictDuty:
    respondent = next((proof.by for proof in status.proofs if proof.kind is ProofKind.ATTESTATION and proof.by), "")
    return DistrictDuty(status=status, owner=owners.get(status.name, respondent))


def _build_sort_key(duty: DistrictDuty) -> tuple[bool, date, bool, float, int, str]:
    """Order open duties by their day, those without a day after them, then all others by state."""
    status = duty.status
    at = status.due_at
    return (
        not status.is_open,
        status.due or date.max,
        at is None,
        at.timestamp() if at else 0.0,
        _STATE_ORDER[status.state],
        duty.id,
    )
