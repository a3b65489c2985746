"""Actions of the cast in the browser: plan a week, defer an item, release a fix file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

LEAVERS = re.compile(r"[\d,]+ accounts? of former staff or students (is|are) still active")


@dataclass(frozen=True)
class ReleasedFixFile:
    """A released fix file: its address, its finding's, the account left out, and the texts in its zip."""

    address: str
    finding: str
    left_out: str
    texts: dict[str, str]

    def list_accounts(self, name: str) -> set[str]:
        """Return the accounts that one of its files names."""
        return {row["primaryEmail"] for row in csv.DictReader(io.StringIO(self.texts[name]))}


def plan_week(page: Page, *, hours: str) -> None:
    """Set all hours on the Plan page and plan the week with them."""
    page.goto("/plan")
    if page.locator("details.hours").get_attribute("open") is None:
        page.locator("details.hours summary").click()
    for box in page.locator("input[name^=hours-]").all():
        box.fill(hours)
    page.get_by_role("button", name="Build the plan").click()
    page.get_by_text("This week’s plan has").first.wait_for()


def get_plan_item(page: Page, control: str) -> Locator:
    """Get an item of the Plan by its control."""
    return page.locator(f"ol.items > li#{control}")


def defer_item(page: Page, control: str, *, until: str, reason: str) -> None:
    """Defer an item of the Plan."""
    actions = get_plan_item(page, control).locator("details.acts")
    actions.locator("summary").click()
    form = actions.locator("form[action$='/defer']", has=page.get_by_label("Until"))
    form.get_by_label("Until").fill(until)
    form.get_by_label("Reason").fill(reason)
    form.get_by_role("button").click()
    page.get_by_text("Snoozed.").wait_for()


def open_finding_from_today(page: Page, title: re.Pattern[str]) -> None:
    """Open a finding from the Today page, from its first five or from the later ones."""
    page.goto("/")
    first = page.locator("ol.items > li", has=page.get_by_role("heading", name=title))
    if first.count():
        first.get_by_role("link", name="Start").click()
    else:
        page.locator("details.later summary").click()
        page.locator("details.later").get_by_role("link", name=title).click()
    page.wait_for_url("**/findings/f-*")


def open_finding_from_search(page: Page, words: str, title: re.Pattern[str]) -> None:
    """Open a finding with the search of the header."""
    page.goto("/")
    page.get_by_role("searchbox").first.fill(words)
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name=title).click()
    page.wait_for_url("**/findings/f-*")


def release_fix_file(page: Page) -> ReleasedFixFile:
    """Create a fix file of the leavers' finding, leave one staff row out, review the rest and download it."""
    open_finding_from_search(page, "former staff", LEAVERS)
    finding = page.url
    page.get_by_role("link", name="Fix in bulk").click()
    page.get_by_role("button", name="Review rows").click()
    page.wait_for_url("**/fixes/x-*")
    rows = page.locator("table.evidence tbody tr").filter(has_not_text="a student’s").filter(has_not_text="left out")
    row = rows.first
    left_out = row.locator("span.code").inner_text()
    row.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Save the ticked rows").click()
    page.get_by_text("1 row left out").wait_for()
    page.get_by_label("I reviewed the rows").check()
    page.get_by_role("button", name="Approve", exact=True).click()
    with page.expect_event("load"), page.expect_download() as download:  # it loads the page again
        page.get_by_role("button", name="Download", exact=True).click()
    with zipfile.ZipFile(Path(download.value.path())) as archive:
        assert archive.testzip() is None
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    return ReleasedFixFile(address=page.url, finding=finding, left_out=left_out, texts=texts)


def parse_first_number(text: str) -> int:
    """Parse the first number in a text."""
    match = re.search(r"\d[\d,]*", text)
    assert match is not None, text
    return int(match[0].replace(",", ""))
