"""Test how alerts are scored against the truth of a fortnight."""

from __future__ import annotations

from typing import Any

from bench.detections.alert_scores import compute_figures, score_alerts

SPRAY_KEYS, MAIL_KEYS = ("a1", "a2"), ("b1", "b2")


def _build_event(key: str) -> dict[str, str]:
    return {"source": "microsoft", "log": "signIns", "key": key, "time": "2026-10-01T10:00:00.000Z"}


def _build_truth() -> dict[str, Any]:
    stages = [
        {"name": name, "first": first, "last": first, "events": [_build_event(key) for key in keys]}
        for name, first, keys in (
            ("credentials", "2026-10-01T10:00:00.000Z", SPRAY_KEYS),
            ("collection", "2026-10-01T14:00:00.000Z", MAIL_KEYS),
        )
    ]
    names = {"actors": [], "victims": ["Ana.Ito@town.k12.example"], "hosts": [], "apps": [], "files": []}
    return {"intrusions": [{"kind": "spray", **names, "addresses": ["198.51.100.7"], "stages": stages}]}


def _build_alert(*keys: str, name: str = "ana.ito@town.k12.example", **changes: str) -> dict[str, Any]:
    return {
        "title": "A title",
        "state": "new",
        "fired_at": "2026-10-01T10:20:00Z",
        "entities": [{"kind": "account", "name": name, "id": None}],
        "events": [_build_event(key) for key in keys],
        **changes,
    }


def _compute(*alerts: dict[str, Any]) -> dict[str, float]:
    return compute_figures([score_alerts(_build_truth(), alerts)])


def test_an_early_alert_about_the_victim_finds_the_intrusion() -> None:
    assert _compute(_build_alert("a2", "other")) == {
        "recall": 1.0,
        "false_alerts_a_week": 0.0,
        "alerts_an_intrusion": 1.0,
        "most_alerts_an_intrusion": 1,
        "before_the_last_stage": 1.0,
    }


def test_an_alert_in_the_last_stage_finds_it_late() -> None:
    figures = _compute(_build_alert("b1", fired_at="2026-10-01T14:00:00Z"))
    assert (figures["recall"], figures["before_the_last_stage"]) == (1.0, 0.0)


def test_an_alert_without_its_events_is_false_even_if_it_names_the_victim() -> None:
    figures = _compute(_build_alert("other"))
    assert (figures["recall"], figures["false_alerts_a_week"]) == (0.0, 0.5)


def test_an_alert_with_its_events_about_somebody_else_neither_finds_it_nor_is_false() -> None:
    figures = _compute(_build_alert("a1", name="bo.ek@town.k12.example"))
    assert (figures["recall"], figures["false_alerts_a_week"]) == (0.0, 0.0)


def test_what_is_expected_or_suppressed_alerts_nobody() -> None:
    silent = [_build_alert("a1", state=state) for state in ("expected", "suppressed")]
    figures = _compute(*silent, _build_alert("other", state="expected"))
    assert (figures["recall"], figures["false_alerts_a_week"]) == (0.0, 0.0)


def test_each_alert_about_an_intrusion_counts() -> None:
    figures = _compute(*[_build_alert(key) for key in (*SPRAY_KEYS, *MAIL_KEYS)])
    assert (figures["alerts_an_intrusion"], figures["most_alerts_an_intrusion"]) == (4.0, 4)


def test_a_record_without_an_id_is_recognized_by_its_time() -> None:
    alert = _build_alert("no-id/00ff")
    assert score_alerts(_build_truth(), [alert]).intrusions[0].is_found
    alert["events"][0]["time"] = "2026-10-01T10:00:00.001Z"
    assert not score_alerts(_build_truth(), [alert]).intrusions[0].is_found


def test_an_app_is_recognized_by_its_client() -> None:
    truth = _build_truth()
    truth["intrusions"][0] |= {"apps": ["Docs Viewer Plus", "910000.apps.example"]}
    alert = _build_alert("a1", name="unknown app")
    alert["entities"][0] = {"kind": "app", "name": "Unknown", "id": "910000.apps.example"}
    assert score_alerts(truth, [alert]).intrusions[0].is_found
