"""The training tool's export: assignments, when they were done, and the results of phishing drills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from homeroom.sample.lists.list_writer import ExpectedFindings, ListWriter, subtract_year
from homeroom.sample.plan.case_rates import TRAINING_CASES
from homeroom.sample.plan.district import CaseDeck, DistrictPlan, assign_all_cases
from homeroom.sample.plan.staff import Employee, StaffList

_HEADER: Final = "Learner,Title of Assignment,Category,Given,Due,Finished,Outcome"
_MAPPING: Final = """\
# How the training tool's export is read.
homeroom: mapping
name: training
connector: training
table: training_records
needs: [Learner, Outcome]
columns:
  email: {from: Learner}
  course: {from: Title of Assignment}
  kind: {from: Category, as: lower}
  assigned_on: {from: Given}
  due_on: {from: Due}
  done_on: {from: Finished}
  status_word: {from: Outcome}
"""
_ORDINARY: Final = ("", "staff-parent", "no-second-factor", "dormant", "dormant-near", "on-leave")
_ADMINISTER: Final = ("super-owner", "delegated", "entra-admin")
_OFFSETS: Final = {"new-late": 31, "new-in-time": 30}
_EXPECTED: Final[dict[str, tuple[Sequence[str], Sequence[str], dict[str, str]]]] = {
    "unlisted": (["staff-given-training"], ["policy-acknowledged", "training-overdue"], {}),
    "untrained": (["staff-trained"], [], {}),
    "trained-limit": ([], [], {"staff-trained": "Done a year ago to the day."}),
    "new-late": (["new-staff-trained"], [], {}),
    "new-in-time": ([], [], {"new-staff-trained": "Done on the thirtieth day."}),
    "policy-old": (["policy-acknowledged"], [], {}),
    "policy-limit": ([], [], {"policy-acknowledged": "Acknowledged a year ago to the day."}),
    "no-policy": ([], ["policy-acknowledged"], {}),
    "overdue": (["training-overdue"], [], {}),
    "due-today": ([], [], {"training-overdue": "Today is the last day."}),
    "drills": (["drill-help-offered"], [], {}),
    "drill-once": ([], [], {"drill-help-offered": "Once happens to everybody."}),
    "drills-helped": ([], [], {"drill-help-offered": "A training followed the second one."}),
}
"""For each case: controls that the person fails, controls without an answer, and near misses."""


@dataclass(kw_only=True)
class TrainingExport:
    """Training cases of current employees; new ones were hired recently."""

    district: DistrictPlan
    staff: StaffList
    deck: CaseDeck = field(init=False)

    def __post_init__(self) -> None:
        employees = self.staff.employees
        self.deck = CaseDeck(self.district.create_rng(61), len(employees))
        plain = np.array([person.case in _ORDINARY and person.account for person in employees])
        plain[[person.index for person in select_plain_staff(self.staff)]] = False
        assign_all_cases(self.deck, TRAINING_CASES, plain)
        for case in _OFFSETS:
            for index in self.deck.list_subjects(case):
                employees[index].hired = self.district.calendar.today - timedelta(days=90)

    def write(self, lists: ListWriter) -> None:
        """Write the export and record what is true of everybody in it."""
        people = self.staff.employees
        lists.write_list(
            "training",
            header=_HEADER,
            mapping=_MAPPING,
            rows=(row for person in people for row in self._build_rows(lists, person)),
        )
        for person in people:
            fails, unknown, near = _EXPECTED.get(self.deck.get_case(person.index), ((), (), {}))
            if (person.case, person.turn) == ("delegated", 1):
                near = {"administrator-trained": "Done a year ago to the day."}
            if _lacks_training(person):
                fails = ["administrator-trained"]
            lists.record_expected("hr", ExpectedFindings(key=person.number, fails=fails, unknown=unknown, near=near))

    def _build_rows(self, lists: ListWriter, person: Employee) -> Iterator[Sequence[object]]:
        case, year_ago = self.deck.get_case(person.index), subtract_year(lists.today)
        if case == "unlisted":
            return
        trained = {
            "untrained": lists.subtract_days(367),
            "trained-limit": year_ago,
            "drills-helped": lists.subtract_days(10),
        }
        done_on = trained.get(case, lists.subtract_days(120))
        if case in _OFFSETS:
            done_on = person.hired + timedelta(days=_OFFSETS[case])
        else:
            yield _build_row(person, "Welcome", "Training", person.hired, person.hired + timedelta(days=10))
        yield _build_row(person, "Safe at school", "Training", lists.subtract_days(380), done_on)
        if case != "no-policy":
            read_on = {"policy-old": lists.subtract_days(367), "policy-limit": year_ago}.get(
                case, lists.subtract_days(100)
            )
            yield _build_row(person, "Use of technology", "Policy", lists.subtract_days(390), read_on)
        if case in ("overdue", "due-today"):
            yield _build_row(
                person,
                "Students' data",
                "Training",
                lists.subtract_days(30),
                None,
                due_on=lists.subtract_days(1 if case == "overdue" else 0),
            )
        for number in range({"drills": 2, "drills-helped": 2, "drill-once": 1}.get(case, 0)):
            drill = f"Drill {number + 1}"
            yield _build_row(
                person, drill, "Phishing", lists.subtract_days(60 - 30 * number), None, outcome="Clicked the link"
            )
        if person.index % 3 == 0:
            yield _build_row(person, "Drill 0", "Phishing", lists.subtract_days(75), None, outcome="Reported")
        if person.case in _ADMINISTER and not (person.case == "entra-admin" and person.turn == 1):
            yield _build_row(
                person,
                "Duties of administrators",
                "Training",
                lists.subtract_days(380),
                _get_training_day(lists, person),
            )


def _get_training_day(lists: ListWriter, person: Employee) -> date:
    if person.case == "delegated" and person.turn < 2:
        return lists.subtract_days(367) if person.turn == 0 else subtract_year(lists.today)
    return lists.subtract_days(100)


def _lacks_training(person: Employee) -> bool:
    """Return whether the person administers, and the course for it is over a year old or was never assigned."""
    return (person.case, person.turn) in (("delegated", 0), ("entra-admin", 1))


def _build_row(
    person: Employee,
    course: str,
    kind: str,
    assigned_on: date,
    done_on: date | None,
    *,
    due_on: date | None = None,
    outcome: str = "",
) -> Sequence[object]:
    status = outcome or ("Complete" if done_on else "Not started")
    return (person.email, course, kind, assigned_on, due_on or assigned_on + timedelta(days=60), done_on, status)


def select_plain_staff(staff: StaffList, limit: int = 5) -> list[Employee]:
    """Return the first employees with an account and without any case, for lists that name people."""
    return [person for person in staff.employees if person.case == "" and person.account][:limit]
