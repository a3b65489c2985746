"""Google's organizational units as GAM prints them, and settings of some units as the Policy API returns them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from homeroom.sample.files.writers import CsvFile
from homeroom.sample.lists.list_writer import ExpectedFindings, ListWriter
from homeroom.sample.tenants import google_settings
from homeroom.sample.truth.google_directory import GoogleDirectoryIndex

_HEADER: Final = "orgUnitPath,orgUnitId,name,parentOrgUnitPath"
TENANT: Final = "C0maple00"
EMPTY_UNITS: Final = ("/Students/Old Annex", "/Interns")
CLUB_UNIT: Final = "/Clubs/Robotics"
_SHARING_SETTING: Final = "drive_and_docs.external_sharing"
_APPS_SETTING: Final = "api_controls.unconfigured_third_party_apps"


def write_units(
    lists: ListWriter, *, google: Path, directory: GoogleDirectoryIndex, schools: Sequence[str], is_club_mixed: bool
) -> None:
    """Write both files and record what is true.

    `schools` names the units that have settings of their own, at most three. `is_club_mixed` is whether a student and
    an employee share the unit of a club.
    """
    paths = sorted({ancestor for path in (*directory.units, *EMPTY_UNITS) for ancestor in _list_with_parents(path)})
    ids = {path: f"id:03ph8a2z{number:07d}" for number, path in enumerate(paths)}
    file = CsvFile(google / "orgs.csv", _HEADER, ends="\n")
    for path in paths:
        parent, _, name = path.rpartition("/")
        file.write_row([path, ids[path], name, parent or "/"])
    students = {school: f"/Students/{school}" for school in schools}
    lists.rows["google/orgs"] = file.rows
    lists.files += [*file.close(), _write_policies(google, ids, list(students.values()))]
    _record_findings(lists, directory, ids, list(students.values()), is_club_mixed)
    _record_policies(lists, paths, list(students.values()))


def _record_policies(lists: ListWriter, paths: Sequence[str], school_units: Sequence[str]) -> None:
    """Record where anyone with the link gets files, and where files may leave the district.

    A unit has its own setting, else that of the nearest unit above it.
    """
    sharing_values = {
        unit: value for unit, setting, value in _list_settings(school_units) if setting == _SHARING_SETTING
    }
    effective = {
        path: sharing_values[
            next(ancestor for ancestor in reversed(("", *_list_with_parents(path))) if ancestor in sharing_values)
        ]
        for path in paths
    }
    published = ["/", *(path for path in paths if effective[path]["allowPublishingFiles"])]
    near: dict[str, str] = {
        path: "Files may leave it, though not to everybody who has the link." for path in paths if path not in published
    }
    no_near_misses: dict[str, str] = {}
    lists.truth.policies["no-links-for-anybody"] = {"tenant": TENANT, "failing": published, "near": near}
    lists.truth.policies["files-stay-inside"] = {"tenant": TENANT, "failing": ["/", *paths], "near": no_near_misses}
    for policy, failing, near_misses in google_settings.list_expected_policies(paths):
        lists.truth.policies[policy] = {"tenant": TENANT, "failing": failing, "near": near_misses}


def _list_with_parents(path: str) -> Iterator[str]:
    parts = path.strip("/").split("/")
    for length in range(1, len(parts) + 1):
        yield "/" + "/".join(parts[:length])


def _record_findings(
    lists: ListWriter,
    directory: GoogleDirectoryIndex,
    ids: dict[str, str],
    school_units: Sequence[str],
    is_club_mixed: bool,
) -> None:
    school_settings = dict(zip(school_units, _SCHOOL_SETTINGS, strict=False))
    occupied = {ancestor for path in directory.units for ancestor in _list_with_parents(path)}
    club_controls = [
        "unit-students-publish",
        "unit-students-share",
        "unit-students-any-app",
        *(["unit-of-both"] if is_club_mixed else []),
    ]
    for path, key in ids.items():
        fails: list[str] = []
        near: dict[str, str] = {}
        if path == CLUB_UNIT:
            fails = club_controls
        elif path in directory.student_units:
            fails, near = school_settings[path][2:] if path in school_settings else ([], {})
        elif path.startswith("/Staff/"):
            near = dict.fromkeys(club_controls, "No student is in it.")
        if path not in occupied:
            fails = [*fails, "unit-empty"]
        elif path not in directory.units:
            near = {**near, "unit-empty": "Only the units below it hold anybody."}
        lists.record_expected("google", ExpectedFindings(key=key, fails=fails, near=near))


_NO_PUBLIC_LINKS: Final = {
    "unit-students-publish": "Files may be shared outside, and not with everybody who has the link."
}
_SCHOOL_SETTINGS: Final[tuple[tuple[str, dict[str, Any], list[str], dict[str, str]], ...]] = (
    (
        _SHARING_SETTING,
        {"externalSharingMode": "ALLOWED", "allowPublishingFiles": True},
        ["unit-students-publish", "unit-students-share"],
        {},
    ),
    (
        _SHARING_SETTING,
        {"externalSharingMode": "ALLOWED", "allowPublishingFiles": False},
        ["unit-students-share"],
        _NO_PUBLIC_LINKS,
    ),
    (_APPS_SETTING, {"accessLevel": "ALLOW_ALL_SCOPES"}, ["unit-students-any-app"], {}),
)
"""(setting, value, controls that fail there, near misses) of the units of three schools, in order."""


def _list_settings(school_units: Sequence[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """List Google's default for the tenant, the setting for students, and those of three student units."""
    return [
        ("", _SHARING_SETTING, {"externalSharingMode": "ALLOWED", "allowPublishingFiles": True}),
        ("", _APPS_SETTING, {"accessLevel": "ALLOW_ALL_SCOPES"}),
        ("/Students", _SHARING_SETTING, {"externalSharingMode": "ALLOWLISTED_DOMAINS", "allowPublishingFiles": False}),
        ("/Students", _APPS_SETTING, {"accessLevel": "ALLOW_SIGN_IN_SCOPES_ONLY"}),
        *((path, setting, value) for path, (setting, value, _, _) in zip(school_units, _SCHOOL_SETTINGS, strict=False)),
    ]


def _write_policies(google: Path, ids: dict[str, str], school_units: Sequence[str]) -> Path:
    policies = [
        {
            "name": f"policies/ak{number:04d}",
            "customer": f"customers/{TENANT}",
            "policyQuery": {
                "orgUnit": f"orgUnits/{ids[path].removeprefix('id:') if path else '03ph8a2zroot'}",
                "sortOrder": 1.0,
            },
            "setting": {"type": f"settings/{setting}", "value": value},
            "type": "ADMIN" if path else "SYSTEM",
        }
        for number, (path, setting, value) in enumerate(
            (*_list_settings(school_units), *google_settings.list_setting_values())
        )
    ]
    target = google / "policies.json"
    target.write_text(json.dumps({"policies": policies}, indent=1), encoding="utf-8", newline="\n")
    return target
