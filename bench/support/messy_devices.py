"""A messy labeled district of devices: four lists that disagree, and which of their rows are one machine.

Written for `bench.linkage` alone: it shares no code and no constant with the resolver. Every figure here is an
assumption about how districts maintain lists, not a measurement of one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

DeviceListRow = dict[str, str]
Truth = list[list[tuple[str, str]]]

_MODELS = (
    ("HP", "HP Fortis 11 G9", "Fortis 11 inch G9 Chromebook", "chromeos"),
    ("Lenovo", "Lenovo 300e Gen 3", "300e Gen3", "chromeos"),
    ("Dell", "Latitude 3420", "Dell Latitude 3420", "windows"),
    ("Dell", "OptiPlex 7090", "OptiPlex 7090", "windows"),
    ("Apple", "MacBookAir10,1", "MacBook Air M1", "macos"),
    ("Acer", "Chromebook 311", "Acer CB311", "chromeos"),
)
_SCHOOLS = ("Alder Elementary", "Birch Middle", "Cedar High", "Dogwood Elementary", "Elm Academy")
_PLACEHOLDERS = ("To be filled by O.E.M.", "Default string", "System Serial Number", "N/A", "0000000000", "none")
_ALIKE = {"O": "0", "0": "O", "I": "1", "1": "I", "B": "8", "8": "B", "S": "5", "5": "S"}
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(kw_only=True)
class Machine:
    """One real machine with its true properties."""

    number: int
    maker: str
    model: str
    hand_typed_model: str
    platform: str
    serial: str
    tag: str
    name: str
    mac: str
    holder: str
    school: str
    rows: list[tuple[str, str]] = field(default_factory=list)


def generate_messy_devices(*, machines: int, seed: int) -> tuple[dict[str, list[DeviceListRow]], Truth]:
    """Return the rows of each list, and the truth: for each machine its (list, key).

    The lists are `console` (manages), `assets` (typed by hand), `directory` (names only) and `wireless` (addresses
    only).
    """
    chance = random.Random(seed)
    district = [_generate_machine(chance, number) for number in range(machines)]
    lists: dict[str, list[DeviceListRow]] = {"console": [], "assets": [], "directory": [], "wireless": []}
    docks = [_generate_mac(chance) for _ in range(max(3, machines // 300))]
    same_board = "MB" + "".join(chance.choices("0123456789", k=9))
    for machine in district:
        _add_to_console(chance, machine, lists["console"], docks, same_board if machine.number < 40 else "")
        _add_to_assets(chance, machine, lists["assets"])
        _add_to_directory(chance, machine, lists["directory"])
        _add_to_wireless(chance, machine, lists["wireless"])
    for rows in lists.values():
        chance.shuffle(rows)
    return lists, [machine.rows for machine in district if machine.rows]


def _generate_machine(chance: random.Random, number: int) -> Machine:
    maker, model, hand_typed, platform = chance.choice(_MODELS)
    batch = "5CD" + "".join(chance.choices("0123456789", k=2)) if maker == "HP" else ""
    body = "".join(chance.choices(_LETTERS + "0123456789" * 2, k=7 if maker == "Dell" else 8))
    # Every third machine comes from one box of consecutive serial numbers, as they are delivered.
    serial = f"5CD9{number:06d}" if number % 3 == 0 else batch + body
    school = chance.choice(_SCHOOLS)
    return Machine(
        number=number,
        maker=maker,
        model=model,
        hand_typed_model=hand_typed,
        platform=platform,
        serial=serial,
        tag=f"{10_000 + number}",
        name=f"{school[:3].upper()}-{platform[:2].upper()}-{number:05d}",
        mac=_generate_mac(chance),
        holder=f"user{chance.randrange(100_000)}@district.example",
        school=school,
    )


def _generate_mac(chance: random.Random) -> str:
    return "3c" + "".join(chance.choices("0123456789abcdef", k=10))


def _add_to_console(
    chance: random.Random, machine: Machine, rows: list[DeviceListRow], docks: list[str], shared_serial: str
) -> None:
    if chance.random() < 0.06:
        return
    for copy in range(2 if chance.random() < 0.03 else 1):  # re-imaged: enrolled a second time under another id
        swapped = chance.random() < 0.01 and not shared_serial and not copy
        serial = shared_serial or ("R" + "".join(chance.choices(_LETTERS, k=8)) if swapped else machine.serial)
        macs = [machine.mac] if chance.random() < 0.8 else []
        if chance.random() < 0.08:
            macs.append(chance.choice(docks))
        if chance.random() < 0.1:
            macs.append(
                chance.choice("abcdef0123456789")
                + chance.choice("26ae")
                + "".join(chance.choices("0123456789abcdef", k=10))
            )
        key = f"c{machine.number}-{copy}"
        rows.append(
            {
                "key": key,
                "serial": serial,
                "tag": machine.tag if chance.random() < 0.5 or shared_serial or swapped else "",
                "macs": ";".join(macs),
                "name": machine.name,
                "model": machine.model,
                "maker": machine.maker,
                "platform": machine.platform,
                "holder": machine.holder if chance.random() < 0.7 or shared_serial else "",
            }
        )
        machine.rows.append(("console", key))


def _add_to_assets(chance: random.Random, machine: Machine, rows: list[DeviceListRow]) -> None:
    if chance.random() < 0.05:
        return
    key = f"a{machine.number}"
    roll = chance.random()
    serial = machine.serial
    certain = (
        True  # a serial that is wrong or missing stands beside other evidence, as in lists that somebody still uses
    )
    if roll < 0.07:
        serial = _add_typo(chance, serial)
    elif roll < 0.09:
        serial = ""
    elif roll < 0.10:
        serial = chance.choice(_PLACEHOLDERS)
    else:
        certain = False
    if chance.random() < 0.2:
        serial = chance.choice((str.lower, str.title, lambda text: f" {text[:4]} {text[4:]}"))(serial)
    rows.append(
        {
            "key": key,
            "serial": serial,
            "tag": machine.tag if certain or chance.random() < 0.95 else "",
            "macs": machine.mac if chance.random() < 0.3 else "",
            "name": machine.name if certain or chance.random() < 0.4 else "",
            "model": machine.hand_typed_model,
            "maker": machine.maker,
            "platform": machine.platform,
            "holder": machine.holder if certain or chance.random() < 0.8 else "",
            "school": machine.school,
        }
    )
    machine.rows.append(("assets", key))


def _add_to_directory(chance: random.Random, machine: Machine, rows: list[DeviceListRow]) -> None:
    if machine.platform != "windows" or chance.random() < 0.1:
        return
    key = f"d{machine.number}"
    rows.append({"key": key, "name": machine.name, "platform": machine.platform})
    machine.rows.append(("directory", key))


def _add_to_wireless(chance: random.Random, machine: Machine, rows: list[DeviceListRow]) -> None:
    if not any(source == "console" for source, _ in machine.rows) or chance.random() < 0.7:
        return
    key = f"w{machine.number}"
    rows.append(
        {"key": key, "tag": machine.tag if chance.random() < 0.5 else "", "macs": machine.mac, "name": machine.name}
    )
    machine.rows.append(("wireless", key))


def _add_typo(chance: random.Random, text: str) -> str:
    position = chance.randrange(1, len(text) - 1)
    kinds: tuple[Callable[[], str], ...] = (
        lambda: "".join(_ALIKE.get(letter, letter) for letter in text),
        lambda: text[:position] + text[position + 1] + text[position] + text[position + 2 :],
        lambda: text[:position] + text[position + 1 :],
        lambda: text[:position] + text[position] + text[position:],
    )
    return chance.choice(kinds)()
