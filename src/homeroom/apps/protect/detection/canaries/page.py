"""Queries of the pages of canaries: all that are watched or wait to be planted, and one with its tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml
from django.db.models import Max

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.coverage import measure_district_coverage
from homeroom.apps.protect.detection.models import CanaryTest, PlantedCanary, StoredDetection
from homeroom.apps.protect.detection.queries import get_judged_until
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import (
    CanaryGuide,
    CanaryPlace,
    SeenTouch,
    TouchOutcome,
    TouchState,
    TouchWindow,
    assess_touch,
)
from homeroom.domain.protect.detections.coverage import LogSourceKind
from homeroom.evidence.query.session import open_session
from homeroom.library.protect.detections.canary_guides import get_canary_guide
from homeroom.library.protect.logs.log_kinds import load_log_kinds

TABLE = "canaries"
LISTS = {"account": "accounts", "document": "documents", "file": "files"}
_PLACES = {"google": CanaryPlace.GOOGLE_ACCOUNT, "microsoft": CanaryPlace.ENTRA_ACCOUNT}
_FILE_CANARIES_SQL = "SELECT kind, value FROM canaries ORDER BY kind, value"
_DIRECTORIES_SQL = """
    SELECT directory, lower(email) FROM accounts WHERE list_contains($names, lower(email)) ORDER BY directory"""


@dataclass(frozen=True, kw_only=True)
class CanaryReading:
    """Whether a log comes that sees a touch: the kinds that came in the last seven days, and those that did not."""

    seen: tuple[LogSourceKind, ...]
    missing: tuple[LogSourceKind, ...]


@dataclass(frozen=True, kw_only=True)
class CanaryTestLine:
    """A test of a canary with what came of it."""

    window: TouchWindow
    outcome: TouchOutcome


@dataclass(frozen=True, kw_only=True)
class CanaryLine:
    """A canary. `number` is that of the page's, None where only a file has it; `files` name the loaded files with it.

    `touched_at` is the last touch that was in no test, `alert` the alert of it.
    """

    place: CanaryPlace
    title: str
    value: str
    reading: CanaryReading
    number: int | None = None
    files: tuple[str, ...] = ()
    planted_at: datetime | None = None
    planted_by: str = ""
    tests: tuple[CanaryTestLine, ...] = ()
    touched_at: datetime | None = None
    alert: str = ""

    @property
    def is_watched(self) -> bool:
        """Return whether a touch would be an alert now."""
        return bool(self.value)

    @property
    def guide(self) -> CanaryGuide:
        """Return how it is planted, tested and retired."""
        return get_canary_guide(self.place)

    @property
    def newest_test(self) -> CanaryTestLine | None:
        """Return the test that was started last."""
        return self.tests[0] if self.tests else None

    @property
    def seen_test(self) -> CanaryTestLine | None:
        """Return the newest test in which the touch was seen."""
        return next((test for test in self.tests if test.outcome.state == TouchState.SEEN), None)


@dataclass(frozen=True, kw_only=True)
class _FileCanaries:
    """The canaries of loaded files by kind and value, the names of those files and when they were loaded."""

    values: Sequence[tuple[str, str]]
    directories: Mapping[str, str]
    files: tuple[str, ...]
    loaded_at: datetime | None


def list_canaries(*, district: District, now: datetime) -> tuple[CanaryLine, ...]:
    """Return the canaries of the page and of files as one set: those to plant first, then by place and name."""
    lines = _PageLines(district, now=now).list_lines()
    order = list(CanaryPlace)
    return tuple(
        sorted(lines, key=lambda line: (line.is_watched, order.index(line.place), line.title.casefold(), line.value))
    )


def find_canary(*, district: District, number: int, now: datetime) -> CanaryLine | None:
    """Return a canary of the page that is not retired; None if there is none."""
    return next((line for line in list_canaries(district=district, now=now) if line.number == number), None)


def find_file_canary(*, district: District, kind: str, value: str, now: datetime) -> CanaryLine | None:
    """Return a canary of a loaded file by its value; None if there is none."""
    lines = list_canaries(district=district, now=now)
    return next(
        (line for line in lines if line.files and (line.place.kind, line.value.casefold()) == (kind, value.casefold())),
        None,
    )


def render_canaries_file(lines: Iterable[CanaryLine]) -> str:
    """Return the canaries that are watched as the file that `homeroom load` reads."""
    values: dict[str, list[str]] = {name: [] for name in LISTS.values()}
    for line in lines:
        if line.is_watched:
            values[LISTS[line.place.kind]].append(line.value)
    document = {"homeroom": TABLE, **{name: sorted(entries) for name, entries in values.items() if entries}}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def export_canaries(*, district: District, actor: str, at: datetime) -> str:
    """Return the file of the canaries that are watched, with an entry in the audit trail."""
    lines = list_canaries(district=district, now=at)
    record_audit_entry(
        district=district, at=at, actor=actor, action="export canaries", subject_kind="canary",
        detail={"count": sum(line.is_watched for line in lines)},
    )  # fmt: skip
    return render_canaries_file(lines)


class _PageLines:
    """All canaries of a district, with what is read once for all of them."""

    def __init__(self, district: District, *, now: datetime) -> None:
        self._district = district
        self._seen = measure_district_coverage(district=district, now=now).seen
        self._kinds = {kind.id: kind for kind in load_log_kinds()}
        logs = get_judged_until(district=district).logs
        self._judged_until = {name: datetime.fromisoformat(text) for name, text in logs.items()}
        self._files = _load_file_canaries(district)

    def list_lines(self) -> list[CanaryLine]:
        """Return the canaries of the page, then those that only files have."""
        rows = list(PlantedCanary.objects.of(self._district).filter(retired_at__isnull=True))
        tests: dict[int, list[CanaryTest]] = {}
        for test in CanaryTest.objects.of(self._district).filter(canary__in=rows).order_by("-started_at", "-pk"):
            tests.setdefault(test.canary_id, []).append(test)
        in_files = {(kind, value.casefold()) for kind, value in self._files.values}
        own = {(row.kind, row.value_key) for row in rows}
        touches = self._list_touches({value for _kind, value in own | in_files})
        lines = [
            self._build_line(
                row,
                tests.get(row.pk, []),
                touches=touches,
                files=self._files.files if (row.kind, row.value_key) in in_files else (),
            )
            for row in rows
        ]
        return lines + [
            self._build_file_line(kind, value, touches=touches)
            for kind, value in self._files.values
            if (kind, value.casefold()) not in own
        ]

    def _build_line(
        self, row: PlantedCanary, tests: Sequence[CanaryTest], *, touches: Mapping[str, Any], files: tuple[str, ...]
    ) -> CanaryLine:
        place = CanaryPlace(row.place)
        return CanaryLine(
            number=row.pk,
            place=place,
            title=row.title,
            value=row.value,
            reading=self._find_reading(place),
            files=files,
            planted_at=row.planted_at,
            planted_by=row.planted_by,
            tests=tuple(self._build_test(test, place) for test in tests),
            **touches.get(row.value_key, {}),
        )

    def _build_file_line(self, kind: str, value: str, *, touches: Mapping[str, Any]) -> CanaryLine:
        place = _guess_place(kind, value, self._files.directories)
        return CanaryLine(
            place=place,
            title=value,
            value=value,
            reading=self._find_reading(place),
            files=self._files.files,
            planted_at=self._files.loaded_at,
            **touches.get(value.casefold(), {}),
        )

    def _build_test(self, test: CanaryTest, place: CanaryPlace) -> CanaryTestLine:
        window = TouchWindow(started_by=test.started_by, since=test.started_at, until=test.ends_at)
        touch = None
        if test.seen_at is not None and test.judged_at is not None:
            touch = SeenTouch(at=test.seen_at, log=test.seen_log, judged_at=test.judged_at)
        logs = get_canary_guide(place).judged
        return CanaryTestLine(
            window=window, outcome=assess_touch(window, touch=touch, logs=logs, judged_until=self._judged_until)
        )

    def _find_reading(self, place: CanaryPlace) -> CanaryReading:
        kinds = [self._kinds[name] for name in get_canary_guide(place).logs]
        return CanaryReading(
            seen=tuple(kind for kind in kinds if kind.id in self._seen),
            missing=tuple(kind for kind in kinds if kind.id not in self._seen),
        )

    def _list_touches(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return by value the last touch that was in no test, with its alert."""
        rows = StoredDetection.objects.of(self._district).filter(canary__in=sorted(set(keys) - {""}), planned_test="")
        last = dict(rows.values_list("canary").annotate(last=Max("at")))
        alerts = rows.filter(at__in=set(last.values())).values_list("canary", "at", "alert")
        return {canary: {"touched_at": at, "alert": alert} for canary, at, alert in alerts if last.get(canary) == at}


