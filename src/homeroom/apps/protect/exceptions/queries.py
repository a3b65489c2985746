"""Queries for risk exceptions: acceptances of findings, suppressions of vulnerabilities and of detections."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from homeroom.apps.platform.districts.scoping import DistrictQuerySet
from homeroom.apps.protect.exceptions.expiring_pages import Page, get_page_by_expiry
from homeroom.apps.protect.exceptions.models import RiskException
from homeroom.apps.protect.exceptions.scopes import (
    DetectionScope,
    ExceptionScopeClass,
    FindingScope,
    VulnerabilityScope,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.suppressions import Justification, Scope, Suppression


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """One acceptance of a control's failing, for a finding or for one subject of it (`subject`), until a date."""

    id: int
    control: str
    group: str
    subject: int | None
    reason: str
    owner: str
    expires_on: date
    made_by: str
    made_at: datetime
    private: bool = False


def list_acceptances(*, district: District, today: date, control: str = "") -> tuple[Acceptance, ...]:
    """Return the acceptances in effect today, newest first, of one control if given."""
    rows = _filter_active(district, FindingScope, today)
    return tuple(map(_build_acceptance, (rows.filter(control=control) if control else rows).order_by("-made_at")))


def get_acceptance(*, district: District, number: int) -> Acceptance | None:
    """Return one acceptance that was not withdrawn, by its number; None if there is none."""
    row = _filter_not_withdrawn(district, FindingScope).filter(pk=number).first()
    return _build_acceptance(row) if row else None


def page_active_acceptances(*, district: District, today: date, after: str = "") -> Page[Acceptance]:
    """Return the next page of acceptances in effect today, those that expire first on top.

    `after` is the key of a page.
    """
    return get_page_by_expiry(_filter_active(district, FindingScope, today), _build_acceptance, after=after)


def page_expired_acceptances(*, district: District, since: date, today: date, after: str = "") -> Page[Acceptance]:
    """Return the next page of acceptances that expired since a day and were not withdrawn, newest first."""
    rows = _filter_expired(district, FindingScope, since, today)
    return get_page_by_expiry(rows, _build_acceptance, after=after, newest_first=True)


def list_active_suppressions(*, district: District, today: date) -> tuple[Suppression, ...]:
    """Return the suppressions in effect today, oldest first."""
    return tuple(map(_build_suppression, _filter_active(district, VulnerabilityScope, today).order_by("pk")))


def get_suppression(*, district: District, number: int) -> Suppression | None:
    """Return one suppression that was not withdrawn, by its number; None if there is none."""
    row = _filter_not_withdrawn(district, VulnerabilityScope).filter(pk=number).first()
    return _build_suppression(row) if row else None


def page_active_suppressions(*, district: District, today: date, after: str = "") -> Page[Suppression]:
    """Return the next page of suppressions in effect today, those that expire first on top.

    `after` is the key of a page.
    """
    return get_page_by_expiry(_filter_active(district, VulnerabilityScope, today), _build_suppression, after=after)


def page_expired_suppressions(*, district: District, since: date, today: date, after: str = "") -> Page[Suppression]:
    """Return the next page of suppressions that expired since a day and were not withdrawn, newest first."""
    rows = _filter_expired(district, VulnerabilityScope, since, today)
    return get_page_by_expiry(rows, _build_suppression, after=after, newest_first=True)


@dataclass(frozen=True, kw_only=True)
class DetectionSuppression:
    """One suppression of a rule's detections through `expires_on`; `kind` and `name` are empty if it is of all."""

    id: int
    rule: str
    kind: str
    name: str
    reason: str
    expires_on: date
    made_by: str
    made_at: datetime

    def covers(self, *, rule: str, day: date, names: Collection[tuple[str, str]]) -> bool:
        """Check whether it covers a detection of a day; `names` are its entities by kind and name in lower case."""
        return (
            rule == self.rule
            and day <= self.expires_on
            and (not self.kind or (self.kind, self.name.casefold()) in names)
        )


def list_detection_suppressions(*, district: District) -> tuple[DetectionSuppression, ...]:
    """Return the suppressions of detections that were not withdrawn, oldest first.

    Those that expired are among them: they still cover what was detected before.
    """
    return tuple(
        DetectionSuppression(
            id=row.pk,
            rule=row.rule,
            kind=row.scope,
            name=row.value,
            reason=row.reason,
            expires_on=row.expires_on,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row in _filter_not_withdrawn(district, DetectionScope).order_by("pk")
    )


def _filter_not_withdrawn(district: District, scope_class: ExceptionScopeClass) -> DistrictQuerySet[RiskException]:
    return RiskException.objects.of(district).filter(covers=scope_class.covers, withdrawn_at=None)


def _filter_active(
    district: District, scope_class: ExceptionScopeClass, today: date
) -> DistrictQuerySet[RiskException]:
    """Return the exceptions in effect today: neither withdrawn nor expired."""
    return _filter_not_withdrawn(district, scope_class).filter(expires_on__gte=today)


def _filter_expired(
    district: District, scope_class: ExceptionScopeClass, since: date, today: date
) -> DistrictQuerySet[RiskException]:
    return _filter_not_withdrawn(district, scope_class).filter(expires_on__gte=since, expires_on__lt=today)


def _build_acceptance(row: RiskException) -> Acceptance:
    return Acceptance(
        id=row.pk,
        control=row.control,
        group=row.group,
        subject=row.subject,
        reason=row.reason,
        owner=row.owner,
        expires_on=row.expires_on,
        made_by=row.made_by,
        made_at=row.made_at,
        private=row.private,
    )


def _build_suppression(row: RiskException) -> Suppression:
    return Suppression(
        id=row.pk,
        justification=Justification(row.justification),
        product_key=row.product_key,
        cve=row.cve,
        scope=Scope(row.scope),
        value=row.value,
        device=row.device,
        reason=row.reason,
        owner=row.owner,
        expires_on=row.expires_on,
        made_by=row.made_by,
        made_at=row.made_at,
        private=row.private,
    )
