"""The asks of one person, in words that are for the person alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from homeroom.apps.know.inventory.subjects import list_belongings
from homeroom.apps.protect.exceptions.queries import Acceptance, list_acceptances
from homeroom.apps.protect.posture.published.queries import AssessmentRef, get_published_assessment
from homeroom.apps.protect.posture.published.subject_findings import SubjectFinding, list_subject_findings
from homeroom.apps.protect.posture.rows.snapshot import open_snapshot_rows
from homeroom.apps.teach.asks.answers import load_answers
from homeroom.apps.teach.asks.models import AskExemption
from homeroom.apps.teach.asks.proofs import load_proof_times
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.person_asks import PersonAsk
from homeroom.domain.teach.awareness.ask_states import AskState, ExemptionState
from homeroom.engines.teach.awareness.asked_people import NOT_ASKED_KINDS

_SEVERITIES = list(Severity)


@dataclass(frozen=True, kw_only=True)
class FailingSubject:
    """A subject of a person that fails a control: the person, an account or a device; `group` is of its finding."""

    kind: str
    subject: int
    control: Control
    group: str
    since: date
    connectors: tuple[str, ...]
    name: str


@dataclass(frozen=True, kw_only=True)
class OwnAsk:
    """One ask of one person in one language, without a word of the finding.

    `about` names the accounts or devices. `claimed_on` is the day of "I did it", `checked_on` the day of the list that
    does not show it. `answer` is what the team wrote to a request that it refused.
    """

    key: str
    sentence: str
    why: str
    steps: tuple[str, ...]
    minutes: int
    since: date
    state: AskState
    about: tuple[str, ...] = ()
    claimed_on: date | None = None
    checked_on: date | None = None
    answer: str = ""


def list_own_asks(*, district: District, person: int, language: str, today: date, now: datetime) -> tuple[OwnAsk, ...]:
    """Return the asks of a member of staff, the weightiest first; none before the first assessment.

    Raise QueryTimeout.
    """
    assessment = get_published_assessment(district=district)
    if assessment is None:
        return ()
    subjects_by_control: dict[str, list[FailingSubject]] = {}
    for failing in list_failing_subjects(district=district, assessment=assessment, person=person, today=today):
        subjects_by_control.setdefault(failing.control.id, []).append(failing)
    proofs = load_proof_times(district=district, assessment=assessment)
    answers = load_answers(district=district, controls=subjects_by_control, proofs=proofs, now=now, person=person)
    refusals = _load_refusals(district, person)
    asks = []
    for subjects in sorted(subjects_by_control.values(), key=_build_sort_key):
        control, ask = subjects[0].control, _get_ask(subjects[0].control)
        connectors = {name for failing in subjects for name in failing.connectors}
        since = min(failing.since for failing in subjects)
        claimed_at, proven_at = answers.claims.get((person, control.id)), proofs.get_time(control, connectors)
        state = answers.get_state(person=person, control=control, connectors=connectors)
        if claimed_at is not None and claimed_at.date() < since and state is not AskState.REQUESTED:
            claimed_at, state = None, AskState.OPEN
        text = ask.get_text(language)
        asks.append(
            OwnAsk(
                key=control.id,
                sentence=text.sentence,
                why=text.why,
                steps=text.select_steps(connectors),
                minutes=ask.minutes,
                since=since,
                state=state,
                about=tuple(dict.fromkeys(failing.name for failing in subjects if failing.name)),
                claimed_on=claimed_at.date() if claimed_at else None,
                checked_on=proven_at.date() if proven_at and state is AskState.BACK else None,
                answer=refusals.get(control.id, ""),
            )
        )
    return tuple(asks)


def list_failing_subjects(
    *, district: District, assessment: AssessmentRef, person: int, today: date, control: str = ""
) -> list[FailingSubject]:
    """Return the subjects of a person who works here that fail a control with an ask today, of one control if given.

    Nothing is returned for a student. Raise QueryTimeout.
    """
    if not _is_asked(district, assessment, person):
        return []
    acceptances = list_acceptances(district=district, today=today, control=control)
    return [
        FailingSubject(
            kind=kind,
            subject=subject,
            control=finding.control,
            group=finding.group,
            since=finding.since,
            connectors=connectors,
            name=name,
        )
        for kind, subject, connectors, name in _list_subjects(district, assessment, person)
        for finding in list_subject_findings(district=district, subject_kind=kind, subject=subject)
        if finding.control.ask is not None
        and finding.not_seen_since is None
        and (not control or finding.control.id == control)
        and not _is_accepted(finding, subject, acceptances)
    ]


def _is_asked(district: District, assessment: AssessmentRef, person: int) -> bool:
    """Check whether a person is of the staff that works here, and no student."""
    rows = open_snapshot_rows(district=district, assessment=assessment, table="people")
    ((kind, is_here, has_left, roles),) = rows.read_cells(
        rows.find_positions([person]), ("kind", "here", "left", "roles")
    )
    return kind == "staff" and is_here is True and has_left is not True and "student" not in (roles or ())


def _list_subjects(
    district: District, assessment: AssessmentRef, person: int
) -> Iterator[tuple[str, int, tuple[str, ...], str]]:
    """Yield (kind, subject, connectors, name) of the person, and of the person's accounts and devices."""
    yield "person", person, (), ""
    belongings = list_belongings(district=district, person=person, schools=EVERY_SCHOOL)
    accounts = [parse_public_id(row.public)[1] for row in belongings["account"]]
    rows = _read_rows(district, assessment, "accounts", accounts, ("kind", "directory", "signs_in_with", "email"))
    for subject, (kind, directory, judge, email) in rows:
        if kind not in NOT_ASKED_KINDS:
            yield "account", subject, tuple(filter(None, [judge or directory])), email or ""
    devices = [parse_public_id(row.public)[1] for row in belongings["device"]]
    rows = _read_rows(district, assessment, "devices", devices, ("managed_by", "model", "name", "asset_tag", "serial"))
    for subject, (consoles, model, name, tag, serial) in rows:
        yield "device", subject, tuple(consoles or ()), " ".join(filter(None, [model or name, tag or serial]))


def _read_rows(
    district: District, assessment: AssessmentRef, table: str, subjects: Sequence[int], columns: Sequence[str]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    if subjects:
        rows = open_snapshot_rows(district=district, assessment=assessment, table=table)
        positions = rows.find_positions(subjects)
        cells = rows.read_cells(positions, columns)
        yield from (
            (subject, row)
            for subject, row, position in zip(subjects, cells, positions.tolist(), strict=True)
            if position >= 0
        )


def _is_accepted(finding: SubjectFinding, subject: int, acceptances: Sequence[Acceptance]) -> bool:
    key = (finding.control.id, finding.group)
    return any((entry.control, entry.group) == key and entry.subject in (None, subject) for entry in acceptances)


def _load_refusals(district: District, person: int) -> dict[str, str]:
    """Return what the team wrote to the person's newest request, by control, where it refused."""
    rows = AskExemption.objects.of(district).filter(person=person).order_by("requested_at")
    newest = {row.control: row for row in rows}
    return {control: row.answer for control, row in newest.items() if row.state == ExemptionState.REFUSED}


def _build_sort_key(subjects: Sequence[FailingSubject]) -> tuple[int, date, str]:
    control = subjects[0].control
    return _SEVERITIES.index(control.severity), min(failing.since for failing in subjects), control.id


def _get_ask(control: Control) -> PersonAsk:
    if control.ask is None:
        raise LookupError(f"{control.id} asks no person")
    return control.ask
