"""OSCAL catalogs and profiles as frameworks."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.library.protect.frameworks import load_frameworks
from homeroom.library.protect.oscal import parse_oscal, render_yaml
from homeroom.library.yaml_loader import ContentRefused

DAY = date(2026, 11, 24)
SHARED_FRAMEWORKS = Path("../shared/data/frameworks")
CATALOG: dict[str, Any] = {
    "catalog": {
        "metadata": {"title": "A state's rules", "version": "2", "last-modified": "2026-07-01T00:00:00Z"},
        "groups": [
            {
                "id": "ac",
                "title": "Access",
                "controls": [
                    {
                        "id": "ac-2",
                        "title": "Accounts",
                        "props": [{"name": "label", "value": "AC-02", "class": "zero-padded"}],
                        "controls": [{"id": "ac-2.1", "title": "By machine"}],
                    },
                    {"id": "ac-9", "title": "Old", "props": [{"name": "status", "value": "withdrawn"}]},
                ],
            }
        ],
    }
}


def _read_shared(name: str) -> Any:
    path = SHARED_FRAMEWORKS / name
    if not path.exists():
        pytest.skip(f"{path} is not here: the given frameworks are not part of a clone")
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_catalog_gives_ids_as_people_write_them_and_nothing_withdrawn(tmp_path: Path) -> None:
    framework = parse_oscal(CATALOG, name="state", file="rules.json", checked_on=DAY)
    assert dict(framework.goals) == {"AC-2": "Accounts", "AC-2(1)": "By machine"}
    assert (framework.title, framework.effective, framework.find_part_title("AC-2")) == (
        "A state's rules",
        date(2026, 7, 1),
        "Access",
    )
    (tmp_path / "frameworks").mkdir()
    (tmp_path / "frameworks" / "state.yaml").write_text(render_yaml(framework), encoding="utf-8")
    assert load_frameworks(tmp_path) == (framework,)


def test_a_profile_takes_its_titles_from_a_catalog_that_is_known() -> None:
    profile = {
        "profile": {"metadata": {}, "imports": [{"include-controls": [{"with-ids": ["ac-2", "ac-2.1", "zz-1"]}]}]}
    }
    framework = parse_oscal(profile, name="some", file="p.json", checked_on=DAY, titles={"AC-2": "Accounts"})
    assert dict(framework.goals) == {"AC-2": "Accounts", "AC-2(1)": "AC-2(1)", "ZZ-1": "ZZ-1"}


@pytest.mark.parametrize("document", [{}, [], {"catalog": {"groups": []}}, {"profile": {"imports": []}}, "text"])
def test_what_states_no_control_is_refused(document: Any) -> None:
    with pytest.raises(ContentRefused, match=r"rules\.json"):
        parse_oscal(document, name="state", file="rules.json", checked_on=DAY)


def test_the_low_baseline_that_is_shipped_is_that_of_the_given_catalog() -> None:
    published = parse_oscal(
        _read_shared("oscal_800-53r5_LOW_resolved.json"), name="nist-800-53", file="", checked_on=DAY
    )
    (shipped,) = [framework for framework in load_frameworks() if framework.id == "nist-800-53"]
    assert len(published.goals) == 149
    assert dict(shipped.goals) == dict(published.goals)


def test_the_given_profile_of_the_moderate_baseline_is_read_with_the_titles_that_are_known() -> None:
    (low,) = [framework for framework in load_frameworks() if framework.id == "nist-800-53"]
    document = _read_shared("oscal_800-53r5_MODERATE_profile.json")
    moderate = parse_oscal(document, name="moderate", file="", checked_on=DAY, titles=low.goals)
    assert len(moderate.goals) == 287
    assert moderate.goals["AC-2"] == "Account Management"
    assert yaml.safe_load(render_yaml(moderate))["goals"]["AC-2(13)"] == "AC-2(13)"


@pytest.mark.parametrize(
    "stated",
    [
        {"catalog": {"uuid": 3, "metadata": None, "controls": 7}},
        {"catalog": {"groups": [4, {"controls": "ac-1"}], "metadata": ["x"]}},
        {"profile": {"imports": [{"include-controls": [{"with-ids": 3}]}, 5]}},
        {"profile": {"imports": {"include-controls": 1}}},
    ],
)
def test_a_spoilt_document_is_refused_with_what_would_fit(stated: dict[str, Any]) -> None:
    with pytest.raises(ContentRefused, match="no control with an id and a title"):
        parse_oscal(stated, name="spoilt", file="spoilt.json", checked_on=DAY)


def _build_profile(**imported: Any) -> dict[str, Any]:
    return {"profile": {"metadata": {"title": "Ours"}, "imports": [imported]}}


def test_what_a_profile_leaves_out_again_is_no_goal() -> None:
    selections = [{"with-ids": ["ac-2", "ac-2.1"]}, {"with-ids": ["si-2"]}]
    profile = _build_profile(**{"include-controls": selections, "exclude-controls": [{"with-ids": ["ac-2.1"]}]})
    assert list(parse_oscal(profile, name="ours", file="p.json", checked_on=DAY).goals) == ["AC-2", "SI-2"]


@pytest.mark.parametrize(
    ("imported", "field"),
    [
        ({"include-all": {}}, "imports.include-all"),
        ({"include-controls": [{"matching": [{"pattern": "ac-*"}]}]}, "imports.include-controls.matching"),
    ],
)
def test_a_profile_that_names_a_rule_instead_of_controls_is_refused_with_what_would_fit(
    imported: dict[str, Any], field: str
) -> None:
    with pytest.raises(ContentRefused) as refused:
        parse_oscal(_build_profile(**imported), name="ours", file="p.json", checked_on=DAY)
    assert [(problem.field, "would fit" in problem.message) for problem in refused.value.problems] == [(field, True)]
