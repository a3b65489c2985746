"""Test units and groups: their own settings, inherited settings, and settings seen only in the admin log."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from homeroom.engines.protect.baselines.units import DELETED, build_units, find_top_unit

TREE = {
    "organizationUnits": [
        {"name": "Students", "orgUnitPath": "/Students", "parentOrgUnitPath": "/"},
        {"name": "Elementary", "orgUnitPath": "/Students/Elementary", "parentOrgUnitPath": "/Students"},
    ]
}


def build_log_entry(
    setting: str, value: str | None, unit: str = "", *, day: int = 1, group: str = ""
) -> dict[str, Any]:
    parameters = {"SETTING_NAME": setting, "NEW_VALUE": value, "ORG_UNIT_NAME": unit, "GROUP_EMAIL": group}
    name = "DELETE_APPLICATION_SETTING" if value is None else "CHANGE_APPLICATION_SETTING"
    parameter_list = [{"name": key, "value": text} for key, text in parameters.items() if text]
    return {"id": {"time": f"2026-01-{day:02d}T08:00:00Z"}, "events": [{"name": name, "parameters": parameter_list}]}


def build_log_document(*items: dict[str, Any], top: str = "District", **fields: Any) -> dict[str, Any]:
    return {"gmail_logs": {"items": list(items)}, "tenant_info": {"topLevelOU": top}, **fields}


def get_settings_by_unit(document: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {unit.name: unit.settings for unit in build_units(document, **options)}


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
    units_by_name = {unit.name: unit for unit in build_units(document)}
    assert units_by_name["Elementary"].settings == {"mail": {"imap": False, "pop": False}}
    assert units_by_name["Elementary"].set_at == {("mail", "imap"): "Students", ("mail", "pop"): "Elementary"}
    assert [unit.parent for unit in units_by_name.values()] == ["", "District", "Students"]


def test_units_named_by_path_find_the_unit_above_them() -> None:
    document = {
        "policies": {
            "District": {"mail": {"imap": True}},
            "/Students": {"mail": {"imap": False}},
            "/Students/Elementary": {},
        },
        "tenant_info": {"topLevelOU": "District"},
        "organizational_units": TREE,
    }
    assert get_settings_by_unit(document)["/Students/Elementary"] == {"mail": {"imap": False}}


def test_the_newest_entry_of_the_log_counts_and_a_deleted_one_inherits() -> None:
    document = build_log_document(
        build_log_entry("warn", "on", "District", day=3), build_log_entry("warn", "off", "District", day=2),
        build_log_entry("warn", "off", "Staff", day=2), build_log_entry("warn", None, "Staff", day=4),
        build_log_entry("look", "on", "District"), build_log_entry("look", None, "District", day=2),
    )  # fmt: skip
    assert get_settings_by_unit(document) == {
        "District": {"changes": {"warn": "on", "look": DELETED}},
        "Staff": {"changes": {"warn": "on", "look": DELETED}},
    }


def test_a_group_inherits_from_the_unit_beside_it() -> None:
    document = build_log_document(
        build_log_entry("warn", "on", "District"),
        build_log_entry("look", "x", "Staff"),
        build_log_entry("warn", "off", "Staff", group="pilot@example.org"),
    )
    kinds = {unit.name: unit.kind for unit in build_units(document)}
    assert kinds == {"District": "unit", "Staff": "unit", "pilot@example.org": "group"}
    assert get_settings_by_unit(document)["pilot@example.org"] == {"changes": {"warn": "off", "look": "x"}}


def test_a_setting_that_the_console_renamed_is_one_setting() -> None:
    document = build_log_document(
        build_log_entry("Old name", "true", "District", day=1), build_log_entry("New name", "false", "District", day=2)
    )
    assert get_settings_by_unit(document, renamed={"New name": "Old name"}) == {
        "District": {"changes": {"Old name": "false"}}
    }


def test_units_that_are_gone_leave_no_trace() -> None:
    document = build_log_document(
        build_log_entry("warn", "off", "Closed school"), organizational_unit_names=["District", "Staff"]
    )
    assert get_settings_by_unit(document) == {"District": {}}


def test_the_top_is_the_only_unit_of_the_log_where_nobody_names_it() -> None:
    assert find_top_unit(build_log_document(build_log_entry("warn", "on", "District"), top="")) == "District"
    assert (
        find_top_unit(
            build_log_document(build_log_entry("warn", "on", "A"), build_log_entry("warn", "on", "B"), top="")
        )
        == ""
    )
    assert find_top_unit({}) == ""


def test_an_entry_without_a_time_and_a_circle_of_units_do_no_harm() -> None:
    broken = {"id": {}, "events": [{"parameters": [{"name": "SETTING_NAME", "value": "x"}]}]}
    circle = [
        {"name": "A", "orgUnitPath": "/A", "parentOrgUnitPath": "/B"},
        {"name": "B", "orgUnitPath": "/B", "parentOrgUnitPath": "/A"},
    ]
    document = build_log_document(
        broken,
        policies={"District": {"s": {"f": 1}}, "A": {}, "B": {}},
        organizational_units={"organizationUnits": circle},
    )
    assert get_settings_by_unit(document)["A"] == {"s": {"f": 1}}


NAMES = ["u1", "u2", "u3", "u4", "u5"]
OWN_SETTINGS = st.dictionaries(st.sampled_from(["f", "g"]), st.booleans(), max_size=2)


@how(max_examples=40)
@given(
    parents=st.lists(st.integers(0, 4), min_size=5, max_size=5),
    own=st.lists(OWN_SETTINGS, min_size=5, max_size=5),
    top=OWN_SETTINGS,
)
def test_every_unit_has_each_setting_of_the_nearest_unit_above_that_sets_it(
    parents: list[int], own: list[dict[str, bool]], top: dict[str, bool]
) -> None:
    """Place unit n below the top or below an earlier unit, so that the units form a tree."""
    parent_by_name = {
        name: "District" if index == 0 or parents[index] >= index else NAMES[parents[index]]
        for index, name in enumerate(NAMES)
    }
    unit_rows = [
        {"name": name, "orgUnitPath": f"/{name}", "parentOrgUnitPath": "/" if parent == "District" else f"/{parent}"}
        for name, parent in parent_by_name.items()
    ]
    own_settings = {"District": top, **dict(zip(NAMES, own, strict=True))}
    document = {
        "policies": {name: {"s": dict(fields)} for name, fields in reversed(own_settings.items())},
        "tenant_info": {"topLevelOU": "District"},
        "organizational_units": {"organizationUnits": unit_rows},
    }
    inherited = get_settings_by_unit(document)
    for name in own_settings:
        for field in ("f", "g"):
            source_unit = name
            while field not in own_settings[source_unit] and source_unit != "District":
                source_unit = parent_by_name[source_unit]
            assert inherited[name].get("s", {}).get(field) == own_settings[source_unit].get(field)


def test_a_section_that_is_a_list_is_inherited_whole() -> None:
    document = {
        "policies": {
            "District": {"alerts": [{"state": "ON"}]},
            "Staff": {"mail": {"imap": True}},
            "Students": {"alerts": []},
        },
        "tenant_info": {"topLevelOU": "District"},
    }
    assert get_settings_by_unit(document)["Staff"] == {"alerts": [{"state": "ON"}], "mail": {"imap": True}}
    assert get_settings_by_unit(document)["Students"] == {"alerts": []}
