"""An index of every row while a bundle streams by, so that rows can be compared at the end.

It holds numbers, never texts. An id is stored as 64 bits of its hash. Among ten million ids the chance that any two of
them share one is about 3 in a million; the report would then have one place too many or too few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from homeroom.ingest.oneroster.column_spec import MemberSpec
from homeroom.ingest.rows.field_table import LINE

Ids = NDArray[np.uint64]
ID, GONE = "id", "gone"
_DAY = "%Y-%m-%d"

INDEXED_COLUMNS: Mapping[str, Mapping[str, str]] = {
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
"""The columns of each member that rules about several rows need, and in which format."""


def hash_ids(values: pl.Expr) -> pl.Expr:
    """Hash ids to 64 bits; null stays null."""
    return pl.when(values.is_not_null()).then(values.hash(seed=7))


_FORMATS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "id": hash_ids,
    "name": lambda value: hash_ids(value.str.to_lowercase()),
    "ids": lambda value: value.str.split(",").list.eval(pl.element().str.strip_chars().hash(seed=7)),
    "day": lambda value: value.str.to_date(_DAY, strict=False),
    "filled": lambda value: value.is_not_null(),
    "true": lambda value: (value == "true").fill_null(False),
    "text": lambda value: value,
}


class RowIndex:
    """The indexed columns of every member, frame by frame, and the sorted ids of complete members."""

    def __init__(self) -> None:
        self._frames: dict[str, list[pl.DataFrame]] = {}
        self._ids: dict[tuple[str, str], Ids] = {}

    def add(self, member: MemberSpec, frame: pl.DataFrame) -> None:
        """Index the required columns of a frame that has the specified column names."""
        indexed = [
            _FORMATS[form](pl.col(name)).alias(name)
            for name, form in INDEXED_COLUMNS.get(member.name, {}).items()
            if name in frame.columns
        ]
        is_deleted = pl.col("status") == "tobedeleted" if "status" in frame.columns else pl.lit(False)
        role_columns = _build_role_columns(frame) if member.name == "enrollments" else []
        rows = frame.select(
            hash_ids(pl.col("sourcedId")).alias(ID),
            *indexed,
            *role_columns,
            is_deleted.fill_null(False).alias(GONE),
            pl.col(LINE).cast(pl.Int32),
        )
        self._frames.setdefault(member.name, []).append(rows.rechunk())

    def get_rows(self, member: str) -> pl.DataFrame:
        """Return all indexed rows of a member; no columns if there was no row."""
        frames = self._frames.get(member, [])
        if len(frames) > 1:
            self._frames[member] = frames = [pl.concat(frames, how="diagonal")]
        return frames[0] if frames else pl.DataFrame()

    def get_ids(self, member: str, *, types: tuple[str, ...] = ()) -> Ids:
        """Return the sorted ids of a member's rows, or of those of some types (an own type, ext:…, counts as any)."""
        cache_key = (member, ",".join(types))
        if cache_key not in self._ids:
            rows = self.get_rows(member)
            if types and "type" in rows.columns:
                rows = rows.filter(pl.col("type").is_in(list(types)) | pl.col("type").str.starts_with("ext:"))
            ids = rows[ID].drop_nulls().to_numpy() if rows.width else np.empty(0, np.uint64)
            self._ids[cache_key] = np.unique(ids)
        return self._ids[cache_key]


def _build_role_columns(frame: pl.DataFrame) -> list[pl.Expr]:
    """Return one number for each person, class and role, whether the role is a teacher's, and then the person's id."""
    user, course, role = (hash_ids(pl.col(name)) for name in ("userSourcedId", "classSourcedId", "role"))
    has_columns = {"userSourcedId", "classSourcedId", "role"} <= set(frame.columns)
    if not has_columns:
        numbers = [pl.lit(None, dtype=pl.UInt64).alias(name) for name in ("place", "teacher")]
        return [*numbers, pl.lit(None, dtype=pl.Boolean).alias("teaches")]
    place, teaches = user ^ (course // 3) ^ (role // 7), pl.col("role") == "teacher"
    return [place.alias("place"), pl.when(teaches).then(user).alias("teacher"), teaches.alias("teaches")]


def is_among(values: pl.Series, ids: Ids) -> pl.Series:
    """Check which of the hashed values are among sorted ids; true for null."""
    hashes = values.fill_null(0).to_numpy()
    if not len(ids):
        return values.is_null()
    positions = np.minimum(np.searchsorted(ids, hashes), len(ids) - 1)
    return pl.Series(ids[positions] == hashes) | values.is_null()
