"""Writes the pupils into roster, directory and asset list, a school at a time, and their guardians and classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from homeroom.sample.computers import Computers
from homeroom.sample.figures import (
    FIRST_ACCOUNT_GRADE,
    GRADES,
    NOT_FILTERED,
    PUPIL_LAPTOPS,
    PUPILS_PER_GROUP,
    UPPER_WITHOUT_SECOND,
    YOUNG_ASKED,
)
from homeroom.sample.fleet import Fleet, Holder
from homeroom.sample.google import user_key
from homeroom.sample.ids import guid
from homeroom.sample.names import ODD_NAMES, draw, folded
from homeroom.sample.people import Employee
from homeroom.sample.places import CLUB
from homeroom.sample.plan import Deck, District, School
from homeroom.sample.pupil import Pupil
from homeroom.sample.sinks import Sinks
from homeroom.sample.truth import Account, ref

_MIDDLE, _UPPER = GRADES.index("06"), GRADES.index("09")
_FEW_GUARDIANS = 200_000  # students from which only one pupil in twenty has a guardian in the roster


@dataclass(kw_only=True)
class PupilWriter:
    """Writes every pupil once, in order."""

    district: District
    sinks: Sinks
    deck: Deck
    fleet: Fleet
    computers: Computers
    employees: list[Employee]
    _turns: dict[str, int] = field(default_factory=dict)
    _before: Pupil | None = None

    def __post_init__(self) -> None:
        self._domain = f"students.{self.district.domain}"
        rng = self.district.rng(31)
        plain = (self.deck.codes == 0) & (self.fleet.deck.codes == 0)
        upper = plain & (self.district.grades >= _UPPER)
        lent = PUPIL_LAPTOPS.of(int(upper.sum()))
        self._lent = set(rng.choice(upper.nonzero()[0], size=lent, replace=False).tolist())
        self._without_second = self.district.chosen(33, UPPER_WITHOUT_SECOND, upper)
        signing_in = plain & (self.district.grades >= FIRST_ACCOUNT_GRADE)
        self.fleet.unfiltered = self.district.chosen(34, NOT_FILTERED, signing_in)
        self._in_club = int(signing_in.nonzero()[0][0])
        young, middle = ((self.district.grades // 3 == part) & plain for part in (1, 2))  # grades 3 to 5, and 6 to 8
        self._asked = self.district.chosen(35, YOUNG_ASKED, young) | self.district.chosen(36, YOUNG_ASKED, middle)
        self._parents = self._children_of_staff(rng.permutation(plain.nonzero()[0])[: len(self.employees)].tolist())
        self._namesakes = [person for person in self.employees if person.case == "" and person.account]
        self._guardians_every = 20 if self.district.students > _FEW_GUARDIANS else 3

    def _children_of_staff(self, pupils: list[int]) -> dict[int, Employee]:
        """Which pupil's guardian is which employee, present or past."""
        parents = [person for person in self.employees if person.case in ("staff-parent", "parent-left")]
        children = dict(zip(pupils, parents, strict=False))
        for pupil, person in children.items():
            person.guardian_key = f"G{8_000_000 + pupil}"
        return children

    def school(self, school: School) -> None:
        """Write all pupils of one school."""
        names = draw(self.district.rng(32, school.index), school.pupils)
        index = school.first
        for grade, count in zip(school.level.grades, school.counts, strict=True):
            for place in range(count):
                pupil = self._pupil(index, school, GRADES.index(grade), place, names[index - school.first])
                self._write(pupil)
                self._before = pupil
                index += 1

    def _pupil(self, index: int, school: School, grade: int, place: int, name: tuple[str, str]) -> Pupil:
        case, turn = self.deck.case(index), 0
        if case:
            turn = self._turns[case] = self._turns.get(case, -1) + 1
        given, family = self._name(case, turn, name)
        number = str(2_000_014 + 9 * index)
        email = f"{folded(given)[:9]}{folded(family)[:1]}{number}@{self._domain}"
        born = date(self.district.calendar.year - 5 - grade, 1 + index * 7 % 12, 1 + index * 11 % 28)
        if case in ("twin-2", "sibling-2") and self._before:
            born = self._before.born
        return Pupil(
            index=index,
            number=number,
            key=guid(1, index) if self.district.guid_keys else number,
            given=given,
            family=family,
            email=email,
            grade=grade,
            school=school,
            group=place // PUPILS_PER_GROUP,
            case=case,
            turn=turn,
            born=born,
            roster_email=self._roster_email(case, email, family, turn, grade),
            agents=self._agents(index, case),
        )

    def _name(self, case: str, turn: int, name: tuple[str, str]) -> tuple[str, str]:
        if case == "odd-name":
            return ODD_NAMES[turn % len(ODD_NAMES)]
        if case == "same-name":
            person = self._namesakes[turn % len(self._namesakes)]
            return person.given, person.family
        if case in ("twin-2", "sibling-2") and self._before:
            given = name[0] if name[0] != self._before.given else "Robin"
            return given, self._before.family
        return name

    def _roster_email(self, case: str, email: str, family: str, turn: int, grade: int) -> str:
        """Pupils too young for an account have none, or their family's, which brothers and sisters share."""
        if case in ("sibling", "sibling-2"):
            shared = family if case == "sibling" or not self._before else self._before.family
            return f"{folded(shared)}.family{turn}@mail.example"
        return "" if case == "no-email" or grade < FIRST_ACCOUNT_GRADE else email

    def _agents(self, index: int, case: str) -> tuple[str, ...]:
        if index in self._parents:
            return (self._parents[index].guardian_key,)
        return (f"G{8_000_000 + index}",) if index % self._guardians_every == 0 else ()

    def _write(self, pupil: Pupil) -> None:
        records = [ref("oneroster", pupil.key)]
        self._in_roster(pupil)
        if pupil.grade >= FIRST_ACCOUNT_GRADE:
            account = self._account(pupil)
            self.sinks.users.write(account)
            self.sinks.truth.account(account)
            records.append(ref("google", account.key))
            self._remember(pupil, account)
            self._device(pupil)
        elif pupil.case.startswith("sibling"):
            why = "Two children with their family's address: two people."
            self.sinks.truth.innocent("family-email", "unknown-person", why, [ref("oneroster", pupil.key)])
        self.sinks.truth.person(records)

    def _in_roster(self, pupil: Pupil) -> None:
        roster, today = self.sinks.roster, self.district.calendar.today
        disabled = pupil.case == "leaver" and pupil.turn % 3 == 1
        by_date = pupil.case == "leaver" and pupil.turn % 3 == 2 and self.district.roster_version == "1.2"
        left_on = today - timedelta(days=5 + pupil.turn * 13 % 60)
        orgs, ended = self._orgs(pupil)
        roster.user(
            key=pupil.key,
            role="student",
            orgs=orgs,
            given=pupil.given,
            family=pupil.family,
            identifier=pupil.number,
            email=pupil.roster_email,
            status="tobedeleted" if pupil.left and not disabled and not by_date else "active",
            enabled=not disabled,
            agents=pupil.agents,
            grade=GRADES[pupil.grade],
            password=f"kite-{pupil.index * 7919 % 100_000:05d}-river" if pupil.index % 3 == 1 else "",
            ended=(left_on,) if by_date else ended,
        )
        roster.demographics(key=pupil.key, born=pupil.born, sex="female" if pupil.index % 2 else "male")
        self._guardian(pupil)
        for place in range(roster.per_pupil):
            roster.enrollment(
                person=pupil.key,
                school=pupil.school,
                grade=GRADES[pupil.grade],
                group=pupil.group,
                place=place,
                role="student",
                over=left_on if pupil.left else None,
            )

    def _orgs(self, pupil: Pupil) -> tuple[tuple[str, ...], tuple[date | None, ...]]:
        """The pupil's schools, the present one first, and when each role ended."""
        if pupil.case != "moved":
            return (pupil.school.key,), (None,)
        schools = self.district.schools
        old = next(
            school for school in (*schools[pupil.school.index + 1 :], *schools) if school.key != pupil.school.key
        )
        over = self.sinks.roster.begins + timedelta(days=20)
        grade = old.level.grades[-1]
        self.sinks.roster.enrollment(
            person=pupil.key, school=old, grade=grade, group=0, place=0, role="student", over=over
        )
        return (pupil.school.key, old.key), (None, over)

    def _guardian(self, pupil: Pupil) -> None:
        for key in pupil.agents:
            parent = self._parents.get(pupil.index)
            self.sinks.roster.user(
                key=key,
                role="guardian" if pupil.index % 2 else "parent",
                orgs=(pupil.school.key,),
                given=parent.given if parent else ("Alex", "Robin", "Jo", "Sam", "Noor", "Kim")[pupil.index % 6],
                family=parent.family if parent else pupil.family,
                identifier="",
                email=parent.email if parent else f"{folded(pupil.family)}{pupil.index}@mail.example",
            )
            if not parent:
                self.sinks.truth.person([ref("oneroster", key)])

    def _account(self, pupil: Pupil) -> Account:
        calendar = self.district.calendar
        _, key = user_key(self.district, pupil.email, pupil.index + 1)
        account = Account(
            key=key,
            email=pupil.email,
            given=pupil.given,
            family=pupil.family,
            unit=CLUB if pupil.index == self._in_club else f"/Students/{pupil.school.name}",
            number=pupil.number,
            last=calendar.recent[pupil.index * 5 % 9],
            created=date(calendar.year - pupil.grade % 6 - 1, 7, 1 + pupil.index % 28),
            owner="left" if pupil.left else "pupil",
            kind="pupil",
            upper=pupil.grade >= _UPPER,
            young=pupil.grade < _MIDDLE,
            demanded=pupil.index in self._asked,
        )
        account.enrolled = account.second = account.upper and pupil.index not in self._without_second
        if pupil.case:
            self._use(pupil, account)
        return account

    def _use(self, pupil: Pupil, account: Account) -> None:
        calendar = self.district.calendar
        match pupil.case:
            case "leaver" if pupil.turn % 2:
                account.last = calendar.long_ago[pupil.turn % 10]
            case "left-suspended":
                account.suspended, account.archived = pupil.turn % 2 == 0, pupil.turn % 2 == 1
                account.last = calendar.long_ago[pupil.turn % 10]
            case "dormant":
                account.last = calendar.pupil_idle[pupil.turn * 5 % len(calendar.pupil_idle)]
            case "dormant-near":
                account.last = calendar.pupil_not_idle
            case "never-used":
                account.last, account.created = None, calendar.today - timedelta(days=91 + pupil.turn)
            case "never-new":
                account.last, account.created = None, calendar.today - timedelta(days=90)
            case "suspended-here":
                account.suspended = True

    def _remember(self, pupil: Pupil, account: Account) -> None:
        truth, records = self.sinks.truth, [ref("google", account.key)]
        calendar = self.district.calendar
        if account.unit == self.sinks.users.unit:
            why = "Also in the export of one unit, which deletes nobody outside the unit and fixes nothing."
            truth.innocent("one-unit-export", "leaver-account", why, records if not pupil.left else [])
        match pupil.case:
            case "twin" | "twin-2":
                truth.innocent(
                    "twin", "leaver-account", "Same family name, birthday, grade and school: two people.", records
                )
            case "same-name":
                truth.innocent(
                    "same-name", "leaver-account", "A pupil and an employee of one name: two people.", records
                )
            case "moved":
                truth.innocent(
                    "moved-school", "leaver-account", "The role at the old school ended; at the new one not.", records
                )
            case "odd-name":
                truth.innocent("odd-name", "unknown-person", "A person named Null, None, NA or True.", records)
            case "no-email":
                truth.innocent("no-email", "unknown-person", "The roster knows the pupil by number.", records)
            case "dormant-near":
                why = "44 school days without a sign-in, breaks not counted."
                truth.innocent(calendar.break_between or "nearly-dormant", "dormant-account", why, records)
            case "never-new":
                truth.innocent(
                    "new-account", "never-used-account", "Never used, and made exactly 90 days ago.", records
                )
            case "left-suspended":
                truth.innocent("suspended-leaver", "leaver-account", "Left, and the account was closed.", records)

    def _device(self, pupil: Pupil) -> None:
        holder = Holder(name=f"{pupil.given} {pupil.family}", email=pupil.email, number=pupil.number, left=pupil.left)
        if pupil.left and pupil.turn // 2 % 2:
            self.fleet.returned("pupil", pupil.school)
            return
        self.fleet.for_pupil(pupil.index, pupil.school, holder)
        if pupil.index in self._lent:
            self.computers.lent(holder, pupil.school.name)
