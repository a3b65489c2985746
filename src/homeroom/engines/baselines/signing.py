"""Where privileged accounts sign in: the single sign-on assignment that takes effect for each of them.

Of the assignments of Cloud Identity (inboundSsoAssignments), one for a group of the account goes before one for its
organisational unit, and a unit without one has that of the nearest unit above it. Without any, Google itself asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.engines.baselines.shapes import listed, mapping, mappings

OFF = "SSO_OFF"
VIEW = "privileged_sign_in"


def with_sign_in(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with `privileged_sign_in`: [{primaryEmail, unit, mode, set_by}].

    Left as it is where it lists no privileged accounts or no assignments, or where reading either of them failed.
    """
    lists = ("privileged_users", "inbound_sso_assignments")
    if any(not isinstance(document.get(key), list) or document.get(f"{key}_error") for key in lists):
        return document
    users = mappings(document["privileged_users"])
    assignments = mappings(document["inbound_sso_assignments"])
    by_group = {_tail(one["targetGroup"]): _mode(one) for one in assignments if one.get("targetGroup")}
    by_unit = {_tail(one["targetOrgUnit"]): _mode(one) for one in assignments if one.get("targetOrgUnit")}
    ids = {_path(unit.get("orgUnitPath")): _tail(unit.get("orgUnitId")) for unit in _units(document)}
    return {**document, VIEW: [_effective(user, by_group, by_unit, ids) for user in users]}


def _effective(
    user: Mapping[str, Any], by_group: Mapping[str, str], by_unit: Mapping[str, str], ids: Mapping[str, str]
) -> dict[str, str]:
    unit = _path(user.get("orgUnitPath"))
    row = {"primaryEmail": str(user.get("primaryEmail", "")), "unit": unit}
    groups = [(key, by_group[key]) for key in map(_tail, listed(user.get("groupKeys"))) if key in by_group]
    if groups:
        key, mode = next((one for one in groups if one[1] != OFF), groups[0])
        return {**row, **_said(mode), "set_by": f"the group {key}"}
    for above in _upwards(unit):
        if ids.get(above) in by_unit:
            return {**row, **_said(by_unit[ids[above]]), "set_by": f"the unit {above}"}
    return {**row, "mode": OFF, "set_by": "no assignment"}


def _units(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return mappings(mapping(document.get("organizational_units")).get("organizationUnits"))


def _mode(assignment: Mapping[str, Any]) -> str:
    return str(assignment.get("ssoMode") or "")


def _said(mode: str) -> dict[str, str]:
    """The mode; nothing where the assignment does not say it, which is neither on nor off."""
    return {"mode": mode} if mode else {}


def _tail(name: Any) -> str:
    """The id in `orgUnits/03ph8a2z`, `id:03ph8a2z` or `groups/staff@example.org`, in lower case."""
    return str(name or "").rsplit("/", 1)[-1].removeprefix("id:").lower()


def _path(written: Any) -> str:
    return "/" + str(written or "").strip("/")


def _upwards(unit: str) -> Iterator[str]:
    while unit != "/":
        yield unit
        unit = unit.rsplit("/", 1)[0] or "/"
    yield "/"
