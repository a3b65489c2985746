"""Test where privileged accounts sign in: the group first, then the nearest unit above, and Google by default."""

from __future__ import annotations

from typing import Any

from homeroom.engines.protect.baselines.single_sign_on import PRIVILEGED_SIGN_IN, add_privileged_sign_in

UNITS = {
    "organizationUnits": [
        {"name": "District", "orgUnitPath": "/", "orgUnitId": "id:top", "parentOrgUnitPath": "/"},
        {"name": "Staff", "orgUnitPath": "/Staff", "orgUnitId": "id:staff", "parentOrgUnitPath": "/"},
        {"name": "IT", "orgUnitPath": "/Staff/IT", "orgUnitId": "id:it", "parentOrgUnitPath": "/Staff"},
    ]
}


def list_sign_in_modes(
    *assignments: dict[str, str], groups: tuple[str, ...] = (), unit_path: str = "Staff/IT", **fields: Any
) -> Any:
    user = {"primaryEmail": "director@example.org", "orgUnitPath": unit_path, "groupKeys": list(groups)}
    document = {
        "privileged_users": [user],
        "inbound_sso_assignments": list(assignments),
        "organizational_units": UNITS,
        **fields,
    }
    sign_ins = add_privileged_sign_in(document).get(PRIVILEGED_SIGN_IN)
    return sign_ins and [(sign_in.get("mode"), sign_in["set_by"]) for sign_in in sign_ins]


def build_assignment(unit: str, mode: str = "SAML_SSO") -> dict[str, str]:
    return {"targetOrgUnit": f"orgUnits/{unit}", "ssoMode": mode}


def test_the_nearest_unit_above_decides() -> None:
    assert list_sign_in_modes(build_assignment("top"), build_assignment("staff", "SSO_OFF")) == [
        ("SSO_OFF", "the unit /Staff")
    ]
    assert list_sign_in_modes(build_assignment("top")) == [("SAML_SSO", "the unit /")]
    assert list_sign_in_modes(build_assignment("it", "OIDC_SSO"), build_assignment("staff", "SSO_OFF")) == [
        ("OIDC_SSO", "the unit /Staff/IT")
    ]
    assert list_sign_in_modes(build_assignment("staff"), unit_path="") == [("SSO_OFF", "no assignment")]


def test_a_group_goes_before_the_unit_and_one_that_is_on_before_one_that_is_off() -> None:
    disabled = {"targetGroup": "groups/Admins@example.org", "ssoMode": "SSO_OFF"}
    enabled = {"targetGroup": "groups/g2", "ssoMode": "SAML_SSO"}
    assert list_sign_in_modes(build_assignment("it"), disabled, groups=("admins@example.org",)) == [
        ("SSO_OFF", "the group admins@example.org")
    ]
    assert list_sign_in_modes(disabled, enabled, groups=("admins@example.org", "g2")) == [("SAML_SSO", "the group g2")]


def test_an_assignment_that_does_not_say_whether_it_is_on_is_neither() -> None:
    assert list_sign_in_modes({"targetOrgUnit": "orgUnits/it"}, build_assignment("top")) == [
        (None, "the unit /Staff/IT")
    ]
    assert list_sign_in_modes({"targetGroup": "groups/g2"}, groups=("g2",)) == [(None, "the group g2")]


def test_nothing_is_concluded_from_what_could_not_be_read() -> None:
    assert list_sign_in_modes(inbound_sso_assignments_error="insufficient scope") is None
    assert list_sign_in_modes(privileged_users_error="not authorized") is None
    assert add_privileged_sign_in({}) == {}
