"""Controls over flaws read what somebody lets stand: who fails by those alone is excepted, and nobody else is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from homeroom.domain.excepting import Justification, Scope, Suppression
from homeroom.domain.states import State
from homeroom.engines.posture.judging import judge
from homeroom.evidence.session import session_over, view_schema
from homeroom.library.controls import controls

TODAY = date(2026, 1, 15)
SCANNED, LISTED, BROWSER = "scanner-known-exploited", "software-known-exploited", "outdated-browser"
ASKED = [one for one in controls() if one.id in {SCANNED, LISTED, BROWSER}]
ONE, TWO = "CVE-2099-0001", "CVE-2099-0002"
ITEMS = (("web-server", ONE), ("web-server", TWO), ("appliance", ONE))
"""Item 0 is the web server, item 1 the appliance."""


def let(**more: Any) -> Suppression:
    told: dict[str, Any] = {
        "id": 1, "justification": Justification.ACCEPTED, "thing": "", "cve": "", "scope": Scope.EVERYWHERE, "value": "",
        "device": None, "reason": "It is replaced in March.", "owner": "director", "expires_on": date(2026, 3, 1),
        "made_by": "director", "made_at": datetime(2026, 1, 10, tzinfo=UTC),
    }  # fmt: skip
    return Suppression(**told | more)


def session() -> Any:
    """Device 1 has both flaws in its web server, device 2 one of them twice: there and in an appliance."""
    scanned = [(1, ONE), (1, TWO), (2, ONE)]
    rows: dict[str, list[dict[str, Any]]] = {
        "devices": [{"id": 1, "kind": "laptop", "school": "Cedar"}, {"id": 2, "kind": "other", "school": "Birch"}],
        "flaws": [
            {"device": device, "cve": cve, "known_exploited": True, "source": "nessus"} for device, cve in scanned
        ],
        "software": [
            {"device": 1, "name": "Server", "version": "1", "kind": "browser", "flaws": [ONE, TWO], "exploited_flaws": [ONE, TWO], "source": "fleet"},
            {"device": 2, "name": "Server", "version": "1", "flaws": [ONE], "exploited_flaws": [ONE], "source": "fleet"},
        ],
        "vulnerabilities": [
            {"item": int(thing == "appliance"), "thing": thing, "cve": cve, "exploited": True} for thing, cve in ITEMS
        ],
        "vulnerable_installs": [{"device": 1, "item": 0}, {"device": 2, "item": 0}, {"device": 2, "item": 1}],
    }  # fmt: skip
    return session_over({name: pa.Table.from_pylist(every, schema=view_schema(name)) for name, every in rows.items()})


def states(*lets: Suppression) -> dict[str, tuple[State | None, State | None]]:
    """By control, where devices 1 and 2 stand."""
    told = judge(session(), controls=ASKED, today=TODAY, suppressions=lets).sheets
    return {name: (sheet.state_of(1), sheet.state_of(2)) for name, sheet in told.items()}


FAIL, EXCEPTED = State.FAIL, State.EXCEPTED


@pytest.mark.parametrize(
    ("lets", "first", "second"),
    [
        ((), FAIL, FAIL),
        ((let(cve=ONE),), FAIL, EXCEPTED),
        ((let(cve=ONE.lower()), let(cve=TWO)), EXCEPTED, EXCEPTED),
        ((let(thing="web-server"),), EXCEPTED, FAIL),
        ((let(thing="web-server"), let(thing="appliance")), EXCEPTED, EXCEPTED),
        ((let(thing="web-server", scope=Scope.SCHOOL, value="birch"),), FAIL, FAIL),
        ((let(cve=ONE, scope=Scope.DEVICE, device=2),), FAIL, EXCEPTED),
        ((let(thing="web-server", scope=Scope.CLASS, value="laptop"),), EXCEPTED, FAIL),
        ((let(cve="CVE-2099-9999"),), FAIL, FAIL),
    ],
)
def test_who_fails_only_by_flaws_that_are_let_stand_is_excepted(
    lets: tuple[Suppression, ...], first: State, second: State
) -> None:
    told = states(*lets)
    assert told[SCANNED] == (first, second)
    assert told[LISTED] == (first, second)


def test_what_is_let_stand_excepts_under_no_control_that_asks_something_else() -> None:
    assert states(let(thing="web-server"))[BROWSER] == states()[BROWSER]


def test_the_numbers_of_a_control_count_what_is_let_stand_as_excepted() -> None:
    counts = judge(session(), controls=ASKED, today=TODAY, suppressions=[let(thing="web-server")]).counts[SCANNED]
    assert (counts.failing, counts.excepted, counts.population) == (1, 1, 2)
