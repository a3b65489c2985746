"""Suppress vulnerabilities for a while: a risk exception of what devices have today."""

from __future__ import annotations

from datetime import date, datetime

from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.rules import InvalidRiskException, check_exception
from homeroom.apps.protect.exceptions.scopes import VulnerabilityScope
from homeroom.apps.protect.vulnerabilities.suppressions.preview import SuppressionPreview, preview_suppression
from homeroom.domain.platform.district import District
from homeroom.domain.protect.suppressions import Scope
from homeroom.evidence.loads.store import EvidenceStore


def create_suppression(
    *,
    district: District,
    store: EvidenceStore,
    at: datetime,
    today: date,
    actor: str,
    justification: str,
    reason: str,
    owner: str,
    expires_on: date,
    product_key: str = "",
    cve: str = "",
    scope: str = Scope.EVERYWHERE,
    value: str = "",
    device: int | None = None,
    private: bool = False,
) -> int:
    """Suppress the named vulnerabilities on the devices of the scope through `expires_on`; return the number.

    Raise InvalidRiskException as `create_exception` does, and if no device has what it names today. Raise
    NothingDerived and QueryTimeout as `preview_suppression` does.
    """
    product_key, cve, value = product_key.strip(), cve.strip(), value.strip()
    cve = cve.upper() if cve.lower().startswith("cve-") else cve
    exception_scope = VulnerabilityScope(product_key=product_key, cve=cve, scope=scope, value=value, device=device)
    check_exception(
        district=district,
        today=today,
        scope=exception_scope,
        justification=justification,
        reason=reason,
        owner=owner,
        expires_on=expires_on,
    )
    preview = preview_suppression(store=store, product=product_key, cve=cve, scope=scope, value=value, device=device)
    _check_preview(preview, product_key or cve)
    return create_exception(
        district=district,
        at=at,
        today=today,
        actor=actor,
        scope=exception_scope,
        justification=justification,
        reason=reason,
        owner=owner,
        expires_on=expires_on,
        private=private,
    )


def _check_preview(preview: SuppressionPreview, named: str) -> None:
    if not preview.vulnerabilities:
        raise InvalidRiskException(
            f"{named}: no such flaw or product is among what was found; homeroom vulnerabilities lists them"
        )
    if not preview.devices:
        raise InvalidRiskException(f"{named}: no device of that scope has it")
