"""Judge the events that came since the last run: learn, enrich, detect, correlate, and fold into alerts.

A run that is killed is done again from where the last one ended: detections are stored by rule and event, and what was
learned is stored together with the position, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import filelock
import polars as pl
import pyarrow as pa
from django.db import transaction

from homeroom.apps.protect.detection.announced_work import list_announced_work
from homeroom.apps.protect.detection.detection_rows import format_utc, write_detections
from homeroom.apps.protect.detection.fold_alerts import compute_refold_start, fold_alerts, hash_expected
from homeroom.apps.protect.detection.judging.alert_rules import (
    AlertRules,
    list_base_rules,
    load_district_rules,
    sum_seconds,
)
from homeroom.apps.protect.detection.judging.correlations import judge_correlations
from homeroom.apps.protect.detection.judging.describe_detections import describe_detection, list_shown_fields
from homeroom.apps.protect.detection.judging.district_evidence import DistrictEvidence, load_district_evidence
from homeroom.apps.protect.detection.judging.event_source import AUDIT_TABLE, LOG_COLUMNS, EventBuilder, EventSource
from homeroom.apps.protect.detection.judging.learn_rows import LEARNED_COLUMNS, LearningRun
from homeroom.apps.protect.detection.judging.learned_store import pack_learned, unpack_learned
from homeroom.apps.protect.detection.judging.other_tools import list_other_detections
from homeroom.apps.protect.detection.judging.row_selection import RowSelection
from homeroom.apps.protect.detection.judging.silent_logs import build_activities, list_silent_logs
from homeroom.apps.protect.detection.judging.stored_matches import MatchBuffer, delete_old_matches
from homeroom.apps.protect.detection.judging.watched_canaries import list_watched_canaries, record_seen_tests
from homeroom.apps.protect.detection.models import JudgingState
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.domain.protect.detections.alerts import FoldedDetection
from homeroom.engines.protect.enrich.event_enricher import EventEnricher
from homeroom.engines.protect.enrich.learned_behavior import DistrictHabits, LearnedBehavior
from homeroom.engines.protect.enrich.observations import TAKING_EVENTS
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.protect.triage.triage_table import load_triage_table

MAX_HISTORY = timedelta(days=400)
"""How long networks and volumes are remembered that are not seen any more."""


class JudgingBusy(RuntimeError):
    """Another process judges the district's logs."""


@dataclass(frozen=True, kw_only=True)
class JudgedEvents:
    """Outcome of a run: numbers, until when each log was judged, and the ids of new alerts in the queue."""

    events: int = 0
    detections: int = 0
    rules: int = 0
    judged_until: dict[str, str] = field(default_factory=dict)
    new_alerts: tuple[str, ...] = ()


def judge_new_events(
    *,
    district: District,
    store: EvidenceStore,
    events: EventSource,
    build_events: EventBuilder,
    at: datetime,
    wait: float = 0,
    rules: AlertRules | None = None,
    progress: Progress = ignore_progress,
) -> JudgedEvents:
    """Judge what came since the last run. Raise JudgingBusy if another process does, after waiting so many seconds."""
    store.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(store.folder / "judging.lock", timeout=wait):
            run = _JudgingRun(
                district=district,
                store=store,
                events=events,
                build_events=build_events,
                at=at,
                rules=rules or load_district_rules(district),
                progress=progress,
            )
            return run.judge()
    except filelock.Timeout:
        raise JudgingBusy("the logs of this district are being judged already") from None


@dataclass(kw_only=True)
class _Span:
    """The time that what is new lies in."""

    since: datetime | None = None
    until: datetime | None = None

    def add(self, *times: datetime) -> None:
        """Widen the span to these times."""
        for moment in times:
            self.since = min(moment, self.since or moment)
            self.until = max(moment, self.until or moment)


