"""Judging a district: the newest resolved snapshot in, findings out; and accepting what fails for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter
from typing import Any

import duckdb
import filelock
import pyarrow as pa

from homeroom import __version__
from homeroom.apps.posture.accepting import NotAccepted, accept, withdraw
from homeroom.apps.posture.comparing import Changes, Standing, compared
from homeroom.apps.posture.laying import forget_laid, is_laid, lay
from homeroom.apps.posture.models import Acceptance, Assessment, ControlResult
from homeroom.apps.posture.policing import asked_of, left, with_policies
from homeroom.apps.posture.reporting import ControlLine, FindingLine, control_lines, counts_of, finding_lines
from homeroom.apps.posture.shelf import PLACE, SETTINGS
from homeroom.apps.posture.tenant_history import remember
from homeroom.apps.posture.tenants import Line, settings_in
from homeroom.apps.posture.vanished import gone_of, unheard_of
from homeroom.apps.posture.writing import forget_schools, open_members, publish, published, swept, write, write_schools
from homeroom.domain.controls import Control
from homeroom.domain.excepting import Suppression
from homeroom.engines.posture.judgement import Counts, Judgement
from homeroom.engines.posture.judging import ACCEPTED, judge
from homeroom.engines.posture.schools import by_school
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.library.controls import controls as shipped

__all__ = ["AssessBusy", "AssessReport", "NotAccepted", "NothingToJudge", "accept", "assess", "withdraw"]

Progress = Callable[[str, int, int], None]
LOCK_SECONDS = 600


class NothingToJudge(Exception):
    """The district was never resolved."""


class AssessBusy(Exception):
    """Another judgement of the district is running."""


@dataclass(frozen=True, kw_only=True)
class AssessReport:
    """What the controls say, which findings stand, and what changed. `number` is that of the published assessment.

    Of the `seconds`, `judging` went into asking the controls and `writing` into what changed since the last judgement.
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

    def as_json(self) -> dict[str, Any]:
        """The report as plain values: {controls, policies, findings, seconds, …}; subjects only where they were asked for."""
        return {
            "assessment": self.number,
            "today": self.today.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "controls": [line.as_json(as_of=self.as_of) for line in self.controls if line.control.area != SETTINGS],
            "policies": [line.as_json(as_of=self.as_of) for line in self.controls if line.control.area == SETTINGS],
            "findings": [line.as_json() for line in self.findings],
            "opened": self.opened,
            "closed": self.closed,
            "seconds": round(self.seconds, 3),
            "judging_seconds": round(self.judging, 3),
            "writing_seconds": round(self.writing, 3),
        }


