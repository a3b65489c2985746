"""The lists that name the planted tools: contracts, use, coverage, backups, extensions, and the stated needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from homeroom.sample.consoles.coverage import ListedComputer
from homeroom.sample.files.writers import CsvFile
from homeroom.sample.lists.list_writer import ListWriter, format_yes_no
from homeroom.sample.plan.school_calendar import SampleCalendar
from homeroom.sample.tools.catalog import (
    FIRST,
    LISTED_CONTRACT_USES,
    NEEDS,
    TOOLS,
    USUAL_START,
    PlantedContract,
    PlantedTool,
)

CONTRACTS: Final = "toolcontracts"
BACKUPS: Final = "toolbackups"
_CONTRACT_HEADER: Final = "No.,Product,Reseller,Licenses,Yearly Price,Begins,Ends,Renews,Notice Day,Schools,Contact"
_CONTRACT_MAPPING: Final = """\
# How the curriculum office's list of products is read.
homeroom: mapping
name: products
connector: toolcontracts
table: contract_records
needs: [Yearly Price, Notice Day, Schools]
columns:
  key: {from: No.}
  product: {from: Product}
  vendor: {from: Reseller}
  seats: {from: Licenses}
  cost_minor: {from: Yearly Price, as: money}
  currency: {constant: USD}
  starts_on: {from: Begins}
  ends_on: {from: Ends}
  renews: {from: Renews}
  notice_on: {from: Notice Day}
  schools: {from: Schools}
  owner: {from: Contact}
"""
_USE_HEADER: Final = "Application,School,Period Start,Period End,People"
_USE_MAPPING: Final = """\
# How a report of use by school is read.
homeroom: mapping
name: {name}
connector: {connector}
table: app_use_records
needs: [Application, School, People]
columns:
  app: {{from: Application}}
  school_name: {{from: School}}
  since: {{from: Period Start}}
  until: {{from: Period End}}
  users: {{from: People}}
"""
_COVERAGE_HEADER: Final = "Agent No.,Serial,Asset,Computer,Last Contact"
_COVERAGE_MAPPING: Final = """\
# How the console of {tool} lists its agents.
homeroom: mapping
name: agents
connector: {connector}
table: coverage_records
needs: [Agent No., Last Contact]
columns:
  purpose: {{constant: {purpose}}}
  tool: {{constant: {tool}}}
  key: {{from: Agent No.}}
  serial: {{from: Serial}}
  asset_tag: {{from: Asset}}
  name: {{from: Computer}}
  last_seen: {{from: Last Contact}}
"""
_BACKUP_HEADER: Final = "Protected,Run,Software,Critical,Last OK,Restored,Elsewhere,Locked,Encrypted,Days Kept,Contact"
_BACKUP_MAPPING: Final = """\
# How the list of what else is backed up is read.
homeroom: mapping
name: others
connector: toolbackups
table: backup_records
needs: [Protected, Last OK]
columns:
  system: {from: Protected}
  job: {from: Run}
  tool: {from: Software}
  critical: {from: Critical}
  last_success: {from: Last OK}
  last_restore_test: {from: Restored}
  offsite: {from: Elsewhere}
  immutable: {from: Locked}
  encrypted: {from: Encrypted}
  keeps_days: {from: Days Kept}
  owner: {from: Contact}
