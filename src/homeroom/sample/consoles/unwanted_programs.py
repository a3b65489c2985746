"""Unwanted programs on the invented computers, each with a program that only looks unwanted.

Ends of support: the vendors' pages (Adobe, Microsoft's lifecycle pages, python.org, nodejs.org), by the day of the
controls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from homeroom.sample.consoles.programs import InstalledProgram

UNWANTED_PROGRAM_CONTROLS: Final = (
    "remote-access-tool",
    "filter-circumvention",
    "peer-to-peer-program",
    "crypto-miner",
    "attack-tool",
    "abandoned-program",
    "oracle-java-license",
    "unsupported-office",
    "unsupported-runtime",
)
"""Controls on the programs below; a computer whose programs nobody lists has no answer to them."""
_PLANTED: Final = (  # program, version, maker, the control that it fails, and the last day on which it does not
    ("AnyDesk", "8.1.0", "AnyDesk Software GmbH", "remote-access-tool", ""),
    ("NordVPN", "7.31.1", "Nord Security", "filter-circumvention", ""),
    ("qBittorrent 5.0.2", "5.0.2", "The qBittorrent project", "peer-to-peer-program", ""),
    ("NiceHash Miner 3.1.1.1", "3.1.1.1", "NiceHash", "crypto-miner", ""),
    ("Advanced IP Scanner 2.5.1", "2.5.4594", "Famatech", "attack-tool", ""),
    ("Adobe Flash Player 32 NPAPI", "32.0.0.465", "Adobe", "abandoned-program", ""),
    ("Java 8 Update 361 (64-bit)", "8.0.3610.9", "Oracle Corporation", "oracle-java-license", ""),
    ("Microsoft Office Professional Plus 2013", "15.0.4569.1506", "Microsoft Corporation", "unsupported-office", ""),
    ("Python 3.8.10 (64-bit)", "3.8.10150.0", "Python Software Foundation", "unsupported-runtime", ""),
    ("TeamViewer Host", "15.58.4", "TeamViewer", "remote-access-tool", ""),
    ("Psiphon 3", "3.184", "Psiphon Inc.", "filter-circumvention", ""),
    ("Microsoft Silverlight", "5.1.50918.0", "Microsoft Corporation", "abandoned-program", ""),
    ("Microsoft Office Professional "
     "Plus 2016", "16.0.4266.1001", "Microsoft Corporation", "unsupported-office", "2025-10-14"),
    ("Microsoft Office LTSC Professional Plus 2021 - "
     "en-us", "16.0.14332.20604", "Microsoft Corporation", "unsupported-office", "2026-10-13"),
    ("Python 3.10.11 (64-bit)", "3.10.11150.0", "Python Software Foundation", "unsupported-runtime", "2026-10-31"),
    ("Node.js", "18.20.4", "Node.js Foundation", "unsupported-runtime", ""),
)  # fmt: skip
_INNOCENT: Final = (  # program, version, maker, what it looks guilty of, and why it is not
    ("Citrix Workspace 2402", "24.2.0.187", "Citrix Systems, Inc.", "remote-access-tool", "It steers others; nobody "
                                                                                          "steers this computer "
                                                                                          "by it."),
    ("GlobalProtect", "6.2.4", "Palo Alto Networks", "filter-circumvention", "The way into the district, not out "
                                                                             "of it."),
    ("Dropbox", "210.4.4867", "Dropbox, Inc.", "peer-to-peer-program", "It keeps files with one company."),
    ("Wireshark 4.4.2 x64", "4.4.2", "The Wireshark developer community", "attack-tool", "It listens on its own "
                                                                                         "computer only."),
    ("Adobe AIR", "33.1.1.929", "HARMAN International", "abandoned-program", "Another company goes on with it."),
    ("Java 8 Update 202", "8.0.2020.8", "Oracle Corporation", "oracle-java-license", "The last one before the terms "
                                                                                     "changed."),
    ("Microsoft Office LTSC Professional Plus 2024 - "
     "en-us", "16.0.17932.20130", "Microsoft Corporation", "unsupported-office", "It is mended until 2029."),
    ("Python 3.12.10 (64-bit)", "3.12.10150.0", "Python Software "
                                                "Foundation", "unsupported-runtime", "It is mended until 2028."),
    ("NiceHash Wallet Notes", "1.0", "NiceHash", "crypto-miner", "A list of numbers that digs for nothing."),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UnwantedProgram:
    """A program and the control that it fails after `until`; `reason` is why an innocent one does not fail."""

    program: InstalledProgram
    control: str
    until: date = date.min
    reason: str = ""


UNWANTED_PROGRAMS: Final = (
    *(
        UnwantedProgram(
            program=InstalledProgram(name=name, version=version, vendor=vendor),
            control=control,
            until=date.fromisoformat(until) if until else date.min,
        )
        for name, version, vendor, control, until in _PLANTED
    ),
    *(
        UnwantedProgram(
            program=InstalledProgram(name=name, version=version, vendor=vendor), control=control, reason=reason
        )
        for name, version, vendor, control, reason in _INNOCENT
    ),
)
