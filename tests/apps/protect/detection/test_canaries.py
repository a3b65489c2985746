"""A canary of the page is watched from when it is planted; a planned test of it is seen, and alerts all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection import commands, queries
from homeroom.apps.protect.detection.canaries import page, registry
from homeroom.apps.protect.detection.judging.judge_events import judge_new_events
from homeroom.connectors.district.announcements import read_canaries
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import CanaryPlace, InvalidCanary, TouchState
from homeroom.library.yaml_loader import load_yaml
from tests.apps.protect.detection.event_loads import MONDAY, EventLoads, Row, build_events, make_row
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("conditional unique constraint")]
BAIT = "svc-scan@maple.example"


@pytest.fixture
def cast() -> Cast:
    return create_cast()


def _plant(district: District, *, minutes: float = 0, name: str = BAIT) -> int:
    by: dict[str, Any] = {"district": district, "actor": "technician", "at": MONDAY + timedelta(minutes=minutes)}
    number = registry.add_canary(place=CanaryPlace.GOOGLE_ACCOUNT, title=name, **by)
    registry.plant_canary(number=number, value=name, **by)
    return number


def make_touch(minutes: float, *, number: int = 0) -> Row:
    return make_row("login_failure", actor=BAIT, minutes=minutes, number=number)


def _judge(district: District, *loads: list[Row], minutes: float = 60) -> tuple[str, ...]:
    outcome = judge_new_events(
        district=district, store=get_evidence_store(district=district), events=EventLoads(*loads),
        build_events=build_events, at=MONDAY + timedelta(minutes=minutes),
    )  # fmt: skip
    return outcome.new_alerts


def _find(district: District, number: int) -> page.CanaryLine:
    line = page.find_canary(district=district, number=number, now=MONDAY + timedelta(hours=2))
    assert line is not None
    return line


def test_only_what_happens_after_it_was_planted_is_a_touch(cast: Cast) -> None:
    _plant(cast.district, minutes=10)
    assert _judge(cast.district, [make_touch(9)]) == ()
    (public,) = _judge(cast.district, [make_touch(9)], [make_touch(11)])
    (alert,) = queries.list_queue(district=cast.district)
    assert (alert.public, alert.rules, alert.reason) == (public, ["canary-account-used"], "")
    assert queries.list_queue(district=cast.next_district) == ()


def test_a_canary_that_is_chosen_only_or_retired_alerts_nobody(cast: Cast) -> None:
    by: dict[str, Any] = {"district": cast.district, "actor": "technician"}
    registry.add_canary(place=CanaryPlace.GOOGLE_ACCOUNT, title=BAIT, at=MONDAY, **by)
    assert _judge(cast.district, [make_touch(5)]) == ()
    number = _plant(cast.district, name="svc-door@maple.example")
    registry.retire_canary(number=number, at=MONDAY + timedelta(minutes=20), **by)
    late = make_row("login_failure", actor="svc-door@maple.example", minutes=15)
    after = make_row("login_failure", actor="svc-door@maple.example", minutes=25)
    assert _judge(cast.district, [make_touch(5)], [after]) == ()
    assert len(_judge(cast.district, [make_touch(5)], [after], [late])) == 1, "it was planted then, and the log is late"


def test_a_test_is_seen_with_the_log_and_the_minutes_and_the_alert_says_so(cast: Cast) -> None:
    number = _plant(cast.district)
    assert _find(cast.district, number).newest_test is None
    registry.start_canary_test(
        district=cast.district, number=number, actor="technician", at=MONDAY + timedelta(minutes=10)
    )
    assert _judge(cast.district, [make_touch(12)], minutes=20)
    line = _find(cast.district, number)
    assert line.seen_test is not None
    outcome = line.seen_test.outcome
    assert outcome.touch is not None
    assert (outcome.state, outcome.log, outcome.touch.minutes) == (TouchState.SEEN, "google/login", 8)
    assert line.touched_at is None, "a planned touch is none"
    (alert,) = queries.list_queue(district=cast.district)
    assert alert.state == "new"
    assert alert.severity == "high", "a test alerts like any touch"
    assert alert.reason == "In a planned test of this canary, which technician started on Sep 14, 2026, 8:10 AM."
    assert alert.reason in alert.details["why"]


def test_a_test_waits_until_its_log_was_judged_that_far_and_is_missed_then(cast: Cast) -> None:
    number = _plant(cast.district)
    registry.start_canary_test(district=cast.district, number=number, actor="technician", at=MONDAY)

    def assess() -> tuple[TouchState, str]:
        test = _find(cast.district, number).newest_test
        assert test is not None
        return test.outcome.state, test.outcome.log

    other = make_row("login_success", minutes=5)
    much_later = make_row("login_success", minutes=31)
    assert assess() == (TouchState.BLIND, "")
    _judge(cast.district, [other])
    assert assess() == (TouchState.WAITING, "google/login")
    _judge(cast.district, [other], [much_later])
    assert assess() == (TouchState.MISSED, "google/login")
    _judge(cast.district, [other], [much_later], [make_touch(3)])
    assert assess() == (TouchState.SEEN, "google/login"), "entries come up to a day late"


def test_a_touch_after_the_test_was_closed_is_an_alert_of_its_own_and_each_more_opens_it(cast: Cast) -> None:
    number = _plant(cast.district)
    registry.start_canary_test(district=cast.district, number=number, actor="technician", at=MONDAY)
    loads = [[make_touch(1)]]
    _judge(cast.district, *loads)
    reason = "The technician tested the canary."
    by: dict[str, Any] = {"district": cast.district, "at": MONDAY + timedelta(hours=1), "actor": "technician"}
    for minutes in (40, 50, 60):
        for alert in queries.list_queue(district=cast.district):
            commands.close_alert(**by, public=alert.public, verdict="false_alarm", reason=reason)
        loads.append([make_touch(minutes)])
        _judge(cast.district, *loads, minutes=120)
        (alert,) = queries.list_queue(district=cast.district)
        assert alert.state == "new"
        assert "planned test" not in " ".join(alert.details["why"])
    (precision,) = queries.list_rule_precision(district=cast.district)
    assert (precision.real, precision.false_alarms) == (0, 1), "the touch was closed as one, and the test is none"
    assert _find(cast.district, number).touched_at == MONDAY + timedelta(minutes=60)


def test_each_change_is_in_the_trail_without_the_name(cast: Cast) -> None:
    number = _plant(cast.district)
    by: dict[str, Any] = {"district": cast.district, "number": number, "actor": "technician", "at": MONDAY}
    registry.start_canary_test(**by)
    registry.retire_canary(**by)
    entries = list(Entry.objects.of(cast.district).order_by("pk"))
    assert [entry.action for entry in entries] == ["choose canary", "plant canary", "test canary", "retire canary"]
    assert {(entry.subject_kind, entry.subject) for entry in entries} == {("canary", str(number))}
    assert BAIT not in "".join(str(entry.detail) for entry in entries)
    assert page.find_canary(district=cast.district, number=number, now=MONDAY) is None
    with pytest.raises(LookupError):
        registry.start_canary_test(**by)


def test_a_canary_is_none_of_another_district(cast: Cast) -> None:
    number = _plant(cast.district)
    by: dict[str, Any] = {"district": cast.next_district, "number": number, "actor": "stranger", "at": MONDAY}
    for change in (registry.start_canary_test, registry.retire_canary):
        with pytest.raises(LookupError):
            change(**by)
    assert page.find_canary(district=cast.next_district, number=number, now=MONDAY) is None
    assert _plant(cast.next_district) != number, "each district has its own"


def test_one_thing_is_a_canary_once_until_it_is_retired(cast: Cast) -> None:
    number = _plant(cast.district)
    with pytest.raises(InvalidCanary):
        _plant(cast.district)
    by: dict[str, Any] = {"district": cast.district, "actor": "technician", "at": MONDAY}
    other = registry.add_canary(place=CanaryPlace.GOOGLE_ACCOUNT, title="svc-x@maple.example", **by)
    with pytest.raises(InvalidCanary):
        registry.plant_canary(number=other, value=BAIT.upper(), **by)
    registry.retire_canary(district=cast.district, number=number, actor="technician", at=MONDAY)
    assert _plant(cast.district) != number


def test_the_file_has_what_is_watched_and_is_read_back(cast: Cast, tmp_path: Any) -> None:
    by: dict[str, Any] = {"district": cast.district, "actor": "technician", "at": MONDAY}
    _plant(cast.district)
    share = registry.add_canary(place=CanaryPlace.SHARE_FILE, title="office\\pay\\2026 export.xlsx", **by)
    registry.plant_canary(number=share, value="\\\\files01\\office\\pay\\2026 export.xlsx", **by)
    registry.add_canary(place=CanaryPlace.DRIVE_DOCUMENT, title="Not planted yet", **by)
    lines = page.list_canaries(district=cast.district, now=MONDAY)
    assert [line.is_watched for line in lines] == [False, True, True]
    path = tmp_path / "canaries.yaml"
    path.write_text(page.render_canaries_file(lines), encoding="utf-8")
    reading = read_canaries(load_yaml(path, root=tmp_path))
    assert reading.tables["canaries"].select("kind", "value").rows() == [
        ("account", BAIT), ("file", "office\\pay\\2026 export.xlsx"),
    ]  # fmt: skip
    assert reading.rejects.is_empty()
