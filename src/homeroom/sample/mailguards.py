"""Mail and its guards in a Microsoft 365 tenant: Exchange, Defender, and rules against handing numbers out."""

from __future__ import annotations

from typing import Any, Final

from homeroom.sample.tenancy import ALUMNI, BUSES, Tenant

_PRESET: Final = "Standard Preset Security Policy"
_POLICY: Final = "Standard Preset Security Policy1767225600000"
_OFFICE: Final = "Office of the Superintendent"
_CENTRE: Final = "servicecentre.example"
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


def furnish(tenant: Tenant) -> None:
    """Lay down every setting of Exchange and Defender and say what is true of it."""
    _names(tenant)
    _forwarding(tenant)
    _exchange(tenant)
    _preset(tenant)
    _spam(tenant)
    _links_and_attachments(tenant)
    _likenesses(tenant)
    _watching(tenant)
    _numbers(tenant)


def _preset_on(tenant: Tenant) -> bool:
    return tenant.keeps("preset")


def _names(tenant: Tenant) -> None:
    """What the name service says of the main domain and of that of former pupils, which is looked after less."""
    refuses, signs, domain = tenant.keeps("sender records"), tenant.keeps("signatures"), tenant.domain
    record = "v=spf1 include:spf.protection.outlook.com "
    key = "v=DKIM1; k=rsa; p=Tm90IGEga2V5Lg=="
    reports = f"rua=mailto:dmarc@{domain}"
    strict = f"v=DMARC1; p=reject; pct=100; {reports}"
    tenant.settings |= {
        "accepted_domains": [{"DomainName": domain}, {"DomainName": ALUMNI}],
        "spf_records": [
            {"domain": domain, "compliant": True, "rdata": [f"{record}-all"]},
            {"domain": ALUMNI, "compliant": refuses, "rdata": [f"{record}{'~all' if refuses else '?all'}"]},
        ],
        "dkim_config": [{"Domain": domain, "Enabled": True}, {"Domain": ALUMNI, "Enabled": True}],
        "dkim_records": [{"domain": domain, "rdata": [key]}, {"domain": ALUMNI, "rdata": [key] if signs else []}],
        "dmarc_records": [
            {"domain": domain, "rdata": [strict]},
            {"domain": ALUMNI, "rdata": [f"v=DMARC1; p=quarantine; {reports}"]},
        ],
    }
    tenant.says("exchange-spf-refuses-others", fails=not refuses, place=ALUMNI, near="It softly refuses, which is one.")
    tenant.says("exchange-dkim-signs", fails=not signs, place=ALUMNI)
    tenant.says("exchange-dmarc-published", place=ALUMNI, near="It only asks to set mail aside, and says so.")
    tenant.says("exchange-dmarc-refuses", fails=True, place=ALUMNI)
    tenant.says("exchange-dmarc-reports-are-read", place=domain, near="One address, the district's own.")


def _forwarding(tenant: Tenant) -> None:
    vouched = tenant.keeps("forwarding")
    if vouched:
        tenant.vouch("Exo", "MS.EXO.1.1v2", AllowedForwardingDomains=[BUSES])
    tenant.settings["remote_domains"] = [
        {"DomainName": "*", "AutoForwardEnabled": False},
        {"DomainName": BUSES, "AutoForwardEnabled": True},
    ]
    why = "The bus company's mail is forwarded, and the district vouches for it."
    tenant.says("exchange-no-forwarding-outside", fails=not vouched, place=BUSES, near=why)


def _exchange(tenant: Tenant) -> None:
    usual, hosts = "Default Sharing Policy", "Transport Settings"
    modern, closed, marked, listed = map(tenant.keeps, ("modern sending", "calendars", "marks", "addresses"))
    shared = [f"{_CENTRE}:CalendarSharingFreeBusySimple"] if closed else ["*:CalendarSharingFreeBusySimple"]
    marks = {"Name": "Outside", "State": "Enabled", "FromScope": "NotInOrganization", "PrependSubject": "[External]"}
    tenant.settings |= {
        "transport_config": [{"Name": hosts, "SmtpClientAuthenticationDisabled": modern}],
        "sharing_policy": [{"Name": usual, "Domains": shared}],
        "transport_rule": [{**marks, "Mode": "Enforce" if marked else "Audit"}],
        "org_config": [{"Name": tenant.domain, "AuditDisabled": False}],
        "conn_filter": [{"Name": "Default", "IPAllowList": [] if listed else ["192.0.2.9"], "EnableSafeList": False}],
    }
    tenant.says("exchange-smtp-auth-off", fails=not modern, place=hosts)
    tenant.says("exchange-calendars-are-not-shared-with-all", fails=not closed, place=usual, near="With one partner.")
    tenant.says("exchange-contacts-are-not-shared-with-all", place=usual, near="Calendars alone are shared.")
    tenant.says("exchange-mail-from-outside-is-marked", fails=not marked)
    tenant.says("exchange-mailboxes-are-audited", place=tenant.domain)
    tenant.says("defender-no-address-passes-unread", fails=not listed, place="Default")
    tenant.says("defender-no-safe-list", place="Default")


