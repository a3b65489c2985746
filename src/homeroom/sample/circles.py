"""Google's groups with their settings and members, as GAM prints them, and what is wrong with some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from homeroom.sample.lists import Said, Shelf
from homeroom.sample.roll import Roll
from homeroom.sample.truth import Account
from homeroom.sample.writers import CsvFile

_GROUPS: Final = "email,name,description,directMembersCount,adminCreated,allowExternalMembers,whoCanJoin,whoCanPostMessage,whoCanViewGroup"  # fmt: skip
_MEMBERS: Final = "group,id,email,role,type"


@dataclass(frozen=True, kw_only=True)
class _Group:
    """A group. Its first `owners` members own it; `strangers` are addresses elsewhere, `unlisted` members of whom
    the export of members says nothing."""

    name: str
    members: Sequence[Account] = ()
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


def write_groups(shelf: Shelf, *, google: Path, domain: str, roll: Roll, staff: Sequence[Account], left: Account) -> None:  # fmt: skip
    """Write both files and state what is true. `staff` are four who work here, `left` left and cannot sign in."""
    groups, members = CsvFile(google / "groups.csv", _GROUPS, ends="\n"), CsvFile(google / "members.csv", _MEMBERS, ends="\n")  # fmt: skip
    for one in _groups(roll.pupils, staff, left):
        email = f"{one.name}@{domain}"
        count = len(one.members) + len(one.strangers) + one.unlisted
        groups.row([email, one.name.title(), "", count, True, one.external, one.join, one.post, one.view])
        for place, account in enumerate(one.members):
            role = "OWNER" if place < one.owners else "MEMBER"
            members.row([email, f"1{len(account.email)}{place:09d}", account.email, role, "USER"])
        for place, stranger in enumerate(one.strangers):
            members.row([email, f"2{place:010d}", stranger, "MEMBER", "USER"])
        shelf.stated("google", Said(key=email, fails=one.fails, unknown=one.unknown, near=one.near))
    shelf.rows |= {"google/groups": groups.rows, "google/members": members.rows}
    shelf.files += [*groups.close(), *members.close()]


def _groups(pupils: Sequence[Account], staff: Sequence[Account], left: Account) -> Iterator[_Group]:
    one, two, three, four = staff
    yield _Group(
        name="all-staff",
        members=staff,
        view="ALL_IN_DOMAIN_CAN_VIEW",
        near={"group-anyone-reads": "Only the district reads it."},
    )
    yield _Group(name="front-office", members=[one, two], owners=0, fails=["group-has-owner"])
    yield _Group(name="union", members=[left, three], fails=["group-owner-here", "group-leavers"])
    runs = {"group-owner-here": "Another owner is still here."}
    yield _Group(name="yearbook", members=[left, one], owners=2, fails=["group-leavers"], near=runs)
    yield _Group(name="pta", members=[one], strangers=["chair@families.example"], external=True, fails=["group-strangers"], near={"group-pupils-closed": "No pupil is in it."})  # fmt: skip
    yield _Group(
        name="class-of-2030",
        members=[two, *pupils[:2]],
        external=True,
        post="ANYONE_CAN_POST",
        fails=["group-anyone-writes-pupils", "group-pupils-closed"],
    )
    yield _Group(name="robotics", members=[two, pupils[3]], join="ANYONE_CAN_JOIN", fails=["group-anyone-joins"])
    yield _Group(name="chess", members=[two, pupils[4]], join="CAN_REQUEST_TO_JOIN", near={"group-anyone-joins": "Somebody must let them in."})  # fmt: skip
    yield _Group(name="board", members=[four], view="ANYONE_CAN_VIEW", post="ANYONE_CAN_POST", fails=["group-anyone-reads"], near={"group-anyone-writes-pupils": "No pupil is in it."})  # fmt: skip
    yield _Group(name="alumni", strangers=["old@friends.example"], external=True, fails=["group-has-owner"], near={"group-strangers": "No employee is in it."})  # fmt: skip
    yield _Group(name="old-list", near={"group-has-owner": "Nobody is in it."})
    nobody_lists = ["group-has-owner", "group-owner-here", "group-strangers", "group-leavers"]
    of_pupils = ["group-anyone-writes-pupils", "group-pupils-closed"]
    yield _Group(name="imported", unlisted=4, unknown=[*nobody_lists, *of_pupils])
