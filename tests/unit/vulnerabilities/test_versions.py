"""Versions order as those who number them say: against their own tools, and against another scanner's matches."""

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

from homeroom.apps.vulnerabilities.checking import CasesRefused, check_versions
from homeroom.engines.vulnerabilities.constraints import Unreadable, meets, parsed
from homeroom.engines.vulnerabilities.ranks import ranked
from homeroom.engines.vulnerabilities.schemes import SCHEMES, key

GIVEN = Path(__file__).parents[4] / "shared" / "data" / "vulns" / "grype_version_constraint_matches.jsonl"
RISING = {
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
EQUAL = (
    ("plain", "1.0", "1.0.0"), ("plain", "115.14.0esr", "115.14.0"), ("plain", "v2.3", "2.3"),
    ("java", "8.0.3610.9", "1.8.0_361"), ("java", "8u361", "Java 1.8.0 update361".removeprefix("Java ")),
    ("apple", "14.6", "14.6.0"), ("semver", "v1.2.3+build", "1.2.3"), ("deb", "1.0", "1.0-0"),
)  # fmt: skip
SAYS_TOO_LITTLE = (
    ("windows", "10.0.19045"),
    ("chrome", "138"),
    ("plain", "unknown"),
    ("python", "not one"),
    ("deb", ""),
)


@pytest.mark.parametrize("scheme", RISING)
def test_versions_rise(scheme: str) -> None:
    keys = [key(version, scheme=scheme) for version in RISING[scheme]]
    assert [older < newer for older, newer in pairwise(keys)] == [True] * (len(keys) - 1)


def test_one_version_written_two_ways_is_one() -> None:
    assert [(one, two) for scheme, one, two in EQUAL if key(one, scheme=scheme) != key(two, scheme=scheme)] == []


def test_a_version_that_says_too_little_is_never_compared() -> None:
    assert [key(version, scheme=scheme) for scheme, version in SAYS_TOO_LITTLE] == [None] * len(SAYS_TOO_LITTLE)


def _python(left: str, right: str) -> int:
    return (Version(left) > Version(right)) - (Version(left) < Version(right))


def _semantic(left: str, right: str) -> int:
    return semantic.Version.parse(left).compare(right)


def _made(scheme: str, chance: random.Random) -> str:
    pick = chance.choice
    if scheme == "python":
        return f"{pick(['', '1!'])}{pick('12')}{pick(['', '.0', '.1', '.0.0', '.2.3'])}{pick(['', 'a1', 'rc1'])}{pick(['', '.post1'])}{pick(['', '.dev1'])}{pick(['', '+abc', '+1'])}"
    if scheme == "semver":
        return f"{pick('012')}.{pick('012')}.{pick('01')}{pick(['', '-alpha', '-alpha.1', '-1', '-rc.2', '-rc.10', '-a-b'])}{pick(['', '+b'])}"
    signs = "0012..-~+ab" if scheme == "deb" else "0012..~^ab_"
    return f"{pick('123')}{''.join(chance.choices(signs, k=chance.randint(0, 6)))}{'1' if scheme == 'deb' else '-1'}"


@pytest.mark.parametrize(
    ("scheme", "asked"),
    [
        ("deb", debian.compare_versions),
        ("rpm", redhat.compare_rpm_versions),
        ("python", _python),
        ("semver", _semantic),
    ],
)
def test_invented_versions_order_as_their_own_tools_order_them(scheme: str, asked: Callable[[Any, Any], int]) -> None:
    chance = random.Random(11)
    every = sorted({_made(scheme, chance) for _ in range(60)})
    keys = {one: key(one, scheme=scheme) for one in every}
    assert None not in keys.values()
    wrong = [
        (left, right)
        for left, right in product(every, every)
        if (keys[left] > keys[right]) - (keys[left] < keys[right]) != asked(left, right)
    ]
    assert wrong == []


def test_equal_versions_have_one_rank_and_newer_ones_a_higher_one() -> None:
    made = ranked(
        [("plain", "1.10"), ("plain", "1.9"), ("plain", "1.9.0"), ("plain", "?"), ("maven", "1.0")]
    ).to_pylist()
    ranks = {(row["scheme"], row["version"]): row["rank"] for row in made}
    assert ("plain", "?") not in ranks
    assert ranks["plain", "1.9"] == ranks["plain", "1.9.0"] < ranks["plain", "1.10"]


@pytest.mark.parametrize(
    ("version", "constraint", "meant"),
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
def test_a_constraint_holds_or_not(version: str, constraint: str, meant: bool) -> None:
    assert meets(version, parsed(constraint)) is meant


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="would fit"):
        parsed("< 1 (roman)")
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"version": "2.0", "constraint": "< 1.0 (semver)", "vulnerable": true}\n\n{"version": "new", "constraint": "< 1 (deb)"}'
    )
    found = check_versions(path)
    assert (found.cases, found.true, found.false, found.cannot_tell) == (2, 0, 1, 1)
    assert [(one.line, one.ours) for one in found.disagreements] == [(1, False), (3, None)]
    path.write_text('{"version": 2}')
    with pytest.raises(CasesRefused, match="line 1"):
        check_versions(path)


def test_every_match_of_another_scanner_is_one_of_ours() -> None:
    if not GIVEN.exists():
        pytest.skip("the matches are not beside this clone")
    found = check_versions(GIVEN)
    assert found.cases == len(GIVEN.read_text(encoding="utf-8").splitlines()) == found.true >= 100
    assert all(json.loads(line)["vulnerable"] for line in GIVEN.read_text(encoding="utf-8").splitlines())


def test_every_scheme_reads_a_plain_version() -> None:
    plain = {"windows": "10.0.19045.1", "chrome": "1.2.3.4", "kb": "5041578"}
    assert [name for name in SCHEMES if key(plain.get(name, "1.2.3"), scheme=name) is None] == []