def _preset(tenant: Tenant) -> None:
    """The vendor's own set of rules, on for everybody in some tenants; else what is delivered holds."""
    nobody = dict.fromkeys(("SentTo", "SentToMemberOf", "RecipientDomainIs"))
    spared = dict.fromkeys(("ExceptIfSentTo", "ExceptIfSentToMemberOf", "ExceptIfRecipientDomainIs"))
    rule = {"Identity": _PRESET, "State": "Enabled", "Priority": 1, **nobody, **spared}
    on = [rule] if _preset_on(tenant) else []
    mail = {"HostedContentFilterPolicy": _POLICY, "AntiPhishPolicy": _POLICY, "MalwareFilterPolicy": _POLICY}
    tenant.settings |= {
        "protection_policy_rules": [{**one, **mail} for one in on],
        "atp_policy_rules": on if tenant.dear else [],
        "built_in_protection_rules": [{**rule, "Identity": "ATP Built-In Protection Rule"}] if tenant.dear else [],
        "anti_malware_policies": [
            {"Identity": "Default", "EnableFileFilter": True, "FileTypes": ["cmd", "exe", "jar"], "ZapEnabled": True},
            *({"Identity": _POLICY, "EnableFileFilter": True, "FileTypes": ["cmd", "exe", "vbe"], "ZapEnabled": True} for _ in on),
        ],
        "anti_malware_rules": [],
    }  # fmt: skip
    tenant.says(
        "defender-programs-are-kept-out-of-mail", fails=not _preset_on(tenant), near="The preset goes before the rest."
    )
    tenant.says("defender-malware-is-taken-back")


def _spam(tenant: Tenant) -> None:
    """What is delivered marks spam and lets a publisher pass; where the preset goes first, that harms nobody."""
    preset_on, out = _preset_on(tenant), "Quarantine"
    strict = {"HighConfidenceSpamAction": out, "PhishSpamAction": out, "HighConfidencePhishAction": out}
    usual = {**strict, "SpamAction": "AddXHeader", "AllowedSenderDomains": ["textbooks.example"]}
    preset = {**strict, "SpamAction": "MoveToJmf", "AllowedSenderDomains": [], "RecommendedPolicyType": "Standard"}
    tenant.settings |= {
        "hosted_content_filter_policies": [
            {**usual, "Identity": "Default", "IsDefault": True, "RecommendedPolicyType": "Custom"},
            *({**preset, "Identity": _POLICY, "IsDefault": False} for _ in range(preset_on)),
        ],
        "hosted_content_filter_rules": [],
    }
    tenant.says(
        "defender-junk-stays-out-of-the-inbox",
        fails=not preset_on,
        near="What is delivered marks it, and answers for nobody.",
    )
    tenant.says("defender-no-domain-passes-unread", fails=not preset_on, near="One may pass by what is delivered, which answers for nobody.")  # fmt: skip


def _links_and_attachments(tenant: Tenant) -> None:
    """What is built in comes with A5: it opens attachments and looks at links, but not at those between colleagues."""
    dear, preset_on, built_in = tenant.dear, _preset_on(tenant), "Built-In Protection Policy"
    looks = {"EnableSafeLinksForEmail": True, "EnableSafeLinksForTeams": True, "EnableSafeLinksForOffice": True}
    links = {"ScanUrls": True, "DeliverMessageAfterScan": True, "TrackClicks": True, "EnableForInternalSenders": False}
    opens = [built_in, *([_POLICY] if preset_on else [])]
    tenant.settings |= {
        "defender_license": dear,
        "safe_attachment_policies": [{"Identity": one, "Action": "Block"} for one in opens] if dear else [],
        "safe_attachment_rules": [],
        "safe_links_policies": [{"Identity": built_in, **looks, **links}] if dear else [],
        "safe_links_rules": [],
        "atp_policy_for_o365": [{"Identity": "Default", "EnableATPForSPOTeamsODB": dear}],
    }
    tenant.says(
        "defender-attachments-are-opened-in-a-sandbox", fails=not dear, near="What is built in does it for everybody."
    )
    tenant.says("defender-files-in-teams-are-scanned", fails=not dear)
    tenant.says("defender-links-are-checked-when-clicked", fails=not preset_on)
    tenant.says("defender-downloads-behind-links-are-scanned", fails=not (dear or preset_on))
    tenant.says("defender-clicks-are-tracked", fails=not (dear or preset_on))


