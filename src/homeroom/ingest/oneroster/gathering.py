"""What is kept of every row while a bundle streams by, so that rows can be compared in the end: numbers, never texts.

An id is kept as 64 bits of its hash. Among ten million ids the chance that any two of them share one is about 3 in a
million; what would then be told is one place too many or too few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from homeroom.ingest.oneroster.columns import Member
from homeroom.ingest.rows import LINE

Ids = NDArray[np.uint64]
ID, GONE = "id", "gone"
_DAY = "%Y-%m-%d"

KEPT: Mapping[str, Mapping[str, str]] = {
    "orgs": {"type": "text", "parentSourcedId": "id"},
    "academicSessions": {
        "type": "text", "parentSourcedId": "id", "startDate": "day", "endDate": "day", "schoolYear": "text",
    },
    "classes": {"schoolSourcedId": "id", "termSourcedIds": "ids"},
    "users": {
        "role": "text", "username": "name", "primaryOrgSourcedId": "id", "sms": "filled", "phone": "filled",
    },
    "userProfiles": {"userSourcedId": "id"},
    "roles": {
        "userSourcedId": "id", "orgSourcedId": "id", "roleType": "text", "role": "text", "userProfileSourcedId": "id",
    },
    "enrollments": {
        "classSourcedId": "id", "schoolSourcedId": "id", "primary": "true", "beginDate": "day", "endDate": "day",
    },
}  # fmt: skip
"""The columns of each member that rules about several rows need, and in which form."""


def hashed(values: pl.Expr) -> pl.Expr:
    """Ids as 64 bits; null stays null."""
    return pl.when(values.is_not_null()).then(values.hash(seed=7))


_FORMS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "id": hashed,
    "name": lambda value: hashed(value.str.to_lowercase()),
    "ids": lambda value: value.str.split(",").list.eval(pl.element().str.strip_chars().hash(seed=7)),
    "day": lambda value: value.str.to_date(_DAY, strict=False),
    "filled": lambda value: value.is_not_null(),
    "true": lambda value: (value == "true").fill_null(False),
    "text": lambda value: value,
}


class Gathered:
    """The kept columns of every member, frame by frame, and the sorted ids of those that are whole."""

    def __init__(self) -> None:
        self._frames: dict[str, list[pl.DataFrame]] = {}
        self._ids: dict[tuple[str, str], Ids] = {}

    def keep(self, member: Member, frame: pl.DataFrame) -> None:
        """Keep what is needed of a frame whose columns have their right names."""
        wanted = [
            _FORMS[form](pl.col(name)).alias(name)
            for name, form in KEPT.get(member.name, {}).items()
            if name in frame.columns
        ]
        gone = pl.col("status") == "tobedeleted" if "status" in frame.columns else pl.lit(False)
        placed = _roles_in_classes(frame) if member.name == "enrollments" else []
        rows = frame.select(
            hashed(pl.col("sourcedId")).alias(ID),
            *wanted,
            *placed,
            gone.fill_null(False).alias(GONE),
            pl.col(LINE).cast(pl.Int32),
        )
        self._frames.setdefault(member.name, []).append(rows.rechunk())

    def of(self, member: str) -> pl.DataFrame:
        """Everything that was kept of a member; no columns where there was no row."""
        frames = self._frames.get(member, [])
        if len(frames) > 1:
            self._frames[member] = frames = [pl.concat(frames, how="diagonal")]
        return frames[0] if frames else pl.DataFrame()

    def ids(self, member: str, *, of: tuple[str, ...] = ()) -> Ids:
        """The sorted ids of a member's rows, or of those of some types (an own type, ext:…, counts as any)."""
        known = (member, ",".join(of))
        if known not in self._ids:
            rows = self.of(member)
            if of and "type" in rows.columns:
                rows = rows.filter(pl.col("type").is_in(list(of)) | pl.col("type").str.starts_with("ext:"))
            found = rows[ID].drop_nulls().to_numpy() if rows.width else np.empty(0, np.uint64)
            self._ids[known] = np.unique(found)
        return self._ids[known]


def _roles_in_classes(frame: pl.DataFrame) -> list[pl.Expr]:
    """One number for each person, class and role, whether the role is a teacher's, and then the person's id."""
    user, course, role = (hashed(pl.col(name)) for name in ("userSourcedId", "classSourcedId", "role"))
    both = {"userSourcedId", "classSourcedId", "role"} <= set(frame.columns)
    if not both:
        numbers = [pl.lit(None, dtype=pl.UInt64).alias(name) for name in ("place", "teacher")]
        return [*numbers, pl.lit(None, dtype=pl.Boolean).alias("teaches")]
    place, teaches = user ^ (course // 3) ^ (role // 7), pl.col("role") == "teacher"
    return [place.alias("place"), pl.when(teaches).then(user).alias("teacher"), teaches.alias("teaches")]


def among(values: pl.Series, ids: Ids) -> pl.Series:
    """Which of the hashed values are among sorted ids; true for null."""
    wanted = values.fill_null(0).to_numpy()
    if not len(ids):
        return values.is_null()
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return pl.Series(ids[at] == wanted) | values.is_null()
