"""Programs on the invented computers: current ones, outdated ones, and ones that only look outdated.

A program is outdated here if its vendor published, with the fix, that the vulnerability was exploited. Sources:

- WinRAR before 7.13: CVE-2025-8088, fixed in 7.13 (RARLAB's release notes of 2025-07-30); 7.12 is the near miss.
- 7-Zip before 24.09: CVE-2025-0411, fixed in 24.09 (7-Zip's history, 2024-11-29); 24.08 is the near miss.
- Firefox before 131.0.2, ESR before 128.3.1: CVE-2024-9680 (Mozilla's advisory 2024-51); ESR 128.3.0 is the near miss.
- Chrome and Edge before 138.0.7204.157: CVE-2025-6558 (Chrome Releases, 2025-07-15); 138.0.7204.101 is the near miss.

Versions of the current ones are so high that no fix of these years is newer. Vulnerabilities that Fleet reports have
invented ids of the year 2099, so that nobody takes them for real ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final

PREMIUM_ONLY: Final = ("cvss_score", "epss_probability", "cisa_known_exploit", "cve_published", "resolved_in_version")


@dataclass(frozen=True, kw_only=True)
class InstalledProgram:
    """One program; `source` is where Fleet found it, `cves` are the vulnerability ids that Fleet reports for it."""

    name: str
    version: str
    source: str = "programs"
    vendor: str = ""
    bundle: str = ""
    cpe: str = ""
    cves: tuple[str, ...] = ()
    exploited: bool = False
    fixed_in: str = ""


def _build_chrome(version: str, *cves: str) -> dict[str, InstalledProgram]:
    build = partial(
        InstalledProgram,
        version=version,
        cpe="google:chrome",
        cves=cves,
        exploited=bool(cves),
        fixed_in="138.0.7204.157" if cves else "",
    )
    return {
        "windows": build(name="Google Chrome", vendor="Google LLC"),
        "macos": build(name="Google Chrome.app", source="apps", bundle="com.google.Chrome"),
    }


CHROME: Final = _build_chrome("160.0.8210.36")
CHROME_OLD: Final = (
    _build_chrome("126.0.6478.127", "CVE-2099-1001", "CVE-2099-1002"),
    _build_chrome("109.0.5414.120", "CVE-2099-1001", "CVE-2099-1002"),
    _build_chrome("138.0.7204.101", "CVE-2099-1001"),
)
EDGE: Final = InstalledProgram(name="Microsoft Edge", version="160.0.4012.25", vendor="Microsoft Corporation")
EDGE_OLD: Final = InstalledProgram(
    name="Microsoft Edge", version="120.0.2210.61", vendor="Microsoft Corporation", cpe="microsoft:edge_chromium",
    cves=("CVE-2099-1001",), exploited=True, fixed_in="138.0.3351.95",
)  # fmt: skip
FIREFOX: Final = InstalledProgram(
    name="Mozilla Firefox (x64 en-US)", version="165.0", vendor="Mozilla", cpe="mozilla:firefox"
)
FIREFOX_ESR: Final = InstalledProgram(
    name="Mozilla Firefox ESR (x64 en-US)", version="153.4.0", vendor="Mozilla", cpe="mozilla:firefox_esr"
)
FIREFOX_OLD: Final = (
    InstalledProgram(
        name="Mozilla Firefox (x64 en-US)", version="127.0.2", vendor="Mozilla", cpe="mozilla:firefox",
        cves=("CVE-2099-1003",), exploited=True, fixed_in="131.0.2",
    ),
    InstalledProgram(
        name="Mozilla Firefox ESR (x64 en-US)", version="128.3.0", vendor="Mozilla", cpe="mozilla:firefox_esr",
        cves=("CVE-2099-1003",), exploited=True, fixed_in="128.3.1",
    ),
)  # fmt: skip
SEVEN_ZIP: Final = InstalledProgram(name="7-Zip 26.05 (x64)", version="26.05", vendor="Igor Pavlov", cpe="7-zip:7-zip")
WINRAR: Final = InstalledProgram(
    name="WinRAR 7.20 (64-bit)", version="7.20.0", vendor="win.rar GmbH", cpe="rarlab:winrar"
)
ARCHIVERS_FIXED: Final = (  # the very versions that mended the flaw
    InstalledProgram(name="WinRAR 7.13 (64-bit)", version="7.13.0", vendor="win.rar GmbH", cpe="rarlab:winrar"),
    InstalledProgram(name="7-Zip 24.09 (x64)", version="24.09", vendor="Igor Pavlov", cpe="7-zip:7-zip"),
)
ARCHIVERS_OLD: Final = (
    InstalledProgram(
        name="WinRAR 7.12 (64-bit)", version="7.12.0", vendor="win.rar GmbH", cpe="rarlab:winrar",
        cves=("CVE-2099-1004",), exploited=True, fixed_in="7.13",
    ),
    InstalledProgram(
        name="7-Zip 19.00 (x64 edition)", version="19.00.00.0", vendor="Igor Pavlov", cpe="7-zip:7-zip",
        cves=("CVE-2099-1005",), exploited=True, fixed_in="24.09",
    ),
    InstalledProgram(
        name="WinRAR 5.91 (64-bit)", version="5.91.0", vendor="win.rar GmbH", cpe="rarlab:winrar",
        cves=("CVE-2099-1004",), exploited=True, fixed_in="7.13",
    ),
    InstalledProgram(
        name="7-Zip 24.08 (x64)", version="24.08", vendor="Igor Pavlov", cpe="7-zip:7-zip",
        cves=("CVE-2099-1005",), exploited=True, fixed_in="24.09",
    ),
)  # fmt: skip

# Names that look like a browser but are none: a low version there means nothing.
_BROWSER_LOOK_ALIKES: Final = (
    InstalledProgram(name="Microsoft Edge Update", version="1.3.195.65", vendor="Microsoft Corporation"),
    InstalledProgram(name="Mozilla Maintenance Service", version="115.0.2", vendor="Mozilla"),
    InstalledProgram(name="Chrome Remote Desktop Host", version="118.0.5993.9", vendor="Google LLC"),
    InstalledProgram(name="Chrome Web Store Payments", version="1.0.0.6", source="chrome_extensions"),
)
_VULNERABLE: Final = InstalledProgram(  # a flaw that nobody is known to use
    name="VLC media player", version="3.0.16", vendor="VideoLAN", cpe="videolan:vlc_media_player",
    cves=("CVE-2099-2001",), fixed_in="3.0.21",
)  # fmt: skip
_PROGRAMS_BY_VENDOR: Final = {  # programs by maker; after @ a version that means something
    "Microsoft Corporation": "Microsoft 365 Apps for enterprise - en-us|Microsoft OneDrive|Teams Machine-Wide "
    "Installer|"
    "Microsoft Update Health Tools|Microsoft Visual C++ 2008 Redistributable - x64|Microsoft Visual C++ 2010 "
    "Redistributable - x64|Microsoft Visual C++ 2012 Redistributable - x64|Microsoft Visual C++ 2013 Redistributable - "
    "x64|Microsoft Visual C++ 2015-2022 Redistributable (x64)|Microsoft Visual C++ 2015-2022 Redistributable (x86)|"
    "Microsoft .NET Runtime - 10.0.1 (x64)@10.0.1.35119|Microsoft Windows Desktop Runtime - 10.0.1 "
    "(x64)@10.0.1.35119|Microsoft Intune Management "
    "Extension|Microsoft Policy Platform|Microsoft SQL Server 2012 Native Client|Windows PC Health Check",
    "Adobe": "Adobe Acrobat (64-bit)|Adobe Creative Cloud|Adobe Express|Adobe Refresh Manager",
    "Intel Corporation": "Intel(R) Management Engine Components|Intel(R) Graphics Driver|Intel(R) Wireless "
    "Bluetooth(R)|"
    "Intel(R) Chipset Device Software|Intel(R) Rapid Storage Technology",
    "Dell Inc.": "Dell Command | Update|Dell SupportAssist|Dell Optimizer|Dell Peripheral Manager",
    "SMART Technologies ULC": "SMART Notebook|SMART Product Drivers|SMART Ink",
    "Zoom Communications, Inc.": "Zoom Workplace (64-bit)|Zoom Outlook Plugin",
    "Google LLC": "Google Drive|Google Update Helper|Google Credential Provider for Windows",
    "Renaissance Learning": "Accelerated Reader Client",
    "NWEA": "NWEA Secure Testing App",
    "College Board": "Bluebook",
    "LEGO": "LEGO Education SPIKE",
    "Audacity Team": "Audacity",
    "The GIMP Team": "GIMP",
    "Notepad++ Team": "Notepad++ (64-bit x64)",
    "Python Software Foundation": "Python 3.13.9 (64-bit)@3.13.9150.0|Python Launcher|Python 3.12 pip Bootstrap",
    "Eclipse Adoptium": "Eclipse Temurin JRE with Hotspot 17 (x64)",
    "PaperCut Software": "PaperCut Print Deploy Client|PaperCut MF Client",
    "HP Inc.": "HP Smart Document Scan Software|HP LaserJet MFP Device Software|HP Wolf Security Console",
    "Realtek Semiconductor Corp.": "Realtek High Definition Audio Driver|Realtek USB Audio",
    "TechSmith": "Snagit 2024|Camtasia 2024",
    "Texas Instruments": "TI-SmartView CE|TI-Nspire CX Premium Teacher Software",
    "Vernier": "Vernier Graphical Analysis|Logger Pro",
}
_WINDOWS_REST: Final = tuple(
    InstalledProgram(
        name=name.partition("@")[0].strip(),
        version=name.partition("@")[2] or f"{number % 17 + 1}.{number * 7 % 10}.{number * 37 % 9000}",
        vendor=vendor,
    )
    for vendor, names in _PROGRAMS_BY_VENDOR.items()
    for number, name in enumerate(names.split("|"), start=len(vendor))
)
_ADD_INS: Final = tuple(
    InstalledProgram(
        name=f"Language Pack {number:02d} for Learning Tools", version=f"4.{number}.0", vendor="Texthelp Ltd"
    )
    for number in range(60)
)
_MACOS_APPS: Final = (
    "Mail Notes Photos Music Podcasts Books Maps Calendar Reminders FaceTime Messages Preview Automator Keynote "
    "Numbers "
    "Pages GarageBand iMovie Chess Clock Contacts Freeform Home News Stocks Weather Terminal"
)
_LINUX_PACKAGES: Final = (
    "apt bash coreutils curl dpkg e2fsprogs gawk gcc-13-base git gnupg grep gzip htop iproute2 kmod less libacl1 libc6 "
    "libcap2 libcurl4 libgmp10 liblz4-1 libssl3 libsystemd0 libzstd1 login lsof lvm2 make mount nano netplan.io "
    "openssh-client openssh-server openssl passwd perl-base postgresql-client python3 rsync sed sudo systemd tar tmux "
    "tzdata udev ufw unzip util-linux vim-common wget xz-utils zlib1g"
)
_REST: Final = {
    "windows": (*_WINDOWS_REST, *_BROWSER_LOOK_ALIKES, _VULNERABLE, *_ADD_INS),
    "macos": tuple(
        InstalledProgram(
            name=f"{name}.app", version=f"{number % 9 + 8}.{number % 5}", source="apps", bundle=f"com.apple.{name}"
        )
        for number, name in enumerate(_MACOS_APPS.split())
    ),
    "linux": tuple(
        InstalledProgram(name=name, version=f"{number % 5 + 1}.{number}-{number % 3}ubuntu1", source="deb_packages")
        for number, name in enumerate(_LINUX_PACKAGES.split())
    ),
}


def select_programs(
    *, platform: str, special: tuple[InstalledProgram, ...], minimum: int, index: int
) -> tuple[InstalledProgram, ...]:
    """Return the installed programs: special ones first, then others up to `minimum` in total, if available."""
    rest = _REST[platform]
    number = min(len(rest), max(0, minimum - len(special)))
    start = index * 7 % len(rest)
    return (*special, *(rest + rest)[start : start + number])


@lru_cache(maxsize=4096)
def render_fleet_software(program: InstalledProgram, *, premium: bool) -> str:
    """Render one entry of a host's software as Fleet prints it.

    The free edition has only the id and link of vulnerabilities.
    """
    record: dict[str, Any] = {
        "id": sum(map(ord, program.name + program.version)),
        "name": program.name,
        "version": program.version,
        "source": program.source,
        "browser": "chrome" if program.source == "chrome_extensions" else "",
        **({"bundle_identifier": program.bundle} if program.bundle else {}),
        **({"vendor": program.vendor} if program.vendor else {}),
        "generated_cpe": f"cpe:2.3:a:{program.cpe}:{program.version}:*:*:*:*:*:*:*" if program.cpe else "",
        "vulnerabilities": [_build_vulnerability(program, cve, premium=premium) for cve in program.cves] or None,
        "installed_paths": [],
    }
    return json.dumps(record, ensure_ascii=False)


def _build_vulnerability(program: InstalledProgram, cve: str, *, premium: bool) -> dict[str, Any]:
    vulnerability: dict[str, Any] = {"cve": cve, "details_link": f"https://flaws.example/{cve}"}
    if premium:
        values = (8.8, 0.4213, program.exploited, "2099-01-02T00:00:00Z", program.fixed_in)
        vulnerability.update(zip(PREMIUM_ONLY, values, strict=True))
    return vulnerability
