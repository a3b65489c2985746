"""Required training for reports: who had to take a course or sign a policy, by when, and who did.

Lists of other tools come from the assessed snapshot; assignments of Homeroom from its own records, so that the rows of
the source `homeroom` are left out. Results of drills are never among them: rows of drills, and courses of a list in
which a word of a drill occurs, are left out whole. Training of a trial is extra, so it is required of nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from django.utils.translation import gettext as _

from homeroom.apps.comply.reports.report import FigureSource, ReportFigure
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.teach.courses.progress import AssignmentView, find_last_change, load_assignments

YEAR = timedelta(days=365)
"""How far back a report of training goes, besides what is not done yet."""
POLICY = "policy"
_DRILL_WORDS = "click|phish|compromis|data entered|reported"
"""Words of a status that only a drill has."""
_LISTED_SQL = f"""
    WITH known AS (
        SELECT lower(email) AS email, id FROM people WHERE email IS NOT NULL
        UNION SELECT lower(email), person FROM accounts WHERE person IS NOT NULL AND email IS NOT NULL),
    staff AS (SELECT * FROM people WHERE kind = 'staff' AND here IS NOT FALSE AND "left" IS NOT TRUE),
    owners AS (SELECT k.email, min(s.id) AS person FROM known k JOIN staff s ON s.id = k.id GROUP BY k.email),
    drills AS (SELECT DISTINCT connector, instance, course FROM training_records
        WHERE kind = 'phishing' OR regexp_matches(lower(coalesce(status_word, '')), '{_DRILL_WORDS}')),
    listed AS (
        SELECT r.*, o.person, lower(trim(r.email)) AS address, coalesce(r.kind, 'training') AS sort
        FROM training_records r LEFT JOIN owners o ON o.email = lower(trim(r.email))
        WHERE r.connector <> 'homeroom' AND (r.connector, r.instance, r.course) NOT IN (FROM drills)
            AND (r.done_on IS NULL OR greatest(r.done_on, r.due_on) >= $since))
    SELECT l.person, s.name, s.school, l.course, l.sort, l.connector, l.assigned_on, l.due_on, l.done_on,
        l.due_on IS NULL AND regexp_matches(lower(coalesce(l.status_word, '')), '^(past due|overdue)$')
    FROM listed l LEFT JOIN staff s ON s.id = l.person
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(CAST(l.person AS VARCHAR), l.address), lower(trim(l.course)), l.assigned_on
        ORDER BY l.done_on NULLS LAST, l.due_on NULLS LAST, l.connector) = 1
    ORDER BY s.school NULLS LAST, s.sort_name NULLS LAST, l.person, l.course, l.assigned_on"""
_SOURCES_SQL = "connector <> 'homeroom' AND instance IN (SELECT DISTINCT instance FROM training_records)"


class TrainingState(StrEnum):
    """How a required training came out for a person; done and open are those without a due day to judge by."""

    ON_TIME = "on time"
    LATE = "late"
    DONE = "done"
    OVERDUE = "overdue"
    OPEN = "open"


_JUDGED_STATES = (TrainingState.ON_TIME, TrainingState.LATE, TrainingState.OVERDUE)
DONE_STATES = (TrainingState.ON_TIME, TrainingState.LATE, TrainingState.DONE)


@dataclass(frozen=True, kw_only=True)
class TrainingSubject:
    """A course or policy that is required: its name, its kind, where it is recorded, and what asked for it.

    `course` is the id of a course of Homeroom and `law` that of a law that its assignment names; else both are empty.
    """

    title: str
    is_policy: bool
    connector: str
    course: str = ""
    law: str = ""
    assignment: str = ""


@dataclass(frozen=True, kw_only=True)
class RequiredTraining:
    """A training that a person had to do. `is_past_due` is the word of a tool that does not say the day."""

    subject: TrainingSubject
    person: int
    name: str
    school: str
    assigned_on: date | None
    due_on: date | None
    done_on: date | None
    score: int | None = None
    version: str = ""
    is_past_due: bool = False

    def find_state(self, today: date) -> TrainingState:
        """Return the state on a day."""
        if self.done_on is not None:
            if self.due_on is None:
                return TrainingState.DONE
            return TrainingState.ON_TIME if self.done_on <= self.due_on else TrainingState.LATE
        is_over = self.is_past_due or (self.due_on is not None and self.due_on < today)
        return TrainingState.OVERDUE if is_over else TrainingState.OPEN


@dataclass(frozen=True, kw_only=True)
class TrainingCounts:
    """How many trainings came out in each state, each a training of a person."""

    states: Mapping[TrainingState, int]

    @property
    def required(self) -> int:
        """All of them."""
        return sum(self.states.values())

    @property
    def done(self) -> int:
        """Those that were done, whenever."""
        return sum(self.states.get(state, 0) for state in DONE_STATES)

    def count(self, state: TrainingState) -> int:
        """Return how many are in a state."""
        return self.states.get(state, 0)


@dataclass(frozen=True, kw_only=True)
class TrainingSummary:
    """All required training of a year with its sources; `strangers` are rows of nobody on the staff."""

    today: date
    items: tuple[RequiredTraining, ...]
    strangers: int
    sources: tuple[FigureSource, ...]

    def count(self, items: Iterable[RequiredTraining]) -> TrainingCounts:
        """Count trainings by state."""
        return TrainingCounts(states=Counter(item.find_state(self.today) for item in items))

    @cached_property
    def counts(self) -> TrainingCounts:
        """The counts of all."""
        return self.count(self.items)

    def group_by_subject(self) -> Mapping[TrainingSubject, Sequence[RequiredTraining]]:
        """Return the trainings of each course or policy, in the order of their names."""
        groups: dict[TrainingSubject, list[RequiredTraining]] = defaultdict(list)
        for item in self.items:
            groups[item.subject].append(item)
        return {
            key: groups[key] for key in sorted(groups, key=lambda key: (key.title.casefold(), key.connector, key.law))
        }

    def group_by_school(self) -> Mapping[str, Sequence[RequiredTraining]]:
        """Return the trainings of each school, by name."""
        groups: dict[str, list[RequiredTraining]] = defaultdict(list)
        for item in self.items:
            groups[item.school].append(item)
        return {school: groups[school] for school in sorted(groups, key=str.casefold)}

    def list_overdue(self) -> list[RequiredTraining]:
        """Return what is overdue, the longest first; without a day last."""
        overdue = [item for item in self.items if item.find_state(self.today) is TrainingState.OVERDUE]
        return sorted(overdue, key=lambda item: (item.due_on or date.max, item.school.casefold(), item.name.casefold()))


def load_training(data: ReportData) -> TrainingSummary:
    """Load the required training of the last year, and what is still open. Raise QueryTimeout.

    States are those of the day that was assessed, as the numbers of controls are.
    """
    since = data.assessment.today - YEAR
    listed, strangers = _load_listed(data, since)
    own = tuple(
        item
        for item in _iter_own(load_assignments(district=data.district, today=data.assessment.today))
        if item.done_on is None or max(item.done_on, item.due_on or item.done_on) >= since
    )
    return TrainingSummary(
        today=data.assessment.today,
        items=(*listed, *own),
        strangers=strangers,
        sources=_list_sources(data, has_own=bool(own)),
    )


def build_training_figures(summary: TrainingSummary) -> tuple[ReportFigure, ...]:
    """Build the figure of required training done on time, among what is done or was due; none without any.

    What was done without a due day is unknown; what is open is not due yet.
    """
    counts = summary.counts
    without_day = counts.count(TrainingState.DONE)
    total = without_day + sum(counts.count(state) for state in _JUDGED_STATES)
    if not total:
        return ()
    figure = ReportFigure(
        label=_("Required training done on time, within a year"),
        part=counts.count(TrainingState.ON_TIME),
        total=total,
        cannot_tell=without_day,
        sources=summary.sources,
    )
    return (figure,)


def _load_listed(data: ReportData, since: date) -> tuple[list[RequiredTraining], int]:
    """Return the trainings of staff in the lists of other tools, and how many rows are of nobody on the staff."""
    items, strangers = [], 0
    for person, name, school, course, sort, connector, assigned_on, due_on, done_on, past_due in data.query_rows(
        _LISTED_SQL, since=since
    ):
        if person is None:
            strangers += 1
            continue
        subject = TrainingSubject(title=course, is_policy=sort == POLICY, connector=connector)
        items.append(
            RequiredTraining(
                subject=subject,
                person=person,
                name=name or "",
                school=school or "",
                assigned_on=assigned_on,
                due_on=due_on,
                done_on=done_on,
                is_past_due=bool(past_due),
            )
        )
    return items, strangers


def _iter_own(views: Iterable[AssignmentView]) -> Iterator[RequiredTraining]:
    """Yield the trainings of Homeroom's own assignments, without those of trials and confined controls."""
    for view in views:
        if view.trial or (view.control and is_confined(view.control)):
            continue
        subject = TrainingSubject(
            title=view.title.en,
            is_policy=bool(view.policy),
            connector="homeroom",
            course=view.course,
            law=view.law,
            assignment=view.public,
        )
        for item in view.people:
            yield RequiredTraining(
                subject=subject,
                person=item.person.id,
                name=item.person.name,
                school=item.person.school,
                assigned_on=item.assigned_on,
                due_on=item.due_on,
                done_on=item.done_on,
                score=item.score,
                version=item.done_version,
            )


def _list_sources(data: ReportData, *, has_own: bool) -> tuple[FigureSource, ...]:
    listed = data.match_sources(_SOURCES_SQL)
    changed_at = find_last_change(district=data.district) if has_own else None
    own = (FigureSource(name=product_word("homeroom"), loaded_at=changed_at),) if changed_at else ()
    return (*listed, *own)
