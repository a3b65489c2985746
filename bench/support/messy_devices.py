"""A messy labelled district of devices: four lists that disagree, and which of their rows are one machine.

Written for `bench.linkage` alone: it shares no code and no constant with the resolver. Every figure here is an assumption about
how districts keep lists, not a measurement of one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

Row = dict[str, str]
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
    """One real machine, and what it is truly called."""

    number: int
    maker: str
    model: str
    typed_model: str
    platform: str
    serial: str
    tag: str
    name: str
    mac: str
    holder: str
    school: str
    rows: list[tuple[str, str]] = field(default_factory=list)


def messy_devices(*, machines: int, seed: int) -> tuple[dict[str, list[Row]], Truth]:
    """Rows of `console` (manages), `assets` (typed by hand), `directory` (names only) and `wireless` (addresses only), and the
    truth: for each machine its (list, key)."""
    chance = random.Random(seed)
    district = [_machine(chance, number) for number in range(machines)]
    lists: dict[str, list[Row]] = {"console": [], "assets": [], "directory": [], "wireless": []}
    docks = [_mac(chance) for _ in range(max(3, machines // 300))]
    same_board = "MB" + "".join(chance.choices("0123456789", k=9))
    for machine in district:
        _in_console(chance, machine, lists["console"], docks, same_board if machine.number < 40 else "")
        _in_assets(chance, machine, lists["assets"])
        _in_directory(chance, machine, lists["directory"])
        _in_wireless(chance, machine, lists["wireless"])
    for rows in lists.values():
        chance.shuffle(rows)
    return lists, [machine.rows for machine in district if machine.rows]


def _machine(chance: random.Random, number: int) -> Machine:
    maker, model, typed, platform = chance.choice(_MODELS)
    batch = "5CD" + "".join(chance.choices("0123456789", k=2)) if maker == "HP" else ""
    body = "".join(chance.choices(_LETTERS + "0123456789" * 2, k=7 if maker == "Dell" else 8))
    # A third stands in one box of consecutive serial numbers, as they are delivered.
    serial = f"5CD9{number:06d}" if number % 3 == 0 else batch + body
    school = chance.choice(_SCHOOLS)
    return Machine(
        number=number,
        maker=maker,
        model=model,
        typed_model=typed,
        platform=platform,
        serial=serial,
        tag=f"{10_000 + number}",
        name=f"{school[:3].upper()}-{platform[:2].upper()}-{number:05d}",
        mac=_mac(chance),
        holder=f"user{chance.randrange(100_000)}@district.example",
        school=school,
    )


def _mac(chance: random.Random) -> str:
    return "3c" + "".join(chance.choices("0123456789abcdef", k=10))


def _in_console(chance: random.Random, one: Machine, rows: list[Row], docks: list[str], shared: str) -> None:
    if chance.random() < 0.06:
        return
    for again in range(2 if chance.random() < 0.03 else 1):  # re-imaged: enrolled a second time under another id
        swapped = chance.random() < 0.01 and not shared and not again
        serial = shared or ("R" + "".join(chance.choices(_LETTERS, k=8)) if swapped else one.serial)
        macs = [one.mac] if chance.random() < 0.8 else []
        if chance.random() < 0.08:
            macs.append(chance.choice(docks))
        if chance.random() < 0.1:
            macs.append(
                chance.choice("abcdef0123456789")
                + chance.choice("26ae")
                + "".join(chance.choices("0123456789abcdef", k=10))
            )
        key = f"c{one.number}-{again}"
        rows.append(
            {
                "key": key,
                "serial": serial,
                "tag": one.tag if chance.random() < 0.5 or shared or swapped else "",
                "macs": ";".join(macs),
                "name": one.name,
                "model": one.model,
                "maker": one.maker,
                "platform": one.platform,
                "holder": one.holder if chance.random() < 0.7 or shared else "",
            }
        )
        one.rows.append(("console", key))


def _in_assets(chance: random.Random, one: Machine, rows: list[Row]) -> None:
    if chance.random() < 0.05:
        return
    key = f"a{one.number}"
    roll = chance.random()
    serial = one.serial
    certain = (
        True  # a serial that is wrong or missing stands beside other evidence, as in lists that somebody still uses
    )
    if roll < 0.07:
        serial = _mistyped(chance, serial)
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
            "tag": one.tag if certain or chance.random() < 0.95 else "",
            "macs": one.mac if chance.random() < 0.3 else "",
            "name": one.name if certain or chance.random() < 0.4 else "",
            "model": one.typed_model,
            "maker": one.maker,
            "platform": one.platform,
            "holder": one.holder if certain or chance.random() < 0.8 else "",
            "school": one.school,
        }
    )
    one.rows.append(("assets", key))


def _in_directory(chance: random.Random, one: Machine, rows: list[Row]) -> None:
    if one.platform != "windows" or chance.random() < 0.1:
        return
    key = f"d{one.number}"
    rows.append({"key": key, "name": one.name, "platform": one.platform})
    one.rows.append(("directory", key))


def _in_wireless(chance: random.Random, one: Machine, rows: list[Row]) -> None:
    if not any(source == "console" for source, _ in one.rows) or chance.random() < 0.7:
        return
    key = f"w{one.number}"
    rows.append({"key": key, "tag": one.tag if chance.random() < 0.5 else "", "macs": one.mac, "name": one.name})
    one.rows.append(("wireless", key))


def _mistyped(chance: random.Random, text: str) -> str:
    at = chance.randrange(1, len(text) - 1)
    kinds: tuple[Callable[[], str], ...] = (
        lambda: "".join(_ALIKE.get(letter, letter) for letter in text),
        lambda: text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        lambda: text[:at] + text[at + 1 :],
        lambda: text[:at] + text[at] + text[at:],
    )
    return chance.choice(kinds)()
