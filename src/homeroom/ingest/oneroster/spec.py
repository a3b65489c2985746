"""The members of a bundle and their columns in the order of the specification, by version.

Source: as in `columns`. 1.2 moved a person's role and organizations out of users.csv into roles.csv, and added user
profiles, score scales, learning objectives and resources of users.
"""

from __future__ import annotations

from collections.abc import Mapping

from homeroom.ingest.oneroster.column_spec import (
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
    ColumnSpec,
    MemberSpec,
    build_leading_columns,
    may_have,
    must_have,
)

_RACES = (
    "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
    "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity",
)  # fmt: skip
_BIRTH = ("countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus")
_NAMES = (
    must_have("username"),
    may_have("userIds", many=True, user_ids=True),
    must_have("givenName"),
    must_have("familyName"),
    *(may_have(name) for name in ("middleName", "identifier", "email")),
    *(may_have(name) for name in ("sms", "phone")),
    may_have("agentSourcedIds", GUID, many=True, to="users"),
    may_have("grades", many=True, grades=True),
    may_have("password", secret=True),
)
_ENABLED = must_have("enabledUser", TRUTH)
_RESOURCED = (*build_leading_columns(), may_have("title"))
_RESOURCE = must_have("resourceSourcedId", GUID, to="resources")


def _build_rostering(*, newer: bool) -> tuple[MemberSpec, ...]:
    def require_word(name: str, words: tuple[str, ...]) -> ColumnSpec:
        return must_have(name, WORD, words=words, extends=newer)

    school = must_have("schoolSourcedId", GUID, to="orgs", of=("school",))
    subjects = (may_have("subjects", many=True), may_have("subjectCodes", many=True))
    grades = may_have("grades", many=True, grades=True)
    return (
        MemberSpec(
            name="orgs",
            columns=(
                *build_leading_columns(),
                must_have("name"),
                require_word("type", ORG_TYPES),
                may_have("identifier"),
                may_have("parentSourcedId", GUID, to="orgs"),
            ),
        ),
        MemberSpec(
            name="academicSessions",
            columns=(
                *build_leading_columns(),
                must_have("title"),
                require_word("type", SESSION_TYPES),
                must_have("startDate", DATE),
                must_have("endDate", DATE),
                may_have("parentSourcedId", GUID, to="academicSessions"),
                must_have("schoolYear", YEAR),
            ),
        ),
        MemberSpec(
            name="courses",
            columns=(
                *build_leading_columns(),
                may_have("schoolYearSourcedId", GUID, to="academicSessions", of=("schoolYear",)),
                must_have("title"),
                may_have("courseCode"),
                grades,
                must_have("orgSourcedId", GUID, to="orgs"),
                *subjects,
            ),
        ),
        MemberSpec(
            name="classes",
            columns=(
                *build_leading_columns(),
                must_have("title"),
                grades,
                must_have("courseSourcedId", GUID, to="courses"),
                may_have("classCode"),
                require_word("classType", CLASS_TYPES),
                may_have("location"),
                school,
                must_have("termSourcedIds", GUID, many=True, to="academicSessions"),
                *subjects,
                may_have("periods", many=True),
            ),
        ),
        *(_PEOPLE_1_2 if newer else _PEOPLE_1_1),
        MemberSpec(
            name="demographics",
            private=True,
            columns=(
                *build_leading_columns(to="users"),
                may_have("birthDate", DATE),
                may_have("sex", WORD, words=SEX_1_2 if newer else SEX_1_1, extends=newer),
                *(may_have(name, TRUTH) for name in _RACES),
                *(may_have(name) for name in _BIRTH),
            ),
        ),
        MemberSpec(
            name="enrollments",
            private=True,
            columns=(
                *build_leading_columns(),
                must_have("classSourcedId", GUID, to="classes"),
                school,
                must_have("userSourcedId", GUID, to="users"),
                require_word("role", ENROLLED_AS),
                may_have("primary", TRUTH),
                may_have("beginDate", DATE),
                may_have("endDate", DATE),
            ),
        ),
    )


_PEOPLE_1_1 = (
    MemberSpec(
        name="users",
        private=True,
        columns=(
            *build_leading_columns(), _ENABLED, must_have("orgSourcedIds", GUID, many=True, to="orgs"),
            must_have("role", WORD, words=ROLES_1_1), *_NAMES,
        ),
    ),
)  # fmt: skip
_PEOPLE_1_2 = (
    MemberSpec(
        name="users",
        private=True,
        columns=(
            *build_leading_columns(),
            _ENABLED,
            *_NAMES,
            may_have("userMasterIdentifier"),
            *(may_have(f"preferred{part}Name") for part in ("Given", "Middle", "Family")),
            may_have("primaryOrgSourcedId", GUID, to="orgs"),
            may_have("pronouns"),
        ),
    ),
    MemberSpec(
        name="userProfiles",
        private=True,
        columns=(
            *build_leading_columns(),
            must_have("userSourcedId", GUID, to="users"),
            must_have("profileType"),
            must_have("vendorId"),
            may_have("applicationId"),
            may_have("description"),
            must_have("credentialType"),
            must_have("username"),
            may_have("password", secret=True),
        ),
    ),
    MemberSpec(
        name="roles",
        private=True,
        columns=(
            *build_leading_columns(),
            must_have("userSourcedId", GUID, to="users"),
            must_have("roleType", WORD, words=ROLE_TYPES),
            must_have("role", WORD, words=ROLES_1_2, extends=True),
            may_have("beginDate", DATE),
            may_have("endDate", DATE),
            must_have("orgSourcedId", GUID, to="orgs"),
            may_have("userProfileSourcedId", GUID, to="userProfiles"),
        ),
    ),
)


