"""The invented networks: servers, switches and printers, services open to the internet, and scans of them.

The outside scan names addresses of 192.88.99.0/24. They count as public by the registry of special addresses, but
belong to nobody: the 6to4 relays that used them were ended by RFC 7526, and they were never assigned again. Addresses
reserved for documentation (RFC 5737) do not work here, because nothing on them can be reached from the internet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from homeroom.sample.consoles.fleet_hosts import FleetHost
from homeroom.sample.consoles.programs import select_programs
from homeroom.sample.devices.chromebooks import DeviceWriter
from homeroom.sample.devices.servers import (
    DEFAULT_CREDENTIALS_ITEM,
    DEFAULT_FILES_ITEM,
    NOT_YET_DUE_CVE,
    OPTION_ITEM,
    RANSOMWARE_CVES,
    SERVERS,
    SITE_SERVER,
    SUPPORT_ENDED_ITEM,
    Server,
)
from homeroom.sample.files.snipeit import SnipeItAsset
from homeroom.sample.plan.identifiers import build_serial
from homeroom.sample.plan.person_names import convert_to_ascii
from homeroom.sample.scans.exposed_hosts import ExposedHost, list_internal_hosts, list_public_hosts, list_unknown_hosts
from homeroom.sample.scans.nessus import NessusHost
from homeroom.sample.scans.nmap import ScannedHost
from homeroom.sample.scans.port_controls import HostContext, evaluate_ports
from homeroom.sample.scans.ports import Port, Ports, build_ports
from homeroom.sample.scans.wazuh import WazuhAgent
from homeroom.sample.truth.ground_truth import RecordRef, build_ref, build_scan_refs

REMOTE_ACCESS: Final = (3389, 445, 23, 5900)
PUBLIC_NETWORK: Final = "192.88.99"
_NEAR: Final = ((3389, "filtered"), (445, "closed"), (23, "filtered"), (5900, "closed"), (443, "open"), (22, "open"))


@dataclass(kw_only=True)
class NetworkWriter:
    """Writer of servers and network devices, and of the scans of them."""

    devices: DeviceWriter

    def write_all(self) -> None:
        """Write all of it."""
        sites = [
            Server(
                name=f"{SITE_SERVER.name}-{turn + 1:02d}",
                system=SITE_SERVER.system,
                until=SITE_SERVER.until,
                items=SITE_SERVER.items,
            )
            for turn in range(len(self.devices.district.schools) // 10)
        ]
        for number, server in enumerate((*SERVERS, *sites), start=1):
            self._write_server(server, number)
        self._write_gear()
        self._write_unknown_hosts()
        self._write_public_hosts()

    def _write_server(self, server: Server, number: int) -> None:
        """Write a server to the asset list, Fleet, the Nessus report and the inside scan: one device."""
        exports = self.devices.exports
        tag, index = self.devices.assign_tag(), self.devices.index
        mac, serial = _build_mac_address("00:50:56", index), build_serial("SRV", index)
        fqdn = f"{server.name.lower()}.{self.devices.district.domain}"
        address = exports.inside_scan.add_host(name=fqdn, ports=server.ports, mac=mac, maker="VMware")
        self._write_asset(tag, serial, server.name, "Server", "PowerEdge R450", "Dell")
        exports.hosts.write(self._build_host(server, index, serial=serial, mac=mac, address=address))
        exports.nessus_report.hosts.append(
            NessusHost(address=address, fqdn=fqdn, system=server.scanner_system, mac=mac, items=server.items)
        )
        exports.alerts.write(WazuhAgent(number=number, name=server.name, address=address))
        exports.coverage.write_antivirus_row(
            serial=serial,
            tag=tag,
            name=server.name,
            location="Servers",
            last=self.devices.pick_recent_day(index),
            index=index,
        )
        records = [build_ref("snipeit", tag), build_ref("fleet", str(index)), *build_scan_refs(mac, "nessus", "nmap")]
        records.append(build_ref("wazuh", f"{number:03d}"))
        exports.truth.add_device(records)
        self._evaluate(server, records)

    def _build_host(self, server: Server, index: int, *, serial: str, mac: str, address: str) -> FleetHost:
        windows = server.platform == "windows"
        platform = "windows" if windows else "linux"
        return FleetHost(
            index=index,
            name=server.name,
            platform=server.platform,
            system=server.system,
            serial=serial,
            vendor="Dell Inc.",
            model="PowerEdge R450",
            seen=self.devices.pick_recent_day(index),
            restarted=self.devices.pick_recent_day(index),
            enrolled=date(self.devices.district.calendar.year - 1, 7, 1),
            encrypted=windows,
            programs=select_programs(platform=platform, special=(), minimum=24, index=index),
            users=(("itadmin", "Administrators" if windows else "sudo"),),
            mac=mac,
            address=address,
        )

    def _evaluate(self, server: Server, records: list[RecordRef]) -> None:
        truth = self.devices.exports.truth
        if server.until < self.devices.district.calendar.today:
            truth.add_failure("unsupported-server" if server.platform == "windows" else "unsupported-linux", records)
        if server.exploited:
            truth.add_failure("scanner-known-exploited", records)
        elif any(item.severity == 4 for item in server.items):
            reason = "Critical by its score, but nobody is known to use it."
            truth.add_look_alike("critical-not-exploited", "scanner-known-exploited", reason, records)
        self._evaluate_report(server, records)
        self._evaluate_ports(server.ports, records)
        if Port(number=3389) in server.ports:
            reason = "Open inside the district's network only."
            truth.add_look_alike("remote-desktop-inside", "internet-facing-remote-access", reason, records)

    def _evaluate_report(self, server: Server, records: list[RecordRef]) -> None:
        truth = self.devices.exports.truth
        if server.has_any(*RANSOMWARE_CVES):
            truth.add_failure("flaw-used-by-ransomware", records)
            truth.add_failure("known-exploited-overdue", records)
        elif server.has_any(NOT_YET_DUE_CVE):
            reason = "Its day in the catalog has not come, and no ransomware is known to use it."
            truth.add_look_alike("not-yet-due", "known-exploited-overdue", reason, records)
            truth.add_look_alike("used-otherwise", "flaw-used-by-ransomware", reason, records)
        for item, control in (
            (SUPPORT_ENDED_ITEM, "unsupported-by-scan"),
            (DEFAULT_CREDENTIALS_ITEM, "default-password-found"),
        ):
            if server.has_item(item):
                truth.add_failure(control, records)
        for item, control in ((OPTION_ITEM, "unsupported-by-scan"), (DEFAULT_FILES_ITEM, "default-password-found")):
            if server.has_item(item):
                truth.add_look_alike(
                    f"like-{control}", control, "Its title has one of the words, and means another thing.", records
                )

    def _write_gear(self) -> None:
        """Write switches and printers of each school; some switches are still managed by telnet."""
        for school in self.devices.district.schools:
            slug = convert_to_ascii(school.name)[:18]
            for number in (1, 2):
                telnet = (school.index % 7 == 0 and number == 1) or (school.index == 1 and number == 2)
                open_ports = build_ports((22, "open"), (23, "open" if telnet else "closed"), (443, "open"))
                records = self._write_gear_item(f"SW-{slug}-{number}".upper(), "Network Switch", open_ports, "Aruba")
                self._evaluate_telnet(records, telnet=telnet)
            self._write_gear_item(
                f"PRN-{slug}".upper(), "Printer", build_ports((80, "open"), (9100, "open")), "Brother"
            )
        for number, exposed_host in enumerate(list_internal_hosts()):
            category = "Network Switch" if exposed_host.name.startswith("SW-") else "Network Server"
            self._record_look_alike(
                exposed_host,
                self._write_gear_item(
                    exposed_host.name, category, exposed_host.ports, ("HPE", "Synology", "Dell")[number % 3]
                ),
            )

    def _evaluate_telnet(self, records: list[RecordRef], *, telnet: bool) -> None:
        truth = self.devices.exports.truth
        if not telnet:
            reason = "Managed by ssh; the telnet port answers that it is closed."
            truth.add_look_alike("managed-by-ssh", "cleartext-management", reason, records)

    def _write_gear_item(self, name: str, category: str, ports: Ports, maker: str) -> list[RecordRef]:
        """Write a network device to the asset list, under the name by which it answers the scan."""
        tag, index = self.devices.assign_tag(), self.devices.index
        self._write_asset(tag, build_serial("NET", index), name, category, f"{category} {index % 9 + 1}00", maker)
        fqdn = f"{name.lower()}.{self.devices.district.domain}"
        mac = _build_mac_address("94:60:d5", index)
        self.devices.exports.inside_scan.add_host(name=fqdn, ports=ports, mac=mac, maker=maker)
        records = [build_ref("snipeit", tag), *build_scan_refs(mac, "nmap")]
        self.devices.exports.truth.add_device(records)
        self._evaluate_ports(ports, records)
        return records

    def _evaluate_ports(
        self, ports: Ports, records: list[RecordRef], *, is_public: bool = False, is_listed: bool = True
    ) -> None:
        context = HostContext(today=self.devices.district.calendar.today, is_public=is_public, is_listed=is_listed)
        evaluate_ports(self.devices.exports.truth, ports, context=context, records=records)

    def _record_look_alike(self, exposed_host: ExposedHost, records: list[RecordRef]) -> None:
        if exposed_host.resembles:
            self.devices.exports.truth.add_look_alike(
                f"like-{exposed_host.resembles}", exposed_host.resembles, exposed_host.reason, records
            )

    def _write_unknown_hosts(self) -> None:
        """Write hosts on the network that are in no list."""
        makers = ("Raspberry Pi Foundation", "TP-Link Systems", "")
        for number in range(3 + len(self.devices.district.schools) // 8):
            open_ports = build_ports((22, "open" if number % 3 == 0 else "closed"), (80, "open"))
            self._write_unknown_host(open_ports, 900_000 + number, makers[number % 3])
        for number, exposed_host in enumerate(list_unknown_hosts()):
            self._record_look_alike(
                exposed_host, self._write_unknown_host(exposed_host.ports, 910_000 + number, "TP-Link Systems")
            )

    def _write_unknown_host(self, open_ports: Ports, number: int, maker: str) -> list[RecordRef]:
        mac = _build_mac_address("b8:27:eb", number)
        self.devices.exports.inside_scan.add_host(name="", ports=open_ports, mac=mac, maker=maker)
        records = build_scan_refs(mac, "nmap")
        self.devices.exports.truth.add_device(records)
        self.devices.exports.truth.add_failure("sighted-not-known", records)
        self._evaluate_ports(open_ports, records, is_listed=False)
        return records

    def _write_public_hosts(self) -> None:
        """Write hosts on the district's public addresses; each of the four remote access ports is open somewhere."""
        truth, scan = self.devices.exports.truth, self.devices.exports.outside_scan
        scan.hosts.append(
            ScannedHost(
                address=f"{PUBLIC_NETWORK}.1", ports=build_ports((23, "filtered"), (443, "open"), (3389, "filtered"))
            )
        )
        for number in range(4 + min(40, len(self.devices.district.schools) // 6)):
            port, address = REMOTE_ACCESS[number % 4], f"{PUBLIC_NETWORK}.{20 + number}"
            scan.hosts.append(ScannedHost(address=address, ports=build_ports((443, "closed"), (port, "open"))))
        for number, (port, state) in enumerate(_NEAR):
            address = f"{PUBLIC_NETWORK}.{80 + number}"
            scan.hosts.append(ScannedHost(address=address, ports=build_ports((80, "open"), (port, state))))
            reason = f"Port {port} is {state}."
            truth.add_look_alike("nothing-open", "internet-facing-remote-access", reason, [build_ref("nmap", address)])
        for number, exposed_host in enumerate(list_public_hosts(self.devices.district.calendar.today)):
            address = f"{PUBLIC_NETWORK}.{100 + number}"
            scan.hosts.append(ScannedHost(address=address, ports=exposed_host.ports))
            self._record_look_alike(exposed_host, [build_ref("nmap", address)])
        for host in scan.hosts:  # of none of them does a list say what answers there
            truth.add_device([build_ref("nmap", host.address)])
            truth.add_failure("sighted-not-known", [build_ref("nmap", host.address)])
            self._evaluate_ports(host.ports, [build_ref("nmap", host.address)], is_public=True, is_listed=False)

    def _write_asset(self, tag: str, serial: str, name: str, category: str, model: str, maker: str) -> None:
        location = "District Office Server Room" if category == "Server" else "Network Closet"
        bought = date(self.devices.district.calendar.year - 2, 7, 1)
        self.devices.write_asset(
            SnipeItAsset(
                tag=tag,
                serial=serial,
                name=name,
                category=category,
                model=model,
                manufacturer=maker,
                location=location,
                bought=bought,
            )
        )


def _build_mac_address(maker: str, index: int) -> str:
    return f"{maker}:{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"
