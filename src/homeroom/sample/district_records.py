"""Records that the district maintains, or that its consoles report: lists, groups, units, consented apps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from homeroom.sample.export_files import ExportFiles
from homeroom.sample.lists.backups import write_backups
from homeroom.sample.lists.mail_domains import write_domains
from homeroom.sample.lists.training import TrainingExport, select_plain_staff
from homeroom.sample.lists.vendors import write_vendors
from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.plan.staff import Employee, StaffList
from homeroom.sample.tenants import collaboration, conditional_access, mail_security
from homeroom.sample.tenants.app_consents import write_consents
from homeroom.sample.tenants.google_groups import write_groups
from homeroom.sample.tenants.microsoft_tenant import MicrosoftTenant
from homeroom.sample.tenants.organizational_units import CLUB_UNIT, write_units
from homeroom.sample.tenants.scubagear import write_export, write_result
from homeroom.sample.tools.lists import ToolLists
from homeroom.sample.tools.truth import record_tools


@dataclass(kw_only=True)
class DistrictRecords:
    """Writer of these records, created before the staff are written, and run after everybody is written.

    It moves some employees to where these lists need them: of the five employees that the lists name, the last one is
    in the unit of a club, together with a student.
    """

    folder: Path
    district: DistrictPlan
    exports: ExportFiles
    staff: StaffList
    _named_employees: list[Employee] = field(init=False)
    _leaver: Employee = field(init=False)
    _training: TrainingExport = field(init=False)

    def __post_init__(self) -> None:
        self._named_employees = select_plain_staff(self.staff)
        self._leaver = next(
            person for person in self.staff.employees if person.case == "left-suspended" and person.account
        )
        self._training = TrainingExport(district=self.district, staff=self.staff)
        coach = self._named_employees[-1]
        coach.unit, coach.federated, coach.enrolled = CLUB_UNIT, False, True
        self.exports.google_directory.staff_emails = frozenset(
            person.email for person in (*self._named_employees, self._leaver)
        )

    def write_all(self) -> None:
        """Write all of it."""
        lists, directory, google = self.exports.lists, self.exports.google_directory, self.folder / "google"
        staff = [directory.staff[entry.email] for entry in self._named_employees[:-1]]
        leaver = directory.staff[self._leaver.email]
        write_backups(lists)
        write_domains(lists, domain=self.district.domain)
        write_vendors(lists)
        tools = ToolLists(
            lists=lists,
            calendar=self.district.calendar,
            schools=[entry.name for entry in self.district.schools],
            computers=self.exports.coverage.computers,
        )
        tools.write_all(self.folder)
        record_tools(tools)
        write_consents(
            lists, google=google, microsoft=self.folder / "microsoft", directory=directory, staff=staff, leaver=leaver
        )
        write_groups(lists, google=google, domain=self.district.domain, directory=directory, staff=staff, leaver=leaver)
        schools = [entry.name for entry in self.district.schools][:3]
        write_units(
            lists,
            google=google,
            directory=directory,
            schools=schools,
            is_club_mixed=CLUB_UNIT in directory.student_units,
        )
        self._write_tenant()
        self._training.write(lists)

    def _write_tenant(self) -> None:
        """Write the Microsoft 365 tenant; the Entra administrators among the staff administer it."""
        administrators = (
            person.index for person in self.staff.employees if person.case == "entra-admin" and person.entra is not None
        )
        tenant = MicrosoftTenant(
            district=self.district, administrators=tuple(build_guid(4, index) for index in administrators)
        )
        for configure in (
            conditional_access.configure_entra,
            mail_security.configure_mail_security,
            collaboration.configure_collaboration,
        ):
            configure(tenant)
        tenant.write_policies(self.exports.truth)
        self.exports.lists.files += write_export(self.folder / "scuba", tenant)
        self.exports.lists.files += write_result(self.folder / "scuba", tenant)
