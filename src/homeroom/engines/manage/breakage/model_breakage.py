"""Breakage of all models of a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from homeroom.domain.manage.estimates.breakage import AGES, ModelBreakage, WatchedDevice
from homeroom.engines.manage.breakage.broken_shares import MIN_BROKEN, estimate_broken_share
from homeroom.engines.manage.breakage.next_year import predict_next_year
from homeroom.engines.manage.breakage.watched_ages import count_watched_ages


def estimate_breakage(devices: Iterable[WatchedDevice], *, today: date) -> list[ModelBreakage]:
    """Estimate the breakage of each model, in the order of their names. No device has a day after `today`."""
    by_model: defaultdict[str, list[WatchedDevice]] = defaultdict(list)
    for device in devices:
        by_model[device.model].append(device)
    return [_estimate_model(model, by_model[model], today) for model in sorted(by_model)]


def _estimate_model(model: str, devices: Sequence[WatchedDevice], today: date) -> ModelBreakage:
    ages = count_watched_ages(devices, today=today)
    broken = int(ages.broken.sum())
    prediction = predict_next_year(ages) if broken >= MIN_BROKEN else None
    return ModelBreakage(
        model=model,
        devices=len(devices),
        broken=broken,
        by_age=tuple(estimate_broken_share(ages, years) for years in AGES),
        expected=prediction[0] if prediction else None,
        expected_interval=prediction[1] if prediction else None,
    )
