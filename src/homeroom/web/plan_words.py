"""What the Plan page says in words: shares of risk, quiet times, proof."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from homeroom.apps.planning.proof import FAILED, PROVED, SETUP, UNSEEN, Proof
from homeroom.apps.planning.words import when, who, why_left

__all__ = ["proof_words", "share_words", "when", "who", "why_left"]


def share_words(share: float) -> str:
    """A share of all risk in percent; what rounds to nothing is under 1 %."""
    percent = round(share * 100)
    if percent == 0 and share > 0:
        return gettext("under 1%")
    return f"{percent}%"


def proof_words(proof: Proof) -> str:
    """What the newest judgement says of done work."""
    if proof.state == PROVED:
        return gettext("Proved")
    if proof.state == FAILED:
        told = ngettext("Not proved: %(count)d still fails", "Not proved: %(count)d still fail", proof.left)
        return told % {"count": proof.left}
    if proof.state == UNSEEN:
        told = ngettext(
            "Cannot tell: %(count)d was not looked at", "Cannot tell: %(count)d were not looked at", proof.left
        )
        return told % {"count": proof.left}
    if proof.state == SETUP:
        return gettext("Set up; nothing to prove yet")
    return gettext("Waits for newer data")
