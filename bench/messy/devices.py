"""A messy district of devices in the products' own exports, with the truth and the kind of mess of each machine.

It shares no code and no constant with the resolver or the sample. Every kind of mess is injected at a rate; `intensity`
multiplies all of them. Beside the machines are look-alikes: boxes of consecutive serial numbers, predecessors under one
host name, host names used at two schools, docks, monitors of a holder, and holders of several machines.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.messy.device_exports import DeviceExports, Files

Record = tuple[str, str]
RATES: Mapping[str, float] = {
    "placeholder serial": 0.55,  # of lab machines
    "reimaged": 0.08,
    "duplicate asset": 0.05,
    "mistyped serial": 0.10,
    "serial prefix": 0.06,
    "tag handed on": 0.04,
    "shared tag": 0.04,
    "scanned": 0.60,  # of machines that stay in one place
}
"""How often each kind of mess happens; all of it is assumed."""
_SCHOOLS = (
    ("Fox Hollow Elementary", "FH"),
    ("Granite Middle", "GM"),
    ("Larkspur High", "LH"),
    ("Osprey Academy", "OA"),
)
_NO_SERIAL = ("System Serial Number", "To be filled by O.E.M.", "Default string", "", "0", "Not Specified")
_MISREAD = (("0O1I", "O0I1"), ("01", "OI"), ("OI", "01"))
_PREFIXES = ("S/N: ", "S/N:", "S/N ", "SN: ", "SN", "Serial: ", "Serial Number: ", "ST: ", "Service Tag: ")
_SHARED_UUID = ("03000200-0400-0500-0006-000700080009", "4C4C4544-0000-2010-8020-80C04F202020")
_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_KINDS = {"chromebook": 42, "laptop": 20, "lab": 18, "mac": 5, "ipad": 7, "printer": 6, "switch": 2}
_MODELS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "chromebook": (
        ("Lenovo", "Lenovo 300e Yoga Chromebook Gen 4", "300e Yoga Gen 4"),
        ("HP", "HP Fortis 11 inch G10 Chromebook", "Fortis G10 11"),
        ("Dell", "Dell Chromebook 3110", "Chromebook 3110 2-in-1"),
    ),
    "laptop": (
        ("Dell Inc.", "Latitude 3440", "Dell Latitude 3440"),
        ("LENOVO", "21JK", "ThinkPad E14 Gen 5"),
        ("HP", "HP ProBook 445 14 inch G10 Notebook PC", "ProBook 445 G10"),
    ),
    "lab": (
        ("Dell Inc.", "OptiPlex 7010", "OptiPlex SFF 7010"),
        ("ASUS", "PRIME H610M-A", "Custom lab PC H610"),
        ("Micro-Star International Co., Ltd.", "MS-7D48", "MSI Pro B660 build"),
    ),
    "mac": (("Apple", "MacBook Air (M1, 2020)", "MacBook Air M1"), ("Apple", "iMac (24-inch, M1, 2021)", "iMac 24")),
    "ipad": (("Apple", "iPad (9th generation)", "iPad 9th Gen"), ("Apple", "iPad (10th generation)", "iPad 10")),
    "printer": (("Brother", "", "HL-L6400DW"), ("HP", "", "LaserJet Pro M404dn")),
    "switch": (("Cisco", "", "CBS350-24P"), ("Aruba", "", "2930F 48G")),
}  # fmt: skip


@dataclass(kw_only=True)
class MessyMachine:
    """One real machine: what is true of it, its kinds of mess, and the records that are about it."""

    number: int
    kind: str
    maker: str
    model: str
    typed_model: str
    serial: str
    tag: str
    mac: str
    uuid: str
    host: str
    holder: str
    school: str
    address: str
    mess: set[str] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MessyDistrict:
    """The exports by file name, and the machines with their records."""

    files: Files
    machines: tuple[MessyMachine, ...]


def generate_device_district(*, machines: int, seed: int, intensity: float = 1.0) -> MessyDistrict:
    """Return a district of so many machines.

    Its Snipe-IT list is a CSV export where the seed is odd, and pages of the API where it is even.
    """
    return _DistrictBuilder(random.Random(f"messy devices {seed} {intensity}"), intensity).build(
        machines, as_api=seed % 2 == 0
    )


class _DistrictBuilder:
    def __init__(self, chance: random.Random, intensity: float) -> None:
        self._chance, self._intensity = chance, intensity
        self._exports = DeviceExports(chance)
        self._docks: list[str] = []
        self._shared_tag: tuple[str, int] = ("", 0)

    def build(self, count: int, *, as_api: bool) -> MessyDistrict:
        self._docks = [self._draw_mac() for _ in range(max(2, count // 200))]
        machines = [self._generate_machine(number) for number in range(count)]
        self._give_same_host_names(machines)
        for machine, predecessor in zip(machines, [None, *machines], strict=False):
            self._inject_mess(machine, predecessor)
            self._write_consoles(machine)
            self._write_assets(machine)
            self._write_scans(machine)
        others = list(self._list_other_assets(machines))
        return MessyDistrict(files=self._exports.build_files(as_api=as_api), machines=(*machines, *others))

    def _draw_mess(self, mess: str) -> bool:
        return self._chance.random() < min(RATES[mess] * self._intensity, 0.9)

    def _draw(self, count: int, alphabet: str = _CHARACTERS) -> str:
        return "".join(self._chance.choices(alphabet, k=count))

    def _draw_mac(self) -> str:
        return self._chance.choice(("f4a80d", "8c04ba", "1c697a", "a8a159")) + self._draw(6, "0123456789abcdef")

    def _draw_uuid(self) -> str:
        text = self._draw(32, "0123456789ABCDEF")
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def _generate_machine(self, number: int) -> MessyMachine:
        kind = self._chance.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]
        maker, model, typed_model = self._chance.choice(_MODELS[kind])
        school, short = self._chance.choice(_SCHOOLS)
        return MessyMachine(
            number=number,
            kind=kind,
            maker=maker,
            model=model,
            typed_model=typed_model,
            serial=self._draw_serial(maker, number),
            tag=f"{30_000 + number}",
            mac=self._draw_mac(),
            uuid=self._draw_uuid(),
            host=self._draw_host(kind, short, number),
            holder=f"{self._draw(5, 'aeilmnorst')}.{self._draw(7, 'adeginorstu')}@larkspur.example",
            school=school,
            address=f"10.{20 + number // 60_000}.{number // 240 % 250}.{number % 240 + 5}",
        )

    def _draw_serial(self, maker: str, number: int) -> str:
        word = maker.split()[0].upper()
        if number % 4 == 0:  # from one box
            return f"{word[:2]}7O{number:0{4 if word == 'LENOVO' else 7}d}"
        bodies = {"DELL": ("", 7), "HP": ("5CG0", 6), "LENOVO": ("PF", 6), "APPLE": ("C0", 8)}
        start, length = bodies.get(word, ("M1", 9))
        return start + self._draw(length, "O0I1" + _CHARACTERS)

    def _draw_host(self, kind: str, short: str, number: int) -> str:
        if kind == "lab":
            return f"{short}-R{100 + number % 40}-{number // 40 + 1:02d}"
        if kind == "laptop":
            return self._chance.choice(
                (f"{short}-LT-{number:05d}", f"DESKTOP-{self._draw(7)}", f"LAPTOP-{self._draw(8)}")
            )
        names = {"mac": f"{short}-MAC-{number:04d}", "ipad": self._chance.choice(("iPad", f"{short} iPad {number}"))}
        words = {"printer": f"{short.lower()}-prn-{number:04d}", "switch": f"{short.lower()}-sw-{number:04d}"}
        return {**names, **words}.get(kind, "")

    def _give_same_host_names(self, machines: list[MessyMachine]) -> None:
        """Give some pairs of lab machines one host name: two schools without a common domain."""
        labs = [machine for machine in machines if machine.kind == "lab"]
        for first, second in zip(labs[::120], labs[60::120], strict=False):
            second.host = first.host

    def _inject_mess(self, machine: MessyMachine, predecessor: MessyMachine | None) -> None:
        mess = machine.mess
        if machine.kind == "lab" and machine.maker != "Dell Inc." and self._draw_mess("placeholder serial"):
            mess.add("placeholder serial")
        if machine.kind in ("laptop", "lab") and self._draw_mess("reimaged"):
            mess.add("reimaged")
        mess |= {name for name in ("duplicate asset", "shared tag", "tag handed on") if self._draw_mess(name)}
        if "tag handed on" in mess and predecessor is not None:
            machine.tag = predecessor.tag
        if (
            "placeholder serial" not in mess
            and set("0O1I") & set(machine.serial)
            and self._draw_mess("mistyped serial")
        ):
            mess.add("mistyped serial")
        elif "placeholder serial" not in mess and self._draw_mess("serial prefix"):
            mess.add("serial prefix")
        if machine.kind in ("lab", "printer", "switch") and self._draw_mess("scanned"):
            mess.add("scanned")

    def _write_consoles(self, machine: MessyMachine) -> None:
        chance, exports = self._chance, self._exports
        serial, uuid = machine.serial, machine.uuid
        if "placeholder serial" in machine.mess:
            serial = chance.choice(_NO_SERIAL)
            uuid = chance.choice((*_SHARED_UUID, machine.uuid))
        if machine.kind == "chromebook" and chance.random() < 0.96:
            exports.add_chromebook(machine, tag=machine.tag if chance.random() < 0.4 else "")
        elif machine.kind == "mac":
            exports.add_computer(machine)
        elif machine.kind == "ipad":
            exports.add_mobile(machine)
        elif machine.kind in ("laptop", "lab"):
            self._write_windows(machine, serial=serial, uuid=uuid)

    def _write_windows(self, machine: MessyMachine, *, serial: str, uuid: str) -> None:
        chance, exports = self._chance, self._exports
        in_intune = machine.kind == "laptop" or chance.random() < 0.5
        in_fleet = not in_intune or chance.random() < 0.6
        dock = chance.choice(self._docks) if machine.kind == "laptop" and chance.random() < 0.15 else ""
        if in_intune:
            exports.add_intune(machine, serial=serial, host=machine.host, dock=dock, age=0)
        if in_fleet:
            exports.add_fleet(machine, serial=serial, uuid=uuid, host=machine.host, age=0)
        if in_intune and chance.random() < 0.6:
            exports.add_defender(machine)
        if machine.kind == "lab" and chance.random() < 0.4:
            exports.add_wazuh(machine, host=machine.host)
        for age in range(1, 1 + (chance.choice((1, 1, 1, 2)) if "reimaged" in machine.mess else 0)):
            old_host = chance.choice((machine.host, f"DESKTOP-{self._draw(7)}", f"WIN-{self._draw(8)}"))
            new_uuid = self._draw_uuid() if chance.random() < 0.3 else uuid
            if in_intune and (not in_fleet or chance.random() < 0.7):
                exports.add_intune(machine, serial=serial, host=old_host, dock="", age=age)
            if in_fleet:
                exports.add_fleet(machine, serial=serial, uuid=new_uuid, host=old_host, age=age)

    def _write_assets(self, machine: MessyMachine) -> None:
        chance, exports = self._chance, self._exports
        if chance.random() < 0.04 and not machine.mess:
            return
        tag = self._draw_tag(machine)
        serial = self._type_serial(machine)
        is_fixed = machine.kind in ("lab", "printer", "switch")
        has_mac = is_fixed and chance.random() < 0.95
        has_host = (is_fixed and (not has_mac or chance.random() < 0.9)) or (machine.host and chance.random() < 0.4)
        exports.add_asset(
            machine,
            tag=tag,
            serial=serial,
            host=machine.host if has_host else "",
            mac=machine.mac if has_mac else "",
            holder="" if is_fixed or chance.random() < 0.3 else machine.holder,
        )
        if "duplicate asset" in machine.mess:
            is_retagged = chance.random() < 0.6
            exports.add_asset(
                machine,
                tag=f"{int(machine.tag) + 50_000}" if is_retagged else tag,
                serial=chance.choice((serial, serial.lower(), f" {serial}")) or machine.serial,
                host=machine.host if has_host else "",
                mac=machine.mac if has_mac else "",
                holder=chance.choice(("", machine.holder, f"new.{machine.holder}")),
                status=chance.choice(("Deployed", "Archived", "Ready to Deploy")),
            )

    def _draw_tag(self, machine: MessyMachine) -> str:
        if "shared tag" in machine.mess:
            name, left = self._shared_tag
            if not left:
                name, left = f"CART-{machine.number:04d}", self._chance.randrange(3, 7)
            self._shared_tag = (name, left - 1)
            return name
        return machine.tag

    def _type_serial(self, machine: MessyMachine) -> str:
        """Return the serial as the asset list has it."""
        chance, text = self._chance, machine.serial
        if "placeholder serial" in machine.mess:
            return chance.choice(("", "", "System Serial Number", text))
        if "mistyped serial" in machine.mess:
            typed = (text.translate(str.maketrans(signs, letters)) for signs, letters in _MISREAD)
            return chance.choice([spelling for spelling in typed if spelling != text])
        if "serial prefix" in machine.mess:
            scanned = {"APPLE": "S", "LENOVO": f"1S{machine.model[:4]:X<4}S00{self._draw(3)}"}.get(
                machine.maker.upper()
            )
            return chance.choice((*_PREFIXES, *((scanned,) * 3 if scanned else ()))) + text
        return chance.choice((text, text, text, text.lower(), f"{text} "))

    def _write_scans(self, machine: MessyMachine) -> None:
        if "scanned" not in machine.mess:
            return
        chance = self._chance
        for add in (self._exports.add_nmap, self._exports.add_nessus):
            if chance.random() < 0.85:
                sees_mac = chance.random() < 0.7
                add(machine, mac=machine.mac if sees_mac else "", name=not sees_mac or chance.random() < 0.6)

    def _list_other_assets(self, machines: list[MessyMachine]) -> Iterator[MessyMachine]:
        """Add what looks like a machine and is another: retired predecessors, monitors, a holder's second laptop."""
        for machine in machines:
            roll = self._chance.random()
            if machine.kind == "lab" and roll < 0.1:
                other = self._generate_machine(len(machines) * 2 + machine.number)
                other.kind, other.typed_model, other.maker = "lab", "OptiPlex 3010", "Dell"
                self._exports.add_asset(
                    other, tag=other.tag, serial=other.serial, host=machine.host, mac=other.mac, holder="",
                    status="Archived",
                )  # fmt: skip
            elif machine.kind == "laptop" and roll < 0.12:
                other = self._generate_machine(len(machines) * 2 + machine.number)
                other.kind, other.school = "laptop", machine.school
                is_monitor = roll < 0.06
                other.typed_model = "Dell P2422H" if is_monitor else machine.typed_model
                self._exports.add_asset(
                    other, tag=other.tag, serial="" if is_monitor else other.serial, host="", mac="",
                    holder=machine.holder, status="Deployed", category="Monitor" if is_monitor else "Laptop",
                )  # fmt: skip
            else:
                continue
            yield other
