"""The doors of a Microsoft 365 tenant: conditional access, administrators and their roles, guests, apps, ways of signing in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeroom.sample.tenancy import SCANNERS, YOUNG, Tenant

# Roles that can take everything, with the ids of their templates from Entra's list of built-in roles.
_ROLES: Final = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "SharePoint Administrator": "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
}
_LIMITED_GUEST: Final = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_ON: Final = "enabled"
_REPORTING: Final = "enabledForReportingButNotEnforced"


_A3: Final = ("AAD_PREMIUM", "EXCHANGE_S_ENTERPRISE", "INTUNE_A", "SHAREPOINTENTERPRISE_EDU", "TEAMS1")
_A5: Final = ("AAD_PREMIUM_P2", "ATP_ENTERPRISE", "M365_ADVANCED_AUDITING", "BI_AZURE_P2")


def furnish(tenant: Tenant) -> None:
    """Lay down every setting of Entra and say what is true of it."""
    plans = (*_A3, *(_A5 if tenant.dear else ()))
    tenant.settings["service_plans"] = [{"ServicePlanName": plan, "ProvisioningStatus": "Success"} for plan in plans]
    _access(tenant)
    _methods(tenant)
    _guests_and_consent(tenant)
    _apps(tenant)
    _domains(tenant)
    _administrators(tenant)
    _roles(tenant)


def _rule(name: str, *, state: str = _ON, grant: Sequence[str] = (), strength: Sequence[str] = (), **conditions: Any) -> dict[str, Any]:  # fmt: skip
    """A conditional access policy for everybody and every app, but for what `conditions` say otherwise."""
    everybody = {
        "IncludeUsers": ["All"], "ExcludeUsers": [], "IncludeGroups": [], "ExcludeGroups": [], "IncludeRoles": [],
        "ExcludeRoles": [], "ExcludeGuestsOrExternalUsers": None,
    }  # fmt: skip
    usual = {"ClientAppTypes": ["all"], "UserRiskLevels": [], "SignInRiskLevels": [], "AuthenticationFlows": None}
    apps = {"IncludeApplications": ["All"], "ExcludeApplications": [], "IncludeUserActions": []}
    users = {**everybody, **conditions.pop("Users", {})}
    return {
        "DisplayName": name,
        "State": state,
        "Conditions": {**usual, "Applications": apps, **conditions, "Users": users},
        "GrantControls": {
            "Operator": "OR",
            "BuiltInControls": list(grant),
            "AuthenticationStrength": {"AllowedCombinations": list(strength)} if strength else None,
        },
    }


def _access(tenant: Tenant) -> None:
    dear, old, keys, register, codes, attacks = (
        tenant.dear,
        *map(tenant.keeps, ("old sign-in", "keys", "registering", "codes", "attacks")),
    )
    if old:
        tenant.vouch("Aad", "MS.AAD.1.1v1", CapExclusions={"Users": [], "Groups": [SCANNERS]})
    only_tried = tenant.district.seed % 4 == 1
    roles = list(_ROLES.values()) if keys else list(_ROLES.values())[:-1]
    registering = {"IncludeApplications": [], "IncludeUserActions": ["urn:user:registersecurityinfo"]}
    rules = [
        _rule("Old sign-in", grant=["block"], ClientAppTypes=["exchangeActiveSync", "other"], Users={"ExcludeGroups": [SCANNERS]}),
        _rule("Second factor", state=_REPORTING if only_tried else _ON, grant=["mfa"], Users={"ExcludeGroups": [YOUNG]}),
        _rule("Keys", strength=["fido2"], Users={"IncludeUsers": [], "IncludeRoles": roles}),
        _rule("Registering", grant=["compliantDevice" if register else "mfa"], Applications=registering),
        _rule("Device codes", state=_ON if codes else "disabled", grant=["block"], AuthenticationFlows={"TransferMethods": "deviceCodeFlow"}),
    ]  # fmt: skip
    if dear:
        rules.append(_rule("Stolen accounts", grant=["block"], UserRiskLevels=["high"]))
        levels = ["high"] if attacks else ["medium"]
        rules.append(_rule("Attacks", grant=["block"], SignInRiskLevels=levels))
    tenant.settings["conditional_access_policies"] = rules
    tenant.says("entra-legacy-sign-in-blocked", fails=not old, near="The scanners that it leaves out are vouched for.")
    tenant.says("entra-second-factor-for-everybody", fails=only_tried, near="It leaves out the youngest pupils alone.")
    tenant.says(
        "entra-administrators-cannot-be-phished", fails=not keys, near="It is for roles, and names each of them."
    )
    tenant.says("entra-managed-device-to-register-a-factor", fails=not register)
    tenant.says("entra-device-code-blocked", fails=not codes)
    tenant.says("entra-risky-users-blocked", fails=not dear)
    tenant.says("entra-risky-sign-ins-blocked", fails=not (dear and attacks))
    tenant.says("entra-risky-agents-blocked", fails=True)


def _methods(tenant: Tenant) -> None:
    told, migrated, strong = map(tenant.keeps, ("place shown", "migration", "weak factors"))
    shown, place = _shown("all_users"), _shown("all_users" if told else YOUNG)
    app = {
        "Id": "MicrosoftAuthenticator", "State": "enabled", "IsSoftwareOathEnabled": False,
        "FeatureSettings": {"DisplayAppInformationRequiredState": shown, "DisplayLocationInformationRequiredState": place},
    }  # fmt: skip
    weak = [
        {"Id": "Sms", "State": "disabled" if strong else "enabled"},
        {"Id": "Voice", "State": "disabled"},
        {"Id": "Email", "State": "disabled"},
    ]
    state = "migrationComplete" if migrated else "migrationInProgress"
    tenant.settings["authentication_method"] = [
        {
            "authentication_method_policy": {"PolicyMigrationState": state},
            "authentication_method_feature_settings": [app, *weak],
        }
    ]
    tenant.says("entra-authenticator-shows-where-and-what", fails=not told)
    tenant.says("entra-authentication-methods-in-one-place", fails=not migrated)
    tenant.says("entra-weak-factors-off", fails=not strong)


def _shown(to: str) -> Mapping[str, Any]:
    return {"State": "enabled", "IncludeTarget": {"Id": to, "TargetType": "group"}}


def _guests_and_consent(tenant: Tenant) -> None:
    place = "authorizationPolicy"
    registers, consents, invites, asks = map(tenant.keeps, ("app registration", "consent", "invitations", "asking"))
    consent = [] if consents else ["ManagePermissionGrantsForSelf.microsoft-user-default-low"]
    tenant.settings["authorization_policies"] = [
        {
            "Id": place,
            "DefaultUserRolePermissions": {"AllowedToCreateApps": not registers},
            "PermissionGrantPolicyIdsAssignedToDefaultUserRole": consent,
            "GuestUserRoleId": _LIMITED_GUEST,
            "AllowInvitesFrom": "adminsAndGuestInviters" if invites else "everyone",
        }
    ]
    tenant.settings["risky_delegated_permission_classifications"] = []
    asked = {"Name": "EnableAdminConsentRequests", "Value": "true" if asks else "false"}
    tenant.settings["directory_settings"] = [{"DisplayName": "Consent Policy Settings", "Values": [asked]}]
    tenant.says("entra-only-administrators-register-apps", fails=not registers, place=place)
    near = "People may let in what an administrator called harmless, and nothing there reads mail or files."
    tenant.says("entra-people-let-no-app-in", near="" if consents else near, place=place)
    tenant.says("entra-guests-see-little", near="Not the least that a guest can see, and little enough.", place=place)
    tenant.says("entra-few-invite-guests", fails=not invites, place=place)
    tenant.says("entra-people-can-ask-for-an-app", fails=not asks)


def _apps(tenant: Tenant) -> None:
    """Where apps are limited at all, their passwords last a year: twice what they should."""
    limited = tenant.keeps("limits of apps")
    always = "/Date(-62135596800000)/"

    def of(kind: str, lasts: str | None) -> dict[str, Any]:
        return {"RestrictionType": kind, "State": "enabled", "MaxLifetime": lasts, "RestrictForAppsCreatedAfterDateTime": always}  # fmt: skip

    limits = {
        "PasswordCredentials": [of("passwordAddition", None), of("passwordLifetime", "P365D")],
        "KeyCredentials": [of("asymmetricKeyLifetime", "P365D")],
    }
    tenant.settings["default_app_management_policy"] = [
        {"IsEnabled": limited, "ApplicationRestrictions": limits, "ServicePrincipalRestrictions": limits}
    ]
    tenant.says("entra-apps-have-no-passwords", fails=not limited)
    tenant.says("entra-app-passwords-end", fails=True)
    tenant.says("entra-app-certificates-end", fails=not limited, near="A year to the day.")


def _domains(tenant: Tenant) -> None:
    never = tenant.keeps("password period")
    days = 2_147_483_647 if never else 365
    common = {"IsVerified": True, "AuthenticationType": "Managed"}
    tenant.settings["domain_settings"] = [
        {**common, "Id": tenant.domain, "IsRoot": True, "PasswordValidityPeriodInDays": days},
        {**common, "Id": f"students.{tenant.domain}", "IsRoot": False, "PasswordValidityPeriodInDays": None},
    ]
    why = "The domain of pupils names no period, and has that of the one above it."
    tenant.says("entra-passwords-do-not-expire", fails=not never, near=why)


def _administrators(tenant: Tenant) -> None:
    """Who administers; in some tenants one of the employees' accounts comes from the domain controller."""
    everything, others = tenant.globals_, [one for one in tenant.administrators if one not in tenant.globals_]
    from_premises = not tenant.keeps("cloud accounts") and bool(tenant.administrators)
    people = {
        one: {
            "DisplayName": f"Administrator {number}",
            "roles": ["Global Administrator"] if one in everything else ["User Administrator"],
            "OnPremisesImmutableId": "q1w2e3r4t5y6u7i8o9==" if from_premises and one == tenant.administrators[-1] else None,
        }
        for number, one in enumerate(dict.fromkeys((*everything, *others)), start=1)
    }  # fmt: skip
    tenant.settings["privileged_users"] = people
    few = 2 <= len(everything) <= 8
    tenant.says("entra-two-to-eight-global-administrators", fails=not few)
    tenant.says("entra-fewer-global-administrators-than-others", fails=not few or len(others) < len(everything))
    tenant.says("entra-administrators-are-cloud-only", fails=from_premises)


