"""The effects of studies, and the document that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from homeroom.apps.manage.effects.panel_files import read_studies
from homeroom.domain.manage.estimates.studies import Study, StudyEffect
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.engines.manage.effect.effects import estimate_effect


def estimate_file(path: Path, *, progress: Progress = ignore_progress) -> list[StudyEffect]:
    """Estimate the effects of all studies of a file. Raise FileRefused if anything in it does not fit."""
    return estimate_studies(read_studies(path), progress=progress)


def estimate_studies(studies: Sequence[Study], *, progress: Progress = ignore_progress) -> list[StudyEffect]:
    """Estimate the effects of studies, in their order."""
    effects = []
    for number, study in enumerate(studies):
        progress("studies", number, len(studies))
        effects.append(estimate_effect(study))
    return effects


def build_effect_document(effects: Iterable[StudyEffect]) -> dict[str, Any]:
    """Build the JSON document of effects."""
    return {"studies": [_convert_effect(effect) for effect in effects]}


def _convert_effect(effect: StudyEffect) -> dict[str, Any]:
    return {
        "study": effect.study,
        "verdict": effect.verdict.value,
        "estimate": effect.estimate,
        "low": effect.interval.low if effect.interval else None,
        "high": effect.interval.high if effect.interval else None,
        "schools": effect.schools,
        "school_weeks": effect.school_weeks,
        "seen_if_at_least": effect.seen_if_at_least,
        "why": effect.why,
    }
