"""Few inventories have servers, so that a name and what a computer does say which one is a server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from homeroom.domain.protect.detections.events import LogEvent, LogSource
from homeroom.engines.protect.enrich.district_knowledge import DeviceFacts, DistrictKnowledge
from homeroom.engines.protect.enrich.event_enricher import EventEnricher
from homeroom.engines.protect.enrich.host_roles import guess_role
from homeroom.engines.protect.enrich.learned_behavior import DistrictHabits, LearnedBehavior
from homeroom.engines.protect.enrich.observations import iter_controllers, iter_host_days, iter_tools

ZONE = "America/Chicago"
MONDAY = datetime(2026, 9, 14, 15, tzinfo=UTC)
SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", tz="UTC")), ("source", pa.string()), ("computer", pa.string()),
        ("event_id", pa.int64()), ("details", pa.string()),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("DC01", "domain_controller"), ("hs-dc2", "domain_controller"), ("FS01", "server"), ("MAPLE-SQL", "server"),
        ("filesrv", "server"), ("HV3", "server"), ("LAB01-07", ""), ("PC-DC-12", ""), ("OFC-003", ""),
        ("PS12-ROOM4", ""), ("DESKTOP-8AB12CD", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_name_says_server_only_where_nobody_works_at_it(name: str, role: str):
    assert guess_role(name) == role


def _make_rows(*rows: tuple[int, str, int]) -> pa.RecordBatch:
    """Return host events: the day from Monday on, the computer, and the number of the event."""
    values = [
        {"at": MONDAY + timedelta(days=day), "source": "windows", "computer": f"{host}.maple.local", "event_id": number,
         "details": "{}"} for day, host, number in rows
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(values, schema=SCHEMA)


def _find_fields(learned: LearnedBehavior, *, host: str, day: int, **fields: Any) -> dict[str, Any]:
    knowledge = DistrictKnowledge(devices=[DeviceFacts(id="d-1", name="fs09", role="workstation")])
    enricher = EventEnricher(
        knowledge=knowledge, learned=learned, habits=DistrictHabits(learned), timezone=ZONE, tools=("psexesvc",)
    )
    event = LogEvent(
        file="windows/System", record=0, time=MONDAY + timedelta(days=day), host=f"{host}.maple.local", user="",
        source=LogSource(product="windows", service="system"), fields={"EventID": 7045, **fields}, raw={},
    )  # fmt: skip
    enriched = enricher.enrich(event).fields
    return {name.removeprefix("district."): value for name, value in enriched.items() if name.startswith("district.")}


def _learn(rows: pa.RecordBatch) -> LearnedBehavior:
    learned = LearnedBehavior()
    learned.learn(iter_tools(rows, timezone=ZONE, tools=("psexesvc",), is_server=lambda _host: False))
    learned.learn(iter_controllers(rows, timezone=ZONE))
    return learned


def test_psexec_on_a_server_is_new_though_nothing_was_ever_installed_there():
    learned = _learn(_make_rows((0, "SQL01", 4624), (1, "FS01", 4624)))
    service = {"ServiceName": "PSEXESVC", "ImagePath": r"%SystemRoot%\PSEXESVC.exe"}
    assert _find_fields(learned, host="FS01", day=4, **service) == {"host.role": "server", "tool.first_use": True}
    assert _find_fields(learned, host="FS01", day=1, **service) == {"host.role": "server"}
    assert _find_fields(learned, host="fs09", day=4)["host.role"] == "workstation"


def test_who_gives_out_tickets_is_a_domain_controller_from_the_third_day_on():
    learned = _learn(_make_rows((0, "MAPLE", 4769), (0, "MAPLE", 4768), (0, "LIBRARY", 4624)))
    assert _find_fields(learned, host="MAPLE", day=2)["host.role"] == "domain_controller"
    assert "host.role" not in _find_fields(learned, host="MAPLE", day=1)
    assert "host.role" not in _find_fields(learned, host="LIBRARY", day=2)


def test_events_are_counted_by_server_and_day():
    rows = _make_rows((0, "FS01", 4624), (0, "FS01", 4688), (1, "fs01", 4688), (0, "LAB01-01", 4624))
    counted = list(iter_host_days(rows, timezone=ZONE, is_server=lambda host: host == "FS01"))
    assert counted == [("windows//FS01", date(2026, 9, 14), 2), ("windows//FS01", date(2026, 9, 15), 1)]
