"""Ordinary work of domain controllers, servers and a lab."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from homeroom.sample.fortnights.background.places import draw_hour
from homeroom.sample.fortnights.district.calendar import DAYS
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.vendors import get_account, get_admin_account, get_service_account
from homeroom.sample.fortnights.logs.windows import REPLICATE_ALL, REPLICATE_CHANGES, DomainAccount, WindowsLogs
from homeroom.sample.fortnights.logs.windows_sessions import WindowsSessions

SYNC_ACCOUNT: Final = DomainAccount(name="MSOL_3f1c92ab77de", number=1290)
_SVCHOST: Final = r"C:\Windows\System32\svchost.exe"
_EXPLORER: Final = r"C:\Windows\explorer.exe"
_SYSTEM_PROCESSES: Final = (
    (r"C:\Windows\System32\taskhostw.exe", "taskhostw.exe Install $(Arg0)", _SVCHOST),
    (r"C:\Windows\System32\wbem\WmiPrvSE.exe", r"C:\Windows\system32\wbem\wmiprvse.exe -secured -Embedding", _SVCHOST),
    (r"C:\Windows\System32\wuauclt.exe", '"C:\\Windows\\system32\\wuauclt.exe" /UpdateDeploymentProvider', _SVCHOST),
    (r"C:\Windows\System32\conhost.exe", r"\??\C:\Windows\system32\conhost.exe 0xffffffff -ForceV1", _SVCHOST),
    (
        r"C:\Windows\System32\MpCmdRun.exe",
        '"C:\\Windows\\System32\\MpCmdRun.exe" SignatureUpdate -ScheduleJob',
        _SVCHOST,
    ),
    (r"C:\Program Files (x86)\Google\GoogleUpdater\141.0\updater.exe", "updater.exe --wake --system", _SVCHOST),
)
_LAB_PROGRAMS: Final = (
    (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        '"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"',
    ),
    (r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE", '"WINWORD.EXE" /n'),
    (r"C:\Program Files\Modeler 3D\modeler.exe", '"C:\\Program Files\\Modeler 3D\\modeler.exe" --project class'),
)
_ADMIN_COMMANDS: Final = (
    (r"C:\Windows\System32\mmc.exe", r'"C:\Windows\system32\mmc.exe" "C:\Windows\system32\dsa.msc"'),
    (
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        "powershell.exe Get-ADUser -Filter * -Properties LastLogonDate",
    ),
    (r"C:\Windows\System32\ipconfig.exe", "ipconfig /all"),
    (r"C:\Windows\System32\gpupdate.exe", "gpupdate /force"),
    (r"C:\Windows\System32\whoami.exe", "whoami"),
)
_UPDATE_SERVICES: Final = (
    (
        "Google Updater Service 141.0",
        '"C:\\Program Files (x86)\\Google\\GoogleUpdater\\141.0\\updater.exe" --system --windows-service',
    ),
    (
        "Microsoft Edge Elevation Service",
        '"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\141.0\\elevation_service.exe"',
    ),
    ("Print Tally Agent", '"C:\\Program Files\\Print Tally\\agent.exe"'),
)
_SHARED_FILES: Final = (
    "Staff\\Handbook.pdf",
    "Transportation\\Routes.xlsx",
    "Staff\\Forms\\Leave.docx",
    "Curriculum\\Grade 4.docx",
)


class WindowsRoutine:
    """Writer of the ordinary days."""

    def __init__(self, district: FortnightDistrict, logs: WindowsLogs) -> None:
        self._district = district
        self._logs = logs
        self._sessions = WindowsSessions(district, logs)
        self._dice: Random = district.create_dice("windows-routine")
        self._controllers = district.list_computers("controller")
        self._files = district.get_computer("files")

    def write_days(self) -> None:
        """Write all days."""
        for day in range(DAYS):
            is_school_day = self._district.calendar.is_school_day(day)
            self._write_server_day(day)
            self._write_replication(day)
            if is_school_day:
                for person in self._district.people.staff:
                    if person.post != "substitute" or self._dice.random() < 0.4:
                        self._write_staff_day(person, day)
                self._write_lab_day(day)
                self._write_administration(day)

    def _draw_moment(self, day: int, first: float, last: float) -> datetime:
        return self._district.calendar.compute_time(day, draw_hour(self._dice, first, last))

    def _write_staff_day(self, person: InventedPerson, day: int) -> None:
        """Write the morning's sign-in at a domain controller, and files used on the shares."""
        dice, account, address = self._dice, get_account(person), get_office_address(person)
        hour = draw_hour(dice, 7, 8.4)
        controller = dice.choice(self._controllers)
        at = self._district.calendar.compute_time
        if dice.random() < 0.05:
            self._logs.fail_log_on(
                controller, at(day, hour, seconds=-30), account.name, address=address, workstation=person.laptop
            )
        self._sessions.request_first_ticket(controller, at(day, hour), account, address=address)
        self._logs.request_ticket(controller, at(day, hour), account, service=controller.account, address=address)
        self._logs.log_on(controller, at(day, hour, seconds=1), account, address=address)
        self._logs.request_ticket(
            controller, at(day, hour, seconds=3), account, service=self._files.account, address=address
        )
        self._logs.log_on(self._files, at(day, hour, seconds=4), account, address=address)
        self._sessions.log_off(controller, at(day, hour, seconds=15), account)
        self._sessions.log_off(self._files, self._draw_moment(day, 16, 17), account)
        if dice.random() < 0.04:
            self._sessions.refuse_password(controller, at(day, hour, seconds=-15), account, address=address)
        if dice.random() < 0.1:
            self._sessions.check_password(controller, self._draw_moment(day, 9, 15), account, workstation=person.laptop)
        for _ in range(dice.randint(1, 6)):
            moment, path = self._draw_moment(day, hour + 0.1, 16), dice.choice(_SHARED_FILES)
            mask = dice.choice(("0x1", "0x1", "0x80", "0x2"))
            self._logs.open_shared_file(
                self._files, moment, account, share="Staff", path=path, address=address, mask=mask
            )

    def _write_server_day(self, day: int) -> None:
        """Write what Windows itself does on the servers: processes, updates, services' logons."""
        dice = self._dice
        for server in self._district.computers:
            if server.role == "lab":
                continue
            system = self._logs.get_computer_account(server)
            for _ in range(dice.randint(8, 14)):
                image, line, parent = dice.choice(_SYSTEM_PROCESSES)
                moment = self._draw_moment(day, 0, 24)
                self._logs.start_process(server, moment, system, image=image, line=line, parent=parent)
            for _ in range(dice.randint(8, 16)):
                controller = dice.choice(self._controllers)
                moment = self._draw_moment(day, 0, 24)
                account = DomainAccount(name=server.account, number=1010)
                self._logs.log_on(controller, moment, account, address=server.address)
                self._sessions.log_off(controller, moment + timedelta(seconds=dice.randint(1, 30)), account)
            if dice.random() < 0.04:
                name, image = dice.choice(_UPDATE_SERVICES)
                self._logs.install_service(server, self._draw_moment(day, 1, 5), name=name, image=image)
        self._write_service_logons(day)

    def _write_service_logons(self, day: int) -> None:
        dice, backup, database = self._dice, self._district.get_computer("backup"), self._district.get_computer("sql")
        nights = self._district.calendar.compute_time(day, 22.5)
        operator = get_service_account("svc-backup")
        self._logs.log_on(backup, nights, operator, kind=5)
        for number, server in enumerate(
            computer for computer in self._district.computers if computer.role in {"files", "sql"}
        ):
            self._logs.log_on(
                server, self._district.calendar.compute_time(day, 22.6 + number / 5), operator, address=backup.address
            )
        service = get_service_account("svc-sis")
        for _ in range(dice.randint(4, 8)):
            moment, controller = self._draw_moment(day, 0, 24), dice.choice(self._controllers)
            self._logs.request_ticket(controller, moment, service, service="svc-sql", address=database.address)

    def _write_replication(self, day: int) -> None:
        """Write replication between the domain controllers, and that of the directory's synchronization."""
        first, second = self._controllers
        for _ in range(6):
            source, target = (first, second) if self._dice.random() < 0.5 else (second, first)
            replica, moment = DomainAccount(name=source.account, number=1001), self._draw_moment(day, 0, 24)
            for right in (REPLICATE_CHANGES, REPLICATE_ALL):
                self._logs.use_directory_right(target, moment, replica, right=right)
        sync = self._district.get_computer("sync")
        for turn in range(8):
            moment = self._district.calendar.compute_time(day, turn * 3 + 0.25, seconds=self._dice.random() * 60)
            self._logs.log_on(first, moment, SYNC_ACCOUNT, address=sync.address)
            for right in (REPLICATE_CHANGES, REPLICATE_ALL):
                self._logs.use_directory_right(first, moment, SYNC_ACCOUNT, right=right)

    def _write_lab_day(self, day: int) -> None:
        """Write the periods of the lab: a student at each seat, now and then with a wrong password."""
        dice = self._dice
        for period in range(5):
            for seat in self._district.list_computers("lab"):
                if dice.random() < 0.25:
                    continue
                student = get_account(dice.choice(self._district.people.students))
                hour = 8.3 + period * 1.2 + dice.random() * 0.1
                if dice.random() < 0.08:
                    before = self._district.calendar.compute_time(day, hour, seconds=-25)
                    self._logs.fail_log_on(
                        seat, before, student.name, kind=2, address="127.0.0.1", workstation=seat.name
                    )
                self._logs.log_on(
                    seat, self._district.calendar.compute_time(day, hour), student, kind=2, address="127.0.0.1"
                )
                image, line = dice.choice(_LAB_PROGRAMS)
                moment = self._district.calendar.compute_time(day, hour, seconds=90)
                self._logs.start_process(seat, moment, student, image=image, line=line, parent=_EXPLORER)

    def _write_administration(self, day: int) -> None:
        """Write the administrators' work on servers, by remote desktop from inside."""
        dice, people = self._dice, self._district.people
        for _ in range(dice.randint(1, 3)):
            person = dice.choice([*people.list_by_post("technician"), people.get_first("administrator")])
            account = get_admin_account(person)
            server = dice.choice([*self._controllers, self._files, self._district.get_computer("imaging")])
            hour = draw_hour(dice, 8, 15)
            at = self._district.calendar.compute_time
            self._logs.log_on(server, at(day, hour), account, kind=10, address=get_office_address(person))
            self._sessions.grant_privileges(server, at(day, hour), account)
            for turn in range(dice.randint(1, 3)):
                image, line = dice.choice(_ADMIN_COMMANDS)
                moment = at(day, hour, seconds=60 + turn * 45)
                self._logs.start_process(server, moment, account, image=image, line=line, parent=_EXPLORER)
        technician = get_admin_account(dice.choice(people.list_by_post("technician")))
        for _ in range(dice.randint(0, 3)):
            target = get_account(dice.choice(people.students))
            moment = self._draw_moment(day, 8, 15)
            self._logs.change_account(self._controllers[0], moment, technician, event=4724, target=target)
        if dice.random() < 0.3:
            member = get_account(dice.choice(people.staff))
            moment = self._draw_moment(day, 8, 15)
            self._logs.change_group(
                self._controllers[0], moment, technician, member=member, group="Printer Users", number=2201
            )


def get_office_address(person: InventedPerson) -> str:
    """Return the address of a person's computer inside the schools."""
    return f"10.20.{20 + person.number % 12}.{30 + person.number % 200}"
