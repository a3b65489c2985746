"""Run one sync to its end or to a pause: fetch from the console, load the packages, and store the bookmarks.

A file lock allows one run per connection; the system frees it when a process dies. The next run of an interrupted sync
continues at the page where that one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import filelock
import msgspec

from homeroom.apps.know.connections.commands import decrypt_settings, get_spool_folder, schedule_next_sync
from homeroom.apps.know.connections.heartbeat import Heartbeat
from homeroom.apps.know.connections.models import OPEN_STATES, Connection, Sync
from homeroom.apps.know.sources.commands import load_package, write_audit_entries
from homeroom.apps.know.sources.jobs import serialize_report
from homeroom.apps.know.sources.load_report import LoadReport, LoadResult
from homeroom.apps.platform.secret_box import SecretDecryptionError
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.event_files.event_loads import parse_load_number
from homeroom.evidence.loads.store import EvidenceStore, StoreBusy
from homeroom.ingest.detection.package import Package
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_session import STANDARD_RETRIES, ApiSession, RetryPolicy
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.feed_sync import SyncBookmark
from homeroom.ingest.remote.http_transport import Send
from homeroom.ingest.remote.sync_runner import StreamResult, SyncJob, remove_fetched_pages, run_sync_job
from homeroom.library.know.api_specs import ApiConnector, get_api_spec

MAX_PAUSES = 12
MAX_STORED_SYNCS = 200
"""Number of syncs stored per connection; the evidence store and the audit trail record what each loaded."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=3)
GOOD_OUTCOMES = ("new", "unchanged", "restored", "nothing")


@dataclass(frozen=True, kw_only=True)
class SyncContext:
    """Services and options for one sync run.

    `follow_ups` run after something new was loaded, `event_follow_ups` after nothing but new events of logs, which
    resolving does not depend on; each gets the progress callback. `next_allowed_start` gives the
    time from which a scheduled sync may run; the default allows any time, for syncs that a user runs by hand.
    """

    store: EvidenceStore
    clock: Clock
    send: Send
    follow_ups: Sequence[Callable[[Progress], None]] = ()
    event_follow_ups: Sequence[Callable[[Progress], None]] = ()
    show: Progress = ignore_progress
    patience: RetryPolicy = STANDARD_RETRIES
    next_allowed_start: Callable[..., datetime] = lambda _connection, at: at


def run_sync(*, district: District, number: int, context: SyncContext) -> str:
    """Run the sync of that number and return its state; `elsewhere` if another process runs it.

    A sync that has ended is not touched. Raise errors of Homeroom itself; the sync then stays open and is run again.
    """
    sync = Sync.objects.of(district).select_related("district", "connection__district").filter(pk=number).first()
    if sync is None or sync.state not in OPEN_STATES:
        return sync.state if sync else "gone"
    folder = get_spool_folder(sync.connection)
    for parent_folder in (folder.parent.parent, folder.parent):  # the mode of `mkdir` is that of the last folder alone
        parent_folder.mkdir(exist_ok=True, mode=0o700)
    try:
        with filelock.FileLock(f"{folder}.lock", timeout=0):
            return _SyncExecution(sync=sync, means=context).run()
    except filelock.Timeout:
        return "elsewhere"


