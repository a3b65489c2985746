"""Fields of each setting that policies use, and how those that name people are reduced.

A table: the name of a setting in the export, the command that read it, and its fields. A field that is not named here
is dropped on ingest. Source of the names: ScubaGear's providers (PowerShell/ScubaGear/Modules/Providers), versions 1.6
to 1.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeroom.connectors.scubagear.weakening import (
    NUMBERS_OF_PEOPLE,
    ValueReducer,
    build_name_matcher,
    count_entries,
    hash_addresses,
    keep_plain_value,
    mark_presence,
    mask_names,
    parse_whole_number,
)

type Fields = Mapping[str, ValueReducer | Fields]

_PERMISSIONS: Fields = dict.fromkeys(
    ("RestrictionType", "State", "MaxLifetime", "RestrictForAppsCreatedAfterDateTime"), keep_plain_value
)
_RESTRICTIONS: Fields = {"PasswordCredentials": _PERMISSIONS, "KeyCredentials": _PERMISSIONS}
_SHOWN: Fields = {"State": keep_plain_value, "IncludeTarget": {"Id": keep_plain_value}}
_EXCLUDED: Fields = dict.fromkeys(("Users", "Groups", "Applications", "GuestUserTypes"), keep_plain_value)
_RULE: Fields = {
    "Identity": keep_plain_value,
    "State": keep_plain_value,
    "Priority": parse_whole_number,
    "SentTo": count_entries,
    "SentToMemberOf": count_entries,
    "RecipientDomainIs": keep_plain_value,
    "ExceptIfSentTo": count_entries,
    "ExceptIfSentToMemberOf": count_entries,
    "ExceptIfRecipientDomainIs": keep_plain_value,
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


def _build_fields(*fields: str, **reduced_fields: ValueReducer | Fields) -> Fields:
    return {**dict.fromkeys(fields, keep_plain_value), **reduced_fields}


ENTRA: Mapping[str, tuple[str, Fields]] = {
    "conditional_access_policies": (
        "Get-MgBetaIdentityConditionalAccessPolicy",
        {
            "DisplayName": keep_plain_value,
            "State": keep_plain_value,
            "Conditions": {
                **_build_fields("ClientAppTypes", "UserRiskLevels", "SignInRiskLevels", "AgentIdRiskLevels"),
                "AuthenticationFlows": {"TransferMethods": keep_plain_value},
                "Applications": _build_fields("IncludeApplications", "ExcludeApplications", "IncludeUserActions"),
                "ClientApplications": _build_fields(
                    "IncludeAgentIdServicePrincipals", "ExcludeAgentIdServicePrincipals"
                ),
                "Users": {
                    "IncludeUsers": mask_names,
                    # Ids without names; the configuration lists the accepted ones.
                    **_build_fields("ExcludeUsers", "ExcludeGroups", "IncludeRoles", "ExcludeRoles"),
                    "ExcludeGuestsOrExternalUsers": {"GuestOrExternalUserTypes": keep_plain_value},
                },
            },
            "GrantControls": {
                **_build_fields("BuiltInControls", "Operator"),
                "AuthenticationStrength": {"AllowedCombinations": keep_plain_value},
            },
        },
    ),
    "authorization_policies": (
        "Get-MgBetaPolicyAuthorizationPolicy",
        {
            **_build_fields(
                "Id", "PermissionGrantPolicyIdsAssignedToDefaultUserRole", "GuestUserRoleId", "AllowInvitesFrom"
            ),
            "DefaultUserRolePermissions": {"AllowedToCreateApps": keep_plain_value},
        },
    ),
    "privileged_users": ("Get-PrivilegedUser", {"roles": keep_plain_value, "OnPremisesImmutableId": mark_presence}),
    "privileged_roles": (
        "Get-PrivilegedRole",
        {
            **_build_fields("DisplayName", "RoleTemplateId"),
            "Assignments": _build_fields("PrincipalId", "StartDateTime", "EndDateTime"),
            "Rules": {
                **_build_fields("Id", "RuleSource", "RuleSourceType", "NotificationType"),
                "NotificationRecipients": count_entries,
                "Setting": {"IsApprovalRequired": keep_plain_value},
            },
        },
    ),
    "service_plans": ("Get-MgBetaSubscribedSku", {"ServicePlanName": keep_plain_value}),
    "directory_settings": (
        "Get-MgBetaDirectorySetting",
        {"Values": {"Name": keep_plain_value, "Value": keep_plain_value}},
    ),
    "authentication_method": (
        "Get-MgBetaPolicyAuthenticationMethodPolicy",
        {
            "authentication_method_policy": {"PolicyMigrationState": keep_plain_value},
            "authentication_method_feature_settings": {
                **_build_fields("Id", "State", "IsSoftwareOathEnabled"),
                "FeatureSettings": {
                    "DisplayAppInformationRequiredState": _SHOWN,
                    "DisplayLocationInformationRequiredState": _SHOWN,
                },
            },
        },
    ),
    "domain_settings": (
        "Get-MgBetaDomain",
        {
            **_build_fields("Id", "IsRoot", "IsVerified", "AuthenticationType"),
            "PasswordValidityPeriodInDays": parse_whole_number,
        },
    ),
    "risky_delegated_permission_classifications": ("", {"RiskyPermClassifications": keep_plain_value}),
    "default_app_management_policy": (
        "Get-MgBetaPolicyDefaultAppManagementPolicy",
        {
            "IsEnabled": keep_plain_value,
            "ApplicationRestrictions": _RESTRICTIONS,
            "ServicePrincipalRestrictions": _RESTRICTIONS,
        },
    ),
}

EXCHANGE: Mapping[str, tuple[str, Fields]] = {
    "remote_domains": ("Get-RemoteDomain", _build_fields("DomainName", "AutoForwardEnabled")),
    "accepted_domains": ("Get-AcceptedDomain", _build_fields("DomainName")),
    "spf_records": ("Get-ScubaSpfRecord", _build_fields("domain", "compliant", "rdata")),
    "dkim_config": ("Get-DkimSigningConfig", _build_fields("Domain", "Enabled")),
    "dkim_records": ("Get-ScubaDkimRecord", _build_fields("domain", "rdata")),
    "dmarc_records": ("Get-ScubaDmarcRecord", _build_fields("domain", "rdata")),
    "transport_config": ("Get-TransportConfig", _build_fields("Name", "SmtpClientAuthenticationDisabled")),
    "sharing_policy": ("Get-SharingPolicy", _build_fields("Name", "Domains")),
    "transport_rule": ("Get-TransportRule", _build_fields("State", "Mode", "FromScope", "PrependSubject")),
    "org_config": ("Get-OrganizationConfig", _build_fields("Name", "AuditDisabled")),
    "conn_filter": ("Get-HostedConnectionFilterPolicy", _build_fields("Name", "IPAllowList", "EnableSafeList")),
}

DEFENDER: Mapping[str, tuple[str, Fields]] = {
    "defender_license": ("", {}),
    "defender_dlp_license": ("", {}),
    "protection_policy_rules": (
        "Get-EOPProtectionPolicyRule",
        {**_RULE, "HostedContentFilterPolicy": keep_plain_value},
    ),
    "atp_policy_rules": ("Get-ATPProtectionPolicyRule", _RULE),
    "built_in_protection_rules": ("Get-ATPBuiltInProtectionRule", _RULE),
    "anti_malware_policies": (
        "Get-MalwareFilterPolicy",
        _build_fields("Identity", "EnableFileFilter", "FileTypes", "ZapEnabled"),
    ),
    "anti_malware_rules": ("Get-MalwareFilterRule", {**_RULE, "MalwareFilterPolicy": keep_plain_value}),
    "safe_attachment_policies": ("Get-SafeAttachmentPolicy", _build_fields("Identity", "Action")),
    "safe_attachment_rules": ("Get-SafeAttachmentRule", {**_RULE, "SafeAttachmentPolicy": keep_plain_value}),
    "safe_links_policies": (
        "Get-SafeLinksPolicy",
        _build_fields("Identity", *_LINKS, "ScanUrls", "DeliverMessageAfterScan", "TrackClicks"),
    ),
    "safe_links_rules": ("Get-SafeLinksRule", {**_RULE, "SafeLinksPolicy": keep_plain_value}),
    "atp_policy_for_o365": ("Get-AtpPolicyForO365", _build_fields("Identity", "EnableATPForSPOTeamsODB")),
    "anti_phish_policies": (
        "Get-AntiPhishPolicy",
        {
            **_build_fields("Identity", "Name", "IsDefault", "Enabled", *_SAFETY),
            "TargetedUsersToProtect": hash_addresses,
        },
    ),
    "anti_phish_rules": ("Get-AntiPhishRule", {**_RULE, "AntiPhishPolicy": keep_plain_value}),
    "hosted_content_filter_policies": (
        "Get-HostedContentFilterPolicy",
        {
            **_build_fields("Identity", "IsDefault", "RecommendedPolicyType", "SpamAction", "HighConfidenceSpamAction"),
            **_build_fields("PhishSpamAction", "HighConfidencePhishAction"),
            "AllowedSenderDomains": count_entries,
        },
    ),
    "hosted_content_filter_rules": (
        "Get-HostedContentFilterRule",
        {**_RULE, "HostedContentFilterPolicy": keep_plain_value},
    ),
    "protection_alerts": ("Get-ProtectionAlert", _build_fields("Name", "Disabled")),
    "admin_audit_log_config": ("Get-AdminAuditLogConfig", _build_fields("Identity", "UnifiedAuditLogIngestionEnabled")),
    "unified_audit_log_retention_policies": (
        "Get-UnifiedAuditLogRetentionPolicy",
        _build_fields("Name", "Enabled", "RetentionDuration"),
    ),
    "dlp_compliance_policies": (
        "Get-DlpCompliancePolicy",
        {**_build_fields("Name", "Enabled", "Mode", "Workload"), **dict.fromkeys(_LOCATIONS, mask_names)},
    ),
    "dlp_compliance_rules": (
        "Get-DlpComplianceRule",
        {
            **_build_fields(
                "Name", "ParentPolicyName", "Disabled", "IsAdvancedRule", "BlockAccess", "BlockAccessScope"
            ),
            "ContentContainsSensitiveInformation": {"name": keep_plain_value},
            "AdvancedRule": build_name_matcher(*NUMBERS_OF_PEOPLE),
            "NotifyUser": count_entries,
        },
    ),
}

OTHERS: Mapping[str, tuple[str, Fields]] = {
    "SPO_tenant": (
        "Get-SPOTenantRest",
        {**dict.fromkeys(_SHARING, parse_whole_number), "EmailAttestationRequired": keep_plain_value},
    ),
    "teams_tenant_info": ("Get-CsTenant", _build_fields("AssignedPlan")),
    "meeting_policies": (
        "Get-CsTeamsMeetingPolicy",
        {
            **_build_fields(
                "Identity", "AllowExternalParticipantGiveRequestControl", "AllowAnonymousUsersToStartMeeting"
            ),
            **_build_fields("AutoAdmittedUsers", "AllowPSTNUsersToBypassLobby", "AllowCloudRecording"),
        },
    ),
    "broadcast_policies": ("Get-CsTeamsMeetingBroadcastPolicy", _build_fields("Identity", "BroadcastRecordingMode")),
    "federation_configuration": (
        "Get-CsTenantFederationConfiguration",
        {
            **_build_fields("Identity", "AllowFederatedUsers", "AllowTeamsConsumer", "AllowTeamsConsumerInbound"),
            "AllowedDomains": count_entries,
        },
    ),
    "client_configuration": ("Get-CsTeamsClientConfiguration", _build_fields("Identity", "AllowEmailIntoChannel")),
    "app_policies": (
        "Get-CsTeamsAppPermissionPolicy",
        _build_fields("Identity", "DefaultCatalogAppsType", "GlobalCatalogAppsType", "PrivateCatalogAppsType"),
    ),
    "tenant_app_settings": (
        "Get-M365UnifiedTenantSettings",
        _build_fields("SettingName", "SettingValue", "CertificateBasedAuth"),
    ),
    "tenant_id": ("", {}),
    "environment_creation": (
        "Get-PowerPlatformTenantSettingsRest",
        {
            **_build_fields(*_ENVIRONMENTS, "disablePortalsCreationByNonAdminUsers"),
            "powerPlatform": {"powerApps": {"disableShareWithEveryone": keep_plain_value}},
        },
    ),
    "dlp_policies": (
        "Get-PowerPlatformDlpPoliciesRest",
        {
            "value": {
                **_build_fields("name", "displayName", "environmentType"),
                "environments": {"name": keep_plain_value},
                "connectorGroups": {"classification": keep_plain_value, "connectors": {"id": keep_plain_value}},
            }
        },
    ),
    "tenant_isolation": ("Get-PowerPlatformTenantIsolationRest", {"properties": {"isDisabled": keep_plain_value}}),
    "environment_list": (
        "Get-PowerPlatformEnvironmentsRest",
        _build_fields("EnvironmentName", "DisplayName", "IsDefault"),
    ),
    "powerbi_license_found": ("", {}),
    "powerbi_tenant_settings": (
        "Get-PowerBITenantSettingsRest",
        {**_build_fields("settingName", "title", "enabled"), "enabledSecurityGroups": count_entries},
    ),
}

SETTING_FIELDS: Mapping[str, tuple[str, Fields]] = {**ENTRA, **EXCHANGE, **DEFENDER, **OTHERS}
"""{setting: (the command that read it, its fields)}; without fields it is one plain value."""

CONFIG_FIELDS: Mapping[str, Any] = {
    "Aad": {"CapExclusions": _EXCLUDED, "RoleExclusions": _EXCLUDED},
    "Exo": {"AllowedForwardingDomains": keep_plain_value},
    "SecuritySuite": {"SensitiveUsers": hash_addresses, "PartnerDomains": keep_plain_value},
    "Defender": {"SensitiveUsers": hash_addresses, "PartnerDomains": keep_plain_value},
}
"""Stored fields of the configuration that the district gave ScubaGear, by product and then by policy."""
PERSON_MAPPINGS = ("privileged_users",)
"""Settings that are a mapping by the id of a person.

All others are lists, also where PowerShell wrote a single object.
"""
