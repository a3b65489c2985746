"""A Nessus report of the servers (NessusClientData_v2): each host with its properties and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_RISKS: Final = ("None", "Low", "Medium", "High", "Critical")
_SCORES: Final = ("", "3.1", "5.9", "8.1", "9.8")


@dataclass(frozen=True, kw_only=True)
class NessusItem:
    """One finding of the report.

    `exploited_by` is the date in CISA's catalog, if the scanner itself reports it.
    """

    plugin: str
    name: str
    severity: int
    port: int = 0
    cves: tuple[str, ...] = ()
    exploited_by: str = ""


@dataclass(slots=True, kw_only=True)
class NessusHost:
    """One host of the report."""

    address: str
    fqdn: str
    system: str
    mac: str
    items: tuple[NessusItem, ...]


@dataclass(kw_only=True)
class NessusReport:
    """The report, written after all hosts are added."""

    path: Path
    day: date
    hosts: list[NessusHost] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Number of hosts in the report."""
        return len(self.hosts)

    def close(self) -> list[Path]:
        """Write the report and return its path."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scanned_at = self.day.strftime("%a %b %d 16:20:00 %Y")
        hosts = "\n".join(_render_host(host, scanned_at) for host in self.hosts)
        text = (
            '<?xml version="1.0" ?>\n<NessusClientData_v2>\n<Policy><policyName>Servers, weekly</policyName>\n'
            "<Preferences><ServerPreferences><preference><name>plugin_set</name><value>10180;19506</value></preference>"
            "</ServerPreferences></Preferences></Policy>\n"
            f'<Report name="Servers" xmlns:cm="http://www.nessus.org/cm">\n{hosts}\n</Report>\n</NessusClientData_v2>\n'
        )
        self.path.write_text(text, encoding="utf-8", newline="\n")
        return [self.path]


def _render_host(host: NessusHost, scanned_at: str) -> str:
    tags = {
        "HOST_START": scanned_at,
        "HOST_END": scanned_at,
        "host-ip": host.address,
        "host-fqdn": host.fqdn,
        "mac-address": host.mac.upper(),
        "operating-system": host.system,
        "system-type": "general-purpose",
        "Credentialed_Scan": "true",
    }
    properties = "\n".join(f'<tag name="{name}">{escape(value)}</tag>' for name, value in tags.items())
    items = "\n".join(_render_item(item) for item in host.items)
    return (
        f'<ReportHost name="{host.address}"><HostProperties>\n{properties}\n</HostProperties>\n{items}\n</ReportHost>'
    )


def _render_item(item: NessusItem) -> str:
    exploited_reference = f"<xref>CISA-KNOWN-EXPLOITED:{item.exploited_by}</xref>\n" if item.exploited_by else ""
    score = f"<cvss3_base_score>{_SCORES[item.severity]}</cvss3_base_score>\n" if _SCORES[item.severity] else ""
    cves = "".join(f"<cve>{cve}</cve>\n" for cve in item.cves)
    return (
        f'<ReportItem port="{item.port}" svc_name="general" protocol="tcp" severity="{item.severity}" '
        f'pluginID="{item.plugin}" pluginName={quoteattr(item.name)} pluginFamily="Windows">\n'
        f"{cves}{score}<description>{escape(item.name)}.</description>\n"
        f"<plugin_type>local</plugin_type>\n<risk_factor>{_RISKS[item.severity]}</risk_factor>\n"
        f"<solution>Upgrade to the version that the maker names.</solution>\n<synopsis>{escape(item.name)}</synopsis>\n"
        f"{exploited_reference}</ReportItem>"
    )
