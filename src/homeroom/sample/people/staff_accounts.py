"""Write the staff to every system: staff list, roster, Google, Microsoft, and accounts without a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.sample.consoles.google import build_user_key
from homeroom.sample.consoles.microsoft import build_registration_record
from homeroom.sample.devices.computers import ComputerWriter
from homeroom.sample.export_files import ExportFiles
from homeroom.sample.files.oneroster import DISTRICT_KEY
from homeroom.sample.files.staff_list import build_staff_row
from homeroom.sample.people.on_premises_accounts import OnPremisesAccountWriter
from homeroom.sample.people.service_accounts import ADMINISTRATORS, ServiceAccountWriter
from homeroom.sample.people.sign_in_methods import SignInMethods
from homeroom.sample.plan.case_rates import UNKNOWN_PEOPLE
from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.plan.person_names import convert_to_ascii, draw_names
from homeroom.sample.plan.staff import JUNK_NUMBER, Employee, StaffList
from homeroom.sample.truth.ground_truth import GoogleAccount, RecordRef, build_ref

# case: (name of the look-alike, control, why)
_LOOK_ALIKES = {
    "substitute": ("substitute", "leaver-account", "The roster ended the teacher's role; now a substitute."),
    "coach": ("coach", "leaver-account", "The roster ended the teacher's role; still coaches."),
    "contractor": ("contractor", "unknown-person", "In no roster; works here under a contract."),
    "board": ("board", "unknown-person", "In no roster; sits on the board."),
    "parent-left": ("parent", "leaver-account", "No employee any more, but the guardian of a student here."),
    "staff-parent": ("staff-parent", "leaver-account", "Guardian in the roster and on the staff list: one person."),
    "on-leave": ("on-leave", "leaver-account", "On leave, not gone."),
    "ends-soon": ("ends-soon", "leaver-account", "The end date lies ahead."),
    "renamed": ("renamed", "unknown-person", "The staff list has the old name, which is an alias."),
    "junk-number": ("junk-number", "unknown-person", "The number is filler that several share; the address is theirs."),
    "never-new": ("new-account", "never-used-account", "Never used, and made exactly 90 days ago."),
    "left-suspended": ("suspended-leaver", "leaver-account", "Left, and the account was closed as it should be."),
}


@dataclass(kw_only=True)
class StaffWriter:
    """Writer of all employees, in order.

    Google keys are numbered from `first_key_number`, after those of the students.
    """

    district: DistrictPlan
    exports: ExportFiles
    staff: StaffList
    computers: ComputerWriter
    first_key_number: int

    def __post_init__(self) -> None:
        self._next = self.first_key_number
        self._on_premises = OnPremisesAccountWriter(district=self.district, exports=self.exports, staff=self.staff)
        self._service_accounts = ServiceAccountWriter(writer=self._on_premises)
        self._methods = SignInMethods(truth=self.exports.truth)

    def _create_account(
        self, email: str, first_name: str, last_name: str, unit: str, owner: str, salt: int
    ) -> GoogleAccount:
        self._next += 1
        calendar = self.district.calendar
        _, key = build_user_key(self.district, email, self._next)
        return GoogleAccount(
            key=key,
            email=email,
            first_name=first_name,
            last_name=last_name,
            unit=unit,
            owner=owner,
            last=calendar.recent[salt * 5 % 9],
            created=date(calendar.year - 1 - salt % 9, 7, 1 + salt % 28),
        )

    def write_all(self) -> None:
        """Write all employees, and the accounts without a person on the staff list."""
        for person in self.staff.employees:
            records = [build_ref("hr", person.number), *self._write_to_roster(person), *self._write_accounts(person)]
            self.exports.employees.write_row(build_staff_row(person))
            self.exports.truth.add_person(records)
            if person.laptop:
                self.computers.write_staff_laptop(person)
        self._write_unknown_people()
        self._write_service_accounts()
        self._write_closed_account()
        self._service_accounts.write_all()

    def _write_to_roster(self, person: Employee) -> list[RecordRef]:
        records = [build_ref("oneroster", person.guardian_key)] if person.guardian_key else []
        if not person.roster:
            return records
        school = DISTRICT_KEY if person.school < 0 else self.district.schools[person.school].key
        self.exports.roster.write_user(
            key=person.roster_key,
            role=person.role,
            orgs=(school,),
            first_name=person.first_name,
            last_name=person.last_name,
            identifier=JUNK_NUMBER if person.case == "junk-number" else person.number,
            email=person.email,
            status="tobedeleted" if person.roster == "tobedeleted" else "active",
            enabled=person.roster != "disabled",
        )
        return [*records, build_ref("oneroster", person.roster_key)]

    def _write_accounts(self, person: Employee) -> list[RecordRef]:
        """Write the person's accounts at Google and Microsoft, and return their records."""
        if not person.account:
            return []
        records = self._write_entra_record(person)
        account = self._build_google_account(person)
        self.exports.users.write(account)
        self.exports.truth.evaluate_account(account)
        self._record_look_alikes(person, account)
        records.append(build_ref("google", account.key))
        if person.case == "staff-parent" and person.turn % 10 == 0:
            records.append(self._write_duplicate_account(person, account))
        records += self._on_premises.write_person(person, account)
        if person.case in ADMINISTRATORS:
            records += self._service_accounts.write_administrator(person, account)
        if person.case == "super-owner":
            records.append(self._write_super_admin(person))
        return records

    def _build_google_account(self, person: Employee) -> GoogleAccount:
        owner = "left" if person.has_left else "guardian" if person.case == "parent-left" else "works"
        account = self._create_account(
            person.email, person.first_name, person.last_name, person.unit, owner, person.index
        )
        account.number = JUNK_NUMBER if person.case == "junk-number" else person.number
        account.enrolled = person.enrolled
        account.second = person.entra if person.federated else person.enrolled
        role_remains = person.case == "left-suspended" and person.turn % 10 == 0  # closed, but the role was forgotten
        account.delegated = person.case == "delegated" or role_remains
        if person.hr_email.lower() != person.email:
            account.aliases = (person.hr_email,)
        self._set_usage(person, account)
        return account

    def _set_usage(self, person: Employee, account: GoogleAccount) -> None:
        calendar = self.district.calendar
        match person.case:
            case "dormant":
                account.last = calendar.staff_idle[person.turn * 9 % len(calendar.staff_idle)]
            case "dormant-near":
                near = calendar.staff_not_idle
                account.last = near[-1 if person.turn % 2 else 0] if near else account.last
            case "never-used":
                account.last, account.created = None, calendar.today - timedelta(days=91 + person.turn)
            case "never-new":
                account.last, account.created = None, calendar.today - timedelta(days=90)
            case "left-suspended":
                account.suspended, account.archived = person.turn % 2 == 0, person.turn % 2 == 1
                account.last = calendar.long_ago[person.turn % 10]
            case "leaver" if person.turn % 2:
                account.last = calendar.long_ago[person.turn % 10]

    def _record_look_alikes(self, person: Employee, account: GoogleAccount) -> None:
        truth, records = self.exports.truth, [build_ref("google", account.key)]
        if person.case in _LOOK_ALIKES:
            truth.add_look_alike(*_LOOK_ALIKES[person.case], records)
        if person.case == "dormant-near" and account.last:
            long_by_count = (self.district.calendar.today - account.last).days > 90
            name = "summer-break" if long_by_count else "nearly-dormant"
            truth.add_look_alike(name, "dormant-account", "90 days or fewer, not counting summer.", records)
        if person.federated and person.entra and not person.enrolled:
            reason = "Signs in with Microsoft, which has the second factor; Google's own is not asked."
            truth.add_look_alike("federated-sign-in", "staff-second-factor", reason, records)
        if not person.role and person.case == "":
            truth.add_look_alike("not-in-roster", "leaver-account", "The roster never carries this job.", records)

    def _write_entra_record(self, person: Employee) -> list[RecordRef]:
        """Write the person's record at Microsoft, where there is one."""
        if person.entra is None:
            return []
        truth, key = self.exports.truth, build_guid(4, person.index)
        records = [build_ref("microsoft", key)]
        self.exports.registrations.add_record(
            build_registration_record(
                key=key,
                email=person.principal,
                name=person.name,
                admin=person.case == "entra-admin",
                methods=self._methods.assign_methods(person, records),
                day=self.district.calendar.recent[0],
            )
        )
        truth.evaluate_second_factor("staff-second-factor", person.entra, records)
        for control in ("dormant-account", "never-used-account"):  # the report has no sign-in and no day of creation
            truth.add_unknown(control, records)
        if person.case != "board":  # whoever sits on the board does not work here
            truth.add_unknown("first-password-kept", records)
        if person.case == "entra-admin":
            truth.evaluate_second_factor("admin-second-factor", person.entra, records)
        return [*records]

    def _write_duplicate_account(self, person: Employee, original: GoogleAccount) -> RecordRef:
        """Write a second account of the same person for the same work, created by mistake."""
        local, _, domain = person.email.partition("@")
        email = f"{local}.{100 + person.turn}@{domain}"
        account = self._create_account(email, person.first_name, person.last_name, person.unit, "works", person.index)
        account.number, account.enrolled, account.second = person.number, person.enrolled, original.second
        self.exports.users.write(account)
        self.exports.truth.evaluate_account(account)
        for google_account in (original, account):
            self.exports.truth.add_failure("one-account-a-person", [build_ref("google", google_account.key)])
        return build_ref("google", account.key)

    def _write_super_admin(self, person: Employee) -> RecordRef:
        """Write the separate administrator account of an employee; the second one lacks the second factor."""
        local, _, domain = person.email.partition("@")
        email = f"{local}-admin@{domain}" if person.turn % 2 else f"adm-{local}@{domain}"
        account = self._create_account(
            email, person.first_name, f"{person.last_name} (Admin)", "/Admins", "works", person.index
        )
        account.number, account.admin = person.number, True
        account.enrolled = account.second = person.turn != 1
        self.exports.users.write(account)
        self.exports.truth.evaluate_account(account)
        reason = "One account for daily work, and one for administration alone."
        self.exports.truth.add_look_alike(
            "kept-apart", "one-account-a-person", reason, [build_ref("google", account.key)]
        )
        return build_ref("google", account.key)

    def _write_unknown_people(self) -> None:
        """Write accounts of people who are neither on the staff list nor in the roster."""
        count, strangers = UNKNOWN_PEOPLE.count_cases(len(self.staff.employees)), list[GoogleAccount]()
        for turn, (first_name, last_name) in enumerate(draw_names(self.district.create_rng(14), count)):
            school = self.district.schools[turn % len(self.district.schools)]
            email = self.staff.addresses.assign_address(first_name, last_name)
            account = self._create_account(email, first_name, last_name, f"/Staff/{school.name}", "nobody", turn)
            account.number = str(990_001 + 2 * turn) if turn % 2 else ""
            account.enrolled = turn % 3 == 0
            self.exports.users.write(account)
            self.exports.truth.evaluate_account(account)
            strangers.append(account)
        self._on_premises.write_unknown_people(strangers)

    def _write_closed_account(self) -> None:
        """Write a closed account of somebody who left before any of the current lists was made."""
        ((first_name, last_name),) = draw_names(self.district.create_rng(74), 1)
        email = self.staff.addresses.assign_address(first_name, last_name)
        account = self._create_account(
            email, first_name, last_name, f"/Staff/{self.district.schools[0].name}", "nobody", 0
        )
        account.suspended, account.last = True, self.district.calendar.long_ago[0]
        self.exports.users.write(account)
        self.exports.truth.evaluate_account(account)

    def _write_service_accounts(self) -> None:
        """Write accounts of scanners, libraries and rooms.

        They belong to nobody, so they need a review, but they are no leaver's accounts.
        """
        for school in self.district.schools:
            slug = f"{convert_to_ascii(school.name)}@{self.district.domain}"
            first = school.index == 0
            definitions = (
                ("scanner", "/Service/Scanners"),
                ("library", f"/Staff/{school.name}" if first else "/Shared/Library"),
                ("room", "/Resources/Staff Rooms" if first else "/Resources/Rooms"),
            )
            for turn, (local, unit) in enumerate(definitions):
                owner = "service" if local == "scanner" else "shared"
                account = self._create_account(
                    f"{local}-{slug}", local.title(), school.name, unit, owner, school.index + turn
                )
                account.enrolled = account.second = True  # a security key lies at the desk
                self.exports.users.write(account)
                self.exports.truth.evaluate_account(account)
                self._evaluate_separation(account, [build_ref("google", account.key)])
                self.exports.truth.add_look_alike(
                    "service-account",
                    "leaver-account",
                    "No person ever owned it, so nobody who left did; it is only asked about.",
                    [build_ref("google", account.key)],
                )

    def _evaluate_separation(self, account: GoogleAccount, records: list[RecordRef]) -> None:
        """Evaluate whether a service or shared account is in a unit of people's accounts."""
        if account.unit.startswith("/Staff/"):
            self.exports.truth.add_failure("service-account-apart", records)
        elif "Staff" in account.unit:
            reason = "A unit of its own, which only has the word in its name."
            self.exports.truth.add_look_alike("staff-rooms", "service-account-apart", reason, records)
