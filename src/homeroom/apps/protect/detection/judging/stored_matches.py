"""Events that base rules of correlations matched: stored for as long as a late event could change the outcome."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from homeroom.apps.protect.detection.models import MatchBatch
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.events import LogEvent, LogSource
from homeroom.engines.protect.detect.correlate import RuleMatch

_LEVEL = 1
WARM_UP = 2
"""Time spans before the first new match from which matches are read.

A correlation fires where it holds and did not hold at the group's event before. Whether it held there depends on one
span before that event, which itself lies within a span of the first new match, or in no window with it.
"""
RETENTION = timedelta(days=14)
"""How long matches are stored beyond that: entries are at most a day late, but some logs are loaded by hand."""


class StoredMatch(msgspec.Struct, array_like=True, frozen=True):
    """An event that a base rule matched: `fields` are those that correlations use, `shown` those that alerts do."""

    key: str
    time: datetime
    file: str
    product: str
    service: str
    host: str
    user: str
    fields: dict[str, Any]
    shown: dict[str, Any]


class MatchBuffer:
    """Matches of a run, by rule and day, until they are stored."""

    def __init__(self, shown: Mapping[str, frozenset[str]]) -> None:
        self._shown = shown
        self._matches: dict[tuple[str, date], list[StoredMatch]] = defaultdict(list)
        self.first_times: dict[str, datetime] = {}

    def add(self, matches: Iterable[RuleMatch]) -> None:
        """Add what matched one event."""
        for match in matches:
            event = match.event
            if event.time is None:
                continue
            self._matches[match.rule, event.time.date()].append(_build_match(match, self._shown[match.rule]))
            first = self.first_times.get(match.rule)
            self.first_times[match.rule] = min(event.time, first) if first else event.time

    def store(self, district: District) -> None:
        """Store what was added since the last time."""
        MatchBatch.objects.bulk_create(
            MatchBatch(district_id=district.pk, rule=rule, day=day, matches=_pack(matches))
            for (rule, day), matches in self._matches.items()
        )
        self._matches.clear()


def iter_matches(
    district: District, rules: Collection[str], *, since: datetime
) -> Iterator[list[tuple[str, StoredMatch]]]:
    """Yield the matches of rules since a time, those of one event together, in the order of time and key."""
    rows = MatchBatch.objects.of(district).filter(rule__in=rules, day__gte=since.date())
    for day in rows.order_by("day").values_list("day", flat=True).distinct():
        yield from _list_day(rows.filter(day=day), since=since)


def _list_day(rows: Any, *, since: datetime) -> list[list[tuple[str, StoredMatch]]]:
    events: dict[tuple[datetime, str, str], dict[str, StoredMatch]] = defaultdict(dict)
    for rule, packed in rows.order_by("pk").values_list("rule", "matches"):
        for match in _unpack(bytes(packed)):
            if match.time >= since:
                events[match.time, match.file, match.key][rule] = match
    return [sorted(matches.items()) for _order, matches in sorted(events.items(), key=lambda item: item[0])]


def delete_old_matches(district: District, *, seconds: Mapping[str, int], newest: Mapping[str, datetime]) -> None:
    """Delete the matches of each rule that no late event can concern any more."""
    for rule, time in newest.items():
        first = find_first_stored_day(time, seconds=seconds.get(rule, 0))
        MatchBatch.objects.of(district).filter(rule=rule, day__lt=first).delete()


def erase_matches(district: District, is_named: Callable[[str], bool], *, preview: bool) -> int:
    """Erase the matches that name a person, and return how many there were; `preview` only counts."""
    count = 0
    for batch in MatchBatch.objects.of(district).iterator():
        matches = _unpack(bytes(batch.matches))
        remaining = [match for match in matches if not is_named(msgspec.json.encode(match).decode())]
        count += len(matches) - len(remaining)
        if preview or len(remaining) == len(matches):
            continue
        if remaining:
            batch.matches = _pack(remaining)
            batch.save(update_fields=["matches"])
        else:
            batch.delete()
    return count


def find_first_stored_day(newest: datetime, *, seconds: int) -> date:
    """Return the first day whose matches are stored, for correlations that reach back so many seconds."""
    return (newest - timedelta(seconds=WARM_UP * seconds) - RETENTION).astimezone(UTC).date()


def build_event(match: StoredMatch, *, record: int, extra: Mapping[str, Any] | None = None) -> LogEvent:
    """Return the event of a match, with the fields that are stored."""
    return LogEvent(
        file=match.file,
        record=record,
        time=match.time,
        source=LogSource(product=match.product, service=match.service),
        host=match.host,
        user=match.user,
        fields={**match.shown, **match.fields, **(extra or {})},
        raw={},
        key=match.key,
    )


def _build_match(match: RuleMatch, shown: frozenset[str]) -> StoredMatch:
    event = match.event
    assert event.time is not None
    return StoredMatch(
        key=event.key,
        time=event.time.astimezone(UTC),
        file=event.file,
        product=event.source.product,
        service=event.source.service,
        host=event.host,
        user=event.user,
        fields=dict(match.fields),
        shown={name: event.fields[name] for name in shown & event.fields.keys() if event.fields[name] is not None},
    )


def _pack(matches: Sequence[StoredMatch]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(matches), _LEVEL)


def _unpack(packed: bytes) -> list[StoredMatch]:
    return msgspec.msgpack.decode(zlib.decompress(packed), type=list[StoredMatch])
