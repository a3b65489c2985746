"""How the invented computers are guarded and looked after: what befalls some, and what is true of each then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from homeroom.sample.days import Calendar
from homeroom.sample.hosts import Host
from homeroom.sample.jamf import Guards
from homeroom.sample.microsoft import Computer
from homeroom.sample.truth import Ref, Truth

_OPEN: Final = Guards(
    integrity="DISABLED", gatekeeper="DISABLED", boot="MEDIUM_SECURITY", own_login=False, updates="NOT_ESCROWED",
    own_key="INVALID",
)  # fmt: skip
_RARER: Final = Guards(gatekeeper="APP_STORE", own_key="INVALID", shared_key=True)
GUARDS: Final = {"mac-open": _OPEN, "mac-guarded": _RARER}
_OF_MACS: Final = (
    "mac-system-integrity",
    "mac-gatekeeper",
    "secure-boot",
    "no-automatic-login",
    "mac-updates-from-afar",
)
_LEAST_FREE: Final = 10
_SEEN_YESTERDAY: Final = ("neglected", "looked-after")
AS_IN_INTUNE: Final = ("silent", "silent-near", *_SEEN_YESTERDAY)
"""What Fleet saw on the same day as Intune."""
_DAY: Final = timedelta(days=1)


def befall(computer: Computer, case: str, calendar: Calendar, turn: int) -> None:
    """Give a computer what befell it by neglect. What runs on without a restart was seen yesterday, in summer too."""
    if case in _SEEN_YESTERDAY:
        computer.last = calendar.today - _DAY
    match case:
        case "neglected":
            computer.free, computer.compliance = _LEAST_FREE - 1, "noncompliant"
        case "looked-after":
            computer.free, computer.compliance = _LEAST_FREE, "inGracePeriod"
        case "silent":
            computer.last = calendar.device_silent[turn % 3 * 12 % len(calendar.device_silent)]
        case "silent-near":
            computer.last = calendar.device_not_silent


def restarted(case: str, seen: date, today: date) -> date:
    """When a computer last started: some days before it was seen, unless that was planted otherwise."""
    ago = {"neglected": 30, "looked-after": 29}.get(case)
    return today - ago * _DAY if ago else max(seen - 3 * _DAY, min(seen, today - 29 * _DAY))


def judge(computer: Computer, case: str, host: Host | None, *, in_jamf: bool, records: list[Ref], truth: Truth) -> None:
    """State what a computer in Intune fails, and what nobody can tell of it."""
    seen = max(computer.last, host.seen) if host else computer.last
    if truth.calendar.school_days(seen) >= 15:
        truth.fails("computer-silent", records)
    if computer.compliance == "noncompliant":
        truth.fails("keeps-console-rules", records)
    if computer.system == "iOS":
        _tablet(computer, records, truth)
        return
    if computer.free < _LEAST_FREE:
        truth.fails("disk-nearly-full", records)
    if computer.system == "macOS":
        _mac(case, computer, in_jamf=in_jamf, records=records, truth=truth)
    if (truth.calendar.today - seen).days < 30:
        _started(host, records, truth)
    for control, why in _INNOCENT.get(case, ()):
        truth.innocent(case, control, why, records)


def _started(host: Host | None, records: list[Ref], truth: Truth) -> None:
    if host is None:
        truth.unknown("restart-overdue", records)
    elif (truth.calendar.today - host.restarted).days >= 30:
        truth.fails("restart-overdue", records)


def _tablet(computer: Computer, records: list[Ref], truth: Truth) -> None:
    if computer.jailbroken == "True":
        truth.fails("not-jailbroken", records)
    if computer.jailbroken == "Unknown":
        truth.unknown("not-jailbroken", records)
    if not computer.supervised and computer.owner == "company":
        truth.fails("ipad-supervised", records)
    if not computer.supervised and computer.owner == "personal":
        why = "Somebody's own, which the district may not supervise."
        truth.innocent("own-tablet", "ipad-supervised", why, records)


def _mac(case: str, computer: Computer, *, in_jamf: bool, records: list[Ref], truth: Truth) -> None:
    for control in _OF_MACS:
        if not in_jamf:
            truth.unknown(control, records)
        elif case == "mac-open":
            truth.fails(control, records)
    if case == "mac-open" and computer.encrypted:
        truth.fails("disk-key-kept", records)
    if computer.encrypted is False:
        truth.innocent("open-disk", "disk-key-kept", "Nothing is encrypted that a key would open.", records)


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
class Tablets:
    """Gives every so many tablets a fault or a near miss, counting them."""

    _written: int = 0

    def befall(self, tablet: Computer) -> None:
        """The next tablet."""
        turn, self._written = self._written % 200, self._written + 1
        tablet.supervised, tablet.jailbroken = turn not in (0, 2), {1: "True", 3: "Unknown"}.get(turn, "False")
        tablet.owner = "personal" if turn == 2 else "company"