"""
_EXTENSION_HEADER: Final = (
    "appId,displayName,browserDeviceCount,osUserCount,appType,description,appInstallType,appSource,disabled,"
    "homepageUri,permissions"
)
OLD_BACKUP, RECENT_BACKUP = 12, 7
"""Days since the last backup of a system."""
BACKED_UP: Final = (
    ("Shared drives", "Dustvault", OLD_BACKUP),
    ("Staff mail", "Dustvault", OLD_BACKUP),
    ("Calendars", "Dustvault", RECENT_BACKUP),
    ("Poster printer", "Mossvault", OLD_BACKUP),
    ("Robot lab", "Mossvault", RECENT_BACKUP),
)


@dataclass(frozen=True, kw_only=True)
class ToolLists:
    """Writer of these lists; `schools` are all schools by name."""

    lists: ListWriter
    calendar: SampleCalendar
    schools: Sequence[str]
    computers: Sequence[ListedComputer]

    @property
    def since(self) -> date:
        """First day of the period of use: twenty school days before its last."""
        return self.calendar.past[21]

    @property
    def until(self) -> date:
        """Last day of the period of use, a school day before yesterday."""
        return self.calendar.past[1]

    def write_all(self, folder: Path) -> None:
        """Write the lists, and into the district's folder the extensions and what the district states."""
        self.lists.write_list(
            "products", header=_CONTRACT_HEADER, mapping=_CONTRACT_MAPPING, rows=self._iter_contracts()
        )
        for name, connector, of_one_school in (("school-use", "schooluse", False), ("vendor-use", "vendoruse", True)):
            mapping = _USE_MAPPING.format(name=name, connector=connector)
            self.lists.write_list(name, header=_USE_HEADER, mapping=mapping, rows=self._iter_use(of_one_school))
        self._write_coverage()
        self.lists.write_list(
            "other-backups", header=_BACKUP_HEADER, mapping=_BACKUP_MAPPING, rows=self._iter_backups()
        )
        self.lists.files += [*self._write_extensions(folder / "google"), self._write_stated(folder / "tools.yaml")]

    def find_days(self, contract: PlantedContract) -> tuple[date, date]:
        """Return the first and the last day of a contract."""
        if contract.starts is not None:
            first = self.lists.subtract_days(-contract.starts)
        else:
            first = self.until - timedelta(days=USUAL_START)
        return first, self.lists.subtract_days(-contract.ends)

    def list_schools(self, contract: PlantedContract) -> Sequence[str]:
        """Return the schools that a contract names."""
        if not contract.schools:
            return ()
        return (self.schools[0],) if contract.schools == FIRST else (self.schools[-1],)

    def _iter_contracts(self) -> Iterator[Sequence[object]]:
        for tool in TOOLS:
            for contract in tool.contracts:
                first, last = self.find_days(contract)
                yield (
                    contract.key,
                    tool.name,
                    f"{tool.name} Sales",
                    contract.seats,
                    None if contract.price is None else f"${contract.price:,}.00",
                    first,
                    last,
                    format_yes_no(contract.renews),
                    None if contract.notice is None else self.lists.subtract_days(-contract.notice),
                    "; ".join(self.list_schools(contract)),
                    "P. Quill",
                )

    def _iter_use(self, of_one_school: bool) -> Iterator[Sequence[object]]:
        """Yield the users by school, all of a tool's in one school: the first, or that of its contract."""
        for tool in TOOLS:
            if tool.users is None or tool.list_of_one_school is not of_one_school:
                continue
            named = self.list_schools(tool.contracts[0]) or self.schools[:1]
            for school in named if of_one_school else self.schools:
                yield tool.name, school, self.since, self.until, tool.users if school in named else 0

    def _write_coverage(self) -> None:
        recent, silent = self.calendar.past[0], self.calendar.past[20]
        for name, days, selected in (
            ("Nestguard", recent, self.computers[::5]),
            ("Fixheron", recent, [entry for number, entry in enumerate(self.computers) if number % 10 < 7]),
            ("Lockmarten", silent, self.computers),
            ("Bellstoat", self.calendar.device_not_silent, self.computers),
        ):
            tool = next(entry for entry in TOOLS if entry.name == name)
            mapping = _COVERAGE_MAPPING.format(tool=name, connector=name.lower(), purpose=tool.does[0])
            rows = (
                (f"{name[0]}{number:06}", entry.serial, entry.tag, entry.name, days)
                for number, entry in enumerate(selected)
            )
            self.lists.write_list(name.lower(), header=_COVERAGE_HEADER, mapping=mapping, rows=rows)

    def _iter_backups(self) -> Iterator[Sequence[object]]:
        for system, tool, days in BACKED_UP:
            last, restored = self.lists.subtract_days(days), self.lists.subtract_days(100)
            yield system, "Nightly", tool, "No", last, restored, "Yes", "Yes", "Yes", 90, "R. Marsh"

    def _write_extensions(self, folder: Path) -> list[Path]:
        file = CsvFile(folder / "chromeapps.csv", _EXTENSION_HEADER)
        for name, key, kind in (("Inkwillow", "i", "ADMIN"), ("Glyphlark", "g", "NORMAL")):
            source = ("", kind, "CHROME_WEBSTORE", "False", f"https://{name.lower()}.example", "storage")
            file.write_row((key * 32, name, 12, 240, "EXTENSION", *source))
        self.lists.rows["google/chromeapps"] = file.rows
        return file.close()

    def _write_stated(self, path: Path) -> Path:
        lines = [
            "# What the district needs, and what its tools are for. Written by its technology office.",
            "homeroom: tools",
            "needs:",
            *(f"  {need}: {{for: {audience}}}" for need, audience in NEEDS.items()),
            "tools:",
            *(f"  - {{name: {name}, does: [{does}], also_does: []}}" for name, does in LISTED_CONTRACT_USES.items()),
            *(self._format_stated(tool) for tool in TOOLS if tool.does),
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return path

    def _format_stated(self, tool: PlantedTool) -> str:
        parts = f"name: {tool.name}, does: [{', '.join(tool.does)}], also_does: [{', '.join(tool.also_does)}]"
        if tool.season_days:
            first, last = (self.until + timedelta(days=days) for days in tool.season_days)
            parts += f', season: {{from: "{first:%m-%d}", to: "{last:%m-%d}"}}'
        return f"  - {{{parts}}}"
