"""Where privileged accounts sign in: group before unit, the nearest unit above, and Google where nobody said."""

from __future__ import annotations

from typing import Any

from homeroom.engines.baselines.signing import VIEW, with_sign_in

UNITS = {
    "organizationUnits": [
        {"name": "District", "orgUnitPath": "/", "orgUnitId": "id:top", "parentOrgUnitPath": "/"},
        {"name": "Staff", "orgUnitPath": "/Staff", "orgUnitId": "id:staff", "parentOrgUnitPath": "/"},
        {"name": "IT", "orgUnitPath": "/Staff/IT", "orgUnitId": "id:it", "parentOrgUnitPath": "/Staff"},
    ]
}


def modes(*assignments: dict[str, str], groups: tuple[str, ...] = (), where: str = "Staff/IT", **more: Any) -> Any:
    user = {"primaryEmail": "director@example.org", "orgUnitPath": where, "groupKeys": list(groups)}
    document = {
        "privileged_users": [user],
        "inbound_sso_assignments": list(assignments),
        "organizational_units": UNITS,
        **more,
    }
    found = with_sign_in(document).get(VIEW)
    return found and [(one.get("mode"), one["set_by"]) for one in found]


def on(unit: str, mode: str = "SAML_SSO") -> dict[str, str]:
    return {"targetOrgUnit": f"orgUnits/{unit}", "ssoMode": mode}


def test_the_nearest_unit_above_decides() -> None:
    assert modes(on("top"), on("staff", "SSO_OFF")) == [("SSO_OFF", "the unit /Staff")]
    assert modes(on("top")) == [("SAML_SSO", "the unit /")]
    assert modes(on("it", "OIDC_SSO"), on("staff", "SSO_OFF")) == [("OIDC_SSO", "the unit /Staff/IT")]
    assert modes(on("staff"), where="") == [("SSO_OFF", "no assignment")]


def test_a_group_goes_before_the_unit_and_one_that_is_on_before_one_that_is_off() -> None:
    off = {"targetGroup": "groups/Admins@example.org", "ssoMode": "SSO_OFF"}
    other = {"targetGroup": "groups/g2", "ssoMode": "SAML_SSO"}
    assert modes(on("it"), off, groups=("admins@example.org",)) == [("SSO_OFF", "the group admins@example.org")]
    assert modes(off, other, groups=("admins@example.org", "g2")) == [("SAML_SSO", "the group g2")]


def test_an_assignment_that_does_not_say_whether_it_is_on_is_neither() -> None:
    assert modes({"targetOrgUnit": "orgUnits/it"}, on("top")) == [(None, "the unit /Staff/IT")]
    assert modes({"targetGroup": "groups/g2"}, groups=("g2",)) == [(None, "the group g2")]


def test_nothing_is_concluded_from_what_could_not_be_read() -> None:
    assert modes(inbound_sso_assignments_error="insufficient scope") is None
    assert modes(privileged_users_error="not authorised") is None
    assert with_sign_in({}) == {}
