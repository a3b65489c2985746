"""Mail and its protection in a Microsoft 365 tenant: Exchange, Defender, and data loss prevention."""

from __future__ import annotations

from typing import Any, Final

from homeroom.sample.tenants.microsoft_tenant import ALUMNI_DOMAIN, BUS_COMPANY_DOMAIN, MicrosoftTenant

_PRESET: Final = "Standard Preset Security Policy"
_POLICY: Final = "Standard Preset Security Policy1767225600000"
_OFFICE: Final = "Office of the Superintendent"
_SERVICE_CENTER: Final = "servicecentre.example"
_ALERTS: Final = (
    "Suspicious email sending patterns detected",
    "Suspicious connector activity",
    "Suspicious Email Forwarding Activity",
    "Messages have been delayed",
    "Tenant restricted from sending unprovisioned email",
    "Tenant restricted from sending email",
    "A potentially malicious URL click was detected",
)
_NUMBERS: Final = (
    "Credit Card Number",
    "U.S. Individual Taxpayer Identification Number (ITIN)",
    "U.S. Social Security Number (SSN)",
)
_EVERYWHERE: Final = ("Exchange", "SharePoint", "OneDriveForBusiness", "Teams", "EndpointDevices")
_TIPS: Final = (
    "EnableFirstContactSafetyTips",
    "EnableSimilarUsersSafetyTips",
    "EnableSimilarDomainsSafetyTips",
    "EnableUnusualCharactersSafetyTips",
    "EnableUnauthenticatedSender",
)


def configure_mail_security(tenant: MicrosoftTenant) -> None:
    """Configure every setting of Exchange and Defender and record what is true of it."""
    _configure_dns_records(tenant)
    _configure_forwarding(tenant)
    _configure_exchange(tenant)
    _configure_preset(tenant)
    _configure_spam_filter(tenant)
    _configure_links_and_attachments(tenant)
    _configure_impersonation(tenant)
    _configure_alerts_and_audit(tenant)
    _configure_data_loss_prevention(tenant)


def _is_preset_on(tenant: MicrosoftTenant) -> bool:
    return tenant.is_secured("preset")


def _configure_dns_records(tenant: MicrosoftTenant) -> None:
    """Configure the DNS records of the main domain and of the less maintained domain of former students."""
    refuses, signs, domain = tenant.is_secured("sender records"), tenant.is_secured("signatures"), tenant.domain
    record = "v=spf1 include:spf.protection.outlook.com "
    key = "v=DKIM1; k=rsa; p=Tm90IGEga2V5Lg=="
    reports = f"rua=mailto:dmarc@{domain}"
    strict = f"v=DMARC1; p=reject; pct=100; {reports}"
    tenant.settings |= {
        "accepted_domains": [{"DomainName": domain}, {"DomainName": ALUMNI_DOMAIN}],
        "spf_records": [
            {"domain": domain, "compliant": True, "rdata": [f"{record}-all"]},
            {"domain": ALUMNI_DOMAIN, "compliant": refuses, "rdata": [f"{record}{'~all' if refuses else '?all'}"]},
        ],
        "dkim_config": [{"Domain": domain, "Enabled": True}, {"Domain": ALUMNI_DOMAIN, "Enabled": True}],
        "dkim_records": [
            {"domain": domain, "rdata": [key]},
            {"domain": ALUMNI_DOMAIN, "rdata": [key] if signs else []},
        ],
        "dmarc_records": [
            {"domain": domain, "rdata": [strict]},
            {"domain": ALUMNI_DOMAIN, "rdata": [f"v=DMARC1; p=quarantine; {reports}"]},
        ],
    }
    tenant.record_policy(
        "exchange-spf-refuses-others", fails=not refuses, place=ALUMNI_DOMAIN, near="It softly refuses, which is one."
    )
    tenant.record_policy("exchange-dkim-signs", fails=not signs, place=ALUMNI_DOMAIN)
    tenant.record_policy(
        "exchange-dmarc-published", place=ALUMNI_DOMAIN, near="It only asks to set mail aside, and says so."
    )
    tenant.record_policy("exchange-dmarc-refuses", fails=True, place=ALUMNI_DOMAIN)
    tenant.record_policy("exchange-dmarc-reports-are-read", place=domain, near="One address, the district's own.")


