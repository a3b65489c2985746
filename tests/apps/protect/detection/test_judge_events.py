"""What came since the last run is judged once, in any portions alike, and becomes few alerts that people work on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection import commands, queries, suppress_alerts
from homeroom.apps.protect.detection.alert_documents import build_alerts_document
from homeroom.apps.protect.detection.judging import judge_events
from homeroom.apps.protect.detection.judging.judge_events import JudgedEvents, judge_new_events
from homeroom.apps.protect.detection.models import JudgingState, MatchBatch, StoredAlert, StoredDetection
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from tests.apps.protect.detection.event_loads import MONDAY, EventLoads, Row, build_events, make_evidence, make_row
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
AT = MONDAY + timedelta(days=1)
DAY = 24 * 60


@pytest.fixture
def cast() -> Cast:
    return create_cast()


@pytest.fixture
def evidence(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the evidence know the district, with the announced work that a test gives."""

    def use(**values: Any) -> None:
        district_evidence = make_evidence(**values)
        for module in (judge_events, suppress_alerts):
            monkeypatch.setattr(module, "load_district_evidence", lambda _store, **_: district_evidence)

    use()
    return use


def _judge(district: District, *loads: list[Row], at: datetime = AT) -> JudgedEvents:
    return judge_new_events(
        district=district, store=get_evidence_store(district=district), events=EventLoads(*loads),
        build_events=build_events, at=at,
    )  # fmt: skip


def _list_alerts(district: District) -> list[dict[str, Any]]:
    document = build_alerts_document(
        queries.list_all_alerts(district=district), judged_until=queries.get_judged_until(district=district), at=AT
    )
    alerts: list[dict[str, Any]] = document["alerts"]
    return alerts


def _make_forwarding(**values: Any) -> Row:
    return make_row(
        "email_forwarding_out_of_domain", log="user_accounts",
        **{"email_forwarding_destination_address": "eve@evil.example", **values},
    )  # fmt: skip


def _make_history() -> list[Row]:
    """Return what makes Monday the third day of history, with a network that is the district's own."""
    return [
        make_row("login_success", actor=f"teacher{n}@maple.example", minutes=-days * DAY)
        for n in range(5) for days in (3, 1)
    ]  # fmt: skip


def _make_spray(*, first: int = 0, count: int = 12, minutes: float = 0) -> list[Row]:
    return [
        make_row("login_failure", actor=f"staff{n}@maple.example", address="203.0.113.9", country="RO",
                 minutes=minutes + n * 0.5)
        for n in range(first, first + count)
    ]  # fmt: skip


def test_an_alert_has_the_form_of_the_door(cast: Cast, evidence: Callable[..., None]) -> None:
    outcome = _judge(cast.district, [_make_forwarding()])
    assert (outcome.events, outcome.detections, len(outcome.new_alerts)) == (1, 1, 1)
    (alert,) = _list_alerts(cast.district)
    key = alert["events"][0]["key"]
    time = "2026-09-14T13:00:00Z"
    assert {name: alert[name] for name in ("rules", "severity", "state", "first_seen", "fired_at", "last_seen")} == {
        "rules": ["google-mail-forwarded-out"], "severity": "high", "state": "new", "first_seen": time,
        "fired_at": time, "last_seen": time,
    }  # fmt: skip
    assert alert["events"] == [{"source": "google", "log": "user_accounts", "key": key, "time": time}]
    assert {"kind": "account", "name": "ana@maple.example", "id": "a-ana"} in alert["entities"]
    assert (alert["events_total"], alert["incident"], alert["reason"]) == (1, None, None)
    assert alert["why"][0].endswith("on Sep 14, 2026, 8:00 AM by ana@maple.example from 198.51.100.7 (United States).")
    assert alert["means"]
    assert alert["first_step"]
    assert queries.get_judged_until(district=cast.district).logs == {"google/user_accounts": time}


