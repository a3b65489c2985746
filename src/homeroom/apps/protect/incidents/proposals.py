"""The incidents that are proposed now, computed again only if what they are proposed from has changed."""

from __future__ import annotations

from homeroom.apps.protect.detection.queries import read_queue_outline_text
from homeroom.apps.protect.incidents.current_alerts import MAX_ALERTS, list_alert_outlines
from homeroom.apps.protect.incidents.queries import propose_from_alerts, read_membership_text
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.records import ProposedIncident
from homeroom.evidence.page_cache.cache import SingleFlightCache

_proposed: SingleFlightCache[tuple[ProposedIncident, ...]] = SingleFlightCache(max_entries=16)
"""Proposals by district, the text of its open alerts, and that of the incidents that alerts belong to."""


def list_proposals(*, district: District) -> tuple[ProposedIncident, ...]:
    """Return the incidents proposed from the open alerts, newest last, whose alerts have no events and no details."""
    alerts = read_queue_outline_text(district=district, limit=MAX_ALERTS)
    key = (district.pk, alerts, read_membership_text(district=district))
    return _proposed.get(
        key, lambda: propose_from_alerts(district=district, alerts=list_alert_outlines(district=district))
    )


def find_proposal_outline(*, district: District, public: str) -> ProposedIncident | None:
    """Return the proposed incident of that id as `list_proposals` has it, or None."""
    return next((item for item in list_proposals(district=district) if item.id == public), None)
