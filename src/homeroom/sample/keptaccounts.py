"""Accounts on premises that are kept for the work itself: administrators', services', and what Windows makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from homeroom.sample.onpremises import DirectoryWriter
from homeroom.sample.people import Employee
from homeroom.sample.truth import Account, Ref, ref, years_after

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
class KeptAccounts:
    """Writes them through the writer of accounts on premises."""

    writer: DirectoryWriter
    _administrators: int = field(default=0)

    @property
    def _today(self) -> date:
        return self.writer.district.calendar.today

    def administrator(self, person: Employee, cloud: Account) -> list[Ref]:
        """The account with which one employee administers the domain; its record."""
        turn = self._administrators % 40
        self._administrators += 1
        sam = f"adm-{person.number}"
        account = self.writer.new(sam=sam, name=sam, owner="works", created=cloud.created, last=cloud.last)
        account.given, account.family = person.given, f"{person.family} (Admin)"
        account.principal, account.number = f"{sam}@{self.writer.district.domain}", cloud.number
        account.unit, account.protected, account.apart = ("Admins",), "1", True
        account.groups = ("Domain Admins",)
        for name, value in _ADMIN_CASES.get(turn, {}).items():
            setattr(account, name, value)
        if turn < 2:
            account.password_set = years_after(self._today, -1) - (1 - turn) * _DAY
        self.writer.write(account)
        for control, why in {
            1: [("administrator-password-age", "A year old to the day.")],
            4: [("administrator-lent-on", "Protected Users cannot be lent on either.")],
            6: [("admin-mark-left", "In a group that the directory protects, though not in the foremost.")],
        }.get(turn, []):
            self.writer.innocent("nearly", control, why, account)
        return [ref("activedirectory", account.key)]

    def services(self) -> None:
        """Accounts of services, whose passwords do not expire by intent; and those that Windows makes."""
        for turn, name in enumerate(_SERVICES):
            self._service(turn, name)
        self._keys()
        self._guest()
        self._built_in()

    def _service(self, turn: int, name: str) -> None:
        writer, sam = self.writer, f"svc-{name}"
        recent = writer.district.calendar.recent
        account = writer.new(sam=sam, name=sam, owner="service", created=_LONG_AGO, last=recent[turn])
        account.unit, account.never_expires = ("Service Accounts",), True
        account.principal = f"{sam}@{writer.district.domain}"
        account.services = (f"{name.upper()}/{name}.apps",) if turn < 4 else ()
        account.des_only, account.delegates = name == "scan", name == "sync"
        if turn < 2:
            account.password_set = years_after(self._today, -1) - (1 - turn) * _DAY
        writer.write(account)
        why = "A service signs in with it; its password is changed by a plan and not by expiring."
        writer.innocent("service-on-premises", "password-never-expires", why, account)
        if account.services:
            writer.innocent("service-name", "person-with-service-name", "A service's own account.", account)
        if turn == 1:
            writer.innocent("nearly", "service-password-age", "A year old to the day.", account)

    def _keys(self) -> None:
        """The domain's key, and that of a read-only domain controller in a school: one of them is a day too old."""
        for sam in ("krbtgt", "krbtgt_21007"):
            key = self.writer.new(sam=sam, name=sam, owner="service", created=_LONG_AGO, last=None)
            key.enabled, key.protected, key.services = False, "1", ("kadmin/changepw",) if sam == "krbtgt" else ()
            old = (sam == "krbtgt") == (self.writer.district.seed % 2 == 1)
            key.password_set = self._today - (181 if old else 180) * _DAY
            self.writer.write(key)
            if not old:
                self.writer.innocent("nearly", "directory-key-renewed", "Renewed 180 days ago.", key)
            why = "A key of the directory, which is disabled and has its name by design."
            self.writer.innocent("directory-key", "administrator-with-service-name", why, key)

    def _guest(self) -> None:
        """Windows' guest, which somebody opened in districts of odd seeds; and what is made or called much like it."""
        why = "Windows makes it so, and keeps it disabled."
        for sam in ("Guest", "DefaultAccount"):
            owner = "shared" if sam == "Guest" else "service"
            made = self.writer.new(sam=sam, name=sam, owner=owner, created=_LONG_AGO, last=None)
            made.enabled, made.password_set = sam == "Guest" and self.writer.district.seed % 2 == 1, None
            made.not_required = made.never_expires = True
            self.writer.write(made)
            if not made.enabled:
                self.writer.innocent("guest", "password-not-required", why, made)
            if sam == "Guest" and not made.enabled:
                self.writer.innocent("guest-closed", "guest-enabled", why, made)
        recent = self.writer.district.calendar.recent
        speaker = self.writer.new(
            sam="guest.speaker", name="Guest Speaker", owner="nobody", created=_LONG_AGO, last=recent[0]
        )
        self.writer.write(speaker)
        self.writer.innocent("like-guest", "guest-enabled", "An account that is only called much like it.", speaker)

    def _built_in(self) -> None:
        """Windows' own Administrator: used within 30 days in districts of odd seeds, else a day before that."""
        ago = 31 - self.writer.district.seed % 2
        account = self.writer.new(
            sam="Administrator",
            name="Administrator",
            owner="built-in",
            created=_LONG_AGO,
            last=self._today - ago * _DAY,
        )
        account.protected, account.apart, account.groups = "1", True, ("Domain Admins",)
        self.writer.write(account)
        if ago > 30:
            why = "Nobody has used it for 31 days."
            self.writer.innocent("nearly", "builtin-administrator-rests", why, account)
