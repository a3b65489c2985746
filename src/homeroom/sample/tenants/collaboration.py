"""Collaboration settings of a Microsoft 365 tenant: SharePoint, Teams, Power Platform and Power BI."""

from __future__ import annotations

from typing import Final

from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.tenants.microsoft_tenant import MicrosoftTenant

_EVENING: Final = "Tag:Open evening"
_GLOBAL: Final = "Global"


def configure_collaboration(tenant: MicrosoftTenant) -> None:
    """Configure every collaboration setting and record what is true of it."""
    _configure_files(tenant)
    _configure_meetings(tenant)
    _configure_chat(tenant)
    _configure_teams_apps(tenant)
    _configure_power_platform(tenant)
    _configure_power_bi(tenant)


def _configure_files(tenant: MicrosoftTenant) -> None:
    """Configure file sharing.

    0 is nobody outside, 1 new and known guests, 2 anybody, 3 known guests. With known guests only, nobody can create a
    link for anyone.
    """
    restricts_to_guests, private, narrow, gentle, codes = map(
        tenant.is_secured, ("guests", "private files", "partners", "links", "codes")
    )
    tenant.settings["SPO_tenant"] = [
        {
            "SharingCapability": 3 if restricts_to_guests else 2,
            "ODBSharingCapability": 0 if private else 2,
            "SharingDomainRestrictionMode": 1 if narrow else 0,
            "DefaultSharingLinkType": 1 if gentle else 3,
            "DefaultLinkPermission": 1 if gentle else 2,
            "RequireAnonymousLinksExpireInDays": 180,
            "FileAnonymousLinkType": 1,
            "FolderAnonymousLinkType": 2,
            "EmailAttestationRequired": codes,
            "EmailAttestationReAuthDays": 30,
        }
    ]
    tenant.record_policy("sharepoint-sharing-with-known-guests", fails=not restricts_to_guests)
    tenant.record_policy("sharepoint-onedrive-sharing-with-known-guests", fails=not private)
    tenant.record_policy("sharepoint-sharing-with-approved-domains", fails=not narrow)
    tenant.record_policy("sharepoint-links-are-for-named-people", fails=not gentle)
    tenant.record_policy("sharepoint-links-are-for-viewing", fails=not gentle)
    tenant.record_policy("sharepoint-codes-by-mail-end", fails=not codes, near="After thirty days, and no later.")
    near = "Nobody can make such a link."
    tenant.record_policy("sharepoint-anyone-links-end", fails=not restricts_to_guests, near=near)
    tenant.record_policy("sharepoint-anyone-links-are-for-viewing", fails=not restricts_to_guests, near=near)


def _configure_meetings(tenant: MicrosoftTenant) -> None:
    """Configure two meeting policies: one for everybody, one for evenings that parents attend."""
    lobby, control, callers, unrecorded = map(tenant.is_secured, ("lobby", "control", "callers", "recording"))
    default_policy = {
        "Identity": _GLOBAL,
        "AllowExternalParticipantGiveRequestControl": False,
        "AllowAnonymousUsersToStartMeeting": False,
        "AutoAdmittedUsers": "EveryoneInCompanyExcludingGuests" if lobby else "Everyone",
        "AllowPSTNUsersToBypassLobby": False,
        "AllowCloudRecording": not unrecorded,
    }
    evening_policy = {
        "Identity": _EVENING,
        "AllowExternalParticipantGiveRequestControl": not control,
        "AllowAnonymousUsersToStartMeeting": False,
        "AutoAdmittedUsers": "Everyone",
        "AllowPSTNUsersToBypassLobby": not callers,
        "AllowCloudRecording": True,
    }
    tenant.settings["meeting_policies"] = [default_policy, evening_policy]
    tenant.settings["broadcast_policies"] = [
        {"Identity": _GLOBAL, "BroadcastRecordingMode": "UserOverride"},
        {"Identity": _EVENING, "BroadcastRecordingMode": "AlwaysEnabled"},
    ]
    reason = "Only the policy for everybody is asked."
    tenant.record_policy("teams-outsiders-control-no-screen", fails=not control, place=_EVENING)
    tenant.record_policy(
        "teams-no-meeting-without-a-host", place=_EVENING, near="Anybody comes in, once somebody is there."
    )
    tenant.record_policy("teams-callers-wait-in-the-lobby", fails=not callers, place=_EVENING)
    tenant.record_policy("teams-strangers-wait-in-the-lobby", fails=not lobby, place=_GLOBAL)
    tenant.record_policy("teams-strangers-wait-in-the-lobby", place=_EVENING, near=reason)
    tenant.record_policy("teams-meetings-are-not-recorded", fails=not unrecorded, place=_GLOBAL)
    tenant.record_policy("teams-meetings-are-not-recorded", place=_EVENING, near=reason)
    tenant.record_policy("teams-events-are-not-always-recorded", place=_EVENING, near=reason)


