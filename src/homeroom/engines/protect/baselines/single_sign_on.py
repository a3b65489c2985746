"""Single sign-on of privileged accounts: the assignment that takes effect for each of them.

Of the assignments of Cloud Identity (inboundSsoAssignments), one for a group of the account goes before one for its
organizational unit, and a unit without one has that of the nearest unit above it. Without any, Google itself signs in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.engines.protect.baselines.shapes import ensure_list, ensure_mapping, select_mappings

OFF = "SSO_OFF"
PRIVILEGED_SIGN_IN = "privileged_sign_in"


def add_privileged_sign_in(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document with `privileged_sign_in`: [{primaryEmail, unit, mode, set_by}].

    The document stays unchanged where it lists no privileged accounts or no assignments, or where reading either of
    them failed.
    """
    lists = ("privileged_users", "inbound_sso_assignments")
    if any(not isinstance(document.get(key), list) or document.get(f"{key}_error") for key in lists):
        return document
    users = select_mappings(document["privileged_users"])
    assignments = select_mappings(document["inbound_sso_assignments"])
    by_group = {
        _extract_id(assignment["targetGroup"]): _get_mode(assignment)
        for assignment in assignments
        if assignment.get("targetGroup")
    }
    by_unit = {
        _extract_id(assignment["targetOrgUnit"]): _get_mode(assignment)
        for assignment in assignments
        if assignment.get("targetOrgUnit")
    }
    ids = {
        _normalize_path(unit.get("orgUnitPath")): _extract_id(unit.get("orgUnitId")) for unit in _get_units(document)
    }
    return {**document, PRIVILEGED_SIGN_IN: [_resolve_sign_in(user, by_group, by_unit, ids) for user in users]}


def _resolve_sign_in(
    user: Mapping[str, Any], by_group: Mapping[str, str], by_unit: Mapping[str, str], ids: Mapping[str, str]
) -> dict[str, str]:
    unit = _normalize_path(user.get("orgUnitPath"))
    row = {"primaryEmail": str(user.get("primaryEmail", "")), "unit": unit}
    groups = [(key, by_group[key]) for key in map(_extract_id, ensure_list(user.get("groupKeys"))) if key in by_group]
    if groups:
        key, mode = next((group for group in groups if group[1] != OFF), groups[0])
        return {**row, **_build_mode_entry(mode), "set_by": f"the group {key}"}
    for ancestor in _iterate_ancestors(unit):
        if ids.get(ancestor) in by_unit:
            return {**row, **_build_mode_entry(by_unit[ids[ancestor]]), "set_by": f"the unit {ancestor}"}
    return {**row, "mode": OFF, "set_by": "no assignment"}


def _get_units(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return select_mappings(ensure_mapping(document.get("organizational_units")).get("organizationUnits"))


def _get_mode(assignment: Mapping[str, Any]) -> str:
    return str(assignment.get("ssoMode") or "")


def _build_mode_entry(mode: str) -> dict[str, str]:
    """Return the mode as an entry; empty where the assignment has none, which is neither on nor off."""
    return {"mode": mode} if mode else {}


def _extract_id(name: Any) -> str:
    """Return the id of `orgUnits/03ph8a2z`, `id:03ph8a2z` or `groups/staff@example.org`, in lower case."""
    return str(name or "").rsplit("/", 1)[-1].removeprefix("id:").lower()


def _normalize_path(text: Any) -> str:
    return "/" + str(text or "").strip("/")


def _iterate_ancestors(unit: str) -> Iterator[str]:
    while unit != "/":
        yield unit
        unit = unit.rsplit("/", 1)[0] or "/"
    yield "/"
