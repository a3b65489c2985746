"""Words for states, kinds and rules of rollouts, and what several of their pages need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy

from homeroom.apps.manage.rollouts.queries import RolloutView, find_rollout
from homeroom.domain.platform.district import District

STATES: Mapping[str, Any] = {
    "draft": gettext_lazy("Draft"),
    "planned": gettext_lazy("Planned"),
    "approved": gettext_lazy("Approved"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
    "stopped": gettext_lazy("Stopped"),
}
STATE_TAGS: Mapping[str, str] = {"running": "low", "approved": "low", "done": "good", "stopped": "warn"}
KINDS: Mapping[str, Any] = {
    "swap": gettext_lazy("Swap devices"),
    "hand": gettext_lazy("Work by hand"),
    "action": gettext_lazy("An action of a console"),
}
STEPS: tuple[tuple[str, str, Any], ...] = (
    ("rollout-what", "what", gettext_lazy("What")),
    ("rollout-rooms", "rooms", gettext_lazy("To whom")),
    ("rollout-team", "team", gettext_lazy("With what")),
    ("rollout-rules", "rules", gettext_lazy("Rules")),
)
OUTCOMES: Mapping[str, Any] = {
    "": gettext_lazy("To do"),
    "done": gettext_lazy("Done"),
    "left_behind": gettext_lazy("Something left behind"),
    "no_entry": gettext_lazy("Could not get in"),
}
CHECK_WORDS: Mapping[str, Any] = {
    "found": gettext_lazy("Found: the devices are there"),
    "swapped": gettext_lazy("Done: swapped, or set up"),
    "works": gettext_lazy("Works: somebody tried it"),
}
SHORT_CHECK_WORDS: Mapping[str, Any] = {
    "found": gettext_lazy("Found"),
    "swapped": gettext_lazy("Done"),
    "works": gettext_lazy("Works"),
}
OUTCOME_TAGS: Mapping[str, str] = {"done": "good", "left_behind": "warn", "no_entry": "bad"}


def get_rollout_or_404(district: District, public: str) -> RolloutView:
    """Return a rollout of the district; raise Http404 if there is none."""
    rollout = find_rollout(district=district, public=public)
    if rollout is None:
        raise Http404
    return rollout