def test_a_second_run_judges_only_what_came_and_the_same_entry_twice_counts_once(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    first = [_make_forwarding()]
    _judge(cast.district, first)
    again = _judge(cast.district, first)
    assert (again.events, again.detections, again.new_alerts) == (0, 0, ())
    more = _judge(cast.district, first, [*first, _make_forwarding(minutes=30)])
    assert (more.events, more.detections, more.new_alerts) == (1, 1, ())
    (alert,) = _list_alerts(cast.district)
    assert alert["events_total"] == 2


@pytest.mark.differs_by_database("homeroom.apps.protect.detection.fold_alerts and detection_rows")
def test_the_alerts_are_the_same_however_and_in_which_order_events_came(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    rows = [
        *_make_spray(), _make_forwarding(minutes=40),
        _make_forwarding(minutes=40 + DAY - 1, actor="ben@maple.example"),
        make_row("CHANGE_PASSWORD", log="admin", actor="root@maple.example", minutes=60, USER_EMAIL="b@maple.example"),
    ]  # fmt: skip
    later = _make_forwarding(minutes=3 * DAY)
    outcomes = []
    for portions in ([rows], [[row] for row in rows], [rows[::-1][:9], rows[::-1][9:]], [rows[1::2], rows, rows[::2]]):
        StoredAlert.objects.of(cast.district).delete()
        StoredDetection.objects.of(cast.district).delete()
        JudgingState.objects.filter(district_id=cast.district.pk).delete()
        MatchBatch.objects.of(cast.district).delete()
        loads = [_make_history()]
        for portion in [*portions, [later]]:
            loads.append(portion)
            _judge(cast.district, *loads)
        outcomes.append(_list_alerts(cast.district))
    assert any("google-password-spray" in alert["rules"] for alert in outcomes[0])
    assert outcomes[1:] == outcomes[:1] * 3


def test_a_spray_fires_once_its_last_event_has_come_however_late(cast: Cast, evidence: Callable[..., None]) -> None:
    *others, late = _make_spray(count=10)[::-1]
    others += _make_history()
    _judge(cast.district, others)
    assert _list_alerts(cast.district) == []
    _judge(cast.district, others, [late])
    (alert,) = _list_alerts(cast.district)
    assert alert["rules"] == ["google-password-spray"]
    assert alert["fired_at"] == "2026-09-14T13:04:30Z"
    assert alert["events_total"] == 10


def test_an_alert_that_a_late_event_undoes_is_gone(cast: Cast, evidence: Callable[..., None]) -> None:
    spray = _make_spray(count=11)
    loads = [[*_make_history(), *spray]]
    _judge(cast.district, *loads)
    (alert,) = _list_alerts(cast.district)
    assert alert["fired_at"] == "2026-09-14T13:04:30Z"
    early = make_row(
        "login_failure", actor="staff77@maple.example", address="203.0.113.9", country="RO", minutes=-1, number=9
    )
    _judge(cast.district, *loads, [early])
    (alert,) = _list_alerts(cast.district)
    assert (alert["fired_at"], StoredAlert.objects.of(cast.district).count()) == ("2026-09-14T13:04:00Z", 1)
    assert StoredDetection.objects.of(cast.district).count() == 1


def test_what_fired_long_ago_stays_when_older_events_of_its_kind_are_loaded(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    loads = [[*_make_history(), *_make_spray()], [_make_forwarding(minutes=30 * DAY)]]
    _judge(cast.district, *loads[:1])
    _judge(cast.district, *loads)
    older = make_row(
        "login_failure", actor="staff99@maple.example", address="203.0.113.9", country="RO", minutes=-60, number=9
    )
    _judge(cast.district, *loads, [older])
    assert sorted(rule for alert in _list_alerts(cast.district) for rule in alert["rules"]) == [
        "google-mail-forwarded-out", "google-password-spray",
    ]  # fmt: skip


def test_a_students_own_warning_is_low_and_in_no_queue(cast: Cast, evidence: Callable[..., None]) -> None:
    _judge(cast.district, [make_row("account_disabled_password_leak", actor="pupil@maple.example")])
    (alert,) = _list_alerts(cast.district)
    assert (alert["severity"], alert["title"]) == (
        "low", "Account disabled because its password leaked: student a-pupil",
    )  # fmt: skip
    assert queries.list_queue(district=cast.district) == ()
    assert not any("pupil@" in line for line in alert["why"])


def test_announced_work_alerts_nobody_and_stays_visible(cast: Cast, evidence: Callable[..., None]) -> None:
    evidence(expected=(ExpectedActivity(number="1", who=("ana@maple.example",), reason="She moves to Oak Hill."),))
    _judge(cast.district, [_make_forwarding()])
    (alert,) = _list_alerts(cast.district)
    assert (alert["state"], alert["reason"]) == ("expected", "She moves to Oak Hill.")
    assert queries.list_queue(district=cast.district) == ()
    evidence()
    _judge(cast.district, [_make_forwarding()])
    assert [item["state"] for item in _list_alerts(cast.district)] == ["new"]


def test_a_new_super_administrator_alerts_although_it_was_announced(cast: Cast, evidence: Callable[..., None]) -> None:
    evidence(expected=(ExpectedActivity(number="1", who=("root@maple.example",), reason="Ben joins the team."),))
    granted = make_row(
        "ASSIGN_ROLE", log="admin", actor="root@maple.example", ROLE_NAME="_SEED_ADMIN_ROLE",
        USER_EMAIL="ben@maple.example",
    )  # fmt: skip
    _judge(cast.district, [granted])
    assert [(alert.state, alert.severity) for alert in queries.list_queue(district=cast.district)] == [("new", "high")]


def test_people_acknowledge_and_close_alerts_and_each_change_is_in_the_trail(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    _judge(cast.district, [_make_forwarding()])
    (alert,) = queries.list_queue(district=cast.district)
    by = {"district": cast.district, "at": AT, "actor": "technician", "public": alert.public}
    commands.acknowledge_alert(**by)
    commands.acknowledge_alert(**by)
    with pytest.raises(commands.InvalidAlertChange):
        commands.close_alert(**by, verdict="false_alarm", reason="no")
    commands.close_alert(**by, verdict="false_alarm", reason="The address is her own.")
    assert queries.list_queue(district=cast.district) == ()
    (precision,) = queries.list_rule_precision(district=cast.district)
    assert (precision.rule, precision.share) == ("google-mail-forwarded-out", 0)
    assert list(Entry.objects.of(cast.district).values_list("action", flat=True).order_by("pk")) == [
        "acknowledge alert", "close alert",
    ]  # fmt: skip
    with pytest.raises(LookupError):
        commands.acknowledge_alert(**{**by, "district": cast.next_district})


def test_a_closed_alert_stays_closed_for_more_of_the_same_and_opens_for_another_rule(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    first = [_make_forwarding()]
    _judge(cast.district, first)
    (alert,) = queries.list_queue(district=cast.district)
    commands.close_alert(
        district=cast.district, at=AT, actor="technician", public=alert.public, verdict="false_alarm",
        reason="The address is her own.",
    )  # fmt: skip
    more = [_make_forwarding(minutes=30)]
    _judge(cast.district, first, more)
    assert [item["state"] for item in _list_alerts(cast.district)] == ["closed"]
    leaked = [make_row("account_disabled_password_leak", minutes=60)]
    outcome = _judge(cast.district, first, more, leaked)
    (again,) = _list_alerts(cast.district)
    assert (again["id"], again["state"], again["reason"]) == (
        alert.public, "new", "It was closed, and more happened since.",
    )  # fmt: skip
    assert outcome.new_alerts == ()


def test_an_alert_that_a_late_event_begins_earlier_is_found_by_its_former_id(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    first = [_make_forwarding(minutes=60)]
    _judge(cast.district, first)
    (before,) = queries.list_queue(district=cast.district)
    commands.acknowledge_alert(district=cast.district, at=AT, actor="technician", public=before.public)
    _judge(cast.district, first, [_make_forwarding()])
    row = queries.find_alert(district=cast.district, public=before.public)
    assert row is not None
    assert (row.public != before.public, row.state, row.acknowledged_by) == (True, "acknowledged", "technician")
    assert StoredAlert.objects.of(cast.district).count() == 1


def test_a_suppression_is_previewed_covers_what_it_names_and_ends(cast: Cast, evidence: Callable[..., None]) -> None:
    district, store = cast.district, get_evidence_store(district=cast.district)
    _judge(district, [_make_forwarding(), _make_forwarding(actor="ben@maple.example", minutes=1)])
    scope = {"rule": "google-mail-forwarded-out", "kind": "account", "name": "Ana@maple.example"}
    preview = suppress_alerts.preview_alert_suppression(district=district, at=AT, **scope)
    assert (preview.detections, preview.alerts, preview.real) == (1, 1, 0)
    number = suppress_alerts.suppress_alerts(
        district=district, store=store, at=AT, today=AT.date(), actor="technician", owner="technician",
        reason="She reads it on her phone.", expires_on=date(2026, 10, 1), **scope,
    )  # fmt: skip
    assert sorted((item["title"][-17:], item["state"]) for item in _list_alerts(district)) == [
        ("ana@maple.example", "suppressed"), ("ben@maple.example", "new"),
    ]  # fmt: skip
    later = _make_forwarding(minutes=20 * DAY)
    _judge(district, [], [later], at=AT + timedelta(days=20))
    assert [row.at for row in StoredDetection.objects.of(district).filter(alert__in=[
        alert.public for alert in queries.list_queue(district=district)
    ], at__gt=AT)] == [later["at"]]  # fmt: skip
    suppress_alerts.withdraw_alert_suppression(
        district=district, store=store, at=AT, actor="technician", number=number, rule=scope["rule"]
    )
    assert {item["state"] for item in _list_alerts(district)} == {"new"}


def test_a_log_that_falls_silent_while_others_of_its_source_go_on_is_an_alert(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    rows = [
        make_row("view", log=log, number=number, minutes=day * DAY + number)
        for log, days in (("drive", 11), ("token", 10)) for day in range(days) for number in range(20)
        if (MONDAY + timedelta(days=day)).weekday() < 5
    ]  # fmt: skip
    _judge(cast.district, rows)
    assert _list_alerts(cast.district) == []
    friday = [make_row("view", log="drive", minutes=11 * DAY)]
    _judge(cast.district, rows, friday)
    assert [(item["title"], item["severity"]) for item in _list_alerts(cast.district)] == [
        ("A log fell silent: google/token", "medium")
    ]


def test_files_taken_beyond_any_day_like_it_are_counted_from_the_days_first(
    cast: Cast, evidence: Callable[..., None]
) -> None:
    usual = [
        make_row("download", log="drive", number=number, minutes=day * DAY, doc_id=f"{day}-{number}")
        for day in range(5) for number in range(5)
    ]  # fmt: skip
    taken = [
        make_row("download", log="drive", number=number, minutes=7 * DAY + number * 0.5, doc_id=f"doc-{number}")
        for number in range(90)
    ]
    _judge(cast.district, usual)
    _judge(cast.district, usual, taken[:4])
    assert _list_alerts(cast.district) == []
    _judge(cast.district, usual, taken[:4], taken[4:])
    (alert,) = _list_alerts(cast.district)
    assert alert["rules"] == ["google-mass-download"]
    assert alert["fired_at"] == "2026-09-21T13:39:30Z"
    assert len(alert["events"]) == 50


def test_a_run_that_is_killed_is_done_again_and_changes_nothing(
    cast: Cast, evidence: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*_make_history(), *_make_spray(), _make_forwarding()]

    def kill(*_arguments: object, **_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(judge_events, "fold_alerts", kill)
        with pytest.raises(KeyboardInterrupt):
            _judge(cast.district, rows)
    assert _list_alerts(cast.district) == []
    _judge(cast.district, rows)
    alerts = _list_alerts(cast.district)
    assert sorted(rule for alert in alerts for rule in alert["rules"]) == [
        "google-mail-forwarded-out", "google-password-spray",
    ]  # fmt: skip
    assert [alert["events_total"] for alert in alerts if alert["rules"] == ["google-password-spray"]] == [10]


def test_the_alerts_of_a_district_are_its_own(cast: Cast, evidence: Callable[..., None]) -> None:
    _judge(cast.district, [_make_forwarding()])
    assert queries.list_queue(district=cast.next_district) == ()
    assert queries.list_all_alerts(district=cast.next_district) == ()
    assert queries.get_judged_until(district=cast.next_district).logs == {}
