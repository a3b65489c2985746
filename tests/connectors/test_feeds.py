"""Feeds of flaws into records and ranges, through the door by which files come in."""

from __future__ import annotations

import gzip
import json
import lzma
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.sources.reading import read
from homeroom.evidence.blobs import blob_path
from homeroom.evidence.differences import connection
from homeroom.evidence.writing import Draft
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.connectors.feeds import CSAF, CVRF, advisory, match, nvd, record

GIVEN = Path(__file__).parents[3] / "shared" / "data" / "vulns"
Rows = dict[str, list[dict[str, Any]]]


def loaded(folder: Path, *paths: Path) -> Rows:
    """What the door makes of files, without nulls; they must be one package and lose nothing."""
    found = packages(paths, connectors=connectors())
    assert [str(problem) for problem in found.problems] == []
    (package,) = found.packages
    draft = Draft(folder / "blobs")
    (folder / "blobs").mkdir()
    read(package, draft=draft, progress=lambda *_: None)
    parts, _, _ = draft.finish(names=[file.name for file in package.files], newest=package.accumulates)
    assert draft.lost == 0
    rows: Rows = {}
    for name, part in parts.items():
        every = (
            connection(folder / "blobs")
            .execute(f"FROM read_parquet('{blob_path(folder / 'blobs', part.blob)}')")
            .to_arrow_table()
        )
        rows[name] = [
            {key: value for key, value in row.items() if value is not None and not key.startswith("_")}
            for row in every.to_pylist()
        ]
    return rows


def ranges(rows: Rows, *names: str) -> list[tuple[Any, ...]]:
    kept = sorted(rows["cve_ranges"], key=lambda row: (row["id"], row["number"]))
    return [tuple(row.get(name) for name in names) for row in kept]


def test_nvd_gives_what_is_vulnerable_and_what_it_must_run_on(tmp_path: Path) -> None:
    chrome = match("a:google:chrome", versionEndExcluding="140.0.1.2")
    on_android = {
        "operator": "AND",
        "nodes": [{"cpeMatch": [chrome]}, {"cpeMatch": [match("o:google:android:-", vulnerable=False)]}],
    }
    page = {
        "resultsPerPage": 4,
        "startIndex": 0,
        "totalResults": 4,
        "format": "NVD_CVE",
        "vulnerabilities": [
            nvd(1, match("a:mozilla:firefox:*:*:*:*:esr", versionStartIncluding="128.0", versionEndExcluding="128.5")),
            nvd(2, configurations=[on_android]),
            nvd(
                3,
                match(r"a:slate:sl\:ate:1.2:rc1"),
                match("a:slate:slate", versionStartExcluding="2", versionEndIncluding="3"),
            ),
            nvd(4, chrome, vulnStatus="Rejected"),
        ],
    }
    path = tmp_path / "nvdcve-2.0-2099.json.gz"
    path.write_bytes(gzip.compress(json.dumps(page).encode()))
    rows = loaded(tmp_path, path)
    assert rows["cves"][0] == {
        "id": "CVE-2099-0001", "cves": ["CVE-2099-0001"], "title": "An invented flaw.", "severity": "high", "cvss_tenths": 88,
        "cvss_vector": "CVSS:3.1/AV:N", "published_on": date(2099, 3, 4), "status": "analyzed", "rejected": False,
        "modified_at": rows["cves"][0]["modified_at"],
    }  # fmt: skip
    assert ranges(rows, "number", "vendor", "product", "edition", "introduced", "fixed", "versions", "runs_on") == [
        (1, "mozilla", "firefox", "esr", "128.0", "128.5", None, None),
        (1, "google", "chrome", None, "0", "140.0.1.2", None, ["google:android"]),
        (1, "slate", "sl:ate", None, None, None, ["1.2 rc1"], None),
        (2, "slate", "slate", None, "2", None, None, None),
        (0, None, None, None, None, None, None, None),
    ]
    assert ranges(rows, "introduced_after", "last_affected")[3] == (True, "3")


def test_a_cve_records_versions_are_read_as_its_format_says(tmp_path: Path) -> None:
    twice = {"version": "140.0.1.2", "lessThan": "140.0.1.2", "status": "affected", "versionType": "custom"}
    turning = {
        "version": "5.0", "lessThan": "*", "status": "affected", "versionType": "semver",
        "changes": [{"at": "5.3", "status": "unaffected"}, {"at": "6.0", "status": "affected"}],
    }  # fmt: skip
    spared = [{"version": "9.1", "status": "unaffected", "lessThan": "*"}, {"version": "8.7", "status": "unaffected"}]
    every = [
        record(1, {"vendor": "Google", "product": "Chrome", "versions": [twice]}),
        record(2, {"vendor": "Slate", "product": "Slate", "versions": [turning, {"version": "1.0", "status": "affected"}]}),
        record(3, {"vendor": "Slate", "product": "Desk", "defaultStatus": "affected", "versions": spared, "platforms": ["MacOS"]}),
        record(4, {"vendor": "Slate", "product": "Desk", "versions": [{"version": "n/a", "status": "affected"}]}),
        record(5, {"collectionURL": "https://pypi.example.org", "packageName": "slate", "versions": [{"version": "0", "lessThanOrEqual": "2", "status": "affected"}]}),
    ]  # fmt: skip
    path = tmp_path / "deltaCves.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in every:
            archive.writestr(f"cves/2099/{one['cveMetadata']['cveId']}.json", json.dumps(one))
    rows = loaded(tmp_path, path)
    names = ("product", "ecosystem", "introduced", "fixed", "last_affected", "versions", "spared", "runs_on")
    assert ranges(rows, *names) == [
        ("Chrome", None, "0", "140.0.1.2", None, None, None, None),
        ("Slate", None, "5.0", "5.3", None, None, None, None),
        ("Slate", None, "6.0", None, None, None, None, None),
        ("Slate", None, None, None, None, ["1.0"], None, None),
        ("Desk", None, "0", "9.1", None, None, ["8.7"], ["macos"]),
        (None, None, None, None, None, None, None, None),
        ("slate", "PyPI", "0", None, "2", None, None, None),
    ]
    assert {row["cvss_tenths"] for row in rows["cves"]} == {75}


