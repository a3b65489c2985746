"""Google's organisational units as GAM prints them, and what the tenant's settings are at some, as the Policy API answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from homeroom.sample import habits
from homeroom.sample.lists import Said, Shelf
from homeroom.sample.roll import Roll
from homeroom.sample.writers import CsvFile

_HEADER: Final = "orgUnitPath,orgUnitId,name,parentOrgUnitPath"
TENANT: Final = "C0maple00"
EMPTY: Final = ("/Students/Old Annex", "/Interns")
CLUB: Final = "/Clubs/Robotics"
_SHARING: Final = "drive_and_docs.external_sharing"
_APPS: Final = "api_controls.unconfigured_third_party_apps"


def write_units(shelf: Shelf, *, google: Path, roll: Roll, schools: Sequence[str], mixed: bool) -> None:
    """Write both files and state what is true. `schools` name the units that have settings of their own, at most three.

    `mixed` is whether a pupil and an employee share the unit of a club.
    """
    paths = sorted({above for path in (*roll.units, *EMPTY) for above in _with_parents(path)})
    ids = {path: f"id:03ph8a2z{number:07d}" for number, path in enumerate(paths)}
    file = CsvFile(google / "orgs.csv", _HEADER, ends="\n")
    for path in paths:
        parent, _, name = path.rpartition("/")
        file.row([path, ids[path], name, parent or "/"])
    pupils = {one: f"/Students/{one}" for one in schools}
    shelf.rows["google/orgs"] = file.rows
    shelf.files += [*file.close(), _policies(google, ids, list(pupils.values()))]
    _state(shelf, roll, ids, list(pupils.values()), mixed)
    _state_policies(shelf, paths, list(pupils.values()))


def _state_policies(shelf: Shelf, paths: Sequence[str], of_schools: Sequence[str]) -> None:
    """Where files may be handed to anybody with the link, and to whom they may go at all: a unit has its own setting, else
    that of the nearest unit above it."""
    placed = {place: value for place, setting, value in _placed(of_schools) if setting == _SHARING}
    holds = {path: placed[next(one for one in reversed(("", *_with_parents(path))) if one in placed)] for path in paths}
    published = ["/", *(path for path in paths if holds[path]["allowPublishingFiles"])]
    near: dict[str, str] = {
        path: "Files may leave it, though not to everybody who has the link." for path in paths if path not in published
    }
    nowhere: dict[str, str] = {}
    shelf.truth.policies["no-links-for-anybody"] = {"tenant": TENANT, "failing": published, "near": near}
    shelf.truth.policies["files-stay-inside"] = {"tenant": TENANT, "failing": ["/", *paths], "near": nowhere}
    for policy, failing, seeming in habits.stated(paths):
        shelf.truth.policies[policy] = {"tenant": TENANT, "failing": failing, "near": seeming}


def _with_parents(path: str) -> Iterator[str]:
    parts = path.strip("/").split("/")
    for length in range(1, len(parts) + 1):
        yield "/" + "/".join(parts[:length])


def _state(shelf: Shelf, roll: Roll, ids: dict[str, str], of_schools: Sequence[str], mixed: bool) -> None:
    own = dict(zip(of_schools, _OWN, strict=False))
    held = {above for path in roll.units for above in _with_parents(path)}
    club = ["unit-pupils-publish", "unit-pupils-share", "unit-pupils-any-app", *(["unit-of-both"] if mixed else [])]
    for path, key in ids.items():
        fails: list[str] = []
        near: dict[str, str] = {}
        if path == CLUB:
            fails = club
        elif path in roll.pupil_units:
            fails, near = own[path][2:] if path in own else ([], {})
        elif path.startswith("/Staff/"):
            near = dict.fromkeys(club, "No pupil is in it.")
        if path not in held:
            fails = [*fails, "unit-empty"]
        elif path not in roll.units:
            near = {**near, "unit-empty": "Only the units below it hold anybody."}
        shelf.stated("google", Said(key=key, fails=fails, near=near))


_NO_LINKS: Final = {"unit-pupils-publish": "Files may be shared outside, and not with everybody who has the link."}
_OWN: Final[tuple[tuple[str, dict[str, Any], list[str], dict[str, str]], ...]] = (
    (_SHARING, {"externalSharingMode": "ALLOWED", "allowPublishingFiles": True}, ["unit-pupils-publish", "unit-pupils-share"], {}),
    (_SHARING, {"externalSharingMode": "ALLOWED", "allowPublishingFiles": False}, ["unit-pupils-share"], _NO_LINKS),
    (_APPS, {"accessLevel": "ALLOW_ALL_SCOPES"}, ["unit-pupils-any-app"], {}),
)  # fmt: skip
"""(setting, value, controls that fail there, what only seems to fail) of the units of three schools, in their order."""


def _placed(of_schools: Sequence[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """What Google delivers for the whole tenant, what is set for pupils, and what three of their units have besides."""
    return [
        ("", _SHARING, {"externalSharingMode": "ALLOWED", "allowPublishingFiles": True}),
        ("", _APPS, {"accessLevel": "ALLOW_ALL_SCOPES"}),
        ("/Students", _SHARING, {"externalSharingMode": "ALLOWLISTED_DOMAINS", "allowPublishingFiles": False}),
        ("/Students", _APPS, {"accessLevel": "ALLOW_SIGN_IN_SCOPES_ONLY"}),
        *((path, setting, value) for path, (setting, value, _, _) in zip(of_schools, _OWN, strict=False)),
    ]


def _policies(google: Path, ids: dict[str, str], of_schools: Sequence[str]) -> Path:
    policies = [
        {
            "name": f"policies/ak{number:04d}",
            "customer": f"customers/{TENANT}",
            "policyQuery": {"orgUnit": f"orgUnits/{ids[path].removeprefix('id:') if path else '03ph8a2zroot'}", "sortOrder": 1.0},
            "setting": {"type": f"settings/{setting}", "value": value},
            "type": "ADMIN" if path else "SYSTEM",
        }
        for number, (path, setting, value) in enumerate((*_placed(of_schools), *habits.placed()))
    ]  # fmt: skip
    target = google / "policies.json"
    target.write_text(json.dumps({"policies": policies}, indent=1), encoding="utf-8", newline="\n")
    return target
