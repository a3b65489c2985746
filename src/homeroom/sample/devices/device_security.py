"""Security and upkeep of the invented computers: apply cases to some, and evaluate all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from homeroom.sample.consoles.fleet_hosts import FleetHost
from homeroom.sample.consoles.jamf import MacSecurity
from homeroom.sample.consoles.microsoft import IntuneDevice
from homeroom.sample.plan.school_calendar import SampleCalendar
from homeroom.sample.truth.ground_truth import GroundTruth, RecordRef

_UNPROTECTED: Final = MacSecurity(
    integrity="DISABLED",
    gatekeeper="DISABLED",
    boot="MEDIUM_SECURITY",
    auto_login_disabled=False,
    updates="NOT_ESCROWED",
    personal_key="INVALID",
)
_UNUSUAL: Final = MacSecurity(gatekeeper="APP_STORE", personal_key="INVALID", institutional_key=True)
MAC_SECURITY: Final = {"mac-open": _UNPROTECTED, "mac-guarded": _UNUSUAL}
_MAC_CONTROLS: Final = (
    "mac-system-integrity",
    "mac-gatekeeper",
    "secure-boot",
    "no-automatic-login",
    "mac-updates-from-afar",
)
_MIN_FREE_PERCENT: Final = 10
_SEEN_YESTERDAY: Final = ("neglected", "looked-after")
SAME_DAY_AS_INTUNE: Final = ("silent", "silent-near", *_SEEN_YESTERDAY)
"""Cases in which Fleet saw the computer on the same day as Intune."""
_DAY: Final = timedelta(days=1)


def apply_neglect(computer: IntuneDevice, case: str, calendar: SampleCalendar, turn: int) -> None:
    """Apply a case of neglect to a computer.

    A computer that runs on without a restart was seen yesterday, in summer too.
    """
    if case in _SEEN_YESTERDAY:
        computer.last = calendar.today - _DAY
    match case:
        case "neglected":
            computer.free, computer.compliance = _MIN_FREE_PERCENT - 1, "noncompliant"
        case "looked-after":
            computer.free, computer.compliance = _MIN_FREE_PERCENT, "inGracePeriod"
        case "silent":
            computer.last = calendar.device_silent[turn % 3 * 12 % len(calendar.device_silent)]
        case "silent-near":
            computer.last = calendar.device_not_silent


def choose_restart_day(case: str, last_seen: date, today: date) -> date:
    """Return when a computer last started: some days before it was seen, unless planted otherwise."""
    days_ago = {"neglected": 30, "looked-after": 29}.get(case)
    return today - days_ago * _DAY if days_ago else max(last_seen - 3 * _DAY, min(last_seen, today - 29 * _DAY))


def evaluate_computer(
    computer: IntuneDevice,
    case: str,
    host: FleetHost | None,
    *,
    in_jamf: bool,
    records: list[RecordRef],
    truth: GroundTruth,
) -> None:
    """Record the controls that a computer in Intune fails, and those without an answer."""
    last_seen = max(computer.last, host.seen) if host else computer.last
    if truth.calendar.count_school_days(last_seen) >= 15:
        truth.add_failure("computer-silent", records)
    if computer.compliance == "noncompliant":
        truth.add_failure("keeps-console-rules", records)
    if computer.system == "iOS":
        _evaluate_tablet(computer, records, truth)
        return
    if computer.free < _MIN_FREE_PERCENT:
        truth.add_failure("disk-nearly-full", records)
    if computer.system == "macOS":
        _evaluate_mac(case, computer, in_jamf=in_jamf, records=records, truth=truth)
    if (truth.calendar.today - last_seen).days < 30:
        _evaluate_restart(host, records, truth)
    for control, reason in _INNOCENT.get(case, ()):
        truth.add_look_alike(case, control, reason, records)


def _evaluate_restart(host: FleetHost | None, records: list[RecordRef], truth: GroundTruth) -> None:
    if host is None:
        truth.add_unknown("restart-overdue", records)
    elif (truth.calendar.today - host.restarted).days >= 30:
        truth.add_failure("restart-overdue", records)


def _evaluate_tablet(computer: IntuneDevice, records: list[RecordRef], truth: GroundTruth) -> None:
    if computer.jailbroken == "True":
        truth.add_failure("not-jailbroken", records)
    if computer.jailbroken == "Unknown":
        truth.add_unknown("not-jailbroken", records)
    if not computer.supervised and computer.owner == "company":
        truth.add_failure("ipad-supervised", records)
    if not computer.supervised and computer.owner == "personal":
        reason = "Somebody's own, which the district may not supervise."
        truth.add_look_alike("own-tablet", "ipad-supervised", reason, records)


def _evaluate_mac(
    case: str, computer: IntuneDevice, *, in_jamf: bool, records: list[RecordRef], truth: GroundTruth
) -> None:
    for control in _MAC_CONTROLS:
        if not in_jamf:
            truth.add_unknown(control, records)
        elif case == "mac-open":
            truth.add_failure(control, records)
    if case == "mac-open" and computer.encrypted:
        truth.add_failure("disk-key-kept", records)
    if computer.encrypted is False:
        truth.add_look_alike("open-disk", "disk-key-kept", "Nothing is encrypted that a key would open.", records)


_INNOCENT: Final = {
    "mac-guarded": (
        ("disk-key-kept", "Its own key is not valid any more, but the key of all Macs opens it."),
        ("mac-gatekeeper", "Starts apps of Apple's store alone, which is stricter still."),
    ),
    "looked-after": (
        ("disk-nearly-full", "A tenth of the disk is free."),
        ("keeps-console-rules", "Within the days that the console gives to mend it."),
        ("restart-overdue", "Restarted 29 days ago."),
    ),
    "silent-near": (("computer-silent", "14 school days without a report."),),
}


@dataclass(kw_only=True)
class TabletCases:
    """Cases of tablets: a counter gives some of them a fault or a near miss."""

    _count: int = 0

    def apply_case(self, tablet: IntuneDevice) -> None:
        """Apply its case to the next tablet."""
        turn, self._count = self._count % 200, self._count + 1
        tablet.supervised, tablet.jailbroken = turn not in (0, 2), {1: "True", 3: "Unknown"}.get(turn, "False")
        tablet.owner = "personal" if turn == 2 else "company"
