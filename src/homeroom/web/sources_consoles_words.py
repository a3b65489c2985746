"""The words for schedules of connections."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.connections.timing import ANY, EVERY, NIGHT, OUTSIDE_CLASS

QUIET = {
    NIGHT: gettext_lazy("At night, from 8 pm to 5:30 am"),
    OUTSIDE_CLASS: gettext_lazy("Whenever no class is held, by the district’s calendar and bells"),
    ANY: gettext_lazy("At any time"),
}
DAY, WEEK = 24, 168


def every_word(hours: int) -> str:
    """How often, in words."""
    if not hours:
        return gettext("Only when somebody asks")
    if hours == WEEK:
        return gettext("Once a week")
    if hours % DAY == 0:
        days = hours // DAY
        return ngettext("Once a day", "Every %(days)d days", days) % {"days": days}
    return ngettext("Every hour", "Every %(hours)d hours", hours) % {"hours": hours}


def every_choices(chosen: str) -> list[tuple[int, str, bool]]:
    """Hours, words, and whether it is the chosen one."""
    return [(hours, every_word(hours), str(hours) == chosen) for hours in (*EVERY, 0)]


def quiet_choices(chosen: str) -> list[tuple[str, str, bool]]:
    """Word, text, and whether it is the chosen one."""
    return [(word, str(text), word == chosen) for word, text in QUIET.items()]
