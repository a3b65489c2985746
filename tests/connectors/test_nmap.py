"""Nmap's XML becomes device and service records."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree

from homeroom.connectors.nmap import readers
from homeroom.ingest.contract.connector import Reading
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows
from tests.connectors.recordings import read_recording, select_columns

SCANNER_REPORTS = Path(__file__).parents[3] / "shared" / "data" / "scanners"
SCAN = """\
<nmaprun scanner="nmap" args="nmap -O -oX scan.xml 198.51.100.0/24" start="1764003600" version="7.94">
<host starttime="1764003601" endtime="1764003661"><status state="up" reason="arp-response"/>
<address addr="198.51.100.20" addrtype="ipv4"/>
<address addr="00:00:5E:00:53:20" addrtype="mac" vendor="Invented"/>
<hostnames><hostname name="printers.maple.example" type="user"/><hostname name="lab-7.maple.example" type="PTR"/></hostnames>
<ports><extraports state="closed" count="995"><extrareasons reason="reset" count="995"/></extraports>
<port protocol="tcp" portid="3389"><state state="open" reason="syn-ack"/>
<service name="ms-wbt-server" product="Microsoft Terminal Services" version="10.0"/>
<script id="rdp-ntlm-info" output="Product_Version: 10.0, DNS_Domain_Name: secret.maple.example"/></port>
<port protocol="udp" portid="161"><state state="open|filtered" reason="no-response"/></port>
<port protocol="tcp" portid="99999"><state state="open"/></port>
<port protocol="tcp" portid="22"/></ports>
<os><osmatch name="Microsoft Windows 10 1709 - 1909" accuracy="97">
<osclass type="general purpose" vendor="Microsoft" osfamily="Windows" osgen="10" accuracy="97"/></osmatch>
<osmatch name="Linux 5.4" accuracy="88"><osclass type="router" vendor="Linux" osfamily="Linux"/></osmatch></os>
</host>
<host><status state="down" reason="no-response"/><address addr="198.51.100.21" addrtype="ipv4"/></host>
<host><status state="up"/><address addr="64:ff9b::c633:6416" addrtype="ipv6"/>
<ports><port protocol="tcp" portid="443"><state state="filtered"/></port></ports></host>
<host><status state="up"/><hostnames><hostname name="nowhere.maple.example" type="user"/></hostnames></host>
</nmaprun>"""


def _read_scan(text: bytes) -> Reading:
    root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
    return readers.read_hosts(list(root.iter("host")), dict(root.attrib))


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        ("nmap -O -oX scan.xml 198.51.100.0/24", "networks:198.51.100.0/24"),
        ("nmap -p 22,80-90 -oX a.xml 203.0.113.7 10.0-3.*.1", "networks:10.0-3.*.1 203.0.113.7"),
        ("nmap -6 2001:db8::/64", "networks:2001:db8::/64"),
        ("nmap -iL hosts.txt -oX today.xml", ""),
        ("nmap school.example", ""),
    ],
)
def test_a_scan_speaks_of_the_networks_that_it_was_asked_to_scan(words: str, scope: str) -> None:
    assert readers.read_hosts([], {"args": words}).scope == scope


def test_hosts_that_were_up_and_every_port_that_is_listed() -> None:
    read = _read_scan(SCAN.encode())
    ended, began = datetime(2025, 11, 24, 17, 1, 1, tzinfo=UTC), datetime(2025, 11, 24, 17, 0, tzinfo=UTC)
    assert list_rows(read, "device_records") == [
        {
            "key": "00005e005320",
            "macs": ["00005e005320"],
            "name": "lab-7.maple.example",
            "platform": "windows",
            "last_seen": ended,
            "addresses": ["198.51.100.20"],
        },
        {"key": "64:ff9b::c633:6416", "last_seen": began, "addresses": ["64:ff9b::c633:6416"]},
    ]
    common = {"device_key": "00005e005320", "address": "198.51.100.20", "public": False, "scanned_at": ended}
    assert list_rows(read, "service_records") == [
        {
            **common,
            "protocol": "tcp",
            "port": 3389,
            "state": "open",
            "service": "ms-wbt-server",
            "product": "Microsoft Terminal Services",
            "version": "10.0",
        },
        {**common, "protocol": "udp", "port": 161, "state": "open|filtered"},
        {
            "device_key": "64:ff9b::c633:6416",
            "address": "64:ff9b::c633:6416",
            "public": True,
            "protocol": "tcp",
            "port": 443,
            "state": "filtered",
            "scanned_at": began,
        },
    ]
    assert [(field, row_lost) for _, field, row_lost in list_rejects(read)] == [
        ("portid", True),
        ("state", True),
        ("address", True),
    ]


def test_what_a_script_was_told_is_not_kept() -> None:
    assert not contains_text(_read_scan(SCAN.encode()), "secret.maple.example")


def test_what_scripts_learnt_of_a_port_stands_in_its_columns() -> None:
    _, read = read_recording("nmap/scripts.xml")
    assert select_columns(read, "service_records", "port", "tls_versions", "weak_ciphers", "self_signed") == [
        (21, None, None, None),
        (80, None, None, None),
        (443, ["TLS 1.0", "TLS 1.2"], ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"], True),
        (445, None, None, None),
        (636, ["TLS 1.3"], [], None),
        (5900, None, None, None),
        (6379, None, None, None),
        (8080, None, None, None),
    ]
    by_port = {
        port: values
        for port, *values in select_columns(
            read, "service_records", "port", "sign_in", "smb_versions", "signing_required", "page_title"
        )
    }
    assert by_port[21] == [False, None, None, None]
    assert by_port[80] == [None, None, None, "IIS Windows Server"]
    assert by_port[445] == [None, ["1", "2.0.2", "3.1.1"], False, None]
    assert by_port[5900] == [True, None, None, None]
    assert by_port[6379] == [False, None, None, None]
    assert by_port[8080] == [None, None, None, None]
    assert select_columns(read, "service_records", "certificate_until")[2] == (date(2026, 5, 2),)
    assert not contains_text(read, "secret")


def test_a_network_address_that_the_device_made_up_is_no_key() -> None:
    assert (
        list_rows(_read_scan(SCAN.replace("00:00:5E", "02:00:5E").encode()), "device_records")[0]["key"]
        == "198.51.100.20"
    )


@pytest.mark.parametrize(
    ("osclass", "platform", "kind"),
    [
        ('type="router" vendor="Cisco" osfamily="IOS"', None, "other"),
        ('type="phone" vendor="Apple" osfamily="iOS"', "ios", "phone"),
        ('type="printer" vendor="HP" osfamily="embedded"', None, "other"),
    ],
)
def test_a_system_is_believed_where_it_is_sure(osclass: str, platform: str | None, kind: str) -> None:
    sure = SCAN.replace('type="general purpose" vendor="Microsoft" osfamily="Windows"', osclass)
    device = list_rows(_read_scan(sure.encode()), "device_records")[0]
    assert (device.get("platform"), device.get("kind")) == (platform, kind)
    unsure = list_rows(_read_scan(sure.replace('accuracy="97"', 'accuracy="94"').encode()), "device_records")[0]
    assert (unsure.get("platform"), unsure.get("kind")) == (None, None)


@pytest.mark.parametrize("name", ["issue4406", "nmap_0port", "nmap_multiple_port"])
def test_a_real_scan_has_the_open_ports_and_vulnerabilities_that_another_project_counts(name: str) -> None:
    file = SCANNER_REPORTS / "nmap" / f"{name}.xml"
    if not file.exists():
        pytest.skip("the scans that others made are not here")
    read = _read_scan(file.read_bytes())
    services, listed = list_rows(read, "service_records"), list_rows(read, "vulnerability_records")
    expected = json.loads((SCANNER_REPORTS / "expected_findings.json").read_text(encoding="utf-8"))[f"nmap/{name}.xml"][
        "findings"
    ]
    assert len([service for service in services if service["state"] == "open"]) + len(listed) == expected


def test_what_the_script_vulners_lists_is_found_at_its_port_also_in_its_older_form() -> None:
    _, read = read_recording("nmap/vulners.xml")
    assert select_columns(
        read, "vulnerability_records", "check_id", "severity", "cves", "product", "version", "port"
    ) == [
        ("CVE-2026-41001", "high", ["CVE-2026-41001"], "openssh", "7.4", 22),
        ("EDB-ID:45000", "medium", None, "openssh", "7.4", 22),
        ("CVE-2026-41002", "critical", ["CVE-2026-41002"], "http_server", "2.4.6", 80),
        ("CVE-2026-41003", "info", ["CVE-2026-41003"], "http_server", "2.4.6", 80),
    ]
