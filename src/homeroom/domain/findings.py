"""When an open member of a finding counts as seen, not seen, or stale."""

from __future__ import annotations

from datetime import date, timedelta

from homeroom.domain.states import Attendance

STALE_AFTER = timedelta(days=7)


def attendance(not_seen_since: date | None, *, today: date) -> Attendance:
    """Seen by the newest judgement, not seen since a day, or stale: not seen for more than seven days."""
    if not_seen_since is None:
        return Attendance.SEEN
    return Attendance.STALE if today - not_seen_since > STALE_AFTER else Attendance.NOT_SEEN
