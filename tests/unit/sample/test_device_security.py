"""The ground truth of device security agrees with the exports, as evaluated by independent code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.unit.sample.exports import ExportRow, SampleExports
from tests.unit.sample.reference_evaluation import Subjects, build_subjects

pytestmark = pytest.mark.scale

ConsoleRecord = dict[str, Any]
RecordKey = tuple[str, str]


def _list_truth_records(
    district: SampleExports, control: str, source: str, *, state: str = "failing"
) -> set[RecordKey]:
    """List the records of one source in a control's ground truth."""
    control_subjects: Subjects = build_subjects(district.truth["controls"][control][state])
    return {record for subject in control_subjects for record in subject if record[0] == source}


MAC_CONTROLS: dict[str, Callable[[ConsoleRecord], bool]] = {
    "mac-system-integrity": lambda mac: mac["security"]["sipStatus"] == "DISABLED",
    "mac-gatekeeper": lambda mac: mac["security"]["gatekeeperStatus"] == "DISABLED",
    "secure-boot": lambda mac: mac["security"]["secureBootLevel"] in ("MEDIUM_SECURITY", "NO_SECURITY"),
    "no-automatic-login": lambda mac: mac["security"]["autoLoginDisabled"] is False,
    "mac-updates-from-afar": lambda mac: mac["security"]["bootstrapTokenEscrowedStatus"] == "NOT_ESCROWED",
    "disk-key-kept": lambda mac: (
        mac["diskEncryption"]["fileVault2Enabled"] is True
        and mac["diskEncryption"]["individualRecoveryKeyValidityStatus"] != "VALID"
        and not mac["diskEncryption"]["institutionalRecoveryKeyPresent"]
    ),
}


@pytest.mark.parametrize("control", MAC_CONTROLS)
def test_macs_without_a_guard_are_stated_and_those_that_jamf_lacks_are_unknown(
    district: SampleExports, control: str
) -> None:
    failing = {("jamf", mac["id"]) for mac in district.macs if MAC_CONTROLS[control](mac)}
    assert _list_truth_records(district, control, "jamf") == failing
    assert failing, "nothing planted"
    jamf_serials = {mac["hardware"]["serialNumber"] for mac in district.macs}
    lacking = {computer["id"] for computer in district.computers if computer["operatingSystem"] == "macOS"} - {
        computer["id"] for computer in district.computers if computer["serialNumber"] in jamf_serials
    }
    if control != "disk-key-kept":
        assert {key for _, key in _list_truth_records(district, control, "microsoft", state="cannot_tell")} == lacking


def _find_in_intune(district: SampleExports, holds: Callable[[ConsoleRecord], bool]) -> set[RecordKey]:
    return {("microsoft", computer["id"]) for computer in district.computers if holds(computer)}


INTUNE_CONTROLS: dict[str, Callable[[ConsoleRecord], bool]] = {
    "disk-nearly-full": lambda computer: (
        computer["operatingSystem"] != "iOS"
        and computer["freeStorageSpaceInBytes"] * 10 < computer["totalStorageSpaceInBytes"]
    ),
    "keeps-console-rules": lambda computer: computer["complianceState"] == "noncompliant",
    "not-jailbroken": lambda computer: computer["jailBroken"] == "True",
    "ipad-supervised": lambda computer: (
        computer["operatingSystem"] == "iOS"
        and not computer["isSupervised"]
        and computer["managedDeviceOwnerType"] == "company"
    ),
}


@pytest.mark.parametrize("control", INTUNE_CONTROLS)
def test_what_intune_says_of_a_device_is_stated(district: SampleExports, control: str) -> None:
    failing = _find_in_intune(district, INTUNE_CONTROLS[control])
    assert _list_truth_records(district, control, "microsoft") == failing
    assert failing, "nothing planted"


def _parse_day(stamp: str) -> date:
    return date.fromisoformat(stamp[:10])


def test_silent_computers_and_those_that_run_on_are_stated(district: SampleExports) -> None:
    hosts = {host["hardware_serial"]: host for host in district.hosts if host["mdm"]["name"]}
    silent, running, unknown = set(), set(), set()
    for computer in district.computers:
        host = hosts.get(computer["serialNumber"])
        last_seen = max(
            _parse_day(computer["lastSyncDateTime"]), *([_parse_day(host["seen_time"])] if host else []), date.min
        )
        record = ("microsoft", computer["id"])
        if district.count_school_days_since(last_seen) >= 15:
            silent.add(record)
        if computer["operatingSystem"] == "iOS" or (district.today - last_seen).days >= 30:
            continue
        if host is None:
            unknown.add(record)
        elif (district.today - _parse_day(host["last_restarted_at"])).days >= 30:
            running.add(record)
    assert _list_truth_records(district, "computer-silent", "microsoft") == silent
    assert _list_truth_records(district, "restart-overdue", "microsoft") == running
    assert _list_truth_records(district, "restart-overdue", "microsoft", state="cannot_tell") == unknown
    assert silent, "nobody is silent"
    assert running, "nobody runs on"


def _find_chromebooks(district: SampleExports, holds: Callable[[ExportRow], bool]) -> set[RecordKey]:
    return {("google", chromebook["deviceId"]) for chromebook in district.chromebooks if holds(chromebook)}


def test_chromebooks_behind_the_policy_and_lost_ones_that_are_open_are_stated(district: SampleExports) -> None:
    behind = _find_chromebooks(district, lambda chromebook: chromebook["osVersionCompliance"] == "notCompliant")
    assert _list_truth_records(district, "chromeos-version-asked-for", "google") == behind
    marked_lost = {
        row["Serial"].upper().replace(" ", "").replace("-", "") for row in district.assets if row["Status"] == "Lost"
    }
    still_open = _find_chromebooks(
        district, lambda chromebook: chromebook["serialNumber"] in marked_lost and chromebook["status"] == "ACTIVE"
    )
    assert _list_truth_records(district, "lost-chromebook-open", "google") == still_open
    assert behind, "no version is behind"
    assert still_open, "none is lost and open"
