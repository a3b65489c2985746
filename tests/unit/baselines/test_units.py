"""Units and groups: what each sets itself, what it inherits, and what only the admin log shows."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from homeroom.engines.baselines.units import DELETED, top_unit, units

TREE = {
    "organizationUnits": [
        {"name": "Students", "orgUnitPath": "/Students", "parentOrgUnitPath": "/"},
        {"name": "Elementary", "orgUnitPath": "/Students/Elementary", "parentOrgUnitPath": "/Students"},
    ]
}


def entry(setting: str, value: str | None, unit: str = "", *, day: int = 1, group: str = "") -> dict[str, Any]:
    said = {"SETTING_NAME": setting, "NEW_VALUE": value, "ORG_UNIT_NAME": unit, "GROUP_EMAIL": group}
    name = "DELETE_APPLICATION_SETTING" if value is None else "CHANGE_APPLICATION_SETTING"
    listed = [{"name": key, "value": text} for key, text in said.items() if text]
    return {"id": {"time": f"2026-01-{day:02d}T08:00:00Z"}, "events": [{"name": name, "parameters": listed}]}


def log(*items: dict[str, Any], top: str = "District", **more: Any) -> dict[str, Any]:
    return {"gmail_logs": {"items": list(items)}, "tenant_info": {"topLevelOU": top}, **more}


def settings(document: dict[str, Any], **how: Any) -> dict[str, Any]:
    return {unit.name: unit.settings for unit in units(document, **how)}


def test_a_grandchild_inherits_from_the_unit_above_it_and_not_from_the_top() -> None:
    document = {
        "policies": {
            "District": {"mail": {"imap": True, "pop": True}},
            "Students": {"mail": {"imap": False}},
            "Elementary": {"mail": {"pop": False}},
        },
        "tenant_info": {"topLevelOU": "District"},
        "organizational_units": TREE,
    }
    found = {unit.name: unit for unit in units(document)}
    assert found["Elementary"].settings == {"mail": {"imap": False, "pop": False}}
    assert found["Elementary"].set_at == {("mail", "imap"): "Students", ("mail", "pop"): "Elementary"}
    assert [unit.parent for unit in found.values()] == ["", "District", "Students"]


def test_units_named_by_path_find_the_unit_above_them() -> None:
    document = {
        "policies": {"District": {"mail": {"imap": True}}, "/Students": {"mail": {"imap": False}}, "/Students/Elementary": {}},
        "tenant_info": {"topLevelOU": "District"},
        "organizational_units": TREE,
    }  # fmt: skip
    assert settings(document)["/Students/Elementary"] == {"mail": {"imap": False}}


def test_the_newest_entry_of_the_log_counts_and_a_deleted_one_inherits() -> None:
    document = log(
        entry("warn", "on", "District", day=3), entry("warn", "off", "District", day=2),
        entry("warn", "off", "Staff", day=2), entry("warn", None, "Staff", day=4),
        entry("look", "on", "District"), entry("look", None, "District", day=2),
    )  # fmt: skip
    assert settings(document) == {
        "District": {"changes": {"warn": "on", "look": DELETED}},
        "Staff": {"changes": {"warn": "on", "look": DELETED}},
    }


def test_a_group_inherits_from_the_unit_beside_it() -> None:
    document = log(
        entry("warn", "on", "District"),
        entry("look", "x", "Staff"),
        entry("warn", "off", "Staff", group="pilot@example.org"),
    )
    kinds = {unit.name: unit.kind for unit in units(document)}
    assert kinds == {"District": "unit", "Staff": "unit", "pilot@example.org": "group"}
    assert settings(document)["pilot@example.org"] == {"changes": {"warn": "off", "look": "x"}}


def test_a_setting_that_the_console_renamed_is_one_setting() -> None:
    document = log(entry("Old name", "true", "District", day=1), entry("New name", "false", "District", day=2))
    assert settings(document, renamed={"New name": "Old name"}) == {"District": {"changes": {"Old name": "false"}}}


def test_units_that_are_gone_leave_no_trace() -> None:
    document = log(entry("warn", "off", "Closed school"), organizational_unit_names=["District", "Staff"])
    assert settings(document) == {"District": {}}


def test_the_top_is_the_only_unit_of_the_log_where_nobody_names_it() -> None:
    assert top_unit(log(entry("warn", "on", "District"), top="")) == "District"
    assert top_unit(log(entry("warn", "on", "A"), entry("warn", "on", "B"), top="")) == ""
    assert top_unit({}) == ""


def test_an_entry_without_a_time_and_a_circle_of_units_do_no_harm() -> None:
    broken = {"id": {}, "events": [{"parameters": [{"name": "SETTING_NAME", "value": "x"}]}]}
    circle = [
        {"name": "A", "orgUnitPath": "/A", "parentOrgUnitPath": "/B"},
        {"name": "B", "orgUnitPath": "/B", "parentOrgUnitPath": "/A"},
    ]
    document = log(
        broken,
        policies={"District": {"s": {"f": 1}}, "A": {}, "B": {}},
        organizational_units={"organizationUnits": circle},
    )
    assert settings(document)["A"] == {"s": {"f": 1}}


NAMES = ["u1", "u2", "u3", "u4", "u5"]
OWN = st.dictionaries(st.sampled_from(["f", "g"]), st.booleans(), max_size=2)


@how(max_examples=40)
@given(parents=st.lists(st.integers(0, 4), min_size=5, max_size=5), own=st.lists(OWN, min_size=5, max_size=5), top=OWN)
def test_every_unit_has_each_setting_of_the_nearest_unit_above_that_sets_it(
    parents: list[int], own: list[dict[str, bool]], top: dict[str, bool]
) -> None:
    """Unit n stands below the top or below an earlier unit, so that there is a tree."""
    above = {
        name: "District" if place == 0 or parents[place] >= place else NAMES[parents[place]]
        for place, name in enumerate(NAMES)
    }
    listed = [
        {"name": name, "orgUnitPath": f"/{name}", "parentOrgUnitPath": "/" if up == "District" else f"/{up}"}
        for name, up in above.items()
    ]
    given_settings = {"District": top, **dict(zip(NAMES, own, strict=True))}
    document = {
        "policies": {name: {"s": dict(fields)} for name, fields in reversed(given_settings.items())},
        "tenant_info": {"topLevelOU": "District"},
        "organizational_units": {"organizationUnits": listed},
    }
    found = settings(document)
    for name in given_settings:
        for field in ("f", "g"):
            here = name
            while field not in given_settings[here] and here != "District":
                here = above[here]
            assert found[name].get("s", {}).get(field) == given_settings[here].get(field)


def test_a_section_that_is_a_list_is_inherited_whole() -> None:
    document = {
        "policies": {"District": {"alerts": [{"state": "ON"}]}, "Staff": {"mail": {"imap": True}}, "Students": {"alerts": []}},
        "tenant_info": {"topLevelOU": "District"},
    }  # fmt: skip
    assert settings(document)["Staff"] == {"alerts": [{"state": "ON"}], "mail": {"imap": True}}
    assert settings(document)["Students"] == {"alerts": []}
