"""A OneRoster bundle of a few people that changes from day to day, for tests of incremental loads."""

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
class RosterDays:
    """The lines of the bundle's files, without line ends; `change_overnight` changes them.

    `rare_share` is how often a line is something rare, such as an empty or a short row.
    """

    rng: random.Random
    newer: bool
    rare_share: float
    line_end: str = "\n"
    has_bom: bool = False
    lines: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("users", *(("roles",) if self.newer else ()), "enrollments"):
            self.lines[name] = [self._build_line(name, number) for number in range(self.rng.randint(60, 150))]

    def change_overnight(self) -> None:
        """Change, add, remove, move or repeat some lines of each file; rarely change very many, or the line ends."""
        for name, lines in self.lines.items():
            for _ in range(self.rng.choice([0, 1, 2, 3, 5, len(lines) // 4])):
                self._change_line(name, lines)
        if self.rng.random() < 0.05:
            self.line_end = "\r\n" if self.line_end == "\n" else "\n"
        self.has_bom ^= self.rng.random() < 0.05

    def write(self, folder: Path) -> Path:
        """Write the bundle into the folder.

        The last line has an end: a last line without one is read by itself, and of two equal rows the second is
        rejected only if both are read at once.
        """
        folder.mkdir(parents=True)
        heads = {"users": USERS_1_2 if self.newer else USERS, "roles": ROLES, "enrollments": ENROLLMENTS}
        (folder / "orgs.csv").write_text(ORGS, encoding="utf-8")
        for name, lines in self.lines.items():
            text = self.line_end.join([heads[name], *lines, ""])
            (folder / f"{name}.csv").write_bytes(b"\xef\xbb\xbf" * self.has_bom + text.encode())
        return folder

    def _change_line(self, name: str, lines: list[str]) -> None:
        position = self.rng.randrange(len(lines)) if lines else 0
        change = self.rng.choice(["other", "other", "come", "gone", "moved", "twice", "swapped"])
        if change == "come" or not lines:
            lines.insert(position, self._build_line(name, self.rng.randint(0, 180)))
        elif change == "other":
            lines[position] = self._build_line(name, self._get_number(lines[position]))
        elif change == "gone":
            del lines[position]
        elif change == "moved":
            lines.insert(self.rng.randrange(len(lines)), lines.pop(position))
        elif change == "twice":
            lines.insert(self.rng.randrange(len(lines)), lines[position])
        else:
            second_position = self.rng.randrange(len(lines))
            lines[position], lines[second_position] = lines[second_position], lines[position]

    def _get_number(self, line: str) -> int:
        digits = "".join(letter for letter in line.partition(",")[0] if letter.isdigit())
        return int(digits or 0)

    def _build_line(self, name: str, number: int) -> str:
        choose, rng = self.rng.choice, self.rng
        if rng.random() < self.rare_share:
            return (
                choose(["", ",,,,,,,,,,", *([] if rng.random() < 0.5 else ["short,row"])])
                if rng.random() < 0.3
                else (
                    self._format_line(
                        name, number, given_name=choose(_RARE), phone="555", key=choose(["", "123-45-6789"])
                    )
                )
            )
        return self._format_line(name, number, given_name=choose(_NAMES), phone="", key=f"{name[0]}{number}")

    def _format_line(self, name: str, number: int, *, given_name: str, phone: str, key: str) -> str:
        choose, is_invalid = self.rng.choice, self.rng.random() < 0.03
        person, status = f"u{self.rng.randint(0, 40)}", "what" if is_invalid else choose(["", "active", "inactive"])
        if name == "enrollments":
            begin_date = "soon" if is_invalid else choose(["2026-08-15", "8/15/2026", ""])
            return f"{key},c{number % 5},s1,{person},{choose(['student', 'teacher', ''])},{begin_date}"
        if name == "roles":
            role = choose(["student", "teacher", "aide"])
            return f"{key},{'' if is_invalid else person},primary,{role},{choose(['s1', 's2'])},,{status}"
        if self.newer:
            return f"{key},{status},true,{person},{given_name},Fox,{choose(_EMAILS)},s1"
        role = "" if is_invalid else choose(["student", "teacher", "ext:x"])
        email = "not one" if is_invalid else choose(_EMAILS)
        return f"{key},{status},yes,{choose(_ORGS)},{role},{person},{given_name},Fox,{email},{phone},{choose(['1', '99', ''])}"
