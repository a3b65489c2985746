"""The roster: OneRoster CSV 1.1 or 1.2, as a folder or as one zip."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Final

from homeroom.sample.files.writers import CsvFile
from homeroom.sample.plan.case_rates import ENROLLMENTS_PER_STUDENT, MAX_ENROLLMENTS, STUDENTS_PER_GROUP
from homeroom.sample.plan.district import DistrictPlan, SchoolPlan

_USERS_11: Final = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password"
)
_USERS_12: Final = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,"
    "phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns"
)
_HEADERS: Final = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,"
    "blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,"
    "hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId",
}
_SUBJECTS: Final = ("Homeroom", "English", "Mathematics", "Science", "Social Studies", "Physical Education")
_ABSENT: Final = ("categories", "classResources", "courseResources", "lineItems", "resources", "results")
DISTRICT_KEY: Final = "org-1"


class RosterFiles:
    """The roster's files, written side by side."""

    def __init__(self, folder: Path, district: DistrictPlan) -> None:
        self._district = district
        self._folder = folder / "oneroster"
        self._is_version_12 = district.roster_version == "1.2"
        calendar = district.calendar
        self.stamp = f"{calendar.today.isoformat()}T09:30:00.000Z"
        self.begins, self.ends = date(calendar.year, 8, 15), date(calendar.year + 1, 6, 5)
        self.per_student = max(1, min(ENROLLMENTS_PER_STUDENT, MAX_ENROLLMENTS // district.students))
        headers = {**_HEADERS, "users": _USERS_12 if self._is_version_12 else _USERS_11}
        if not self._is_version_12:
            del headers["roles"]
        self._files = {
            name: CsvFile(self._folder / f"{name}.csv", header, quoted=name == "users" and self._is_version_12)
            for name, header in headers.items()
        }
        self._number = 0
        self._write_schools()

    def count_rows(self) -> dict[str, int]:
        """Count the rows by file."""
        return {f"oneroster/{name}": file.rows for name, file in self._files.items()}

    def _write_schools(self) -> None:
        year = str(self._district.calendar.year + 1)
        orgs = self._files["orgs"]
        orgs.write_row([DISTRICT_KEY, "active", self.stamp, self._district.name, "district", "0099999", ""])
        for school in self._district.schools:
            orgs.write_row(
                [school.key, "active", self.stamp, school.name, "school", f"9900{school.index + 1:05d}", DISTRICT_KEY]
            )
        begins, ends = self.begins.isoformat(), self.ends.isoformat()
        self._files["academicSessions"].write_row(
            ["year-1", "active", self.stamp, f"School year {year}", "schoolYear", begins, ends, "", year]
        )
        for school in self._district.schools:
            self._write_classes(school)

    def _write_classes(self, school: SchoolPlan) -> None:
        # In a bulk file, 1.1 leaves status and dateLastModified blank; many systems do the same in 1.2.
        for grade, count in zip(school.level.grades, school.counts, strict=True):
            for position in range(self.per_student):
                subject = _SUBJECTS[position]
                course = f"course-{school.index}-{grade}-{position}"
                self._files["courses"].write_row(
                    [
                        course,
                        "",
                        "",
                        "year-1",
                        f"{subject} {grade}",
                        f"{subject[:3].upper()}{grade}",
                        grade,
                        school.key,
                        "",
                        "",
                    ]
                )
                for group in range((count + STUDENTS_PER_GROUP - 1) // STUDENTS_PER_GROUP):
                    self._files["classes"].write_row(
                        [
                            self.build_class_key(school.index, grade, group, position),
                            "",
                            "",
                            f"{subject} {grade}-{group + 1}",
                            grade,
                            course,
                            f"{grade}{group + 1:02d}{position}",
                            "homeroom" if position == 0 else "scheduled",
                            f"Room {100 + group}",
                            school.key,
                            "year-1",
                            "",
                            "",
                            str(position + 1),
                        ]
                    )

    @staticmethod
    def build_class_key(school: int, grade: str, group: int, position: int) -> str:
        """Return the sourcedId of a class."""
        return f"class-{school}-{grade}-{group}-{position}"

    def write_user(
        self,
        *,
        key: str,
        role: str,
        orgs: tuple[str, ...],
        first_name: str,
        last_name: str,
        identifier: str,
        email: str,
        status: str = "active",
        enabled: bool = True,
        agents: tuple[str, ...] = (),
        grade: str = "",
        password: str = "",
        role_ends: tuple[date | None, ...] = (None,),
    ) -> None:
        """Write a user and, in 1.2, a role at each organization, the first primary.

        `role_ends` has the end dates of the roles.
        """
        username = email.partition("@")[0] if role not in ("guardian", "parent") else ""
        shared = [identifier, email, "", "", ",".join(agents), grade, password]
        enabling = "true" if enabled else "false"
        head = [key, status, self.stamp, enabling]
        if not self._is_version_12:
            self._files["users"].write_row(
                [*head, ",".join(orgs), role, username, f"{{SIS:{key}}}", first_name, last_name, "", *shared]
            )
            return
        self._files["users"].write_row(
            [*head, username, f"{{SIS:{key}}}", first_name, last_name, "", *shared, "", "", "", "", orgs[0], ""]
        )
        for position, org in enumerate(orgs):
            end = role_ends[position] if position < len(role_ends) else None
            self._files["roles"].write_row(
                [
                    f"{key}-{position}", status, self.stamp, key, "secondary" if position else "primary", role,
                    self.begins.isoformat(), end.isoformat() if end else "", org, "",
                ]
            )  # fmt: skip

    def write_enrollment(
        self,
        *,
        person: str,
        school: SchoolPlan,
        grade: str,
        group: int,
        position: int,
        role: str,
        ended_on: date | None = None,
    ) -> None:
        """Write one enrollment; `ended_on` is its end date, if it ended."""
        self._number += 1
        self._files["enrollments"].write_row(
            [
                f"e{self._number}",
                "tobedeleted" if ended_on else "active",
                self.stamp,
                self.build_class_key(school.index, grade, group, position),
                school.key,
                person,
                role,
                "true" if role == "teacher" else "",
                self.begins.isoformat(),
                (ended_on or self.ends).isoformat(),
            ]
        )

    def write_demographics(self, *, key: str, birth_date: date, sex: str) -> None:
        """Write one student's demographics, which no part of Homeroom needs."""
        self._files["demographics"].write_row(
            [key, "active", self.stamp, birth_date.isoformat(), sex, *["false"] * 7, "US", "", "", ""]
        )

    def close(self) -> list[Path]:
        """Write the manifest, close all files, zip them if the district sends a zip, and return the paths."""
        with CsvFile(self._folder / "manifest.csv", "propertyName,value") as manifest:
            manifest.write_row(["manifest.version", "1.0"])
            manifest.write_row(["oneroster.version", self._district.roster_version])
            manifest.write_rows([f"file.{name}", "bulk"] for name in self._files)
            manifest.write_rows([f"file.{name}", "absent"] for name in _ABSENT)
            manifest.write_rows([["source.systemName", "Invented SIS"], ["source.systemCode", "invented"]])
        paths = [manifest.path, *(path for file in self._files.values() for path in file.close())]
        return [_zip_folder(self._folder, paths)] if self._district.roster_zipped else paths


def _zip_folder(folder: Path, paths: list[Path]) -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        for path in paths:
            # A fixed moment: the same district is the same file, byte for byte.
            entry = zipfile.ZipInfo(path.name, date_time=(2025, 8, 1, 0, 0, 0))
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, bundle.open(entry, "w", force_zip64=True) as member:
                shutil.copyfileobj(source, member, 1 << 20)
    shutil.rmtree(folder)
    return target
