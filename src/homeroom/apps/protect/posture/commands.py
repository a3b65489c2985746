"""Assess a district: evaluate the controls over the newest resolved snapshot and publish the findings."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter
from typing import Any

import duckdb
import filelock
import pyarrow as pa

from homeroom import __version__
from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.apps.protect.posture.assess.publisher import (
    count_people,
    get_assessment_number,
    iter_open_members,
    prune_school_results,
    publish_assessment,
    remove_unpublished,
    write_members,
    write_school_results,
)
from homeroom.apps.protect.posture.assess.state_writer import write_state_files
from homeroom.apps.protect.posture.catalog.controls import PLACE, SETTINGS
from homeroom.apps.protect.posture.findings.disappearance import find_disappeared, find_unreported
from homeroom.apps.protect.posture.findings.remedy_effects import find_remedied, list_effects
from homeroom.apps.protect.posture.findings.transitions import MemberChanges, OpenMember, diff_members
from homeroom.apps.protect.posture.models import Assessment, ControlResult
from homeroom.apps.protect.posture.published.report_lines import (
    ControlLine,
    FindingLine,
    build_control_lines,
    build_finding_lines,
    get_counts,
)
from homeroom.apps.protect.posture.tenants.history import store_changes
from homeroom.apps.protect.posture.tenants.policy_findings import (
    add_policies,
    find_removed_targets,
    list_policies_with_settings,
)
from homeroom.apps.protect.posture.tenants.settings import PolicyResult, evaluate_session_settings
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.suppressions import Suppression
from homeroom.engines.protect.posture.evaluate import ACCEPTED, evaluate_controls
from homeroom.engines.protect.posture.evaluation import ControlCounts, Evaluation
from homeroom.engines.protect.posture.schools import count_by_school
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import prune_page_cache
from homeroom.evidence.page_cache.state_files import get_state_files
from homeroom.evidence.query.session import open_session
from homeroom.library.protect.controls import load_controls as shipped
from homeroom.library.protect.remedies import load_actions

LOCK_SECONDS = 600


class NoResolvedSnapshot(Exception):
    """The district was never resolved."""


class AssessBusy(Exception):
    """Another assessment of the district is running."""


@dataclass(frozen=True, kw_only=True)
class AssessmentReport:
    """Result of an assessment run: control lines, open findings, and how many members opened and closed.

    `number` is the number of the published assessment. `judging` is the part of `seconds` spent on evaluating controls,
    `writing` the part spent on storing what changed since the last assessment.
    """

    number: int
    derived: str
    today: date
    as_of: datetime | None
    controls: tuple[ControlLine, ...]
    findings: tuple[FindingLine, ...]
    opened: int
    closed: int
    seconds: float
    judging: float
    writing: float

    def serialize(self) -> dict[str, Any]:
        """Return the report as plain values: {controls, policies, findings, seconds, …}.

        Subjects are included only if they were requested.
        """
        return {
            "assessment": self.number,
            "today": self.today.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "controls": [line.serialize(as_of=self.as_of) for line in self.controls if line.control.area != SETTINGS],
            "policies": [line.serialize(as_of=self.as_of) for line in self.controls if line.control.area == SETTINGS],
            "findings": [line.serialize() for line in self.findings],
            "opened": self.opened,
            "closed": self.closed,
            "seconds": round(self.seconds, 3),
            "judging_seconds": round(self.judging, 3),
            "writing_seconds": round(self.writing, 3),
        }


def assess(
    *,
    district: District,
    store: EvidenceStore,
    today: date,
    at: datetime,
    progress: Progress | None = None,
    subjects: bool = False,
    controls: Sequence[Control] | None = None,
    suppressions: Sequence[Suppression] = (),
    erased: Collection[int] = (),
) -> AssessmentReport:
    """Evaluate the newest resolved snapshot and publish the assessment; with unchanged input, write nothing.

    `subjects` adds each control's failing and unknown subjects with their records. Without `controls`, the built-in
    ones are used. `suppressions` are the vulnerability suppressions in effect today. The members of `erased` subjects
    close, whatever their sources say. Raise NoResolvedSnapshot before the first resolve, and AssessBusy if another run
    does not end within LOCK_SECONDS.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(store.folder / "assess.lock", timeout=LOCK_SECONDS):
            return _assess(
                district, store, today, at, progress or ignore_progress, subjects, controls, suppressions, erased
            )
    except filelock.Timeout as error:
        raise AssessBusy("another judgment of this district is running; try again when it has ended") from error


