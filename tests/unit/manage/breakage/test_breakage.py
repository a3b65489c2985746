"""The share that breaks by an age: against a count by hand, lifelines where it is installed, and what is unknown."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from homeroom.domain.manage.estimates.breakage import BrokenShare, Departure, ModelBreakage, WatchedDevice
from homeroom.engines.manage.breakage.model_breakage import estimate_breakage

TODAY = date(2027, 6, 30)


def build_device(
    number: int, came: date, *, listed: date | None = None, left: date | None = None, departure: Departure | None = None
) -> WatchedDevice:
    """Build a device of the model that all tests share."""
    return WatchedDevice(
        device=f"D{number}",
        model="C204",
        in_service=came,
        listed_since=listed or came,
        left_on=left,
        departure=departure,
    )


def invent_devices(count: int, *, seed: int, began: date = date(2021, 1, 15)) -> list[WatchedDevice]:
    """Invent devices of eight summers in a list that began in some year, so that early breakage is hidden."""
    rng = random.Random(seed)
    devices = []
    while len(devices) < count:
        came = date(rng.randint(2018, 2026), 7, 1) + timedelta(days=rng.randint(0, 60))
        ends = came + timedelta(days=rng.randint(0, 3000))
        listed = max(began, came)
        if ends < listed or listed > TODAY:
            continue
        departure = rng.choice([*Departure, Departure.BROKEN]) if ends <= TODAY else None
        devices.append(
            build_device(len(devices), came, listed=listed, left=ends if departure else None, departure=departure)
        )
    return devices


def estimate_model(devices: list[WatchedDevice]) -> ModelBreakage:
    """Return the breakage of the only model."""
    (model,) = estimate_breakage(devices, today=TODAY)
    return model


def get_share(model: ModelBreakage, years: int) -> BrokenShare:
    return model.by_age[years - 1]


def count_broken_share(devices: list[WatchedDevice], years: int) -> Fraction:
    """Multiply what survives each day of age, device by device, in exact fractions."""
    surviving = Fraction(1)
    for day in range(math.floor(years * 365.25) + 1):
        watched = broken = 0
        for device in devices:
            last = ((device.left_on or TODAY) - device.in_service).days
            if (device.listed_since - device.in_service).days <= day <= last:
                watched += 1
                broken += device.departure is Departure.BROKEN and last == day
        if broken:
            surviving *= 1 - Fraction(broken, watched)
    return 1 - surviving


@pytest.mark.parametrize("seed", [1, 2])
def test_the_share_is_that_of_a_count_day_by_day(seed: int):
    devices = invent_devices(150, seed=seed)
    model = estimate_model(devices)
    for years in (1, 3, 6):
        assert get_share(model, years).share == pytest.approx(float(count_broken_share(devices, years)))


def test_the_share_is_that_of_lifelines():
    lifelines = pytest.importorskip("lifelines", reason="lifelines is not installed: an oracle, not a dependency")
    devices = invent_devices(200, seed=3)
    fitter = lifelines.KaplanMeierFitter().fit(
        [((item.left_on or TODAY) - item.in_service).days + 1 for item in devices],
        [item.departure is Departure.BROKEN for item in devices],
        entry=[(item.listed_since - item.in_service).days for item in devices],
    )
    model = estimate_model(devices)
    for years in range(1, 7):
        expected = 1 - float(fitter.predict(round(years * 365.25)))
        assert get_share(model, years).share == pytest.approx(expected, abs=1e-9)


def test_the_interval_holds_the_share_and_narrows_with_more_devices():
    small, large = (get_share(estimate_model(invent_devices(count, seed=4)), 3) for count in (80, 2_000))
    for share in (small, large):
        assert share.share is not None
        assert share.interval is not None
        assert 0 <= share.interval.low <= share.share <= share.interval.high <= 1
    assert small.interval is not None
    assert large.interval is not None
    assert large.interval.high - large.interval.low < (small.interval.high - small.interval.low) / 3


def test_without_censoring_the_interval_is_that_of_clopper_and_pearson():
    came = date(2025, 7, 1)
    devices = [build_device(n, came, left=came + timedelta(days=30 + n), departure=Departure.BROKEN) for n in range(10)]
    devices += [build_device(n, came) for n in range(10, 100)]
    share = get_share(estimate_model(devices), 1)
    assert share.share == pytest.approx(0.1)
    assert share.interval is not None
    assert share.interval.low == pytest.approx(0.0490, abs=5e-5)
    assert share.interval.high == pytest.approx(0.1762, abs=5e-5)


@pytest.mark.parametrize("departure", [Departure.RETIRED, Departure.SOLD, Departure.LOST])
def test_what_left_otherwise_is_no_breakage(departure: Departure):
    came = date(2022, 7, 1)
    devices = [
        build_device(n, came, left=came + timedelta(days=100 + n), departure=Departure.BROKEN) for n in range(10)
    ]
    devices += [build_device(n, came, left=date(2025, 7, 1), departure=departure) for n in range(10, 100)]
    model = estimate_model(devices)
    assert model.broken == 10
    assert get_share(model, 2).share == pytest.approx(0.1)
    assert get_share(model, 4).why == "devices of that age were never watched"


def test_under_ten_breakages_nothing_is_estimated():
    came = date(2022, 7, 1)
    devices = [build_device(n, came, left=came + timedelta(days=100 + n), departure=Departure.BROKEN) for n in range(9)]
    model = estimate_model([*devices, *(build_device(n, came) for n in range(9, 500))])
    assert {share.why for share in model.by_age} == {"under 10 breakages: 9"}
    assert model.expected is None


def test_an_age_that_the_list_began_after_is_not_estimated():
    came, listed = date(2019, 7, 1), date(2021, 7, 1)
    devices = [
        build_device(n, came, listed=listed, left=listed + timedelta(days=50 + n), departure=Departure.BROKEN)
        for n in range(40)
    ]
    model = estimate_model([*devices, *(build_device(n, came, listed=listed) for n in range(40, 400))])
    assert all(share.why.startswith("devices of that age were never watched") for share in model.by_age)
    assert model.expected is None, "all of them reach an age that none has reached"


def test_next_year_is_expected_from_those_that_are_older():
    rng = random.Random(5)
    devices = []
    for number in range(3_000):
        came = date(rng.choice([2022, 2023, 2024, 2025, 2026]), 7, 1) - timedelta(days=rng.randint(0, 300))
        ends = came + timedelta(days=int(rng.expovariate(1 / 3650)))
        departure = Departure.BROKEN if ends <= TODAY else None
        devices.append(build_device(number, came, left=ends if departure else None, departure=departure))
    model = estimate_model(devices)
    remaining = sum(device.left_on is None for device in devices)
    assert model.expected == pytest.approx(remaining * 0.095, rel=0.15)
    assert model.expected_interval is not None
    assert model.expected_interval.low < model.expected < model.expected_interval.high


def test_what_breaks_on_the_anniversary_broke_by_that_age():
    """A device that broke 365 days after it came broke by the age of 1; a day later, it did not."""
    came, working = date(2022, 7, 1), [build_device(number, date(2019, 7, 1)) for number in range(20)]
    for days, share in ((365, 0.1), (366, 0.0)):
        broken = [
            build_device(100 + n, came, left=came + timedelta(days=days + 400 * (n > 2)), departure=Departure.BROKEN)
            for n in range(10)
        ]
        assert get_share(estimate_model([*working, *broken]), 1).share == pytest.approx(share)
