"""The Entra settings of a Microsoft 365 tenant: conditional access, roles, guests, apps, sign-in methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeroom.sample.tenants.microsoft_tenant import SCANNERS_GROUP, YOUNG_STUDENTS_GROUP, MicrosoftTenant

# Privileged roles, with the ids of their templates from Entra's list of built-in roles.
_ROLES: Final = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "SharePoint Administrator": "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
}
_LIMITED_GUEST: Final = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_ON: Final = "enabled"
_REPORT_ONLY: Final = "enabledForReportingButNotEnforced"


_A3: Final = ("AAD_PREMIUM", "EXCHANGE_S_ENTERPRISE", "INTUNE_A", "SHAREPOINTENTERPRISE_EDU", "TEAMS1")
_A5: Final = ("AAD_PREMIUM_P2", "ATP_ENTERPRISE", "M365_ADVANCED_AUDITING", "BI_AZURE_P2")


def configure_entra(tenant: MicrosoftTenant) -> None:
    """Configure every setting of Entra and record what is true of it."""
    service_plans = (*_A3, *(_A5 if tenant.has_a5 else ()))
    tenant.settings["service_plans"] = [
        {"ServicePlanName": plan, "ProvisioningStatus": "Success"} for plan in service_plans
    ]
    _configure_access(tenant)
    _configure_methods(tenant)
    _configure_guests_and_consent(tenant)
    _configure_apps(tenant)
    _configure_domains(tenant)
    _configure_administrators(tenant)
    _configure_roles(tenant)


def _build_policy(
    name: str, *, state: str = _ON, grant: Sequence[str] = (), strength: Sequence[str] = (), **conditions: Any
) -> dict[str, Any]:
    """Build a conditional access policy for all users and all apps, except for what `conditions` override."""
    all_users = {
        "IncludeUsers": ["All"], "ExcludeUsers": [], "IncludeGroups": [], "ExcludeGroups": [], "IncludeRoles": [],
        "ExcludeRoles": [], "ExcludeGuestsOrExternalUsers": None,
    }  # fmt: skip
    defaults = {"ClientAppTypes": ["all"], "UserRiskLevels": [], "SignInRiskLevels": [], "AuthenticationFlows": None}
    apps = {"IncludeApplications": ["All"], "ExcludeApplications": [], "IncludeUserActions": []}
    users = {**all_users, **conditions.pop("Users", {})}
    return {
        "DisplayName": name,
        "State": state,
        "Conditions": {**defaults, "Applications": apps, **conditions, "Users": users},
        "GrantControls": {
            "Operator": "OR",
            "BuiltInControls": list(grant),
            "AuthenticationStrength": {"AllowedCombinations": list(strength)} if strength else None,
        },
    }


def _configure_access(tenant: MicrosoftTenant) -> None:
    has_a5, blocks_legacy, requires_keys, requires_managed_device, blocks_device_codes, blocks_attacks = (
        tenant.has_a5,
        *map(tenant.is_secured, ("old sign-in", "keys", "registering", "codes", "attacks")),
    )
    if blocks_legacy:
        tenant.add_scuba_config("Aad", "MS.AAD.1.1v1", CapExclusions={"Users": [], "Groups": [SCANNERS_GROUP]})
    is_report_only = tenant.district.seed % 4 == 1
    roles = list(_ROLES.values()) if requires_keys else list(_ROLES.values())[:-1]
    registering = {"IncludeApplications": [], "IncludeUserActions": ["urn:user:registersecurityinfo"]}
    rules = [
        _build_policy(
            "Old sign-in",
            grant=["block"],
            ClientAppTypes=["exchangeActiveSync", "other"],
            Users={"ExcludeGroups": [SCANNERS_GROUP]},
        ),
        _build_policy(
            "Second factor",
            state=_REPORT_ONLY if is_report_only else _ON,
            grant=["mfa"],
            Users={"ExcludeGroups": [YOUNG_STUDENTS_GROUP]},
        ),
        _build_policy("Keys", strength=["fido2"], Users={"IncludeUsers": [], "IncludeRoles": roles}),
        _build_policy(
            "Registering", grant=["compliantDevice" if requires_managed_device else "mfa"], Applications=registering
        ),
        _build_policy(
            "Device codes",
            state=_ON if blocks_device_codes else "disabled",
            grant=["block"],
            AuthenticationFlows={"TransferMethods": "deviceCodeFlow"},
        ),
    ]
    if has_a5:
        rules.append(_build_policy("Stolen accounts", grant=["block"], UserRiskLevels=["high"]))
        levels = ["high"] if blocks_attacks else ["medium"]
        rules.append(_build_policy("Attacks", grant=["block"], SignInRiskLevels=levels))
    tenant.settings["conditional_access_policies"] = rules
    tenant.record_policy(
        "entra-legacy-sign-in-blocked", fails=not blocks_legacy, near="The scanners that it leaves out are vouched for."
    )
    tenant.record_policy(
        "entra-second-factor-for-everybody", fails=is_report_only, near="It leaves out the youngest students alone."
    )
    tenant.record_policy(
        "entra-administrators-cannot-be-phished",
        fails=not requires_keys,
        near="It is for roles, and names each of them.",
    )
    tenant.record_policy("entra-managed-device-to-register-a-factor", fails=not requires_managed_device)
    tenant.record_policy("entra-device-code-blocked", fails=not blocks_device_codes)
    tenant.record_policy("entra-risky-users-blocked", fails=not has_a5)
    tenant.record_policy("entra-risky-sign-ins-blocked", fails=not (has_a5 and blocks_attacks))
    tenant.record_policy("entra-risky-agents-blocked", fails=True)


def _configure_methods(tenant: MicrosoftTenant) -> None:
    shows_location, migrated, weak_off = map(tenant.is_secured, ("place shown", "migration", "weak factors"))
    app_display, location_display = (
        _build_display_setting("all_users"),
        _build_display_setting("all_users" if shows_location else YOUNG_STUDENTS_GROUP),
    )
    app = {
        "Id": "MicrosoftAuthenticator",
        "State": "enabled",
        "IsSoftwareOathEnabled": False,
        "FeatureSettings": {
            "DisplayAppInformationRequiredState": app_display,
            "DisplayLocationInformationRequiredState": location_display,
        },
    }
    weak = [
        {"Id": "Sms", "State": "disabled" if weak_off else "enabled"},
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
    tenant.record_policy("entra-authenticator-shows-where-and-what", fails=not shows_location)
    tenant.record_policy("entra-authentication-methods-in-one-place", fails=not migrated)
    tenant.record_policy("entra-weak-factors-off", fails=not weak_off)


def _build_display_setting(group: str) -> Mapping[str, Any]:
    return {"State": "enabled", "IncludeTarget": {"Id": group, "TargetType": "group"}}


def _configure_guests_and_consent(tenant: MicrosoftTenant) -> None:
    policy_id = "authorizationPolicy"
    registers, consents, invites, asks = map(
        tenant.is_secured, ("app registration", "consent", "invitations", "asking")
    )
    consent = [] if consents else ["ManagePermissionGrantsForSelf.microsoft-user-default-low"]
    tenant.settings["authorization_policies"] = [
        {
            "Id": policy_id,
            "DefaultUserRolePermissions": {"AllowedToCreateApps": not registers},
            "PermissionGrantPolicyIdsAssignedToDefaultUserRole": consent,
            "GuestUserRoleId": _LIMITED_GUEST,
            "AllowInvitesFrom": "adminsAndGuestInviters" if invites else "everyone",
        }
    ]
    tenant.settings["risky_delegated_permission_classifications"] = []
    consent_requests = {"Name": "EnableAdminConsentRequests", "Value": "true" if asks else "false"}
    tenant.settings["directory_settings"] = [{"DisplayName": "Consent Policy Settings", "Values": [consent_requests]}]
    tenant.record_policy("entra-only-administrators-register-apps", fails=not registers, place=policy_id)
    near = "People may let in what an administrator called harmless, and nothing there reads mail or files."
    tenant.record_policy("entra-people-let-no-app-in", near="" if consents else near, place=policy_id)
    tenant.record_policy(
        "entra-guests-see-little", near="Not the least that a guest can see, and little enough.", place=policy_id
    )
    tenant.record_policy("entra-few-invite-guests", fails=not invites, place=policy_id)
    tenant.record_policy("entra-people-can-ask-for-an-app", fails=not asks)


def _configure_apps(tenant: MicrosoftTenant) -> None:
    """Configure app limits; where apps are limited, passwords last a year, twice the recommended time."""
    limited = tenant.is_secured("limits of apps")
    always = "/Date(-62135596800000)/"

    def build_restriction(restriction: str, lifetime: str | None) -> dict[str, Any]:
        return {
            "RestrictionType": restriction,
            "State": "enabled",
            "MaxLifetime": lifetime,
            "RestrictForAppsCreatedAfterDateTime": always,
        }

    limits = {
        "PasswordCredentials": [
            build_restriction("passwordAddition", None),
            build_restriction("passwordLifetime", "P365D"),
        ],
        "KeyCredentials": [build_restriction("asymmetricKeyLifetime", "P365D")],
    }
    tenant.settings["default_app_management_policy"] = [
        {"IsEnabled": limited, "ApplicationRestrictions": limits, "ServicePrincipalRestrictions": limits}
    ]
    tenant.record_policy("entra-apps-have-no-passwords", fails=not limited)
    tenant.record_policy("entra-app-passwords-end", fails=True)
    tenant.record_policy("entra-app-certificates-end", fails=not limited, near="A year to the day.")


def _configure_domains(tenant: MicrosoftTenant) -> None:
    never = tenant.is_secured("password period")
    days = 2_147_483_647 if never else 365
    common = {"IsVerified": True, "AuthenticationType": "Managed"}
    tenant.settings["domain_settings"] = [
        {**common, "Id": tenant.domain, "IsRoot": True, "PasswordValidityPeriodInDays": days},
        {**common, "Id": f"students.{tenant.domain}", "IsRoot": False, "PasswordValidityPeriodInDays": None},
    ]
    reason = "The domain of students names no period, and has that of the one above it."
    tenant.record_policy("entra-passwords-do-not-expire", fails=not never, near=reason)


def _configure_administrators(tenant: MicrosoftTenant) -> None:
    """Configure the administrators; in some tenants one employee's account comes from the domain controller."""
    global_admins, further_admins = (
        tenant.global_administrators,
        [principal for principal in tenant.administrators if principal not in tenant.global_administrators],
    )
    from_premises = not tenant.is_secured("cloud accounts") and bool(tenant.administrators)
    people = {
        principal: {
            "DisplayName": f"Administrator {number}",
            "roles": ["Global Administrator"] if principal in global_admins else ["User Administrator"],
            "OnPremisesImmutableId": "q1w2e3r4t5y6u7i8o9=="
            if from_premises and principal == tenant.administrators[-1]
            else None,
        }
        for number, principal in enumerate(dict.fromkeys((*global_admins, *further_admins)), start=1)
    }
    tenant.settings["privileged_users"] = people
    is_within_limits = 2 <= len(global_admins) <= 8
    tenant.record_policy("entra-two-to-eight-global-administrators", fails=not is_within_limits)
    tenant.record_policy(
        "entra-fewer-global-administrators-than-others",
        fails=not is_within_limits or len(further_admins) < len(global_admins),
    )
    tenant.record_policy("entra-administrators-are-cloud-only", fails=from_premises)


