"""A device fits only by values that are there: what is missing never fits and never blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.domain.know.software.needs import ProductNeeds, SystemNeeds
from homeroom.engines.manage.compatibility.judge import Reason, TargetDevice, Verdict, judge_device
from homeroom.library.know.software import load_products, load_proven_products
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

TODAY, JUNE = date(2026, 1, 15), date(2026, 6, 5)
NEEDS = ProductNeeds(
    systems=(SystemNeeds(platform="chromeos", least="110"), SystemNeeds(platform="windows", least="10.0.19045")),
    source="https://maker.test/needs",
    never=("linux",),
    updates=True,
    as_of=date(2025, 8, 1),
)
CHROMEBOOK = TargetDevice(
    id=1, name="5CD1", school="Oak", platform="chromeos", os_version="128.0.6613.137", expires_on=date(2030, 6, 1)
)
WINDOWS: dict[str, Any] = {"platform": "windows", "expires_on": None}


@pytest.mark.parametrize(
    ("changes", "verdict", "reasons"),
    [
        ({}, Verdict.FITS, []),
        ({"os_version": "103.0.5060.132"}, Verdict.BLOCKED, [Reason.OLD_SYSTEM]),
        ({"expires_on": date(2026, 6, 4)}, Verdict.BLOCKED, [Reason.NO_UPDATES]),
        ({"expires_on": JUNE}, Verdict.FITS, []),
        ({"os_version": "99", "expires_on": TODAY}, Verdict.BLOCKED, [Reason.OLD_SYSTEM, Reason.NO_UPDATES]),
        ({"os_version": "99", "expires_on": None}, Verdict.BLOCKED, [Reason.OLD_SYSTEM]),
        ({"os_version": "", "expires_on": None}, Verdict.UNKNOWN, [Reason.UNKNOWN_VERSION, Reason.UNKNOWN_EXPIRY]),
        ({"os_version": "newest"}, Verdict.UNKNOWN, [Reason.UNKNOWN_VERSION]),
        ({"platform": ""}, Verdict.UNKNOWN, [Reason.UNKNOWN_PLATFORM]),
        ({"platform": "linux"}, Verdict.BLOCKED, [Reason.NO_PLATFORM]),
        ({"platform": "ios"}, Verdict.UNKNOWN, [Reason.UNKNOWN_NEEDS]),
        (WINDOWS | {"os_version": "10.0 (17763)"}, Verdict.BLOCKED, [Reason.OLD_SYSTEM]),
        (WINDOWS | {"os_version": "10.0 (22631)"}, Verdict.FITS, []),
    ],
)  # fmt: skip
def test_a_device_is_judged_by_what_its_product_needs(changes: dict[str, Any], verdict: Verdict, reasons: list[Reason]):
    answer = judge_device(replace(CHROMEBOOK, **changes), NEEDS, until=JUNE, today=TODAY)
    assert (answer.verdict, list(answer.reasons)) == (verdict, reasons)


def test_old_needs_still_block_but_prove_for_none_that_it_fits():
    for as_of in (date(2024, 8, 1), None):
        old = replace(NEEDS, as_of=as_of)
        assert judge_device(CHROMEBOOK, old, until=JUNE, today=TODAY).reasons == [Reason.OLD_NEEDS]
        blocked = judge_device(replace(CHROMEBOOK, os_version="99"), old, until=JUNE, today=TODAY)
        assert (blocked.verdict, blocked.reasons) == (Verdict.BLOCKED, [Reason.OLD_SYSTEM])


def test_memory_disk_and_processor_are_what_no_source_has():
    system = SystemNeeds(platform="chromeos", memory=4, disk=64, architecture="64-bit")
    answer = judge_device(CHROMEBOOK, replace(NEEDS, systems=(system,)), until=JUNE, today=TODAY)
    wanted = [Reason.UNKNOWN_MEMORY, Reason.UNKNOWN_DISK, Reason.UNKNOWN_ARCHITECTURE]
    assert (answer.verdict, answer.reasons) == (Verdict.UNKNOWN, wanted)


def test_without_a_product_only_updates_count():
    for changes, verdict in (
        ({}, Verdict.FITS),
        ({"expires_on": TODAY}, Verdict.BLOCKED),
        ({"expires_on": None}, Verdict.UNKNOWN),
        ({"expires_on": None, "platform": ""}, Verdict.UNKNOWN),
        ({"expires_on": None, "platform": "macos"}, Verdict.FITS),
    ):
        answer = judge_device(replace(CHROMEBOOK, **changes), None, until=JUNE, today=TODAY)  # type: ignore[arg-type]
        assert answer.verdict is verdict, changes


def test_products_that_schools_test_with_have_needs_from_their_makers():
    needs = {product.id: product.needs for product in load_products() if product.needs}
    assert {"bluebook", "cambium-secure-browser", "testnav", "windows", "zoom"} <= set(needs)
    assert all(item.source.startswith("https://") for item in needs.values())


def write_product(folder: Path, **changes: Any) -> Path:
    product = yaml.safe_load((BUILTIN_CONTENT / "software" / "testnav.yaml").read_text(encoding="utf-8"))
    product["needs"] |= changes
    (folder / "software").mkdir()
    (folder / "software" / "testnav.yaml").write_text(yaml.safe_dump(product), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"as_of": "soon"}, "a day such as '2026-07-15' would fit"),
        ({"source": "http://maker.test"}, "an address with https:// would fit"),
        ({"never": ["amiga"]}, "'amiga'; windows, macos, linux, chromeos, ios, android would fit"),
        ({"systems": ["windows"]}, "a mapping with platform would fit"),
        ({"systems": [{"platform": "beos"}]}, "'beos'; windows"),
        ({"examples": {"enough": ["macos 10.13"], "too_old": ["macos 10.12"]}}, "'macos 10.13' is judged otherwise"),
        ({"examples": {"enough": []}}, "too_old"),
    ],
)
def test_needs_that_do_not_fit_are_refused_with_what_would(tmp_path: Path, changes: dict[str, Any], words: str):
    with pytest.raises(ContentRefused) as refusal:
        load_proven_products(write_product(tmp_path, **changes))
    assert any(words in str(problem) for problem in refusal.value.problems), refusal.value.problems
