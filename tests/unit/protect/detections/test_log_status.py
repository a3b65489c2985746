"""What is known of each kind of log: whether it comes, whether it stopped, and what has to come before it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from homeroom.domain.protect.detections.coverage import Coverage, LogStatus
from homeroom.engines.protect.detect.log_status import LogFacts, build_logs_table, describe_logs, has_stopped
from homeroom.library.protect.controls import load_controls
from homeroom.library.protect.logs.log_kinds import load_log_kinds
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

TODAY = date(2026, 1, 15)  # a Thursday
SEEN_KINDS = ("windows-security", "windows-process-creation")
SENDERS = {"windows-security": frozenset({"dc01"}), "windows-command-lines": frozenset()}


def describe(*seen: str, controllers: tuple[str, ...] = (), **facts: object) -> dict[str, LogStatus]:
    coverage = Coverage(rules=(), seen=dict.fromkeys(seen, 1))
    statuses = describe_logs(
        LogFacts(coverage=coverage, **facts),  # type: ignore[arg-type]
        kinds=load_log_kinds(),
        controllers=controllers,
        canaries={},
        today=TODAY,
        is_school_day=lambda day: day.weekday() < 5,
    )
    return {status.kind.id: status for status in statuses}


def list_days(*, newest: date, count: int) -> frozenset[date]:
    return frozenset(newest - timedelta(days=number) for number in range(count))


def test_a_product_that_nothing_was_loaded_of_is_not_known_to_be_in_use() -> None:
    statuses = describe(products=frozenset({"google"}))
    assert statuses["google-login"].here is True
    assert statuses["entra-sign-ins"].here is None
    assert statuses["windows-security"].here is None


def test_domain_controllers_without_events_are_windows_that_nobody_reads() -> None:
    security = describe(controllers=("dc01", "dc02"), senders=SENDERS)["windows-security"]
    assert (security.here, security.read, security.silent_servers) == (True, False, ("dc02",))
    assert describe(senders=SENDERS)["windows-security"].silent_servers is None


def test_the_unified_log_is_as_good_as_the_sign_ins_of_entra() -> None:
    assert describe("microsoft-unified")["entra-sign-ins"].read
    assert not describe("entra-directory")["entra-sign-ins"].read


def test_command_lines_wait_for_the_security_log_and_for_process_creation() -> None:
    assert [kind.id for kind in describe()["windows-command-lines"].first] == list(SEEN_KINDS)
    assert not describe()["windows-command-lines"].ready
    assert describe(*SEEN_KINDS)["windows-command-lines"].ready
    rows = {row["kind"]: row for row in build_logs_table(describe().values()).to_pylist()}
    minutes = {kind.id: kind.minutes for kind in load_log_kinds()}
    needed = (*SEEN_KINDS, "windows-command-lines")
    assert rows["windows-command-lines"]["minutes"] == sum(minutes[name] for name in needed)


def test_a_quiet_week_of_a_log_that_is_fetched_is_no_missing_log() -> None:
    assert describe(loaded=frozenset({"google-admin"}))["google-admin"].read


@pytest.mark.parametrize(
    ("newest", "count", "stopped"),
    [
        (TODAY - timedelta(days=8), 20, True),
        (TODAY - timedelta(days=6), 20, False),  # not a week ago
        (TODAY - timedelta(days=8), 6, False),  # too few days to know what is usual
    ],
)
def test_a_log_stopped_if_it_came_on_most_days_and_a_week_of_school_has_none(
    newest: date, count: int, stopped: bool
) -> None:
    days = list_days(newest=newest, count=count)
    assert has_stopped(days, today=TODAY, is_school_day=lambda day: day.weekday() < 5) is stopped


def test_a_break_without_school_is_no_silence() -> None:
    days = list_days(newest=TODAY - timedelta(days=10), count=20)
    assert not has_stopped(days, today=TODAY, is_school_day=lambda day: day >= TODAY - timedelta(days=2))


def test_what_a_control_of_logs_takes_comes_from_the_kinds_of_logs() -> None:
    minutes = {kind.id: kind.minutes for kind in load_log_kinds()}
    controls = {control.id: control for control in load_controls()}
    assert controls["windows-security-read"].effort.minutes_per_subject == minutes["windows-security"]
    assert set(controls["vendor-alerts-read"].fix) == {"google", "microsoft"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"logs": ["google-logon"]}, "'google-logon'; ids of log-kinds.yaml would fit"),
        ({"logs": ["google-login", "windows-sysmon"]}, "kinds that take the same minutes would fit"),
        ({"effort": {"minutes_per_subject": 1, "minutes_once": 0}}, "it comes from log-kinds.yaml; leave it out"),
        ({"asks": "accounts"}, "'accounts'; with logs, logs would fit"),
        ({"logs": None}, "effort: none; it would fit, or logs"),
    ],
)
def test_a_control_of_logs_that_says_its_minutes_again_is_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    text = (BUILTIN_CONTENT / "controls" / "monitoring" / "google-logs-read.yaml").read_text(encoding="utf-8")
    fields = {name: value for name, value in {**yaml.safe_load(text), **changes}.items() if value is not None}
    path = tmp_path / "controls" / "monitoring" / "google-logs-read.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(fields), encoding="utf-8")
    with pytest.raises(ContentRefused, match=message):
        load_controls(tmp_path)
