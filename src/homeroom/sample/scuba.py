"""A result of ScubaGear: HTML in its texts, a byte order mark, and a Raw block with people's names that nobody may keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from homeroom.sample.google import stamp
from homeroom.sample.ids import guid
from homeroom.sample.plan import District

_BADGES: Final = (
    "<div class='policy-indicators'><a href='https://www.cisa.gov/' target='_blank' class='indicator' "
    "title='BOD 25-01 Requirement'>BOD 25-01 Requirement</a></div>"
)
# (policy, requirement, verdict, criticality, details): ids are ScubaGear's, the words are ours
_POLICIES: Final = (
    ("MS.AAD.1.1v1", "Legacy authentication SHALL be blocked.", "Pass", "Shall", "Requirement met."),
    (
        "MS.AAD.3.2v1", "A second factor SHALL be asked of everybody.", "Fail", "Shall",
        "0 policies found. <a href='#caps'>View all policies</a>.",
    ),
    (
        "MS.AAD.7.1v1", "Two to eight people SHALL be Global Administrators.", "Warning", "Should",
        "9 administrators: <b>see &amp; check</b>.",
    ),
    ("MS.AAD.8.3v1", "Guests SHOULD come from named domains.", "N/A", "Should/Not-Implemented", "Look by hand."),
)  # fmt: skip


def write_result(folder: Path, district: District) -> list[Path]:
    """Write ScubaResults_<id>.json."""
    identity = guid(9, district.seed)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ScubaResults_{identity}.json"
    text = json.dumps(_document(district, identity), indent=4, ensure_ascii=False)
    path.write_text(text, encoding="utf-8-sig", newline="\n")
    return [path]


def _document(district: District, identity: str) -> dict[str, Any]:
    return {
        "MetaData": {
            "TenantId": guid(8, district.seed),
            "DisplayName": district.name,
            "DomainName": district.domain,
            "ProductSuite": "Microsoft 365",
            "ProductsAssessed": ["Azure Active Directory"],
            "ProductAbbreviationMapping": {"Azure Active Directory": "AAD"},
            "Tool": "ScubaGear",
            "ToolVersion": "1.8.0",
            "TimestampZulu": stamp(district.calendar.recent[0]),
            "ReportUUID": identity,
        },
        "Summary": {"AAD": {"Passes": 1, "Failures": 1, "Warnings": 1, "Manual": 1, "Errors": 0, "Omits": 0}},
        "AnnotatedFailedPolicies": {},
        "Results": {
            "AAD": [
                {
                    "GroupName": "Sign-in",
                    "GroupNumber": "1",
                    "GroupReferenceURL": "https://github.com/cisagov/ScubaGear",
                    "Controls": [_control(*policy) for policy in _POLICIES],
                }
            ]
        },
        "Raw": {
            "baseline_version": "1",
            "module_version": "1.8.0",
            "privileged_users": {
                guid(7, 1): {
                    "DisplayName": "Rosa Field",
                    "UserPrincipalName": f"rosa.field@{district.domain}",
                    "roles": ["Global Administrator"],
                }
            },
        },
    }


def _control(policy: str, requirement: str, result: str, criticality: str, details: str) -> dict[str, Any]:
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