def test_an_advisorys_events_follow_one_another_and_a_withdrawn_one_touches_nothing(tmp_path: Path) -> None:
    events = (
        {"introduced": "0"},
        {"fixed": "1.2"},
        {"introduced": "2.0"},
        {"last_affected": "2.4"},
        {"introduced": "3"},
    )
    lines = [
        advisory("GHSA-aaaa-bbbb-cccc", *events),
        advisory("GHSA-dddd", events[0], withdrawn="2099-04-01T00:00:00Z"),
    ]
    path = tmp_path / "all.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in lines))
    rows = loaded(tmp_path, path)
    assert ranges(rows, "cve", "scheme", "introduced", "fixed", "last_affected") == [
        ("CVE-2099-7001", "python", "0", "1.2", None),
        ("CVE-2099-7001", "python", "2.0", None, "2.4"),
        ("CVE-2099-7001", "python", "3", None, None),
        ("CVE-2099-7001", None, None, None, None),
    ]
    assert [(row["severity"], row["rejected"]) for row in rows["cves"]] == [("medium", False), ("medium", True)]


def test_epss_keeps_the_percentile_and_the_model(tmp_path: Path) -> None:
    path = tmp_path / "epss_scores-current.csv.gz"
    text = "#model_version:v2099.03.14,score_date:2099-11-23T12:55:00Z\ncve,epss,percentile\nCVE-2099-0001,0.00043,0.09123\n"
    path.write_bytes(gzip.compress(text.encode()))
    assert loaded(tmp_path, path)["epss_scores"] == [
        {"cve": "CVE-2099-0001", "probability_ppm": 430, "percentile_ppm": 91_230, "model": "v2099.03.14", "scored_on": date(2099, 11, 23)}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("products.json", {"slateos": {"title": "SlateOS", "releases": [{"releaseCycle": "4", "eol": "2099-10-14", "eoes": "2102-10-10", "lts": True, "latest": "4.7"}]}}),
        ("slateos.json", [{"cycle": "4", "eol": "2099-10-14", "extendedSupport": "2102-10-10", "lts": True, "latest": "4.7"}]),
        ("answer.json", {"schema_version": "1.2", "result": {"name": "slateos", "label": "SlateOS", "releases": [{"name": "4", "isEol": True, "eolFrom": "2099-10-14", "isEoes": False, "eoesFrom": "2102-10-10", "isLts": True, "latest": {"name": "4.7"}}]}}),
    ],
)  # fmt: skip
def test_ends_of_support_are_the_same_by_every_form(tmp_path: Path, name: str, given: object) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(given))
    (row,) = loaded(tmp_path, path)["lifecycles"]
    wanted = {"product": "slateos", "cycle": "4", "eol_on": date(2099, 10, 14), "extended_until": date(2102, 10, 10), "lts": True, "latest": "4.7"}  # fmt: skip
    assert {key: value for key, value in row.items() if key in wanted} == wanted


def test_a_month_of_microsofts_updates_names_the_build_and_the_article(tmp_path: Path) -> None:
    path = tmp_path / "2099-Mar.json.xz"
    path.write_bytes(lzma.compress(json.dumps(CVRF).encode()))
    rows = loaded(tmp_path, path)
    assert ranges(rows, "product", "fixed", "remedy") == [
        ("Windows 11 Version 24H2", "10.0.26100.9001", "KB5099001"),
        ("Windows Server 2022", "10.0.20348.9001", "KB5099002"),
    ]
    assert [(row["severity"], row["cvss_tenths"]) for row in rows["cves"]] == [("critical", 78)]


def test_an_advisory_of_a_maker_is_read_where_its_ranges_can_be_compared(tmp_path: Path) -> None:
    path = tmp_path / "inv-2099-1.json"
    path.write_text(json.dumps(CSAF))
    rows = loaded(tmp_path, path)
    assert ranges(rows, "id", "vendor", "product", "introduced", "fixed", "versions") == [
        ("CVE-2099-9001 INV-2099-1", "Invented Networks", "SwitchOS", "4", "4.2", None),
        ("CVE-2099-9001 INV-2099-1", "Invented Networks", "SwitchOS", None, None, ["5.0"]),
    ]


def test_a_packed_file_that_grows_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"0,0\n" * 4_000_000))
    (problem,) = packages([path], connectors=connectors()).problems
    assert "grows too much" in problem.reason
    path.write_bytes(gzip.compress(b"a,b\n1,2\n")[:-4])
    assert packages([path], connectors=connectors()).problems


def test_the_products_that_are_given(tmp_path: Path) -> None:
    if not GIVEN.exists():
        pytest.skip("the ends of support are not beside this clone")
    rows = loaded(tmp_path, GIVEN / "endoflife.json")["lifecycles"]
    given = json.loads((GIVEN / "endoflife.json").read_text(encoding="utf-8"))
    assert {row["product"] for row in rows} == set(given)
    assert len(rows) == sum(len(one["releases"]) for one in given.values())
    esu = next(row for row in rows if (row["product"], row["cycle"]) == ("windows", "10-22h2"))
    assert (esu["eol_on"], esu["extended_until"]) == (date(2025, 10, 14), date(2028, 10, 10))
