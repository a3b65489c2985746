"""State of every subject under every control in one assessment, memory-mapped for pages.

Besides the rows of its snapshot (a `RowStore`) an assessment has a file for each kind of subject, with the
state code of every row under every control, by row position, and a file with the open members of every finding in
position order. So a page of subjects that fail, pass or are unknown runs no query and shows what was counted.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.folders import get_assessment_folder
from homeroom.evidence.page_cache.mapped_files import Positions, open_mapped_file, read_numbers, write_arrow_file
from homeroom.evidence.query.executor import QueryTimeout

MAX_OPEN_STATES, MAX_OPEN_MEMBERS = 84, 12
"""Files that a process has mapped at once: a dozen kinds of subjects and one of members per assessment."""
_MEMBERS, _ROWS_BEHIND_PREFIX = "members", "behind "
"""Name of the members file, and prefix of the columns with rows behind a subject."""
StateCodes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class SubjectPage:
    """Subjects in page order with their row positions; subjects that are not rows have position -1 and come last."""

    places: Positions
    subjects: Positions

    def slice_after(self, *, after: int, limit: int | None) -> tuple[tuple[int, ...], bool]:
        """Return at most `limit` subjects after a subject, and whether there are more."""
        begin = int(np.argmax(self.subjects == after)) + 1 if after >= 0 and (self.subjects == after).any() else 0
        end = len(self.subjects) if limit is None else begin + limit
        return tuple(self.subjects[begin:end].tolist()), end < len(self.subjects)

    def filter_by(self, mask: npt.NDArray[np.bool_]) -> SubjectPage:
        """Return the subjects that a Boolean mask selects."""
        return SubjectPage(places=self.places[mask], subjects=self.subjects[mask])


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenMembers:
    """The open members of all findings, by finding and then in page order; the arrays have one value per member."""

    findings: Positions
    places: Positions
    subjects: Positions
    findings_by_control: Mapping[str, Sequence[int]]

    def select_finding(self, finding: int) -> SubjectPage:
        """Return the members of a finding."""
        begin, end = np.searchsorted(self.findings, [finding, finding + 1])
        return SubjectPage(places=self.places[begin:end], subjects=self.subjects[begin:end])

    def select_control(self, control: str) -> SubjectPage:
        """Return the members of all findings of a control."""
        is_member = self._is_member_of(control)
        return sort_by_position(self.places[is_member], self.subjects[is_member])

    def select_row_positions(self, control: str) -> Positions:
        """Return the row positions of the members of all findings of a control; members without a row are left out."""
        positions: Positions = self.places[self._is_member_of(control)]
        return positions[positions >= 0]

    def _is_member_of(self, control: str) -> npt.NDArray[np.bool_]:
        return np.isin(self.findings, self.findings_by_control.get(control, []))


@dataclass(frozen=True, kw_only=True, eq=False)
class SubjectStates:
    """The state codes of one kind of subject: a column per control, by row position or, without rows, by `ids`."""

    states: pa.Table

    def __len__(self) -> int:
        return len(self.states)

    @property
    def ids(self) -> Positions:
        """The subjects, if they are not rows."""
        return read_numbers(self.states, "id")

    def find_codes(self, control: str) -> StateCodes | None:
        """Return the state codes under a control; None if it has none."""
        return read_numbers(self.states, control) if control in self.states.column_names else None

    def list_rows_behind(self, control: str, subjects: Sequence[int]) -> tuple[int, ...]:
        """Return the rows of the queried table behind subjects that are not its rows."""
        name = _ROWS_BEHIND_PREFIX + control
        if name not in self.states.column_names:
            return ()
        rows_by_subject = dict(zip(self.ids.tolist(), self.states.column(name).to_pylist(), strict=True))
        return tuple(dict.fromkeys(row for subject in subjects for row in rows_by_subject.get(subject) or ()))


def sort_by_position(positions: Positions, subjects: Positions) -> SubjectPage:
    """Sort subjects by row position; subjects that are not rows come last, by number."""
    order = np.lexsort((subjects, positions, positions < 0))
    return SubjectPage(places=positions[order], subjects=subjects[order])


def sort_members(
    *, findings: Positions, places: Positions, subjects: Positions, findings_by_control: Mapping[str, Sequence[int]]
) -> OpenMembers:
    """Sort members by finding, and those of a finding as `sort_by_position` does."""
    order = np.lexsort((subjects, places, places < 0, findings))
    return OpenMembers(
        findings=findings[order],
        places=places[order],
        subjects=subjects[order],
        findings_by_control=findings_by_control,
    )


@dataclass(frozen=True, kw_only=True)
class StateFiles:
    """The state files of one assessment, in its folder."""

    folder: Path

    @property
    def are_complete(self) -> bool:
        """Check whether the assessment has its files; the members are among them."""
        return self._get_path(_MEMBERS).exists()

    def open_members(self) -> OpenMembers:
        """Return the open members. Raise QueryTimeout if they were not written."""
        return self._open_file(_MEMBERS, cache=_members_cache, wrap=_wrap_members)

    def open_states(self, kind: str) -> SubjectStates:
        """Return the states of one kind of subject. Raise QueryTimeout if they were not written."""
        return self._open_file(kind, cache=_states_cache, wrap=_wrap_states)

    def remove(self) -> None:
        """Remove the files, such as those of a killed run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def write_members(self, members: OpenMembers) -> None:
        """Write the open members."""
        table = pa.table({"finding": members.findings, "place": members.places, "subject": members.subjects})
        metadata = {"findings": json.dumps(members.findings_by_control)}
        write_arrow_file(self._get_path(_MEMBERS), table.replace_schema_metadata(metadata))

    def write_row_states(self, kind: str, codes: Iterable[tuple[str, StateCodes]]) -> None:
        """Write (control, its state codes by row position) of a kind of subject that is a row."""
        write_arrow_file(self._get_path(kind), pa.table({control: pa.array(values) for control, values in codes}))

    def write_subject_states(
        self,
        kind: str,
        *,
        ids: Positions,
        codes: Mapping[str, StateCodes],
        rows_behind: Mapping[str, Sequence[Sequence[int]]],
    ) -> None:
        """Write by control the state codes and the rows behind each of the subjects `ids`, which are not rows."""
        columns = {"id": pa.array(ids)}
        for control, values in codes.items():
            columns[control] = pa.array(values)
            columns[_ROWS_BEHIND_PREFIX + control] = pa.array(rows_behind[control], pa.list_(pa.int64()))
        write_arrow_file(self._get_path(kind), pa.table(columns))

    def _get_path(self, name: str) -> Path:
        return self.folder / f"{name}.arrow"

    def _open_file[V](self, name: str, *, cache: SingleFlightCache[V], wrap: Callable[[pa.Table], V]) -> V:
        try:
            return open_mapped_file(self._get_path(name), cache=cache, wrap=wrap)
        except FileNotFoundError:  # judged before there were such files: the next judgment writes them
            raise QueryTimeout("the rows of this judgment are not laid out") from None


def get_state_files(store: EvidenceStore, *, number: int, derived: str) -> StateFiles:
    """Return the state files of assessment `number` over a snapshot."""
    return StateFiles(folder=get_assessment_folder(store, number=number, derived=derived))


def _wrap_members(table: pa.Table) -> OpenMembers:
    return OpenMembers(
        findings=read_numbers(table, "finding"),
        places=read_numbers(table, "place"),
        subjects=read_numbers(table, "subject"),
        findings_by_control=json.loads((table.schema.metadata or {}).get(b"findings", b"{}")),
    )


def _wrap_states(table: pa.Table) -> SubjectStates:
    return SubjectStates(states=table)


_members_cache: SingleFlightCache[OpenMembers] = SingleFlightCache(max_entries=MAX_OPEN_MEMBERS)
_states_cache: SingleFlightCache[SubjectStates] = SingleFlightCache(max_entries=MAX_OPEN_STATES)
