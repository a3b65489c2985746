"""What is kept of each setting: the fields that a policy asks for, and how those that name people are made less.

A table: the name of a setting in the export, the command that read it, and its fields. A field that is not named here is
left at the door. Source of the names: ScubaGear's providers (PowerShell/ScubaGear/Modules/Providers), versions 1.6 to 1.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeroom.connectors.scubagear.lessening import (
    NUMBERS_OF_PEOPLE,
    Keep,
    addresses,
    all_or_one,
    as_it_is,
    how_many,
    named,
    present,
    whole_number,
)

type Fields = Mapping[str, Keep | Fields]

_PERMISSIONS: Fields = dict.fromkeys(
    ("RestrictionType", "State", "MaxLifetime", "RestrictForAppsCreatedAfterDateTime"), as_it_is
)
_RESTRICTIONS: Fields = {"PasswordCredentials": _PERMISSIONS, "KeyCredentials": _PERMISSIONS}
_SHOWN: Fields = {"State": as_it_is, "IncludeTarget": {"Id": as_it_is}}
_EXCLUDED: Fields = dict.fromkeys(("Users", "Groups", "Applications", "GuestUserTypes"), as_it_is)
_RULE: Fields = {
    "Identity": as_it_is,
    "State": as_it_is,
    "Priority": whole_number,
    "SentTo": how_many,
    "SentToMemberOf": how_many,
    "RecipientDomainIs": as_it_is,
    "ExceptIfSentTo": how_many,
    "ExceptIfSentToMemberOf": how_many,
    "ExceptIfRecipientDomainIs": as_it_is,
}
_ENVIRONMENTS = ("disableEnvironmentCreationByNonAdminUsers", "disableTrialEnvironmentCreationByNonAdminUsers")
_SAFETY = (
    "EnableTargetedUserProtection",
    "EnableTargetedDomainsProtection",
    "EnableOrganizationDomainsProtection",
    "TargetedUserProtectionAction",
    "TargetedDomainProtectionAction",
    "TargetedDomainsToProtect",
    "EnableFirstContactSafetyTips",
    "EnableSimilarUsersSafetyTips",
    "EnableSimilarDomainsSafetyTips",
    "EnableUnusualCharactersSafetyTips",
    "EnableViaTag",
    "EnableUnauthenticatedSender",
)
_LOCATIONS = ("ExchangeLocation", "SharePointLocation", "OneDriveLocation", "TeamsLocation", "EndpointDlpLocation")
_LINKS = ("EnableSafeLinksForEmail", "EnableSafeLinksForTeams", "EnableSafeLinksForOffice", "EnableForInternalSenders")
_SHARING = (
    "SharingCapability",
    "ODBSharingCapability",
    "SharingDomainRestrictionMode",
    "DefaultSharingLinkType",
    "DefaultLinkPermission",
    "RequireAnonymousLinksExpireInDays",
    "FileAnonymousLinkType",
    "FolderAnonymousLinkType",
    "EmailAttestationReAuthDays",
)


def _plain(*fields: str, **more: Keep | Fields) -> Fields:
    return {**dict.fromkeys(fields, as_it_is), **more}


ENTRA: Mapping[str, tuple[str, Fields]] = {
    "conditional_access_policies": (
        "Get-MgBetaIdentityConditionalAccessPolicy",
        {
            "DisplayName": as_it_is,
            "State": as_it_is,
            "Conditions": {
                **_plain("ClientAppTypes", "UserRiskLevels", "SignInRiskLevels", "AgentIdRiskLevels"),
                "AuthenticationFlows": {"TransferMethods": as_it_is},
                "Applications": _plain("IncludeApplications", "ExcludeApplications", "IncludeUserActions"),
                "ClientApplications": _plain("IncludeAgentIdServicePrincipals", "ExcludeAgentIdServicePrincipals"),
                "Users": {
                    "IncludeUsers": all_or_one,
                    # Ids without names; the configuration vouches for them one by one.
                    **_plain("ExcludeUsers", "ExcludeGroups", "IncludeRoles", "ExcludeRoles"),
                    "ExcludeGuestsOrExternalUsers": {"GuestOrExternalUserTypes": as_it_is},
                },
            },
            "GrantControls": {
                **_plain("BuiltInControls", "Operator"),
                "AuthenticationStrength": {"AllowedCombinations": as_it_is},
            },
        },
    ),
    "authorization_policies": (
        "Get-MgBetaPolicyAuthorizationPolicy",
        {
            **_plain("Id", "PermissionGrantPolicyIdsAssignedToDefaultUserRole", "GuestUserRoleId", "AllowInvitesFrom"),
            "DefaultUserRolePermissions": {"AllowedToCreateApps": as_it_is},
        },
    ),
    "privileged_users": ("Get-PrivilegedUser", {"roles": as_it_is, "OnPremisesImmutableId": present}),
    "privileged_roles": (
        "Get-PrivilegedRole",
        {
            **_plain("DisplayName", "RoleTemplateId"),
            "Assignments": _plain("PrincipalId", "StartDateTime", "EndDateTime"),
            "Rules": {
                **_plain("Id", "RuleSource", "RuleSourceType", "NotificationType"),
                "NotificationRecipients": how_many,
                "Setting": {"IsApprovalRequired": as_it_is},
            },
        },
    ),
    "service_plans": ("Get-MgBetaSubscribedSku", {"ServicePlanName": as_it_is}),
    "directory_settings": ("Get-MgBetaDirectorySetting", {"Values": {"Name": as_it_is, "Value": as_it_is}}),
    "authentication_method": (
        "Get-MgBetaPolicyAuthenticationMethodPolicy",
        {
            "authentication_method_policy": {"PolicyMigrationState": as_it_is},
            "authentication_method_feature_settings": {
                **_plain("Id", "State", "IsSoftwareOathEnabled"),
                "FeatureSettings": {
                    "DisplayAppInformationRequiredState": _SHOWN,
                    "DisplayLocationInformationRequiredState": _SHOWN,
                },
            },
        },
    ),
    "domain_settings": (
        "Get-MgBetaDomain",
        {**_plain("Id", "IsRoot", "IsVerified", "AuthenticationType"), "PasswordValidityPeriodInDays": whole_number},
    ),
    "risky_delegated_permission_classifications": ("", {"RiskyPermClassifications": as_it_is}),
    "default_app_management_policy": (
        "Get-MgBetaPolicyDefaultAppManagementPolicy",
        {
            "IsEnabled": as_it_is,
            "ApplicationRestrictions": _RESTRICTIONS,
            "ServicePrincipalRestrictions": _RESTRICTIONS,
        },
    ),
}

EXCHANGE: Mapping[str, tuple[str, Fields]] = {
    "remote_domains": ("Get-RemoteDomain", _plain("DomainName", "AutoForwardEnabled")),
    "accepted_domains": ("Get-AcceptedDomain", _plain("DomainName")),
    "spf_records": ("Get-ScubaSpfRecord", _plain("domain", "compliant", "rdata")),
    "dkim_config": ("Get-DkimSigningConfig", _plain("Domain", "Enabled")),
    "dkim_records": ("Get-ScubaDkimRecord", _plain("domain", "rdata")),
    "dmarc_records": ("Get-ScubaDmarcRecord", _plain("domain", "rdata")),
    "transport_config": ("Get-TransportConfig", _plain("Name", "SmtpClientAuthenticationDisabled")),
    "sharing_policy": ("Get-SharingPolicy", _plain("Name", "Domains")),
    "transport_rule": ("Get-TransportRule", _plain("State", "Mode", "FromScope", "PrependSubject")),
    "org_config": ("Get-OrganizationConfig", _plain("Name", "AuditDisabled")),
    "conn_filter": ("Get-HostedConnectionFilterPolicy", _plain("Name", "IPAllowList", "EnableSafeList")),
}

DEFENDER: Mapping[str, tuple[str, Fields]] = {
    "defender_license": ("", {}),
    "defender_dlp_license": ("", {}),
    "protection_policy_rules": ("Get-EOPProtectionPolicyRule", {**_RULE, "HostedContentFilterPolicy": as_it_is}),
    "atp_policy_rules": ("Get-ATPProtectionPolicyRule", _RULE),
    "built_in_protection_rules": ("Get-ATPBuiltInProtectionRule", _RULE),
    "anti_malware_policies": (
        "Get-MalwareFilterPolicy",
        _plain("Identity", "EnableFileFilter", "FileTypes", "ZapEnabled"),
    ),
    "anti_malware_rules": ("Get-MalwareFilterRule", {**_RULE, "MalwareFilterPolicy": as_it_is}),
    "safe_attachment_policies": ("Get-SafeAttachmentPolicy", _plain("Identity", "Action")),
    "safe_attachment_rules": ("Get-SafeAttachmentRule", {**_RULE, "SafeAttachmentPolicy": as_it_is}),
    "safe_links_policies": (
        "Get-SafeLinksPolicy",
        _plain("Identity", *_LINKS, "ScanUrls", "DeliverMessageAfterScan", "TrackClicks"),
    ),
    "safe_links_rules": ("Get-SafeLinksRule", {**_RULE, "SafeLinksPolicy": as_it_is}),
    "atp_policy_for_o365": ("Get-AtpPolicyForO365", _plain("Identity", "EnableATPForSPOTeamsODB")),
    "anti_phish_policies": (
        "Get-AntiPhishPolicy",
        {**_plain("Identity", "Name", "IsDefault", "Enabled", *_SAFETY), "TargetedUsersToProtect": addresses},
    ),
    "anti_phish_rules": ("Get-AntiPhishRule", {**_RULE, "AntiPhishPolicy": as_it_is}),
    "hosted_content_filter_policies": (
        "Get-HostedContentFilterPolicy",
        {
            **_plain("Identity", "IsDefault", "RecommendedPolicyType", "SpamAction", "HighConfidenceSpamAction"),
            **_plain("PhishSpamAction", "HighConfidencePhishAction"),
            "AllowedSenderDomains": how_many,
        },
    ),
    "hosted_content_filter_rules": (
        "Get-HostedContentFilterRule",
        {**_RULE, "HostedContentFilterPolicy": as_it_is},
    ),
    "protection_alerts": ("Get-ProtectionAlert", _plain("Name", "Disabled")),
    "admin_audit_log_config": ("Get-AdminAuditLogConfig", _plain("Identity", "UnifiedAuditLogIngestionEnabled")),
    "unified_audit_log_retention_policies": (
        "Get-UnifiedAuditLogRetentionPolicy",
        _plain("Name", "Enabled", "RetentionDuration"),
    ),
    "dlp_compliance_policies": (
        "Get-DlpCompliancePolicy",
        {**_plain("Name", "Enabled", "Mode", "Workload"), **dict.fromkeys(_LOCATIONS, all_or_one)},
    ),
    "dlp_compliance_rules": (
        "Get-DlpComplianceRule",
        {
            **_plain("Name", "ParentPolicyName", "Disabled", "IsAdvancedRule", "BlockAccess", "BlockAccessScope"),
            "ContentContainsSensitiveInformation": {"name": as_it_is},
            "AdvancedRule": named(*NUMBERS_OF_PEOPLE),
            "NotifyUser": how_many,
        },
    ),
}

OTHERS: Mapping[str, tuple[str, Fields]] = {
    "SPO_tenant": (
        "Get-SPOTenantRest",
        {**dict.fromkeys(_SHARING, whole_number), "EmailAttestationRequired": as_it_is},
    ),
    "teams_tenant_info": ("Get-CsTenant", _plain("AssignedPlan")),
    "meeting_policies": (
        "Get-CsTeamsMeetingPolicy",
        {
            **_plain("Identity", "AllowExternalParticipantGiveRequestControl", "AllowAnonymousUsersToStartMeeting"),
            **_plain("AutoAdmittedUsers", "AllowPSTNUsersToBypassLobby", "AllowCloudRecording"),
        },
    ),
    "broadcast_policies": ("Get-CsTeamsMeetingBroadcastPolicy", _plain("Identity", "BroadcastRecordingMode")),
    "federation_configuration": (
        "Get-CsTenantFederationConfiguration",
        {
            **_plain("Identity", "AllowFederatedUsers", "AllowTeamsConsumer", "AllowTeamsConsumerInbound"),
            "AllowedDomains": how_many,
        },
    ),
    "client_configuration": ("Get-CsTeamsClientConfiguration", _plain("Identity", "AllowEmailIntoChannel")),
    "app_policies": (
        "Get-CsTeamsAppPermissionPolicy",
        _plain("Identity", "DefaultCatalogAppsType", "GlobalCatalogAppsType", "PrivateCatalogAppsType"),
    ),
    "tenant_app_settings": (
        "Get-M365UnifiedTenantSettings",
        _plain("SettingName", "SettingValue", "CertificateBasedAuth"),
    ),
    "tenant_id": ("", {}),
    "environment_creation": (
        "Get-PowerPlatformTenantSettingsRest",
        {
            **_plain(*_ENVIRONMENTS, "disablePortalsCreationByNonAdminUsers"),
            "powerPlatform": {"powerApps": {"disableShareWithEveryone": as_it_is}},
        },
    ),
    "dlp_policies": (
        "Get-PowerPlatformDlpPoliciesRest",
        {
            "value": {
                **_plain("name", "displayName", "environmentType"),
                "environments": {"name": as_it_is},
                "connectorGroups": {"classification": as_it_is, "connectors": {"id": as_it_is}},
            }
        },
    ),
    "tenant_isolation": ("Get-PowerPlatformTenantIsolationRest", {"properties": {"isDisabled": as_it_is}}),
    "environment_list": (
        "Get-PowerPlatformEnvironmentsRest",
        _plain("EnvironmentName", "DisplayName", "IsDefault"),
    ),
    "powerbi_license_found": ("", {}),
    "powerbi_tenant_settings": (
        "Get-PowerBITenantSettingsRest",
        {**_plain("settingName", "title", "enabled"), "enabledSecurityGroups": how_many},
    ),
}

KEPT: Mapping[str, tuple[str, Fields]] = {**ENTRA, **EXCHANGE, **DEFENDER, **OTHERS}
"""{setting: (the command that read it, its fields)}; without fields it is one plain value."""

CONFIGURED: Mapping[str, Any] = {
    "Aad": {"CapExclusions": _EXCLUDED, "RoleExclusions": _EXCLUDED},
    "Exo": {"AllowedForwardingDomains": as_it_is},
    "SecuritySuite": {"SensitiveUsers": addresses, "PartnerDomains": as_it_is},
    "Defender": {"SensitiveUsers": addresses, "PartnerDomains": as_it_is},
}
"""What is kept of the configuration that the district gave ScubaGear, by product and then by policy."""
MAPPINGS = ("privileged_users",)
"""Settings that are a mapping by the id of a person; all others are lists, also where PowerShell wrote a single object."""
