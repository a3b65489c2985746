"""The breakage of the devices of a file, and the document that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from homeroom.apps.manage.breakage.device_files import read_device_file
from homeroom.domain.manage.estimates.breakage import BrokenShare, ModelBreakage
from homeroom.engines.manage.breakage.model_breakage import estimate_breakage
from homeroom.ingest.contract.errors import Problem


@dataclass(frozen=True, kw_only=True)
class BreakageOutcome:
    """Breakage by model, and the rows that were rejected."""

    models: Sequence[ModelBreakage]
    rejects: Sequence[Problem]


def estimate_file(path: Path, *, today: date) -> BreakageOutcome:
    """Estimate the breakage of the devices of a file as of a day. Raise FileRefused if it cannot be read at all."""
    file = read_device_file(path, today=today)
    return BreakageOutcome(models=estimate_breakage(file.devices, today=today), rejects=file.rejects)


def build_breakage_document(outcome: BreakageOutcome) -> dict[str, Any]:
    """Build the JSON document of breakage and rejects."""
    return {
        "models": [_convert_model(model) for model in outcome.models],
        "rejected": len(outcome.rejects),
        "rejects": [
            {"line": item.line, "field": item.field, "value": item.value, "reason": item.reason, "fits": item.fits}
            for item in outcome.rejects
        ],
    }


def _convert_model(model: ModelBreakage) -> dict[str, Any]:
    interval = model.expected_interval
    return {
        "model": model.model,
        "devices": model.devices,
        "broken": model.broken,
        "by_age": [_convert_share(share) for share in model.by_age],
        "next_year": {"expected": model.expected, "low": interval.low, "high": interval.high} if interval else None,
    }


def _convert_share(share: BrokenShare) -> dict[str, Any]:
    if share.interval is None:
        return {"years": share.years, "verdict": "cannot tell", "why": share.why}
    return {"years": share.years, "share": share.share, "low": share.interval.low, "high": share.interval.high}
