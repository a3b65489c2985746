"""Windows 11 on the invented computers: until when each release gets updates, which depends on the edition.

Ends of updates are Microsoft's (Windows 11 release information, learn.microsoft.com/windows/release-health), as
endoflife.date repeats them: the last day for Enterprise and Education, then the last day for Home and Pro, which Pro
Education shares. Builds of the long-term channel have the number of an ordinary release and end years later (Enterprise
LTSC 2024; its IoT edition later still). On the last day a computer still gets updates; from the next day on it does
not. A computer whose edition is in no export may have any edition of its build: the result is certain only if all
agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

_ENDS: Final = {  # build: (Enterprise and Education, Home and Pro)
    "22000": (date(2024, 10, 8), date(2023, 10, 10)),  # 21H2
    "22621": (date(2025, 10, 14), date(2024, 10, 8)),  # 22H2
    "22631": (date(2026, 11, 10), date(2025, 11, 11)),  # 23H2
    "26100": (date(2027, 10, 12), date(2026, 10, 13)),  # 24H2
    "26200": (date(2028, 10, 10), date(2027, 10, 12)),  # 25H2
}
_LONG_TERM_ENDS: Final = {"26100": (date(2029, 10, 9), date(2034, 10, 10))}  # LTSC 2024: (Enterprise, IoT Enterprise)


@dataclass(frozen=True, kw_only=True)
class WindowsInstallation:
    """A special Windows 11 installation; `in_intune` is whether Intune's export has the edition."""

    version: str
    edition: str = "Education"
    in_intune: bool = True
    note: str = ""


WINDOWS_INSTALLATIONS: Final = {  # by what befell the computer
    "windows-11-ended": WindowsInstallation(version="10.0.22000.3260"),
    "windows-11-22h2": WindowsInstallation(version="10.0.22621.6060"),
    "windows-11-23h2": WindowsInstallation(version="10.0.22631.6060"),
    "windows-11-education": WindowsInstallation(version="10.0.22631.6060"),
    "windows-11-pro": WindowsInstallation(version="10.0.22631.6060", edition="ProEducation"),
    "windows-11-pro-fleet": WindowsInstallation(version="10.0.22631.6060", edition="Pro", in_intune=False),
    "windows-11-pro-24h2": WindowsInstallation(version="10.0.26100.6899", edition="ProEducation"),
    "windows-11-untold": WindowsInstallation(version="10.0.22631.6060", in_intune=False),
    "windows-11-untold-24h2": WindowsInstallation(version="10.0.26100.6899", in_intune=False),
    "windows-11-untold-ended": WindowsInstallation(version="10.0.22000.3260", in_intune=False),
    "windows-11-untold-25h2": WindowsInstallation(version="10.0.26200.6899", in_intune=False),
    "windows-11-ltsc": WindowsInstallation(version="10.0.26100.6899", edition="EnterpriseS"),
    "windows-11-ltsc-noted": WindowsInstallation(
        version="10.0.26100.6899", edition="EnterpriseS", in_intune=False, note="Windows 11 Enterprise LTSC 2024"
    ),
}
LAB_ONLY_CASES: Final = tuple(
    case for case in WINDOWS_INSTALLATIONS if case not in ("windows-11-ended", "windows-11-23h2")
)


def list_support_ends(version: str, edition: str) -> tuple[date, ...]:
    """Return the possible last days of updates: one if the edition is known, else those of all editions."""
    build = version.split(".")[2]
    school, home = _ENDS[build]
    match edition:
        case "Education" | "Enterprise":
            return (school,)
        case "Pro" | "ProEducation":
            return (home,)
        case "EnterpriseS":
            return _LONG_TERM_ENDS[build][:1]
        case "":
            return (school, home, *_LONG_TERM_ENDS.get(build, ()))
    raise ValueError(f"no such edition: {edition}")


def explain_support(case: str, version: str, edition: str, today: date) -> tuple[str, str] | None:
    """Return (name, reason) of a computer that gets updates although it seems not to; None for all others."""
    if today in list_support_ends(version, edition):
        return "last-day-of-updates", "Today is the last day of updates of its edition."
    if case in ("windows-11-ltsc", "windows-11-ltsc-noted"):
        return "windows-11-ltsc", "The long-term channel of this build ends years later."
    if case == "windows-11-untold-25h2":
        return "edition-does-not-matter", "Nobody tells the edition, but a newer release gets updates in every edition."
    if edition == "Education" and list_support_ends(version, "Pro")[0] < today:
        return "education-gets-longer", "Home and Pro of this release are past their end, Education is not."
    return None
