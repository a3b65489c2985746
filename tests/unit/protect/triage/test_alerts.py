"""Alerts are few: detections of one story are one, its urgency is a table's, and what was announced alerts nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import AlertState, Entity, EntityKind, EventReference, Part, Role
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from homeroom.engines.protect.triage import ExpectedActivities, build_alerts
from homeroom.engines.protect.triage.fold import fold_detections
from homeroom.library.protect.triage.triage_table import load_triage_table
from tests.unit.protect.triage.stories import MONDAY, make_account, make_detection

TABLE = load_triage_table()
DAY = 24 * 60


def _build(*detections):
    return build_alerts(detections, table=TABLE)


def test_detections_of_one_actor_within_a_day_are_one_alert_and_after_a_day_another():
    ana = make_account("ana@maple.example")
    alerts = _build(
        make_detection("odd-sign-in", ana), make_detection("mail-forwarded", ana, minutes=DAY, stage="collection"),
        make_detection("mail-forwarded", ana, minutes=2 * DAY + 1),
    )  # fmt: skip
    assert [alert.rules for alert in alerts] == [("odd-sign-in", "mail-forwarded"), ("mail-forwarded",)]
    assert alerts[0].stages == ("access", "collection")
    assert (alerts[0].fired_at, alerts[0].last_seen) == (MONDAY, MONDAY + timedelta(days=1))


def test_the_victim_of_one_step_who_acts_in_the_next_makes_it_one_story():
    boss, ana = make_account("boss@maple.example"), make_account("ana@maple.example", part=Part.VICTIM)
    alerts = _build(
        make_detection("role-granted", boss, ana),
        make_detection("user-list", make_account("ana@maple.example"), minutes=30),
    )
    assert len(alerts) == 1
    assert [(entity.name, entity.part) for entity in alerts[0].entities] == [
        ("boss@maple.example", Part.ACTOR), ("ana@maple.example", Part.ACTOR),
    ]  # fmt: skip


def test_what_everybody_acts_as_and_a_crowd_of_victims_join_nothing():
    system = make_account("NT AUTHORITY\\SYSTEM", role=Role.UNKNOWN)
    lab = Entity(kind=EntityKind.HOST, name="lab-01")
    office = Entity(kind=EntityKind.HOST, name="office-01")
    assert len(_build(make_detection("shadow", system, lab), make_detection("shadow", system, office, key="2"))) == 2
    crowd = [make_account(f"staff{n}@maple.example", part=Part.VICTIM) for n in range(9)]
    assert len(_build(make_detection("spray", *crowd), make_detection("spray", *crowd, key="2"))) == 2


def test_a_computers_own_account_is_no_name_for_an_alert():
    machine = make_account("FILE01$", role=Role.UNKNOWN)
    (alert,) = _build(make_detection("shadow", machine, Entity(kind=EntityKind.HOST, name="FILE01")))
    assert alert.title == "Shadow: FILE01"


def test_one_app_that_many_let_in_is_one_alert_of_wide_reach():
    app = Entity(kind=EntityKind.APP, name="Free Grader")
    detections = [
        make_detection("app", make_account(f"staff{n}@maple.example"), app, level="medium", minutes=n) for n in range(5)
    ]
    (alert,) = _build(*detections)
    assert (alert.severity, alert.title) == (Severity.MEDIUM, "App: staff0@maple.example")
    assert alert.events_total == 5


def test_a_story_about_students_alone_is_low_until_it_touches_staff():
    pupil = make_account("s1@maple.example", role=Role.STUDENT, id="a-0000000000001")
    teacher = make_account("ana@maple.example", part=Part.VICTIM)
    (alert,) = _build(make_detection("leaked-password", pupil))
    assert (alert.severity, alert.title) == (Severity.LOW, "Leaked password: student a-0000000000001")
    (alert,) = _build(make_detection("leaked-password", pupil), make_detection("mass-share", pupil, teacher, minutes=9))
    assert alert.severity == Severity.HIGH
    assert alert.fired_at == MONDAY + timedelta(minutes=9)


def test_a_canary_alerts_whoever_announced_it_and_even_for_a_student():
    pupil = make_account("s1@maple.example", role=Role.STUDENT)
    touched = make_detection("canary", pupil, level="low", always_alerts=True, expected="Backup", suppressed="Noise")
    (alert,) = _build(touched)
    assert (alert.severity, alert.state) == (Severity.HIGH, AlertState.NEW)


def test_a_planned_test_alerts_by_itself_and_hides_no_touch_after_it():
    bait = make_account("svc-scan@maple.example")
    test, later = (
        make_detection("canary", bait, always_alerts=True, planned_test=text, minutes=minutes)
        for text, minutes in (("Dana tests it.", 0), ("", 5))
    )
    assert [(alert.state, alert.reason, alert.fired_at) for alert in _build(test, later)] == [
        (AlertState.NEW, "Dana tests it.", MONDAY), (AlertState.NEW, "", MONDAY + timedelta(minutes=5)),
    ]  # fmt: skip


def test_what_was_expected_is_shown_apart_and_hides_nothing():
    ana = make_account("ana@maple.example")
    alerts = _build(
        make_detection("mass-share", ana, expected="Shares the yearbook"), make_detection("odd-sign-in", ana, minutes=1)
    )
    assert {(alert.state, alert.rules, alert.reason) for alert in alerts} == {
        (AlertState.EXPECTED, ("mass-share",), "Shares the yearbook"), (AlertState.NEW, ("odd-sign-in",), ""),
    }  # fmt: skip


def test_an_alert_names_at_most_fifty_events_the_ones_that_fired_among_them():
    ana = make_account("ana@maple.example")
    earlier = tuple(
        EventReference(source="google", log="login", key=str(n), time=MONDAY - timedelta(minutes=90 - n))
        for n in range(60)
    )
    (alert,) = _build(make_detection("spray", ana, events=earlier, events_total=75))
    assert len(alert.events) == 50
    assert "spray/0" in {event.key for event in alert.events}
    assert alert.events_total == 76


WORK = ExpectedActivity(
    number="1", who=("Backup-Svc",), hosts=("FILE01",), addresses=("10.1.0.0/16",),
    daily=(time(23, 30), time(0, 30)), reason="The backup renews its shadow copy.",
)  # fmt: skip


def _is_expected(*entities: Entity, minutes: float) -> bool:
    activities = ExpectedActivities([WORK], timezone="America/Chicago")
    return activities.find(entities, at=MONDAY + timedelta(minutes=minutes)) is not None


def test_work_is_expected_only_if_all_that_was_announced_matches_past_midnight_too():
    account = make_account("MAPLE\\backup-svc", role=Role.SERVICE)
    host = Entity(kind=EntityKind.HOST, name="file01.maple.example")
    address = Entity(kind=EntityKind.ADDRESS, name="10.1.2.3")
    to_midnight = 16 * 60  # 13:00 UTC is 8:00 in Chicago
    assert _is_expected(account, host, address, minutes=to_midnight - 15)
    assert _is_expected(account, host, address, minutes=to_midnight + 30)
    assert not _is_expected(account, host, address, minutes=to_midnight + 31)
    assert not _is_expected(account, host, minutes=to_midnight)
    assert not _is_expected(make_account("ana"), host, address, minutes=to_midnight)
    outside = Entity(kind=EntityKind.ADDRESS, name="203.0.113.9")
    assert not _is_expected(account, host, outside, minutes=to_midnight)


def test_announcing_one_new_administrator_announces_no_second_one():
    item = ExpectedActivity(number="1", targets=("ana@maple.example",), reason="Ana joins the team.")
    activities = ExpectedActivities([item], timezone="America/Chicago")
    ana = make_account("Ana@maple.example", part=Part.VICTIM)
    eve = make_account("eve@maple.example", part=Part.VICTIM)
    assert activities.find([ana], at=MONDAY) is item
    assert activities.find([ana, eve], at=MONDAY) is None


NAMES = st.sampled_from(["ana", "ben", "cho", "dee"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), NAMES, NAMES, st.integers(min_value=0, max_value=7 * DAY)), max_size=12
)


@given(STEPS, st.randoms(use_true_random=False))
def test_alerts_are_the_same_in_any_order_and_each_detection_is_in_one(steps, chance):
    detections = [
        make_detection(rule, make_account(actor), make_account(victim, part=Part.VICTIM), minutes=minute, key=str(n))
        for n, (rule, actor, victim, minute) in enumerate(steps)
    ]
    shuffled = list(detections)
    chance.shuffle(shuffled)
    alerts = _build(*detections)
    assert _build(*shuffled) == alerts
    assert sorted(item.id for alert in alerts for item in alert.detections) == sorted(item.id for item in detections)
    for alert in alerts:
        times = [item.event.time for item in alert.detections]
        assert times == sorted(times)
        assert all(later - earlier <= timedelta(days=1) for earlier, later in pairwise(times))


def test_accounts_of_one_person_in_two_directories_are_of_one_story():
    google, windows = (
        replace(make_account(name, id=id), person="11") for name, id in (("ana@maple.example", "a-1"), ("ana", "a-2"))
    )
    nobodys = make_account("frontdesk", id="a-3")
    detections = [
        make_detection("one", google),
        make_detection("two", windows, minutes=5),
        make_detection("three", nobodys, minutes=6),
    ]
    assert [[item.rule for item in story] for story in fold_detections(detections)] == [["one", "two"], ["three"]]


def test_what_precedes_encryption_is_one_story_on_several_computers_within_an_hour():
    def delete_copies(host, minutes, rule="shadow-copies-deleted", stage="precursor"):
        return make_detection(rule, Entity(kind=EntityKind.HOST, name=host), minutes=minutes, stage=stage)

    wave = [delete_copies("FS01", 0), delete_copies("RDS01", 50), delete_copies("SIS01", 105)]
    assert len(fold_detections(wave)) == 1
    assert len(fold_detections([*wave, delete_copies("DC01", 170)])) == 2, "an hour and more after the last"
    assert len(fold_detections([*wave, delete_copies("DC01", 106, rule="recovery-turned-off")])) == 2, "another rule"
    assert len(fold_detections([delete_copies(host, 0, stage="evasion") for host in ("FS01", "RDS01")])) == 2
