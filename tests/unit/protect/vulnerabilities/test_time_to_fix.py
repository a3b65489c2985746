"""Test how long vulnerabilities stay open, and which devices a suppression covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from homeroom.domain.protect.suppressions import Justification, Scope, Suppression
from homeroom.engines.protect.vulnerabilities.time_to_fix import TimeToFix, compute_time_to_fix

SUPPRESSION = Suppression(
    id=1,
    justification=Justification.ACCEPTED,
    product_key="google-chrome",
    cve="",
    scope=Scope.EVERYWHERE,
    value="",
    device=None,
    reason="The kiosks are rebuilt in March.",
    owner="director",
    expires_on=date(2026, 3, 1),
    made_by="director",
    made_at=datetime(2026, 1, 1, tzinfo=UTC),
)
DEVICE: dict[str, Any] = {
    "device": 7,
    "school": "Lincoln",
    "unit": "/Staff/Lincoln",
    "cart": "Cart 7",
    "kind": "laptop",
}


def test_the_mean_and_the_middle_are_those_of_every_remedy_that_arrived() -> None:
    day_counts = [("laptop", 2, 3), ("server", 40, 1), ("laptop", 30, 1), ("server", 41, 1), ("tablet", 1, 0)]
    assert compute_time_to_fix(day_counts) == (
        TimeToFix(kind="laptop", fixed=4, mean=9.0, median=2.0),
        TimeToFix(kind="server", fixed=2, mean=40.5, median=40.5),
    )


@pytest.mark.parametrize(
    ("scope", "value", "holds"),
    [
        ("everywhere", "", True), ("device", "", True), ("school", "lincoln", True), ("school", "Lincoln High", False),
        ("unit", "/Staff", True), ("unit", "/Staff/", True), ("unit", "/Staff/Lincoln", True), ("unit", "/Sta", False),
        ("unit", "/Staff/Lincoln/Office", False), ("cart", "cart 7", True), ("cart", "Cart 70", False),
        ("class", "Laptop", True), ("class", "server", False),
    ],
)  # fmt: skip
def test_a_suppression_holds_for_the_devices_of_its_scope_alone(scope: str, value: str, holds: bool) -> None:
    suppression = replace(SUPPRESSION, scope=Scope(scope), value=value, device=7 if scope == "device" else None)
    assert suppression.covers_device(**DEVICE) is holds
    assert not replace(suppression, device=8).covers_device(**DEVICE) or scope != "device"


@pytest.mark.parametrize(
    ("product_key", "cve", "speaks"),
    [("google-chrome", "", True), ("", "cve-2099-1", True), ("google-chrome", "CVE-2099-2", False), ("vlc", "", False)],
)
def test_a_suppression_speaks_of_the_vulnerabilities_that_it_names_alone(
    product_key: str, cve: str, speaks: bool
) -> None:
    assert (
        replace(SUPPRESSION, product_key=product_key, cve=cve).matches_vulnerability(
            product="google-chrome", cve="CVE-2099-1"
        )
        is speaks
    )
