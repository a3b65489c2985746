"""Runs one sync to its end, or to a pause: walks the console, loads what came, and keeps where it stands.

One at a time a connection, by a lock that the system frees when a process dies. Whoever runs a sync that a killed process left
goes on at the page where that one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import filelock
import msgspec

from homeroom.apps.connections.beating import Beat
from homeroom.apps.connections.commands import plan_next, settings_of, spool_of
from homeroom.apps.connections.models import OPEN, Connection, Sync
from homeroom.apps.connections.sealing import NotOpened
from homeroom.apps.sources.commands import load_package, write_down
from homeroom.apps.sources.jobs import told
from homeroom.apps.sources.reports import Loaded, LoadReport
from homeroom.evidence.store import Store, StoreBusy
from homeroom.ingest.packages import Package
from homeroom.ingest.remote import faults
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.faults import Fault
from homeroom.ingest.remote.line import STANDARD, Line, Patience
from homeroom.ingest.remote.sending import Send
from homeroom.ingest.remote.touring import Tour, Toured, forget, toured
from homeroom.ingest.remote.walking import Mark, Step
from homeroom.library.clients import Reachable, client_named

PAUSES_AT_MOST = 12
SYNCS_KEPT = 200
"""Syncs of one connection that are remembered; what each loaded is remembered by the evidence and the audit trail."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=3)
GOOD = ("new", "unchanged", "nothing")


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a run works with. `after` follows where something new was loaded, each with the progress to tell.

    `may_begin_at` says from when on a sync that its schedule began may be run; who runs one by hand asks nobody.
    """

    store: Store
    clock: Clock
    send: Send
    after: Sequence[Callable[[Step], None]] = ()
    show: Step = lambda _step, _done, _total: None
    patience: Patience = STANDARD
    may_begin_at: Callable[..., datetime] = lambda _connection, at: at


def run_sync(*, district: Any, number: int, means: Means) -> str:
    """Runs the sync of that number; the state that it is in then, `elsewhere` where another process runs it.

    A sync that has ended is left alone. Raises what breaks in Homeroom itself; the sync then stays open, and is run again.
    """
    sync = Sync.objects.of(district).select_related("district", "connection__district").filter(pk=number).first()
    if sync is None or sync.state not in OPEN:
        return sync.state if sync else "gone"
    folder = spool_of(sync.connection)
    for room in (folder.parent.parent, folder.parent):  # the mode of `mkdir` is that of the last folder alone
        room.mkdir(exist_ok=True, mode=0o700)
    try:
        with filelock.FileLock(f"{folder}.lock", timeout=0):
            return _Run(sync=sync, means=means).run()
    except filelock.Timeout:
        return "elsewhere"


@dataclass
class _Run:
    sync: Sync
    means: Means
    secrets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.beat = Beat(self.sync, now=self.means.clock.now, show=self.means.show)

    def run(self) -> str:
        self.sync.refresh_from_db()
        if self.sync.state not in OPEN:
            return str(self.sync.state)
        if self.sync.state == "running" and self._too_often():
            return self._end("failed", reason="killed", sentence="the process that ran it was ended again and again")
        if (until := self._waits_until()) is not None:
            return self._wait(until)
        self.beat.state("running")
        try:
            reachable = client_named(self.connection.client)
            values = settings_of(self.connection)
        except (LookupError, NotOpened) as why:
            return self._end("failed", reason="settings", sentence=str(why))
        self.secrets = reachable.client.secrets(values)
        tour = self._tour(reachable)
        try:
            results = self._toured(tour, values)
        except Fault as fault:
            return self._broken(fault, tour)
        except StoreBusy as busy:
            return self._pause(Fault(faults.BUSY, str(busy)))
        except Exception as broken:
            # Only the kind of the fault is kept where people can read it: its text could quote a pupil's value.
            sentence = f"something broke in Homeroom itself ({type(broken).__name__}); homeroom doctor may know more"
            self._broken(Fault(faults.UNREACHABLE, sentence), tour)
            raise
        forget(tour)
        return self._end(_state_of(results), streams=results)

    @property
    def connection(self) -> Connection:
        return self.sync.connection

    def _tour(self, reachable: Reachable) -> Tour:
        marks = {feed: msgspec.convert(mark, Mark, strict=False) for feed, mark in self.sync.marks.items()}
        lost = self._lost_streams(reachable)
        return Tour(
            client=reachable.client,
            connector=reachable.connector,
            folder=spool_of(self.connection),
            marks={feed: mark for feed, mark in marks.items() if feed not in lost},
            whole=self.sync.whole,
            off=frozenset(self.connection.off),
        )

    def _lost_streams(self, reachable: Reachable) -> set[str]:
        """The feeds whose last load stands no more, as where somebody undid it or loaded files: everything is asked for again.

        What this very sync loaded before it was interrupted does not count.
        """
        standing = {load.id for load in self.means.store.standing()}
        begun = {load.id for load in self.means.store.standing() if load.loaded_at >= self.sync.made_at}
        tour = Tour(client=reachable.client, connector=reachable.connector, folder=spool_of(self.connection))
        stood: Mapping[str, Any] = self.sync.connection.stands
        return {
            feed.id
            for stream, feeds in tour.streams.items()
            for feed in feeds
            if stream in stood and not {stood[stream]["load"], *begun} & standing
        }

    def _toured(self, tour: Tour, values: Mapping[str, str]) -> list[dict[str, Any]]:
        client = tour.client
        line = Line(
            client=client,
            settings=values,
            send=self.means.send,
            clock=self.means.clock,
            cancelled=self.beat.stopped,
            patience=self.means.patience,
        )
        at = self.sync.made_at
        walks = toured(tour, line=line, at=self.means.clock.now(), progress=self.beat, load=self._load)
        results = [self._kept(one) for one in walks]
        if tour.whole and all(one["outcome"] in GOOD for one in results):
            Connection.objects.of(self.sync.district_id).filter(pk=self.connection.pk).update(whole_at=at)
        write_down(district=self.sync.district, store=self.means.store, actor=self.sync.made_by)
        if any(one["outcome"] == "new" for one in results):
            for step in self.means.after:
                step(self.beat)
        return results

    def _load(self, package: Package) -> Loaded:
        stood = self.connection.stands.get(package.stream)
        delta = package.mode == "delta" and not package.accumulates
        return load_package(
            package,
            store=self.means.store,
            at=self.means.clock.now(),
            source=self.connection.name,
            scope=stood["scope"] if delta and stood else None,
            progress=self.beat,
        )

    def _kept(self, one: Toured[Loaded]) -> dict[str, Any]:
        """The result of a stream in plain values; where it went well, the marks for the next walk are kept with it."""
        said = _said(one, since=self.sync.made_at, secrets=self.secrets)
        fields = {}
        if said["outcome"] in GOOD and one.walked is not None:
            plain = msgspec.to_builtins(dict(one.walked.marks))
            self.connection.marks = {**self.connection.marks, **plain}
            fields["marks"] = self.connection.marks
        elif said["outcome"] == "refused" and one.walked is not None:
            lost = set(one.walked.marks)
            self.connection.marks = {name: mark for name, mark in self.connection.marks.items() if name not in lost}
            fields["marks"] = self.connection.marks
        load = one.loaded.load if one.loaded else None
        if load is not None and said["outcome"] in ("new", "unchanged"):
            self.connection.stands = {**self.connection.stands, one.stream: {"load": load.id, "scope": load.scope}}
            fields["stands"] = self.connection.stands
        if fields:
            Connection.objects.of(self.sync.district_id).filter(pk=self.connection.pk).update(**fields)
        return said

    def _too_often(self) -> bool:
        """Whether processes that ran this sync died so often that another one would too. Counts one more."""
        self.sync.pauses += 1
        self.beat.write(pauses=self.sync.pauses)
        return self.sync.pauses > PAUSES_AT_MOST

    def _waits_until(self) -> datetime | None:
        """Until when the sync has to wait where a person did not ask for it; None where it may be run now."""
        now = self.means.clock.now()
        until = now if self.sync.made_by else self.means.may_begin_at(self.connection, at=now)
        return until if until > now else None

    def _wait(self, until: datetime) -> str:
        told = {"reason": "schedule", "sentence": "its turn came at a time that the schedule leaves alone"}
        self.beat.write(state="paused", resume_at=until, result=told, step="")
        return "paused"

    def _broken(self, fault: Fault, tour: Tour) -> str:
        if fault.passing and self.sync.pauses < PAUSES_AT_MOST:
            return self._pause(fault)
        forget(tour)
        state = "stopped" if fault.reason == faults.CANCELLED else "failed"
        return self._end(state, reason=fault.reason, sentence=self._clean(fault.sentence))

    def _pause(self, fault: Fault) -> str:
        """What was fetched stays; the worker goes on later."""
        now = self.means.clock.now()
        pause = min(FIRST_PAUSE * 2**self.sync.pauses, LONGEST_PAUSE)
        self.beat.write(
            state="paused",
            pauses=self.sync.pauses + 1,
            resume_at=max(now + pause, fault.until or now),
            result={"reason": fault.reason, "sentence": self._clean(fault.sentence)},
            step="",
        )
        return "paused"

    def _end(self, state: str, **result: Any) -> str:
        at = self.means.clock.now()
        self.beat.write(state=state, result=result, finished_at=at, step="")
        plan_next(self.connection, last=self.sync.made_at, at=at)
        self._forget_old()
        return state

    def _forget_old(self) -> None:
        rows = Sync.objects.of(self.sync.district_id).filter(connection=self.connection).order_by("-pk")
        for newest_of_the_old in list(rows.values_list("pk", flat=True)[SYNCS_KEPT : SYNCS_KEPT + 1]):
            Sync.objects.of(self.sync.district_id).filter(
                connection=self.connection, pk__lte=newest_of_the_old, finished_at__isnull=False
            ).delete()

    def _clean(self, sentence: str) -> str:
        return faults.without(sentence, secrets=self.secrets)


def _state_of(results: Sequence[Mapping[str, Any]]) -> str:
    good = [one for one in results if one["outcome"] in GOOD or one["outcome"] == "held"]
    if not good:
        return "failed"
    return "done" if len(good) == len(results) else "partly"


def _said(one: Toured[Loaded], *, since: datetime, secrets: Sequence[str]) -> dict[str, Any]:
    """What became of a stream: new, unchanged, held, refused, nothing (no change) or fault, with the figures."""
    said: dict[str, Any] = {"stream": one.stream, "outcome": "nothing", "sentence": ""}
    if one.walked is not None:
        said |= {"whole": one.walked.whole, "rows": one.walked.rows, "pages": one.walked.pages}
        said |= {"incomplete": one.walked.incomplete, "left_out": dict(one.walked.left_out)}
    if one.fault is not None:
        said |= {"outcome": "fault", "reason": one.fault.reason}
        said["sentence"] = faults.without(one.fault.sentence, secrets=secrets)
    elif one.problems:
        said |= {"outcome": "refused", "sentence": str(one.problems[0])}
    elif one.loaded is not None:
        package = told(LoadReport(loaded=(one.loaded,)))["packages"][0]
        said |= {name: value for name, value in package.items() if name not in ("files", "connector")}
        if said["outcome"] == "unchanged" and one.loaded.load and one.loaded.load.loaded_at >= since:
            said["outcome"] = "new"  # this sync loaded it, before it was interrupted
    return said
