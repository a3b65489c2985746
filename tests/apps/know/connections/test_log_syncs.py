"""Logs of a console on a schedule of their own: every ten minutes, at any time of day, late entries included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.connections import commands, tasks
from homeroom.apps.know.connections.models import Connection, Sync
from homeroom.apps.know.connections.queries import SyncRow, find_sync, list_syncs
from homeroom.apps.know.connections.run_sync import SyncContext, run_sync
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.remote.api_session import RetryPolicy
from homeroom.ingest.remote.http_transport import Send, open_transport
from tests.services import tenant
from tests.services.google import Google
from tests.services.server import LOCAL_POLICY, serve_console
from tests.services.world import World

pytestmark = pytest.mark.django_db


class WatchedDistrict:
    """A district with Google connected, whose worker is run step by step."""

    def __init__(self, folder: Path, url: str, send: Send, console: Google, district: District) -> None:
        self.send, self.console, self.district, self.world = send, console, district, console.world
        self.store = EvidenceStore(folder / "evidence", district="maple")
        self.steps: list[str] = []
        lists = [feed.id for feed in commands.get_api_spec("google").client.feeds if not feed.log]
        commands.connect(
            district=district, client="google", name="", values=console.build_settings(url), actor="technician",
            at=self.world.read_clock(), off=[*(name for name in lists if name != "users"), "alerts"],
        )  # fmt: skip
        later = self.world.read_clock() + timedelta(hours=24)
        Connection.objects.of(district).update(next_at=later)  # so that the lists are not due

    def queue(self) -> list[int]:
        """Return the syncs that the worker would start now."""
        numbers: list[int] = []
        tasks.queue_due_syncs(at=self.world.read_clock(), enqueue=lambda _slug, number: numbers.append(number))
        return numbers

    def run(self, number: int) -> SyncRow:
        context = SyncContext(
            store=self.store, clock=self.world.clock, send=self.send, patience=RetryPolicy(tries=2),
            follow_ups=[lambda _: self.steps.append("resolve")],
            event_follow_ups=[lambda _: self.steps.append("judge")],
            next_allowed_start=commands.get_next_allowed_start,
        )  # fmt: skip
        run_sync(district=self.district, number=number, context=context)
        row = find_sync(district=self.district, number=number)
        assert row is not None
        return row

    def read_logs(self) -> SyncRow:
        (number,) = self.queue()
        return self.run(number)

    def get_connection(self) -> Connection:
        return commands.get_connection(district=self.district, name="google")

    def list_keys(self) -> list[str]:
        batches = EventStore(self.store).iter_new_rows("audit_events", after=0)
        return [key for batch in batches for key in batch.column("key").to_pylist()]


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Iterator[WatchedDistrict]:
    settings.DATA = tmp_path
    console = Google(World())
    with serve_console(console) as url, open_transport(policy=LOCAL_POLICY) as send:
        yield WatchedDistrict(tmp_path, url, send, console, create_district(slug="maple", name="Maple Valley"))


def test_logs_are_read_at_once_and_every_ten_minutes_and_what_is_new_is_judged(desk: WatchedDistrict) -> None:
    first = desk.read_logs()
    assert [(stream["stream"], stream["outcome"]) for stream in first.streams] == [("google.activities", "new")]
    assert (desk.steps, first.whole, len(desk.list_keys())) == (["judge"], False, 60)
    assert desk.queue() == []
    desk.world.advance(minutes=10)
    desk.read_logs()
    assert (desk.steps, len(desk.list_keys())) == (["judge"], 60)
    desk.console.rows["activities"]["new"] = tenant.build_activity(901, at=desk.world.read_clock(), application="login")
    desk.world.advance(minutes=10)
    desk.read_logs()
    assert desk.steps == ["judge", "judge"], "the lists are resolved when they are read"
    assert len(set(desk.list_keys())) == len(desk.list_keys()) == 61
    assert list_syncs(district=desk.district, name="google") == ()


def test_an_entry_that_a_console_shows_a_day_late_comes_in_within_hours(desk: WatchedDistrict) -> None:
    desk.read_logs()
    desk.world.advance(hours=3)
    desk.read_logs()
    late = desk.world.read_clock() - timedelta(hours=23)
    desk.console.rows["activities"]["late"] = tenant.build_activity(902, at=late, application="token")
    desk.world.advance(minutes=10)
    desk.read_logs()
    assert len(desk.list_keys()) == 60, "every ten minutes only the last half hour is asked for again"
    desk.world.advance(hours=2, minutes=10)
    desk.read_logs()
    assert len(desk.list_keys()) == 61


def test_the_lists_wait_for_logs_that_are_being_read_and_do_not_lose_their_night(desk: WatchedDistrict) -> None:
    due = desk.get_connection().next_at
    assert due is not None
    desk.world.at = due + timedelta(minutes=1)
    commands.create_sync(desk.get_connection(), at=desk.world.read_clock(), actor="", full=False, logs=True)
    assert desk.queue() == []
    assert desk.get_connection().next_at == due
    Sync.objects.of(desk.district).update(state="done", finished_at=desk.world.read_clock())
    desk.world.advance(minutes=1)
    lists = [desk.run(number) for number in desk.queue()]
    assert [stream["stream"] for stream in lists[0].streams] == ["google.users", "google.activities"]


def test_a_console_that_is_away_costs_one_reading_of_its_logs(desk: WatchedDistrict) -> None:
    (number,) = desk.queue()
    desk.console.delegated = set()
    assert desk.run(number).state == "failed"
    desk.world.advance(minutes=10)
    assert len(desk.queue()) == 1
