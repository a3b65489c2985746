"""Judging a district: the newest resolved snapshot in, findings out; and accepting what fails for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter
from typing import Any

import filelock
import pyarrow as pa

from homeroom.apps.posture.accepting import NotAccepted, accept, withdraw
from homeroom.apps.posture.comparing import Changes, Standing, compared
from homeroom.apps.posture.laying import forget_laid, is_laid, lay
from homeroom.apps.posture.models import Acceptance, Assessment
from homeroom.apps.posture.policing import asked_of, left, with_policies
from homeroom.apps.posture.reporting import ControlLine, FindingLine, control_lines, finding_lines
from homeroom.apps.posture.shelf import PLACE, SETTINGS
from homeroom.apps.posture.tenant_history import remember
from homeroom.apps.posture.tenants import Line, settings_in
from homeroom.apps.posture.vanished import gone_of, unheard_of
from homeroom.apps.posture.writing import forget_schools, open_members, publish, published, swept, write, write_schools
from homeroom.domain.controls import Control
from homeroom.domain.excepting import Suppression
from homeroom.engines.posture.judgement import Judgement
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
    """Judges the newest resolved snapshot and publishes the assessment; with equal input it writes nothing.

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
    asked, accepted = tuple(given or shipped()), _accepted(district, today)
    tell("judge", 0, len(asked))
    judgement = judge(session, controls=asked, today=today, accepted=accepted, suppressions=suppressions)
    tell("judge", len(asked), len(asked))
    settings = settings_in(session, district=district, at=at, today=today)
    if given is None:
        judgement, asked = with_policies(judgement, settings), (*asked, *asked_of(settings))
    judged = perf_counter()
    as_of = max(pinned.sources["loaded_at"].to_pylist(), default=None)
    marked = _fingerprint(asked, accepted, suppressions, judgement)
    changes = Changes()
    laid = is_laid(store=store, number=number, derived=derived.id)
    if not laid or not _same(district, number, derived.id, today, marked):
        changes = _compared(district, store, judgement, settings, derived=derived.id, sources=pinned.sources)
        number += 1
        write(district=district, number=number, changes=changes, snapshot=derived.id, progress=tell)
        write_schools(district=district, number=number, rows=by_school(session, judgement))
        lay(district=district, store=store, number=number, derived=derived.id, sheets=judgement.sheets)
        publish(
            district=district,
            number=number,
            at=at,
            judgement=judgement,
            controls=asked,
            derived=derived.id,
            fingerprint=marked,
            as_of=as_of,
            changes=changes,
        )
        forget_schools(district=district, number=number)
        forget_laid(store=store, kept=_recent(district))
    remember(district=district, today=today, lines=settings)
    written = perf_counter()
    lines = control_lines(session, judgement=judgement, controls=asked, subjects=subjects)
    session.close()
    return AssessReport(
        number=number,
        derived=derived.id,
        today=today,
        as_of=as_of,
        controls=lines,
        findings=finding_lines(district=district, number=number, controls=asked),
        opened=len(changes.opening),
        closed=sum(len(ids) for ids in changes.closing.values()),
        seconds=perf_counter() - begun,
        judging=judged - begun,
        writing=written - judged,
    )


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
    controls: Sequence[Control], accepted: pa.Table, suppressions: Sequence[Suppression], judgement: Judgement
) -> str:
    """What was asked, as one hash: the controls, what is accepted today, and how the settings stand, which hangs on the hour."""
    told = repr(sorted(controls, key=lambda control: control.id)) + repr(accepted.to_pylist())
    told += repr([(one.id, one.thing, one.cve, one.scope, one.value, one.device) for one in suppressions])
    places = {name: sheet for name, sheet in judgement.sheets.items() if sheet.kind == PLACE}
    told += repr([(name, sheet.ids.tolist(), sheet.codes.tolist()) for name, sheet in sorted(places.items())])
    return hashlib.sha256(told.encode()).hexdigest()


def _same(district: Any, number: int, derived: str, today: date, fingerprint: str) -> bool:
    rows = Assessment.objects.of(district).filter(number=number, derived=derived, today=today, controls=fingerprint)
    return rows.exists()


def _recent(district: Any) -> list[tuple[int, str]]:
    """(number, snapshot) of the published judgement and the one before, of which a page that is being made may speak."""
    return list(Assessment.objects.of(district).order_by("-number").values_list("number", "derived")[:2])
