"""A sync through the app: what it loads, keeps, tells and leaves, and when the worker wakes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import filelock
import pytest

from homeroom.apps.audit.queries import trail
from homeroom.apps.connections import commands, tasks
from homeroom.apps.connections.models import Connection, Sync
from homeroom.apps.connections.queries import SyncRow, one_connection, one_sync, syncs
from homeroom.apps.connections.running import PAUSES_AT_MOST, SYNCS_KEPT, Means, run_sync
from homeroom.apps.connections.trying import try_connection
from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.sources.commands import load, undo
from homeroom.evidence.store import Store
from homeroom.ingest.remote.client import Answer, Request
from homeroom.ingest.remote.faults import Cut
from homeroom.ingest.remote.line import Patience
from homeroom.ingest.remote.sending import Send, opened
from tests.services.oneroster import SECRET, OneRoster
from tests.services.server import served
from tests.services.world import World

pytestmark = pytest.mark.django_db


class Desk:
    """A district with a connected OneRoster provider that is served."""

    def __init__(self, folder: Path, url: str, send: Send, console: OneRoster, district: District) -> None:
        self.folder, self.send, self.console, self.district = folder, send, console, district
        self.world = console.world
        self.judged: list[str] = []
        self.store = Store(folder / "evidence", district="maple")
        commands.connect(
            district=district, client="oneroster", name="", given=console.settings(url), actor="technician",
            at=self.world.now(), off=["courses", "classes", "enrollments", "academicSessions"],
        )  # fmt: skip

    def sync(self, *, send: Send | None = None, whole: bool = False) -> SyncRow:
        """Asks for a sync and runs it; what is then said of it."""
        number = commands.ask_for_sync(
            district=self.district, name="oneroster", actor="technician", at=self.world.now(), whole=whole
        )
        return self.run(number, send=send)

    def run(self, number: int, *, send: Send | None = None) -> SyncRow:
        means = Means(
            store=self.store, clock=self.world.clock, send=send or self.send,
            after=[lambda _: self.judged.append("judged")], patience=Patience(tries=2),
            may_begin_at=commands.may_begin_at,
        )  # fmt: skip
        run_sync(district=self.district, number=number, means=means)
        found = one_sync(district=self.district, number=number)
        assert found is not None
        return found

    def connection(self) -> Connection:
        return commands.found(district=self.district, name="oneroster")


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Iterator[Desk]:
    settings.DATA = tmp_path
    console = OneRoster(World())
    console.world.pass_by(hours=2)  # its rows are older than what is asked for twice
    with served(console) as url, opened() as send:
        yield Desk(tmp_path, url, send, console, make_district(slug="maple", name="Maple Valley"))


def away(_request: Request, _most: int) -> Answer:
    raise Cut("no connection")


def test_a_first_sync_asks_for_everything_and_the_next_for_what_changed(desk: Desk) -> None:
    first = desk.sync()
    assert (first.state, first.whole, first.streams[0]["outcome"], desk.judged) == ("done", True, "new", ["judged"])
    desk.world.pass_by(days=1)
    nothing = desk.sync()
    assert (nothing.state, nothing.streams[0]["outcome"], len(desk.judged)) == ("done", "nothing", 1)
    desk.console.change()
    desk.world.pass_by(hours=1)
    second = desk.sync()
    changes = {one["table"]: one["added"] + one["changed"] for one in second.streams[0]["changes"]}
    assert (second.whole, second.streams[0]["rows"], changes["person_records"]) == (False, 3, 3)
    desk.world.pass_by(days=7)
    assert desk.sync().whole, "everything is asked for again after a week"
    assert [load.instance for load in desk.store.standing()] == ["oneroster"]


@pytest.mark.scale
def test_a_load_that_was_undone_is_asked_for_again(desk: Desk) -> None:
    desk.sync()
    load = desk.store.standing()[0]
    undo(district=desk.district, store=desk.store, load_id=load.id, actor="technician", at=desk.world.now())
    desk.world.pass_by(hours=1)
    assert desk.sync().streams[0]["whole"]
    assert desk.store.standing()[0].tables["person_records"].rows == 130


@pytest.mark.scale
def test_what_would_delete_too_much_waits_for_a_person_and_nothing_is_forgotten(desk: Desk) -> None:
    desk.sync()
    marks = desk.connection().marks
    desk.console.rows["users"] = dict(list(desk.console.rows["users"].items())[:60])
    desk.world.pass_by(hours=2)
    held = desk.sync(whole=True)
    assert held.streams[0]["outcome"] == "held"
    assert desk.store.standing()[0].tables["person_records"].rows == 130
    assert desk.connection().marks == marks


def test_a_console_that_is_away_pauses_the_sync_which_goes_on_by_itself(desk: Desk) -> None:
    paused = desk.sync(send=away)
    assert (paused.state, paused.sentence[:11]) == ("paused", "signing in:")
    shown = one_connection(district=desk.district, name="oneroster")
    assert shown is not None
    assert shown.due_at == paused.resume_at != shown.next_at
    queued: list[tuple[str, int]] = []
    assert tasks.wake(at=desk.world.now(), enqueue=lambda *one: queued.append(one)) == 0
    desk.world.pass_by(minutes=11)
    assert tasks.wake(at=desk.world.now(), enqueue=lambda *one: queued.append(one)) == 1
    assert queued == [("maple", paused.number)]
    assert desk.run(paused.number).state == "done"


def test_wrong_credentials_end_it_in_a_sentence_without_them(desk: Desk) -> None:
    connection = desk.connection()
    given = {**connection.plain, "client_secret": "wrong and secret"}
    commands.change(
        district=desk.district, name="oneroster", given=given, actor="technician", at=desk.world.now(), every_hours=24,
        quiet="night",
    )  # fmt: skip
    failed = desk.sync()
    assert failed.state == "failed"
    assert "does not accept the credentials (status 401, invalid_client)" in failed.sentence
    tried = try_connection(
        district=desk.district, name="oneroster", send=desk.send, clock=desk.world.clock, actor="t", at=desk.world.now()
    )
    assert [one.well for one in tried] == [False]
    said = str([(line.action, line.subject, line.detail) for line in trail(district=desk.district).lines])
    for text in (said, str(failed), str(tried)):
        assert SECRET not in text
        assert "wrong and secret" not in text
    assert "connect console" in said
    assert "change connection" in said


def test_two_syncs_of_one_connection_never_run_at_once(desk: Desk) -> None:
    number = commands.ask_for_sync(district=desk.district, name="oneroster", actor="", at=desk.world.now())
    with pytest.raises(commands.SyncOpen):
        commands.ask_for_sync(district=desk.district, name="oneroster", actor="", at=desk.world.now())
    folder = commands.spool_of(desk.connection())
    folder.parent.mkdir(parents=True)
    with filelock.FileLock(f"{folder}.lock"):
        assert desk.run(number).state == "waiting", "another process is at it"
    assert desk.run(number).state == "done"


def test_a_sync_that_is_stopped_keeps_nothing_that_it_fetched(desk: Desk) -> None:
    number = commands.ask_for_sync(district=desk.district, name="oneroster", actor="", at=desk.world.now())

    def stopped_meanwhile(request: Request, most: int) -> Answer:
        if "users" in request.url:
            Sync.objects.of(desk.district).filter(pk=number).update(stop=True)
            desk.world.pass_by(seconds=5)
        return desk.send(request, most)

    assert desk.run(number, send=stopped_meanwhile).state == "stopped"
    assert desk.store.standing() == ()
    assert not list(desk.folder.rglob("spool/**/*.json"))
    waiting = commands.ask_for_sync(district=desk.district, name="oneroster", actor="", at=desk.world.now())
    commands.stop_sync(district=desk.district, number=waiting, actor="director", at=desk.world.now())
    assert [one.state for one in syncs(district=desk.district, name="oneroster")] == ["stopped", "stopped"]


def test_the_worker_wakes_what_is_due_once_and_what_a_dead_process_left(desk: Desk) -> None:
    queued: list[tuple[str, int]] = []

    def woken() -> int:
        return tasks.wake(at=desk.world.now(), enqueue=lambda *one: queued.append(one))

    due = desk.connection().next_at
    assert due is not None
    desk.world.at = due + timedelta(minutes=1)
    assert (woken(), woken()) == (1, 0)
    number = queued[0][1]
    Sync.objects.of(desk.district).filter(pk=number).update(state="running")
    desk.world.pass_by(minutes=4)
    assert (woken(), woken()) == (1, 0)
    assert desk.run(number).state == "done"
    assert desk.connection().next_at == due + timedelta(minutes=1, days=1)


def test_what_came_due_while_the_worker_slept_waits_for_the_next_night(desk: Desk) -> None:
    due = desk.connection().next_at
    assert due is not None
    desk.world.at = due.replace(hour=16) + timedelta(days=1)  # 11:00 in New York
    assert tasks.wake(at=desk.world.now(), enqueue=lambda *_: None) == 0
    moved = desk.connection().next_at
    assert moved is not None
    assert moved > desk.world.now()


def test_a_sync_whose_turn_comes_after_the_night_waits_and_one_that_was_asked_for_does_not(desk: Desk) -> None:
    due = desk.connection().next_at
    assert due is not None
    queued: list[tuple[str, int]] = []
    desk.world.at = due
    assert tasks.wake(at=due, enqueue=lambda *one: queued.append(one)) == 1
    desk.world.at = day = due.replace(hour=16)  # another job took until 11:00 in New York
    held = desk.run(queued[0][1])
    assert (held.state, held.sentence) == ("paused", "its turn came at a time that the schedule leaves alone")
    assert held.resume_at == day.replace(hour=1, minute=0, second=0) + timedelta(days=1), "8 pm"
    assert desk.store.standing() == ()
    desk.world.at = held.resume_at
    assert tasks.wake(at=desk.world.now(), enqueue=lambda *one: queued.append(one)) == 1
    assert desk.run(held.number).state == "done"
    desk.world.at = day + timedelta(days=1)
    assert desk.sync().state == "done"


def test_class_by_the_bells_of_a_school_holds_a_sync_back_and_lets_it_go(desk: Desk, tmp_path: Path) -> None:
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
    load([school], district=desk.district, store=desk.store, at=desk.world.now())
    commands.change(
        district=desk.district, name="oneroster", given=desk.connection().plain, actor="technician", at=desk.world.now(),
        every_hours=1, quiet="class",
    )  # fmt: skip

    def may(day: int, hour: int, minute: int = 0) -> bool:
        at = datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
        return commands.may_begin_at(desk.connection(), at=at) == at

    assert [may(19, 8, 9), may(19, 8, 10), may(19, 12), may(19, 14, 49), may(19, 14, 50)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert may(20, 10), "a holiday"
    assert not may(23, 10), "the calendar ends on Friday; the usual week goes on"
    assert may(22, 10), "a Sunday"


def test_the_stranger_s_district_has_no_such_connection(desk: Desk) -> None:
    there = make_district(slug="next-door", name="Next Door")
    with pytest.raises(commands.NoSuchConnection, match="none yet"):
        commands.found(district=there, name="oneroster")
    number = commands.ask_for_sync(district=desk.district, name="oneroster", actor="", at=desk.world.now())
    assert one_sync(district=there, number=number) is None


def test_every_secret_is_sealed_anew_under_a_new_key(desk: Desk) -> None:
    before = desk.connection().sealed
    assert commands.seal_anew(actor="director", at=desk.world.now()) == 1
    after = desk.connection()
    assert after.sealed != before
    assert commands.settings_of(after)["client_secret"] == SECRET


def test_what_breaks_in_homeroom_pauses_and_says_only_the_kind_of_the_fault(desk: Desk) -> None:
    number = commands.ask_for_sync(district=desk.district, name="oneroster", actor="", at=desk.world.now())

    def broken(_request: Request, _most: int) -> Answer:
        raise KeyError("Marisol Vega")

    with pytest.raises(KeyError):
        desk.run(number, send=broken)
    found = one_sync(district=desk.district, number=number)
    assert found is not None
    assert (found.state, "KeyError" in found.sentence, "Marisol" in str(found.result)) == ("paused", True, False)
    assert desk.run(number).state == "done"


def test_a_sync_whose_process_dies_each_time_ends_at_last(desk: Desk) -> None:
    number = commands.ask_for_sync(district=desk.district, name="oneroster", actor="", at=desk.world.now())
    Sync.objects.of(desk.district).filter(pk=number).update(state="running", pauses=PAUSES_AT_MOST)
    ended = desk.run(number)
    assert (ended.state, ended.result["reason"]) == ("failed", "killed")


def test_old_syncs_are_forgotten(desk: Desk) -> None:
    connection, at = desk.connection(), desk.world.now()
    Sync.objects.bulk_create(
        Sync(district=desk.district, connection=connection, made_at=at, beat_at=at, finished_at=at, state="done")
        for _ in range(SYNCS_KEPT + 5)
    )
    desk.sync(send=away)
    number = Sync.objects.of(desk.district).get(state="paused").pk
    desk.run(number)
    assert Sync.objects.of(desk.district).count() == SYNCS_KEPT
