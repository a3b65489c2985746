"""Words for origins, runs and kinds of the budget, and amounts as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy

ORIGINS: Mapping[str, Any] = {
    "files": gettext_lazy("Uploaded files"),
    "evidence": gettext_lazy("Loaded devices"),
    "change": gettext_lazy("Changed budget"),
}
RUN_STATES: Mapping[str, Any] = {
    "": gettext_lazy("Not planned yet"),
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Planning"),
    "stopping": gettext_lazy("Stopping"),
    "done": gettext_lazy("Planned"),
    "refused": gettext_lazy("Cannot be planned"),
    "failed": gettext_lazy("Failed"),
}
RUN_TAGS: Mapping[str, str] = {"done": "good", "refused": "bad", "failed": "bad"}
STEPS: Mapping[str, Any] = {
    "weighted": gettext_lazy("Looking for the fewest device-years past support"),
    "money": gettext_lazy("Looking for less money with the same result"),
    "curve": gettext_lazy("Drawing what more or less money would do"),
    "level": gettext_lazy("Looking for the yearly amount that is enough"),
}
KINDS: Mapping[str, Any] = {
    "chromebook": gettext_lazy("Chromebook"),
    "laptop": gettext_lazy("Laptop"),
    "desktop": gettext_lazy("Desktop"),
    "tablet": gettext_lazy("Tablet"),
    "phone": gettext_lazy("Phone"),
    "switch": gettext_lazy("Switch"),
    "access_point": gettext_lazy("Access point"),
    "firewall": gettext_lazy("Firewall"),
    "ups": gettext_lazy("UPS"),
    "server": gettext_lazy("Server"),
    "display": gettext_lazy("Display"),
    "printer": gettext_lazy("Printer"),
    "other": gettext_lazy("Other"),
}
REMARKS: Mapping[str, Any] = {
    "fund": gettext_lazy("Fund"),
    "price": gettext_lazy("Price"),
    "need": gettext_lazy("Need"),
    "spares": gettext_lazy("Spares"),
    "support": gettext_lazy("Support"),
    "device": gettext_lazy("Last good day"),
}
"""What a remark on a problem from evidence is about."""


def get_kind_label(kind: str) -> str:
    """Return a kind of device as pages write it; an unknown one as it is."""
    return str(KINDS.get(kind, kind))


def format_dollars(minor: int | None) -> str:
    """Format cents as whole dollars; Unknown if there are none."""
    if minor is None:
        return gettext("Unknown")
    return f"-${-minor / 100:,.0f}" if minor < 0 else f"${minor / 100:,.0f}"


def format_number(number: float | None) -> str:
    """Format a number without trailing zeros, thousands separated; a dash for None."""
    return "–" if number is None else f"{number:,.10g}" if number != int(number) else f"{int(number):,}"
