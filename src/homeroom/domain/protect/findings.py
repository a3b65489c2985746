"""Classification of an open member of a finding as seen, not seen, or stale."""

from __future__ import annotations

from datetime import date, timedelta

from homeroom.domain.protect.control_states import MemberVisibility

STALE_AFTER = timedelta(days=7)


def classify_visibility(not_seen_since: date | None, *, today: date) -> MemberVisibility:
    """Classify a member as seen by the newest assessment, not seen, or stale: not seen for over seven days."""
    if not_seen_since is None:
        return MemberVisibility.SEEN
    return MemberVisibility.STALE if today - not_seen_since > STALE_AFTER else MemberVisibility.NOT_SEEN
