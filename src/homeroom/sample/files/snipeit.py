"""The asset list: a Snipe-IT CSV export, escaped as Snipe-IT escapes, with serials as people type them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Final

from homeroom.sample.files.funding import choose_funding_source
from homeroom.sample.files.writers import CsvFile

_HEADER: Final = (
    "Asset Tag,Asset Name,Serial,Model,Model No.,Category,Manufacturer,Status,Checked Out To,Email,Employee No.,"
    "Location,Default Location,Purchase Date,Purchase Cost,Order Number,Warranty,Notes,Funding Source"
)
_COSTS: Final = {"Chromebook": 329, "Laptop": 899, "Desktop": 749, "Tablet": 459, "Projector": 640}


@dataclass(slots=True, kw_only=True)
class SnipeItAsset:
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


def open_asset_list(folder: Path) -> CsvFile:
    """Open the file of assets."""
    return CsvFile(folder / "assets.csv", _HEADER, ends="\n", quoted=True)


def build_asset_row(asset: SnipeItAsset) -> list[object]:
    """Build the row of one asset as Snipe-IT exports it: text escaped once, serials as somebody typed them."""
    return [
        asset.tag,
        _escape(asset.name),
        _vary_serial(asset.serial, int(asset.tag[1:])),
        _escape(asset.model),
        "",
        asset.category,
        asset.manufacturer,
        asset.status,
        _escape(asset.holder),
        asset.email,
        asset.number,
        _escape(asset.location),
        _escape(asset.location),
        asset.bought.isoformat(),
        f"{_COSTS.get(asset.category, 150)}.00",
        f"PO-{asset.bought.year}-{asset.bought.month:02d}",
        "60 months",
        _escape(asset.note),
        choose_funding_source(
            category=asset.category, model=asset.model, bought=asset.bought, number=int(asset.tag[1:])
        ),
    ]


def _escape(text: str) -> str:
    # PHP's htmlspecialchars writes the apostrophe as &#039;, Python's escape as &#x27;.
    return escape(text).replace("&#x27;", "&#039;") if text else ""


def _vary_serial(serial: str, salt: int) -> str:
    """Return the serial in one of the ways people type it.

    All of them are equal once upper case, without blanks and hyphens.
    """
    if not serial or " " in serial:
        return serial
    if salt % 19 == 0:
        return serial.lower()
    if salt % 23 == 0:
        return f"{serial[:4]} {serial[4:]}"
    if salt % 29 == 0:
        return f"{serial[:3]}-{serial[3:]}"
    return f"{serial} " if salt % 31 == 0 else serial