def _build_resources(*, newer: bool) -> tuple[MemberSpec, ...]:
    both = (
        MemberSpec(
            name="resources",
            columns=(
                *build_leading_columns(), must_have("vendorResourceId"), may_have("title"),
                may_have("roles", WORD, many=True, words=ROLES_1_1, extends=newer),
                may_have("importance", WORD, words=ROLE_TYPES), may_have("vendorId"), may_have("applicationId"),
            ),
        ),
        MemberSpec(
            name="classResources",
            columns=(*_RESOURCED, must_have("classSourcedId", GUID, to="classes"), _RESOURCE),
        ),
        MemberSpec(
            name="courseResources",
            columns=(*_RESOURCED, must_have("courseSourcedId", GUID, to="courses"), _RESOURCE),
        ),
    )  # fmt: skip
    users = MemberSpec(
        name="userResources",
        private=True,
        columns=(
            *build_leading_columns(),
            must_have("userSourcedId", GUID, to="users"),
            may_have("orgSourcedId", GUID, to="orgs"),
            may_have("classSourcedId", GUID, to="classes"),
            _RESOURCE,
        ),
    )
    return (*both, users) if newer else both


def _build_gradebook(*, newer: bool) -> tuple[MemberSpec, ...]:
    period = "academicSessionSourcedId" if newer else "gradingPeriodSourcedId"
    added = (must_have("schoolSourcedId", GUID, to="orgs", of=("school",)),) if newer else ()
    scored = (
        may_have("textScore"), may_have("classSourcedId", GUID, to="classes"),
        *(may_have(name, TRUTH) for name in ("inProgress", "incomplete", "late", "missing")),
    ) if newer else ()  # fmt: skip
    both = (
        MemberSpec(
            name="categories",
            columns=(*build_leading_columns(), must_have("title"), *((may_have("weight", WHOLE),) if newer else ())),
        ),
        MemberSpec(
            name="lineItems",
            columns=(
                *build_leading_columns(), must_have("title"), may_have("description"), must_have("assignDate", DATE),
                must_have("dueDate", DATE), must_have("classSourcedId", GUID, to="classes"),
                must_have("categorySourcedId", GUID, to="categories"), must_have(period, GUID, to="academicSessions"),
                may_have("resultValueMin", NUMBER), may_have("resultValueMax", NUMBER), *added,
            ),
        ),
        MemberSpec(
            name="results",
            private=True,
            columns=(
                *build_leading_columns(), must_have("lineItemSourcedId", GUID, to="lineItems"),
                must_have("studentSourcedId", GUID, to="users"),
                must_have("scoreStatus", WORD, words=SCORE_STATUS, extends=newer), may_have("score", NUMBER),
                must_have("scoreDate", DATE), may_have("comment"), *scored,
            ),
        ),
    )  # fmt: skip
    return (*both, *_SCALES) if newer else both


def _build_objectives(target: str, column: str, *extra_columns: ColumnSpec) -> MemberSpec:
    source = must_have("source", WORD, words=OBJECTIVES, extends=True)
    columns = (
        *build_leading_columns(),
        must_have(column, GUID, to=target),
        source,
        must_have("learningObjectiveId"),
        *extra_columns,
    )
    return MemberSpec(
        name=f"{column.removesuffix('SourcedId')}LearningObjectiveIds", private=target == "results", columns=columns
    )


def _build_scales(target: str, column: str) -> MemberSpec:
    scale = must_have("scoreScaleSourcedId", GUID, to="scoreScales")
    columns = (*_RESOURCED, must_have(column, GUID, to=target), scale)
    return MemberSpec(
        name=f"{column.removesuffix('SourcedId')}ScoreScales", private=target == "results", columns=columns
    )


_SCALES = (
    MemberSpec(
        name="scoreScales",
        columns=(
            *build_leading_columns(), must_have("title"), must_have("type"), must_have("orgSourcedId", GUID, to="orgs"),
            must_have("courseSourcedId", GUID, to="courses"), must_have("classSourcedId", GUID, to="classes"),
            must_have("scoreScaleValue", many=True),
        ),
    ),
    _build_objectives("lineItems", "lineItemSourcedId"),
    _build_scales("lineItems", "lineItemSourcedId"),
    _build_objectives("results", "resultSourcedId", may_have("score", NUMBER), may_have("textScore")),
    _build_scales("results", "resultSourcedId"),
)  # fmt: skip

VERSIONS: Mapping[str, tuple[MemberSpec, ...]] = {
    version: (*_build_rostering(newer=newer), *_build_resources(newer=newer), *_build_gradebook(newer=newer))
    for version, newer in (("1.1", False), ("1.2", True))
}
"""The members of each version whose files can be checked.

Members that are referred to precede those that refer to them.
"""
