"""Google groups with their settings and members, as GAM prints them, and the controls that some of them fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from homeroom.sample.files.writers import CsvFile
from homeroom.sample.lists.list_writer import ExpectedFindings, ListWriter
from homeroom.sample.truth.google_directory import GoogleDirectoryIndex
from homeroom.sample.truth.ground_truth import GoogleAccount

_GROUPS: Final = (
    "email,name,description,directMembersCount,adminCreated,"
    "allowExternalMembers,whoCanJoin,whoCanPostMessage,whoCanViewGroup"
)
_MEMBERS: Final = "group,id,email,role,type"


@dataclass(frozen=True, kw_only=True)
class _Group:
    """A group and the expected findings.

    Its first `owners` members own it; `strangers` are outside addresses, `unlisted` counts members that the export of
    members omits.
    """

    name: str
    members: Sequence[GoogleAccount] = ()
    owners: int = 1
    strangers: Sequence[str] = ()
    unlisted: int = 0
    external: bool = False
    join: str = "INVITED_CAN_JOIN"
    post: str = "ALL_IN_DOMAIN_CAN_POST"
    view: str = "ALL_MEMBERS_CAN_VIEW"
    fails: Sequence[str] = ()
    unknown: Sequence[str] = ()
    near: dict[str, str] = field(default_factory=dict)


def write_groups(
    lists: ListWriter,
    *,
    google: Path,
    domain: str,
    directory: GoogleDirectoryIndex,
    staff: Sequence[GoogleAccount],
    leaver: GoogleAccount,
) -> None:
    """Write both files and record what is true.

    `staff` are four current employees; `leaver` left and cannot sign in.
    """
    groups, members = (
        CsvFile(google / "groups.csv", _GROUPS, ends="\n"),
        CsvFile(google / "members.csv", _MEMBERS, ends="\n"),
    )
    for group in _build_groups(directory.students, staff, leaver):
        email = f"{group.name}@{domain}"
        count = len(group.members) + len(group.strangers) + group.unlisted
        groups.write_row(
            [email, group.name.title(), "", count, True, group.external, group.join, group.post, group.view]
        )
        for position, account in enumerate(group.members):
            role = "OWNER" if position < group.owners else "MEMBER"
            members.write_row([email, f"1{len(account.email)}{position:09d}", account.email, role, "USER"])
        for position, stranger in enumerate(group.strangers):
            members.write_row([email, f"2{position:010d}", stranger, "MEMBER", "USER"])
        lists.record_expected(
            "google", ExpectedFindings(key=email, fails=group.fails, unknown=group.unknown, near=group.near)
        )
    lists.rows |= {"google/groups": groups.rows, "google/members": members.rows}
    lists.files += [*groups.close(), *members.close()]


def _build_groups(
    students: Sequence[GoogleAccount], staff: Sequence[GoogleAccount], leaver: GoogleAccount
) -> Iterator[_Group]:
    first, second, third, fourth = staff
    yield _Group(
        name="all-staff",
        members=staff,
        view="ALL_IN_DOMAIN_CAN_VIEW",
        near={"group-anyone-reads": "Only the district reads it."},
    )
    yield _Group(name="front-office", members=[first, second], owners=0, fails=["group-has-owner"])
    yield _Group(name="union", members=[leaver, third], fails=["group-owner-here", "group-leavers"])
    runs = {"group-owner-here": "Another owner is still here."}
    yield _Group(name="yearbook", members=[leaver, first], owners=2, fails=["group-leavers"], near=runs)
    yield _Group(
        name="pta",
        members=[first],
        strangers=["chair@families.example"],
        external=True,
        fails=["group-strangers"],
        near={"group-students-closed": "No student is in it."},
    )
    yield _Group(
        name="class-of-2030",
        members=[second, *students[:2]],
        external=True,
        post="ANYONE_CAN_POST",
        fails=["group-anyone-writes-students", "group-students-closed"],
    )
    yield _Group(name="robotics", members=[second, students[3]], join="ANYONE_CAN_JOIN", fails=["group-anyone-joins"])
    yield _Group(
        name="chess",
        members=[second, students[4]],
        join="CAN_REQUEST_TO_JOIN",
        near={"group-anyone-joins": "Somebody must let them in."},
    )
    yield _Group(
        name="board",
        members=[fourth],
        view="ANYONE_CAN_VIEW",
        post="ANYONE_CAN_POST",
        fails=["group-anyone-reads"],
        near={"group-anyone-writes-students": "No student is in it."},
    )
    yield _Group(
        name="alumni",
        strangers=["old@friends.example"],
        external=True,
        fails=["group-has-owner"],
        near={"group-strangers": "No employee is in it."},
    )
    yield _Group(name="old-list", near={"group-has-owner": "Nobody is in it."})
    membership_controls = ["group-has-owner", "group-owner-here", "group-strangers", "group-leavers"]
    student_controls = ["group-anyone-writes-students", "group-students-closed"]
    yield _Group(name="imported", unlisted=4, unknown=[*membership_controls, *student_controls])
