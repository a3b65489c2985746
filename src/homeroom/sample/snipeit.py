"""The asset list: a Snipe-IT CSV export, escaped as Snipe-IT escapes and typed as people type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Final

from homeroom.sample.funding import funding_of
from homeroom.sample.writers import CsvFile

_HEADER: Final = (
    "Asset Tag,Asset Name,Serial,Model,Model No.,Category,Manufacturer,Status,Checked Out To,Email,Employee No.,"
    "Location,Default Location,Purchase Date,Purchase Cost,Order Number,Warranty,Notes,Funding Source"
)
_COSTS: Final = {"Chromebook": 329, "Laptop": 899, "Desktop": 749, "Tablet": 459, "Projector": 640}


@dataclass(slots=True, kw_only=True)
class Asset:
    """One row of the asset list."""

    tag: str
    serial: str
    model: str
    category: str
    manufacturer: str
    status: str = "Deployed"
    holder: str = ""
    email: str = ""
    number: str = ""
    location: str
    bought: date
    note: str = ""
    name: str = ""


def assets_file(folder: Path) -> CsvFile:
    """The file of assets."""
    return CsvFile(folder / "assets.csv", _HEADER, ends="\n", quoted=True)


def asset_row(asset: Asset) -> list[object]:
    """One asset as Snipe-IT exports it: text escaped once, serials as somebody typed them."""
    return [
        asset.tag,
        _escaped(asset.name),
        _typed(asset.serial, int(asset.tag[1:])),
        _escaped(asset.model),
        "",
        asset.category,
        asset.manufacturer,
        asset.status,
        _escaped(asset.holder),
        asset.email,
        asset.number,
        _escaped(asset.location),
        _escaped(asset.location),
        asset.bought.isoformat(),
        f"{_COSTS.get(asset.category, 150)}.00",
        f"PO-{asset.bought.year}-{asset.bought.month:02d}",
        "60 months",
        _escaped(asset.note),
        funding_of(category=asset.category, model=asset.model, bought=asset.bought, number=int(asset.tag[1:])),
    ]


def _escaped(text: str) -> str:
    # PHP's htmlspecialchars writes the apostrophe as &#039;, Python's escape as &#x27;.
    return escape(text).replace("&#x27;", "&#039;") if text else ""


def _typed(serial: str, salt: int) -> str:
    """The serial in one of the ways it is typed: all of them equal once upper case, without blanks and hyphens."""
    if not serial or " " in serial:
        return serial
    if salt % 19 == 0:
        return serial.lower()
    if salt % 23 == 0:
        return f"{serial[:4]} {serial[4:]}"
    if salt % 29 == 0:
        return f"{serial[:3]}-{serial[3:]}"
    return f"{serial} " if salt % 31 == 0 else serial