def _configure_chat(tenant: MicrosoftTenant) -> None:
    partners, private, mail = map(tenant.is_secured, ("chat partners", "private accounts", "channel mail"))
    allowed_domains = {"AllowedDomain": "Domain=servicecentre.example"} if partners else {}
    tenant.settings["teams_tenant_info"] = [{"AssignedPlan": ["MCOMEETADD", "MCOStandard", "Teams"]}]
    tenant.settings["federation_configuration"] = [
        {
            "Identity": _GLOBAL,
            "AllowFederatedUsers": True,
            "AllowedDomains": allowed_domains,
            "AllowTeamsConsumer": not private,
            "AllowTeamsConsumerInbound": False,
        }
    ]
    tenant.settings["client_configuration"] = [{"Identity": _GLOBAL, "AllowEmailIntoChannel": not mail}]
    tenant.record_policy("teams-chat-with-named-domains", fails=not partners, place=_GLOBAL)
    tenant.record_policy("teams-nobody-writes-to-private-accounts", fails=not private, place=_GLOBAL)
    tenant.record_policy(
        "teams-strangers-do-not-write-first", place=_GLOBAL, near="They may be written to, and begin nothing."
    )
    tenant.record_policy("teams-channels-take-no-mail", fails=not mail, place=_GLOBAL)


def _configure_teams_apps(tenant: MicrosoftTenant) -> None:
    """Configure app approval; approved apps are chosen one by one, except the district's own."""
    approved = tenant.is_secured("apps approved")
    allowed = "None" if approved else "All"
    settings = {"DefaultApp": allowed, "GlobalApp": allowed, "PrivateApp": "All"}
    tenant.settings["tenant_app_settings"] = [
        {"SettingName": name, "SettingValue": value} for name, value in settings.items()
    ]
    catalog_types = {
        "DefaultCatalogAppsType": "AllowedAppList",
        "GlobalCatalogAppsType": "AllowedAppList",
        "PrivateCatalogAppsType": "AllowedAppList",
    }
    tenant.settings["app_policies"] = [{"Identity": _GLOBAL, **catalog_types}]
    tenant.record_policy("teams-microsoft-apps-are-approved", fails=not approved)
    tenant.record_policy("teams-third-party-apps-are-approved", fails=not approved)
    tenant.record_policy("teams-own-apps-are-approved", fails=True)


def _configure_power_platform(tenant: MicrosoftTenant) -> None:
    """Configure who creates environments, and which data may leave them.

    No policy covers one environment, that of a class.
    """
    admins_only, has_data_policy, is_isolated = map(tenant.is_secured, ("environments", "business data", "isolation"))
    key = build_guid(23, tenant.district.seed)
    tenant.settings |= {
        "tenant_id": key,
        "environment_creation": [
            {
                "disableEnvironmentCreationByNonAdminUsers": admins_only,
                "disableTrialEnvironmentCreationByNonAdminUsers": True,
                "disablePortalsCreationByNonAdminUsers": admins_only,
                "powerPlatform": {"powerApps": {"disableShareWithEveryone": admins_only}},
            }
        ],
        "environment_list": [
            {"EnvironmentName": f"Default-{key}", "DisplayName": "Default", "IsDefault": True},
            {"EnvironmentName": build_guid(24, 1), "DisplayName": "Computing class", "IsDefault": False},
        ],
        "dlp_policies": [
            {
                "value": [
                    {
                        "name": build_guid(24, 2),
                        "displayName": "Business data",
                        "environmentType": "OnlyEnvironments",
                        "environments": [{"name": f"Default-{key}"}],
                        "connectorGroups": [],
                    }
                ]
                * has_data_policy
            }
        ],
        "tenant_isolation": [{"properties": {"tenantId": key, "isDisabled": not is_isolated}}],
    }
    tenant.record_policy("powerplatform-administrators-make-environments", fails=not admins_only)
    tenant.record_policy("powerplatform-administrators-make-trials")
    tenant.record_policy("powerplatform-administrators-make-web-sites", fails=not admins_only)
    tenant.record_policy("powerplatform-apps-are-not-shared-with-everyone", fails=not admins_only)
    tenant.record_policy("powerplatform-a-data-policy-for-the-default-environment", fails=not has_data_policy)
    tenant.record_policy("powerplatform-a-data-policy-for-each-environment", fails=True)
    tenant.record_policy("powerplatform-tenant-isolation-on", fails=not is_isolated)


def _configure_power_bi(tenant: MicrosoftTenant) -> None:
    """Configure Power BI, which comes with A5 alone; without it nothing is assessed."""
    has_a5, inside, keys = tenant.has_a5, tenant.is_secured("reports inside"), tenant.is_secured("keys in links")
    group = ["Report writers"]
    report_settings: tuple[tuple[str, str, bool, list[str], bool], ...] = (
        ("guests-see-no-reports", "AllowGuestUserToAccessSharedContent", True, group, False),
        ("reports-invite-nobody", "ExternalSharingV2", not inside, [], not inside),
        ("nothing-published-to-the-web", "PublishToWeb", not inside, [], not inside),
        ("programs-call-by-group", "ServicePrincipalAccessPermissionAPIs", True, group, False),
        ("program-profiles-by-group", "AllowServicePrincipalsCreateAndUseProfiles", False, [], False),
        ("no-keys-in-links", "BlockResourceKeyAuthentication", keys, [], not keys),
        ("no-scripts-in-reports", "RScriptVisual", True, [], True),
        ("reports-carry-labels", "EimInformationProtectionEdit", True, [], False),
    )
    tenant.settings["powerbi_license_found"] = has_a5
    tenant.settings["powerbi_tenant_settings"] = [
        {
            "settingName": name,
            "title": name,
            "enabled": on,
            "enabledSecurityGroups": [{"name": group_name} for group_name in groups],
        }
        for _, name, on, groups, _ in report_settings
        if has_a5
    ]
    for policy, _, _, groups, fails in report_settings:
        reason = "It is on for one group alone." if groups else ""
        near = reason if has_a5 else "The tenant has no license for it."
        tenant.record_policy(f"powerbi-{policy}", fails=has_a5 and fails, near=near)
