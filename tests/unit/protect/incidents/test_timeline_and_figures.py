"""A timeline is in the order of time, and a month's figures are medians with the number of incidents."""

from __future__ import annotations

from datetime import timedelta

from homeroom.domain.protect.incidents.records import Author, DetectionLag, Moment, TimelineEntry
from homeroom.engines.protect.incidents import IncidentMoments, build_timeline, compute_month_figures
from homeroom.engines.protect.incidents.figures import Figure
from tests.unit.protect.incidents.alert_cases import ANA, HOUR, MONDAY, make_incident_alert


def _get_time(minutes):
    return MONDAY + timedelta(minutes=minutes)


def test_events_and_people_are_in_the_order_of_time_and_an_event_is_one_line():
    sign_in, forward = make_incident_alert("odd-sign-in", ANA), make_incident_alert("forward", ANA, minutes=HOUR)
    call = TimelineEntry(time=_get_time(30), what="The librarian called.", author=Author.PERSON, by="technician")
    lines = build_timeline([*forward.events, *sign_in.events, *sign_in.events], [call])
    assert [(line.what, line.author) for line in lines] == [
        ("Odd sign in", "log"), ("The librarian called.", "person"), ("Forward", "log"),
    ]  # fmt: skip
    assert [line.key for line in lines] == ["odd-sign-in/0", "", "forward/60"]


def _make_moments(first, detected, *, acknowledged=None, lag=None):
    moments = {Moment.FIRST_EVENT: _get_time(first), Moment.DETECTED: _get_time(detected)}
    return IncidentMoments(
        moments=moments | ({Moment.ACKNOWLEDGED: _get_time(acknowledged)} if acknowledged else {}), lag=lag
    )


def test_the_time_to_detect_is_divided_into_source_sync_and_judging():
    lag = DetectionLag(
        event_at=_get_time(0), missing_at=_get_time(10), loaded_at=_get_time(20), judged_at=_get_time(21)
    )
    month = compute_month_figures([_make_moments(0, 21, lag=lag), _make_moments(0, 41, acknowledged=101)])[0]
    assert (month.month, month.incidents) == ("2026-09", 2)
    assert {name: (figure.seconds, figure.n) for name, figure in month.figures.items()} == {
        "detect": (31 * 60, 2), "source_lag": (600, 1), "sync": (600, 1), "judging": (60, 1),
        "acknowledge": (3600, 1), "contain": (None, 0),
    }  # fmt: skip


def test_a_fetch_before_the_event_makes_no_source_lag_and_a_negative_span_is_none():
    lag = DetectionLag(event_at=_get_time(15), missing_at=_get_time(10), loaded_at=_get_time(20))
    figures = compute_month_figures([_make_moments(30, 20, lag=lag)])[0].figures
    assert (figures["source_lag"], figures["sync"]) == (Figure(seconds=0, n=1), Figure(seconds=300, n=1))
    assert figures["detect"] == Figure(seconds=None, n=0)


def test_months_are_newest_first():
    incidents = [_make_moments(0, 5), _make_moments(0, 40 * 24 * HOUR)]
    assert [month.month for month in compute_month_figures(incidents)] == ["2026-10", "2026-09"]
