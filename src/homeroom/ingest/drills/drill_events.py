"""Events of a drill as they are read from a file: valid ones as a frame, others as problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

from homeroom.ingest.contract.errors import Problem

if TYPE_CHECKING:
    import polars as pl

TIME_FITS = "a time such as 2026-10-06T13:05:00Z"
NO_TIME = "0001-01-01T00:00:00Z"
"""What gophish writes where there is no time."""


class UnfitEvent(ValueError):
    """A row of a drill does not fit: its field, why, and what would fit."""

    def __init__(self, field_name: str, reason: str, fits: str) -> None:
        super().__init__(reason)
        self.field, self.reason, self.fits = field_name, reason, fits


@dataclass(kw_only=True)
class DrillFile:
    """What a file holds: its events, the rows that were rejected, and in how many events typed text was dropped."""

    file: str
    rows: list[tuple[object, ...]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    typed: int = 0
    frame: pl.DataFrame | None = None

    def add(
        self, *, row: int, drill: str, person: str, event: str, at: datetime, first_only: bool = False, **cells: object
    ) -> None:
        """Add an event; `cells` are those of ip, agent, link, method and script that the file has."""
        optional = (cells.get(name) for name in ("ip", "agent", "link", "method", "script"))
        self.rows.append((self.file, row, drill, person, event, at, *optional, first_only))

    def reject(self, row: int | None, error: UnfitEvent) -> None:
        """Add the problem of a row."""
        self.problems.append(Problem(file=self.file, reason=error.reason, line=row, field=error.field, fits=error.fits))

    def build_frame(self) -> pl.DataFrame:
        """Return the events as a frame."""
        import polars as pl  # here, since whoever takes an upload imports this module and needs no frame

        from homeroom.evidence.drill_frames import DRILL_FRAME

        return pl.DataFrame(self.rows, schema=DRILL_FRAME, orient="row") if self.frame is None else self.frame


def parse_moment(value: object, *, field_name: str) -> datetime | None:
    """Return the time in UTC, without its zone; None where it is null or blank. Raise UnfitEvent if it is no time.

    Digits beyond microseconds are dropped.
    """
    if value is None or value in ("", NO_TIME):
        return None
    if not isinstance(value, str):
        raise UnfitEvent(field_name, "is no time", TIME_FITS)
    head, dot, rest = value.strip().partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    text = f"{head}.{digits[:6]}{rest[len(digits) :]}" if dot and digits else value.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnfitEvent(field_name, "is no time", TIME_FITS) from None
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (OverflowError, ValueError):
            raise UnfitEvent(field_name, "is no time that a drill can have", TIME_FITS) from None
    if not 1990 <= moment.year < 2200:
        raise UnfitEvent(field_name, "is no time that a drill can have", TIME_FITS)
    return moment


def require_moment(value: object, *, field_name: str) -> datetime:
    """Return the time in UTC. Raise UnfitEvent if there is none."""
    moment = parse_moment(value, field_name=field_name)
    if moment is None:
        raise UnfitEvent(field_name, "is missing", TIME_FITS)
    return moment


def parse_person(value: object, *, field_name: str) -> str:
    """Return the address of a person in lower case. Raise UnfitEvent if it is blank or no text."""
    if isinstance(value, str) and (person := value.strip().lower()):
        return person
    raise UnfitEvent(field_name, "is missing", "the address of the recipient")


def parse_address(value: object, *, field_name: str) -> str | None:
    """Return the IP address without a port; None where it is blank. Raise UnfitEvent if it is none."""
    if value is None or value == "":
        return None
    text = str(value).strip() if isinstance(value, str) else ""
    for candidate in (text, text.rpartition(":")[0].strip("[]"), text.partition("%")[0]):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    raise UnfitEvent(field_name, "is no IP address", "an address such as 203.0.113.7 or 2001:db8::7")


def parse_text(value: object) -> str | None:
    """Return a text without blanks around it; None where it is blank or no text."""
    return value.strip() or None if isinstance(value, str) else None
