"""Labels for the schedules of connections."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.domain.scheduling.sync_hours import ANY, INTERVAL_HOURS, NIGHT, OUTSIDE_CLASS

QUIET = {
    NIGHT: gettext_lazy("At night, from 8 pm to 5:30 am"),
    OUTSIDE_CLASS: gettext_lazy("Whenever no class is held, by the district’s calendar and bells"),
    ANY: gettext_lazy("At any time"),
}
DAY, WEEK = 24, 168


def every_word(hours: int) -> str:
    """Describe the interval between syncs in words."""
    if not hours:
        return gettext("Only when somebody asks")
    if hours == WEEK:
        return gettext("Once a week")
    if hours % DAY == 0:
        days = hours // DAY
        return ngettext("Once a day", "Every %(days)d days", days) % {"days": days}
    return ngettext("Every hour", "Every %(hours)d hours", hours) % {"hours": hours}


def build_interval_choices(chosen: str) -> list[tuple[int, str, bool]]:
    """Return the hours, the label, and whether it is the chosen one."""
    return [(hours, every_word(hours), str(hours) == chosen) for hours in (*INTERVAL_HOURS, 0)]


def build_quiet_choices(chosen: str) -> list[tuple[str, str, bool]]:
    """Return the key, the label, and whether it is the chosen one."""
    return [(word, str(text), word == chosen) for word, text in QUIET.items()]
