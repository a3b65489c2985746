"""Template filters for the names of canonical tables, streams and scopes."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

_TABLES = {
    "orgs": _("Schools and departments"),
    "person_records": _("People"),
    "role_records": _("Roles"),
    "classes": _("Classes"),
    "enrollments": _("Enrollments"),
    "account_records": _("Accounts"),
    "device_records": _("Devices"),
    "calendar_days": _("Calendar days"),
    "bell_weeks": _("Weekdays with bells"),
    "bell_periods": _("Periods"),
    "calendar_events": _("Tests and freezes"),
    "sign_in_rules": _("Sign-in rules"),
    "authorities": _("Source of truth for people"),
    "district_facts": _("Name, time zone and facts"),
    "own_networks": _("Own networks"),
    "own_identifiers": _("Own domains, phones and addresses"),
    "expected_activities": _("Expected activity"),
    "canaries": _("Canaries"),
    "software_records": _("Installed software"),
    "service_records": _("Services on the network"),
    "vulnerability_records": _("Flaws"),
    "known_exploited": _("Flaws known to be exploited"),
    "verdict_records": _("Verdicts of other tools"),
    "alert_records": _("Alerts"),
    "coverage_records": _("What is covered"),
}


_STREAMS = {
    "bundle": _("The whole roster"),
    "users": _("Accounts"),
    "registration": _("Second factors"),
    "chromeos": _("Chromebooks"),
    "devices": _("Computers"),
    "assets": _("Assets"),
    "staff": _("Staff"),
    "facts": _("Calendar and rules"),
    "kev": _("Exploited flaws"),
    "gear": _("Microsoft 365 verdicts"),
    "goggles": _("Google verdicts"),
    "scan": _("Devices and services"),
    "report": _("Flaws"),
    "hosts": _("Computers and software"),
    "computers": _("Computers"),
    "alerts": _("Alerts"),
    "activities": _("Audit log"),
    "signins": _("Sign-in log"),
    "audits": _("Directory log"),
    "unified": _("Unified audit log"),
    "events": _("Event logs"),
    "filter": _("Filtered devices"),
    "antivirus": _("Protected computers"),
    "classroom": _("Watched devices"),
    "calendar": _("Calendar and bells"),
    "students": _("Students"),
    "teachers": _("Teachers"),
    "enrollments": _("Enrollments"),
    "schools": _("Schools"),
    "sections": _("Sections"),
    "organizations": _("Organizations"),
    "courses": _("Courses"),
    "extensions": _("Extensions"),
    "files": _("Files"),
    "groups": _("Groups"),
    "members": _("Members"),
    "policies": _("Policies"),
    "settings": _("Settings"),
    "tokens": _("Tokens"),
    "units": _("Units"),
    "mobiles": _("Mobiles"),
    "apps": _("Apps"),
    "grants": _("Grants"),
    "principals": _("Principals"),
    "scores": _("Scores"),
    "simulations": _("Simulations"),
    "logs": _("Logs"),
    "activity": _("Activity"),
    "schedule": _("Schedule"),
    "school": _("School"),
    "training": _("Training"),
}


@register.filter
def stream_word(name: str) -> str:
    """Return the label of a stream; one without a label reads as its name."""
    own = name.partition(".")[2] or name
    return str(_STREAMS.get(own) or own.replace("_", " ").replace("-", " ").capitalize())


@register.filter
def scope_word(scope: str) -> str:
    """Return the label of the part of a district that a load covers."""
    kind, colon, rest = scope.partition(":")
    if scope == "/":
        return gettext("Everything")
    if colon and kind == "unit":
        return gettext("Only the unit %(unit)s") % {"unit": rest}
    if colon and kind == "networks":
        return gettext("Only the networks %(networks)s") % {"networks": ", ".join(rest.replace(",", " ").split())}
    return scope


@register.filter
def table_word(name: str) -> str:
    """Return the label of a canonical table; one without a label reads as its name."""
    return str(_TABLES.get(name) or name.replace("_", " ").capitalize())
