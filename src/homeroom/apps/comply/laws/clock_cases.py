"""Cases read strictly: one JSON object a line, and what does not fit is refused with line, field and reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from homeroom.apps.comply.laws.school_days import read_school_days
from homeroom.domain.comply.laws.cases import ClockCase, SchoolDayList
from homeroom.domain.comply.laws.clocks import MOMENTS
from homeroom.domain.comply.laws.facts import INCIDENT, FactField, add_percent_of_enrollment
from homeroom.domain.comply.laws.law import Law
from homeroom.domain.comply.laws.moments import CaseMoment, InvalidCaseMoment, parse_moment
from homeroom.engines.comply.laws.answers import list_duties
from homeroom.ingest.contract.errors import FileRefused

FIELDS = ("id", "duty", "law", "facts", "timezone", "moments", "incident", "calendar")
MAX_NAMES = 8
"""The most names that a refusal lists as what would fit."""


class CaseRefused(ValueError):
    """A case cannot be answered: `field` is to blame, and the message states what would fit."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class CaseReader:
    """Reads cases against the laws and facts of a content folder; `today` is for duties that come again."""

    laws: Mapping[str, Law]
    facts: Mapping[str, FactField]
    today: date

    def read(self, line: bytes) -> ClockCase:
        """Read one line. Raise CaseRefused."""
        raw = _parse_line(line)
        _refuse_unknown_names(raw, FIELDS, under="")
        if not isinstance(raw.get("id"), str | int) or isinstance(raw["id"], bool) or raw["id"] == "":
            raise CaseRefused("id", f"{_truncate(raw.get('id'))}; a name of the case would fit")
        zone = _read_zone(raw.get("timezone"))
        return ClockCase(
            id=str(raw["id"]),
            duty=self._read_duty(raw),
            today=self.today,
            facts=add_percent_of_enrollment(dict(self._iter_facts(raw))),
            moments=dict(_iter_moments(_get_mapping(raw, "moments"), zone)),
            zone=zone,
            school_days=_read_calendar(_get_mapping(raw, "calendar")),
        )

    def _read_duty(self, raw: Mapping[str, Any]) -> str:
        """Return the name of the duty or law that a case asks for."""
        names = [field for field in ("duty", "law") if raw.get(field) is not None]
        if len(names) != 1:
            reason = "duty and law stand together" if names else "is missing"
            raise CaseRefused("duty", f"{reason}; a duty such as us-ferpa:access, or the id of a law as law, would fit")
        field = names[0]
        name = raw[field]
        is_duty = field == "duty"
        if isinstance(name, str) and (":" in name) == is_duty and list_duties(name, self.laws):
            return name
        raise CaseRefused(field, f"there is no {field} {_truncate(name)}; {self._list_names(name, is_duty)} would fit")

    def _list_names(self, name: object, is_duty: bool) -> str:
        law = self.laws.get(str(name).partition(":")[0])
        if is_duty and law is not None:
            return _join_names([f"{law.id}:{duty.id}" for duty in law.duties])
        return _join_names([f"{law}:…" if is_duty else law for law in self.laws])

    def _iter_facts(self, raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the facts of the district and of the incident by name."""
        for section, prefix in (("facts", ""), (INCIDENT, f"{INCIDENT}.")):
            allowed = [name for name in self.facts if name.startswith(f"{INCIDENT}.") == bool(prefix)]
            for name, value in _get_mapping(raw, section).items():
                field = self.facts.get(f"{prefix}{name}") if f"{prefix}{name}" in allowed else None
                if field is None:
                    names = _join_names([item.removeprefix(prefix) for item in allowed], limit=len(allowed))
                    raise CaseRefused(f"{section}.{name}", f"no such field; there are {names}")
                if not field.accepts(value):
                    raise CaseRefused(f"{section}.{name}", f"{_truncate(value)}; {field.fits} would fit")
                yield field.name, value


def _parse_line(line: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(line.decode("utf-8"), object_pairs_hook=_build_mapping)
        if b"\\u" in line:
            json.dumps(raw, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise CaseRefused("", "has half of a character in an escape such as \\ud83d; both halves would fit") from None
    except UnicodeDecodeError:
        raise CaseRefused("", "is not UTF-8; a JSON object in UTF-8 would fit") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, CaseRefused):
            raise
        raise CaseRefused("", "is not JSON; a JSON object on one line would fit") from None
    if not isinstance(raw, dict):
        raise CaseRefused("", 'is no JSON object; {"id": …, "duty": …, "moments": {…}} would fit')
    return raw


def _build_mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise CaseRefused(repeated, "is there twice; once would fit")
    return mapping


def _get_mapping(raw: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = raw.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CaseRefused(field, f"{_truncate(value)}; an object of fields would fit")
    return value


def _refuse_unknown_names(raw: Mapping[str, Any], allowed: tuple[str, ...], *, under: str) -> None:
    for name in raw:
        if name not in allowed:
            raise CaseRefused(f"{under}{name}", f"no such field; there are {', '.join(allowed)}")


def _read_zone(name: object) -> ZoneInfo | None:
    if name is None:
        return None
    zone = _find_zone(name) if isinstance(name, str) else None
    if zone is None:
        raise CaseRefused("timezone", f"{_truncate(name)}; a zone such as America/New_York would fit")
    return zone


@lru_cache(maxsize=1024)
def _find_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _iter_moments(raw: Mapping[str, Any], zone: ZoneInfo | None) -> Iterator[tuple[str, CaseMoment]]:
    _refuse_unknown_names(raw, MOMENTS, under="moments.")
    for name, text in raw.items():
        if text is None:
            continue
        try:
            yield name, parse_moment(name, text, zone=zone)
        except InvalidCaseMoment as error:
            raise CaseRefused(error.field or f"moments.{name}", str(error)) from None


def _read_calendar(raw: Mapping[str, Any]) -> SchoolDayList | None:
    if not raw:
        return None
    try:
        return read_school_days(raw)
    except FileRefused as error:
        problem = error.problems[0]
        raise CaseRefused(problem.field or "calendar", f"{problem.reason}; {problem.fits} would fit") from None


def _join_names(names: list[str], *, limit: int = MAX_NAMES) -> str:
    return ", ".join(names[:limit]) + (" …" if len(names) > limit else "")


def _truncate(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"
