"""The members of a bundle and their columns in the order of the specification, by version.

Source: as `columns`. 1.2 moved a person's role and organisations out of users.csv into roles.csv, and added user profiles,
score scales, learning objectives and resources of users.
"""

from __future__ import annotations

from collections.abc import Mapping

from homeroom.ingest.oneroster.columns import (
    CLASS_TYPES,
    DATE,
    ENROLLED_AS,
    GUID,
    NUMBER,
    OBJECTIVES,
    ORG_TYPES,
    ROLE_TYPES,
    ROLES_1_1,
    ROLES_1_2,
    SCORE_STATUS,
    SESSION_TYPES,
    SEX_1_1,
    SEX_1_2,
    TRUTH,
    WHOLE,
    WORD,
    YEAR,
    Column,
    Member,
    about,
    optional,
    required,
)

_RACES = (
    "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
    "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity",
)  # fmt: skip
_BIRTH = ("countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus")
_NAMES = (
    required("username"),
    optional("userIds", many=True, user_ids=True),
    required("givenName"),
    required("familyName"),
    *(optional(name) for name in ("middleName", "identifier", "email")),
    *(optional(name) for name in ("sms", "phone")),
    optional("agentSourcedIds", GUID, many=True, to="users"),
    optional("grades", many=True, grades=True),
    optional("password", secret=True),
)
_ENABLED = required("enabledUser", TRUTH)
_RESOURCED = (*about(), optional("title"))
_RESOURCE = required("resourceSourcedId", GUID, to="resources")


def _rostering(*, newer: bool) -> tuple[Member, ...]:
    def word(name: str, words: tuple[str, ...]) -> Column:
        return required(name, WORD, words=words, extends=newer)

    school = required("schoolSourcedId", GUID, to="orgs", of=("school",))
    subjects = (optional("subjects", many=True), optional("subjectCodes", many=True))
    grades = optional("grades", many=True, grades=True)
    return (
        Member(
            name="orgs",
            columns=(
                *about(), required("name"), word("type", ORG_TYPES), optional("identifier"),
                optional("parentSourcedId", GUID, to="orgs"),
            ),
        ),
        Member(
            name="academicSessions",
            columns=(
                *about(), required("title"), word("type", SESSION_TYPES), required("startDate", DATE),
                required("endDate", DATE), optional("parentSourcedId", GUID, to="academicSessions"),
                required("schoolYear", YEAR),
            ),
        ),
        Member(
            name="courses",
            columns=(
                *about(), optional("schoolYearSourcedId", GUID, to="academicSessions", of=("schoolYear",)),
                required("title"), optional("courseCode"), grades, required("orgSourcedId", GUID, to="orgs"), *subjects,
            ),
        ),
        Member(
            name="classes",
            columns=(
                *about(), required("title"), grades, required("courseSourcedId", GUID, to="courses"),
                optional("classCode"), word("classType", CLASS_TYPES), optional("location"), school,
                required("termSourcedIds", GUID, many=True, to="academicSessions"), *subjects,
                optional("periods", many=True),
            ),
        ),
        *(_PEOPLE_1_2 if newer else _PEOPLE_1_1),
        Member(
            name="demographics",
            private=True,
            columns=(
                *about(to="users"), optional("birthDate", DATE),
                optional("sex", WORD, words=SEX_1_2 if newer else SEX_1_1, extends=newer),
                *(optional(name, TRUTH) for name in _RACES), *(optional(name) for name in _BIRTH),
            ),
        ),
        Member(
            name="enrollments",
            private=True,
            columns=(
                *about(), required("classSourcedId", GUID, to="classes"), school,
                required("userSourcedId", GUID, to="users"), word("role", ENROLLED_AS), optional("primary", TRUTH),
                optional("beginDate", DATE), optional("endDate", DATE),
            ),
        ),
    )  # fmt: skip


_PEOPLE_1_1 = (
    Member(
        name="users",
        private=True,
        columns=(
            *about(), _ENABLED, required("orgSourcedIds", GUID, many=True, to="orgs"),
            required("role", WORD, words=ROLES_1_1), *_NAMES,
        ),
    ),
)  # fmt: skip
_PEOPLE_1_2 = (
    Member(
        name="users",
        private=True,
        columns=(
            *about(), _ENABLED, *_NAMES, optional("userMasterIdentifier"),
            *(optional(f"preferred{part}Name") for part in ("Given", "Middle", "Family")),
            optional("primaryOrgSourcedId", GUID, to="orgs"), optional("pronouns"),
        ),
    ),
    Member(
        name="userProfiles",
        private=True,
        columns=(
            *about(), required("userSourcedId", GUID, to="users"), required("profileType"), required("vendorId"),
            optional("applicationId"), optional("description"), required("credentialType"), required("username"),
            optional("password", secret=True),
        ),
    ),
    Member(
        name="roles",
        private=True,
        columns=(
            *about(), required("userSourcedId", GUID, to="users"), required("roleType", WORD, words=ROLE_TYPES),
            required("role", WORD, words=ROLES_1_2, extends=True), optional("beginDate", DATE), optional("endDate", DATE),
            required("orgSourcedId", GUID, to="orgs"), optional("userProfileSourcedId", GUID, to="userProfiles"),
        ),
    ),
)  # fmt: skip


