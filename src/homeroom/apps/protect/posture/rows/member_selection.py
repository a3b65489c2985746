"""A selection of a finding's rows, such as those that somebody works on: some of them, or all but some."""

from __future__ import annotations

from collections.abc import Set as Collection
from dataclasses import dataclass

import numpy as np

from homeroom.evidence.page_cache.state_files import SubjectPage


@dataclass(frozen=True, kw_only=True)
class MemberSelection:
    """The rows with these subjects, or with `is_without` all open rows but these.

    With `has_closed`, rows that are no open members any more are among them, such as those whose risk is accepted.
    """

    subjects: Collection[int]
    is_without: bool = False
    has_closed: bool = False

    def select(self, members: SubjectPage) -> SubjectPage:
        """Return the members that are selected, in their order."""
        mask = np.isin(members.subjects, np.fromiter(self.subjects, dtype=np.int64, count=len(self.subjects)))
        return members.filter_by(~mask if self.is_without else mask)
