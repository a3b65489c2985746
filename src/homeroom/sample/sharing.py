"""Where people of a Microsoft 365 tenant work together: SharePoint, Teams, Power Platform and Power BI."""

from __future__ import annotations

from typing import Final

from homeroom.sample.ids import guid
from homeroom.sample.tenancy import Tenant

_EVENING: Final = "Tag:Open evening"
_GLOBAL: Final = "Global"


def furnish(tenant: Tenant) -> None:
    """Lay down every setting of theirs and say what is true of it."""
    _files(tenant)
    _meetings(tenant)
    _chat(tenant)
    _teams_apps(tenant)
    _platform(tenant)
    _reports(tenant)


def _files(tenant: Tenant) -> None:
    """0 is nobody outside, 1 new and known guests, 2 anybody, 3 known guests. Where people outside are known, nobody gets a link without a name."""
    known, private, narrow, gentle, codes = map(tenant.keeps, ("guests", "private files", "partners", "links", "codes"))
    tenant.settings["SPO_tenant"] = [
        {
            "SharingCapability": 3 if known else 2,
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
    tenant.says("sharepoint-sharing-with-known-guests", fails=not known)
    tenant.says("sharepoint-onedrive-sharing-with-known-guests", fails=not private)
    tenant.says("sharepoint-sharing-with-approved-domains", fails=not narrow)
    tenant.says("sharepoint-links-are-for-named-people", fails=not gentle)
    tenant.says("sharepoint-links-are-for-viewing", fails=not gentle)
    tenant.says("sharepoint-codes-by-mail-end", fails=not codes, near="After thirty days, and no later.")
    near = "Nobody can make such a link."
    tenant.says("sharepoint-anyone-links-end", fails=not known, near=near)
    tenant.says("sharepoint-anyone-links-are-for-viewing", fails=not known, near=near)


def _meetings(tenant: Tenant) -> None:
    """Two policies: one for everybody, one for evenings at which parents come in."""
    lobby, control, callers, unrecorded = map(tenant.keeps, ("lobby", "control", "callers", "recording"))
    everybody = {
        "Identity": _GLOBAL,
        "AllowExternalParticipantGiveRequestControl": False,
        "AllowAnonymousUsersToStartMeeting": False,
        "AutoAdmittedUsers": "EveryoneInCompanyExcludingGuests" if lobby else "Everyone",
        "AllowPSTNUsersToBypassLobby": False,
        "AllowCloudRecording": not unrecorded,
    }
    evening = {
        "Identity": _EVENING,
        "AllowExternalParticipantGiveRequestControl": not control,
        "AllowAnonymousUsersToStartMeeting": False,
        "AutoAdmittedUsers": "Everyone",
        "AllowPSTNUsersToBypassLobby": not callers,
        "AllowCloudRecording": True,
    }
    tenant.settings["meeting_policies"] = [everybody, evening]
    tenant.settings["broadcast_policies"] = [
        {"Identity": _GLOBAL, "BroadcastRecordingMode": "UserOverride"},
        {"Identity": _EVENING, "BroadcastRecordingMode": "AlwaysEnabled"},
    ]
    why = "Only the policy for everybody is asked."
    tenant.says("teams-outsiders-control-no-screen", fails=not control, place=_EVENING)
    tenant.says("teams-no-meeting-without-a-host", place=_EVENING, near="Anybody comes in, once somebody is there.")
    tenant.says("teams-callers-wait-in-the-lobby", fails=not callers, place=_EVENING)
    tenant.says("teams-strangers-wait-in-the-lobby", fails=not lobby, place=_GLOBAL)
    tenant.says("teams-strangers-wait-in-the-lobby", place=_EVENING, near=why)
    tenant.says("teams-meetings-are-not-recorded", fails=not unrecorded, place=_GLOBAL)
    tenant.says("teams-meetings-are-not-recorded", place=_EVENING, near=why)
    tenant.says("teams-events-are-not-always-recorded", place=_EVENING, near=why)


def _chat(tenant: Tenant) -> None:
    partners, private, mail = map(tenant.keeps, ("chat partners", "private accounts", "channel mail"))
    named = {"AllowedDomain": "Domain=servicecentre.example"} if partners else {}
    tenant.settings["teams_tenant_info"] = [{"AssignedPlan": ["MCOMEETADD", "MCOStandard", "Teams"]}]
    tenant.settings["federation_configuration"] = [
        {
            "Identity": _GLOBAL,
            "AllowFederatedUsers": True,
            "AllowedDomains": named,
            "AllowTeamsConsumer": not private,
            "AllowTeamsConsumerInbound": False,
        }
    ]
    tenant.settings["client_configuration"] = [{"Identity": _GLOBAL, "AllowEmailIntoChannel": not mail}]
    tenant.says("teams-chat-with-named-domains", fails=not partners, place=_GLOBAL)
    tenant.says("teams-nobody-writes-to-private-accounts", fails=not private, place=_GLOBAL)
    tenant.says("teams-strangers-do-not-write-first", place=_GLOBAL, near="They may be written to, and begin nothing.")
    tenant.says("teams-channels-take-no-mail", fails=not mail, place=_GLOBAL)


def _teams_apps(tenant: Tenant) -> None:
    """Where apps are approved, it is one by one, but for those that the district wrote itself."""
    approved = tenant.keeps("apps approved")
    allowed = "None" if approved else "All"
    settings = {"DefaultApp": allowed, "GlobalApp": allowed, "PrivateApp": "All"}
    tenant.settings["tenant_app_settings"] = [
        {"SettingName": name, "SettingValue": value} for name, value in settings.items()
    ]
    listed = {"DefaultCatalogAppsType": "AllowedAppList", "GlobalCatalogAppsType": "AllowedAppList", "PrivateCatalogAppsType": "AllowedAppList"}  # fmt: skip
    tenant.settings["app_policies"] = [{"Identity": _GLOBAL, **listed}]
    tenant.says("teams-microsoft-apps-are-approved", fails=not approved)
    tenant.says("teams-third-party-apps-are-approved", fails=not approved)
    tenant.says("teams-own-apps-are-approved", fails=True)


def _platform(tenant: Tenant) -> None:
    """Who makes environments, and what data may leave them: one environment, that of a class, no policy holds."""
    made, data, apart = map(tenant.keeps, ("environments", "business data", "isolation"))
    key = guid(23, tenant.district.seed)
    tenant.settings |= {
        "tenant_id": key,
        "environment_creation": [
            {
                "disableEnvironmentCreationByNonAdminUsers": made,
                "disableTrialEnvironmentCreationByNonAdminUsers": True,
                "disablePortalsCreationByNonAdminUsers": made,
                "powerPlatform": {"powerApps": {"disableShareWithEveryone": made}},
            }
        ],
        "environment_list": [
            {"EnvironmentName": f"Default-{key}", "DisplayName": "Default", "IsDefault": True},
            {"EnvironmentName": guid(24, 1), "DisplayName": "Computing class", "IsDefault": False},
        ],
        "dlp_policies": [
            {
                "value": [
                    {
                        "name": guid(24, 2),
                        "displayName": "Business data",
                        "environmentType": "OnlyEnvironments",
                        "environments": [{"name": f"Default-{key}"}],
                        "connectorGroups": [],
                    }
                ]
                * data
            }
        ],
        "tenant_isolation": [{"properties": {"tenantId": key, "isDisabled": not apart}}],
    }
    tenant.says("powerplatform-administrators-make-environments", fails=not made)
    tenant.says("powerplatform-administrators-make-trials")
    tenant.says("powerplatform-administrators-make-web-sites", fails=not made)
    tenant.says("powerplatform-apps-are-not-shared-with-everyone", fails=not made)
    tenant.says("powerplatform-a-data-policy-for-the-default-environment", fails=not data)
    tenant.says("powerplatform-a-data-policy-for-each-environment", fails=True)
    tenant.says("powerplatform-tenant-isolation-on", fails=not apart)


def _reports(tenant: Tenant) -> None:
    """Power BI comes with A5 alone; without it nothing is asked."""
    dear, inside, keys = tenant.dear, tenant.keeps("reports inside"), tenant.keeps("keys in links")
    group = ["Report writers"]
    asked: tuple[tuple[str, str, bool, list[str], bool], ...] = (
        ("guests-see-no-reports", "AllowGuestUserToAccessSharedContent", True, group, False),
        ("reports-invite-nobody", "ExternalSharingV2", not inside, [], not inside),
        ("nothing-published-to-the-web", "PublishToWeb", not inside, [], not inside),
        ("programs-call-by-group", "ServicePrincipalAccessPermissionAPIs", True, group, False),
        ("program-profiles-by-group", "AllowServicePrincipalsCreateAndUseProfiles", False, [], False),
        ("no-keys-in-links", "BlockResourceKeyAuthentication", keys, [], not keys),
        ("no-scripts-in-reports", "RScriptVisual", True, [], True),
        ("reports-carry-labels", "EimInformationProtectionEdit", True, [], False),
    )
    tenant.settings["powerbi_license_found"] = dear
    tenant.settings["powerbi_tenant_settings"] = [
        {"settingName": name, "title": name, "enabled": on, "enabledSecurityGroups": [{"name": one} for one in groups]}
        for _, name, on, groups, _ in asked
        if dear
    ]
    for policy, _, _, groups, fails in asked:
        why = "It is on for one group alone." if groups else ""
        near = why if dear else "The tenant has no licence for it."
        tenant.says(f"powerbi-{policy}", fails=dear and fails, near=near)
