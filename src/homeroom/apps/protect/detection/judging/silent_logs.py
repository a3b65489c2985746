"""Logs that fell silent: with many entries each school day, and none now while other logs of the source go on.

An intruder turns logging off, and a forwarder dies on a Friday. What counts is the time of events, not of loads: a log
is silent on a school day that another log of its source has passed, if it had many entries on each one before. So is
a server or domain controller whose events come no more, while others' do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.protect.detection.judging.alert_rules import AlertTexts
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, EventReference, FoldedDetection, Part
from homeroom.engines.protect.enrich.learned_behavior import HOST_MARK

RULE = "log-fell-silent"
HISTORY = timedelta(days=28)
"""Time before the silent day in which the log had entries on each school day."""
ENOUGH = ((7, 20), (5, 100))
"""School days before a log can fall silent, with the entries on each; one with fewer has none on some day by chance."""
HALF_DAY = timedelta(hours=12)
"""Noon of a day in UTC is of the same day in all zones of the United States."""
TEXTS = AlertTexts(
    title="A log fell silent",
    level="medium",
    stage="evasion",
    means="Nobody sees what happens there until it comes again. Intruders turn logs off first; forwarders also die of "
    "a full disk or an expired certificate.",
    first_step="Look whether the service still writes the log. If somebody turned it off, ask who, and treat it as an "
    "intrusion until you know.",
    playbook="ransomware",
)


@dataclass(frozen=True, kw_only=True)
class LogActivity:
    """How many entries a log had by day (as ordinal), and when the newest was."""

    source: str
    log: str
    entries: Mapping[int, int]
    newest: datetime
    host: str = ""


def list_silent_logs(
    logs: Sequence[LogActivity], *, timezone: str, is_school_day: Callable[[date], bool]
) -> list[FoldedDetection]:
    """Return a detection for each log without an entry on the school day after its newest, which is over."""
    zone = ZoneInfo(timezone)
    reached: dict[str, date] = {}
    for log in logs:
        day = log.newest.astimezone(zone).date()
        reached[log.source] = max(day, reached.get(log.source, day))
    silent = ((log, _find_silent_day(log, reached[log.source], zone, is_school_day)) for log in logs)
    return [_build_detection(log, day, zone) for log, day in silent if day is not None]


def _find_silent_day(
    log: LogActivity, reached: date, zone: ZoneInfo, is_school_day: Callable[[date], bool]
) -> date | None:
    """Return the first school day without entries after the newest, if it is over and should have had some."""
    silent = log.newest.astimezone(zone).date() + timedelta(days=1)
    while silent < reached and not is_school_day(silent):
        silent += timedelta(days=1)
    if silent >= reached:
        return None
    first = max(silent - HISTORY, date.fromordinal(min(log.entries, default=silent.toordinal())))
    days = [first + timedelta(days=number) for number in range((silent - first).days)]
    counts = [log.entries.get(day.toordinal(), 0) for day in days if is_school_day(day)]
    is_enough = any(len(counts) >= days and min(counts) >= entries for days, entries in ENOUGH)
    return silent if is_enough else None


def _build_detection(log: LogActivity, day: date, zone: ZoneInfo) -> FoldedDetection:
    name = f"{log.source}/{log.log}"
    others = f"events of other computers in {log.source}" if log.host else "other logs"
    time = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    return FoldedDetection(
        rule=RULE,
        title=TEXTS.title,
        level=TEXTS.level,
        stage=TEXTS.stage,
        event=EventReference(source=log.source, log=log.log, key=f"{name}/{day.isoformat()}", time=time),
        why=(
            f"{name} had entries on each school day before, and none on {day:%b} {day.day}, {day.year}.",
            f"The newest entry is of {_format_newest(log, zone)}; {others} go on.",
        ),
        entities=(_build_entity(log, name),),
        means=TEXTS.means,
        first_step=TEXTS.first_step,
        playbook=TEXTS.playbook,
    )


def _build_entity(log: LogActivity, name: str) -> Entity:
    if log.host:
        return Entity(kind=EntityKind.HOST, name=log.host, part=Part.VICTIM)
    return Entity(kind=EntityKind.APP, name=name)


def _format_newest(log: LogActivity, zone: ZoneInfo) -> str:
    return f"{log.newest.astimezone(zone):{'%b %d, %Y' if log.host else '%b %d, %Y, %H:%M'}}"


def build_activities(entries: Mapping[str, Mapping[int, int]], newest: Mapping[str, datetime]) -> list[LogActivity]:
    """Return the logs with entries, and the hosts; names are `google/login`, and `windows//DC01` of a host."""
    logs = [
        LogActivity(
            source=name.partition("/")[0], log=name.partition("/")[2], entries=entries[name], newest=newest[name]
        )
        for name in sorted(newest)
        if name in entries
    ]
    return [*logs, *(_build_host(name, days) for name, days in sorted(entries.items()) if HOST_MARK in name and days)]


def _build_host(name: str, days: Mapping[int, int]) -> LogActivity:
    source, _, host = name.partition(HOST_MARK)
    newest = datetime.combine(date.fromordinal(max(days)), datetime.min.time(), tzinfo=UTC) + HALF_DAY
    return LogActivity(source=source, log=host, entries=days, newest=newest, host=host)
