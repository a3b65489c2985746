"""Test that controls except a device that fails only by suppressed vulnerabilities, and no other device."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.suppressions import Justification, Scope, Suppression
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.evidence.query.session import build_view_schema, open_session_over
from homeroom.library.protect.controls import load_controls

TODAY = date(2026, 1, 15)
SCANNER_CONTROL, SOFTWARE_CONTROL, BROWSER_CONTROL = (
    "scanner-known-exploited",
    "software-known-exploited",
    "outdated-browser",
)
CONTROLS = [item for item in load_controls() if item.id in {SCANNER_CONTROL, SOFTWARE_CONTROL, BROWSER_CONTROL}]
FIRST_CVE, SECOND_CVE = "CVE-2099-0001", "CVE-2099-0002"
ITEMS = (("web-server", FIRST_CVE), ("web-server", SECOND_CVE), ("appliance", FIRST_CVE))
"""Item 0 is the web server, item 1 the appliance."""


def build_suppression(**changes: Any) -> Suppression:
    fields: dict[str, Any] = {
        "id": 1,
        "justification": Justification.ACCEPTED,
        "product_key": "",
        "cve": "",
        "scope": Scope.EVERYWHERE,
        "value": "",
        "device": None,
        "reason": "It is replaced in March.",
        "owner": "director",
        "expires_on": date(2026, 3, 1),
        "made_by": "director",
        "made_at": datetime(2026, 1, 10, tzinfo=UTC),
    }
    return Suppression(**fields | changes)


def open_vulnerability_session() -> Any:
    """Open a session: device 1 has both vulnerabilities in its web server, device 2 has one of them twice.

    Device 2 has it in its web server and in an appliance.
    """
    scanned = [(1, FIRST_CVE), (1, SECOND_CVE), (2, FIRST_CVE)]
    rows: dict[str, list[dict[str, Any]]] = {
        "devices": [{"id": 1, "kind": "laptop", "school": "Cedar"}, {"id": 2, "kind": "other", "school": "Birch"}],
        "vulnerabilities_found": [
            {"device": device, "cve": cve, "known_exploited": True, "source": "nessus"} for device, cve in scanned
        ],
        "software": [
            {
                "device": 1,
                "name": "Server",
                "version": "1",
                "kind": "browser",
                "cves": [FIRST_CVE, SECOND_CVE],
                "exploited_cves": [FIRST_CVE, SECOND_CVE],
                "source": "fleet",
            },
            {
                "device": 2,
                "name": "Server",
                "version": "1",
                "cves": [FIRST_CVE],
                "exploited_cves": [FIRST_CVE],
                "source": "fleet",
            },
        ],
        "vulnerabilities": [
            {"item": int(product == "appliance"), "product_key": product, "cve": cve, "exploited": True}
            for product, cve in ITEMS
        ],
        "vulnerable_installs": [{"device": 1, "item": 0}, {"device": 2, "item": 0}, {"device": 2, "item": 1}],
    }
    return open_session_over(
        {name: pa.Table.from_pylist(table_rows, schema=build_view_schema(name)) for name, table_rows in rows.items()}
    )


def evaluate_states(*suppressions: Suppression) -> dict[str, tuple[State | None, State | None]]:
    """Return the states of devices 1 and 2 by control."""
    control_states = evaluate_controls(
        open_vulnerability_session(), controls=CONTROLS, today=TODAY, suppressions=suppressions
    ).control_states
    return {name: (states.get_state(1), states.get_state(2)) for name, states in control_states.items()}


FAIL, EXCEPTED = State.FAIL, State.EXCEPTED


@pytest.mark.parametrize(
    ("lets", "first", "second"),
    [
        ((), FAIL, FAIL),
        ((build_suppression(cve=FIRST_CVE),), FAIL, EXCEPTED),
        ((build_suppression(cve=FIRST_CVE.lower()), build_suppression(cve=SECOND_CVE)), EXCEPTED, EXCEPTED),
        ((build_suppression(product_key="web-server"),), EXCEPTED, FAIL),
        ((build_suppression(product_key="web-server"), build_suppression(product_key="appliance")), EXCEPTED, EXCEPTED),
        ((build_suppression(product_key="web-server", scope=Scope.SCHOOL, value="birch"),), FAIL, FAIL),
        ((build_suppression(cve=FIRST_CVE, scope=Scope.DEVICE, device=2),), FAIL, EXCEPTED),
        ((build_suppression(product_key="web-server", scope=Scope.CLASS, value="laptop"),), EXCEPTED, FAIL),
        ((build_suppression(cve="CVE-2099-9999"),), FAIL, FAIL),
    ],
)
def test_who_fails_only_by_vulnerabilities_that_are_let_stand_is_excepted(
    lets: tuple[Suppression, ...], first: State, second: State
) -> None:
    results = evaluate_states(*lets)
    assert results[SCANNER_CONTROL] == (first, second)
    assert results[SOFTWARE_CONTROL] == (first, second)


def test_what_is_let_stand_excepts_under_no_control_that_asks_something_else() -> None:
    assert (
        evaluate_states(build_suppression(product_key="web-server"))[BROWSER_CONTROL]
        == evaluate_states()[BROWSER_CONTROL]
    )


def test_the_numbers_of_a_control_count_what_is_let_stand_as_excepted() -> None:
    counts = evaluate_controls(
        open_vulnerability_session(),
        controls=CONTROLS,
        today=TODAY,
        suppressions=[build_suppression(product_key="web-server")],
    ).counts[SCANNER_CONTROL]
    assert (counts.failing, counts.excepted, counts.population) == (1, 1, 2)
