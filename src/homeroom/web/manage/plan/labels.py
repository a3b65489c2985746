"""Labels of the Plan page: shares of risk, quiet times, proof."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from homeroom.apps.manage.planning.verification import FAILED, PROVED, RECORDED, SETUP, UNSEEN, WorkVerification
from homeroom.apps.manage.planning.words import (
    describe_deferral,
    describe_missing_part,
    describe_place,
    describe_time,
    describe_urgent_unfinished,
    describe_visits,
    list_people,
)

__all__ = [
    "describe_deferral",
    "describe_missing_part",
    "describe_place",
    "describe_proof",
    "describe_time",
    "describe_urgent_unfinished",
    "describe_visits",
    "format_share",
    "list_people",
]


def format_share(share: float) -> str:
    """Format a share of all risk in percent; a share that rounds to zero is "under 1%"."""
    percent = round(share * 100)
    if percent == 0 and share > 0:
        return gettext("under 1%")
    return f"{percent}%"


def describe_proof(proof: WorkVerification) -> str:
    """Describe what the newest assessment proves about completed work."""
    if proof.state == PROVED:
        return gettext("Confirmed")
    if proof.state == FAILED:
        text = ngettext("Not fixed: %(count)d still fails", "Not fixed: %(count)d still fail", proof.remaining)
        return text % {"count": proof.remaining}
    if proof.state == UNSEEN:
        text = ngettext("Unknown: %(count)d was not checked", "Unknown: %(count)d were not checked", proof.remaining)
        return text % {"count": proof.remaining}
    if proof.state == RECORDED:
        return gettext("Recorded with the incident")
    if proof.state == SETUP:
        return gettext("Setup done; nothing to confirm yet")
    return gettext("Waiting for the next data load")
