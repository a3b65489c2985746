"""The training tool's export: who was given what, who did it when, and what became of the phishing drills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from homeroom.sample.figures import LESSON_CASES
from homeroom.sample.lists import Said, Shelf, year_before
from homeroom.sample.people import Employee, Staff
from homeroom.sample.plan import Deck, District, deal_all

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
_SAID: Final[dict[str, tuple[Sequence[str], Sequence[str], dict[str, str]]]] = {
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
"""Of each case: the controls that the person fails, those of which nobody can tell, and what it only looks like."""


@dataclass(kw_only=True)
class Lessons:
    """Who has which case, only among employees who work here as ever; new ones were hired lately."""

    district: District
    staff: Staff
    deck: Deck = field(init=False)

    def __post_init__(self) -> None:
        everybody = self.staff.employees
        self.deck = Deck(self.district.rng(61), len(everybody))
        plain = np.array([one.case in _ORDINARY and one.account for one in everybody])
        plain[[one.index for one in plain_staff(self.staff)]] = False
        deal_all(self.deck, LESSON_CASES, plain)
        for case in _OFFSETS:
            for index in self.deck.of(case):
                everybody[index].hired = self.district.calendar.today - timedelta(days=90)

    def write(self, shelf: Shelf) -> None:
        """Write the export and state what is true of everybody in it."""
        people = self.staff.employees
        shelf.list_of("training", header=_HEADER, mapping=_MAPPING, rows=(row for one in people for row in self._rows(shelf, one)))  # fmt: skip
        for one in people:
            fails, unknown, near = _SAID.get(self.deck.case(one.index), ((), (), {}))
            if (one.case, one.turn) == ("delegated", 1):
                near = {"administrator-trained": "Done a year ago to the day."}
            if _untaught(one):
                fails = ["administrator-trained"]
            shelf.stated("hr", Said(key=one.number, fails=fails, unknown=unknown, near=near))

    def _rows(self, shelf: Shelf, one: Employee) -> Iterator[Sequence[object]]:
        case, year = self.deck.case(one.index), year_before(shelf.today)
        if case == "unlisted":
            return
        trained = {"untrained": shelf.ago(367), "trained-limit": year, "drills-helped": shelf.ago(10)}
        done = trained.get(case, shelf.ago(120))
        if case in _OFFSETS:
            done = one.hired + timedelta(days=_OFFSETS[case])
        else:
            yield _row(one, "Welcome", "Training", one.hired, one.hired + timedelta(days=10))
        yield _row(one, "Safe at school", "Training", shelf.ago(380), done)
        if case != "no-policy":
            read = {"policy-old": shelf.ago(367), "policy-limit": year}.get(case, shelf.ago(100))
            yield _row(one, "Use of technology", "Policy", shelf.ago(390), read)
        if case in ("overdue", "due-today"):
            yield _row(one, "Pupils' data", "Training", shelf.ago(30), None, due=shelf.ago(1 if case == "overdue" else 0))  # fmt: skip
        for number in range({"drills": 2, "drills-helped": 2, "drill-once": 1}.get(case, 0)):
            drill = f"Drill {number + 1}"
            yield _row(one, drill, "Phishing", shelf.ago(60 - 30 * number), None, outcome="Clicked the link")
        if one.index % 3 == 0:
            yield _row(one, "Drill 0", "Phishing", shelf.ago(75), None, outcome="Reported")
        if one.case in _ADMINISTER and not (one.case == "entra-admin" and one.turn == 1):
            yield _row(one, "Duties of administrators", "Training", shelf.ago(380), _taught(shelf, one))


def _taught(shelf: Shelf, one: Employee) -> date:
    if one.case == "delegated" and one.turn < 2:
        return shelf.ago(367) if one.turn == 0 else year_before(shelf.today)
    return shelf.ago(100)


def _untaught(one: Employee) -> bool:
    """Whether the person administers, and the course for it is over a year old or was never given."""
    return (one.case, one.turn) in (("delegated", 0), ("entra-admin", 1))


def _row(one: Employee, course: str, kind: str, given: date, done: date | None, *, due: date | None = None, outcome: str = "") -> Sequence[object]:  # fmt: skip
    word = outcome or ("Complete" if done else "Not started")
    return (one.email, course, kind, given, due or given + timedelta(days=60), done, word)


def plain_staff(staff: Staff, number: int = 5) -> list[Employee]:
    """The first employees with an account and without any case: other lists name them."""
    return [one for one in staff.employees if one.case == "" and one.account][:number]
