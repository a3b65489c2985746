"""A OneRoster bundle of few people from day to day, with all that a real one has: for tests of what is read anew."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

ORGS = "sourcedId,status,dateLastModified,name,type\nd,,,Maple,district\ns1,,,Lincoln,school\ns2,,,Adams,school\n"
USERS = "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,phone,grades"
USERS_1_2 = "sourcedId,status,enabledUser,username,givenName,familyName,email,primaryOrgSourcedId"
ROLES = "sourcedId,userSourcedId,roleType,role,orgSourcedId,beginDate,status"
ENROLLMENTS = "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,beginDate"
_NAMES = ("Ann", "Bo", "José", '"Lee, Kim"', '"Al ""Ace"""', "O'Neil", "", " Max ")
_EMAILS = ("", "a@maple.example", "B@MAPLE.EXAMPLE")
_ORGS = ("s1", "s2", '"s1,s2"', "")
_RARE = ('"two\nlines"', "\x07", "Maple\ufffd")


@dataclass
class Days:
    """The members' lines, without their ends, which `night` changes. `odd` is how often a line is something rare."""

    rolls: random.Random
    newer: bool
    odd: float
    end: str = "\n"
    mark: bool = False
    lines: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("users", *(("roles",) if self.newer else ()), "enrollments"):
            self.lines[name] = [self._line(name, number) for number in range(self.rolls.randint(60, 150))]

    def night(self) -> None:
        """Some lines of each member change, come, go, move or are there twice; seldom very many, or the line ends."""
        for name, lines in self.lines.items():
            for _ in range(self.rolls.choice([0, 1, 2, 3, 5, len(lines) // 4])):
                self._happens(name, lines)
        if self.rolls.random() < 0.05:
            self.end = "\r\n" if self.end == "\n" else "\n"
        self.mark ^= self.rolls.random() < 0.05

    def write(self, folder: Path) -> Path:
        """Writes the bundle into the folder.

        The last line has an end: one without is read by itself, and of two like rows the second is rejected only where both are
        read at once.
        """
        folder.mkdir(parents=True)
        heads = {"users": USERS_1_2 if self.newer else USERS, "roles": ROLES, "enrollments": ENROLLMENTS}
        (folder / "orgs.csv").write_text(ORGS, encoding="utf-8")
        for name, lines in self.lines.items():
            text = self.end.join([heads[name], *lines, ""])
            (folder / f"{name}.csv").write_bytes(b"\xef\xbb\xbf" * self.mark + text.encode())
        return folder

    def _happens(self, name: str, lines: list[str]) -> None:
        at = self.rolls.randrange(len(lines)) if lines else 0
        what = self.rolls.choice(["other", "other", "come", "gone", "moved", "twice", "swapped"])
        if what == "come" or not lines:
            lines.insert(at, self._line(name, self.rolls.randint(0, 180)))
        elif what == "other":
            lines[at] = self._line(name, self._number(lines[at]))
        elif what == "gone":
            del lines[at]
        elif what == "moved":
            lines.insert(self.rolls.randrange(len(lines)), lines.pop(at))
        elif what == "twice":
            lines.insert(self.rolls.randrange(len(lines)), lines[at])
        else:
            other = self.rolls.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]

    def _number(self, line: str) -> int:
        digits = "".join(letter for letter in line.partition(",")[0] if letter.isdigit())
        return int(digits or 0)

    def _line(self, name: str, number: int) -> str:
        one, rolls = self.rolls.choice, self.rolls
        if rolls.random() < self.odd:
            return (
                one(["", ",,,,,,,,,,", *([] if rolls.random() < 0.5 else ["short,row"])])
                if rolls.random() < 0.3
                else (self._made(name, number, given=one(_RARE), phone="555", key=one(["", "123-45-6789"])))
            )
        return self._made(name, number, given=one(_NAMES), phone="", key=f"{name[0]}{number}")

    def _made(self, name: str, number: int, *, given: str, phone: str, key: str) -> str:
        one, bad = self.rolls.choice, self.rolls.random() < 0.03
        person, status = f"u{self.rolls.randint(0, 40)}", "what" if bad else one(["", "active", "inactive"])
        if name == "enrollments":
            day = "soon" if bad else one(["2026-08-15", "8/15/2026", ""])
            return f"{key},c{number % 5},s1,{person},{one(['student', 'teacher', ''])},{day}"
        if name == "roles":
            role = one(["student", "teacher", "aide"])
            return f"{key},{'' if bad else person},primary,{role},{one(['s1', 's2'])},,{status}"
        if self.newer:
            return f"{key},{status},true,{person},{given},Fox,{one(_EMAILS)},s1"
        role = "" if bad else one(["student", "teacher", "ext:x"])
        email = "not one" if bad else one(_EMAILS)
        return f"{key},{status},yes,{one(_ORGS)},{role},{person},{given},Fox,{email},{phone},{one(['1', '99', ''])}"
