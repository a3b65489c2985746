"""The invented servers: system, end of support, open ports, and the scanner's findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from homeroom.sample.scans.nessus import NessusItem
from homeroom.sample.scans.ports import Ports, build_ports

RANSOMWARE_CVES: Final = ("CVE-2099-3001", "CVE-2099-3002")  # and long overdue
NOT_YET_DUE_CVE: Final = "CVE-2099-3003"  # used, but not by ransomware
_EXPLOITED_PREFIX: Final = (
    "CVE-2099-3"  # how the ids of flaws begin that are used; those of the others begin with CVE-2099-4
)
_INFO: Final = NessusItem(plugin="19506", name="Nessus Scan Information", severity=0)
_WINDOWS: Final = NessusItem(plugin="900101", name="Windows Server Invented Flaw", severity=4, cves=("CVE-2099-3001",))
_PRINT: Final = NessusItem(
    plugin="900102", name="PaperCut NG Invented Flaw", severity=3, port=9191, cves=("CVE-2099-3002", "CVE-2099-4002"),
    exploited_by="2025/05/12",
)  # fmt: skip
_LOCAL: Final = NessusItem(plugin="900103", name="Ubuntu Local Invented Flaw", severity=2, cves=("CVE-2099-3003",))
_SERIOUS: Final = NessusItem(
    plugin="900201", name="OpenSSL Invented Flaw", severity=4, port=443, cves=("CVE-2099-4001",)
)
SUPPORT_ENDED_ITEM: Final = NessusItem(plugin="900301", name="Microsoft Windows Server 2012 R2 SEoL", severity=4)
OPTION_ITEM: Final = NessusItem(plugin="900302", name="Unsupported Option Answered", severity=1, port=445)
DEFAULT_CREDENTIALS_ITEM: Final = NessusItem(
    plugin="900303", name="Invented Console Default Credentials", severity=4, port=443
)
DEFAULT_FILES_ITEM: Final = NessusItem(plugin="900304", name="Invented Server Default Files", severity=2, port=443)
_SIGNING: Final = NessusItem(plugin="900202", name="SMB Signing Not Required", severity=3, port=445)

_WINDOWS_PORTS: Final = build_ports((22, "closed"), (445, "open"), (3389, "open"))


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server: its system in Fleet's terms, and the last day of support without a further contract.

    Ends: Microsoft's lifecycle pages (Windows Server 2012 R2 on 2023-10-10, 2016 on 2027-01-12, 2019 on 2029-01-09,
    2022 on 2031-10-14) and Ubuntu's release cycle (18.04 on 2023-05-31, 22.04 on 2027-04-01, 24.04 on 2029-05-31).
    """

    name: str
    system: str
    until: date
    items: tuple[NessusItem, ...]
    platform: str = "windows"
    ports: Ports = _WINDOWS_PORTS

    @property
    def exploited(self) -> bool:
        """True if the scanner found an exploited vulnerability on it."""
        return any(cve.startswith(_EXPLOITED_PREFIX) for item in self.items for cve in item.cves)

    def has_any(self, *cves: str) -> bool:
        """Return whether the scanner found one of these vulnerabilities on it."""
        return any(cve in cves for item in self.items for cve in item.cves)

    def has_item(self, item: NessusItem) -> bool:
        """Return whether the scanner reports this finding."""
        return item in self.items

    @property
    def scanner_system(self) -> str:
        """System in a scanner's terms."""
        if self.platform == "ubuntu":
            return f"Linux Kernel 5.15 on {self.system}"
        return f"Microsoft {self.system.rsplit(' ', 1)[0]}"


SITE_SERVER: Final = Server(
    name="SRV-SITE", system="Windows Server 2022 Standard 10.0.20348.2849", until=date(2031, 10, 14),
    items=(_INFO, _SIGNING),
)  # fmt: skip
SERVERS: Final = (
    Server(
        name="SRV-DC-01",
        system="Windows Server 2022 Standard 10.0.20348.2849",
        until=date(2031, 10, 14),
        items=(_INFO, _SIGNING, OPTION_ITEM),
    ),
    Server(
        name="SRV-FILE-01",
        system="Windows Server 2019 Standard 10.0.17763.6532",
        until=date(2029, 1, 9),
        items=(_INFO, _WINDOWS, _SIGNING),
    ),
    Server(
        name="SRV-PRINT-01",
        system="Windows Server 2016 Standard 10.0.14393.7515",
        until=date(2027, 1, 12),
        items=(_INFO, _PRINT),
    ),
    Server(
        name="SRV-HVAC-01",
        system="Windows Server 2012 R2 Standard 6.3.9600",
        until=date(2023, 10, 10),
        items=(_INFO, _SERIOUS, SUPPORT_ENDED_ITEM),
    ),
    Server(
        name="LNX-WEB-01",
        system="Ubuntu 24.04.3 LTS",
        until=date(2029, 5, 31),
        items=(_INFO, _SERIOUS, DEFAULT_FILES_ITEM),
        platform="ubuntu",
        ports=build_ports((22, "open"), (80, "open"), (443, "open")),
    ),
    Server(
        name="LNX-MOODLE-01",
        system="Ubuntu 18.04.6 LTS",
        until=date(2023, 5, 31),
        items=(_INFO, _LOCAL),
        platform="ubuntu",
        ports=build_ports((22, "open"), (23, "closed"), (443, "open")),
    ),
    Server(
        name="LNX-DNS-01",
        system="Ubuntu 22.04.5 LTS",
        until=date(2027, 4, 1),
        items=(_INFO, DEFAULT_CREDENTIALS_ITEM),
        platform="ubuntu",
        ports=build_ports((22, "open"), (53, "open")),
    ),
)