def _configure_roles(tenant: MicrosoftTenant) -> None:
    """Configure roles that are granted for an hour.

    Only A5 can do so; a role outside it has no end date.
    """
    has_a5, has_exclusions, approved, reports_activations = (
        tenant.has_a5,
        *map(tenant.is_secured, ("emergency", "approval", "roles told")),
    )
    if has_a5 and has_exclusions:
        tenant.add_scuba_config(
            "Aad", "MS.AAD.7.4v1", RoleExclusions={"Users": list(tenant.emergency_accounts), "Groups": []}
        )
    tenant.settings["privileged_roles"] = [_build_role(tenant, name, key) for name, key in _ROLES.items()]
    near = "Only the emergency accounts, and those are vouched for."
    tenant.record_policy("entra-no-permanent-administrators", fails=not (has_a5 and has_exclusions), near=near)
    tenant.record_policy("entra-roles-come-through-pim", fails=not has_a5)
    tenant.record_policy("entra-global-administrator-needs-approval", fails=not (has_a5 and approved))
    tenant.record_policy("entra-new-administrators-are-reported", fails=not has_a5)
    tenant.record_policy("entra-active-global-administrators-are-reported", fails=not has_a5)
    tenant.record_policy("entra-other-active-administrators-are-reported", fails=not (has_a5 and reports_activations))


