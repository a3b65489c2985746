"""Devices of visits as they were scanned, with what the inventory knows of each; and all visits as rows of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from homeroom.apps.know.inventory.labelled_devices import LabelledDevice, find_labelled_devices
from homeroom.apps.manage.rollouts.queries import VisitView, list_visits
from homeroom.domain.know.devices.labels import fold_device_label
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import format_clock_time
from homeroom.domain.spreadsheets import escape_formula

HEADER = (
    "school", "room", "date", "starts", "ends", "people", "outcome", "began", "ended", "minutes", "minutes late",
    "left behind", "note", "recorded by", "device", "label", "serial", "asset tag", "model", "belongs to",
)  # fmt: skip
_OUTCOMES = {"": "to do", "done": "done", "left_behind": "left behind", "no_entry": "could not get in"}


@dataclass(frozen=True, kw_only=True)
class ScannedDevice:
    """A label that was scanned at a visit, and the devices that have it; `is_in_both` if it came and was taken away."""

    label: str
    devices: Sequence[LabelledDevice] = ()
    is_in_both: bool = False


@dataclass(frozen=True, kw_only=True)
class VisitDevices:
    """The devices that a visit installed and took away, and how many labels no device of the inventory has."""

    installed: Sequence[ScannedDevice] = ()
    taken: Sequence[ScannedDevice] = ()

    @property
    def unknown(self) -> int:
        """Return how many labels no device of the inventory has."""
        return sum(not item.devices for item in (*self.installed, *self.taken))


def load_visit_devices(visit: VisitView, *, district: District) -> VisitDevices:
    """Return the devices that were scanned at a visit."""
    matches = find_labelled_devices(district=district, labels={*visit.installed, *visit.taken})
    return _build_devices(visit, matches)


def _build_devices(visit: VisitView, matches: Mapping[str, Sequence[LabelledDevice]]) -> VisitDevices:
    folded = [{fold_device_label(label) for label in labels} for labels in (visit.installed, visit.taken)]
    both = folded[0] & folded[1]
    installed, taken = (
        [
            ScannedDevice(label=label, devices=matches.get(label, ()), is_in_both=fold_device_label(label) in both)
            for label in labels
        ]
        for labels in (visit.installed, visit.taken)
    )
    return VisitDevices(installed=installed, taken=taken)


def iter_visit_rows(*, district: District, public: str) -> Iterator[tuple[Any, ...]]:
    """Yield the header, then a row for each device that was scanned; a visit without any has one row."""
    visits = list_visits(district=district, public=public)
    labels = {label for visit in visits for label in (*visit.installed, *visit.taken)}
    matches = find_labelled_devices(district=district, labels=labels)
    yield HEADER
    for visit in visits:
        first = _build_columns(visit)
        devices = [("installed", label) for label in visit.installed] + [("taken away", label) for label in visit.taken]
        for direction, label in devices or [("", "")]:
            yield (*first, direction, escape_formula(label), *_build_device_columns(matches.get(label, ())))


def _build_columns(visit: VisitView) -> tuple[Any, ...]:
    return (
        escape_formula(visit.school),
        escape_formula(visit.name),
        visit.day.isoformat(),
        format_clock_time(visit.starts),
        format_clock_time(visit.ends),
        escape_formula(", ".join(visit.people)),
        _OUTCOMES[visit.outcome],
        _format_moment(visit.began_at),
        _format_moment(visit.ended_at),
        visit.minutes_taken,
        visit.minutes_late,
        visit.left_behind if visit.outcome else None,
        escape_formula(visit.note),
        escape_formula(visit.recorded_by),
    )


def _build_device_columns(devices: Sequence[LabelledDevice]) -> tuple[str, ...]:
    if not devices:
        return ("", "", "", "")
    device = devices[0]
    return tuple(escape_formula(text) for text in (device.serial, device.asset_tag, device.model, device.place))


def _format_moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
