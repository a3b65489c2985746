"""Template filters for alerts: states, stages, logs, and who and what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.protect.detection.announcing.queries import AnnouncedLine
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.domain.ids import parse_public_id
from homeroom.domain.protect.detections.alerts import Entity, EntityKind
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from homeroom.domain.protect.incidents.records import Author, TimelineEntry
from homeroom.engines.protect.enrich.country_names import get_country_name
from homeroom.web.templatetags.homeroom import format_day

register = template.Library()

_STATES = {
    "new": gettext_lazy("New"),
    "acknowledged": gettext_lazy("Somebody is on it"),
    "in_incident": gettext_lazy("In an incident"),
    "closed": gettext_lazy("Closed"),
    "expected": gettext_lazy("Expected"),
    "suppressed": gettext_lazy("Suppressed"),
}
_VERDICTS = {"real": gettext_lazy("Closed: real"), "false_alarm": gettext_lazy("Closed: false alarm")}
_VIEWS = {
    "open": gettext_lazy("Open"),
    "expected": gettext_lazy("Expected"),
    "suppressed": gettext_lazy("Suppressed"),
    "closed": gettext_lazy("Closed"),
    "low": gettext_lazy("Weekly digest (low)"),
}
_RULE_STATES = {
    "": gettext_lazy("All"),
    "runs": gettext_lazy("Runs"),
    "blind": gettext_lazy("Sees nothing here"),
    "off": gettext_lazy("Off"),
}
_KINDS = {
    "account": gettext_lazy("Account"),
    "device": gettext_lazy("Device"),
    "host": gettext_lazy("Computer"),
    "address": gettext_lazy("Address"),
    "app": gettext_lazy("App"),
    "file": gettext_lazy("File"),
}
_PARTS = {"actor": gettext_lazy("acted"), "victim": gettext_lazy("was acted on")}
_ROLES = {
    "super_administrator": gettext_lazy("super administrator"),
    "administrator": gettext_lazy("administrator"),
    "staff": gettext_lazy("staff"),
    "student": gettext_lazy("student"),
    "service": gettext_lazy("service account"),
    "domain_controller": gettext_lazy("domain controller"),
    "server": gettext_lazy("server"),
}
_STAGES = {
    "precursor": gettext_lazy("Before encryption"),
    "access": gettext_lazy("Access"),
    "persistence": gettext_lazy("Staying in"),
    "privilege": gettext_lazy("More rights"),
    "evasion": gettext_lazy("Hiding"),
    "credentials": gettext_lazy("Passwords and keys"),
    "discovery": gettext_lazy("Looking around"),
    "spread": gettext_lazy("Spreading"),
    "collection": gettext_lazy("Gathering data"),
    "exfiltration": gettext_lazy("Taking data away"),
    "impact": gettext_lazy("Damage"),
}
_LEVELS = {
    "informational": gettext_lazy("Informational"),
    "low": gettext_lazy("Low"),
    "medium": gettext_lazy("Medium"),
    "high": gettext_lazy("High"),
    "critical": gettext_lazy("Critical"),
}


@register.filter
def alert_state(state: str, verdict: str = "") -> str:
    """Return the label of an alert's state; a closed one has its verdict."""
    return str(_VERDICTS[verdict] if state == "closed" and verdict in _VERDICTS else _STATES[state])


@register.filter
def queue_view(view: str) -> str:
    """Return the label of a view of the queue."""
    return str(_VIEWS[view])


@register.filter
def rule_state(state: str) -> str:
    """Return the label of a rule's state."""
    return str(_RULE_STATES[state])


@register.filter
def stage_word(stage: str) -> str:
    """Return the label of a step of an intrusion."""
    return str(_STAGES.get(stage, stage))


@register.filter
def level_word(level: str) -> str:
    """Return the label of a rule's level."""
    return str(_LEVELS.get(level, level))


@register.filter
def log_word(log: str) -> str:
    """Return a log such as `google/user_accounts` in words."""
    source, _, name = log.partition("/")
    words = name.replace("_", " ").replace("-", " ")
    return f"{product_word(source)}: {words}" if words else str(product_word(source))


@register.filter
def entity_kind(entity: Entity) -> str:
    """Return what an entity is."""
    return str(_KINDS[entity.kind])


