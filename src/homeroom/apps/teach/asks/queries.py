"""Queries for the team: how many people have each ask open, by school, who they are, and requests to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from homeroom.apps.know.inventory.subjects import find_subject_row
from homeroom.apps.protect.posture.catalog.controls import get_control, load_all_controls
from homeroom.apps.protect.posture.published.queries import AssessmentRef, get_published_assessment
from homeroom.apps.protect.posture.rows.seen_members import iter_seen_members
from homeroom.apps.protect.posture.rows.snapshot import query_assessed_snapshot
from homeroom.apps.teach.asks.answers import AskAnswers, load_answers
from homeroom.apps.teach.asks.models import AskExemption
from homeroom.apps.teach.asks.proofs import load_proof_times
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.person_asks import PersonAsk
from homeroom.domain.teach.awareness.ask_states import AskState, ExemptionState
from homeroom.engines.teach.awareness.asked_people import build_failing_table, count_asked, iter_asked_rows, list_asked
from homeroom.evidence.page_cache.retry import retry_on_timeout

_SEVERITIES = list(Severity)


@dataclass(frozen=True, kw_only=True)
class AskLine:
    """One ask and its people: `open` who have it to do, `waiting` who did it, `requested` who asked for an exemption.

    `schools` has the open ones by school, in the order of their names; the empty name is people without a school.
    """

    control: Control
    ask: PersonAsk
    open: int
    waiting: int
    requested: int
    schools: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class AskOverview:
    """All asks that somebody has, the most people first; `assessed_at` is None before the first assessment."""

    lines: tuple[AskLine, ...]
    assessed_at: datetime | None

    @property
    def schools(self) -> tuple[str, ...]:
        """Schools with an open ask, by name."""
        names = {school for line in self.lines for school in line.schools}
        return tuple(sorted(names, key=lambda name: (not name, name)))


@dataclass(frozen=True, kw_only=True)
class AskedText:
    """What one ask is to a person: its text with the steps for the person's own accounts or devices."""

    key: str
    sentence: str
    why: str
    steps: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, kw_only=True)
class AskedPerson:
    """A member of staff with open asks."""

    name: str
    first_name: str
    email: str
    school: str
    asks: tuple[AskedText, ...]


@dataclass(frozen=True, kw_only=True)
class ExemptionRequest:
    """An open request for exemption: whose, from what, and why."""

    public: str
    person: str
    name: str
    school: str
    control: Control
    reason: str
    requested_at: datetime


def list_asking_controls() -> list[Control]:
    """Return the controls that ask people, the weightiest first."""
    asking = (control for control in load_all_controls().values() if control.ask is not None)
    return sorted(asking, key=lambda control: (_SEVERITIES.index(control.severity), control.id))


def count_asks(*, district: District, today: date, now: datetime) -> AskOverview:
    """Count the people with each ask, by school. Raise QueryTimeout."""
    assessment = get_published_assessment(district=district)
    if assessment is None:
        return AskOverview(lines=(), assessed_at=None)
    controls = list_asking_controls()
    failing = _build_failing(district, assessment, controls, today)
    answers = _load_answers(district, assessment, controls, now)
    answered = answers.people
    counted, listed = query_assessed_snapshot(
        district=district,
        assessment=assessment,
        query=lambda session: (
            count_asked(session, failing),
            list_asked(session, failing, people=answered) if answered else None,
        ),
    )
    open_counts: dict[int, Counter[str]] = {}
    for number, school, people in counted:
        open_counts.setdefault(number, Counter())[school] = people
    others: Counter[tuple[int, AskState]] = Counter()
    for number, person, school, connectors, *_ in iter_asked_rows(listed) if listed is not None else ():
        state = answers.get_state(person=person, control=controls[number], connectors=connectors)
        if state in (AskState.WAITING, AskState.REQUESTED):
            others[number, state] += 1
            open_counts[number][school] -= 1
    lines = (
        AskLine(
            control=controls[number],
            ask=_get_ask(controls[number]),
            open=schools.total(),
            waiting=others[number, AskState.WAITING],
            requested=others[number, AskState.REQUESTED],
            schools={name: people for name, people in schools.items() if people},
        )
        for number, schools in open_counts.items()
    )
    return AskOverview(
        lines=tuple(sorted(lines, key=lambda line: (-line.open, line.control.id))), assessed_at=assessment.at
    )


