"""What the published judgement says: every control's numbers, the findings that are open, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from homeroom.apps.posture.accepted import Accepted, acceptances
from homeroom.apps.posture.models import Assessment, ControlResult, Finding, FindingResult, Member, Standing
from homeroom.apps.posture.reporting import counts_of
from homeroom.apps.posture.shelf import control_of
from homeroom.domain.controls import Control
from homeroom.domain.states import Closed, Severity, State
from homeroom.engines.posture.judgement import Counts

HISTORY = 26
_WENT = {str(Closed.FIXED): "fixed", str(Closed.NO_LONGER_APPLIES): "settled"}
SEVERITIES = tuple(str(severity) for severity in Severity)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The published assessment: its number, when and for which day it was made, and the newest data that it saw."""

    number: int
    at: datetime
    today: date
    derived: str
    as_of: datetime | None
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """One control as content states it, and its numbers in one assessment."""

    control: Control
    numbers: Counts
    assessment: int
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class OpenFinding:
    """A finding with open members, the oldest open `since` that day. `accepted_until` is set while it is accepted as a whole."""

    id: int
    public: str
    control: Control
    group: str
    subject_kind: str
    first_opened: int
    members: int = 0
    not_seen: int = 0
    stale: int = 0
    accepted_until: date | None = None
    since: date | None = None

    @property
    def minutes(self) -> int:
        """Estimated work: what is set up once, and the minutes for each member."""
        effort = self.control.effort
        return round(effort.minutes_once + effort.minutes_per_subject * self.members)


@dataclass(frozen=True, kw_only=True)
class Since:
    """What changed since the judgement before: members fixed, new and returned. `last` is None for the first one.

    `settled` are those of whom nothing is asked any more though they are still there: suspended, retired, moved.
    """

    fixed: int
    settled: int
    new: int
    returned: int
    last: datetime | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One day in a finding's life: how many members opened, were fixed, were settled (as in Since), or went otherwise."""

    on: date
    opened: int = 0
    fixed: int = 0
    settled: int = 0
    gone: int = 0


def judgement(*, district: Any) -> Judgement | None:
    """The published assessment, or None before the first."""
    number = Standing.objects.filter(district=district).values_list("assessment", flat=True).first()
    rows = Assessment.objects.of(district).filter(number__lte=number or 0).order_by("-number")
    found = list(rows[:2])
    if not number or not found or found[0].number != number:
        return None
    row = found[0]
    before = found[1].number if len(found) > 1 else None
    return Judgement(number=row.number, at=row.at, today=row.today, derived=row.derived, as_of=row.as_of, before=before)


def judged_anybody(*, district: Any, of: Judgement) -> bool:
    """Whether any control found somebody or something to judge: where none did, nothing open means nothing."""
    return ControlResult.objects.of(district).filter(assessment=of.number, population__gt=0).exists()


def results(*, district: Any, of: Judgement) -> tuple[Result, ...]:
    """Every control's numbers in that assessment: most severe first, then most failing."""
    rows = ControlResult.objects.of(district).filter(assessment=of.number)
    found = [_result(row) for row in rows]
    return tuple(sorted(found, key=lambda one: (_rank(one.control), -one.numbers.failing, one.control.title)))


def result(*, district: Any, of: Judgement, control: str) -> Result | None:
    """One control's numbers in that assessment, or None where it was not judged."""
    row = ControlResult.objects.of(district).filter(assessment=of.number, control=control).first()
    return _result(row) if row else None


def history(*, district: Any, of: Judgement, control: str) -> tuple[Result, ...]:
    """One control's numbers in the newest 26 assessments up to that one, oldest first, each with its day."""
    rows = ControlResult.objects.of(district).filter(control=control, assessment__lte=of.number)
    newest = list(rows.order_by("-assessment")[:HISTORY])
    days = _days(district, (row.assessment for row in newest))
    return tuple(replace(_result(row), on=days.get(row.assessment)) for row in reversed(newest))


def open_findings(*, district: Any, of: Judgement, control: str = "") -> tuple[OpenFinding, ...]:
    """Every finding with members that are open in that assessment, of one control where it is named."""
    rows = (
        FindingResult.objects.of(district).filter(assessment=of.number).select_related("finding").order_by("finding_id")
    )
    accepted = _whole(acceptances(district=district, today=of.today, control=control))
    found = rows.filter(finding__control=control) if control else rows
    return tuple(_finding(row.finding, row, accepted) for row in found)


def finding(*, district: Any, of: Judgement, public: str) -> OpenFinding | None:
    """One finding by its public id, open or not; None where the district has none of that id."""
    row = Finding.objects.of(district).filter(public=public).first()
    if row is None:
        return None
    stands = FindingResult.objects.of(district).filter(assessment=of.number, finding=row).first()
    return _finding(row, stands, _whole(acceptances(district=district, today=of.today, control=row.control)))