def _resources(*, newer: bool) -> tuple[Member, ...]:
    both = (
        Member(
            name="resources",
            columns=(
                *about(), required("vendorResourceId"), optional("title"),
                optional("roles", WORD, many=True, words=ROLES_1_1, extends=newer),
                optional("importance", WORD, words=ROLE_TYPES), optional("vendorId"), optional("applicationId"),
            ),
        ),
        Member(
            name="classResources",
            columns=(*_RESOURCED, required("classSourcedId", GUID, to="classes"), _RESOURCE),
        ),
        Member(
            name="courseResources",
            columns=(*_RESOURCED, required("courseSourcedId", GUID, to="courses"), _RESOURCE),
        ),
    )  # fmt: skip
    users = Member(
        name="userResources",
        private=True,
        columns=(
            *about(), required("userSourcedId", GUID, to="users"), optional("orgSourcedId", GUID, to="orgs"),
            optional("classSourcedId", GUID, to="classes"), _RESOURCE,
        ),
    )  # fmt: skip
    return (*both, users) if newer else both


def _gradebook(*, newer: bool) -> tuple[Member, ...]:
    period = "academicSessionSourcedId" if newer else "gradingPeriodSourcedId"
    added = (required("schoolSourcedId", GUID, to="orgs", of=("school",)),) if newer else ()
    scored = (
        optional("textScore"), optional("classSourcedId", GUID, to="classes"),
        *(optional(name, TRUTH) for name in ("inProgress", "incomplete", "late", "missing")),
    ) if newer else ()  # fmt: skip
    both = (
        Member(
            name="categories",
            columns=(*about(), required("title"), *((optional("weight", WHOLE),) if newer else ())),
        ),
        Member(
            name="lineItems",
            columns=(
                *about(), required("title"), optional("description"), required("assignDate", DATE),
                required("dueDate", DATE), required("classSourcedId", GUID, to="classes"),
                required("categorySourcedId", GUID, to="categories"), required(period, GUID, to="academicSessions"),
                optional("resultValueMin", NUMBER), optional("resultValueMax", NUMBER), *added,
            ),
        ),
        Member(
            name="results",
            private=True,
            columns=(
                *about(), required("lineItemSourcedId", GUID, to="lineItems"),
                required("studentSourcedId", GUID, to="users"),
                required("scoreStatus", WORD, words=SCORE_STATUS, extends=newer), optional("score", NUMBER),
                required("scoreDate", DATE), optional("comment"), *scored,
            ),
        ),
    )  # fmt: skip
    return (*both, *_SCALES) if newer else both


def _objectives(of: str, column: str, *more: Column) -> Member:
    source = required("source", WORD, words=OBJECTIVES, extends=True)
    columns = (*about(), required(column, GUID, to=of), source, required("learningObjectiveId"), *more)
    return Member(
        name=f"{column.removesuffix('SourcedId')}LearningObjectiveIds", private=of == "results", columns=columns
    )


def _scales(of: str, column: str) -> Member:
    scale = required("scoreScaleSourcedId", GUID, to="scoreScales")
    columns = (*_RESOURCED, required(column, GUID, to=of), scale)
    return Member(name=f"{column.removesuffix('SourcedId')}ScoreScales", private=of == "results", columns=columns)


_SCALES = (
    Member(
        name="scoreScales",
        columns=(
            *about(), required("title"), required("type"), required("orgSourcedId", GUID, to="orgs"),
            required("courseSourcedId", GUID, to="courses"), required("classSourcedId", GUID, to="classes"),
            required("scoreScaleValue", many=True),
        ),
    ),
    _objectives("lineItems", "lineItemSourcedId"),
    _scales("lineItems", "lineItemSourcedId"),
    _objectives("results", "resultSourcedId", optional("score", NUMBER), optional("textScore")),
    _scales("results", "resultSourcedId"),
)  # fmt: skip

VERSIONS: Mapping[str, tuple[Member, ...]] = {
    version: (*_rostering(newer=newer), *_resources(newer=newer), *_gradebook(newer=newer))
    for version, newer in (("1.1", False), ("1.2", True))
}
"""The members of each version whose files can be checked. Those that others point to come before them."""
