"""Every file of the district, open side by side, so that one pass over the people writes them all."""

from __future__ import annotations

from pathlib import Path

from homeroom.sample import hr, jamf, microsoft, snipeit
from homeroom.sample.activedirectory import DirectoryFile
from homeroom.sample.bells import write_bells
from homeroom.sample.coverage import Coverage
from homeroom.sample.exploited import write_catalogue
from homeroom.sample.facts import write_facts
from homeroom.sample.google import Chromebooks, Users
from homeroom.sample.hosts import Hosts
from homeroom.sample.lists import Shelf
from homeroom.sample.nessus import Report
from homeroom.sample.nmap import Scan
from homeroom.sample.plan import District
from homeroom.sample.roll import Roll
from homeroom.sample.roster import Roster
from homeroom.sample.truth import CLUSTERS_AT_MOST, Truth
from homeroom.sample.wazuh import Alerts


class Sinks:
    """Where records go, and what is true of them."""

    def __init__(self, folder: Path, district: District) -> None:
        self._folder = folder
        self._district = district
        self.roster = Roster(folder, district)
        self.roll = Roll()
        self.users = Users(folder / "google", district, roll=self.roll)
        self.chromebooks = Chromebooks(folder / "google", district, roll=self.roll)
        self.computers = microsoft.managed_devices(folder / "microsoft")
        self.registrations = microsoft.registrations(folder / "microsoft")
        self.assets = snipeit.assets_file(folder / "snipeit")
        self.employees = hr.staff_file(folder / "hr", marked=district.seed % 2 == 0)
        self.directory = DirectoryFile(folder / "activedirectory" / "users.csv", district.domain)
        self.hosts = Hosts(folder / "fleet" / "hosts.json", district)
        self.macs = jamf.computers(folder / "jamf")
        self.tablets = jamf.tablets(folder / "jamf-school") if district.jamf_school else None
        self.coverage = Coverage(folder / "coverage")
        day, scans = district.calendar.recent[1], folder / "nmap"
        self.inside = Scan(path=scans / "inside.xml", words="-sS -oX inside.xml 10.0.0.0/8", day=day)
        self.outside = Scan(path=scans / "outside.xml", words="-sS -oX outside.xml 192.88.99.0/24", day=day)
        self.report = Report(path=folder / "nessus" / "servers.nessus", day=day)
        self.alerts = Alerts(folder / "wazuh" / "alerts.json", day=day)
        self.truth = Truth(calendar=district.calendar, keep_clusters=district.students <= CLUSTERS_AT_MOST)
        self.shelf = Shelf(folder=folder / "lists", today=district.calendar.today, truth=self.truth)

    def counts(self) -> dict[str, int]:
        """Records by file."""
        return {
            **self.roster.counts(),
            "google/users": self.users.rows,
            "google/chromeosdevices": self.chromebooks.rows,
            "microsoft/managedDevices": self.computers.rows,
            "microsoft/userRegistrationDetails": self.registrations.rows,
            "snipeit/assets": self.assets.rows,
            "hr/staff": self.employees.rows,
            "activedirectory/users": self.directory.rows,
            "fleet/hosts": self.hosts.rows,
            "jamf/computers": self.macs.rows,
            **({"jamf-school/devices": self.tablets.rows} if self.tablets else {}),
            "coverage/filter": self.coverage.filter.rows,
            "coverage/antivirus": self.coverage.antivirus.rows,
            "nmap/inside": self.inside.rows,
            "nmap/outside": self.outside.rows,
            "nessus/servers": self.report.rows,
            "wazuh/alerts": self.alerts.rows,
            **self.shelf.rows,
        }

    def close(self) -> list[Path]:
        """Close every file and name it."""
        people = (self.users, self.registrations, self.employees, self.directory)
        devices = (self.chromebooks, self.computers, self.assets, self.hosts, self.macs, self.coverage)
        seen = (self.inside, self.outside, self.report, self.alerts)
        tablets = (self.tablets,) if self.tablets else ()
        written = [path for file in (*people, *devices, *seen, *tablets) for path in file.close()]
        return sorted([*self.roster.close(), *written, *self.shelf.files, *self._whole()])

    def _whole(self) -> list[Path]:
        """Files that nothing is added to while the district is written."""
        today = self._district.calendar.today
        return [
            write_facts(self._folder, self._district),
            *write_bells(self._folder / "calendars", self._district),
            *write_catalogue(self._folder / "cisa" / "known_exploited_vulnerabilities.json", today=today),
        ]