def list_asked_people(
    *, district: District, today: date, now: datetime, language: str, control: str = "", school: str | None = None
) -> tuple[AskedPerson, ...]:
    """Return the people with open asks by school and name, of one control or school if given.

    Left out are asks that the person did and that wait for a list, and those with an open request. Wait while other
    queries run; raise QueryTimeout if the wait is in vain.
    """
    assessment = get_published_assessment(district=district)
    if assessment is None:
        return ()
    controls = [entry for entry in list_asking_controls() if not control or entry.id == control]
    failing = _build_failing(district, assessment, controls, today)
    answers = _load_answers(district, assessment, controls, now)
    rows = retry_on_timeout(
        lambda: query_assessed_snapshot(
            district=district, assessment=assessment, query=lambda session: list_asked(session, failing, school=school)
        )
    )
    people: dict[int, tuple[Sequence[str], list[AskedText]]] = {}
    texts: dict[tuple[int, tuple[str, ...]], AskedText] = {}
    for number, person, place, connectors, name, sort_name, email in iter_asked_rows(rows):
        state = answers.get_state(person=person, control=controls[number], connectors=connectors)
        if state in (AskState.WAITING, AskState.REQUESTED):
            continue
        key = (number, connectors)
        if key not in texts:
            texts[key] = _build_text(controls[number], connectors, language)
        about = (name, find_first_name(name, sort_name), email, place)
        people.setdefault(person, (about, []))[1].append(texts[key])
    return tuple(
        AskedPerson(name=name, first_name=first_name, email=email, school=place, asks=tuple(asks))
        for (name, first_name, email, place), asks in people.values()
    )


def list_exemption_requests(*, district: District, limit: int = 200) -> tuple[ExemptionRequest, ...]:
    """Return the open requests for exemption, the oldest first."""
    rows = AskExemption.objects.of(district).filter(state=ExemptionState.OPEN).order_by("requested_at", "pk")
    return tuple(_build_request(district, row) for row in rows[:limit])


def find_exemption_request(*, district: District, public: str) -> ExemptionRequest | None:
    """Return an open request for exemption by its id, or None."""
    row = AskExemption.objects.of(district).filter(state=ExemptionState.OPEN, public=public).first()
    return None if row is None else _build_request(district, row)


def find_first_name(name: str, sort_name: str) -> str:
    """Return the given names of a name; `sort_name` is the family name, a comma and the given names.

    >>> find_first_name("Mary Ann Okafor", "okafor, mary ann")
    'Mary Ann'
    """
    words = name.split()
    count = len(sort_name.partition(",")[2].split())
    return " ".join(words[:count]) if 0 < count < len(words) else "".join(words[:1])


def _build_failing(district: District, assessment: AssessmentRef, controls: Sequence[Control], today: date) -> pa.Table:
    numbers = {control.id: number for number, control in enumerate(controls)}
    members = iter_seen_members(district=district, assessment=assessment, controls=numbers, today=today)
    return build_failing_table(
        (numbers[finding.control.id], finding.subject_kind, subjects) for finding, subjects in members
    )


def _load_answers(
    district: District, assessment: AssessmentRef, controls: Sequence[Control], now: datetime
) -> AskAnswers:
    proofs = load_proof_times(district=district, assessment=assessment)
    return load_answers(district=district, controls=[control.id for control in controls], proofs=proofs, now=now)


def _build_text(control: Control, connectors: Sequence[str], language: str) -> AskedText:
    ask = _get_ask(control)
    text = ask.get_text(language)
    return AskedText(
        key=control.id,
        sentence=text.sentence,
        why=text.why,
        steps=text.select_steps(connectors),
        minutes=ask.minutes,
    )


def _build_request(district: District, row: AskExemption) -> ExemptionRequest:
    person = find_subject_row(district=district, kind="person", subject=row.person, schools=EVERY_SCHOOL)
    values = person.values if person else {}
    return ExemptionRequest(
        public=row.public,
        person=format_public_id("person", row.person),
        name=values.get("name") or "",
        school=values.get("school") or "",
        control=get_control(row.control),
        reason=row.reason,
        requested_at=row.requested_at,
    )


def _get_ask(control: Control) -> PersonAsk:
    if control.ask is None:
        raise LookupError(f"{control.id} asks no person")
    return control.ask