def events(*, district: Any, of: Judgement, finding_id: int) -> tuple[Event, ...]:
    """A finding's life, newest day first: at most 26 assessments in which a member opened or closed."""
    rows = Member.objects.of(district).filter(finding_id=finding_id)
    # Counted by a sum, which no index answers: SQLite would walk along one that has every member of the district.
    opened = rows.annotate(came=F("opened") + 0).values("came").annotate(n=Count("pk")).order_by()
    closed = rows.filter(closed__isnull=False).values("closed", "why").annotate(n=Count("pk")).order_by()
    told: dict[int, dict[str, int]] = {}
    for came in (one for one in opened if one["came"] <= of.number):
        told.setdefault(came["came"], {})["opened"] = came["n"]
    for went in (one for one in closed if (one["closed"] or 0) <= of.number):
        word = _WENT.get(went["why"], "gone")
        day = told.setdefault(went["closed"] or 0, {})
        day[word] = day.get(word, 0) + went["n"]
    days = _days(district, told)
    newest = sorted((number for number in told if number in days), reverse=True)[:HISTORY]
    return tuple(Event(on=days[number], **told[number]) for number in newest)


def since(*, district: Any, of: Judgement) -> Since:
    """What changed between the judgement before and this one. `returned` are members that had been closed before."""
    if of.before is None:
        return Since(fixed=0, settled=0, new=0, returned=0, last=None)
    rows = Member.objects.of(district)
    earlier = Member.objects.of(district).filter(
        finding=OuterRef("finding"), subject=OuterRef("subject"), closed__lte=OuterRef("opened")
    )
    came = rows.filter(opened__gt=of.before, opened__lte=of.number)
    told = came.aggregate(new=Count("pk", filter=~Exists(earlier)), returned=Count("pk", filter=Exists(earlier)))
    regrouped = rows.filter(
        finding__control=OuterRef("finding__control"), subject=OuterRef("subject"), opened=OuterRef("closed")
    )
    went = rows.filter(closed__gt=of.before, closed__lte=of.number).aggregate(
        fixed=Count("pk", filter=Q(why=Closed.FIXED)),
        settled=Count("pk", filter=Q(~Exists(regrouped), why=Closed.NO_LONGER_APPLIES)),
    )
    last = Assessment.objects.of(district).filter(number=of.before).values_list("at", flat=True).first()
    return Since(**went, **told, last=last)


def member_subjects(*, district: Any, of: Judgement, finding_id: int) -> tuple[int, ...]:
    """The open members of a finding."""
    return tuple(_open(district, of.number).filter(finding_id=finding_id).values_list("subject", flat=True))


def member_days(
    *, district: Any, of: Judgement, finding_id: int, subjects: Sequence[int]
) -> dict[int, tuple[date, date | None]]:
    """(open since, not seen since) of these members of a finding, by subject."""
    # Which of them are open is decided here: asked for that, SQLite takes an index that reads the whole district.
    rows = Member.objects.of(district).filter(finding_id=finding_id, subject__in=subjects)
    told = rows.values_list("subject", "since", "not_seen_since", "opened", "closed")
    return {
        subject: (since, unseen)
        for subject, since, unseen, opened, closed in told
        if opened <= of.number and (closed is None or closed > of.number)
    }


def failing_subjects(*, district: Any, of: Judgement, control: str) -> tuple[int, ...]:
    """The failing subjects of a control."""
    return tuple(_open(district, of.number).filter(finding__control=control).values_list("subject", flat=True))


def _open(district: Any, number: int) -> QuerySet[Member]:
    return Member.objects.of(district).filter(Q(closed=None) | Q(closed__gt=number), opened__lte=number)


def _days(district: Any, numbers: Iterable[int]) -> dict[int, date]:
    rows = Assessment.objects.of(district).filter(number__in=list(numbers))
    return dict(rows.values_list("number", "today"))


def _result(row: ControlResult) -> Result:
    return Result(
        control=control_of(row.control, severity=row.severity), numbers=counts_of(row), assessment=row.assessment
    )


def _finding(row: Finding, stands: FindingResult | None, accepted: Mapping[tuple[str, str], date]) -> OpenFinding:
    return OpenFinding(
        id=row.pk,
        public=row.public,
        control=control_of(row.control),
        group=row.group,
        subject_kind=row.subject_kind,
        first_opened=row.first_opened,
        members=stands.members if stands else 0,
        not_seen=stands.not_seen if stands else 0,
        stale=stands.stale if stands else 0,
        accepted_until=accepted.get((row.control, row.group)),
        since=stands.since if stands else None,
    )


def _whole(accepted: Iterable[Accepted]) -> dict[tuple[str, str], date]:
    return {(one.control, one.group): one.expires_on for one in accepted if one.subject is None}


def _rank(control: Control) -> int:
    return SEVERITIES.index(control.severity)


assert set(State) == {"pass", "fail", "cannot_tell", "not_applicable", "excepted"}, "Counts has a field for each state"
