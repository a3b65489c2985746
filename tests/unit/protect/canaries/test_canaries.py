"""What is entered becomes what logs call a canary; a test has an outcome; each guide is complete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.domain.protect.detections.canaries import (
    CanaryPlace,
    CanaryStep,
    InvalidCanary,
    SeenTouch,
    TouchState,
    TouchWindow,
    assess_touch,
    clean_canary_value,
)
from homeroom.library.protect.detections.canary_guides import load_canary_guides
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)
WINDOW = TouchWindow(started_by="dana", since=NOON, until=NOON + timedelta(minutes=30))


@pytest.mark.parametrize(("place", "text", "value"), [
    (CanaryPlace.DRIVE_DOCUMENT, "https://docs.google.com/spreadsheets/d/1AbC_dEf-9/edit#gid=0", "1AbC_dEf-9"),
    (CanaryPlace.DRIVE_DOCUMENT, "https://drive.google.com/open?id=1AbC_dEf-9&usp=x", "1AbC_dEf-9"),
    (CanaryPlace.DRIVE_DOCUMENT, " 1AbC_dEf-9 ", "1AbC_dEf-9"),
    (CanaryPlace.SHARE_FILE, r"\\files01\office\pay\a b.xlsx", r"office\pay\a b.xlsx"),
    (CanaryPlace.SHARE_FILE, "office/pay/a.xlsx", r"office\pay\a.xlsx"),
    (CanaryPlace.AD_ACCOUNT, "svc-scan", "svc-scan"),
    (CanaryPlace.ENTRA_ACCOUNT, "svc.scan@maple.example", "svc.scan@maple.example"),
])  # fmt: skip
def test_what_is_entered_becomes_what_logs_call_it(place: CanaryPlace, text: str, value: str):
    assert clean_canary_value(place, text) == value


@pytest.mark.parametrize(("place", "text"), [
    (CanaryPlace.DRIVE_DOCUMENT, "https://evil.example/d/1AbC_dEf-9"),
    (CanaryPlace.DRIVE_DOCUMENT, "payroll export"),
    (CanaryPlace.SHARE_FILE, "accounts.xlsx"),
    (CanaryPlace.SHARE_FILE, r"\\files01\accounts.xlsx"),
    (CanaryPlace.SHARE_FILE, 'office\\a"b.xlsx'),
    (CanaryPlace.AD_ACCOUNT, "svc'; Remove-ADUser ana"),
    (CanaryPlace.AD_ACCOUNT, "a-logon-name-of-twenty-one"),
    (CanaryPlace.AD_ACCOUNT, "svc@maple.example"),
    (CanaryPlace.GOOGLE_ACCOUNT, "svc-scan"),
    (CanaryPlace.GOOGLE_ACCOUNT, ""),
    (CanaryPlace.GOOGLE_ACCOUNT, f"{'a' * 255}@maple.example"),
])  # fmt: skip
def test_what_fits_no_log_is_refused(place: CanaryPlace, text: str):
    with pytest.raises(InvalidCanary, match="would fit"):
        clean_canary_value(place, text)


def test_a_quote_in_a_path_does_not_end_a_command():
    step = CanaryStep(text="Open {name}.", command="Get-Item '{name}'").fill("office\\Ana's list.xlsx")
    assert (step.text, step.command) == ("Open office\\Ana's list.xlsx.", "Get-Item 'office\\Ana''s list.xlsx'")


def test_a_touch_in_the_test_was_seen_so_many_minutes_after():
    touch = SeenTouch(at=NOON + timedelta(minutes=2), log="google/login", judged_at=NOON + timedelta(minutes=14))
    outcome = assess_touch(WINDOW, touch=touch, logs=("google/login",), judged_until={})
    assert (outcome.state, outcome.log, touch.minutes) == (TouchState.SEEN, "google/login", 12)


@pytest.mark.parametrize(("minutes_by_log", "state", "log"), [
    ({}, TouchState.BLIND, ""),
    ({"google/drive": 60}, TouchState.BLIND, ""),
    ({"google/login": 20, "google/drive": 60}, TouchState.WAITING, "google/login"),
    ({"Google/Login": 30}, TouchState.MISSED, "Google/Login"),
    ({"google/login": 60, "windows/Security": -60}, TouchState.WAITING, "windows/Security"),
])  # fmt: skip
def test_without_a_touch_the_slowest_log_decides(minutes_by_log: dict[str, int], state: TouchState, log: str):
    times = {name: NOON + timedelta(minutes=minutes) for name, minutes in minutes_by_log.items()}
    outcome = assess_touch(WINDOW, touch=None, logs=("google/login", "windows/security"), judged_until=times)
    assert (outcome.state, outcome.log) == (state, log)


def test_there_is_a_guide_for_each_place_that_names_the_canary():
    guides = load_canary_guides()
    assert [guide.place for guide in guides] == list(CanaryPlace)
    for guide in guides:
        assert any("{name}" in step.text for step in guide.plant), guide.place
        assert guide.test
        assert guide.retire


@pytest.mark.parametrize(("before", "after", "field"), [
    ("logs: [google-login]", "logs: [google-logins]", "logs"),
    ("judged: [google/login]", "judged: [Google/Login]", "judged"),
    ("place: google-account", "place: ad-account", "place"),
    ("  - copier scan\n", "  - sis sync\n", "baits"),
    ("plant:\n", "plant:\n  - {command: whoami}\n", "plant[0].text"),
    ("https://support.google.com/a/answer/33310", "support.google.com", "sources[0].address"),
])  # fmt: skip
def test_a_guide_that_does_not_fit_is_refused_by_its_field(tmp_path: Path, before: str, after: str, field: str):
    text = (BUILTIN_CONTENT / "canaries" / "google-account.yaml").read_text(encoding="utf-8")
    folder = tmp_path / "canaries"
    folder.mkdir()
    (folder / "google-account.yaml").write_text(text.replace(before, after), encoding="utf-8")
    assert before in text
    with pytest.raises(ContentRefused) as refused:
        load_canary_guides(tmp_path)
    assert [problem.field for problem in refused.value.problems] == [field]
