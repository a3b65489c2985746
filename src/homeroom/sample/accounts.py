"""Writes the staff into every system: staff list, roster, Google, Microsoft, and the accounts that are no person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.sample.computers import Computers
from homeroom.sample.figures import UNKNOWN_PEOPLE
from homeroom.sample.google import user_key
from homeroom.sample.hr import staff_row
from homeroom.sample.ids import guid
from homeroom.sample.keptaccounts import ADMINISTRATORS, KeptAccounts
from homeroom.sample.methods import Methods
from homeroom.sample.microsoft import registration_record
from homeroom.sample.names import draw, folded
from homeroom.sample.onpremises import DirectoryWriter
from homeroom.sample.people import JUNK_NUMBER, Employee, Staff
from homeroom.sample.plan import District
from homeroom.sample.roster import DISTRICT_KEY
from homeroom.sample.sinks import Sinks
from homeroom.sample.truth import Account, Ref, ref

# case: (name of the look-alike, control, why)
_LOOK_ALIKES = {
    "substitute": ("substitute", "leaver-account", "The roster ended the teacher's role; now a substitute."),
    "coach": ("coach", "leaver-account", "The roster ended the teacher's role; still coaches."),
    "contractor": ("contractor", "unknown-person", "In no roster; works here under a contract."),
    "board": ("board", "unknown-person", "In no roster; sits on the board."),
    "parent-left": ("parent", "leaver-account", "No employee any more, but the guardian of a pupil here."),
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
    """Writes each employee once, in order. Google keys are numbered from `first`, past those of the pupils."""

    district: District
    sinks: Sinks
    staff: Staff
    computers: Computers
    first: int

    def __post_init__(self) -> None:
        self._next = self.first
        self._premises = DirectoryWriter(district=self.district, sinks=self.sinks, staff=self.staff)
        self._kept = KeptAccounts(writer=self._premises)
        self._methods = Methods(truth=self.sinks.truth)

    def _account(self, email: str, given: str, family: str, unit: str, owner: str, salt: int) -> Account:
        self._next += 1
        calendar = self.district.calendar
        _, key = user_key(self.district, email, self._next)
        return Account(
            key=key,
            email=email,
            given=given,
            family=family,
            unit=unit,
            owner=owner,
            last=calendar.recent[salt * 5 % 9],
            created=date(calendar.year - 1 - salt % 9, 7, 1 + salt % 28),
        )

    def everyone(self) -> None:
        """Write all employees, and the accounts that belong to nobody on the staff list."""
        for person in self.staff.employees:
            records = [ref("hr", person.number), *self._in_roster(person), *self._accounts(person)]
            self.sinks.employees.row(staff_row(person))
            self.sinks.truth.person(records)
            if person.laptop:
                self.computers.for_staff(person)
        self._unknown()
        self._services()
        self._closed()
        self._kept.services()

    def _in_roster(self, person: Employee) -> list[Ref]:
        records = [ref("oneroster", person.guardian_key)] if person.guardian_key else []
        if not person.roster:
            return records
        school = DISTRICT_KEY if person.school < 0 else self.district.schools[person.school].key
        self.sinks.roster.user(
            key=person.roster_key,
            role=person.role,
            orgs=(school,),
            given=person.given,
            family=person.family,
            identifier=JUNK_NUMBER if person.case == "junk-number" else person.number,
            email=person.email,
            status="tobedeleted" if person.roster == "tobedeleted" else "active",
            enabled=person.roster != "disabled",
        )
        return [*records, ref("oneroster", person.roster_key)]

    def _accounts(self, person: Employee) -> list[Ref]:
        """The person's accounts at Google and Microsoft; their records."""
        if not person.account:
            return []
        records = self._entra(person)
        account = self._google(person)
        self.sinks.users.write(account)
        self.sinks.truth.account(account)
        self._remember(person, account)
        records.append(ref("google", account.key))
        if person.case == "staff-parent" and person.turn % 10 == 0:
            records.append(self._another(person, account))
        records += self._premises.for_person(person, account)
        if person.case in ADMINISTRATORS:
            records += self._kept.administrator(person, account)
        if person.case == "super-owner":
            records.append(self._super_admin(person))
        return records

    def _google(self, person: Employee) -> Account:
        owner = "left" if person.gone else "guardian" if person.case == "parent-left" else "works"
        account = self._account(person.email, person.given, person.family, person.unit, owner, person.index)
        account.number = JUNK_NUMBER if person.case == "junk-number" else person.number
        account.enrolled = person.enrolled
        account.second = person.entra if person.federated else person.enrolled
        kept = person.case == "left-suspended" and person.turn % 10 == 0  # closed, but the role was forgotten
        account.delegated = person.case == "delegated" or kept
        if person.hr_email.lower() != person.email:
            account.aliases = (person.hr_email,)
        self._use(person, account)
        return account

    def _use(self, person: Employee, account: Account) -> None:
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

    def _remember(self, person: Employee, account: Account) -> None:
        truth, records = self.sinks.truth, [ref("google", account.key)]
        if person.case in _LOOK_ALIKES:
            truth.innocent(*_LOOK_ALIKES[person.case], records)
        if person.case == "dormant-near" and account.last:
            long_by_count = (self.district.calendar.today - account.last).days > 90
            name = "summer-break" if long_by_count else "nearly-dormant"
            truth.innocent(name, "dormant-account", "90 days or fewer, not counting summer.", records)
        if person.federated and person.entra and not person.enrolled:
            why = "Signs in with Microsoft, which has the second factor; Google's own is not asked."
            truth.innocent("federated-sign-in", "staff-second-factor", why, records)
        if not person.role and person.case == "":
            truth.innocent("not-in-roster", "leaver-account", "The roster never carries this job.", records)

    def _entra(self, person: Employee) -> list[Ref]:
        """The person's record at Microsoft, where there is one."""
        if person.entra is None:
            return []
        truth, key = self.sinks.truth, guid(4, person.index)
        records = [ref("microsoft", key)]
        self.sinks.registrations.record(
            registration_record(
                key=key,
                email=person.principal,
                name=person.name,
                admin=person.case == "entra-admin",
                methods=self._methods.of(person, records),
                day=self.district.calendar.recent[0],
            )
        )
        truth.second_factor("staff-second-factor", person.entra, records)
        for control in ("dormant-account", "never-used-account"):  # the report has no sign-in and no day of creation
            truth.unknown(control, records)
        if person.case != "board":  # whoever sits on the board does not work here
            truth.unknown("first-password-kept", records)
        if person.case == "entra-admin":
            truth.second_factor("admin-second-factor", person.entra, records)
        return [*records]

    def _another(self, person: Employee, first: Account) -> Ref:
        """A second account of the same person for the same work, which somebody made by mistake."""
        local, _, domain = person.email.partition("@")
        email = f"{local}.{100 + person.turn}@{domain}"
        account = self._account(email, person.given, person.family, person.unit, "works", person.index)
        account.number, account.enrolled, account.second = person.number, person.enrolled, first.second
        self.sinks.users.write(account)
        self.sinks.truth.account(account)
        for one in (first, account):
            self.sinks.truth.fails("one-account-a-person", [ref("google", one.key)])
        return ref("google", account.key)

    def _super_admin(self, person: Employee) -> Ref:
        """The separate administrator account of one employee; the second of them lacks the second factor."""
        local, _, domain = person.email.partition("@")
        email = f"{local}-admin@{domain}" if person.turn % 2 else f"adm-{local}@{domain}"
        account = self._account(email, person.given, f"{person.family} (Admin)", "/Admins", "works", person.index)
        account.number, account.admin = person.number, True
        account.enrolled = account.second = person.turn != 1
        self.sinks.users.write(account)
        self.sinks.truth.account(account)
        why = "One account for daily work, and one for administration alone."
        self.sinks.truth.innocent("kept-apart", "one-account-a-person", why, [ref("google", account.key)])
        return ref("google", account.key)

    def _unknown(self) -> None:
        """Accounts of people of whom neither the staff list nor the roster ever heard."""
        number, strangers = UNKNOWN_PEOPLE.of(len(self.staff.employees)), list[Account]()
        for turn, (given, family) in enumerate(draw(self.district.rng(14), number)):
            school = self.district.schools[turn % len(self.district.schools)]
            email = self.staff.addresses.of(given, family)
            account = self._account(email, given, family, f"/Staff/{school.name}", "nobody", turn)
            account.number = str(990_001 + 2 * turn) if turn % 2 else ""
            account.enrolled = turn % 3 == 0
            self.sinks.users.write(account)
            self.sinks.truth.account(account)
            strangers.append(account)
        self._premises.strangers(strangers)

    def _closed(self) -> None:
        """A closed account of somebody who left before any list that there is now."""
        ((given, family),) = draw(self.district.rng(74), 1)
        email = self.staff.addresses.of(given, family)
        account = self._account(email, given, family, f"/Staff/{self.district.schools[0].name}", "nobody", 0)
        account.suspended, account.last = True, self.district.calendar.long_ago[0]
        self.sinks.users.write(account)
        self.sinks.truth.account(account)

    def _services(self) -> None:
        """Accounts of scanners, libraries and rooms: nobody's, so they are asked about, but nobody left them behind."""
        for school in self.district.schools:
            slug = f"{folded(school.name)}@{self.district.domain}"
            first = school.index == 0
            places = (
                ("scanner", "/Service/Scanners"),
                ("library", f"/Staff/{school.name}" if first else "/Shared/Library"),
                ("room", "/Resources/Staff Rooms" if first else "/Resources/Rooms"),
            )
            for turn, (local, unit) in enumerate(places):
                owner = "service" if local == "scanner" else "shared"
                account = self._account(f"{local}-{slug}", local.title(), school.name, unit, owner, school.index + turn)
                account.enrolled = account.second = True  # a security key lies at the desk
                self.sinks.users.write(account)
                self.sinks.truth.account(account)
                self._apart(account, [ref("google", account.key)])
                self.sinks.truth.innocent(
                    "service-account",
                    "leaver-account",
                    "No person ever owned it, so nobody who left did; it is only asked about.",
                    [ref("google", account.key)],
                )

    def _apart(self, account: Account, records: list[Ref]) -> None:
        """Whether an account of a script or a desk stands among those of people."""
        if account.unit.startswith("/Staff/"):
            self.sinks.truth.fails("service-account-apart", records)
        elif "Staff" in account.unit:
            why = "A unit of its own, which only has the word in its name."
            self.sinks.truth.innocent("staff-rooms", "service-account-apart", why, records)