def assess(
    *,
    district: Any,
    store: Store,
    today: date,
    at: datetime,
    progress: Progress | None = None,
    subjects: bool = False,
    controls: Sequence[Control] | None = None,
    suppressions: Sequence[Suppression] = (),
) -> AssessReport:
    """Judges the newest resolved snapshot and publishes the assessment; with equal input it judges and writes nothing.

    `subjects` adds each control's failing and untellable subjects with their records. `controls` are the shipped ones
    where none are given; `suppressions` are the flaws that are let stand today. Raises NothingToJudge before the first resolve, and AssessBusy where another run does not end.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(store.folder / "assess.lock", timeout=LOCK_SECONDS):
            return _assessed(district, store, today, at, progress or _silent, subjects, controls, suppressions)
    except filelock.Timeout as late:
        raise AssessBusy("another judgement of this district is running; try again when it has ended") from late


def _assessed(
    district: Any,
    store: Store,
    today: date,
    at: datetime,
    tell: Progress,
    subjects: bool,
    given: Sequence[Control] | None,
    suppressions: Sequence[Suppression],
) -> AssessReport:
    begun = perf_counter()
    derived = store.latest_derived()
    if derived is None:
        raise NothingToJudge("nothing was resolved yet; run homeroom resolve")
    number = published(district=district)
    swept(district=district, number=number)
    pinned = store.pinned(derived=derived.id)
    session = session_of(pinned)
    asked = _asked(session, district=district, today=today, at=at, given=given, suppressions=suppressions)
    stands = _stands(district, store, number, derived.id, today, asked.mark)
    judgement = None if stands and not subjects else _judged(session, asked, today, tell)
    judged, changes = perf_counter(), Changes()
    as_of = max(pinned.sources["loaded_at"].to_pylist(), default=None)
    if judgement is not None and not stands:
        changes = _compared(district, store, judgement, asked.settings, derived=derived.id, sources=pinned.sources)
        number += 1
        write(district=district, number=number, changes=changes, snapshot=derived.id, progress=tell)
        write_schools(district=district, number=number, rows=by_school(session, judgement))
        lay(district=district, store=store, number=number, derived=derived.id, sheets=judgement.sheets)
        told: dict[str, Any] = {"at": at, "as_of": as_of, "derived": derived.id, "fingerprint": asked.mark}
        publish(district=district, number=number, judgement=judgement, controls=asked.controls, changes=changes, **told)
        forget_schools(district=district, number=number)
    forget_laid(store=store, kept=_recent(district))  # also what a run left that was killed once it had published
    remember(district=district, today=today, lines=asked.settings)
    written = perf_counter()
    counts = judgement.counts if judgement else _counted(district, number)
    members = judgement.members if judgement and subjects else None
    lines = control_lines(session, counts=counts, controls=asked.controls, members=members)
    session.close()
    return AssessReport(
        number=number,
        derived=derived.id,
        today=today,
        as_of=as_of,
        controls=lines,
        findings=finding_lines(district=district, number=number, controls=asked.controls),
        opened=len(changes.opening),
        closed=sum(len(ids) for ids in changes.closing.values()),
        seconds=perf_counter() - begun,
        judging=judged - begun,
        writing=written - judged,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """What a judgement is asked: the controls, with the policies of which anything is known, over what is let stand today.

    `policies` is None where controls were given: then no policy is asked. `mark` is all of it as one hash; where it and the
    snapshot are those of the published judgement, nothing is judged again.
    """

    own: tuple[Control, ...]
    policies: tuple[Control, ...] | None
    accepted: pa.Table
    suppressions: Sequence[Suppression]
    settings: tuple[Line, ...]
    mark: str

    @property
    def controls(self) -> tuple[Control, ...]:
        """All of them."""
        return (*self.own, *(self.policies or ()))


def _asked(
    session: duckdb.DuckDBPyConnection,
    *,
    district: Any,
    today: date,
    at: datetime,
    given: Sequence[Control] | None,
    suppressions: Sequence[Suppression],
) -> _Asked:
    settings = settings_in(session, district=district, at=at, today=today)
    own, policies = tuple(given or shipped()), asked_of(settings) if given is None else None
    accepted = _accepted(district, today)
    controls, judged = (*own, *(policies or ())), settings if given is None else ()
    mark = _fingerprint(controls, accepted, suppressions, judged)
    told: dict[str, Any] = {"accepted": accepted, "suppressions": suppressions, "settings": settings}
    return _Asked(own=own, policies=policies, mark=mark, **told)


def _judged(session: duckdb.DuckDBPyConnection, asked: _Asked, today: date, tell: Progress) -> Judgement:
    tell("judge", 0, len(asked.own))
    judgement = judge(
        session, controls=asked.own, today=today, accepted=asked.accepted, suppressions=asked.suppressions
    )
    tell("judge", len(asked.own), len(asked.own))
    return with_policies(judgement, asked.settings) if asked.policies is not None else judgement


def _compared(
    district: Any, store: Store, judgement: Judgement, settings: Sequence[Line], *, derived: str, sources: pa.Table
) -> Changes:
    """What the judgement of that resolved snapshot changes among the members that are open."""

    def gone(kind: str, members: Iterable[Standing]) -> set[int]:
        return left(settings, members) if kind == PLACE else gone_of(store, kind, members, sources=sources)

    return compared(
        standing=open_members(district=district),
        judgement=judgement,
        gone=gone,
        unheard=lambda kind, members, anywhere: unheard_of(store, kind, members, anywhere, now=derived),
    )


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def _accepted(district: Any, today: date) -> pa.Table:
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today).order_by("pk")
    return pa.Table.from_pylist(list(rows.values("control", "group", "subject", "expires_on")), schema=ACCEPTED)


def _fingerprint(
    controls: Sequence[Control], accepted: pa.Table, suppressions: Sequence[Suppression], settings: Sequence[Line]
) -> str:
    """What was asked, as one hash: the controls and the program that asks them, what is accepted today, and how the settings
    stand, which hangs on the hour."""
    told = __version__ + repr(sorted(controls, key=lambda control: control.id)) + repr(accepted.to_pylist())
    told += repr([(one.id, one.thing, one.cve, one.scope, one.value, one.device) for one in suppressions])
    places = [(line.policy.id, line.tenant, where.name, str(where.state)) for line in settings for where in line.where]
    told += repr(sorted(places))
    return hashlib.sha256(told.encode()).hexdigest()


def _stands(district: Any, store: Store, number: int, derived: str, today: date, mark: str) -> bool:
    """Whether the published judgement is the answer to just this, with its files."""
    rows = Assessment.objects.of(district).filter(number=number, derived=derived, today=today, controls=mark)
    return rows.exists() and is_laid(store=store, number=number, derived=derived)


def _counted(district: Any, number: int) -> dict[str, Counts]:
    """What every control said in that assessment."""
    return {row.control: counts_of(row) for row in ControlResult.objects.of(district).filter(assessment=number)}


def _recent(district: Any) -> list[tuple[int, str]]:
    """(number, snapshot) of the published judgement and the one before, of which a page that is being made may speak."""
    return list(Assessment.objects.of(district).order_by("-number").values_list("number", "derived")[:2])
