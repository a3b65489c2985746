"""What is measured of the installation: queue, loads, connections by their newest sync, sizes, the last backup."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from homeroom.apps.know.connections.models import Connection, Sync
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.monitoring.measures import SIZE_SECONDS, FolderSizes, measure_installation
from homeroom.config.logs import build_log_policy, read_metrics_token
from homeroom.evidence.files.data_folder import open_data_folder
from homeroom.web.platform.metrics import has_token
from tests.cast import Cast, create_cast

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return open_data_folder(tmp_path / "data", kind="real")


def measure(data: Path) -> dict[str, dict[tuple[str, ...], float]]:
    return {item.name: dict(item.values) for item in measure_installation(data, at=AT, sizes=FolderSizes())}


def add_connection(cast: Cast, name: str, *states: str) -> None:
    connection = Connection.objects.create(district_id=cast.district.pk, name=name, client="fleet", made_at=AT)
    for hours, state in enumerate(states):
        made_at = AT + timedelta(hours=hours)
        Sync.objects.create(
            district_id=cast.district.pk, connection=connection, state=state, made_at=made_at, beat_at=made_at
        )


@pytest.mark.django_db(databases="__all__")
@pytest.mark.differs_by_database("asks each database for its size")
def test_loads_connections_and_sizes_are_counted_for_all_districts(data: Path) -> None:
    cast = create_cast()
    add_connection(cast, "good", "failed", "done")
    add_connection(cast, "bad", "done", "failed")
    add_connection(cast, "worse", "failed")
    add_connection(cast, "new")
    for state in ("failed", "failed", "done"):
        LoadJob.objects.create(district_id=cast.district.pk, made_at=AT, made_by="director", folder="/x", state=state)
    (data / "evidence" / "maple-valley" / "blobs").mkdir(parents=True)
    (data / "evidence" / "maple-valley" / "blobs" / "a").write_bytes(b"x" * 300)
    (data / "evidence" / "maple-valley" / "b").write_bytes(b"x" * 45)
    measures = measure(data)
    assert measures["homeroom_connections"] == {
        ("maple-valley", "done"): 1,
        ("maple-valley", "failed"): 2,
        ("maple-valley", "never"): 1,
    }
    assert measures["homeroom_loads"][("failed",)] == 2
    assert measures["homeroom_loads"][("waiting",)] == 0
    assert measures["homeroom_evidence_bytes"] == {("maple-valley",): 345, ("next-door",): 0}
    assert measures["homeroom_jobs"][("ready",)] == measures["homeroom_oldest_job_seconds"][()] == 0
    assert all(size > 10_000 for size in measures["homeroom_database_bytes"].values())


@pytest.mark.django_db(databases="__all__")
def test_the_age_of_the_last_backup_is_absent_before_there_is_one(data: Path) -> None:
    assert "homeroom_backup_age_seconds" not in measure(data)
    (data / "backups.json").write_text('{"made_at": "2026-01-15T06:30:00Z", "path": "/backups/1"}')
    assert measure(data)["homeroom_backup_age_seconds"] == {(): 5.5 * 3600}
    (data / "backups.json").write_text('{"made_at": null}')
    assert "homeroom_backup_age_seconds" not in measure(data)
    (data / "backups.json").write_text("{")
    assert "homeroom_backup_age_seconds" not in measure(data)


def test_a_folder_is_not_measured_at_each_scrape(tmp_path: Path) -> None:
    seconds = [0.0]
    sizes = FolderSizes(clock=lambda: seconds[0])
    assert sizes.get(tmp_path) == 0
    (tmp_path / "a").write_bytes(b"abc")
    seconds[0] = SIZE_SECONDS - 1
    assert sizes.get(tmp_path) == 0
    seconds[0] = SIZE_SECONDS
    assert sizes.get(tmp_path) == 3


@pytest.mark.parametrize(
    ("header", "is_let_in"),
    [
        ("Bearer token-of-the-monitor-7d1f0c55", True),
        ("bearer  token-of-the-monitor-7d1f0c55", True),
        ("Bearer token-of-the-monitor-7d1f0c5", False),
        ("Basic token-of-the-monitor-7d1f0c55", False),
        ("token-of-the-monitor-7d1f0c55", False),
        ("Bearer ", False),
        ("Bearer tökén", False),
        ("", False),
    ],
)
def test_the_token_is_compared_as_it_is(header: str, is_let_in: bool) -> None:
    assert has_token(header, token="token-of-the-monitor-7d1f0c55") is is_let_in


@pytest.mark.django_db(databases="__all__")
def test_without_a_token_in_the_settings_there_is_nothing_at_the_address() -> None:
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HOMEROOM_METRICS_TOKEN", "short", "HOMEROOM_METRICS_TOKEN is too short; 24 characters or more would fit"),
        ("HOMEROOM_LOG_TO", "syslog", "HOMEROOM_LOG_TO='syslog'; files or stderr would fit"),
        ("HOMEROOM_LOG_DAYS", "0", "HOMEROOM_LOG_DAYS='0' is not above 0; 30 would fit"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=re.escape(reason)):
        (read_metrics_token(), build_log_policy())