def _likenesses(tenant: Tenant) -> None:
    """Mail of somebody who looks like the superintendent, the district or a partner."""
    acts, tips = tenant.keeps("look-alikes"), tenant.keeps("tips")
    kept = tenant.dear and acts
    leader = f"{_OFFICE};superintendent@{tenant.domain}"
    if acts:
        tenant.vouch("SecuritySuite", "MS.SECURITYSUITE.2.1v1", SensitiveUsers=[leader])
        tenant.vouch("SecuritySuite", "MS.SECURITYSUITE.2.3v1", PartnerDomains=[_CENTRE])
    act = "Quarantine" if acts else "NoAction"
    usual = "Office365 AntiPhish Default"
    tenant.settings |= {
        "anti_phish_policies": [
            {
                "Identity": usual, "Name": usual, "IsDefault": True, "Enabled": True, **dict.fromkeys(_TIPS, True), "EnableViaTag": tips,
                "EnableTargetedUserProtection": True, "TargetedUsersToProtect": [leader], "TargetedUserProtectionAction": act,
                "EnableTargetedDomainsProtection": True, "TargetedDomainsToProtect": [_CENTRE], "TargetedDomainProtectionAction": act,
                "EnableOrganizationDomainsProtection": True,
            }
        ],
        "anti_phish_rules": [],
    }  # fmt: skip
    tenant.says("defender-look-alikes-of-leaders-are-caught", fails=not kept)
    tenant.says("defender-look-alikes-of-own-domains-are-caught", fails=not kept)
    tenant.says("defender-look-alikes-of-partners-are-caught", fails=not kept)
    tenant.says("defender-people-are-warned", fails=not (tenant.dear and (tips or _preset_on(tenant))))


def _watching(tenant: Tenant) -> None:
    off = () if tenant.keeps("alerts") else ("Messages have been delayed",)
    year = tenant.keeps("audit log")
    kept = "TwelveMonths" if year else "SixMonths"
    tenant.settings |= {
        "protection_alerts": [{"Name": name, "Disabled": name in off} for name in _ALERTS],
        "admin_audit_log_config": [{"Identity": "Admin Audit Log Settings", "UnifiedAuditLogIngestionEnabled": True}],
        "unified_audit_log_retention_policies": [{"Name": "Audit", "Enabled": True, "RetentionDuration": kept}] if tenant.dear else [],
    }  # fmt: skip
    tenant.says("defender-alerts-are-on", fails=bool(off))
    tenant.says("defender-unified-audit-log-on")
    tenant.says("defender-audit-log-kept-a-year", fails=not (tenant.dear and year))


def _numbers(tenant: Tenant) -> None:
    """A rule that keeps numbers of people in. In some tenants it was only ever tried; A3 reaches no device."""
    kept, dear = tenant.keeps("numbers"), tenant.dear
    reach = _EVERYWHERE if dear else _EVERYWHERE[:3]
    places = {"Exchange": "ExchangeLocation", "SharePoint": "SharePointLocation", "OneDriveForBusiness": "OneDriveLocation", "Teams": "TeamsLocation", "EndpointDevices": "EndpointDlpLocation"}  # fmt: skip
    everywhere: dict[str, Any] = {column: ["All"] if name in reach else [] for name, column in places.items()}
    mode = "Enable" if kept else "TestWithNotifications"
    rule = {"Name": "Numbers", "ParentPolicyName": "Numbers", "Disabled": False, "IsAdvancedRule": False, "BlockAccess": True, "BlockAccessScope": "All"}  # fmt: skip
    tenant.settings |= {
        "defender_dlp_license": dear,
        "dlp_compliance_policies": [{"Name": "Numbers", "Enabled": True, "Mode": mode, "Workload": ", ".join(reach), **everywhere}],
        "dlp_compliance_rules": [
            {**rule, "ContentContainsSensitiveInformation": [{"name": name} for name in _NUMBERS], "NotifyUser": ["LastModifier"]}
        ],
    }  # fmt: skip
    tenant.says("defender-numbers-of-people-are-looked-for", fails=not kept)
    tenant.says("defender-numbers-are-kept-in", fails=not kept)
    tenant.says("defender-people-are-told-why", fails=not kept)
    tenant.says("defender-numbers-are-looked-for-everywhere", fails=not (kept and dear))
