"""The roster: OneRoster CSV 1.1 or 1.2, as a folder or as one zip."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Final

from homeroom.sample.figures import ENROLLMENTS_AT_MOST, ENROLLMENTS_PER_PUPIL, PUPILS_PER_GROUP
from homeroom.sample.plan import District, School
from homeroom.sample.writers import CsvFile

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


class Roster:
    """The roster's files, written side by side."""

    def __init__(self, folder: Path, district: District) -> None:
        self._district = district
        self._folder = folder / "oneroster"
        self._newer = district.roster_version == "1.2"
        calendar = district.calendar
        self.stamp = f"{calendar.today.isoformat()}T09:30:00.000Z"
        self.begins, self.ends = date(calendar.year, 8, 15), date(calendar.year + 1, 6, 5)
        self.per_pupil = max(1, min(ENROLLMENTS_PER_PUPIL, ENROLLMENTS_AT_MOST // district.students))
        headers = {**_HEADERS, "users": _USERS_12 if self._newer else _USERS_11}
        if not self._newer:
            del headers["roles"]
        self._files = {
            name: CsvFile(self._folder / f"{name}.csv", header, quoted=name == "users" and self._newer)
            for name, header in headers.items()
        }
        self._number = 0
        self._write_schools()

    def counts(self) -> dict[str, int]:
        """Rows by file."""
        return {f"oneroster/{name}": file.rows for name, file in self._files.items()}

    def _write_schools(self) -> None:
        year = str(self._district.calendar.year + 1)
        orgs = self._files["orgs"]
        orgs.row([DISTRICT_KEY, "active", self.stamp, self._district.name, "district", "0099999", ""])
        for school in self._district.schools:
            orgs.row(
                [school.key, "active", self.stamp, school.name, "school", f"9900{school.index + 1:05d}", DISTRICT_KEY]
            )
        begins, ends = self.begins.isoformat(), self.ends.isoformat()
        self._files["academicSessions"].row(
            ["year-1", "active", self.stamp, f"School year {year}", "schoolYear", begins, ends, "", year]
        )
        for school in self._district.schools:
            self._write_classes(school)

    def _write_classes(self, school: School) -> None:
        # In a bulk file, 1.1 leaves status and dateLastModified blank; many systems do the same in 1.2.
        for grade, count in zip(school.level.grades, school.counts, strict=True):
            for place in range(self.per_pupil):
                subject = _SUBJECTS[place]
                course = f"course-{school.index}-{grade}-{place}"
                self._files["courses"].row(
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
                for group in range((count + PUPILS_PER_GROUP - 1) // PUPILS_PER_GROUP):
                    self._files["classes"].row(
                        [
                            self.class_key(school.index, grade, group, place),
                            "", "", f"{subject} {grade}-{group + 1}", grade, course, f"{grade}{group + 1:02d}{place}",
                            "homeroom" if place == 0 else "scheduled", f"Room {100 + group}", school.key, "year-1",
                            "", "", str(place + 1),
                        ]
                    )  # fmt: skip

    @staticmethod
    def class_key(school: int, grade: str, group: int, place: int) -> str:
        """The sourcedId of a class."""
        return f"class-{school}-{grade}-{group}-{place}"

    def user(
        self,
        *,
        key: str,
        role: str,
        orgs: tuple[str, ...],
        given: str,
        family: str,
        identifier: str,
        email: str,
        status: str = "active",
        enabled: bool = True,
        agents: tuple[str, ...] = (),
        grade: str = "",
        password: str = "",
        ended: tuple[date | None, ...] = (None,),
    ) -> None:
        """Write a user and, in 1.2, a role at each organisation, the first primary; `ended` holds the roles' end dates."""
        username = email.partition("@")[0] if role not in ("guardian", "parent") else ""
        shared = [identifier, email, "", "", ",".join(agents), grade, password]
        enabling = "true" if enabled else "false"
        head = [key, status, self.stamp, enabling]
        if not self._newer:
            self._files["users"].row(
                [*head, ",".join(orgs), role, username, f"{{SIS:{key}}}", given, family, "", *shared]
            )
            return
        self._files["users"].row(
            [*head, username, f"{{SIS:{key}}}", given, family, "", *shared, "", "", "", "", orgs[0], ""]
        )
        for place, org in enumerate(orgs):
            end = ended[place] if place < len(ended) else None
            self._files["roles"].row(
                [
                    f"{key}-{place}", status, self.stamp, key, "secondary" if place else "primary", role,
                    self.begins.isoformat(), end.isoformat() if end else "", org, "",
                ]
            )  # fmt: skip

    def enrollment(
        self, *, person: str, school: School, grade: str, group: int, place: int, role: str, over: date | None = None
    ) -> None:
        """Write one enrolment; `over` where it ended."""
        self._number += 1
        self._files["enrollments"].row(
            [
                f"e{self._number}",
                "tobedeleted" if over else "active",
                self.stamp,
                self.class_key(school.index, grade, group, place),
                school.key,
                person,
                role,
                "true" if role == "teacher" else "",
                self.begins.isoformat(),
                (over or self.ends).isoformat(),
            ]
        )

    def demographics(self, *, key: str, born: date, sex: str) -> None:
        """Write one pupil's demographics, which no part of Homeroom needs."""
        self._files["demographics"].row(
            [key, "active", self.stamp, born.isoformat(), sex, *["false"] * 7, "US", "", "", ""]
        )

    def close(self) -> list[Path]:
        """Write the manifest, close all files, zip them where the district sends a zip, and name what is there."""
        with CsvFile(self._folder / "manifest.csv", "propertyName,value") as manifest:
            manifest.row(["manifest.version", "1.0"])
            manifest.row(["oneroster.version", self._district.roster_version])
            manifest.write([f"file.{name}", "bulk"] for name in self._files)
            manifest.write([f"file.{name}", "absent"] for name in _ABSENT)
            manifest.write([["source.systemName", "Invented SIS"], ["source.systemCode", "invented"]])
        paths = [manifest.path, *(path for file in self._files.values() for path in file.close())]
        return [_zipped(self._folder, paths)] if self._district.roster_zipped else paths


def _zipped(folder: Path, paths: list[Path]) -> Path:
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
