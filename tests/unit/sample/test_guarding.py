"""What the truth states of how devices are guarded is what the exports say, judged by other code than wrote it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.unit.sample.exports import Exports, Row
from tests.unit.sample.judging import Subjects, subjects

pytestmark = pytest.mark.scale

Said = dict[str, Any]
Record = tuple[str, str]


def _stated(district: Exports, control: str, source: str, *, told: str = "failing") -> set[Record]:
    """The records of one source that a control states."""
    found: Subjects = subjects(district.truth["controls"][control][told])
    return {record for subject in found for record in subject if record[0] == source}


MACS: dict[str, Callable[[Said], bool]] = {
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


@pytest.mark.parametrize("control", MACS)
def test_macs_without_a_guard_are_stated_and_those_that_jamf_lacks_are_unknown(district: Exports, control: str) -> None:
    failing = {("jamf", mac["id"]) for mac in district.macs if MACS[control](mac)}
    assert _stated(district, control, "jamf") == failing
    assert failing, "nothing planted"
    known = {mac["hardware"]["serialNumber"] for mac in district.macs}
    lacking = {one["id"] for one in district.computers if one["operatingSystem"] == "macOS"} - {
        one["id"] for one in district.computers if one["serialNumber"] in known
    }
    if control != "disk-key-kept":
        assert {key for _, key in _stated(district, control, "microsoft", told="cannot_tell")} == lacking


def _in_intune(district: Exports, holds: Callable[[Said], bool]) -> set[Record]:
    return {("microsoft", one["id"]) for one in district.computers if holds(one)}


INTUNE: dict[str, Callable[[Said], bool]] = {
    "disk-nearly-full": lambda one: (
        one["operatingSystem"] != "iOS" and one["freeStorageSpaceInBytes"] * 10 < one["totalStorageSpaceInBytes"]
    ),
    "keeps-console-rules": lambda one: one["complianceState"] == "noncompliant",
    "not-jailbroken": lambda one: one["jailBroken"] == "True",
    "ipad-supervised": lambda one: (
        one["operatingSystem"] == "iOS" and not one["isSupervised"] and one["managedDeviceOwnerType"] == "company"
    ),
}


@pytest.mark.parametrize("control", INTUNE)
def test_what_intune_says_of_a_device_is_stated(district: Exports, control: str) -> None:
    failing = _in_intune(district, INTUNE[control])
    assert _stated(district, control, "microsoft") == failing
    assert failing, "nothing planted"


def _day(stamp: str) -> date:
    return date.fromisoformat(stamp[:10])


def test_silent_computers_and_those_that_run_on_are_stated(district: Exports) -> None:
    hosts = {host["hardware_serial"]: host for host in district.hosts if host["mdm"]["name"]}
    silent, running, untold = set(), set(), set()
    for one in district.computers:
        host = hosts.get(one["serialNumber"])
        seen = max(_day(one["lastSyncDateTime"]), *([_day(host["seen_time"])] if host else []), date.min)
        record = ("microsoft", one["id"])
        if district.school_days_since(seen) >= 15:
            silent.add(record)
        if one["operatingSystem"] == "iOS" or (district.today - seen).days >= 30:
            continue
        if host is None:
            untold.add(record)
        elif (district.today - _day(host["last_restarted_at"])).days >= 30:
            running.add(record)
    assert _stated(district, "computer-silent", "microsoft") == silent
    assert _stated(district, "restart-overdue", "microsoft") == running
    assert _stated(district, "restart-overdue", "microsoft", told="cannot_tell") == untold
    assert silent, "nobody is silent"
    assert running, "nobody runs on"


def _chromebooks(district: Exports, holds: Callable[[Row], bool]) -> set[Record]:
    return {("google", one["deviceId"]) for one in district.chromebooks if holds(one)}


def test_chromebooks_behind_the_policy_and_lost_ones_that_are_open_are_stated(district: Exports) -> None:
    behind = _chromebooks(district, lambda one: one["osVersionCompliance"] == "notCompliant")
    assert _stated(district, "chromeos-version-asked-for", "google") == behind
    lost = {
        row["Serial"].upper().replace(" ", "").replace("-", "") for row in district.assets if row["Status"] == "Lost"
    }
    still_open = _chromebooks(district, lambda one: one["serialNumber"] in lost and one["status"] == "ACTIVE")
    assert _stated(district, "lost-chromebook-open", "google") == still_open
    assert behind, "no version is behind"
    assert still_open, "none is lost and open"
