"""The invented networks: servers, switches and printers, what stands open to the internet, and what scans saw of them.

The outside scan names addresses of 192.88.99.0/24. They count as public by the registry of special addresses, and yet
are nobody's: they belonged to the relays of 6to4, which RFC 7526 ended, and were given to nobody since. Addresses set aside
for documentation (RFC 5737) would not do, since nothing that they carry can be reached from the internet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from homeroom.sample.answering import Place, judge
from homeroom.sample.exposures import Exposed, inside, outside, strangers
from homeroom.sample.fleet import Fleet
from homeroom.sample.hosts import Host
from homeroom.sample.ids import serial_of
from homeroom.sample.names import folded
from homeroom.sample.nessus import ReportHost
from homeroom.sample.nmap import Scanned
from homeroom.sample.ports import Port, Ports, ports
from homeroom.sample.programs import on_computer
from homeroom.sample.servers import (
    BY_RANSOMWARE,
    ENDED,
    FILES,
    NOT_YET_DUE,
    OPTION,
    SERVERS,
    SHIPPED,
    SITE,
    Server,
)
from homeroom.sample.snipeit import Asset
from homeroom.sample.truth import Ref, ref, scanned_as
from homeroom.sample.wazuh import Agent

REMOTE_ACCESS: Final = (3389, 445, 23, 5900)
OUTSIDE: Final = "192.88.99"
_NEAR: Final = ((3389, "filtered"), (445, "closed"), (23, "filtered"), (5900, "closed"), (443, "open"), (22, "open"))


@dataclass(kw_only=True)
class Network:
    """Writes servers and network gear, and what the scans saw."""

    fleet: Fleet

    def everything(self) -> None:
        """Write all of it."""
        sites = [
            Server(name=f"{SITE.name}-{turn + 1:02d}", system=SITE.system, until=SITE.until, items=SITE.items)
            for turn in range(len(self.fleet.district.schools) // 10)
        ]
        for number, server in enumerate((*SERVERS, *sites), start=1):
            self._server(server, number)
        self._gear()
        self._strangers()
        self._outside()

    def _server(self, server: Server, number: int) -> None:
        """A server in the asset list, in Fleet, in the Nessus report and in the inside scan: one device."""
        sinks = self.fleet.sinks
        tag, index = self.fleet.tag(), self.fleet.index
        mac, serial = _mac("00:50:56", index), serial_of("SRV", index)
        fqdn = f"{server.name.lower()}.{self.fleet.district.domain}"
        address = sinks.inside.found(name=fqdn, ports=server.ports, mac=mac, maker="VMware")
        self._asset(tag, serial, server.name, "Server", "PowerEdge R450", "Dell")
        sinks.hosts.write(self._host(server, index, serial=serial, mac=mac, address=address))
        sinks.report.hosts.append(
            ReportHost(address=address, fqdn=fqdn, system=server.scanned, mac=mac, items=server.items)
        )
        sinks.alerts.write(Agent(number=number, name=server.name, address=address))
        sinks.coverage.protected(
            serial=serial, tag=tag, name=server.name, place="Servers", last=self.fleet.recent(index), index=index
        )
        records = [ref("snipeit", tag), ref("fleet", str(index)), *scanned_as(mac, "nessus", "nmap")]
        records.append(ref("wazuh", f"{number:03d}"))
        sinks.truth.device(records)
        self._judge(server, records)

    def _host(self, server: Server, index: int, *, serial: str, mac: str, address: str) -> Host:
        windows = server.platform == "windows"
        platform = "windows" if windows else "linux"
        return Host(
            index=index,
            name=server.name,
            platform=server.platform,
            system=server.system,
            serial=serial,
            vendor="Dell Inc.",
            model="PowerEdge R450",
            seen=self.fleet.recent(index),
            restarted=self.fleet.recent(index),
            enrolled=date(self.fleet.district.calendar.year - 1, 7, 1),
            encrypted=windows,
            programs=on_computer(platform=platform, special=(), least=24, index=index),
            users=(("itadmin", "Administrators" if windows else "sudo"),),
            mac=mac,
            address=address,
        )

    def _judge(self, server: Server, records: list[Ref]) -> None:
        truth = self.fleet.sinks.truth
        if server.until < self.fleet.district.calendar.today:
            truth.fails("unsupported-server" if server.platform == "windows" else "unsupported-linux", records)
        if server.exploited:
            truth.fails("scanner-known-exploited", records)
        elif any(item.severity == 4 for item in server.items):
            why = "Critical by its score, but nobody is known to use it."
            truth.innocent("critical-not-exploited", "scanner-known-exploited", why, records)
        self._reported(server, records)
        self._answers(server.ports, records)
        if Port(number=3389) in server.ports:
            why = "Open inside the district's network only."
            truth.innocent("remote-desktop-inside", "internet-facing-remote-access", why, records)

    def _reported(self, server: Server, records: list[Ref]) -> None:
        truth = self.fleet.sinks.truth
        if server.has(*BY_RANSOMWARE):
            truth.fails("flaw-used-by-ransomware", records)
            truth.fails("known-exploited-overdue", records)
        elif server.has(NOT_YET_DUE):
            why = "Its day in the catalogue has not come, and no ransomware is known to use it."
            truth.innocent("not-yet-due", "known-exploited-overdue", why, records)
            truth.innocent("used-otherwise", "flaw-used-by-ransomware", why, records)
        for item, control in ((ENDED, "unsupported-by-scan"), (SHIPPED, "default-password-found")):
            if server.reports(item):
                truth.fails(control, records)
        for item, control in ((OPTION, "unsupported-by-scan"), (FILES, "default-password-found")):
            if server.reports(item):
                truth.innocent(
                    f"like-{control}", control, "Its title has one of the words, and means another thing.", records
                )

    def _gear(self) -> None:
        """Switches and printers of each school. Some switches are still managed by telnet."""
        for school in self.fleet.district.schools:
            slug = folded(school.name)[:18]
            for number in (1, 2):
                telnet = (school.index % 7 == 0 and number == 1) or (school.index == 1 and number == 2)
                answers = ports((22, "open"), (23, "open" if telnet else "closed"), (443, "open"))
                records = self._sighted(f"SW-{slug}-{number}".upper(), "Network Switch", answers, "Aruba")
                self._telnet(records, telnet=telnet)
            self._sighted(f"PRN-{slug}".upper(), "Printer", ports((80, "open"), (9100, "open")), "Brother")
        for number, one in enumerate(inside()):
            category = "Network Switch" if one.name.startswith("SW-") else "Network Server"
            self._innocent(one, self._sighted(one.name, category, one.ports, ("HPE", "Synology", "Dell")[number % 3]))

    def _telnet(self, records: list[Ref], *, telnet: bool) -> None:
        truth = self.fleet.sinks.truth
        if not telnet:
            why = "Managed by ssh; the telnet port answers that it is closed."
            truth.innocent("managed-by-ssh", "cleartext-management", why, records)

    def _sighted(self, name: str, category: str, ports: Ports, maker: str) -> list[Ref]:
        """Gear in the asset list under the name that it answers by."""
        tag, index = self.fleet.tag(), self.fleet.index
        self._asset(tag, serial_of("NET", index), name, category, f"{category} {index % 9 + 1}00", maker)
        fqdn = f"{name.lower()}.{self.fleet.district.domain}"
        mac = _mac("94:60:d5", index)
        self.fleet.sinks.inside.found(name=fqdn, ports=ports, mac=mac, maker=maker)
        records = [ref("snipeit", tag), *scanned_as(mac, "nmap")]
        self.fleet.sinks.truth.device(records)
        self._answers(ports, records)
        return records

    def _answers(self, ports: Ports, records: list[Ref], *, public: bool = False, known: bool = True) -> None:
        place = Place(today=self.fleet.district.calendar.today, public=public, known=known)
        judge(self.fleet.sinks.truth, ports, place=place, records=records)

    def _innocent(self, one: Exposed, records: list[Ref]) -> None:
        if one.like:
            self.fleet.sinks.truth.innocent(f"like-{one.like}", one.like, one.why, records)

    def _strangers(self) -> None:
        """What hangs in the network and stands in no list."""
        makers = ("Raspberry Pi Foundation", "TP-Link Systems", "")
        for number in range(3 + len(self.fleet.district.schools) // 8):
            answers = ports((22, "open" if number % 3 == 0 else "closed"), (80, "open"))
            self._stranger(answers, 900_000 + number, makers[number % 3])
        for number, one in enumerate(strangers()):
            self._innocent(one, self._stranger(one.ports, 910_000 + number, "TP-Link Systems"))

    def _stranger(self, answers: Ports, number: int, maker: str) -> list[Ref]:
        mac = _mac("b8:27:eb", number)
        self.fleet.sinks.inside.found(name="", ports=answers, mac=mac, maker=maker)
        records = scanned_as(mac, "nmap")
        self.fleet.sinks.truth.device(records)
        self.fleet.sinks.truth.fails("sighted-not-known", records)
        self._answers(answers, records, known=False)
        return records

    def _outside(self) -> None:
        """What answers on the district's public addresses; each of the four ways in stands open somewhere."""
        truth, scan = self.fleet.sinks.truth, self.fleet.sinks.outside
        scan.hosts.append(
            Scanned(address=f"{OUTSIDE}.1", ports=ports((23, "filtered"), (443, "open"), (3389, "filtered")))
        )
        for number in range(4 + min(40, len(self.fleet.district.schools) // 6)):
            port, address = REMOTE_ACCESS[number % 4], f"{OUTSIDE}.{20 + number}"
            scan.hosts.append(Scanned(address=address, ports=ports((443, "closed"), (port, "open"))))
        for number, (port, state) in enumerate(_NEAR):
            address = f"{OUTSIDE}.{80 + number}"
            scan.hosts.append(Scanned(address=address, ports=ports((80, "open"), (port, state))))
            why = f"Port {port} is {state}."
            truth.innocent("nothing-open", "internet-facing-remote-access", why, [ref("nmap", address)])
        for number, one in enumerate(outside(self.fleet.district.calendar.today)):
            address = f"{OUTSIDE}.{100 + number}"
            scan.hosts.append(Scanned(address=address, ports=one.ports))
            self._innocent(one, [ref("nmap", address)])
        for host in scan.hosts:  # of none of them does a list say what answers there
            truth.device([ref("nmap", host.address)])
            truth.fails("sighted-not-known", [ref("nmap", host.address)])
            self._answers(host.ports, [ref("nmap", host.address)], public=True, known=False)

    def _asset(self, tag: str, serial: str, name: str, category: str, model: str, maker: str) -> None:
        place = "District Office Server Room" if category == "Server" else "Network Closet"
        bought = date(self.fleet.district.calendar.year - 2, 7, 1)
        self.fleet.asset(
            Asset(
                tag=tag, serial=serial, name=name, category=category, model=model, manufacturer=maker, location=place,
                bought=bought,
            )
        )  # fmt: skip


def _mac(maker: str, index: int) -> str:
    return f"{maker}:{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"
