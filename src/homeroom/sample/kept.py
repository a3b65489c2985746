"""What the district keeps by itself, or its consoles say of themselves: lists, groups, units, apps that were let in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from homeroom.sample import entrances, mailguards, sharing
from homeroom.sample.backups import write_backups
from homeroom.sample.circles import write_groups
from homeroom.sample.consents import write_consents
from homeroom.sample.domains import write_domains
from homeroom.sample.ids import guid
from homeroom.sample.lessons import Lessons, plain_staff
from homeroom.sample.people import Employee, Staff
from homeroom.sample.places import CLUB, write_units
from homeroom.sample.plan import District
from homeroom.sample.scuba import write_export, write_result
from homeroom.sample.sinks import Sinks
from homeroom.sample.tenancy import Tenant
from homeroom.sample.vendors import write_vendors


@dataclass(kw_only=True)
class Kept:
    """Made before anybody is written, since some people stand where these lists need them; written after everybody.

    Of the five employees that the lists name the last stands in the unit of a club, beside a pupil.
    """

    folder: Path
    district: District
    sinks: Sinks
    staff: Staff
    _named: list[Employee] = field(init=False)
    _left: Employee = field(init=False)
    _lessons: Lessons = field(init=False)

    def __post_init__(self) -> None:
        self._named = plain_staff(self.staff)
        self._left = next(one for one in self.staff.employees if one.case == "left-suspended" and one.account)
        self._lessons = Lessons(district=self.district, staff=self.staff)
        coach = self._named[-1]
        coach.unit, coach.federated, coach.enrolled = CLUB, False, True
        self.sinks.roll.wanted = frozenset(one.email for one in (*self._named, self._left))

    def everything(self) -> None:
        """Write all of it."""
        shelf, roll, google = self.sinks.shelf, self.sinks.roll, self.folder / "google"
        staff = [roll.staff[one.email] for one in self._named[:-1]]
        left = roll.staff[self._left.email]
        write_backups(shelf)
        write_domains(shelf, domain=self.district.domain)
        write_vendors(shelf)
        write_consents(shelf, google=google, microsoft=self.folder / "microsoft", roll=roll, staff=staff, left=left)
        write_groups(shelf, google=google, domain=self.district.domain, roll=roll, staff=staff, left=left)
        schools = [one.name for one in self.district.schools][:3]
        write_units(shelf, google=google, roll=roll, schools=schools, mixed=CLUB in roll.pupil_units)
        self._tenant()
        self._lessons.write(shelf)

    def _tenant(self) -> None:
        """The Microsoft 365 tenant, which those administer who are its administrators among the staff."""
        administrators = (
            one.index for one in self.staff.employees if one.case == "entra-admin" and one.entra is not None
        )
        tenant = Tenant(district=self.district, administrators=tuple(guid(4, index) for index in administrators))
        for furnish in (entrances.furnish, mailguards.furnish, sharing.furnish):
            furnish(tenant)
        tenant.state(self.sinks.truth)
        self.sinks.shelf.files += write_export(self.folder / "scuba", tenant)
        self.sinks.shelf.files += write_result(self.folder / "scuba", tenant)
