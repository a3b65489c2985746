"""nmap's XML as -oX writes it, with the end of a completed scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from homeroom.sample.scans.nmap_scripts import render_host_scripts, render_port_scripts
from homeroom.sample.scans.ports import Port, Ports

_SERVICES: Final = {
    19: ("chargen", "", ""),
    21: ("ftp", "", ""),
    22: ("ssh", "OpenSSH", "9.6p1"),
    23: ("telnet", "", ""),
    25: ("smtp", "Postfix smtpd", ""),
    53: ("domain", "", ""),
    80: ("http", "nginx", "1.24.0"),
    67: ("dhcps", "", ""),
    137: ("netbios-ns", "", ""),
    143: ("imap", "", ""),
    161: ("snmp", "", ""),
    389: ("ldap", "", ""),
    443: ("https", "nginx", "1.24.0"),
    445: ("microsoft-ds", "", ""),
    514: ("syslog", "", ""),
    515: ("printer", "", ""),
    554: ("rtsp", "", ""),
    623: ("asf-rmcp", "", ""),
    631: ("ipp", "", ""),
    1433: ("ms-sql-s", "", ""),
    1900: ("upnp", "", ""),
    3306: ("mysql", "", ""),
    3702: ("ws-discovery", "", ""),
    3389: ("ms-wbt-server", "Microsoft Terminal Services", ""),
    5900: ("vnc", "RealVNC Enterprise", ""),
    4786: ("smart-install", "", ""),
    5432: ("postgresql", "", ""),
    5985: ("wsman", "", ""),
    6379: ("redis", "", ""),
    8006: ("wpl-analytics", "", ""),
    8080: ("http-proxy", "", ""),
    9100: ("jetdirect", "", ""),
    10000: ("snet-sensor-mgmt", "", ""),
    27017: ("mongod", "", ""),
    37777: ("unknown", "", ""),
}
_REASONS: Final = {"open": "syn-ack", "closed": "reset", "filtered": "no-response"}


@dataclass(slots=True, kw_only=True)
class ScannedHost:
    """One host of a scan: its ports by state, and the MAC address if the scanner was in the same network."""

    address: str
    ports: Ports
    mac: str = ""
    maker: str = ""
    name: str = ""


@dataclass(kw_only=True)
class NmapScan:
    """One scan, written after all hosts are added."""

    path: Path
    arguments: str
    day: date
    hosts: list[ScannedHost] = field(default_factory=list)

    def add_host(self, *, name: str, ports: Ports, mac: str, maker: str) -> str:
        """Add a host of the inside network with the next address, and return that address."""
        number = len(self.hosts)
        address = f"10.20.{number // 250}.{number % 250 + 1}"
        self.hosts.append(ScannedHost(address=address, ports=ports, mac=mac, maker=maker, name=name))
        return address

    @property
    def rows(self) -> int:
        """Number of hosts that are up."""
        return len(self.hosts)

    def close(self) -> list[Path]:
        """Write the scan and return its path."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        start = int(datetime.combine(self.day, time(16), tzinfo=UTC).timestamp())
        start_text = datetime.fromtimestamp(start, tz=UTC).strftime("%a %b %d %H:%M:%S %Y")
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<!DOCTYPE nmaprun>",
            '<?xml-stylesheet href="file:///usr/bin/../share/nmap/nmap.xsl" type="text/xsl"?>',
            f"<!-- Nmap 7.95 scan initiated {start_text} as: nmap {self.arguments} -->",
            f'<nmaprun scanner="nmap" args="nmap {self.arguments}" start="{start}" startstr="{start_text}" '
            f'version="7.95" '
            'xmloutputversion="1.05">',
            *_list_scaninfo({port for host in self.hosts for port in host.ports}),
            '<verbose level="0"/>',
            '<debugging level="0"/>',
            *(_render_host(host, start + number) for number, host in enumerate(self.hosts)),
            f'<runstats><finished time="{start + 900}" timestr="{start_text}" summary="Nmap done at {start_text}" '
            f'elapsed="900.00" '
            f'exit="success"/><hosts up="{self.rows}" down="0" total="{self.rows}"/>',
            "</runstats>",
            "</nmaprun>",
        ]
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return [self.path]


def _list_scaninfo(ports: set[Port]) -> list[str]:
    """List the scanned ports by protocol, as scaninfo elements."""
    lines = []
    for protocol, kind in (("tcp", "syn"), ("udp", "udp")):
        numbers = sorted({port.number for port in ports if port.protocol == protocol})
        if numbers:
            numbers_text = ",".join(map(str, numbers))
            lines.append(
                f'<scaninfo type="{kind}" protocol="{protocol}" numservices="{len(numbers)}" '
                f'services="{numbers_text}"/>'
            )
    return lines


def _render_host(host: ScannedHost, start: int) -> str:
    mac_line = ""
    if host.mac:
        maker = f" vendor={quoteattr(host.maker)}" if host.maker else ""
        mac_line = f'<address addr="{host.mac.upper()}" addrtype="mac"{maker}/>\n'
    name = f'<hostname name={quoteattr(host.name)} type="PTR"/>\n' if host.name else ""
    return (
        f'<host starttime="{start}" endtime="{start + 2}"><status state="up" reason="arp-response" reason_ttl="0"/>\n'
        f'<address addr="{host.address}" addrtype="ipv4"/>\n{mac_line}<hostnames>\n{name}</hostnames>\n'
        f"<ports>{''.join(_render_port(port) for port in host.ports)}\n</ports>\n{render_host_scripts(host.ports)}"
        '<times srtt="523" rttvar="5000" to="100000"/>\n</host>'
    )


def _render_port(port: Port) -> str:
    service, product, version = _SERVICES[port.number]
    product, version = (port.product, port.version) if port.product else (product, version)
    probed = port.state == "open" and product
    product_attributes = (
        f" product={quoteattr(product)}" + (f' version="{version}"' if version else "") if probed else ""
    )
    method_attributes = 'method="probed" conf="10"' if probed else 'method="table" conf="3"'
    reason = _REASONS.get(port.state, "no-response")
    return (
        f'<port protocol="{port.protocol}" portid="{port.number}"><state state="{port.state}" reason="{reason}" '
        f'reason_ttl="64"/><service name="{service}"{product_attributes} '
        f"{method_attributes}/>{render_port_scripts(port)}</port>"
    )
