"""On-premises accounts for administration and services, and the ones that Windows creates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from homeroom.sample.people.on_premises_accounts import OnPremisesAccountWriter
from homeroom.sample.plan.staff import Employee
from homeroom.sample.truth.ground_truth import GoogleAccount, RecordRef, add_years, build_ref

ADMINISTRATORS: Final = ("super-owner", "delegated", "entra-admin")  # cases of employees who administer the domain too
_SERVICES: Final = ("backup", "sql", "print", "sync", "scan", "monitoring")
_LONG_AGO: Final = date(2015, 8, 3)
_DAY: Final = timedelta(days=1)
_ADMIN_CASES: Final[dict[int, dict[str, Any]]] = {  # of every forty
    2: {"services": ("MSSQLSvc/sis.apps:1433",)},
    3: {"apart": False},
    4: {"apart": False, "groups": ("Domain Admins", "Protected Users")},
    5: {"groups": ("Help Desk",)},
    6: {"groups": ("Backup Operators",)},
}


@dataclass(kw_only=True)
class ServiceAccountWriter:
    """Writer of these accounts, through the writer of on-premises accounts."""

    writer: OnPremisesAccountWriter
    _administrators: int = field(default=0)

    @property
    def _today(self) -> date:
        return self.writer.district.calendar.today

    def write_administrator(self, person: Employee, cloud: GoogleAccount) -> list[RecordRef]:
        """Write the account with which one employee administers the domain, and return its record."""
        turn = self._administrators % 40
        self._administrators += 1
        sam = f"adm-{person.number}"
        account = self.writer.create_account(sam=sam, name=sam, owner="works", created=cloud.created, last=cloud.last)
        account.first_name, account.last_name = person.first_name, f"{person.last_name} (Admin)"
        account.principal, account.number = f"{sam}@{self.writer.district.domain}", cloud.number
        account.unit, account.protected, account.apart = ("Admins",), "1", True
        account.groups = ("Domain Admins",)
        for name, value in _ADMIN_CASES.get(turn, {}).items():
            setattr(account, name, value)
        if turn < 2:
            account.password_set = add_years(self._today, -1) - (1 - turn) * _DAY
        self.writer.write(account)
        for control, reason in {
            1: [("administrator-password-age", "A year old to the day.")],
            4: [("administrator-lent-on", "Protected Users cannot be lent on either.")],
            6: [("admin-mark-left", "In a group that the directory protects, though not in the foremost.")],
        }.get(turn, []):
            self.writer.add_look_alike("nearly", control, reason, account)
        return [build_ref("activedirectory", account.key)]

    def write_all(self) -> None:
        """Write accounts of services, whose passwords never expire by intent, and those that Windows creates."""
        for turn, name in enumerate(_SERVICES):
            self._write_service(turn, name)
        self._write_directory_keys()
        self._write_guests()
        self._write_builtin_administrator()

    def _write_service(self, turn: int, name: str) -> None:
        writer, sam = self.writer, f"svc-{name}"
        recent = writer.district.calendar.recent
        account = writer.create_account(sam=sam, name=sam, owner="service", created=_LONG_AGO, last=recent[turn])
        account.unit, account.never_expires = ("Service Accounts",), True
        account.principal = f"{sam}@{writer.district.domain}"
        account.services = (f"{name.upper()}/{name}.apps",) if turn < 4 else ()
        account.des_only, account.delegates = name == "scan", name == "sync"
        if turn < 2:
            account.password_set = add_years(self._today, -1) - (1 - turn) * _DAY
        writer.write(account)
        reason = "A service signs in with it; its password is changed by a plan and not by expiring."
        writer.add_look_alike("service-on-premises", "password-never-expires", reason, account)
        if account.services:
            writer.add_look_alike("service-name", "person-with-service-name", "A service's own account.", account)
        if turn == 1:
            writer.add_look_alike("nearly", "service-password-age", "A year old to the day.", account)

    def _write_directory_keys(self) -> None:
        """Write the domain's key, and that of a read-only domain controller; one of them is a day too old."""
        for sam in ("krbtgt", "krbtgt_21007"):
            key = self.writer.create_account(sam=sam, name=sam, owner="service", created=_LONG_AGO, last=None)
            key.enabled, key.protected, key.services = False, "1", ("kadmin/changepw",) if sam == "krbtgt" else ()
            is_old = (sam == "krbtgt") == (self.writer.district.seed % 2 == 1)
            key.password_set = self._today - (181 if is_old else 180) * _DAY
            self.writer.write(key)
            if not is_old:
                self.writer.add_look_alike("nearly", "directory-key-renewed", "Renewed 180 days ago.", key)
            reason = "A key of the directory, which is disabled and has its name by design."
            self.writer.add_look_alike("directory-key", "administrator-with-service-name", reason, key)

    def _write_guests(self) -> None:
        """Write Windows' Guest account, enabled in districts of odd seeds, and similar accounts."""
        reason = "Windows makes it so, and keeps it disabled."
        for sam in ("Guest", "DefaultAccount"):
            owner = "shared" if sam == "Guest" else "service"
            account = self.writer.create_account(sam=sam, name=sam, owner=owner, created=_LONG_AGO, last=None)
            account.enabled, account.password_set = sam == "Guest" and self.writer.district.seed % 2 == 1, None
            account.not_required = account.never_expires = True
            self.writer.write(account)
            if not account.enabled:
                self.writer.add_look_alike("guest", "password-not-required", reason, account)
            if sam == "Guest" and not account.enabled:
                self.writer.add_look_alike("guest-closed", "guest-enabled", reason, account)
        recent = self.writer.district.calendar.recent
        speaker = self.writer.create_account(
            sam="guest.speaker", name="Guest Speaker", owner="nobody", created=_LONG_AGO, last=recent[0]
        )
        self.writer.write(speaker)
        self.writer.add_look_alike(
            "like-guest", "guest-enabled", "An account that is only called much like it.", speaker
        )

    def _write_builtin_administrator(self) -> None:
        """Write Windows' own Administrator, last used 30 days ago (odd seeds) or 31 days ago."""
        days_ago = 31 - self.writer.district.seed % 2
        account = self.writer.create_account(
            sam="Administrator",
            name="Administrator",
            owner="built-in",
            created=_LONG_AGO,
            last=self._today - days_ago * _DAY,
        )
        account.protected, account.apart, account.groups = "1", True, ("Domain Admins",)
        self.writer.write(account)
        if days_ago > 30:
            reason = "Nobody has used it for 31 days."
            self.writer.add_look_alike("nearly", "builtin-administrator-rests", reason, account)
