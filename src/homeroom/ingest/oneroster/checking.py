"""Checks a whole OneRoster bundle: every file in turn, streamed, then what their rows say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from homeroom.ingest.limits import STANDARD, Limits
from homeroom.ingest.oneroster.cells import check_values
from homeroom.ingest.oneroster.columns import Member
from homeroom.ingest.oneroster.gathering import ID, Gathered
from homeroom.ingest.oneroster.headers import columns_of
from homeroom.ingest.oneroster.manifests import Manifest, manifest_of
from homeroom.ingest.oneroster.meaning import Meaning
from homeroom.ingest.oneroster.opening import MANIFEST, Bundle, bundle_at
from homeroom.ingest.oneroster.references import References
from homeroom.ingest.oneroster.sheets import Sheet, sheet_at
from homeroom.ingest.oneroster.violations import Violation, Violations
from homeroom.ingest.rows import LINE

KEPT = 1000
"""Places of one rule in one column of one file that are listed where nobody asks for all."""
Step = Callable[[str, int, int], None]
_UNREAD = "unread"
"""The mode of a file of which rows could not be read: nothing is missing there because nobody could read it."""
_DATES = (("startDate", "endDate"), ("beginDate", "endDate"), ("assignDate", "dueDate"))


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found. `rows` and `modes` are by file; `counts` by (rule, file, field), with every place counted.

    `violations` lists the first places of each count, all where all were asked for.
    """

    name: str
    version: str
    modes: Mapping[str, str]
    rows: Mapping[str, int]
    counts: Mapping[tuple[str, str, str], int]
    by_severity: Mapping[str, int]
    violations: tuple[Violation, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is an error."""
        return not self.by_severity["error"]


def _silent(_step: str, _done: int, _total: int) -> None:
    """No progress to show."""


def check_bundle(
    path: Path, *, kept: int | None = KEPT, limits: Limits = STANDARD, progress: Step = _silent
) -> Checked:
    """Checks the bundle in a zip or folder against the specification that its manifest names.

    `kept` bounds the places that are listed of one rule in one column; None lists all. Never raises for a bad bundle.
    """
    violations = Violations(kept=kept)
    bundle = bundle_at(path, limits=limits, violations=violations)
    manifest = manifest_of(bundle, limits=limits, violations=violations)
    check = _Check(bundle, manifest, limits=limits, violations=violations, progress=progress)
    rows = dict(check.files())
    members = {member.name for member in manifest.members}
    Meaning(check.gathered, modes=check.modes, members=members, violations=violations).check()
    return Checked(
        name=bundle.name,
        version=manifest.version,
        modes={file: manifest.modes[file.removesuffix(".csv")] for file in rows},
        rows=rows,
        counts=dict(violations.counts),
        by_severity=violations.by_severity(),
        violations=violations.listed(),
    )


class _Check:
    """One run over the files of a bundle."""

    def __init__(
        self, bundle: Bundle, manifest: Manifest, *, limits: Limits, violations: Violations, progress: Step
    ) -> None:
        self.gathered, self.modes = Gathered(), dict(manifest.modes)
        self._bundle, self._members = bundle, manifest.members
        self._limits, self._violations, self._progress = limits, violations, progress

    def files(self) -> list[tuple[str, int]]:
        """Every file of the bundle with how many rows it has; those of another version are no part of it."""
        known = {member.file for member in self._members}
        for file in self._bundle.files:
            if self._members and file not in known and file != MANIFEST:
                self._violations.add("bundle.unknown-file", file=file)
        return [(member.file, self._file(member)) for member in self._members if member.file in self._bundle.files]

    def _file(self, member: Member) -> int:
        origin = self._bundle.files[member.file]
        sheet = sheet_at(origin, file=member.file, limits=self._limits, violations=self._violations)
        if sheet is None:
            self.modes[member.name] = _UNREAD
            return 0
        return self._sheet(sheet, member)

    def _sheet(self, sheet: Sheet, member: Member) -> int:
        named = columns_of(
            sheet.names, member=member, file=member.file, line=sheet.header_line, violations=self._violations
        )
        right = {there: name for name, there in named.items() if there != name}
        references = References(member, modes=self.modes, gathered=self.gathered, violations=self._violations)
        rows = 0
        for given in sheet.frames():
            frame = given.rename(right)
            rows += frame.height
            self._frame(frame, member=member, references=references)
            self._progress(f"Checking {member.file}", rows, 0)
        references.finish()
        if sheet.lost:
            self.modes[member.name] = _UNREAD
        self._ids(member)
        if member.name == "demographics" and rows:
            self._violations.add("privacy.demographics", file=member.file, count=1)
        return rows

    def _frame(self, frame: pl.DataFrame, *, member: Member, references: References) -> None:
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
        _within_rows(frame, member=member, violations=self._violations)
        if "sourcedId" in frame.columns:
            self.gathered.keep(member, frame)
        references.see(frame)

    def _ids(self, member: Member) -> None:
        rows = self.gathered.of(member.name)
        if not rows.width or not rows[ID].is_duplicated().any():
            return
        again = rows.drop_nulls(ID).filter(~pl.col(ID).is_first_distinct())
        self._violations.rows("id.twice", again, file=member.file, field="sourcedId", private=member.private)


def _within_rows(frame: pl.DataFrame, *, member: Member, violations: Violations) -> None:
    """What the values of one row say together, and line ends within them."""
    for begins, ends in _DATES:
        if {begins, ends} <= set(frame.columns):
            dated = (frame[begins].str.len_bytes() == 10) & (frame[ends].str.len_bytes() == 10)
            wrong = frame.filter(dated & (frame[begins] > frame[ends]))
            violations.rows("dates.end-first", wrong, file=member.file, field=ends, private=False, value=ends)
    if {"resultValueMin", "resultValueMax"} <= set(frame.columns):
        least, most = (frame[name].cast(pl.Float64, strict=False) for name in ("resultValueMin", "resultValueMax"))
        violations.rows(
            "line-item.range", frame.filter(least > most), file=member.file, field="resultValueMin", private=False,
            value="resultValueMin",
        )  # fmt: skip
    both = {"agentSourcedIds", "sourcedId"} <= set(frame.columns)
    if both and frame["agentSourcedIds"].null_count() < frame.height:
        listed = pl.concat_str(pl.lit(","), pl.col("agentSourcedIds"), pl.lit(","))
        own = pl.concat_str(pl.lit(","), pl.col("sourcedId"), pl.lit(","))
        selves = frame.drop_nulls(["agentSourcedIds", "sourcedId"]).filter(listed.str.contains(own, literal=True))
        violations.rows("agent.self", selves, file=member.file, field="agentSourcedIds", private=True)
    # Where rows follow line by line, only the last can hold a line end.
    lines = frame[LINE]
    whole = int(lines[-1]) - int(lines[0]) == frame.height - 1
    doubtful = frame.tail(1) if whole else frame
    for name in frame.columns:
        if name != LINE:
            broken = doubtful.filter(pl.col(name).str.contains(r"[\r\n]"))
            violations.rows(
                "value.line-break", broken, file=member.file, field=name, private=member.private, value=name
            )
