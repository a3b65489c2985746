"""ScubaGear's files of a Microsoft 365 tenant: the settings that it read, and its result, both with a BOM.

The result has HTML in its texts and a Raw block with people's names that nobody may store. It assesses the tenant like
a federal agency: a second factor that excludes the youngest students counts as none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from homeroom.sample.consoles.google import format_timestamp
from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.tenants.microsoft_tenant import MicrosoftTenant

_BADGES: Final = (
    "<div class='policy-indicators'><a href='https://www.cisa.gov/' target='_blank' class='indicator' "
    "title='BOD 25-01 Requirement'>BOD 25-01 Requirement</a></div>"
)
_ScubaControl = tuple[str, str, str, str, str]
"""(policy, requirement, verdict, criticality, details): ids are ScubaGear's, the words are ours."""


def write_export(folder: Path, tenant: MicrosoftTenant) -> list[Path]:
    """Write ProviderSettingsExport.json, which is beside the report if ScubaGear retains single files."""
    folder.mkdir(parents=True, exist_ok=True)
    district = tenant.district
    document = {
        "baseline_version": "1",
        "module_version": "1.8.0",
        "timestamp_zulu": format_timestamp(district.calendar.recent[0]),
        "report_uuid": build_guid(9, district.seed),
        "tenant_details": [
            {"DisplayName": district.name, "DomainName": tenant.domain, "TenantId": build_guid(8, district.seed)}
        ],
        "scuba_config": {"M365Environment": "commercial", "ProductNames": ["*"], **tenant.scuba_config},
        **tenant.settings,
        "aad_successful_commands": [],
        "aad_unsuccessful_commands": [],
    }
    return [_write_document(folder / "ProviderSettingsExport.json", document)]


def _write_document(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document, indent=4, ensure_ascii=False), encoding="utf-8-sig", newline="\n")
    return path


def _list_controls(tenant: MicrosoftTenant) -> Iterator[_ScubaControl]:
    global_count = len(tenant.global_administrators)
    fails_legacy, fails_registration = (
        tenant.has_failure(policy)
        for policy in ("entra-legacy-sign-in-blocked", "entra-managed-device-to-register-a-factor")
    )
    yield (
        "MS.AAD.1.1v1",
        "Legacy authentication SHALL be blocked.",
        "Fail" if fails_legacy else "Pass",
        "Shall",
        f"{0 if fails_legacy else 1} policies found.",
    )
    yield (
        "MS.AAD.3.2v2", "A second factor SHALL be asked of everybody.", "Fail", "Shall",
        "0 policies found. <a href='#caps'>View all policies</a>.",
    )  # fmt: skip
    yield (
        "MS.AAD.3.8v1",
        ("A factor SHOULD be registered from a managed device."),
        "Warning" if fails_registration else "Pass",
        "Should",
        "See policies.",
    )
    yield (
        "MS.AAD.7.1v1", "Two to eight people SHALL be Global "
                        "Administrators.", "Pass" if 2 <= global_count <= 8 else "Fail", "Shall",
        f"{global_count} administrators: <b>see &amp; check</b>.",
    )  # fmt: skip
    yield "MS.AAD.8.3v1", "Guests SHOULD come from named domains.", "N/A", "Should/Not-Implemented", "Look by hand."


def write_result(folder: Path, tenant: MicrosoftTenant) -> list[Path]:
    """Write ScubaResults_<id>.json."""
    identity = build_guid(9, tenant.district.seed)
    folder.mkdir(parents=True, exist_ok=True)
    return [_write_document(folder / f"ScubaResults_{identity}.json", _build_document(tenant, identity))]


def _build_document(tenant: MicrosoftTenant, identity: str) -> dict[str, Any]:
    district, controls = tenant.district, list(_list_controls(tenant))
    result_counts = Counter(result for _, _, result, _, _ in controls)
    return {
        "MetaData": {
            "TenantId": build_guid(8, district.seed),
            "DisplayName": district.name,
            "DomainName": district.domain,
            "ProductSuite": "Microsoft 365",
            "ProductsAssessed": ["Azure Active Directory"],
            "ProductAbbreviationMapping": {"Azure Active Directory": "AAD"},
            "Tool": "ScubaGear",
            "ToolVersion": "1.8.0",
            "TimestampZulu": format_timestamp(district.calendar.recent[0]),
            "ReportUUID": identity,
        },
        "Summary": {
            "AAD": {
                "Passes": result_counts["Pass"],
                "Failures": result_counts["Fail"],
                "Warnings": result_counts["Warning"],
                "Manual": result_counts["N/A"],
                "Errors": 0,
                "Omits": 0,
            }
        },
        "AnnotatedFailedPolicies": {},
        "Results": {
            "AAD": [
                {
                    "GroupName": "Sign-in",
                    "GroupNumber": "1",
                    "GroupReferenceURL": "https://github.com/cisagov/ScubaGear",
                    "Controls": [_build_control(*control) for control in controls],
                }
            ]
        },
        "Raw": {
            "baseline_version": "1",
            "module_version": "1.8.0",
            "privileged_users": {
                build_guid(7, 1): {
                    "DisplayName": "Rosa Field",
                    "UserPrincipalName": f"rosa.field@{district.domain}",
                    "roles": ["Global Administrator"],
                }
            },
        },
    }


def _build_control(policy: str, requirement: str, result: str, criticality: str, details: str) -> dict[str, Any]:
    return {
        "Control ID": policy,
        "Requirement": f"{requirement}{_BADGES}",
        "Result": result,
        "Criticality": criticality,
        "Details": details,
        "OmittedEvaluationResult": "N/A",
        "OmittedEvaluationDetails": "N/A",
        "IncorrectResult": "N/A",
        "IncorrectDetails": "N/A",
        "OriginalResult": result,
        "OriginalDetails": details,
        "Comments": [],
        "ResolutionDate": "N/A",
    }
