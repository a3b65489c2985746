"""One number everywhere: what a control says is the same on the command line, wide, on a phone, in reports and in files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.houses import TODAY, said
from tests.web.browsing import CHROMIUM, NO_CHROMIUM, VIEWS, House, browsing, sample_house

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
NUMBER = re.compile(r"([\d,]+) of ([\d,]+); ([\d,]+) cannot tell")
Numbers = tuple[int, int, int]
ROWS = """rows => rows.map(row => {
    const number = row.querySelector(".number");
    const box = number.getBoundingClientRect();
    const seen = box.width > 0 && box.height > 0 && number.checkVisibility({visibilityProperty: true});
    return [row.querySelector("a[href^='/posture/']").getAttribute("href"), seen ? number.innerText : null];
})"""
"""Where each row of a list leads, and its number where that is to be seen: asked at once, for there are hundreds."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return sample_house().copied(tmp_path_factory.mktemp("numbers") / "data")


@pytest.fixture(scope="module")
def page(house: House) -> Iterator[Page]:
    with browsing(house, "director") as page:
        yield page


@pytest.fixture(scope="module")
def told(house: House) -> dict[str, Numbers]:
    """Failing, population and cannot tell of every control and policy, as the command line says."""
    printed = said("assess", "--json", "--today", TODAY.isoformat(), data=house.data)
    made = json.loads(printed)
    asked = [*made["controls"], *made["policies"]]
    return {one["id"]: (one["failing"], one["population"], one["cannot_tell"]) for one in asked}


def number(text: str) -> Numbers:
    found = NUMBER.search(re.sub(r"\s+", " ", text))
    assert found is not None, text
    part, whole, unknown = (int(value.replace(",", "")) for value in found.groups())
    return part, whole, unknown


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_says_the_same_on_every_screen(page: Page, told: dict[str, Numbers], view: str) -> None:
    width, height = VIEWS[view]
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/posture")
    page.locator("details.area").evaluate_all("areas => areas.forEach(one => { one.open = true; })")
    rows = page.locator("tr:has(.number):has(a[href^='/posture/'])").evaluate_all(ROWS)
    shown = {address.split("/")[2]: number(text) for address, text in rows if text is not None}
    asked = {control: numbers for control, numbers in told.items() if control in shown}
    assert len(shown) > 30
    assert shown == asked


@pytest.mark.parametrize("view", VIEWS)
def test_a_number_opens_as_many_rows_as_it_says(page: Page, told: dict[str, Numbers], view: str) -> None:
    width, height = VIEWS[view]
    page.set_viewport_size({"width": width, "height": height})
    failing = [control for control, (part, _, _) in told.items() if 0 < part <= 25][:12]
    assert len(failing) > 5
    counted = {}
    for control in failing:
        page.goto(f"/posture/{control}")
        assert number(page.locator("main .number").first.inner_text()) == told[control]
        page.goto(f"/posture/{control}/fail")
        counted[control] = page.locator("table.evidence tbody tr").count()
    subjects = {control: told[control][0] for control in failing}
    assert {one: counted[one] >= subjects[one] for one in failing} == dict.fromkeys(failing, True)


def test_reports_on_paper_on_screen_and_in_files_say_the_same(
    page: Page, house: House, told: dict[str, Numbers], tmp_path: Path
) -> None:
    names = [one["name"] for one in json.loads(said("report", "--json", data=house.data))["reports"]]
    assert len(names) >= 9
    counted = 0
    for name in names:
        out = tmp_path / name
        printed: dict[str, Any] = json.loads(
            said("report", name, "--out", str(out), "--json", "--today", TODAY.isoformat(), data=house.data)
        )
        alone = (out / f"{name}.html").read_text(encoding="utf-8")
        sheet = list(csv.DictReader(io.StringIO((out / f"{name}-figures.csv").read_text(encoding="utf-8-sig"))))
        page.goto(f"/reports/{name}")
        on_screen = page.locator("dl.figures .number").all_inner_texts()
        assert [re.sub(r"\s+", " ", one) for one in on_screen] == [in_words(row) for row in sheet]
        assert all(in_words(row) in alone for row in sheet)
        for figure in printed["figures"]:
            if figure["control"] in told and not figure["label"].startswith("Of these"):
                counted += 1
                mine = (figure["number"], figure["of"], figure["cannot_tell"])
                assert all(
                    one == other or (one is None and 0 < other < 10)
                    for one, other in zip(mine, told[figure["control"]], strict=True)
                ), "the same number, or in Second Factor by Building none that is under ten"
    assert counted >= 15


def in_words(row: dict[str, str]) -> str:
    """A row of a sheet of figures as pages write it; a number without a whole is a count."""
    part, whole, unknown = (
        f"{int(row[name]):,}" if row[name].isdecimal() else row[name] for name in ("Number", "Of", "Cannot tell")
    )
    if whole:
        return f"{part} of {whole}; {unknown} cannot tell"
    return f"{part}; {unknown} cannot tell" if unknown != "0" else part


def test_the_board_s_list_and_today_say_what_the_controls_say(
    page: Page, house: House, told: dict[str, Numbers]
) -> None:
    page.goto("/")
    for item in page.locator("ol.items > li").all():
        assert number(item.locator(".number").first.inner_text()) in told.values()
    page.goto("/reports/board")
    rows = page.locator("table.rows").first.locator("tbody tr").all()
    assert len(rows) == 5
    assert all(number(row.inner_text()) in told.values() for row in rows)
