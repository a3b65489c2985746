"""A control's numbers are the same on the command line, on wide and phone screens, in reports and in files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.sample_server import TODAY, run_process
from tests.web.browser import CHROMIUM, NO_CHROMIUM, VIEWS, SampleDistrict, get_sample_district, open_site

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
NUMBER = re.compile(r"([\d,]+) of ([\d,]+)(?: affected)? · ([\d,]+) unknown")
Numbers = tuple[int, int, int]
ROWS = """rows => rows.map(row => {
    const number = row.querySelector(".number");
    const box = number.getBoundingClientRect();
    const seen = box.width > 0 && box.height > 0 && number.checkVisibility({visibilityProperty: true});
    return [row.querySelector("a[href^='/posture/']").getAttribute("href"), seen ? number.innerText : null];
})"""
"""Return each row's link and its number if visible, in one call because there are hundreds of rows."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> SampleDistrict:
    return get_sample_district().copy_to(tmp_path_factory.mktemp("numbers") / "data")


@pytest.fixture(scope="module")
def page(browser: Browser, house: SampleDistrict) -> Iterator[Page]:
    with open_site(browser, house, "director") as page:
        yield page


@pytest.fixture(scope="module")
def cli_numbers(house: SampleDistrict) -> dict[str, Numbers]:
    """Return the failing, total and undetermined counts of each control and policy, from the command line."""
    output = run_process("assess", "--json", "--today", TODAY.isoformat(), data=house.data)
    report = json.loads(output)
    assessments = [*report["controls"], *report["policies"]]
    return {entry["id"]: (entry["failing"], entry["population"], entry["cannot_tell"]) for entry in assessments}


def parse_numbers(text: str) -> Numbers:
    match = NUMBER.search(re.sub(r"\s+", " ", text))
    assert match is not None, text
    part, total, cannot_tell = (int(value.replace(",", "")) for value in match.groups())
    return part, total, cannot_tell


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_says_the_same_on_every_screen(page: Page, cli_numbers: dict[str, Numbers], view: str) -> None:
    width, height = VIEWS[view]
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/posture")
    page.locator("details.area").evaluate_all("areas => areas.forEach(one => { one.open = true; })")
    rows = page.locator("tr:has(.number):has(a[href^='/posture/'])").evaluate_all(ROWS)
    displayed = {address.split("/")[2]: parse_numbers(text) for address, text in rows if text is not None}
    expected = {control: numbers for control, numbers in cli_numbers.items() if control in displayed}
    assert len(displayed) > 30
    assert displayed == expected


@pytest.mark.parametrize("view", VIEWS)
def test_a_number_opens_as_many_rows_as_it_says(page: Page, cli_numbers: dict[str, Numbers], view: str) -> None:
    width, height = VIEWS[view]
    page.set_viewport_size({"width": width, "height": height})
    failing = [control for control, (part, _, _) in cli_numbers.items() if 0 < part <= 25][:12]
    assert len(failing) > 5
    counted = {}
    for control in failing:
        page.goto(f"/posture/{control}")
        assert parse_numbers(page.locator("main .number").first.inner_text()) == cli_numbers[control]
        page.goto(f"/posture/{control}/fail")
        counted[control] = page.locator("table.evidence tbody tr").count()
    subjects = {control: cli_numbers[control][0] for control in failing}
    assert {name: counted[name] >= subjects[name] for name in failing} == dict.fromkeys(failing, True)


def test_reports_on_paper_on_screen_and_in_files_say_the_same(
    page: Page, house: SampleDistrict, cli_numbers: dict[str, Numbers], tmp_path: Path
) -> None:
    names = [value["name"] for value in json.loads(run_process("report", "--json", data=house.data))["reports"]]
    assert len(names) >= 9
    counted = 0
    for name in names:
        out = tmp_path / name
        printed: dict[str, Any] = json.loads(
            run_process("report", name, "--out", str(out), "--json", "--today", TODAY.isoformat(), data=house.data)
        )
        standalone = (out / f"{name}.html").read_text(encoding="utf-8")
        sheet = list(csv.DictReader(io.StringIO((out / f"{name}-figures.csv").read_text(encoding="utf-8-sig"))))
        page.goto(f"/reports/{name}")
        on_screen = page.locator("dl.figures .number").all_inner_texts()
        assert [re.sub(r"\s+", " ", value) for value in on_screen] == [format_figure(row) for row in sheet]
        assert all(format_figure(row) in standalone for row in sheet)
        for figure in printed["figures"]:
            if figure["control"] in cli_numbers and not figure["label"].startswith("Of these"):
                counted += 1
                figure_numbers = (figure["number"], figure["of"], figure["cannot_tell"])
                assert all(
                    value == expected or (value is None and 0 < expected < 10)
                    for value, expected in zip(figure_numbers, cli_numbers[figure["control"]], strict=True)
                ), "the same number, or in Second Factor by Building none that is under ten"
    assert counted >= 15


def format_figure(row: dict[str, str]) -> str:
    """Format a row of a sheet of figures as pages show it; a number without a total is a count."""
    part, total, cannot_tell = (
        f"{int(row[name]):,}" if row[name].isdecimal() else row[name] for name in ("Number", "Of", "Unknown")
    )
    if total:
        return f"{part} of {total} · {cannot_tell} unknown"
    return f"{part} · {cannot_tell} unknown" if cannot_tell != "0" else part


def test_the_board_s_list_and_today_say_what_the_controls_say(
    page: Page, house: SampleDistrict, cli_numbers: dict[str, Numbers]
) -> None:
    page.goto("/")
    for item in page.locator("ol.items > li").all():
        assert parse_numbers(item.locator(".number").first.inner_text()) in cli_numbers.values()
    page.goto("/reports/board")
    rows = page.locator("table.rows").first.locator("tbody tr").all()
    assert len(rows) == 5
    assert all(parse_numbers(row.inner_text()) in cli_numbers.values() for row in rows)