@register.filter
def entity_notes(entity: Entity) -> str:
    """Return whose an entity is and what it did, in words; empty where neither is known."""
    student = entity.kind == EntityKind.ACCOUNT and entity.role == "student"
    role = "" if student else str(_ROLES.get(entity.role, ""))
    return ", ".join(filter(None, (role, str(_PARTS.get(entity.part, "")))))


@register.filter
def entity_url(entity: Entity) -> str:
    """Return the inventory page of an account or device; empty for all else. Opening a student's is logged there."""
    try:
        kind, _number = parse_public_id(entity.id)
        return reverse(kind, args=[entity.id]) if kind in ("account", "device") else ""
    except (ValueError, NoReverseMatch):
        return ""


@register.filter
def clock(value: datetime) -> str:
    """Format a time with seconds in the district's zone."""
    local = timezone.localtime(value)
    half = "AM" if local.hour < 12 else "PM"
    return f"{format_day(local.date(), 'M j, Y')}, {(local.hour - 1) % 12 + 1}:{local:%M:%S} {half}"


@register.filter
def timeline_rows(lines: Iterable[TimelineEntry]) -> SafeString:
    """Return the rows of a timeline: rendered here, for a template that looks up each text takes thrice the time."""
    what, origin, program = map(conditional_escape, (gettext("What"), gettext("From"), gettext("Homeroom")))
    return format_html_join(
        "",
        '<tr><th scope="row">{}</th><td data-label="{}"><span>{}{}</span></td><td data-label="{}">{}</td></tr>',
        (
            (
                clock(line.time),
                what,
                line.what,
                format_html(' <span class="small soft">{}</span>', line.reason) if line.reason else "",
                origin,
                (line.by or program)
                if line.author == Author.PERSON
                else format_html('<span class="code small break">{}</span>', line.key),
            )
            for line in lines
        ),
    )


@register.filter
def iso_time(value: str) -> datetime | None:
    """Return the time of an ISO text; None if it is none."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


@register.filter
def time_span(minutes: int) -> str:
    """Format minutes as days, hours and minutes: 1 h 5 min; less than one is within a minute."""
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, gettext("d")), (hours, gettext("h")), (rest, gettext("min")))
    return " ".join(f"{amount}\N{NO-BREAK SPACE}{unit}" for amount, unit in parts if amount) or gettext("at once")


@register.filter
def percent(share: float | None) -> str:
    """Format a share in percent; a dash in words where there is none."""
    return gettext("not judged yet") if share is None else f"{round(share * 100)}%"


@register.filter
def announced_parts(line: AnnouncedLine) -> list[tuple[str, list[str]]]:
    """Return who and what announced work is about, by its lists; countries have their names."""
    item = line.activity
    parts = (
        (gettext("Who"), line.who),
        (gettext("Done to"), line.targets),
        (gettext("Computers"), item.hosts),
        (gettext("Addresses"), [text.removesuffix("/32").removesuffix("/128") for text in item.addresses]),
        (gettext("Countries"), [get_country_name(code) for code in item.countries]),
    )
    return [(title, list(values)) for title, values in parts if values]


@register.filter
def announced_time(item: ExpectedActivity) -> str:
    """Return when announced work is expected: Dec 19, 2026 to Jan 4, 2027, daily 1:30 to 2:30."""
    starts, ends = (_format_moment(moment) for moment in (item.starts, item.ends))
    if starts and ends:
        days = starts if starts == ends else gettext("%(first)s to %(last)s") % {"first": starts, "last": ends}
    else:
        days = gettext("until %s") % ends if ends else gettext("from %s") % starts if starts else gettext("for good")
    if item.daily is None:
        return days
    first, last = (f"{moment:%-H:%M}" for moment in item.daily)
    return gettext("%(days)s, daily %(first)s to %(last)s") % {"days": days, "first": first, "last": last}


def _format_moment(value: datetime | None) -> str:
    """Return a day, or a day with its time where that is neither its beginning nor its end; empty for None."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    day = format_day(local.date(), "M j, Y")
    is_whole = local.time().replace(microsecond=0) in (time(), time(23, 59, 59))
    return day if is_whole else f"{day}, {local:%-H:%M}"


@register.simple_tag(name="act_fields", takes_context=True)
def render_act_fields(context: template.Context, act: str) -> SafeString:
    """Return the hidden fields of a form that does an act with an incident."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="act" value="{}">',
        context["csrf_token"],
        act,
    )
