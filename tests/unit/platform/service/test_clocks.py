"""The worker calls each clock by itself: one that fails keeps no other from what is due."""

from __future__ import annotations

import logging

import pytest

from homeroom.cli.platform.service.clocks import WorkerClocks

CLOCKS = {
    "comply.erasing.last_ages.LastAgeClock",
    "know.agents.commands.queue_nightly_intakes",
    "know.connections.nightly_retention.RetentionClock",
    "know.connections.tasks.queue_due_syncs",
    "manage.budget.lost_runs.recover_due_runs",
    "manage.rollouts.lost_runs.recover_due_plans",
    "platform.audit.announcing.AnnouncementClock",
    "platform.audit.daily_signing.SigningClock",
    "platform.backups.schedule.BackupClock",
    "platform.districts.sweep.ExpiryClock",
    "teach.courses.training_records.queue_nightly_training",
    "teach.trials.nightly_ends.TrialClock",
}


def test_each_app_names_its_clocks() -> None:
    assert {f"homeroom.apps.{name}" for name in CLOCKS} <= WorkerClocks().names


def test_a_clock_that_fails_keeps_no_other_from_its_work_in_any_round(caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []

    def fail() -> None:
        called.append("signing")
        raise OSError("a file that cannot be read")

    clocks = WorkerClocks({"signing": fail, "backups": lambda: called.append("backups")})
    with caplog.at_level(logging.ERROR):
        assert [clocks.run_all(), clocks.run_all()] == [("signing",), ("signing",)]
    assert called == ["signing", "backups"] * 2
    assert "The clock signing failed" in caplog.text
