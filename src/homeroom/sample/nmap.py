"""nmap's XML, as -oX writes it, ended as nmap ends it when the scan is whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from homeroom.sample.ports import Port, Ports
from homeroom.sample.scripts import of_host, of_port

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
class Scanned:
    """One host of a scan: its ports by state, and the network address where the scanner stood in the same network."""

    address: str
    ports: Ports
    mac: str = ""
    maker: str = ""
    name: str = ""


@dataclass(kw_only=True)
class Scan:
    """One scan, written when all hosts are known."""

    path: Path
    words: str
    day: date
    hosts: list[Scanned] = field(default_factory=list)

    def found(self, *, name: str, ports: Ports, mac: str, maker: str) -> str:
        """Add a host of the inside, with the next address; that address."""
        number = len(self.hosts)
        address = f"10.20.{number // 250}.{number % 250 + 1}"
        self.hosts.append(Scanned(address=address, ports=ports, mac=mac, maker=maker, name=name))
        return address

    @property
    def rows(self) -> int:
        """Hosts found up."""
        return len(self.hosts)

    def close(self) -> list[Path]:
        """Write the scan and name it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        began = int(datetime.combine(self.day, time(16), tzinfo=UTC).timestamp())
        said = datetime.fromtimestamp(began, tz=UTC).strftime("%a %b %d %H:%M:%S %Y")
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<!DOCTYPE nmaprun>",
            '<?xml-stylesheet href="file:///usr/bin/../share/nmap/nmap.xsl" type="text/xsl"?>',
            f"<!-- Nmap 7.95 scan initiated {said} as: nmap {self.words} -->",
            f'<nmaprun scanner="nmap" args="nmap {self.words}" start="{began}" startstr="{said}" version="7.95" '
            'xmloutputversion="1.05">',
            *_asked({port for host in self.hosts for port in host.ports}),
            '<verbose level="0"/>',
            '<debugging level="0"/>',
            *(_host(host, began + number) for number, host in enumerate(self.hosts)),
            f'<runstats><finished time="{began + 900}" timestr="{said}" summary="Nmap done at {said}" elapsed="900.00" '
            f'exit="success"/><hosts up="{self.rows}" down="0" total="{self.rows}"/>',
            "</runstats>",
            "</nmaprun>",
        ]
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return [self.path]


def _asked(every: set[Port]) -> list[str]:
    """Which ports were asked for, by protocol."""
    lines = []
    for protocol, kind in (("tcp", "syn"), ("udp", "udp")):
        numbers = sorted({port.number for port in every if port.protocol == protocol})
        if numbers:
            named = ",".join(map(str, numbers))
            lines.append(
                f'<scaninfo type="{kind}" protocol="{protocol}" numservices="{len(numbers)}" services="{named}"/>'
            )
    return lines


def _host(host: Scanned, began: int) -> str:
    hardware = ""
    if host.mac:
        maker = f" vendor={quoteattr(host.maker)}" if host.maker else ""
        hardware = f'<address addr="{host.mac.upper()}" addrtype="mac"{maker}/>\n'
    name = f'<hostname name={quoteattr(host.name)} type="PTR"/>\n' if host.name else ""
    return (
        f'<host starttime="{began}" endtime="{began + 2}"><status state="up" reason="arp-response" reason_ttl="0"/>\n'
        f'<address addr="{host.address}" addrtype="ipv4"/>\n{hardware}<hostnames>\n{name}</hostnames>\n'
        f"<ports>{''.join(_port(port) for port in host.ports)}\n</ports>\n{of_host(host.ports)}"
        '<times srtt="523" rttvar="5000" to="100000"/>\n</host>'
    )


def _port(port: Port) -> str:
    service, product, version = _SERVICES[port.number]
    product, version = (port.product, port.version) if port.product else (product, version)
    probed = port.state == "open" and product
    said = f" product={quoteattr(product)}" + (f' version="{version}"' if version else "") if probed else ""
    how = 'method="probed" conf="10"' if probed else 'method="table" conf="3"'
    reason = _REASONS.get(port.state, "no-response")
    return (
        f'<port protocol="{port.protocol}" portid="{port.number}"><state state="{port.state}" reason="{reason}" '
        f'reason_ttl="64"/><service name="{service}"{said} {how}/>{of_port(port)}</port>'
    )