@dataclass
class _SyncExecution:
    sync: Sync
    means: SyncContext
    secrets: tuple[str, ...] = ()
    has_new_rows: bool = False
    has_new_events: bool = False

    def __post_init__(self) -> None:
        self.heartbeat = Heartbeat(self.sync, now=self.means.clock.now, show=self.means.show)

    def run(self) -> str:
        self.sync.refresh_from_db()
        if self.sync.state not in OPEN_STATES:
            return str(self.sync.state)
        if self.sync.state == "running" and self._count_crash():
            return self._finish("failed", reason="killed", sentence="the process that ran it was ended again and again")
        if (until := self._compute_wait()) is not None:
            return self._wait(until)
        self.heartbeat.set_state("running")
        try:
            reachable = get_api_spec(self.connection.client)
            values = decrypt_settings(self.connection)
        except (LookupError, SecretDecryptionError) as error:
            return self._finish("failed", reason="settings", sentence=str(error))
        self.secrets = reachable.client.list_secrets(values)
        job = self._build_job(reachable)
        try:
            results = self._run_job(job, values)
        except RemoteError as fault:
            return self._handle_fault(fault, job)
        except StoreBusy as store_error:
            return self._handle_fault(RemoteError(errors.BUSY, str(store_error)), job)
        except Exception as unexpected:
            # Store only the error's class where people can read it: its text could quote a student's value.
            sentence = (
                f"something broke in Homeroom itself ({type(unexpected).__name__}); homeroom doctor may know more"
            )
            self._handle_fault(RemoteError(errors.UNREACHABLE, sentence), job)
            raise
        remove_fetched_pages(job)
        return self._finish(_summarize_state(results), streams=results)

    @property
    def connection(self) -> Connection:
        return self.sync.connection

    def _build_job(self, reachable: ApiConnector) -> SyncJob:
        bookmarks = {
            feed: msgspec.convert(bookmark, SyncBookmark, strict=False) for feed, bookmark in self.sync.marks.items()
        }
        refetched = self._find_feeds_to_refetch(reachable)
        other_feeds = {feed.id for feed in reachable.client.feeds if not feed.log} if self.sync.logs else set()
        return SyncJob(
            spec=reachable.client,
            connector=reachable.connector,
            folder=get_spool_folder(self.connection),
            bookmarks={feed: bookmark for feed, bookmark in bookmarks.items() if feed not in refetched},
            full=self.sync.whole,
            disabled_feeds=frozenset({*self.connection.off, *other_feeds}),
        )

    def _find_feeds_to_refetch(self, reachable: ApiConnector) -> set[str]:
        """Return the feeds whose last load is no longer current: they are fetched in full again.

        That happens if a user undid the load or loaded files. Loads of this sync from before an interruption do not
        count.
        """
        event_loads = self.means.store.list_newest_event_loads()
        current = (*self.means.store.list_current_loads(), *event_loads)
        current_ids = {load.id for load in current} | set(self._list_standing_event_loads())
        own_ids = {load.id for load in current if load.loaded_at >= self.sync.made_at}
        job = SyncJob(spec=reachable.client, connector=reachable.connector, folder=get_spool_folder(self.connection))
        stream_state: Mapping[str, Any] = self.sync.connection.stands
        return {
            feed.id
            for stream, feeds in job.streams.items()
            for feed in feeds
            if stream in stream_state and not {stream_state[stream]["load"], *own_ids} & current_ids
        }

    def _list_standing_event_loads(self) -> list[str]:
        """Return the loads of logs that bookmarks belong to: they stay valid until they are undone."""
        ids = [str(state["load"]) for state in self.sync.connection.stands.values()]
        return [name for name in ids if parse_load_number(name) and not self.means.store.is_event_load_undone(name)]

    def _run_job(self, job: SyncJob, values: Mapping[str, str]) -> list[dict[str, Any]]:
        client = job.spec
        session = ApiSession(
            spec=client,
            settings=values,
            send=self.means.send,
            clock=self.means.clock,
            cancelled=self.heartbeat.is_cancelled,
            retry_policy=self.means.patience,
        )
        at = self.sync.made_at
        stream_results = run_sync_job(
            job, session=session, at=self.means.clock.now(), progress=self.heartbeat, load=self._load
        )
        results = [self._store_stream_result(stream_result) for stream_result in stream_results]
        if job.full and all(stream_result["outcome"] in GOOD_OUTCOMES for stream_result in results):
            Connection.objects.of(self.sync.district_id).filter(pk=self.connection.pk).update(whole_at=at)
        write_audit_entries(
            district=self.sync.district, store=self.means.store, actor=self.sync.made_by, since=self.sync.made_at
        )
        steps = self.means.follow_ups if self.has_new_rows else ()
        for step in self.means.event_follow_ups if self.has_new_events and not steps else steps:
            step(self.heartbeat)
        return results

    def _load(self, package: Package) -> LoadResult:
        stream_state = self.connection.stands.get(package.stream)
        delta = package.mode == "delta" and not package.accumulates
        return load_package(
            package,
            store=self.means.store,
            at=self.means.clock.now(),
            source=self.connection.name,
            scope=stream_state["scope"] if delta and stream_state else None,
            progress=self.heartbeat,
        )

    def _store_stream_result(self, stream_result: StreamResult[LoadResult]) -> dict[str, Any]:
        """Return the result of a stream as plain values; if it went well, store the bookmarks for the next sync."""
        values = _describe_stream(stream_result, since=self.sync.made_at, secrets=self.secrets)
        fields = {}
        if values["outcome"] in GOOD_OUTCOMES and stream_result.sync_result is not None:
            bookmarks = msgspec.to_builtins(dict(stream_result.sync_result.bookmarks))
            self.connection.marks = {**self.connection.marks, **bookmarks}
            fields["marks"] = self.connection.marks
        elif values["outcome"] == "refused" and stream_result.sync_result is not None:
            refused_feeds = set(stream_result.sync_result.bookmarks)
            self.connection.marks = {
                name: mark for name, mark in self.connection.marks.items() if name not in refused_feeds
            }
            fields["marks"] = self.connection.marks
        load = stream_result.loaded.load if stream_result.loaded else None
        if load is not None and values["outcome"] == "new":
            is_log = parse_load_number(load.id) > 0
            self.has_new_rows |= not is_log
            self.has_new_events |= is_log and any(part.added for part in load.tables.values())
        if load is not None and values["outcome"] in ("new", "unchanged"):
            self.connection.stands = {
                **self.connection.stands,
                stream_result.stream: {"load": load.id, "scope": load.scope},
            }
            fields["stands"] = self.connection.stands
        if fields:
            Connection.objects.of(self.sync.district_id).filter(pk=self.connection.pk).update(**fields)
        return values

    def _count_crash(self) -> bool:
        """Count one more crashed run and return whether the sync crashed too often to be run again."""
        self.sync.pauses += 1
        self.heartbeat.update_sync(pauses=self.sync.pauses)
        return self.sync.pauses > MAX_PAUSES

    def _compute_wait(self) -> datetime | None:
        """Return until when a scheduled sync has to wait; None if it may run now."""
        now = self.means.clock.now()
        until = now if self.sync.made_by or self.sync.logs else self.means.next_allowed_start(self.connection, at=now)
        return until if until > now else None

    def _wait(self, until: datetime) -> str:
        values = {"reason": "schedule", "sentence": "its turn came at a time that the schedule leaves alone"}
        self.heartbeat.update_sync(state="paused", resume_at=until, result=values, step="")
        return "paused"

    def _handle_fault(self, fault: RemoteError, job: SyncJob) -> str:
        if fault.is_temporary and self.sync.pauses < MAX_PAUSES and not self.sync.logs:
            return self._pause(fault)
        remove_fetched_pages(job)
        state = "stopped" if fault.reason == errors.CANCELLED else "failed"
        return self._finish(state, reason=fault.reason, sentence=self._redact(fault.sentence))

    def _pause(self, fault: RemoteError) -> str:
        """Pause the sync; fetched pages stay, and the worker resumes it later."""
        now = self.means.clock.now()
        pause = min(FIRST_PAUSE * 2**self.sync.pauses, LONGEST_PAUSE)
        self.heartbeat.update_sync(
            state="paused",
            pauses=self.sync.pauses + 1,
            resume_at=max(now + pause, fault.retry_at or now),
            result={"reason": fault.reason, "sentence": self._redact(fault.sentence)},
            step="",
        )
        return "paused"

    def _finish(self, state: str, **result: Any) -> str:
        at = self.means.clock.now()
        self.heartbeat.update_sync(state=state, result=result, finished_at=at, step="")
        if not self.sync.logs:
            schedule_next_sync(self.connection, last=self.sync.made_at, at=at)
        self._delete_old_syncs()
        return state

    def _delete_old_syncs(self) -> None:
        """Delete the oldest syncs, of logs apart from those of lists."""
        same_kind = Sync.objects.of(self.sync.district_id).filter(connection=self.connection, logs=self.sync.logs)
        rows = same_kind.order_by("-pk")
        for newest_expired in list(rows.values_list("pk", flat=True)[MAX_STORED_SYNCS : MAX_STORED_SYNCS + 1]):
            same_kind.filter(pk__lte=newest_expired, finished_at__isnull=False).delete()

    def _redact(self, sentence: str) -> str:
        return errors.mask_secrets(sentence, secrets=self.secrets)


