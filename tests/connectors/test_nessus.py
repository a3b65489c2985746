"""Nessus reports become device, service and vulnerability records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from homeroom.connectors.nessus import readers
from homeroom.ingest.contract.connector import Reading
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows

SCANNER_REPORTS = Path(__file__).parents[3] / "shared" / "data" / "scanners"
REPORT = """\
<NessusClientData_v2><Report name="Servers"><ReportHost name="192.88.99.7"><HostProperties>
<tag name="HOST_START">Mon Nov 24 16:00:00 2025</tag><tag name="HOST_END">Mon Nov 24 16:20:00 2025</tag>
<tag name="HOST_END_TIMESTAMP">1764001200</tag><tag name="host-ip">192.88.99.7</tag>
<tag name="host-fqdn">files.maple.example</tag><tag name="netbios-name">MAPLE\\FILES-1</tag>
<tag name="mac-address">00:00:5E:00:53:07</tag><tag name="system-type">general-purpose</tag>
<tag name="operating-system">Microsoft Windows Server 2019 Standard</tag></HostProperties>
<ReportItem port="0" svc_name="general" protocol="tcp" severity="4" pluginID="900001" pluginName="Invented Flaw" pluginFamily="Windows">
<cve>CVE-2099-3001</cve><cve>cve-2099-3000</cve><cve>none</cve><cvss3_base_score>9.8</cvss3_base_score>
<cvss_base_score>10.0</cvss_base_score><solution>Apply the
 update.</solution><xref>IAVA:2099-A-1</xref><xref>CISA-KNOWN-EXPLOITED:2099/03/01</xref>
<plugin_output>Password of svc-backup : hunter2-not-kept</plugin_output></ReportItem>
<ReportItem port="3389" svc_name="msrdp" protocol="tcp" severity="0" pluginID="22964" pluginName="Service Detection" pluginFamily="Service detection">
<solution>n/a</solution><plugin_output>A server is running.</plugin_output></ReportItem>
<ReportItem port="8443" svc_name="https?" protocol="tcp" severity="0" pluginID="11219" pluginName="Nessus SYN scanner" pluginFamily="Port scanners"/>
<ReportItem port="5040" svc_name="unknown" protocol="tcp" severity="0" pluginID="34220" pluginName="Netstat Portscanner (WMI)" pluginFamily="Port scanners"/>
<ReportItem port="445" svc_name="cifs" protocol="tcp" severity="2" pluginID="900002" pluginName="Other Flaw" pluginFamily="Misc.">
<exploited_by_malware>true</exploited_by_malware><cvss_base_score>5.4</cvss_base_score></ReportItem>
<ReportItem port="445" svc_name="cifs" protocol="tcp" severity="2" pluginID="900002" pluginName="Other Flaw" pluginFamily="Misc.">
<cve>CVE-2099-3002</cve></ReportItem>
<ReportItem port="445" svc_name="cifs" protocol="tcp" severity="9" pluginID="900003" pluginName="Odd" pluginFamily="Misc."/>
<ReportItem port="http" svc_name="www" protocol="tcp" severity="1" pluginID="900004" pluginName="Odd" pluginFamily="Misc."/>
</ReportHost></Report></NessusClientData_v2>"""
AT = datetime(2025, 11, 24, 16, 20, tzinfo=UTC)


def _read_report(text: bytes) -> Reading:
    root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    return readers.read_hosts(list(root.iter("ReportHost")), dict(root.attrib))


def test_a_host_by_its_own_name() -> None:
    assert list_rows(_read_report(REPORT.encode()), "device_records") == [
        {
            "key": "00005e005307",
            "macs": ["00005e005307"],
            "name": "FILES-1",
            "platform": "windows",
            "addresses": ["192.88.99.7"],
            "last_seen": AT,
        }
    ]


def test_findings_in_the_scanners_own_words() -> None:
    read = _read_report(REPORT.encode())
    vulnerabilities = {row["check_id"]: row for row in list_rows(read, "vulnerability_records")}
    common = {"device_key": "00005e005307", "protocol": "tcp", "reported_at": AT}
    assert vulnerabilities["900001"] == {
        **common,
        "check_id": "900001",
        "title": "Invented Flaw",
        "severity": "critical",
        "cves": ["CVE-2099-3000", "CVE-2099-3001"],
        "known_exploited": True,
        "cvss_tenths": 98,
        "solution": "Apply the update.",
        "port": 0,
    }
    assert vulnerabilities["900002"] == {
        **common,
        "check_id": "900002",
        "title": "Other Flaw",
        "severity": "medium",
        "cves": ["CVE-2099-3002"],
        "known_exploited": True,
        "cvss_tenths": 54,
        "port": 445,
    }
    assert "known_exploited" not in vulnerabilities["900003"], "a report that says nothing does not say no"
    assert "solution" not in vulnerabilities["22964"]
    assert [(field, row_lost) for _, field, row_lost in list_rejects(read)] == [("severity", False), ("port", True)]


def test_a_port_is_open_where_it_answered_and_not_where_the_host_says_that_it_listens() -> None:
    services = list_rows(_read_report(REPORT.encode()), "service_records")
    assert [(service["port"], service["state"], service["service"], service["public"]) for service in services] == [
        (3389, "open", "msrdp", True),
        (8443, "open", "https", True),
    ]


def test_what_a_plugin_printed_is_counted_and_left_out() -> None:
    read = _read_report(REPORT.encode())
    assert not contains_text(read, "hunter2")
    assert dict(read.dropped) == {"plugin_output": 2}


def test_a_host_with_several_network_addresses_goes_by_its_ip_address() -> None:
    docked = REPORT.replace("00:00:5E:00:53:07", "00:00:5E:00:53:07\n00:00:5E:00:53:08")
    (device,) = list_rows(_read_report(docked.encode()), "device_records")
    assert (device["key"], device["macs"]) == ("192.88.99.7", ["00005e005307", "00005e005308"])


@pytest.mark.parametrize("system", ["CISCO IOS 15", "Microsoft Windows 10\nLinux Kernel 3.10", ""])
def test_a_guess_at_the_system_is_no_platform(system: str) -> None:
    report = REPORT.replace("Microsoft Windows Server 2019 Standard", system)
    assert "platform" not in list_rows(_read_report(report.encode()), "device_records")[0]


def test_a_real_report_has_the_plugins_that_another_project_counts() -> None:
    file = SCANNER_REPORTS / "tenable" / "nessus" / "nessus_many_vuln.xml"
    if not file.exists():
        pytest.skip("the reports that others made are not here")
    vulnerabilities = list_rows(_read_report(file.read_bytes()), "vulnerability_records")
    expected = json.loads((SCANNER_REPORTS / "expected_findings.json").read_text(encoding="utf-8"))
    assert (
        len({vulnerability["check_id"] for vulnerability in vulnerabilities})
        == expected["tenable/nessus/nessus_many_vuln.xml"]["findings"]
    )