def _configure_forwarding(tenant: MicrosoftTenant) -> None:
    has_exclusion = tenant.is_secured("forwarding")
    if has_exclusion:
        tenant.add_scuba_config("Exo", "MS.EXO.1.1v2", AllowedForwardingDomains=[BUS_COMPANY_DOMAIN])
    tenant.settings["remote_domains"] = [
        {"DomainName": "*", "AutoForwardEnabled": False},
        {"DomainName": BUS_COMPANY_DOMAIN, "AutoForwardEnabled": True},
    ]
    reason = "The bus company's mail is forwarded, and the district vouches for it."
    tenant.record_policy(
        "exchange-no-forwarding-outside", fails=not has_exclusion, place=BUS_COMPANY_DOMAIN, near=reason
    )


def _configure_exchange(tenant: MicrosoftTenant) -> None:
    default_policy, hosts = "Default Sharing Policy", "Transport Settings"
    smtp_auth_off, calendars_closed, marks_external, no_allow_list = map(
        tenant.is_secured, ("modern sending", "calendars", "marks", "addresses")
    )
    shared = (
        [f"{_SERVICE_CENTER}:CalendarSharingFreeBusySimple"]
        if calendars_closed
        else ["*:CalendarSharingFreeBusySimple"]
    )
    marks = {"Name": "Outside", "State": "Enabled", "FromScope": "NotInOrganization", "PrependSubject": "[External]"}
    tenant.settings |= {
        "transport_config": [{"Name": hosts, "SmtpClientAuthenticationDisabled": smtp_auth_off}],
        "sharing_policy": [{"Name": default_policy, "Domains": shared}],
        "transport_rule": [{**marks, "Mode": "Enforce" if marks_external else "Audit"}],
        "org_config": [{"Name": tenant.domain, "AuditDisabled": False}],
        "conn_filter": [
            {"Name": "Default", "IPAllowList": [] if no_allow_list else ["192.0.2.9"], "EnableSafeList": False}
        ],
    }
    tenant.record_policy("exchange-smtp-auth-off", fails=not smtp_auth_off, place=hosts)
    tenant.record_policy(
        "exchange-calendars-are-not-shared-with-all",
        fails=not calendars_closed,
        place=default_policy,
        near="With one partner.",
    )
    tenant.record_policy(
        "exchange-contacts-are-not-shared-with-all", place=default_policy, near="Calendars alone are shared."
    )
    tenant.record_policy("exchange-mail-from-outside-is-marked", fails=not marks_external)
    tenant.record_policy("exchange-mailboxes-are-audited", place=tenant.domain)
    tenant.record_policy("defender-no-address-passes-unread", fails=not no_allow_list, place="Default")
    tenant.record_policy("defender-no-safe-list", place="Default")


def _configure_preset(tenant: MicrosoftTenant) -> None:
    """Configure the vendor's preset policy, on for everybody in some tenants; else the defaults apply."""
    no_recipients = dict.fromkeys(("SentTo", "SentToMemberOf", "RecipientDomainIs"))
    no_exceptions = dict.fromkeys(("ExceptIfSentTo", "ExceptIfSentToMemberOf", "ExceptIfRecipientDomainIs"))
    rule = {"Identity": _PRESET, "State": "Enabled", "Priority": 1, **no_recipients, **no_exceptions}
    active_rules = [rule] if _is_preset_on(tenant) else []
    mail = {"HostedContentFilterPolicy": _POLICY, "AntiPhishPolicy": _POLICY, "MalwareFilterPolicy": _POLICY}
    tenant.settings |= {
        "protection_policy_rules": [{**preset_rule, **mail} for preset_rule in active_rules],
        "atp_policy_rules": active_rules if tenant.has_a5 else [],
        "built_in_protection_rules": [{**rule, "Identity": "ATP Built-In Protection Rule"}] if tenant.has_a5 else [],
        "anti_malware_policies": [
            {"Identity": "Default", "EnableFileFilter": True, "FileTypes": ["cmd", "exe", "jar"], "ZapEnabled": True},
            *(
                {"Identity": _POLICY, "EnableFileFilter": True, "FileTypes": ["cmd", "exe", "vbe"], "ZapEnabled": True}
                for _ in active_rules
            ),
        ],
        "anti_malware_rules": [],
    }
    tenant.record_policy(
        "defender-programs-are-kept-out-of-mail",
        fails=not _is_preset_on(tenant),
        near="The preset goes before the rest.",
    )
    tenant.record_policy("defender-malware-is-taken-back")


