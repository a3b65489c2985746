"""Test version ranges as package managers write them, against node-semver's results and Maven's own order."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from univers.versions import MavenVersion

from homeroom.engines.protect.vulnerabilities.constraints import matches_constraint, parse_constraint
from homeroom.engines.protect.vulnerabilities.range_notations import UnreadableConstraint, uses_npm_marks
from tests.amounts import choose_amount

NODE_SEMVER = Path("/usr/lib/node_modules/npm/node_modules/semver")
# Results of node-semver 7 with includePrerelease, as `npm audit` asks it.
NPM_TRUTHS = """
^1.2 | 1.2.0 1.9.9 1.3.0-beta 1.2.0-0 | 1.1.9 2.0.0 2.0.0-beta
^1.2.3 | 1.2.3 1.9.0 | 1.2.2 1.2.3-beta 2.0.0-0
^0.2.3 | 0.2.3 0.2.9 | 0.3.0 0.2.2
^0.0.3 | 0.0.3 | 0.0.4 0.0.2
^0.0 | 0.0.0 0.0.9 | 0.1.0
~1.2.3 | 1.2.3 1.2.99 | 1.3.0 1.2.2 1.3.0-alpha
~1.2 | 1.2.0 1.2.0-rc.1 1.2.9 | 1.3.0
~1 | 1.0.0 1.9.0 | 2.0.0
1.x | 1.0.0 1.9.9 1.0.0-alpha | 2.0.0 0.9.9
1.2.* | 1.2.0 1.2.7 | 1.3.0
* | 0.0.0 9.9.9 1.0.0-rc.1 |
>=1 <2 || 3 | 1.0.0 1.9.9 3.0.0 3.7.1 | 2.0.0 0.9.0 4.0.0
>1.2 | 1.3.0 | 1.2.9 1.2.0
<=1.2 | 1.2.9 0.1.0 | 1.3.0
<1.2 | 1.1.9 | 1.2.0 1.2.0-beta
1.2 - 2.3 | 1.2.0 2.3.9 | 2.4.0 1.1.9
1.2.3 - 2.3.4 | 1.2.3 2.3.4 | 2.3.5 1.2.2
>= 1.2.3 < 1.2.5 | 1.2.4 | 1.2.5 1.2.2
=v1.2.3 | 1.2.3 v1.2.3 | 1.2.4
"""
OTHER_TRUTHS = """
[1.0,2.0) | 1.0 1.9.9 2.0-rc1 1.0.RELEASE | 2.0 0.9 2.0.Final 2.0.0.RELEASE
(1.0,2.0] | 1.0.1 2.0 2.0-GA | 1.0 2.0.1 1.0.Final
(,1.0] | 0.1 1.0 1.0.0 | 1.0.1
[1.5,) | 1.5 99 | 1.4 1.5-SNAPSHOT
[1.5] | 1.5 1.5.0 1.5.Final | 1.6
(,1.0],[1.2,) | 0.9 1.2 | 1.1
[1.0,2.0) (nuget) | 1.0.0 2.0.0-beta | 2.0.0
~> 1.2 (gem) | 1.2 1.9.9 1.2-x86_64-linux | 2.0 1.1 2.0.0.rc1
~> 1.2.3 (gem) | 1.2.3 1.2.9-java | 1.3.0
< 1.15.6 (gem) | 1.15.4-x86_64-linux 1.15.5-arm64-darwin 1.15.6.rc1 | 1.15.6-x86_64-linux-musl 1.15.6
~=1.4.2 (python) | 1.4.2 1.4.9.post1 | 1.5 1.5.dev1 1.4.1
==1.4.* (python) | 1.4 1.4.9 1.4rc1 | 1.5 1.3.9
>=1.0,!=1.5.*,<2 (python) | 1.0 1.6 | 1.5 1.5.3 2.0
< 5.3.27 (maven) | 5.3.26.RELEASE 5.3.27-RC1 | 5.3.27.RELEASE 5.3.27.Final 5.3.28
< 17.0.8 (jvm) | 17.0.8-ea 17.0.7+7 17.0.8-ea+5 | 17.0.8+7 17.0.8 17.0.9-ea
< 8u372 (jvm) | 8u372-ea 1.8.0_371-b11 8.0.3710.11 | 8u372 1.8.0_372-b07
< 32:9.11.36-11.el8_9 (rpm) | 9.11.36-10.el8 32:9.11.36-10.el8 1:9.11.36-12.el8 | 9.11.36-12.el8 33:9.11.36-1.el8
< 9.11.36-11.el8_9 (rpm) | 32:9.11.36-10.el8 9.11.36-10.el8 | 32:9.11.36-11.el8_9 32:9.11.36-12.el8
< 0:2.0-1.el8 (rpm) | 0:1.0-1.el8 1.0-1.el8 | 1:1.0-1.el8
"""
MAVEN_SHAPES = ("[{0},{1})", "({0},{1}]", "[{0},{1}]", "({0},{1})", "(,{1})", "[{0},)", "[{0}]", "(,{0}),[{1},)")


@pytest.mark.parametrize("row", OTHER_TRUTHS.strip().splitlines())
def test_a_range_has_its_versions_and_no_others(row: str) -> None:
    constraint, inside, outside = _split_row(row)
    parsed = parse_constraint(constraint)
    assert {version: matches_constraint(version, parsed) for version in inside + outside} == {
        **dict.fromkeys(inside, True),
        **dict.fromkeys(outside, False),
    }


@pytest.mark.parametrize("row", NPM_TRUTHS.strip().splitlines())
def test_a_range_of_npm_means_what_it_means_to_npm(row: str) -> None:
    constraint, inside, outside = _split_row(row)
    # A form that only npm has is read so without a scheme too.
    texts = [f"{constraint} (npm)", constraint] if uses_npm_marks(constraint) else [f"{constraint} (npm)"]
    for parsed in map(parse_constraint, texts):
        assert [version for version in inside if not matches_constraint(version, parsed)] == []
        assert [version for version in outside if matches_constraint(version, parsed)] == []


def test_forms_that_only_npm_has_need_no_scheme() -> None:
    constraints = [_split_row(row)[0] for row in NPM_TRUTHS.strip().splitlines()]
    assert [text for text in constraints if not uses_npm_marks(text)] == ["1.2.*", ">1.2", "<=1.2", "<1.2", "=v1.2.3"]


def _split_row(row: str) -> tuple[str, list[str], list[str]]:
    constraint, inside, outside = row.replace(" || ", " OR ").split("|")
    return constraint.strip().replace(" OR ", " || "), inside.split(), outside.split()


@pytest.mark.parametrize("text", ["[1.0,2.0", "[1.0,2.0)(3.0,)", "(1.0)", "^latest", "~= 1 (python)", "[a,b,c]"])
def test_a_range_that_cannot_be_read_says_what_would_fit(text: str) -> None:
    with pytest.raises(UnreadableConstraint, match="would fit"):
        parse_constraint(text)


def test_invented_ranges_of_maven_hold_what_is_between_their_ends() -> None:
    chance = random.Random(5)
    wrong = []
    for _ in range(choose_amount(brief=150, thorough=5000)):
        lower, upper = sorted((_invent_maven_version(chance), _invent_maven_version(chance)), key=MavenVersion)
        version, shape = _invent_maven_version(chance), chance.choice(MAVEN_SHAPES)
        expected = any(
            _is_between(version, part) for part in shape.format(lower, upper).replace("),[", ");[").split(";")
        )
        if matches_constraint(version, parse_constraint(shape.format(lower, upper))) is not expected:
            wrong.append((version, shape.format(lower, upper)))
    assert wrong == []


def _invent_maven_version(chance: random.Random) -> str:
    numbers = ".".join(str(chance.randint(0, 3)) for _ in range(chance.randint(1, 3)))
    return numbers + chance.choice(["", "", "", "-alpha-1", "-rc1", ".Final", "-GA", "-SNAPSHOT"])


def _is_between(version: str, part: str) -> bool:
    lower, _, upper = part[1:-1].partition(",") if "," in part else (part[1:-1], "", part[1:-1])
    is_above = not lower or MavenVersion(lower) < MavenVersion(version) or (part[0] == "[" and _equals(lower, version))
    is_below = not upper or MavenVersion(version) < MavenVersion(upper) or (part[-1] == "]" and _equals(upper, version))
    return is_above and is_below


def _equals(first: str, second: str) -> bool:
    return not MavenVersion(first) < MavenVersion(second) and not MavenVersion(second) < MavenVersion(first)


@pytest.mark.thorough
def test_invented_ranges_of_npm_hold_what_node_says() -> None:
    node = shutil.which("node")
    if node is None or not NODE_SEMVER.exists():
        pytest.skip("node-semver is not installed")
    chance = random.Random(9)
    pairs = [(_invent_npm_range(chance), _invent_npm_version(chance, complete=True)) for _ in range(5000)]
    script = (
        f"const s=require({json.dumps(NODE_SEMVER.as_posix())});"
        "const p=JSON.parse(require('fs').readFileSync(0,'utf8'));"
        "console.log(JSON.stringify(p.map(([r,v])=>s.satisfies(v,r,{includePrerelease:true}))))"
    )
    answer = subprocess.run([node, "-e", script], input=json.dumps(pairs), capture_output=True, text=True, check=True)
    expected = json.loads(answer.stdout)
    results = [matches_constraint(version, parse_constraint(f"{text} (npm)")) for text, version in pairs]
    assert [pair for pair, first, second in zip(pairs, results, expected, strict=True) if first is not second] == []
    assert 500 < sum(expected) < 4500


def _invent_npm_version(chance: random.Random, *, complete: bool) -> str:
    numbers = [str(chance.randint(0, 3)) for _ in range(3 if complete else chance.randint(1, 3))]
    if len(numbers) == 3:
        return ".".join(numbers) + chance.choice(["", "", "", "-beta", "-rc.1", "-0"])
    return ".".join([*numbers, *chance.choice([[], [], ["x"], ["*"]])])


def _invent_npm_range(chance: random.Random) -> str:
    first, last = (_invent_npm_version(chance, complete=False) for _ in range(2))
    shapes = (f"^{first}", f"~{first}", first, f"{first} - {last}", f">={first} <{last}", f"< {first}", f">{first}")
    text = chance.choice(shapes)
    return f"{text} || {_invent_npm_range(chance)}" if chance.random() < 0.15 else text
