"""Test version order against the tools of each scheme, and constraints against another scanner's matches."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import semver as semantic
from packaging.version import Version
from univers import debian
from univers import rpm as redhat

from homeroom.apps.protect.vulnerabilities.version_check import CasesRefused, check_versions
from homeroom.engines.protect.vulnerabilities.constraints import matches_constraint, parse_constraint
from homeroom.engines.protect.vulnerabilities.range_notations import UnreadableConstraint
from homeroom.engines.protect.vulnerabilities.version_ranks import rank_versions
from homeroom.engines.protect.vulnerabilities.version_schemes import SCHEMES, build_version_key

GRYPE_MATCHES = Path(__file__).parents[5] / "shared" / "data" / "vulns" / "grype_version_constraint_matches.jsonl"
ASCENDING_VERSIONS = {
    "plain": ("1.0a1", "1.0rc1", "1.0", "1.0.1", "1.0.2", "1.0.2 SP1", "1.0.2k", "1.0.10", "2024.1", "2024.10"),
    "windows": ("10.0.19045.3803", "19045.4291", "Windows 11 (10.0.22631.3880)", "10.0.22631.4169"),
    "chrome": ("109.0.5414.119", "109.0.5414.120", "138.0.7204.157 (Official Build)", "138.0.7204.1570"),
    "apple": ("13.4.1", "13.4.1 (a)", "13.4.1 (c)", "13.5", "14.6.1 (23G93)", "15"),
    "java": ("8.0.3510.10", "8u361", "1.8.0_371", "11.0.20", "17.0.8"),
    "maven": ("1.0-alpha-1", "1.0-rc1", "1.0", "1.0.1"),
    "gem": ("1.0.a", "1.0", "1.0.1"),
    "apk": ("1.2.3_rc1", "1.2.3", "1.2.3-r1", "1.2.3-r2"),
    "kb": ("KB4577015", "5041578"),
}
EQUAL_VERSIONS = (
    ("plain", "1.0", "1.0.0"), ("plain", "115.14.0esr", "115.14.0"), ("plain", "v2.3", "2.3"),
    ("java", "8.0.3610.9", "1.8.0_361"), ("java", "8u361", "Java 1.8.0 update361".removeprefix("Java ")),
    ("apple", "14.6", "14.6.0"), ("semver", "v1.2.3+build", "1.2.3"), ("deb", "1.0", "1.0-0"),
)  # fmt: skip
INCOMPARABLE_VERSIONS = (
    ("windows", "10.0.19045"),
    ("chrome", "138"),
    ("plain", "unknown"),
    ("python", "not one"),
    ("deb", ""),
)


@pytest.mark.parametrize("scheme", ASCENDING_VERSIONS)
def test_versions_rise(scheme: str) -> None:
    keys = [build_version_key(version, scheme=scheme) for version in ASCENDING_VERSIONS[scheme]]
    assert [older < newer for older, newer in pairwise(keys)] == [True] * (len(keys) - 1)


def test_one_version_written_two_ways_is_one() -> None:
    assert [
        (first, second)
        for scheme, first, second in EQUAL_VERSIONS
        if build_version_key(first, scheme=scheme) != build_version_key(second, scheme=scheme)
    ] == []


def test_a_version_that_says_too_little_is_never_compared() -> None:
    assert [build_version_key(version, scheme=scheme) for scheme, version in INCOMPARABLE_VERSIONS] == [None] * len(
        INCOMPARABLE_VERSIONS
    )


def _compare_python(left: str, right: str) -> int:
    return (Version(left) > Version(right)) - (Version(left) < Version(right))


def _compare_semver(left: str, right: str) -> int:
    return semantic.Version.parse(left).compare(right)


def _generate_version(scheme: str, chance: random.Random) -> str:
    pick = chance.choice
    if scheme == "python":
        return f"{pick(['', '1!'])}{pick('12')}{pick(['', '.0', '.1', '.0.0', '.2.3'])}{pick(['', 'a1', 'rc1'])}{pick(['', '.post1'])}{pick(['', '.dev1'])}{pick(['', '+abc', '+1'])}"
    if scheme == "semver":
        return f"{pick('012')}.{pick('012')}.{pick('01')}{pick(['', '-alpha', '-alpha.1', '-1', '-rc.2', '-rc.10', '-a-b'])}{pick(['', '+b'])}"
    signs = "0012..-~+ab" if scheme == "deb" else "0012..~^ab_"
    return f"{pick('123')}{''.join(chance.choices(signs, k=chance.randint(0, 6)))}{'1' if scheme == 'deb' else '-1'}"


@pytest.mark.parametrize(
    ("scheme", "query"),
    [
        ("deb", debian.compare_versions),
        ("rpm", redhat.compare_rpm_versions),
        ("python", _compare_python),
        ("semver", _compare_semver),
    ],
)
def test_invented_versions_order_as_their_own_tools_order_them(scheme: str, query: Callable[[Any, Any], int]) -> None:
    chance = random.Random(11)
    versions = sorted({_generate_version(scheme, chance) for _ in range(60)})
    keys = {version: build_version_key(version, scheme=scheme) for version in versions}
    assert None not in keys.values()
    wrong = [
        (left, right)
        for left, right in product(versions, versions)
        if (keys[left] > keys[right]) - (keys[left] < keys[right]) != query(left, right)
    ]
    assert wrong == []


def test_equal_versions_have_one_rank_and_newer_ones_a_higher_one() -> None:
    rank_rows = rank_versions(
        [("plain", "1.10"), ("plain", "1.9"), ("plain", "1.9.0"), ("plain", "?"), ("maven", "1.0")]
    ).to_pylist()
    ranks = {(row["scheme"], row["version"]): row["rank"] for row in rank_rows}
    assert ("plain", "?") not in ranks
    assert ranks["plain", "1.9"] == ranks["plain", "1.9.0"] < ranks["plain", "1.10"]


@pytest.mark.parametrize(
    ("version", "constraint", "expected"),
    [
        ("4.0.2", ">= 2.6, < 5.0.14 || >= 6.0.0, < 6.0.16 (unknown)", True),
        ("5.0.14", ">= 2.6, < 5.0.14 || >= 6.0.0, < 6.0.16 (unknown)", False),
        ("9.11.36-12.el8", "< 32:9.11.36-11.el8_9 (rpm)", False),  # the list leaves the epoch out
        ("1:9.11.36-12.el8", "< 32:9.11.36-11.el8_9 (rpm)", True),
        ("2.0", "none (unknown)", True),
        ("v0.9.0", "<0.17.0 (go)", True),
        ("1.2-beta", "< 1.2 (deb)", False),
    ],
)
def test_a_constraint_holds_or_not(version: str, constraint: str, expected: bool) -> None:
    assert matches_constraint(version, parse_constraint(constraint)) is expected


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableConstraint, match="would fit"):
        parse_constraint("< 1 (roman)")
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"version": "2.0", "constraint": "< 1.0 (semver)", "vulnerable": true}\n\n{"version": "new", "constraint": '
        '"< 1 (deb)"}'
    )
    comparison = check_versions(path)
    assert (comparison.cases, comparison.true, comparison.false, comparison.cannot_tell) == (2, 0, 1, 1)
    assert [(disagreement.line, disagreement.ours) for disagreement in comparison.disagreements] == [
        (1, False),
        (3, None),
    ]
    path.write_text('{"version": 2}')
    with pytest.raises(CasesRefused, match="line 1"):
        check_versions(path)


def test_every_match_of_another_scanner_is_one_of_ours() -> None:
    if not GRYPE_MATCHES.exists():
        pytest.skip("the matches are not beside this clone")
    comparison = check_versions(GRYPE_MATCHES)
    assert comparison.cases == len(GRYPE_MATCHES.read_text(encoding="utf-8").splitlines()) == comparison.true >= 100
    assert all(json.loads(line)["vulnerable"] for line in GRYPE_MATCHES.read_text(encoding="utf-8").splitlines())


def test_every_scheme_reads_a_plain_version() -> None:
    plain = {"windows": "10.0.19045.1", "chrome": "1.2.3.4", "kb": "5041578"}
    assert [name for name in SCHEMES if build_version_key(plain.get(name, "1.2.3"), scheme=name) is None] == []