def _build_role(tenant: MicrosoftTenant, name: str, key: str) -> dict[str, Any]:
    role: dict[str, Any] = {"DisplayName": name, "RoleTemplateId": key}
    if not tenant.has_a5:
        return role
    start, end = "/Date(1767225600000)/", "/Date(4102444800000)/"
    is_global = name == "Global Administrator"
    holders = (
        tenant.global_administrators if is_global else tenant.administrators[1:] if name == "User Administrator" else ()
    )
    mailbox = [f"technology@{tenant.domain}"]
    activation_recipients = mailbox if is_global or tenant.is_secured("roles told") else []
    mail = {"NotificationType": "Email", "Setting": None}
    rules = [
        {"Id": "Notification_Admin_Admin_Assignment", "NotificationRecipients": mailbox, **mail},
        {"Id": "Notification_Admin_Admin_Eligibility", "NotificationRecipients": mailbox, **mail},
        {"Id": "Notification_Admin_EndUser_Assignment", "NotificationRecipients": activation_recipients, **mail},
        {
            "Id": "Approval_EndUser_Assignment",
            "NotificationType": None,
            "Setting": {"IsApprovalRequired": tenant.is_secured("approval")},
        },
    ]
    assignments = [
        {
            "PrincipalId": holder,
            "StartDateTime": start,
            "EndDateTime": None if holder in tenant.emergency_accounts else end,
        }
        for holder in holders
    ]
    return {**role, "Assignments": assignments, "Rules": rules}