def _load_file_canaries(district: District) -> _FileCanaries:
    store = get_evidence_store(district=district)
    loads = [load for load in store.list_current_loads() if TABLE in load.tables]
    if not loads:
        return _FileCanaries(values=(), directories={}, files=(), loaded_at=None)
    derived = store.get_latest_derived()
    snapshot = store.pin_snapshot(derived=derived.id if derived else None).restrict_to(TABLE, "accounts")
    with open_session(snapshot) as session:
        values = [(kind, value) for kind, value in session.execute(_FILE_CANARIES_SQL).fetchall()]
        names = [value.casefold() for kind, value in values if kind == "account"]
        rows = session.execute(_DIRECTORIES_SQL, {"names": names}).fetchall() if names and derived else []
    return _FileCanaries(
        values=values,
        directories={name: directory for directory, name in rows},
        files=tuple(dict.fromkeys(file.name for load in loads for file in load.files)),
        loaded_at=min(load.loaded_at for load in loads),
    )


def _guess_place(kind: str, value: str, directories: Mapping[str, str]) -> CanaryPlace:
    """Return where a canary of a file is planted: an account by its directory, else by the form of its name."""
    if kind == "document":
        return CanaryPlace.DRIVE_DOCUMENT
    if kind == "file":
        return CanaryPlace.SHARE_FILE
    if "@" not in value:
        return CanaryPlace.AD_ACCOUNT
    return _PLACES.get(directories.get(value.casefold(), ""), CanaryPlace.GOOGLE_ACCOUNT)
