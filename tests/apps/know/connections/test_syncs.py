"""A sync through the app: what it loads, stores and reports, and when the worker starts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import filelock
import pytest

from homeroom.apps.know.connections import commands, tasks
from homeroom.apps.know.connections.connection_test import try_connection
from homeroom.apps.know.connections.models import Connection, Sync
from homeroom.apps.know.connections.queries import SyncRow, find_connection, find_sync, list_syncs
from homeroom.apps.know.connections.run_sync import MAX_PAUSES, MAX_STORED_SYNCS, SyncContext, run_sync
from homeroom.apps.know.sources.commands import load_files, undo
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.remote.api_session import RetryPolicy
from homeroom.ingest.remote.api_spec import Request, Response
from homeroom.ingest.remote.errors import ConnectionBroken
from homeroom.ingest.remote.http_transport import Send, open_transport
from tests.services.oneroster import SECRET, OneRoster
from tests.services.server import LOCAL_POLICY, serve_console
from tests.services.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("transactions, unique connections")]


class ConnectedDistrict:
    """A district with a connected OneRoster provider that is served."""

    def __init__(self, folder: Path, url: str, send: Send, console: OneRoster, district: District) -> None:
        self.folder, self.send, self.console, self.district = folder, send, console, district
        self.world = console.world
        self.assessments: list[str] = []
        self.store = EvidenceStore(folder / "evidence", district="maple")
        commands.connect(
            district=district, client="oneroster", name="", values=console.build_settings(url), actor="technician",
            at=self.world.read_clock(), off=["courses", "classes", "enrollments", "academicSessions"],
        )  # fmt: skip

    def sync(self, *, send: Send | None = None, full: bool = False) -> SyncRow:
        """Request a sync and run it; return its row."""
        number = commands.request_sync(
            district=self.district, name="oneroster", actor="technician", at=self.world.read_clock(), full=full
        )
        return self.run(number, send=send)

    def run(self, number: int, *, send: Send | None = None) -> SyncRow:
        context = SyncContext(
            store=self.store, clock=self.world.clock, send=send or self.send,
            follow_ups=[lambda _: self.assessments.append("judged")], patience=RetryPolicy(tries=2),
            next_allowed_start=commands.get_next_allowed_start,
        )  # fmt: skip
        run_sync(district=self.district, number=number, context=context)
        sync_row = find_sync(district=self.district, number=number)
        assert sync_row is not None
        return sync_row

    def get_connection(self) -> Connection:
        return commands.get_connection(district=self.district, name="oneroster")


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Iterator[ConnectedDistrict]:
    settings.DATA = tmp_path
    console = OneRoster(World())
    console.world.advance(hours=2)  # its rows are older than what is asked for twice
    with serve_console(console) as url, open_transport(policy=LOCAL_POLICY) as send:
        yield ConnectedDistrict(tmp_path, url, send, console, create_district(slug="maple", name="Maple Valley"))


def raise_connection_error(_request: Request, _max_bytes: int) -> Response:
    raise ConnectionBroken("no connection")


def test_a_first_sync_asks_for_everything_and_the_next_for_what_changed(desk: ConnectedDistrict) -> None:
    first = desk.sync()
    assert (first.state, first.whole, first.streams[0]["outcome"], desk.assessments) == (
        "done",
        True,
        "new",
        ["judged"],
    )
    desk.world.advance(days=1)
    unchanged = desk.sync()
    assert (unchanged.state, unchanged.streams[0]["outcome"], len(desk.assessments)) == ("done", "nothing", 1)
    desk.console.change_rows()
    desk.world.advance(hours=1)
    second = desk.sync()
    changes = {change["table"]: change["added"] + change["changed"] for change in second.streams[0]["changes"]}
    assert (second.whole, second.streams[0]["rows"], changes["person_records"]) == (False, 3, 3)
    desk.world.advance(days=7)
    assert desk.sync().whole, "everything is asked for again after a week"
    assert [load.instance for load in desk.store.list_current_loads()] == ["oneroster"]


@pytest.mark.scale
def test_a_load_that_was_undone_is_asked_for_again(desk: ConnectedDistrict) -> None:
    desk.sync()
    load = desk.store.list_current_loads()[0]
    undo(district=desk.district, store=desk.store, load_id=load.id, actor="technician", at=desk.world.read_clock())
    desk.world.advance(hours=1)
    assert desk.sync().streams[0]["whole"]
    assert desk.store.list_current_loads()[0].tables["person_records"].rows == 130


@pytest.mark.scale
def test_what_would_delete_too_much_waits_for_a_person_and_nothing_is_forgotten(desk: ConnectedDistrict) -> None:
    desk.sync()
    bookmarks = desk.get_connection().marks
    desk.console.rows["users"] = dict(list(desk.console.rows["users"].items())[:60])
    desk.world.advance(hours=2)
    waiting_sync = desk.sync(full=True)
    assert waiting_sync.streams[0]["outcome"] == "held"
    assert desk.store.list_current_loads()[0].tables["person_records"].rows == 130
    assert desk.get_connection().marks == bookmarks


def test_a_console_that_is_away_pauses_the_sync_which_goes_on_by_itself(desk: ConnectedDistrict) -> None:
    paused = desk.sync(send=raise_connection_error)
    assert (paused.state, paused.sentence[:11]) == ("paused", "signing in:")
    connection_row = find_connection(district=desk.district, name="oneroster")
    assert connection_row is not None
    assert connection_row.due_at == paused.resume_at != connection_row.next_at
    queued: list[tuple[str, int]] = []
    assert tasks.queue_due_syncs(at=desk.world.read_clock(), enqueue=lambda *entry: queued.append(entry)) == 0
    desk.world.advance(minutes=11)
    assert tasks.queue_due_syncs(at=desk.world.read_clock(), enqueue=lambda *entry: queued.append(entry)) == 1
    assert queued == [("maple", paused.number)]
    assert desk.run(paused.number).state == "done"


def test_wrong_credentials_end_it_in_a_sentence_without_them(desk: ConnectedDistrict) -> None:
    connection = desk.get_connection()
    values = {**connection.plain, "client_secret": "wrong and secret"}
    commands.change_connection(
        district=desk.district,
        name="oneroster",
        values=values,
        actor="technician",
        at=desk.world.read_clock(),
        every_hours=24,
        quiet="night",
    )
    failed = desk.sync()
    assert failed.state == "failed"
    assert "does not accept the credentials (status 401, invalid_client)" in failed.sentence
    results = try_connection(
        district=desk.district,
        name="oneroster",
        send=desk.send,
        clock=desk.world.clock,
        actor="t",
        at=desk.world.read_clock(),
    )
    assert [result.well for result in results] == [False]
    trail_text = str(
        [(line.action, line.subject, line.detail) for line in list_audit_entries(district=desk.district).lines]
    )
    for text in (trail_text, str(failed), str(results)):
        assert SECRET not in text
        assert "wrong and secret" not in text
    assert "connect console" in trail_text
    assert "change connection" in trail_text


def test_two_syncs_of_one_connection_never_run_at_once(desk: ConnectedDistrict) -> None:
    number = commands.request_sync(district=desk.district, name="oneroster", actor="", at=desk.world.read_clock())
    with pytest.raises(commands.SyncInProgress):
        commands.request_sync(district=desk.district, name="oneroster", actor="", at=desk.world.read_clock())
    folder = commands.get_spool_folder(desk.get_connection())
    folder.parent.mkdir(parents=True)
    with filelock.FileLock(f"{folder}.lock"):
        assert desk.run(number).state == "waiting", "another process is at it"
    assert desk.run(number).state == "done"


def test_a_sync_that_is_stopped_keeps_nothing_that_it_fetched(desk: ConnectedDistrict) -> None:
    number = commands.request_sync(district=desk.district, name="oneroster", actor="", at=desk.world.read_clock())

    def stop_during_fetch(request: Request, max_bytes: int) -> Response:
        if "users" in request.url:
            Sync.objects.of(desk.district).filter(pk=number).update(stop=True)
            desk.world.advance(seconds=5)
        return desk.send(request, max_bytes)

    assert desk.run(number, send=stop_during_fetch).state == "stopped"
    assert desk.store.list_current_loads() == ()
    assert not list(desk.folder.rglob("spool/**/*.json"))
    waiting_number = commands.request_sync(
        district=desk.district, name="oneroster", actor="", at=desk.world.read_clock()
    )
    commands.stop_sync(district=desk.district, number=waiting_number, actor="director", at=desk.world.read_clock())
    assert [sync.state for sync in list_syncs(district=desk.district, name="oneroster")] == ["stopped", "stopped"]


def test_the_worker_wakes_what_is_due_once_and_what_a_dead_process_left(desk: ConnectedDistrict) -> None:
    queued: list[tuple[str, int]] = []

    def queue_due_syncs() -> int:
        return tasks.queue_due_syncs(at=desk.world.read_clock(), enqueue=lambda *entry: queued.append(entry))

    due = desk.get_connection().next_at
    assert due is not None
    desk.world.at = due + timedelta(minutes=1)
    assert (queue_due_syncs(), queue_due_syncs()) == (1, 0)
    number = queued[0][1]
    Sync.objects.of(desk.district).filter(pk=number).update(state="running")
    desk.world.advance(minutes=4)
    assert (queue_due_syncs(), queue_due_syncs()) == (1, 0)
    assert desk.run(number).state == "done"
    assert desk.get_connection().next_at == due + timedelta(minutes=1, days=1)


def test_what_came_due_while_the_worker_slept_waits_for_the_next_night(desk: ConnectedDistrict) -> None:
    due = desk.get_connection().next_at
    assert due is not None
    desk.world.at = due.replace(hour=16) + timedelta(days=1)  # 11:00 in New York
    assert tasks.queue_due_syncs(at=desk.world.read_clock(), enqueue=lambda *_: None) == 0
    moved = desk.get_connection().next_at
    assert moved is not None
    assert moved > desk.world.read_clock()


def test_a_sync_whose_turn_comes_after_the_night_waits_and_one_that_was_asked_for_does_not(
    desk: ConnectedDistrict,
) -> None:
    due = desk.get_connection().next_at
    assert due is not None
    queued: list[tuple[str, int]] = []
    desk.world.at = due
    assert tasks.queue_due_syncs(at=due, enqueue=lambda *entry: queued.append(entry)) == 1
    desk.world.at = day = due.replace(hour=16)  # another job took until 11:00 in New York
    paused_sync = desk.run(queued[0][1])
    assert (paused_sync.state, paused_sync.sentence) == (
        "paused",
        "its turn came at a time that the schedule leaves alone",
    )
    assert paused_sync.resume_at == day.replace(hour=1, minute=0, second=0) + timedelta(days=1), "8 pm"
    assert desk.store.list_current_loads() == ()
    desk.world.at = paused_sync.resume_at
    assert tasks.queue_due_syncs(at=desk.world.read_clock(), enqueue=lambda *entry: queued.append(entry)) == 1
    assert desk.run(paused_sync.number).state == "done"
    desk.world.at = day + timedelta(days=1)
    assert desk.sync().state == "done"


def test_class_by_the_bells_of_a_school_holds_a_sync_back_and_lets_it_go(
    desk: ConnectedDistrict, tmp_path: Path
) -> None:
    school = tmp_path / "maple-high"
    school.mkdir()
    (school / "meta.json").write_text('{"name": "Maple High"}')
    (school / "schedules.bell").write_text(
        "* normal # Normal\n8:10 {Period 1}\n9:00 Lunch\n13:00 {Period 2}\n14:50 Free\n"
    )
    week = "".join(f"{day} normal\n" for day in ("Mon", "Tue", "Wed", "Thu", "Fri"))
    special = "11/18/2026 normal\n11/20/2026 holiday # Founder's day\n"
    (school / "calendar.bell").write_text(
        f"* Default Week\nSun weekend\n{week}Sat weekend\n\n* Special Days\n{special}"
    )
    load_files([school], district=desk.district, store=desk.store, at=desk.world.read_clock())
    commands.change_connection(
        district=desk.district,
        name="oneroster",
        values=desk.get_connection().plain,
        actor="technician",
        at=desk.world.read_clock(),
        every_hours=1,
        quiet="class",
    )

    def may_start(day: int, hour: int, minute: int = 0) -> bool:
        at = datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
        return commands.get_next_allowed_start(desk.get_connection(), at=at) == at

    assert [
        may_start(19, 8, 9),
        may_start(19, 8, 10),
        may_start(19, 8, 59),
        may_start(19, 14, 49),
        may_start(19, 14, 50),
    ] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert may_start(19, 12), "at lunch of the only school"
    assert not may_start(19, 12, 41), "a sync that begins now may last until class"
    assert may_start(20, 10), "a holiday"
    assert not may_start(23, 8, 30), "the calendar ends on Friday; the usual week goes on"
    assert may_start(22, 10), "a Sunday"


def test_the_stranger_s_district_has_no_such_connection(desk: ConnectedDistrict) -> None:
    next_district = create_district(slug="next-door", name="Next Door")
    with pytest.raises(commands.UnknownConnection, match="none yet"):
        commands.get_connection(district=next_district, name="oneroster")
    number = commands.request_sync(district=desk.district, name="oneroster", actor="", at=desk.world.read_clock())
    assert find_sync(district=next_district, number=number) is None


def test_every_secret_is_sealed_again_under_a_new_key(desk: ConnectedDistrict) -> None:
    before = desk.get_connection().sealed
    assert commands.rotate_keys(actor="director", at=desk.world.read_clock()) == 1
    after = desk.get_connection()
    assert after.sealed != before
    assert commands.decrypt_settings(after)["client_secret"] == SECRET


def test_what_breaks_in_homeroom_pauses_and_says_only_the_kind_of_the_fault(desk: ConnectedDistrict) -> None:
    number = commands.request_sync(district=desk.district, name="oneroster", actor="", at=desk.world.read_clock())

    def raise_key_error(_request: Request, _max_bytes: int) -> Response:
        raise KeyError("Marisol Vega")

    with pytest.raises(KeyError):
        desk.run(number, send=raise_key_error)
    sync_row = find_sync(district=desk.district, number=number)
    assert sync_row is not None
    assert (sync_row.state, "KeyError" in sync_row.sentence, "Marisol" in str(sync_row.result)) == (
        "paused",
        True,
        False,
    )
    assert desk.run(number).state == "done"


def test_a_sync_whose_process_dies_each_time_ends_at_last(desk: ConnectedDistrict) -> None:
    number = commands.request_sync(district=desk.district, name="oneroster", actor="", at=desk.world.read_clock())
    Sync.objects.of(desk.district).filter(pk=number).update(state="running", pauses=MAX_PAUSES)
    ended = desk.run(number)
    assert (ended.state, ended.result["reason"]) == ("failed", "killed")


def test_old_syncs_are_forgotten(desk: ConnectedDistrict) -> None:
    connection, at = desk.get_connection(), desk.world.read_clock()
    Sync.objects.bulk_create(
        Sync(district=desk.district, connection=connection, made_at=at, beat_at=at, finished_at=at, state="done")
        for _ in range(MAX_STORED_SYNCS + 5)
    )
    desk.sync(send=raise_connection_error)
    number = Sync.objects.of(desk.district).get(state="paused").pk
    desk.run(number)
    assert Sync.objects.of(desk.district).count() == MAX_STORED_SYNCS
