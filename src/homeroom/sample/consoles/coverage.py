"""Devices that the content filter and the antivirus cover: a list of each, with the mapping that reads it.

Tools identify a device by different values: most rows by serial number, some by asset tag or by host name alone.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from homeroom.sample.consoles.google import format_timestamp
from homeroom.sample.files.writers import CsvFile

_FILTER: Final = "Agent ID,Serial Number,Asset,Device Name,User,School,Protection,Agent Version,Last Check-In"
_ANTIVIRUS: Final = "Endpoint ID,Serial,Asset Tag,Hostname,Group,State,Engine,Last Seen"
_FILTER_MAPPING: Final = """\
# How the content filter's list is read.
homeroom: mapping
name: filter
connector: filter
table: coverage_records
needs: [Agent ID, Protection]
columns:
  purpose: {constant: filter}
  tool: {constant: Content filter}
  key: {from: Agent ID}
  serial: {from: Serial Number}
  asset_tag: {from: Asset}
  name: {from: Device Name}
  email: {from: User, as: lower}
  school_name: {from: School}
  covered: {from: Protection, values: {"On": true, "Off": false}}
  version: {from: Agent Version}
  last_seen: {from: Last Check-In}
"""
_ANTIVIRUS_MAPPING: Final = """\
# How the antivirus console's list is read.
homeroom: mapping
name: antivirus
connector: antivirus
table: coverage_records
needs: [Endpoint ID, Engine]
columns:
  purpose: {constant: antivirus}
  tool: {constant: Antivirus}
  key: {from: Endpoint ID}
  serial: {from: Serial}
  asset_tag: {from: Asset Tag}
  name: {from: Hostname}
  school_name: {from: Group}
  covered: {from: State, values: {Protected: true, "Protection off": false}}
  version: {from: Engine}
  last_seen: {from: Last Seen}
"""


class ListedComputer(NamedTuple):
    """What the antivirus knows of one computer; texts may be empty."""

    serial: str
    tag: str
    name: str


class CoverageLists:
    """Both lists and their mappings; `computers` are those that the antivirus lists."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.filter = CsvFile(folder / "filter.csv", _FILTER)
        self.antivirus = CsvFile(folder / "antivirus.csv", _ANTIVIRUS, ends="\n", quoted=True)
        self.computers: list[ListedComputer] = []

    def write_filter_row(
        self, *, serial: str, tag: str, name: str, user: str, location: str, last: date, index: int
    ) -> None:
        """Write one row of the filter's list; some devices with a tag are identified by it alone."""
        by_tag = bool(tag) and index % 37 == 0
        timestamp = format_timestamp(last, index).replace(".000Z", "Z")
        row = ["" if by_tag else serial, tag if by_tag else "", name, user, location, "On", "6.4.1", timestamp]
        self.filter.write_row([f"f-{index:07d}", *row])

    def write_antivirus_row(
        self, *, serial: str, tag: str, name: str, location: str, last: date, index: int, on: bool = True
    ) -> None:
        """Write one row of the antivirus' list.

        It has the serial number; every fifth device has only the asset tag, or only the host name.
        """
        if index % 5 and serial:
            identifiers = (serial, "", name)
        else:
            identifiers = ("", tag, "") if tag and (index % 2 or not name) else ("", "", name)
        self.computers.append(ListedComputer(*identifiers))
        state = "Protected" if on else "Protection off"
        timestamp = format_timestamp(last, index).replace(".000Z", "Z")
        self.antivirus.write_row([f"av-{index:07d}", *identifiers, location, state, "7.26.0", timestamp])

    def close(self) -> list[Path]:
        """Close both lists, write their mappings and return all paths."""
        mappings = {"filter.mapping.yaml": _FILTER_MAPPING, "antivirus.mapping.yaml": _ANTIVIRUS_MAPPING}
        for name, text in mappings.items():
            (self._folder / name).write_text(text, encoding="utf-8", newline="\n")
        return [*self.filter.close(), *self.antivirus.close(), *(self._folder / name for name in mappings)]
