"""Write the students to roster, directory and asset list, one school at a time, with guardians and classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from homeroom.sample.consoles.google import build_user_key
from homeroom.sample.devices.chromebooks import DeviceHolder, DeviceWriter
from homeroom.sample.devices.computers import ComputerWriter
from homeroom.sample.export_files import ExportFiles
from homeroom.sample.plan.case_rates import (
    FIRST_ACCOUNT_GRADE,
    GRADES,
    NOT_FILTERED,
    STUDENT_LAPTOPS,
    STUDENTS_PER_GROUP,
    UPPER_WITHOUT_SECOND_FACTOR,
    YOUNG_PROMPTED,
)
from homeroom.sample.plan.district import CaseDeck, DistrictPlan, SchoolPlan
from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.plan.person_names import ODD_NAMES, convert_to_ascii, draw_names
from homeroom.sample.plan.staff import Employee
from homeroom.sample.plan.student import Student
from homeroom.sample.tenants.organizational_units import CLUB_UNIT
from homeroom.sample.truth.ground_truth import GoogleAccount, build_ref

_MIDDLE, _UPPER = GRADES.index("06"), GRADES.index("09")
_FEW_GUARDIANS = 200_000  # students from which only one student in twenty has a guardian in the roster


@dataclass(kw_only=True)
class StudentWriter:
    """Writer of all students, in order."""

    district: DistrictPlan
    exports: ExportFiles
    deck: CaseDeck
    devices: DeviceWriter
    computers: ComputerWriter
    employees: list[Employee]
    _turns: dict[str, int] = field(default_factory=dict)
    _previous: Student | None = None

    def __post_init__(self) -> None:
        self._domain = f"students.{self.district.domain}"
        rng = self.district.create_rng(31)
        plain = (self.deck.codes == 0) & (self.devices.deck.codes == 0)
        upper = plain & (self.district.grades >= _UPPER)
        loaner_count = STUDENT_LAPTOPS.count_cases(int(upper.sum()))
        self._loaners = set(rng.choice(upper.nonzero()[0], size=loaner_count, replace=False).tolist())
        self._without_second_factor = self.district.choose_subjects(33, UPPER_WITHOUT_SECOND_FACTOR, upper)
        signing_in = plain & (self.district.grades >= FIRST_ACCOUNT_GRADE)
        self.devices.unfiltered = self.district.choose_subjects(34, NOT_FILTERED, signing_in)
        self._in_club = int(signing_in.nonzero()[0][0])
        young, middle = ((self.district.grades // 3 == part) & plain for part in (1, 2))  # grades 3 to 5, and 6 to 8
        self._prompted = self.district.choose_subjects(35, YOUNG_PROMPTED, young) | self.district.choose_subjects(
            36, YOUNG_PROMPTED, middle
        )
        self._parents = self._assign_staff_children(rng.permutation(plain.nonzero()[0])[: len(self.employees)].tolist())
        self._namesakes = [person for person in self.employees if person.case == "" and person.account]
        self._guardians_every = 20 if self.district.students > _FEW_GUARDIANS else 3

    def _assign_staff_children(self, students: list[int]) -> dict[int, Employee]:
        """Assign students to employees, current or former, who are their guardians."""
        parents = [person for person in self.employees if person.case in ("staff-parent", "parent-left")]
        children = dict(zip(students, parents, strict=False))
        for student, person in children.items():
            person.guardian_key = f"G{8_000_000 + student}"
        return children

    def write_school(self, school: SchoolPlan) -> None:
        """Write all students of one school."""
        names = draw_names(self.district.create_rng(32, school.index), school.students)
        index = school.first
        for grade, count in zip(school.level.grades, school.counts, strict=True):
            for position in range(count):
                student = self._build_student(index, school, GRADES.index(grade), position, names[index - school.first])
                self._write(student)
                self._previous = student
                index += 1

    def _build_student(
        self, index: int, school: SchoolPlan, grade: int, position: int, name: tuple[str, str]
    ) -> Student:
        case, turn = self.deck.get_case(index), 0
        if case:
            turn = self._turns[case] = self._turns.get(case, -1) + 1
        first_name, last_name = self._choose_name(case, turn, name)
        number = str(2_000_014 + 9 * index)
        email = f"{convert_to_ascii(first_name)[:9]}{convert_to_ascii(last_name)[:1]}{number}@{self._domain}"
        birth_date = date(self.district.calendar.year - 5 - grade, 1 + index * 7 % 12, 1 + index * 11 % 28)
        if case in ("twin-2", "sibling-2") and self._previous:
            birth_date = self._previous.birth_date
        return Student(
            index=index,
            number=number,
            key=build_guid(1, index) if self.district.guid_keys else number,
            first_name=first_name,
            last_name=last_name,
            email=email,
            grade=grade,
            school=school,
            group=position // STUDENTS_PER_GROUP,
            case=case,
            turn=turn,
            birth_date=birth_date,
            roster_email=self._build_roster_email(case, email, last_name, turn, grade),
            guardian_keys=self._list_guardian_keys(index, case),
        )

    def _choose_name(self, case: str, turn: int, name: tuple[str, str]) -> tuple[str, str]:
        if case == "odd-name":
            return ODD_NAMES[turn % len(ODD_NAMES)]
        if case == "same-name":
            person = self._namesakes[turn % len(self._namesakes)]
            return person.first_name, person.last_name
        if case in ("twin-2", "sibling-2") and self._previous:
            first_name = name[0] if name[0] != self._previous.first_name else "Robin"
            return first_name, self._previous.last_name
        return name

    def _build_roster_email(self, case: str, email: str, last_name: str, turn: int, grade: int) -> str:
        """Return the student's address in the roster.

        Students too young for an account have none, or their family's, which siblings share.
        """
        if case in ("sibling", "sibling-2"):
            family_name = last_name if case == "sibling" or not self._previous else self._previous.last_name
            return f"{convert_to_ascii(family_name)}.family{turn}@mail.example"
        return "" if case == "no-email" or grade < FIRST_ACCOUNT_GRADE else email

    def _list_guardian_keys(self, index: int, case: str) -> tuple[str, ...]:
        if index in self._parents:
            return (self._parents[index].guardian_key,)
        return (f"G{8_000_000 + index}",) if index % self._guardians_every == 0 else ()

    def _write(self, student: Student) -> None:
        records = [build_ref("oneroster", student.key)]
        self._write_to_roster(student)
        if student.grade >= FIRST_ACCOUNT_GRADE:
            account = self._build_account(student)
            self.exports.users.write(account)
            self.exports.truth.evaluate_account(account)
            records.append(build_ref("google", account.key))
            self._record_look_alikes(student, account)
            self._write_device(student)
        elif student.case.startswith("sibling"):
            reason = "Two children with their family's address: two people."
            self.exports.truth.add_look_alike(
                "family-email", "unknown-person", reason, [build_ref("oneroster", student.key)]
            )
        self.exports.truth.add_person(records)

    def _write_to_roster(self, student: Student) -> None:
        roster, today = self.exports.roster, self.district.calendar.today
        disabled = student.case == "leaver" and student.turn % 3 == 1
        by_date = student.case == "leaver" and student.turn % 3 == 2 and self.district.roster_version == "1.2"
        left_on = today - timedelta(days=5 + student.turn * 13 % 60)
        orgs, ended = self._list_orgs(student)
        roster.write_user(
            key=student.key,
            role="student",
            orgs=orgs,
            first_name=student.first_name,
            last_name=student.last_name,
            identifier=student.number,
            email=student.roster_email,
            status="tobedeleted" if student.left and not disabled and not by_date else "active",
            enabled=not disabled,
            agents=student.guardian_keys,
            grade=GRADES[student.grade],
            password=f"kite-{student.index * 7919 % 100_000:05d}-river" if student.index % 3 == 1 else "",
            role_ends=(left_on,) if by_date else ended,
        )
        roster.write_demographics(
            key=student.key, birth_date=student.birth_date, sex="female" if student.index % 2 else "male"
        )
        self._write_guardian(student)
        for position in range(roster.per_student):
            roster.write_enrollment(
                person=student.key,
                school=student.school,
                grade=GRADES[student.grade],
                group=student.group,
                position=position,
                role="student",
                ended_on=left_on if student.left else None,
            )

    def _list_orgs(self, student: Student) -> tuple[tuple[str, ...], tuple[date | None, ...]]:
        """Return the student's schools, the present one first, and when each role ended."""
        if student.case != "moved":
            return (student.school.key,), (None,)
        schools = self.district.schools
        former_school = next(
            school for school in (*schools[student.school.index + 1 :], *schools) if school.key != student.school.key
        )
        role_end = self.exports.roster.begins + timedelta(days=20)
        grade = former_school.level.grades[-1]
        self.exports.roster.write_enrollment(
            person=student.key,
            school=former_school,
            grade=grade,
            group=0,
            position=0,
            role="student",
            ended_on=role_end,
        )
        return (student.school.key, former_school.key), (None, role_end)

    def _write_guardian(self, student: Student) -> None:
        for key in student.guardian_keys:
            parent = self._parents.get(student.index)
            self.exports.roster.write_user(
                key=key,
                role="guardian" if student.index % 2 else "parent",
                orgs=(student.school.key,),
                first_name=parent.first_name
                if parent
                else ("Alex", "Robin", "Jo", "Sam", "Noor", "Kim")[student.index % 6],
                last_name=parent.last_name if parent else student.last_name,
                identifier="",
                email=parent.email if parent else f"{convert_to_ascii(student.last_name)}{student.index}@mail.example",
            )
            if not parent:
                self.exports.truth.add_person([build_ref("oneroster", key)])

    def _build_account(self, student: Student) -> GoogleAccount:
        calendar = self.district.calendar
        _, key = build_user_key(self.district, student.email, student.index + 1)
        account = GoogleAccount(
            key=key,
            email=student.email,
            first_name=student.first_name,
            last_name=student.last_name,
            unit=CLUB_UNIT if student.index == self._in_club else f"/Students/{student.school.name}",
            number=student.number,
            last=calendar.recent[student.index * 5 % 9],
            created=date(calendar.year - student.grade % 6 - 1, 7, 1 + student.index % 28),
            owner="left" if student.left else "student",
            kind="student",
            upper=student.grade >= _UPPER,
            young=student.grade < _MIDDLE,
            is_prompted=student.index in self._prompted,
        )
        account.enrolled = account.second = account.upper and student.index not in self._without_second_factor
        if student.case:
            self._set_usage(student, account)
        return account

    def _set_usage(self, student: Student, account: GoogleAccount) -> None:
        calendar = self.district.calendar
        match student.case:
            case "leaver" if student.turn % 2:
                account.last = calendar.long_ago[student.turn % 10]
            case "left-suspended":
                account.suspended, account.archived = student.turn % 2 == 0, student.turn % 2 == 1
                account.last = calendar.long_ago[student.turn % 10]
            case "dormant":
                account.last = calendar.student_idle[student.turn * 5 % len(calendar.student_idle)]
            case "dormant-near":
                account.last = calendar.student_not_idle
            case "never-used":
                account.last, account.created = None, calendar.today - timedelta(days=91 + student.turn)
            case "never-new":
                account.last, account.created = None, calendar.today - timedelta(days=90)
            case "suspended-here":
                account.suspended = True

    def _record_look_alikes(self, student: Student, account: GoogleAccount) -> None:
        truth, records = self.exports.truth, [build_ref("google", account.key)]
        calendar = self.district.calendar
        if account.unit == self.exports.users.unit:
            reason = "Also in the export of one unit, which deletes nobody outside the unit and fixes nothing."
            truth.add_look_alike("one-unit-export", "leaver-account", reason, records if not student.left else [])
        match student.case:
            case "twin" | "twin-2":
                truth.add_look_alike(
                    "twin", "leaver-account", "Same family name, birthday, grade and school: two people.", records
                )
            case "same-name":
                truth.add_look_alike(
                    "same-name", "leaver-account", "A student and an employee of one name: two people.", records
                )
            case "moved":
                truth.add_look_alike(
                    "moved-school", "leaver-account", "The role at the old school ended; at the new one not.", records
                )
            case "odd-name":
                truth.add_look_alike("odd-name", "unknown-person", "A person named Null, None, NA or True.", records)
            case "no-email":
                truth.add_look_alike("no-email", "unknown-person", "The roster knows the student by number.", records)
            case "dormant-near":
                reason = "44 school days without a sign-in, breaks not counted."
                truth.add_look_alike(calendar.break_between or "nearly-dormant", "dormant-account", reason, records)
            case "never-new":
                truth.add_look_alike(
                    "new-account", "never-used-account", "Never used, and made exactly 90 days ago.", records
                )
            case "left-suspended":
                truth.add_look_alike("suspended-leaver", "leaver-account", "Left, and the account was closed.", records)

    def _write_device(self, student: Student) -> None:
        holder = DeviceHolder(
            name=f"{student.first_name} {student.last_name}",
            email=student.email,
            number=student.number,
            has_left=student.left,
        )
        if student.left and student.turn // 2 % 2:
            self.devices.write_returned_device("student", student.school)
            return
        self.devices.write_student_device(student.index, student.school, holder)
        if student.index in self._loaners:
            self.computers.write_loaner(holder, student.school.name)
