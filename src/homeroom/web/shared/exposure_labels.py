"""Labels of how exposed the devices are that need a remedy."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

OTHERS = "others"
EXPOSURE_LABELS: Mapping[str, Promise] = {
    "public": gettext_lazy("Internet-facing"),
    "servers": gettext_lazy("Servers"),
    "administrators": gettext_lazy("Used by administrators"),
    "opens": gettext_lazy("Used by staff with access to records"),
    "staff": gettext_lazy("Used by staff"),
    OTHERS: gettext_lazy("All others"),
}
"""Labels of exposures by the reason of the ranking that names them, the most exposed first."""