def _configure_spam_filter(tenant: MicrosoftTenant) -> None:
    """Configure the spam filter.

    The default policy marks spam and allows one publisher; where the preset takes precedence, that does no harm.
    """
    preset_on, quarantine = _is_preset_on(tenant), "Quarantine"
    strict = {
        "HighConfidenceSpamAction": quarantine,
        "PhishSpamAction": quarantine,
        "HighConfidencePhishAction": quarantine,
    }
    defaults = {**strict, "SpamAction": "AddXHeader", "AllowedSenderDomains": ["textbooks.example"]}
    preset = {**strict, "SpamAction": "MoveToJmf", "AllowedSenderDomains": [], "RecommendedPolicyType": "Standard"}
    tenant.settings |= {
        "hosted_content_filter_policies": [
            {**defaults, "Identity": "Default", "IsDefault": True, "RecommendedPolicyType": "Custom"},
            *({**preset, "Identity": _POLICY, "IsDefault": False} for _ in range(preset_on)),
        ],
        "hosted_content_filter_rules": [],
    }
    tenant.record_policy(
        "defender-junk-stays-out-of-the-inbox",
        fails=not preset_on,
        near="What is delivered marks it, and answers for nobody.",
    )
    tenant.record_policy(
        "defender-no-domain-passes-unread",
        fails=not preset_on,
        near="One may pass by what is delivered, which answers for nobody.",
    )


def _configure_links_and_attachments(tenant: MicrosoftTenant) -> None:
    """Configure Safe Links and Safe Attachments.

    The built-in policy comes with A5: it opens attachments and scans links, but not those between colleagues.
    """
    has_a5, preset_on, built_in = tenant.has_a5, _is_preset_on(tenant), "Built-In Protection Policy"
    scan_scopes = {"EnableSafeLinksForEmail": True, "EnableSafeLinksForTeams": True, "EnableSafeLinksForOffice": True}
    links = {"ScanUrls": True, "DeliverMessageAfterScan": True, "TrackClicks": True, "EnableForInternalSenders": False}
    policies = [built_in, *([_POLICY] if preset_on else [])]
    tenant.settings |= {
        "defender_license": has_a5,
        "safe_attachment_policies": [{"Identity": policy, "Action": "Block"} for policy in policies] if has_a5 else [],
        "safe_attachment_rules": [],
        "safe_links_policies": [{"Identity": built_in, **scan_scopes, **links}] if has_a5 else [],
        "safe_links_rules": [],
        "atp_policy_for_o365": [{"Identity": "Default", "EnableATPForSPOTeamsODB": has_a5}],
    }
    tenant.record_policy(
        "defender-attachments-are-opened-in-a-sandbox", fails=not has_a5, near="What is built in does it for everybody."
    )
    tenant.record_policy("defender-files-in-teams-are-scanned", fails=not has_a5)
    tenant.record_policy("defender-links-are-checked-when-clicked", fails=not preset_on)
    tenant.record_policy("defender-downloads-behind-links-are-scanned", fails=not (has_a5 or preset_on))
    tenant.record_policy("defender-clicks-are-tracked", fails=not (has_a5 or preset_on))


