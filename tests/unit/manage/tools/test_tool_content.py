"""Tools and capabilities that ship, and what is refused in those of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.domain.manage.tools.capabilities import Audience
from homeroom.library.manage.tools.capability_files import load_capabilities
from homeroom.library.manage.tools.product_files import load_proven_tool_products, load_tool_names, load_tool_products
from homeroom.library.yaml_loader import ContentRefused

FIXED_TEXT = """
content-filter endpoint-protection mail-security second-factor single-sign-on password-manager
vulnerability-scanning log-monitoring backup-servers backup-saas awareness-training safety-monitoring
device-management asset-inventory help-desk remote-support print-management network-management rostering
identity-provisioning classroom-management lms sis productivity-suite video-meeting video-recording
interactive-lesson quiz-game assessment-diagnostic assessment-secure-browser plagiarism-check pdf-annotation
math-practice reading-practice vocabulary-practice digital-books library-catalog coding typing
creative-design drawing music maps-geography portfolio summer-learning computer-aided-design grade-sync
family-messaging website forms-signatures visitor-management emergency-alert food-service transport-routing
staff-absence
"""
FIXED = frozenset(FIXED_TEXT.split())
GOOD = """id: own
title: Own
tools:
  - id: brightpath-math
    name: Brightpath Math
    does: [math-practice]
    season: {from: "11-15", to: "02-01"}
    source: https://brightpath.example/
    is: [Brightpath Math 1YR]
    is_not: [Brightpath Reading]
"""


def _load(folder: Path, text: str) -> list[str]:
    (folder / "tools").mkdir()
    (folder / "tools" / "own.yaml").write_text(text, encoding="utf-8")
    try:
        load_proven_tool_products(folder)
    except ContentRefused as error:
        return [str(problem) for problem in error.problems]
    return []


def test_all_fixed_capabilities_ship() -> None:
    capabilities = load_capabilities()
    assert FIXED - {capability.id for capability in capabilities} == set()
    assert 60 <= len(capabilities) <= 80


def test_each_capability_is_done_by_a_tool() -> None:
    done = {name for product in load_tool_products() for name in product.does}
    assert sorted({capability.id for capability in load_capabilities()} - done) == []


def test_what_is_needed_says_why_and_who_asks() -> None:
    needed = {entry.id: entry for entry in load_capabilities() if entry.needed}
    assert needed["content-filter"].audience is Audience.STUDENTS
    assert needed["content-filter"].laws == ("us-cipa",)
    assert needed["second-factor"].audience is Audience.STAFF
    assert all(entry.controls or entry.goals or entry.laws for entry in needed.values())


def test_words_of_lists_of_coverage_name_their_capabilities() -> None:
    words = {word: entry.id for entry in load_capabilities() for word in entry.words}
    assert words == {
        "filter": "content-filter",
        "antivirus": "endpoint-protection",
        "classroom": "classroom-management",
    }


def test_at_least_250_products_ship() -> None:
    assert len(load_tool_products()) >= 250


def test_suites_also_do_what_is_bought_apart() -> None:
    products = {product.id: product for product in load_tool_products()}
    assert products["google-workspace-plus"].also_does >= {"mail-security", "second-factor", "plagiarism-check"}
    for suite in ("microsoft-365-a3", "microsoft-365-a5"):
        assert products[suite].also_does >= {"mail-security", "second-factor", "endpoint-protection"}


def test_no_capability_both_is_bought_and_comes_with_a_tool() -> None:
    assert [product.id for product in load_tool_products() if product.does & product.also_does] == []


def test_extensions_and_domains_find_tools() -> None:
    names = load_tool_names()
    products = [names.find_extension("ecnphlgnajanjnkcmbpancdjoidceilk"), names.find_domain("web.seesaw.me")]
    assert [product.id for product in products if product] == ["kami", "seesaw"]


def test_a_file_of_tools_is_accepted(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[math-practice]", "[math-practise]", "'math-practise' is no capability; math-practice"),
        ("is: [Brightpath Math 1YR]", "is: [Bright Math]", "brightpath-math.is[0]: 'Bright Math' is no tool"),
        ("is_not: [Brightpath Reading]", "is_not: [CDW Brightpath Math]", "is Brightpath Math"),
        ('from: "11-15"', 'from: "15 Nov"', 'a day such as "04-01" would fit'),
        ("name: Brightpath Math", "name: '!!!'", "own.yaml"),
        ("id: brightpath-math", "id: Brightpath", "small letters, digits and hyphens"),
        ("id: own", "id: other", "'other'; own would fit"),
        ("source:", "sources: 1\n    source:", "no such field"),
        ("source:", "software: [brightpath]\n    source:", "'brightpath' is not in software/"),
        ("source:", "domains: [brightpath]\n    source:", "a domain such as kamiapp.com would fit"),
        ("source:", "extension_ids: [abc]\n    source:", "32 letters from a to p would fit"),
        ("source:", "names: ['?']\n    source:", "has no word; a name would fit"),
        ("source:", "names: [5]\n    source:", "5; a text would fit"),
    ],
)
def test_an_invalid_tool_is_refused_with_what_would_fit(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert any(problem in text for text in _load(tmp_path, GOOD.replace(old, new, 1)))


def test_a_name_of_two_tools_is_refused(tmp_path: Path) -> None:
    second = GOOD.partition("tools:\n")[2].replace("id: brightpath-math", "id: second")
    assert any("is of brightpath-math too" in text for text in _load(tmp_path, GOOD + second))


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{id: a b, title: A, audience: staff}", "small letters, digits and hyphens"),
        ("{id: a, title: A, audience: stuff}", "'stuff'; staff"),
        ("{id: a, title: A, audience: staff, needed: Always}", "nothing asks for it"),
        ("{id: a, title: A}", "students, staff"),
    ],
)
def test_an_invalid_capability_is_refused(tmp_path: Path, entry: str, problem: str) -> None:
    (tmp_path / "capabilities").mkdir()
    path = tmp_path / "capabilities" / "own.yaml"
    path.write_text(f"id: own\ntitle: Own\ncapabilities:\n  - {entry}\n", encoding="utf-8")
    with pytest.raises(ContentRefused, match=problem):
        load_capabilities(tmp_path)