def _summarize_state(results: Sequence[Mapping[str, Any]]) -> str:
    good_results = [result for result in results if result["outcome"] in GOOD_OUTCOMES or result["outcome"] == "held"]
    if not good_results:
        return "failed"
    return "done" if len(good_results) == len(results) else "partly"


def _describe_stream(
    stream_result: StreamResult[LoadResult], *, since: datetime, secrets: Sequence[str]
) -> dict[str, Any]:
    """Describe the outcome of a stream: new, unchanged, held, refused, nothing (no change) or fault, with counts."""
    values: dict[str, Any] = {"stream": stream_result.stream, "outcome": "nothing", "sentence": ""}
    if stream_result.sync_result is not None:
        values |= {
            "whole": stream_result.sync_result.full,
            "rows": stream_result.sync_result.rows,
            "pages": stream_result.sync_result.pages,
        }
        values |= {
            "incomplete": stream_result.sync_result.incomplete,
            "left_out": dict(stream_result.sync_result.left_out),
        }
    if stream_result.error is not None:
        values |= {"outcome": "fault", "reason": stream_result.error.reason}
        values["sentence"] = errors.mask_secrets(stream_result.error.sentence, secrets=secrets)
    elif stream_result.problems:
        values |= {"outcome": "refused", "sentence": str(stream_result.problems[0])}
    elif stream_result.loaded is not None:
        package = serialize_report(LoadReport(loaded=(stream_result.loaded,)))["packages"][0]
        values |= {name: value for name, value in package.items() if name not in ("files", "connector")}
        if (
            values["outcome"] == "unchanged"
            and stream_result.loaded.load
            and stream_result.loaded.load.loaded_at >= since
        ):
            values["outcome"] = "new"  # this sync loaded it, before it was interrupted
    return values
