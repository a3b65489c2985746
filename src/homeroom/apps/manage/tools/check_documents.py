"""The JSON document of a check before a tool is adopted; requests store it, and pages show it."""

from __future__ import annotations

from typing import Any

from homeroom.apps.manage.tools.adoption_checks import AdoptionCheck
from homeroom.domain.manage.tools.adoption import CheckedTool, DeviceFit, SchoolLoss, SimilarTool, ToolReach
from homeroom.library.comply.privacy.elements import load_vocabulary


def build_check_document(check: AdoptionCheck) -> dict[str, Any]:
    """Build the document of a check, of plain JSON values."""
    checked, agreement = check.tool, check.agreement
    return {
        "asked": checked.query,
        "today": check.today.isoformat(),
        "here": checked.is_here,
        "does": list(checked.does),
        "tool": _convert_tool(checked.tool) if checked.tool else None,
        "records": [{"table": entry.table, "key": entry.key, "text": entry.text} for entry in checked.records],
        "contracts": [
            {
                "key": contract.key,
                "starts_on": _format_day(contract.starts_on),
                "ends_on": _format_day(contract.ends_on),
                "runs": contract.runs,
                "seats": contract.seats,
                "year_minor": contract.year_minor,
                "currency": contract.currency,
            }
            for contract in checked.contracts
        ],
        "same": [_convert_similar(entry) for entry in checked.same],
        "agreement": {
            "verdict": str(agreement.verdict),
            "status": agreement.status,
            "key": agreement.key,
            "vendor": agreement.vendor,
            "ends_on": _format_day(agreement.ends_on),
            "schools": list(agreement.schools),
        },
        "reach": _convert_reach(checked.reach),
        "loses": [_convert_loss(loss) for loss in checked.loses],
        "devices": [_convert_fit(entry) for entry in check.fits],
        "questions": [{"id": entry.id, "name": entry.name, "here": entry.here} for entry in checked.questions],
        "cannot_tell": [{"about": doubt.about, "why": doubt.why} for doubt in checked.doubts],
    }


def _convert_tool(tool: CheckedTool) -> dict[str, Any]:
    return {
        "id": tool.id,
        "name": tool.name,
        "known": str(tool.known),
        "vendor": tool.vendor,
        "does": list(tool.does),
        "also_does": list(tool.also_does),
        "runs": tool.runs,
        "schools": list(tool.schools),
        "seats": tool.seats,
        "paid": tool.costs,
        "year_minor": tool.year_minor,
        "currency": tool.currency,
        "hollow": tool.hollow,
    }


def _convert_similar(entry: SimilarTool) -> dict[str, Any]:
    return {
        "tool": entry.tool,
        "name": entry.name,
        "capabilities": list(entry.capabilities),
        "comes_with": entry.comes_with,
        "paid": entry.costs,
        "year_minor": entry.year_minor,
        "currency": entry.currency,
        "schools": list(entry.schools),
        "hollow": entry.hollow,
    }


def _convert_reach(reach: ToolReach) -> dict[str, Any]:
    vocabulary = load_vocabulary()
    return {
        "users": reach.users,
        "since": _format_day(reach.since),
        "until": _format_day(reach.until),
        "accounts": reach.accounts,
        "devices": reach.devices,
        "browsers": reach.browsers,
        "scopes": [
            {
                "system": scope.system,
                "scope": scope.scope,
                "elements": list(vocabulary.find_granted(scope.scope, directory=scope.system)),
                "accounts": scope.accounts,
                "everybody": scope.everybody,
            }
            for scope in reach.scopes
        ],
        "hidden": list(reach.hidden),
    }


def _convert_loss(loss: SchoolLoss) -> dict[str, Any]:
    return {
        "school": loss.school,
        "users": loss.users,
        "accounts": loss.accounts,
        "devices": loss.devices,
        "only_here": list(loss.only_here),
        "hidden": list(loss.hidden),
    }


def _convert_fit(entry: DeviceFit) -> dict[str, Any]:
    return {
        "product": entry.product,
        "source": entry.source,
        "fits": entry.fits,
        "blocked": entry.blocked,
        "unknown": entry.unknown,
        "reasons": [
            {"verdict": reason.verdict, "reason": reason.reason, "kind": reason.kind, "devices": reason.devices}
            for reason in entry.reasons
        ],
    }


def _format_day(day: Any) -> str | None:
    return day.isoformat() if day else None
