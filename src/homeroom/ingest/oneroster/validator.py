"""Validation of a whole OneRoster bundle: every file in turn, streamed, then the consistency of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from homeroom.domain.progress import Progress, ignore_progress
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.oneroster.bundle_reader import MANIFEST, BundleFiles, open_bundle
from homeroom.ingest.oneroster.column_spec import MemberSpec
from homeroom.ingest.oneroster.consistency_rules import ConsistencyRules
from homeroom.ingest.oneroster.file_reader import MemberFile, open_member_file
from homeroom.ingest.oneroster.header_check import map_columns
from homeroom.ingest.oneroster.manifest import ValidatedManifest, read_manifest
from homeroom.ingest.oneroster.reference_rules import ReferenceChecker
from homeroom.ingest.oneroster.row_index import ID, RowIndex
from homeroom.ingest.oneroster.value_rules import check_values
from homeroom.ingest.oneroster.violations import Violation, Violations
from homeroom.ingest.rows.field_table import LINE

MAX_LISTED = 1000
"""Places of one rule in one column of one file that are listed unless all are requested."""
_UNREAD = "unread"
"""The mode of a file with unreadable rows: nothing counts as missing there."""
_DATES = (("startDate", "endDate"), ("beginDate", "endDate"), ("assignDate", "dueDate"))


@dataclass(frozen=True, kw_only=True)
class BundleReport:
    """Result of a check.

    `rows` and `modes` are by file; `counts` by (rule, file, field), with every place counted. `violations` lists the
    first places of each count, or all if all were requested.
    """

    name: str
    version: str
    modes: Mapping[str, str]
    rows: Mapping[str, int]
    counts: Mapping[tuple[str, str, str], int]
    by_severity: Mapping[str, int]
    violations: tuple[Violation, ...]

    @property
    def is_clean(self) -> bool:
        """True if there are no errors."""
        return not self.by_severity["error"]


def check_bundle(
    path: Path, *, max_listed: int | None = MAX_LISTED, limits: Limits = STANDARD, progress: Progress = ignore_progress
) -> BundleReport:
    """Check the bundle in a zip or folder against the specification that its manifest names.

    `max_listed` bounds the places listed for one rule in one column; None lists all. A bad bundle never raises an
    exception.
    """
    violations = Violations(max_listed=max_listed)
    bundle = open_bundle(path, limits=limits, violations=violations)
    manifest = read_manifest(bundle, limits=limits, violations=violations)
    validator = _BundleValidator(bundle, manifest, limits=limits, violations=violations, progress=progress)
    rows = dict(validator.check_files())
    members = {member.name for member in manifest.members}
    ConsistencyRules(validator.row_index, modes=validator.modes, members=members, violations=violations).check()
    return BundleReport(
        name=bundle.name,
        version=manifest.version,
        modes={file: manifest.modes[file.removesuffix(".csv")] for file in rows},
        rows=rows,
        counts=dict(violations.counts),
        by_severity=violations.count_by_severity(),
        violations=violations.list_sorted(),
    )


class _BundleValidator:
    """One run over the files of a bundle."""

    def __init__(
        self,
        bundle: BundleFiles,
        manifest: ValidatedManifest,
        *,
        limits: Limits,
        violations: Violations,
        progress: Progress,
    ) -> None:
        self.row_index, self.modes = RowIndex(), dict(manifest.modes)
        self._bundle, self._members = bundle, manifest.members
        self._limits, self._violations, self._progress = limits, violations, progress

    def check_files(self) -> list[tuple[str, int]]:
        """Check every file of the bundle and return its number of rows; files of another version are no part of it."""
        member_files = {member.file for member in self._members}
        for file in self._bundle.files:
            if self._members and file not in member_files and file != MANIFEST:
                self._violations.add("bundle.unknown-file", file=file)
        return [
            (member.file, self._check_file(member)) for member in self._members if member.file in self._bundle.files
        ]

    def _check_file(self, member: MemberSpec) -> int:
        origin = self._bundle.files[member.file]
        member_file = open_member_file(origin, file=member.file, limits=self._limits, violations=self._violations)
        if member_file is None:
            self.modes[member.name] = _UNREAD
            return 0
        return self._check_rows(member_file, member)

    def _check_rows(self, member_file: MemberFile, member: MemberSpec) -> int:
        file_names = map_columns(
            member_file.names,
            member=member,
            file=member.file,
            line=member_file.header_line,
            violations=self._violations,
        )
        specified_names = {file_name: name for name, file_name in file_names.items() if file_name != name}
        references = ReferenceChecker(member, modes=self.modes, row_index=self.row_index, violations=self._violations)
        rows = 0
        for raw_frame in member_file.iter_frames():
            frame = raw_frame.rename(specified_names)
            rows += frame.height
            self._check_frame(frame, member=member, references=references)
            self._progress(f"Checking {member.file}", rows, 0)
        references.finish()
        if member_file.is_incomplete:
            self.modes[member.name] = _UNREAD
        self._check_ids(member)
        if member.name == "demographics" and rows:
            self._violations.add("privacy.demographics", file=member.file, count=1)
        return rows

    def _check_frame(self, frame: pl.DataFrame, *, member: MemberSpec, references: ReferenceChecker) -> None:
        if not frame.height:
            return
        mode = self.modes[member.name]
        deleted = (frame["status"] == "tobedeleted").fill_null(False) if "status" in frame.columns else None
        present = (
            ~deleted if deleted is not None and mode == "delta" else pl.Series([True]).new_from_index(0, frame.height)
        )
        for column in member.columns:
            if column.name in frame.columns:
                check_values(
                    frame, column=column, member=member, mode=mode, present=present, violations=self._violations
                )
        _check_within_rows(frame, member=member, violations=self._violations)
        if "sourcedId" in frame.columns:
            self.row_index.add(member, frame)
        references.add(frame)

    def _check_ids(self, member: MemberSpec) -> None:
        rows = self.row_index.get_rows(member.name)
        if not rows.width or not rows[ID].is_duplicated().any():
            return
        repeated = rows.drop_nulls(ID).filter(~pl.col(ID).is_first_distinct())
        self._violations.add_rows("id.twice", repeated, file=member.file, field="sourcedId", private=member.private)


def _check_within_rows(frame: pl.DataFrame, *, member: MemberSpec, violations: Violations) -> None:
    """Check the values of one row against each other, and line ends within them."""
    for begin_column, end_column in _DATES:
        if {begin_column, end_column} <= set(frame.columns):
            has_dates = (frame[begin_column].str.len_bytes() == 10) & (frame[end_column].str.len_bytes() == 10)
            wrong = frame.filter(has_dates & (frame[begin_column] > frame[end_column]))
            violations.add_rows(
                "dates.end-first", wrong, file=member.file, field=end_column, private=False, value=end_column
            )
    if {"resultValueMin", "resultValueMax"} <= set(frame.columns):
        minimum, maximum = (frame[name].cast(pl.Float64, strict=False) for name in ("resultValueMin", "resultValueMax"))
        violations.add_rows(
            "line-item.range", frame.filter(minimum > maximum), file=member.file, field="resultValueMin", private=False,
            value="resultValueMin",
        )  # fmt: skip
    both = {"agentSourcedIds", "sourcedId"} <= set(frame.columns)
    if both and frame["agentSourcedIds"].null_count() < frame.height:
        listed = pl.concat_str(pl.lit(","), pl.col("agentSourcedIds"), pl.lit(","))
        own = pl.concat_str(pl.lit(","), pl.col("sourcedId"), pl.lit(","))
        selves = frame.drop_nulls(["agentSourcedIds", "sourcedId"]).filter(listed.str.contains(own, literal=True))
        violations.add_rows("agent.self", selves, file=member.file, field="agentSourcedIds", private=True)
    # If rows follow line by line, only the last can hold a line end.
    lines = frame[LINE]
    is_line_by_line = int(lines[-1]) - int(lines[0]) == frame.height - 1
    doubtful = frame.tail(1) if is_line_by_line else frame
    for name in frame.columns:
        if name != LINE:
            broken = doubtful.filter(pl.col(name).str.contains(r"[\r\n]"))
            violations.add_rows(
                "value.line-break", broken, file=member.file, field=name, private=member.private, value=name
            )