def _roles(tenant: Tenant) -> None:
    """Roles that are lent for an hour: only A5 can, and what is not lent through it says nothing of when it ends."""
    dear, vouched, approved, told = tenant.dear, *map(tenant.keeps, ("emergency", "approval", "roles told"))
    if dear and vouched:
        tenant.vouch("Aad", "MS.AAD.7.4v1", RoleExclusions={"Users": list(tenant.emergency), "Groups": []})
    tenant.settings["privileged_roles"] = [_role(tenant, name, key) for name, key in _ROLES.items()]
    near = "Only the emergency accounts, and those are vouched for."
    tenant.says("entra-no-permanent-administrators", fails=not (dear and vouched), near=near)
    tenant.says("entra-roles-come-through-pim", fails=not dear)
    tenant.says("entra-global-administrator-needs-approval", fails=not (dear and approved))
    tenant.says("entra-new-administrators-are-reported", fails=not dear)
    tenant.says("entra-active-global-administrators-are-reported", fails=not dear)
    tenant.says("entra-other-active-administrators-are-reported", fails=not (dear and told))


def _role(tenant: Tenant, name: str, key: str) -> dict[str, Any]:
    role: dict[str, Any] = {"DisplayName": name, "RoleTemplateId": key}
    if not tenant.dear:
        return role
    begun, over = "/Date(1767225600000)/", "/Date(4102444800000)/"
    everything = name == "Global Administrator"
    holders = tenant.globals_ if everything else tenant.administrators[1:] if name == "User Administrator" else ()
    mailbox = [f"technology@{tenant.domain}"]
    used = mailbox if everything or tenant.keeps("roles told") else []
    mail = {"NotificationType": "Email", "Setting": None}
    rules = [
        {"Id": "Notification_Admin_Admin_Assignment", "NotificationRecipients": mailbox, **mail},
        {"Id": "Notification_Admin_Admin_Eligibility", "NotificationRecipients": mailbox, **mail},
        {"Id": "Notification_Admin_EndUser_Assignment", "NotificationRecipients": used, **mail},
        {"Id": "Approval_EndUser_Assignment", "NotificationType": None, "Setting": {"IsApprovalRequired": tenant.keeps("approval")}},
    ]  # fmt: skip
    held = [
        {"PrincipalId": one, "StartDateTime": begun, "EndDateTime": None if one in tenant.emergency else over}
        for one in holders
    ]
    return {**role, "Assignments": held, "Rules": rules}
