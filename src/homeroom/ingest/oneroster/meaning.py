"""What the rows of a bundle say together: dates within dates, loops, primary teachers and roles, schools of classes.

Only rows of bulk files that are not to be deleted are asked: a delta shows a part, and nobody knows the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from homeroom.ingest.oneroster.gathering import GONE, ID, Gathered
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.rows import LINE

_LEVELS = 40  # more than any district has; who is still climbing then, climbs in a circle


class Meaning:
    """The kept rows of a bundle, with what they say together. `members` are those that its version knows."""

    def __init__(
        self, gathered: Gathered, *, modes: Mapping[str, str], members: Collection[str], violations: Violations
    ) -> None:
        self._gathered, self._modes, self._members, self._violations = gathered, modes, members, violations

    def check(self) -> None:
        """Every rule about several rows."""
        for member in ("orgs", "academicSessions"):
            self._loops(member)
        self._sessions()
        self._usernames()
        self._enrollments()
        self._roles()
        self._telephones()

    def _rows(self, member: str, *columns: str) -> pl.DataFrame:
        """The rows of a bulk member that has these columns; no rows where it has not."""
        rows = self._gathered.of(member) if self._modes.get(member) == "bulk" else pl.DataFrame()
        if not {ID, *columns} <= set(rows.columns):
            return pl.DataFrame()
        return rows.filter(~pl.col(GONE))

    def _tell(self, rule: str, rows: pl.DataFrame, member: str, field: str) -> None:
        self._violations.rows(rule, rows.sort(LINE), file=f"{member}.csv", field=field, private=True)

    def _loops(self, member: str) -> None:
        rows = self._rows(member, "parentSourcedId")
        if not rows.height:
            return
        above = rows.select(ID, pl.col("parentSourcedId").alias("above")).unique(ID)
        climbing = rows.select(ID, LINE, pl.col("parentSourcedId").alias("at")).drop_nulls("at")
        for _ in range(_LEVELS):
            home = climbing.filter(pl.col("at") == pl.col(ID))
            if home.height:
                self._tell("parent.loop", home, member, "parentSourcedId")
            climbing = (
                climbing.filter(pl.col("at") != pl.col(ID))
                .join(above, left_on="at", right_on=ID)
                .select(ID, LINE, pl.col("above").alias("at"))
                .drop_nulls("at")
            )
            if not climbing.height:
                return

    def _sessions(self) -> None:
        rows = self._rows("academicSessions", "parentSourcedId", "startDate", "endDate", "type", "schoolYear")
        if not rows.height:
            return
        parents = rows.select(pl.col(ID).alias("parentSourcedId"), from_="startDate", until="endDate").unique(
            "parentSourcedId"
        )
        within = rows.join(parents, on="parentSourcedId")
        outside = within.filter((pl.col("startDate") < pl.col("from_")) | (pl.col("endDate") > pl.col("until")))
        self._tell("session.outside", outside, "academicSessions", "startDate")
        years = rows.filter((pl.col("type") == "schoolYear") & pl.col("schoolYear").str.contains(r"^\d{4}$"))
        other = years.filter(pl.col("schoolYear").cast(pl.Int32) != pl.col("endDate").dt.year())
        self._tell("session.year", other, "academicSessions", "schoolYear")

    def _usernames(self) -> None:
        named = self._rows("users", "username")
        if named.height:
            again = named.drop_nulls("username").filter(~pl.col("username").is_first_distinct())
            self._tell("username.twice", again, "users", "username")

    def _pupils_who_teach(self, rows: pl.DataFrame) -> None:
        users, roles = self._rows("users", "role"), self._rows("roles", "userSourcedId", "role")
        told = roles.select(pl.col("userSourcedId").alias(ID), "role") if roles.height else users
        if told.height:
            others = told.filter(pl.col("role") != "student").select(ID)
            pupils = told.filter(pl.col("role") == "student").select(ID).join(others, on=ID, how="anti").unique()
            teaching = rows.drop_nulls("teacher").join(pupils, left_on="teacher", right_on=ID, how="semi")
            self._tell("enrollment.pupil-teaches", teaching, "enrollments", "role")

    def _enrollments(self) -> None:
        rows = self._rows("enrollments", "classSourcedId", "primary", "place", "teaches")
        if not rows.height:
            return
        primary = rows.filter(pl.col("primary"))
        self._tell("enrollment.primary", primary.filter(~pl.col("teaches")), "enrollments", "primary")
        teachers = primary.filter(pl.col("teaches") & pl.col("classSourcedId").is_not_null())
        second = teachers.filter(~pl.col("classSourcedId").is_first_distinct())
        self._tell("enrollment.primary-twice", second, "enrollments", "primary")
        self._pupils_who_teach(rows)
        self._twice(rows)
        self._schools(rows)
        self._terms(rows)

    def _twice(self, rows: pl.DataFrame) -> None:
        placed = rows.select("place", LINE, *(name for name in ("beginDate",) if name in rows.columns)).drop_nulls(
            "place"
        )
        # Who left a class and came back has two rows with two beginnings.
        key = pl.struct("place", "beginDate") if "beginDate" in placed.columns else pl.col("place")
        doubtful = placed.filter(pl.col("place").is_duplicated())
        self._tell("enrollment.twice", doubtful.filter(~key.is_first_distinct()), "enrollments", "userSourcedId")

    def _schools(self, rows: pl.DataFrame) -> None:
        classes = self._rows("classes", "schoolSourcedId")
        if classes.height and "schoolSourcedId" in rows.columns:
            schools = classes.select(pl.col(ID).alias("classSourcedId"), school="schoolSourcedId").unique(
                "classSourcedId"
            )
            met = rows.select("classSourcedId", "schoolSourcedId", LINE).join(schools, on="classSourcedId")
            other = met.filter(pl.col("school") != pl.col("schoolSourcedId"))
            self._tell("enrollment.school", other, "enrollments", "schoolSourcedId")

    def _terms(self, rows: pl.DataFrame) -> None:
        classes, sessions = (
            self._rows("classes", "termSourcedIds"),
            self._rows("academicSessions", "startDate", "endDate"),
        )
        if not (classes.height and sessions.height and {"beginDate", "endDate"} <= set(rows.columns)):
            return
        terms = classes.select(ID, term="termSourcedIds").explode("term", keep_nulls=False, empty_as_null=False)
        dated = terms.join(sessions.select(pl.col(ID).alias("term"), "startDate", "endDate"), on="term")
        spans = dated.group_by(pl.col(ID).alias("classSourcedId")).agg(
            pl.col("startDate").min().alias("from_"), pl.col("endDate").max().alias("until")
        )
        met = rows.select("classSourcedId", "beginDate", "endDate", LINE).join(spans, on="classSourcedId")
        early = met.filter((pl.col("beginDate") < pl.col("from_")) | (pl.col("beginDate") > pl.col("until")))
        self._tell("enrollment.outside", early, "enrollments", "beginDate")
        late = met.filter((pl.col("endDate") > pl.col("until")) | (pl.col("endDate") < pl.col("from_")))
        self._tell("enrollment.outside", late, "enrollments", "endDate")

    def _roles(self) -> None:
        roles = self._rows("roles", "userSourcedId", "orgSourcedId", "roleType")
        if "roles" in self._members and "roles" not in self._modes and (users := self._rows("users")).height:
            self._tell("role.none", users, "users", "sourcedId")
        if not roles.height:
            return
        both = pl.struct("userSourcedId", "orgSourcedId")
        primary = roles.filter((pl.col("roleType") == "primary") & pl.col("userSourcedId").is_not_null())
        self._tell("role.primary-twice", primary.filter(~both.is_first_distinct()), "roles", "roleType")
        placed = roles.drop_nulls(["userSourcedId", "orgSourcedId"])
        headless = placed.join(primary, on=["userSourcedId", "orgSourcedId"], how="anti").filter(
            both.is_first_distinct()
        )
        self._tell("role.primary-none", headless, "roles", "roleType")
        self._profiles(roles)
        users = self._rows("users")
        if not users.height:
            return
        none = users.join(roles, left_on=ID, right_on="userSourcedId", how="anti", nulls_equal=True)
        self._tell("role.none", none, "users", "sourcedId")
        if "primaryOrgSourcedId" in users.columns:
            homes = users.drop_nulls("primaryOrgSourcedId").join(none, on=ID, how="anti")
            there = roles.select(pl.col("userSourcedId").alias(ID), pl.col("orgSourcedId").alias("primaryOrgSourcedId"))
            without = homes.join(there, on=[ID, "primaryOrgSourcedId"], how="anti")
            self._tell("role.primary-org", without, "users", "primaryOrgSourcedId")

    def _profiles(self, roles: pl.DataFrame) -> None:
        profiles = self._rows("userProfiles", "userSourcedId")
        if profiles.height and "userProfileSourcedId" in roles.columns:
            owners = profiles.select(pl.col(ID).alias("userProfileSourcedId"), owner="userSourcedId").unique(
                "userProfileSourcedId"
            )
            met = roles.join(owners, on="userProfileSourcedId")
            other = met.filter(pl.col("owner") != pl.col("userSourcedId"))
            self._tell("role.profile", other, "roles", "userProfileSourcedId")

    def _telephones(self) -> None:
        """Of a delta as well: that somebody is a pupil is known where the row says so."""
        users, roles = self._gathered.of("users"), self._gathered.of("roles")
        if "role" in users.columns:
            pupils = users.filter(pl.col("role") == "student")
        elif {"userSourcedId", "role"} <= set(roles.columns):
            students = roles.filter(pl.col("role") == "student").select(pl.col("userSourcedId").alias(ID)).unique()
            pupils = users.join(students, on=ID) if users.width else users
        else:
            return
        for name in ("sms", "phone"):
            if name in pupils.columns:
                self._tell("privacy.telephone", pupils.filter(pl.col(name)), "users", name)
