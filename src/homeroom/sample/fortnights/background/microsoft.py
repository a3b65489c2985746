"""Ordinary use of Microsoft 365 by employees."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from homeroom.sample.fortnights.background.places import draw_hour, draw_phone_connection, get_school_connection
from homeroom.sample.fortnights.district.calendar import DAYS
from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.entra import EXCHANGE, OFFICE, OUTLOOK, TEAMS
from homeroom.sample.fortnights.logs.unified_log import UnifiedLog
from homeroom.sample.fortnights.logs.vendors import VendorLogs

CLAIM: Final = "MFA requirement satisfied by claim in the token"
PASSED: Final = "MFA completed in Azure AD"
DECLINED: Final = "MFA denied; user declined the authentication"
IGNORED: Final = "MFA denied; user did not respond to mobile app notification"
_FILES: Final = ("Budget draft.xlsx", "Bell schedule.docx", "Bus routes.xlsx", "Staff handbook.docx", "Agenda.docx")


class MicrosoftRoutine:
    """Writer of the ordinary days."""

    def __init__(self, district: FortnightDistrict, logs: VendorLogs) -> None:
        self._district = district
        self._entra = logs.entra
        self._unified: UnifiedLog = logs.unified
        self._dice = district.create_dice("microsoft-routine")

    def write_days(self) -> None:
        """Write all days."""
        for day in range(DAYS):
            is_school_day = self._district.calendar.is_school_day(day)
            for person in self._district.people.staff:
                self._write_staff_day(person, day, is_school_day=is_school_day)
            self._write_directory_day(day, is_school_day=is_school_day)

    def _write_staff_day(self, person: InventedPerson, day: int, *, is_school_day: bool) -> None:
        dice = self._dice
        if is_school_day and (person.post != "substitute" or dice.random() < 0.4):
            connection = get_school_connection(self._district, person)
            for _ in range(dice.randint(1, 2)):
                self._sign_in(person, day, draw_hour(dice, 7, 15.5), connection, is_managed=True)
            self._write_work(person, day, connection, first=7.5, last=16)
        if dice.random() < (0.4 if is_school_day else 0.25):
            phone = draw_phone_connection(person, dice)
            self._sign_in(
                person, day, draw_hour(dice, 6, 23), phone, app=OUTLOOK, client="Mobile Apps and Desktop clients"
            )
        if dice.random() < (0.25 if is_school_day else 0.12):
            self._sign_in(person, day, draw_hour(dice, 18, 19), person.home)
            self._write_work(person, day, person.home, first=19, last=22)

    def _sign_in(
        self,
        person: InventedPerson,
        day: int,
        hour: float,
        connection: AccessPoint,
        *,
        app: tuple[str, str, str] | None = None,
        client: str = "Browser",
        is_managed: bool = False,
    ) -> None:
        dice, at = self._dice, self._district.calendar.compute_time(day, hour)
        app = app or dice.choice((OFFICE, TEAMS, EXCHANGE))
        if dice.random() < 0.04:
            before = self._district.calendar.compute_time(day, hour, seconds=-40)
            self._entra.sign_in(person, before, connection, app=app, code=50126, client=client)
            self._unified.sign_in(person, before, connection, is_success=False)
        factor = None
        if person.has_second_factor:
            factor = CLAIM
            if dice.random() < 0.1:
                asked_at = self._district.calendar.compute_time(day, hour, seconds=-20)
                self._entra.sign_in(person, asked_at, connection, app=app, code=50076, client=client)
                factor = PASSED
        self._entra.sign_in(
            person, at, connection, app=app, factor=factor, client=client, protocol="oAuth2", is_managed=is_managed
        )
        self._unified.sign_in(person, at, connection)

    def _write_work(
        self, person: InventedPerson, day: int, connection: AccessPoint, *, first: float, last: float
    ) -> None:
        dice = self._dice
        for operation in ("MailItemsAccessed", "MailItemsAccessed", "Send"):
            if dice.random() < 0.7:
                self._unified.use_mailbox(person, self._draw_moment(day, first, last), connection, operation=operation)
        for _ in range(dice.randint(0, 3)):
            operation, name = dice.choice(("FileAccessed", "FileModified", "FileDownloaded")), dice.choice(_FILES)
            self._unified.use_file(
                person, self._draw_moment(day, first, last), connection, operation=operation, name=name
            )

    def _draw_moment(self, day: int, first: float, last: float) -> datetime:
        return self._district.calendar.compute_time(day, draw_hour(self._dice, first, last))

    def _write_directory_day(self, day: int, *, is_school_day: bool) -> None:
        """Write the synchronization's changes, and the help desk's work."""
        dice, people = self._dice, self._district.people
        for _ in range(dice.randint(2, 6)):
            self._entra.change_directory(
                "Update user",
                self._draw_moment(day, 0, 24),
                category="UserManagement",
                by="Microsoft Entra Connect Sync",
                target=dice.choice(people.staff),
                changes=(("LastDirSyncTime", ["2026-09-01T01:00:00Z"], ["2026-09-02T01:00:00Z"]),),
            )
        if not is_school_day:
            return
        technician = dice.choice(people.list_by_post("technician"))
        connection = get_school_connection(self._district, technician)
        for _ in range(dice.randint(0, 2)):
            self._entra.change_directory(
                "Reset user password",
                self._draw_moment(day, 8, 16),
                category="UserManagement",
                by=technician,
                connection=connection,
                target=dice.choice(people.list_by_post("teacher")),
                operation="Update",
            )
        for _ in range(dice.randint(0, 2)):
            self._entra.change_directory(
                "Add member to group",
                self._draw_moment(day, 8, 16),
                category="GroupManagement",
                by=technician,
                connection=connection,
                target=dice.choice(people.staff),
                operation="Assign",
                changes=(("Group.DisplayName", None, f"Staff printers {dice.randint(1, 9)}"),),
            )
        if dice.random() < 0.4:
            person = dice.choice(people.staff)
            rule = {
                "Name": "Newsletters",
                "From": f"news@{dice.choice(('union', 'museum', 'books'))}.example",
                "MoveToFolder": "Newsletters",
            }
            self._unified.run_exchange_command(
                person,
                self._draw_moment(day, 9, 16),
                get_school_connection(self._district, person),
                command="New-InboxRule",
                target=f"{person.email}\\Newsletters",
                parameters=rule,
            )