def _assess(
    district: District,
    store: EvidenceStore,
    today: date,
    at: datetime,
    progress: Progress,
    subjects: bool,
    requested_controls: Sequence[Control] | None,
    suppressions: Sequence[Suppression],
    erased: Collection[int],
) -> AssessmentReport:
    started = perf_counter()
    derived = store.get_latest_derived()
    if derived is None:
        raise NoResolvedSnapshot("nothing was resolved yet; run homeroom resolve")
    number = get_assessment_number(district=district)
    remove_unpublished(district=district, number=number)
    pinned = store.pin_snapshot(derived=derived.id)
    session = open_session(pinned)
    inputs = _load_inputs(
        session, district=district, today=today, at=at, requested_controls=requested_controls, suppressions=suppressions
    )
    is_current = _is_current(district, store, number, derived.id, today, inputs.fingerprint)
    judgment = None if is_current and not subjects else _evaluate(session, inputs, today, progress)
    evaluated, changes = perf_counter(), MemberChanges()
    as_of = max(pinned.sources["loaded_at"].to_pylist(), default=None)
    if judgment is not None and not is_current:
        changes = _diff_members(
            district, store, judgment, inputs, derived=derived.id, sources=pinned.sources, erased=erased
        )
        number += 1
        write_members(district=district, number=number, changes=changes, snapshot=derived.id, progress=progress)
        write_school_results(district=district, number=number, rows=count_by_school(session, judgment))
        open_members = write_state_files(
            district=district, store=store, number=number, derived=derived.id, sheets=judgment.control_states
        )
        people = count_people(
            district=district, session=session, findings=open_members.findings, subjects=open_members.subjects
        )
        publish_assessment(
            district=district,
            number=number,
            judgment=judgment,
            controls=inputs.controls,
            changes=changes,
            at=at,
            as_of=as_of,
            derived=derived.id,
            fingerprint=inputs.fingerprint,
            people=people,
        )
        prune_school_results(district=district, number=number)
    prune_page_cache(
        store, assessments=_list_recent(district)
    )  # also what a run left that was killed once it had published
    store_changes(district=district, today=today, lines=inputs.settings)
    finished = perf_counter()
    counts = judgment.counts if judgment else _load_counts(district, number)
    members = judgment.members if judgment and subjects else None
    lines = build_control_lines(session, counts=counts, controls=inputs.controls, members=members)
    session.close()
    return AssessmentReport(
        number=number,
        derived=derived.id,
        today=today,
        as_of=as_of,
        controls=lines,
        findings=build_finding_lines(district=district, number=number, controls=inputs.controls),
        opened=len(changes.opening),
        closed=sum(len(ids) for ids in changes.closing.values()),
        seconds=perf_counter() - started,
        judging=evaluated - started,
        writing=finished - evaluated,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _AssessmentInputs:
    """Inputs of one assessment: the controls, the policies with known settings, and what is accepted or suppressed.

    `policies` is None if controls were given: then no policy is evaluated. `fingerprint` is a hash of all inputs; if it
    and the snapshot equal those of the published assessment, nothing is evaluated again.
    """

    base_controls: tuple[Control, ...]
    policies: tuple[Control, ...] | None
    accepted: pa.Table
    suppressions: Sequence[Suppression]
    settings: tuple[PolicyResult, ...]
    fingerprint: str

    @property
    def controls(self) -> tuple[Control, ...]:
        """Return all controls, including the policies."""
        return (*self.base_controls, *(self.policies or ()))


def _load_inputs(
    session: duckdb.DuckDBPyConnection,
    *,
    district: District,
    today: date,
    at: datetime,
    requested_controls: Sequence[Control] | None,
    suppressions: Sequence[Suppression],
) -> _AssessmentInputs:
    settings = evaluate_session_settings(session, district=district, at=at, today=today)
    base_controls, policies = (
        tuple(requested_controls or shipped()),
        list_policies_with_settings(settings) if requested_controls is None else None,
    )
    accepted = _load_acceptances(district, today)
    controls, hashed_settings = (*base_controls, *(policies or ())), settings if requested_controls is None else ()
    fingerprint = _hash_inputs(controls, accepted, suppressions, hashed_settings)
    return _AssessmentInputs(
        base_controls=base_controls,
        policies=policies,
        fingerprint=fingerprint,
        accepted=accepted,
        suppressions=suppressions,
        settings=settings,
    )


def _evaluate(
    session: duckdb.DuckDBPyConnection, inputs: _AssessmentInputs, today: date, progress: Progress
) -> Evaluation:
    progress("judge", 0, len(inputs.base_controls))
    judgment = evaluate_controls(
        session, controls=inputs.base_controls, today=today, accepted=inputs.accepted, suppressions=inputs.suppressions
    )
    progress("judge", len(inputs.base_controls), len(inputs.base_controls))
    return add_policies(judgment, inputs.settings) if inputs.policies is not None else judgment


def _diff_members(
    district: District,
    store: EvidenceStore,
    judgment: Evaluation,
    inputs: _AssessmentInputs,
    *,
    derived: str,
    sources: pa.Table,
    erased: Collection[int],
) -> MemberChanges:
    """Return how the evaluation of a resolved snapshot changes the open members."""
    actions = load_actions()
    effects = {control.id: list_effects(control, actions=actions) for control in inputs.base_controls}

    def find_gone(kind: str, members: Iterable[OpenMember]) -> set[int]:
        missing = list(members)
        gone = {member.id for member in missing if member.subject in erased}
        return gone | (
            find_removed_targets(inputs.settings, missing)
            if kind == PLACE
            else find_disappeared(store, kind, missing, sources=sources)
        )

    return diff_members(
        open_members=iter_open_members(district=district),
        judgment=judgment,
        find_gone=find_gone,
        find_unreported=lambda kind, members, anywhere: find_unreported(
            store, kind, members, anywhere, current_snapshot=derived
        ),
        find_remedied=lambda kind, members: find_remedied(
            store, kind, members, effects=effects, current_snapshot=derived, today=judgment.today
        ),
        fixed_if_gone=frozenset(control.id for control in inputs.base_controls if control.fixed_if_gone),
    )


def _load_acceptances(district: District, today: date) -> pa.Table:
    acceptances = sorted(list_acceptances(district=district, today=today), key=lambda acceptance: acceptance.id)
    return pa.Table.from_pylist(
        [{name: getattr(acceptance, name) for name in ACCEPTED.names} for acceptance in acceptances], schema=ACCEPTED
    )


def _hash_inputs(
    controls: Sequence[Control],
    accepted: pa.Table,
    suppressions: Sequence[Suppression],
    settings: Sequence[PolicyResult],
) -> str:
    """Hash the inputs of an assessment: controls, program version, acceptances, suppressions and settings.

    The state of settings depends on the hour.
    """
    text = __version__ + repr(sorted(controls, key=lambda control: control.id)) + repr(accepted.to_pylist())
    text += repr(
        [
            (
                suppression.id,
                suppression.product_key,
                suppression.cve,
                suppression.scope,
                suppression.value,
                suppression.device,
            )
            for suppression in suppressions
        ]
    )
    places = [(line.policy.id, line.tenant, where.name, str(where.state)) for line in settings for where in line.where]
    text += repr(sorted(places))
    return hashlib.sha256(text.encode()).hexdigest()


def _is_current(
    district: District, store: EvidenceStore, number: int, derived: str, today: date, fingerprint: str
) -> bool:
    """Check whether the published assessment was made from exactly these inputs and has its files."""
    rows = Assessment.objects.of(district).filter(number=number, derived=derived, today=today, controls=fingerprint)
    return rows.exists() and get_state_files(store, number=number, derived=derived).are_complete


def _load_counts(district: District, number: int) -> dict[str, ControlCounts]:
    """Return the counts of every control in an assessment."""
    return {row.control: get_counts(row) for row in ControlResult.objects.of(district).filter(assessment=number)}


def _list_recent(district: District) -> list[tuple[int, str]]:
    """Return (number, snapshot) of the published assessment and the one before.

    A page that is being rendered may still use the older one.
    """
    return list(Assessment.objects.of(district).order_by("-number").values_list("number", "derived")[:2])
