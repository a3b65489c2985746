"""All files of the district, open side by side, so that one pass over the people writes them all."""

from __future__ import annotations

from pathlib import Path

from homeroom.sample.consoles import jamf, microsoft
from homeroom.sample.consoles.coverage import CoverageLists
from homeroom.sample.consoles.fleet_hosts import FleetHostsFile
from homeroom.sample.consoles.google import ChromebooksExport, GoogleUsersExport
from homeroom.sample.files import snipeit, staff_list
from homeroom.sample.files.active_directory import DirectoryFile
from homeroom.sample.files.bell_schedule import write_bell_schedule
from homeroom.sample.files.district_facts import write_facts
from homeroom.sample.files.oneroster import RosterFiles
from homeroom.sample.lists.list_writer import ListWriter
from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.scans.cisa_catalog import write_exploited_catalog
from homeroom.sample.scans.nessus import NessusReport
from homeroom.sample.scans.nmap import NmapScan
from homeroom.sample.scans.wazuh import WazuhAlerts
from homeroom.sample.truth.google_directory import GoogleDirectoryIndex
from homeroom.sample.truth.ground_truth import MAX_STUDENTS_WITH_CLUSTERS, GroundTruth


class ExportFiles:
    """The open export files, and the ground truth."""

    def __init__(self, folder: Path, district: DistrictPlan) -> None:
        self._folder = folder
        self._district = district
        self.roster = RosterFiles(folder, district)
        self.google_directory = GoogleDirectoryIndex()
        self.users = GoogleUsersExport(folder / "google", district, directory=self.google_directory)
        self.chromebooks = ChromebooksExport(folder / "google", district, directory=self.google_directory)
        self.computers = microsoft.open_managed_devices(folder / "microsoft")
        self.registrations = microsoft.open_registrations(folder / "microsoft")
        self.assets = snipeit.open_asset_list(folder / "snipeit")
        self.employees = staff_list.open_staff_list(folder / "hr", marked=district.seed % 2 == 0)
        self.active_directory = DirectoryFile(folder / "activedirectory" / "users.csv", district.domain)
        self.hosts = FleetHostsFile(folder / "fleet" / "hosts.json", district)
        self.macs = jamf.open_mac_export(folder / "jamf")
        self.tablets = jamf.open_tablet_export(folder / "jamf-school") if district.jamf_school else None
        self.coverage = CoverageLists(folder / "coverage")
        day, scans = district.calendar.recent[1], folder / "nmap"
        self.inside_scan = NmapScan(path=scans / "inside.xml", arguments="-sS -oX inside.xml 10.0.0.0/8", day=day)
        self.outside_scan = NmapScan(
            path=scans / "outside.xml", arguments="-sS -oX outside.xml 192.88.99.0/24", day=day
        )
        self.nessus_report = NessusReport(path=folder / "nessus" / "servers.nessus", day=day)
        self.alerts = WazuhAlerts(folder / "wazuh" / "alerts.json", day=day)
        self.truth = GroundTruth(
            calendar=district.calendar, keep_clusters=district.students <= MAX_STUDENTS_WITH_CLUSTERS
        )
        self.lists = ListWriter(folder=folder / "lists", today=district.calendar.today, truth=self.truth)

    def count_records(self) -> dict[str, int]:
        """Count the records by file."""
        return {
            **self.roster.count_rows(),
            "google/users": self.users.rows,
            "google/chromeosdevices": self.chromebooks.rows,
            "microsoft/managedDevices": self.computers.rows,
            "microsoft/userRegistrationDetails": self.registrations.rows,
            "snipeit/assets": self.assets.rows,
            "hr/staff": self.employees.rows,
            "activedirectory/users": self.active_directory.rows,
            "fleet/hosts": self.hosts.rows,
            "jamf/computers": self.macs.rows,
            **({"jamf-school/devices": self.tablets.rows} if self.tablets else {}),
            "coverage/filter": self.coverage.filter.rows,
            "coverage/antivirus": self.coverage.antivirus.rows,
            "nmap/inside": self.inside_scan.rows,
            "nmap/outside": self.outside_scan.rows,
            "nessus/servers": self.nessus_report.rows,
            "wazuh/alerts": self.alerts.rows,
            **self.lists.rows,
        }

    def close(self) -> list[Path]:
        """Close all files and return their paths."""
        people = (self.users, self.registrations, self.employees, self.active_directory)
        devices = (self.chromebooks, self.computers, self.assets, self.hosts, self.macs, self.coverage)
        scans = (self.inside_scan, self.outside_scan, self.nessus_report, self.alerts)
        tablets = (self.tablets,) if self.tablets else ()
        paths = [path for file in (*people, *devices, *scans, *tablets) for path in file.close()]
        return sorted([*self.roster.close(), *paths, *self.lists.files, *self._write_static_files()])

    def _write_static_files(self) -> list[Path]:
        """Write the files that get no records while the district is written."""
        today = self._district.calendar.today
        return [
            write_facts(self._folder, self._district),
            *write_bell_schedule(self._folder / "calendars", self._district),
            *write_exploited_catalog(self._folder / "cisa" / "known_exploited_vulnerabilities.json", today=today),
        ]