def _configure_impersonation(tenant: MicrosoftTenant) -> None:
    """Configure the protection against mail that impersonates the superintendent, the district or a partner."""
    has_protection, tips = tenant.is_secured("look-alikes"), tenant.is_secured("tips")
    is_protected = tenant.has_a5 and has_protection
    leader = f"{_OFFICE};superintendent@{tenant.domain}"
    if has_protection:
        tenant.add_scuba_config("SecuritySuite", "MS.SECURITYSUITE.2.1v1", SensitiveUsers=[leader])
        tenant.add_scuba_config("SecuritySuite", "MS.SECURITYSUITE.2.3v1", PartnerDomains=[_SERVICE_CENTER])
    act = "Quarantine" if has_protection else "NoAction"
    default_policy = "Office365 AntiPhish Default"
    tenant.settings |= {
        "anti_phish_policies": [
            {
                "Identity": default_policy,
                "Name": default_policy,
                "IsDefault": True,
                "Enabled": True,
                **dict.fromkeys(_TIPS, True),
                "EnableViaTag": tips,
                "EnableTargetedUserProtection": True,
                "TargetedUsersToProtect": [leader],
                "TargetedUserProtectionAction": act,
                "EnableTargetedDomainsProtection": True,
                "TargetedDomainsToProtect": [_SERVICE_CENTER],
                "TargetedDomainProtectionAction": act,
                "EnableOrganizationDomainsProtection": True,
            }
        ],
        "anti_phish_rules": [],
    }
    tenant.record_policy("defender-look-alikes-of-leaders-are-caught", fails=not is_protected)
    tenant.record_policy("defender-look-alikes-of-own-domains-are-caught", fails=not is_protected)
    tenant.record_policy("defender-look-alikes-of-partners-are-caught", fails=not is_protected)
    tenant.record_policy("defender-people-are-warned", fails=not (tenant.has_a5 and (tips or _is_preset_on(tenant))))


def _configure_alerts_and_audit(tenant: MicrosoftTenant) -> None:
    alerts_off = () if tenant.is_secured("alerts") else ("Messages have been delayed",)
    keeps_a_year = tenant.is_secured("audit log")
    retention = "TwelveMonths" if keeps_a_year else "SixMonths"
    tenant.settings |= {
        "protection_alerts": [{"Name": name, "Disabled": name in alerts_off} for name in _ALERTS],
        "admin_audit_log_config": [{"Identity": "Admin Audit Log Settings", "UnifiedAuditLogIngestionEnabled": True}],
        "unified_audit_log_retention_policies": [{"Name": "Audit", "Enabled": True, "RetentionDuration": retention}]
        if tenant.has_a5
        else [],
    }
    tenant.record_policy("defender-alerts-are-on", fails=bool(alerts_off))
    tenant.record_policy("defender-unified-audit-log-on")
    tenant.record_policy("defender-audit-log-kept-a-year", fails=not (tenant.has_a5 and keeps_a_year))


def _configure_data_loss_prevention(tenant: MicrosoftTenant) -> None:
    """Configure a rule that prevents leaks of personal numbers.

    In some tenants it runs in test mode only; A3 covers no device.
    """
    is_enforced, has_a5 = tenant.is_secured("numbers"), tenant.has_a5
    workloads = _EVERYWHERE if has_a5 else _EVERYWHERE[:3]
    places = {
        "Exchange": "ExchangeLocation",
        "SharePoint": "SharePointLocation",
        "OneDriveForBusiness": "OneDriveLocation",
        "Teams": "TeamsLocation",
        "EndpointDevices": "EndpointDlpLocation",
    }
    locations: dict[str, Any] = {column: ["All"] if name in workloads else [] for name, column in places.items()}
    mode = "Enable" if is_enforced else "TestWithNotifications"
    rule = {
        "Name": "Numbers",
        "ParentPolicyName": "Numbers",
        "Disabled": False,
        "IsAdvancedRule": False,
        "BlockAccess": True,
        "BlockAccessScope": "All",
    }
    tenant.settings |= {
        "defender_dlp_license": has_a5,
        "dlp_compliance_policies": [
            {"Name": "Numbers", "Enabled": True, "Mode": mode, "Workload": ", ".join(workloads), **locations}
        ],
        "dlp_compliance_rules": [
            {
                **rule,
                "ContentContainsSensitiveInformation": [{"name": name} for name in _NUMBERS],
                "NotifyUser": ["LastModifier"],
            }
        ],
    }
    tenant.record_policy("defender-numbers-of-people-are-looked-for", fails=not is_enforced)
    tenant.record_policy("defender-numbers-are-kept-in", fails=not is_enforced)
    tenant.record_policy("defender-people-are-told-why", fails=not is_enforced)
    tenant.record_policy("defender-numbers-are-looked-for-everywhere", fails=not (is_enforced and has_a5))
