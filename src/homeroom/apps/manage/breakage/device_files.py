"""Devices from a file: those that fit, and for each other row its line, field, value and what would fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from homeroom.domain.manage.estimates.breakage import Departure, WatchedDevice
from homeroom.ingest.contract.errors import Problem
from homeroom.ingest.rows.given_rows import UnfitCell, read_given_rows
from homeroom.ingest.values.given_values import DAY_FITS, parse_given_day

COLUMNS = ("device", "model", "in_service", "listed_since", "left_on", "how")
REQUIRED = ("device", "model", "in_service", "left_on", "how")


@dataclass(frozen=True, kw_only=True)
class DeviceFile:
    """The devices of a file in its order, and its rejects."""

    devices: tuple[WatchedDevice, ...]
    rejects: tuple[Problem, ...]


def read_device_file(path: Path, *, today: date) -> DeviceFile:
    """Read the devices of a file. Raise FileRefused if it cannot be read at all."""
    table = read_given_rows(path, columns=COLUMNS, required=REQUIRED)
    devices: dict[str, WatchedDevice] = {}
    rejects = list(table.problems)
    for line, *cells in zip(table.lines, *table.columns.values(), strict=True):
        row = dict(zip(COLUMNS, cells, strict=True))
        try:
            device = _parse_device(row, today)
            if device.device in devices:
                raise UnfitCell("device", "is in the list twice; its first row counts", "each device once")
            devices[device.device] = device
        except UnfitCell as error:
            rejects.append(error.build_problem(file=table.file, line=line, value=row[error.column]))
    return DeviceFile(devices=tuple(devices.values()), rejects=tuple(rejects))


def _parse_device(row: Mapping[str, str], today: date) -> WatchedDevice:
    """Parse a row. Raise UnfitCell."""
    for column in ("device", "model"):
        if not row[column]:
            raise UnfitCell(column, "is blank", f"the name of the {column}")
    in_service = _parse_day(row, "in_service", today)
    if in_service is None:
        raise UnfitCell("in_service", "no first day", f"the day on which it came into service, {DAY_FITS}")
    listed_since = _parse_day(row, "listed_since", today) or in_service
    left_on, departure = _parse_day(row, "left_on", today), _parse_departure(row)
    if left_on is not None and left_on < in_service:
        raise UnfitCell("left_on", f"left before it came, on {in_service}", f"a day from {in_service} on")
    if left_on is not None and left_on < listed_since:
        raise UnfitCell("left_on", f"left before it was listed, on {listed_since}", f"a day from {listed_since} on")
    return WatchedDevice(
        device=row["device"],
        model=row["model"],
        in_service=in_service,
        listed_since=listed_since,
        left_on=left_on,
        departure=departure,
    )


def _parse_departure(row: Mapping[str, str]) -> Departure | None:
    kinds = ", ".join(Departure)
    text = row["how"].casefold()
    if bool(text) != bool(row["left_on"]):
        missing = "left_on" if text else "how"
        raise UnfitCell(
            missing, "is blank, while the other of left_on and how is not", f"both, or neither; how is {kinds}"
        )
    if not text:
        return None
    if text not in set(Departure):
        raise UnfitCell("how", "is no way to leave", f"one of {kinds}")
    return Departure(text)


def _parse_day(row: Mapping[str, str], column: str, today: date) -> date | None:
    text = row[column]
    if not text:
        return None
    day = parse_given_day(text)
    if day is None:
        raise UnfitCell(column, "is not a day", DAY_FITS)
    if day > today:
        raise UnfitCell(column, f"is after {today}", f"a day until {today}")
    return day