@dataclass(kw_only=True)
class _JudgingRun:
    district: District
    store: EvidenceStore
    events: EventSource
    build_events: EventBuilder
    at: datetime
    rules: AlertRules
    progress: Progress
    span: _Span = field(default_factory=_Span)
    detections: int = 0

    def judge(self) -> JudgedEvents:
        """Judge what is new, and store how far that was."""
        state, _made = JudgingState.objects.get_or_create(district_id=self.district.pk)
        position = self.events.get_position()
        announced = list_announced_work(district=self.district)
        evidence = load_district_evidence(self.store, timezone=self.district.timezone, announced=announced)
        evidence.knowledge.add_canaries(list_watched_canaries(district=self.district, at=self.at))
        learning = LearningRun(
            learned=unpack_learned(bytes(state.learned)),
            evidence=evidence,
            timezone=self.district.timezone,
            tools=load_triage_table().remote_tools,
            newest={name: datetime.fromisoformat(text) for name, text in state.judged_until.items()},
        )
        if position > state.position:
            self._judge_rows(learning, after=state.position)
        other_until = self._add_other_tools(evidence, since=state.other_tools_until)
        self._add_silent_logs(learning)
        expected = hash_expected(evidence.expected)
        new_alerts = self._fold(evidence, learning, is_announcement_new=expected != state.announced)
        record_seen_tests(district=self.district, at=self.at)
        state.position, state.announced, state.other_tools_until = max(position, state.position), expected, other_until
        return self._store_state(state, learning, new_alerts)

    def _judge_rows(self, learning: LearningRun, *, after: int) -> None:
        newest_before = max(learning.newest.values(), default=None)
        for number, table in enumerate(LOG_COLUMNS):
            self.progress("learning from logs", number, len(LOG_COLUMNS))
            rows = self.events.iter_new_rows(table, after=after, columns=LEARNED_COLUMNS[table])
            learning.learn(table, rows)
        crossed = learning.count_volumes()
        enricher = _build_enricher(self.district, learning.evidence, learning.learned, learning.tools)
        buffer = MatchBuffer(list_shown_fields(self.rules))
        for table in LOG_COLUMNS:
            self._judge_batches(table, self.events.iter_new_rows(table, after=after), enricher, buffer)
        if crossed:
            self._judge_batches(AUDIT_TABLE, self._iter_taken_files(crossed), enricher, buffer)
        outcome = judge_correlations(
            district=self.district,
            rules=self.rules,
            enricher=enricher,
            first_times=buffer.first_times,
            newest=newest_before,
        )
        self.detections += len(outcome.fired)
        self.span.add(*outcome.gone, *(item.event.time for item in outcome.fired))
        self._delete_old_matches(learning)

    def _judge_batches(
        self, table: str, batches: Iterable[pa.RecordBatch], enricher: EventEnricher, buffer: MatchBuffer
    ) -> None:
        scanner, done = self.rules.scanner, 0
        names = [name for kind in enricher.knowledge.canaries.values() for name in kind]
        selection = RowSelection(self.rules.rules.rules, canaries=names)
        for batch in batches:
            chosen = (event for part in selection.select(table, batch) for event in self.build_events(table, part))
            events = map(enricher.enrich, chosen)
            for scan in scanner.iter_scans(events):
                described = (describe_detection(item, rules=self.rules, enricher=enricher) for item in scan.detections)
                detections = [item for item in described if item is not None]
                for matches in scan.matches:
                    buffer.add(matches)
                with transaction.atomic():
                    self._write(detections)
                    buffer.store(self.district)
            done += batch.num_rows
            self.progress("judging logs", done, 0)

    def _write(self, detections: Iterable[FoldedDetection]) -> None:
        written = write_detections(district=self.district, detections=detections)
        self.detections += len(written)
        self.span.add(*(item.event.time for item in written))

    def _iter_taken_files(self, crossed: list[tuple[str, date]]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of files that accounts took on days on which that became unusual: all of the day's count."""
        zone = ZoneInfo(self.district.timezone)
        for day in sorted({day for _account, day in crossed}):
            accounts = [account for account, other in crossed if other == day]
            since = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
            for batch in self.events.iter_rows(AUDIT_TABLE, since=since, until=since + timedelta(days=1)):
                frame = pl.DataFrame(batch).filter(
                    pl.col("event").is_in(TAKING_EVENTS) & pl.col("actor_email").str.to_lowercase().is_in(accounts)
                )
                yield from frame.to_arrow().cast(batch.schema).to_batches()

    def _add_other_tools(self, evidence: DistrictEvidence, *, since: datetime | None) -> datetime | None:
        detections, until = list_other_detections(self.store, knowledge=evidence.knowledge, since=since)
        self._write(detections)
        return until

    def _add_silent_logs(self, learning: LearningRun) -> None:
        logs = build_activities(learning.learned.entries, learning.newest)
        self._write(
            list_silent_logs(logs, timezone=self.district.timezone, is_school_day=learning.evidence.is_school_day)
        )

    def _fold(self, evidence: DistrictEvidence, learning: LearningRun, *, is_announcement_new: bool) -> tuple[str, ...]:
        newest = max(learning.newest.values(), default=None)
        if is_announcement_new and newest is not None:
            self.span.add(newest, compute_refold_start(newest))
        if self.span.since is None or self.span.until is None:
            return ()
        outcome = fold_alerts(
            district=self.district,
            expected=evidence.expected,
            since=self.span.since,
            until=self.span.until,
            at=self.at,
        )
        return outcome.new

    def _delete_old_matches(self, learning: LearningRun) -> None:
        newest = max(learning.newest.values(), default=None)
        if newest is None:
            return
        seconds: dict[str, int] = {}
        for name in self.rules.correlations:
            closure = self.rules.list_closure(name)
            for base in list_base_rules(closure):
                seconds[base] = max(sum_seconds(closure), seconds.get(base, 0))
        delete_old_matches(self.district, seconds=seconds, newest=dict.fromkeys(seconds, newest))

    def _store_state(self, state: JudgingState, learning: LearningRun, new_alerts: tuple[str, ...]) -> JudgedEvents:
        newest = max(learning.newest.values(), default=None)
        if newest is not None:
            learning.learned.forget(before=(newest - MAX_HISTORY).date())
        state.judged_until = {name: format_utc(moment) for name, moment in sorted(learning.newest.items())}
        state.judged_at = self.at
        if learning.rows:
            state.learned = pack_learned(learning.learned)
        state.save()
        return JudgedEvents(
            events=learning.rows,
            detections=self.detections,
            rules=len(self.rules.rules),
            judged_until=dict(state.judged_until),
            new_alerts=new_alerts,
        )


def _build_enricher(
    district: District, evidence: DistrictEvidence, learned: LearnedBehavior, tools: tuple[str, ...]
) -> EventEnricher:
    return EventEnricher(
        knowledge=evidence.knowledge,
        learned=learned,
        habits=DistrictHabits(learned),
        timezone=district.timezone,
        tools=tools,
        is_school_day=evidence.is_school_day,
    )
