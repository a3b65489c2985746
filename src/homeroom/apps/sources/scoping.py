"""The part of the district that a load speaks of: what somebody said, what the file says, what its rows have in common."""

from __future__ import annotations

from homeroom.apps.sources.reading import Read
from homeroom.evidence.scopes import EVERYTHING, UNIT
from homeroom.evidence.store import Store
from homeroom.ingest.problems import refused
from homeroom.ingest.recognise import Package

_SHOWN = 5


def covered(package: Package, seen: Read, *, said: str | None, store: Store, instance: str) -> str:
    """The scope of a load. A list without rows that names no scope speaks of the one of that source and stream that stands.

    Raises Refused where several stand: nobody knows then what is empty, and a person has to say it.
    """
    if said or seen.scope:
        return said or seen.scope
    if seen.rows or package.walk or package.mode != "full" or package.accumulates:
        return _in_common(seen)
    standing = sorted(
        {one.scope for one in store.standing() if (one.instance, one.stream) == (instance, package.stream)}
    )
    if len(standing) > 1:
        more = f" and {len(standing) - _SHOWN} more" if len(standing) > _SHOWN else ""
        reason = "has no rows and does not say what it looked at, and several parts of this source stand"
        fits = f"--scope with one of {', '.join(standing[:_SHOWN])}{more}"
        raise refused(package.files[0].name, reason, fits=fits)
    return standing[0] if standing else EVERYTHING


def _in_common(seen: Read) -> str:
    common = seen.units.common
    return EVERYTHING if common == "/" else f"{UNIT}{common}"
