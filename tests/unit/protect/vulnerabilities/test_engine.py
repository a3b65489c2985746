"""Test the engine from software, verdicts and feeds to remedies: joins, enrichment, ranks, end of life and gaps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from homeroom.domain.know.software.products import ProductCatalog, list_prefixes
from homeroom.evidence.query.session import open_session_over
from homeroom.library.know.software import load_products
from tests.unit.protect.vulnerabilities.engine_runs import build_feeds, open_source_session, run_engine

CHROME = {"vendor": "google", "product": "chrome", "introduced": "0"}
RANGES = [
    {"cve": "CVE-2099-1001", **CHROME, "fixed": "140.0.7339.80"},
    {"cve": "CVE-2099-1002", **CHROME, "fixed": "141.0.7390.54"},
]
OLD = {"name": "Google Chrome", "version": "139.0.7258.154", "listing": "programs", "source": "fleet"}
KEV = [
    {"connector": "cisa", "instance": "cisa", "cve": "CVE-2099-1001", "due_on": date(2026, 11, 1), "ransomware": True}
]
EPSS = [{"cve": "CVE-2099-1002", "probability_ppm": 1200, "percentile_ppm": 310_000, "model": "v2099"}]


def build_windows_device(device: int, **fields: Any) -> dict[str, Any]:
    return {"id": device, "platform": "windows", **fields}


def test_one_vulnerability_that_two_tools_and_a_feed_know_is_one_row_with_all_that_is_known_of_it() -> None:
    session = open_source_session(**build_feeds(RANGES), known_exploited=KEV, epss_scores=EPSS)
    scan = {
        "device": 1,
        "check_id": "CVE-2099-1001 Google Chrome",
        "cve": "CVE-2099-1001",
        "product": "Google Chrome",
        "version": OLD["version"],
        "source": "wazuh",
        "title": "Old",
        "severity": "high",
    }
    again = {**scan, "check_id": "11219", "source": "nessus"}
    results = run_engine(
        session,
        devices=[build_windows_device(1, holder_kind="staff"), build_windows_device(2, holder_kind="student")],
        software=[{**OLD, "device": 1, "cves": ["CVE-2099-1001"], "fixed_in": "139.0.7258.200"}, {**OLD, "device": 2}],
        vulnerabilities_found=[scan, again],
        services=[{"device": 1, "public": True, "open": True, "protocol": "tcp", "port": 443}],
    )
    first, second = sorted(results["vulnerabilities"], key=lambda row: row["cve"])
    assert (first["told_by"], first["matched_by"]) == (["fleet", "nessus", "wazuh"], ["nvd"])
    assert (first["exploited"], first["due_on"], first["ransomware"]) == (True, date(2026, 11, 1), True)
    assert (first["fixed_in"], first["update_to"]) == ("140.0.7339.80", "141.0.7390.54")
    assert (first["devices"], first["public"], first["staff"], first["students"]) == (2, 1, 1, 1)
    assert first["reasons"] == ["exploited", "overdue", "public", "ransomware", "staff"]
    assert (second["told_by"], second["exploited"], second["percentile_ppm"]) == (None, False, 310_000)
    assert first["points"] > second["points"] > 0
    assert [(row["device"], row["item"]) for row in results["vulnerable_installs"]] == [
        (1, first["item"]),
        (2, first["item"]),
    ]


def test_a_verdict_alone_stands_without_any_feed_and_a_check_is_a_product_of_its_own() -> None:
    scan = {
        "device": 1,
        "check_id": "156032",
        "cve": "CVE-2099-5",
        "source": "nessus",
        "title": "TLS is old",
        "solution": "Turn it off.",
    }
    results = run_engine(open_session_over({}), devices=[build_windows_device(1)], vulnerabilities_found=[scan])
    (row,) = results["vulnerabilities"]
    assert (row["product_key"], row["remedy"], row["exploited"], row["matched_by"]) == (
        "check:nessus:156032",
        "Turn it off.",
        None,
        None,
    )


def test_without_a_feed_or_a_verdict_nothing_is_compared() -> None:
    results = run_engine(open_session_over({}), devices=[build_windows_device(1)], software=[{**OLD, "device": 1}])
    assert {name: len(rows) for name, rows in results.items()} == dict.fromkeys(results, 0)


def test_what_was_compared_with_nothing_is_said_by_name_with_the_reason() -> None:
    software = [
        {**OLD, "device": 1},
        {**OLD, "device": 1, "name": "Grade Book 4"},
        {**OLD, "device": 2, "name": "Grade Book 4", "version": "2"},
        {**OLD, "device": 1, "name": "Google Chrome", "version": "139"},
        {**OLD, "device": 1, "name": "AdBlock", "listing": "chrome_extensions"},
        {**OLD, "device": 1, "name": "VLC media player", "version": "3.0.18"},
    ]
    results = run_engine(
        open_source_session(**build_feeds(RANGES)),
        devices=[build_windows_device(1), build_windows_device(2)],
        software=software,
    )
    unmatched = {
        (row["name"], row["reason"], row["versions"], row["installs"]) for row in results["software_unmatched"]
    }
    assert unmatched == {
        ("Grade Book 4", "unknown", 2, 2),
        ("Google Chrome", "version unreadable", 1, 1),
        ("AdBlock", "inside another program", 1, 1),
        ("VLC media player", "no feed", 1, 1),
    }


CYCLES = [
    {
        "product": "windows",
        "cycle": "10-22h2",
        "eol_on": date(2025, 10, 14),
        "extended_until": date(2028, 10, 10),
        "latest": "10.0.19045",
    },
    {"product": "windows", "cycle": "11-23h2-w", "eol_on": date(2025, 11, 11), "latest": "10.0.22631"},
    {"product": "windows", "cycle": "11-23h2-e", "eol_on": date(2026, 11, 10), "latest": "10.0.22631"},
    {"product": "windows", "cycle": "11-25h2-e", "eol_on": date(2028, 10, 10), "latest": "10.0.26200"},
    {"product": "windows-server", "cycle": "2016", "eol_on": date(2027, 1, 12), "latest": "10.0.14393"},
    {"product": "macos", "cycle": "13", "eol_on": date(2025, 9, 15)},
    {"product": "macos", "cycle": "15", "over": False},
    {"product": "ubuntu", "cycle": "20.04", "eol_on": date(2025, 5, 31)},
    {"product": "python", "cycle": "3.8", "eol_on": date(2024, 10, 7)},
]


ENDING: tuple[tuple[dict[str, Any], str | None, bool | None], ...] = (
    (build_windows_device(0, os_version="10.0.19045.4291", os_edition="Education"), "10-22h2", True),
    (
        build_windows_device(
            0, os_version="10.0.19045.4291", os_support_kind="esu", os_support_until=date(2027, 10, 12)
        ),
        "10-22h2",
        False,
    ),
    (build_windows_device(0, os_version="10.0.22631.3880", os_edition="Professional"), "11-23h2-w", True),
    (build_windows_device(0, os_version="10.0.22631.3880"), "11-23h2-e", True),
    (build_windows_device(0, os_version="10.0.26200.100", os_edition="Education"), "11-25h2-e", False),
    (build_windows_device(0, os_version="10.0.14393.100", os_edition="Windows Server 2016 Standard"), "2016", False),
    ({"id": 0, "platform": "macos", "os_version": "13.6.9"}, "13", True),
    ({"id": 0, "platform": "macos", "os_version": "15.1"}, None, None),
    ({"id": 0, "platform": "linux", "os_version": "Ubuntu 20.04.6 LTS"}, "20.04", True),
    (
        {
            "id": 0,
            "platform": "chromeos",
            "os_version": "128.0.6613.163",
            "expires_on": date(2026, 6, 30),
            "expires_with": date(2030, 6, 30),
        },
        "automatic updates",
        True,
    ),
    ({"id": 0, "platform": "chromeos", "os_version": "128.0.6613.163", "expires_on": date(2035, 6, 30)}, None, None),
    (build_windows_device(0, os_version="10.0.19045.4291", retired=True), None, None),
)


def test_support_ends_by_release_edition_and_what_was_bought() -> None:
    devices = [{**device, "id": number} for number, (device, _, _) in enumerate(ENDING)]
    results = run_engine(open_source_session(lifecycles=CYCLES), devices=devices)
    items = {row["item"]: (row["cycle"], row["ended"]) for row in results["ends_of_life"]}
    release_by_device = {row["device"]: items[row["item"]] for row in results["vulnerable_installs"]}
    assert [release_by_device.get(number, (None, None)) for number in range(len(ENDING))] == [
        (cycle, ended) for _, cycle, ended in ENDING
    ]


def test_a_program_that_nobody_mends_any_more_is_listed_beside_its_devices() -> None:
    software = [{**OLD, "device": 1, "name": "Python 3.8.10 (64-bit)", "version": "3.8.10150.0"}]
    (row,) = run_engine(open_source_session(lifecycles=CYCLES), devices=[build_windows_device(1)], software=software)[
        "ends_of_life"
    ]
    assert (row["product"], row["cycle"], row["ended"], row["devices"]) == ("python", "3.8", True, 1)


@pytest.mark.parametrize(
    ("expression", "starts"),
    [
        ("^google chrome$", {"goo"}),
        ("^(mozilla )?firefox$", {"moz", "fir"}),
        ("^(vnc|realvnc) server", {"vnc", "rea"}),
        ("firefox", {""}),
        ("^ab?cdef", {""}),
        ("^(a|b)+cdef", {""}),
        ("^foo|^bar", {""}),
    ],
)  # fmt: skip
def test_a_name_is_only_looked_for_among_products_that_may_begin_so(expression: str, starts: set[str]) -> None:
    assert list_prefixes(expression) == starts


def test_a_shelf_finds_what_asking_every_product_would_find() -> None:
    catalog = ProductCatalog(load_products())
    applications = [product for product in load_products() if not product.system]
    for name in (
        "Google Chrome",
        "Java 8 Update 361 (64-bit)",
        "LockDown Browser",
        "Zoom",
        "Microsoft Entra Connect Sync",
        "paint",
    ):
        matching_ids = [
            product.id for product in applications if ProductCatalog([product]).find_product(name=name) is not None
        ]
        first = catalog.find_product(name=name)
        assert matching_ids == ([] if first is None else [first.id])
