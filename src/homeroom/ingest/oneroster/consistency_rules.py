"""Consistency rules between the rows of a bundle.

They cover nested dates, loops, primary teachers and roles, and schools of classes. Only rows of bulk files that are not
to be deleted are checked: a delta shows a part, and the rest is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from homeroom.ingest.oneroster.row_index import GONE, ID, RowIndex
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.rows.field_table import LINE

_LEVELS = 40  # more than any district has; who is still climbing then, climbs in a circle


class ConsistencyRules:
    """The consistency rules over the indexed rows of a bundle.

    `members` are those of its version.
    """

    def __init__(
        self, row_index: RowIndex, *, modes: Mapping[str, str], members: Collection[str], violations: Violations
    ) -> None:
        self._row_index, self._modes, self._members, self._violations = row_index, modes, members, violations

    def check(self) -> None:
        """Check every rule about several rows."""
        for member in ("orgs", "academicSessions"):
            self._check_loops(member)
        self._check_sessions()
        self._check_usernames()
        self._check_enrollments()
        self._check_roles()
        self._check_telephones()

    def _get_rows(self, member: str, *columns: str) -> pl.DataFrame:
        """Return the rows of a bulk member that has these columns; no rows if it does not."""
        rows = self._row_index.get_rows(member) if self._modes.get(member) == "bulk" else pl.DataFrame()
        if not {ID, *columns} <= set(rows.columns):
            return pl.DataFrame()
        return rows.filter(~pl.col(GONE))

    def _report_rows(self, rule: str, rows: pl.DataFrame, member: str, field: str) -> None:
        self._violations.add_rows(rule, rows.sort(LINE), file=f"{member}.csv", field=field, private=True)

    def _check_loops(self, member: str) -> None:
        rows = self._get_rows(member, "parentSourcedId")
        if not rows.height:
            return
        above = rows.select(ID, pl.col("parentSourcedId").alias("above")).unique(ID)
        climbing = rows.select(ID, LINE, pl.col("parentSourcedId").alias("at")).drop_nulls("at")
        for _ in range(_LEVELS):
            home = climbing.filter(pl.col("at") == pl.col(ID))
            if home.height:
                self._report_rows("parent.loop", home, member, "parentSourcedId")
            climbing = (
                climbing.filter(pl.col("at") != pl.col(ID))
                .join(above, left_on="at", right_on=ID)
                .select(ID, LINE, pl.col("above").alias("at"))
                .drop_nulls("at")
            )
            if not climbing.height:
                return

    def _check_sessions(self) -> None:
        rows = self._get_rows("academicSessions", "parentSourcedId", "startDate", "endDate", "type", "schoolYear")
        if not rows.height:
            return
        parents = rows.select(pl.col(ID).alias("parentSourcedId"), from_="startDate", until="endDate").unique(
            "parentSourcedId"
        )
        within = rows.join(parents, on="parentSourcedId")
        outside = within.filter((pl.col("startDate") < pl.col("from_")) | (pl.col("endDate") > pl.col("until")))
        self._report_rows("session.outside", outside, "academicSessions", "startDate")
        years = rows.filter((pl.col("type") == "schoolYear") & pl.col("schoolYear").str.contains(r"^\d{4}$"))
        wrong_year = years.filter(pl.col("schoolYear").cast(pl.Int32) != pl.col("endDate").dt.year())
        self._report_rows("session.year", wrong_year, "academicSessions", "schoolYear")

    def _check_usernames(self) -> None:
        users = self._get_rows("users", "username")
        if users.height:
            repeated = users.drop_nulls("username").filter(~pl.col("username").is_first_distinct())
            self._report_rows("username.twice", repeated, "users", "username")

    def _check_student_teachers(self, rows: pl.DataFrame) -> None:
        users, roles = self._get_rows("users", "role"), self._get_rows("roles", "userSourcedId", "role")
        user_roles = roles.select(pl.col("userSourcedId").alias(ID), "role") if roles.height else users
        if user_roles.height:
            non_students = user_roles.filter(pl.col("role") != "student").select(ID)
            students = (
                user_roles.filter(pl.col("role") == "student").select(ID).join(non_students, on=ID, how="anti").unique()
            )
            student_teachers = rows.drop_nulls("teacher").join(students, left_on="teacher", right_on=ID, how="semi")
            self._report_rows("enrollment.student-teaches", student_teachers, "enrollments", "role")

    def _check_enrollments(self) -> None:
        rows = self._get_rows("enrollments", "classSourcedId", "primary", "place", "teaches")
        if not rows.height:
            return
        primary = rows.filter(pl.col("primary"))
        self._report_rows("enrollment.primary", primary.filter(~pl.col("teaches")), "enrollments", "primary")
        teachers = primary.filter(pl.col("teaches") & pl.col("classSourcedId").is_not_null())
        second = teachers.filter(~pl.col("classSourcedId").is_first_distinct())
        self._report_rows("enrollment.primary-twice", second, "enrollments", "primary")
        self._check_student_teachers(rows)
        self._check_repeated_enrollments(rows)
        self._check_class_schools(rows)
        self._check_enrollment_dates(rows)

    def _check_repeated_enrollments(self, rows: pl.DataFrame) -> None:
        enrollments = rows.select("place", LINE, *(name for name in ("beginDate",) if name in rows.columns)).drop_nulls(
            "place"
        )
        # A person who left a class and came back has two rows with different begin dates.
        key = pl.struct("place", "beginDate") if "beginDate" in enrollments.columns else pl.col("place")
        repeated = enrollments.filter(pl.col("place").is_duplicated())
        self._report_rows("enrollment.twice", repeated.filter(~key.is_first_distinct()), "enrollments", "userSourcedId")

    def _check_class_schools(self, rows: pl.DataFrame) -> None:
        classes = self._get_rows("classes", "schoolSourcedId")
        if classes.height and "schoolSourcedId" in rows.columns:
            schools = classes.select(pl.col(ID).alias("classSourcedId"), school="schoolSourcedId").unique(
                "classSourcedId"
            )
            joined = rows.select("classSourcedId", "schoolSourcedId", LINE).join(schools, on="classSourcedId")
            mismatched = joined.filter(pl.col("school") != pl.col("schoolSourcedId"))
            self._report_rows("enrollment.school", mismatched, "enrollments", "schoolSourcedId")

    def _check_enrollment_dates(self, rows: pl.DataFrame) -> None:
        classes, sessions = (
            self._get_rows("classes", "termSourcedIds"),
            self._get_rows("academicSessions", "startDate", "endDate"),
        )
        if not (classes.height and sessions.height and {"beginDate", "endDate"} <= set(rows.columns)):
            return
        terms = classes.select(ID, term="termSourcedIds").explode("term", keep_nulls=False, empty_as_null=False)
        dated = terms.join(sessions.select(pl.col(ID).alias("term"), "startDate", "endDate"), on="term")
        spans = dated.group_by(pl.col(ID).alias("classSourcedId")).agg(
            pl.col("startDate").min().alias("from_"), pl.col("endDate").max().alias("until")
        )
        joined = rows.select("classSourcedId", "beginDate", "endDate", LINE).join(spans, on="classSourcedId")
        early = joined.filter((pl.col("beginDate") < pl.col("from_")) | (pl.col("beginDate") > pl.col("until")))
        self._report_rows("enrollment.outside", early, "enrollments", "beginDate")
        late = joined.filter((pl.col("endDate") > pl.col("until")) | (pl.col("endDate") < pl.col("from_")))
        self._report_rows("enrollment.outside", late, "enrollments", "endDate")

    def _check_roles(self) -> None:
        roles = self._get_rows("roles", "userSourcedId", "orgSourcedId", "roleType")
        if "roles" in self._members and "roles" not in self._modes and (users := self._get_rows("users")).height:
            self._report_rows("role.none", users, "users", "sourcedId")
        if not roles.height:
            return
        user_and_org = pl.struct("userSourcedId", "orgSourcedId")
        primary = roles.filter((pl.col("roleType") == "primary") & pl.col("userSourcedId").is_not_null())
        self._report_rows("role.primary-twice", primary.filter(~user_and_org.is_first_distinct()), "roles", "roleType")
        complete_roles = roles.drop_nulls(["userSourcedId", "orgSourcedId"])
        without_primary = complete_roles.join(primary, on=["userSourcedId", "orgSourcedId"], how="anti").filter(
            user_and_org.is_first_distinct()
        )
        self._report_rows("role.primary-none", without_primary, "roles", "roleType")
        self._check_profiles(roles)
        users = self._get_rows("users")
        if not users.height:
            return
        without_role = users.join(roles, left_on=ID, right_on="userSourcedId", how="anti", nulls_equal=True)
        self._report_rows("role.none", without_role, "users", "sourcedId")
        if "primaryOrgSourcedId" in users.columns:
            primary_orgs = users.drop_nulls("primaryOrgSourcedId").join(without_role, on=ID, how="anti")
            role_orgs = roles.select(
                pl.col("userSourcedId").alias(ID), pl.col("orgSourcedId").alias("primaryOrgSourcedId")
            )
            without_org_role = primary_orgs.join(role_orgs, on=[ID, "primaryOrgSourcedId"], how="anti")
            self._report_rows("role.primary-org", without_org_role, "users", "primaryOrgSourcedId")

    def _check_profiles(self, roles: pl.DataFrame) -> None:
        profiles = self._get_rows("userProfiles", "userSourcedId")
        if profiles.height and "userProfileSourcedId" in roles.columns:
            owners = profiles.select(pl.col(ID).alias("userProfileSourcedId"), owner="userSourcedId").unique(
                "userProfileSourcedId"
            )
            joined = roles.join(owners, on="userProfileSourcedId")
            mismatched = joined.filter(pl.col("owner") != pl.col("userSourcedId"))
            self._report_rows("role.profile", mismatched, "roles", "userProfileSourcedId")

    def _check_telephones(self) -> None:
        """Check telephone numbers of students, in a delta as well: a row's own role identifies a student."""
        users, roles = self._row_index.get_rows("users"), self._row_index.get_rows("roles")
        if "role" in users.columns:
            student_rows = users.filter(pl.col("role") == "student")
        elif {"userSourcedId", "role"} <= set(roles.columns):
            students = roles.filter(pl.col("role") == "student").select(pl.col("userSourcedId").alias(ID)).unique()
            student_rows = users.join(students, on=ID) if users.width else users
        else:
            return
        for name in ("sms", "phone"):
            if name in student_rows.columns:
                self._report_rows("privacy.telephone", student_rows.filter(pl.col(name)), "users", name)
