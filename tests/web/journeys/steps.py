"""What people of the cast do in the browser, step by step: a week planned, an item deferred, a fix file handed out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

LEAVERS = "People who left have no working account"


@dataclass(frozen=True)
class Handed:
    """A fix file that left: its address, its finding's, whom its technician left out, and the texts in its zip."""

    address: str
    finding: str
    left_out: str
    texts: dict[str, str]

    def addresses(self, name: str) -> set[str]:
        """The accounts that one of its files names."""
        return {row["primaryEmail"] for row in csv.DictReader(io.StringIO(self.texts[name]))}


def planned(page: Page, *, hours: str) -> None:
    """Says everybody's hours on the Plan and plans the week with them."""
    page.goto("/plan")
    if page.locator("details.hours").get_attribute("open") is None:
        page.locator("details.hours summary").click()
    for box in page.locator("input[name^=hours-]").all():
        box.fill(hours)
    page.get_by_role("button", name="Plan the week").click()
    page.get_by_text("in this week’s plan").first.wait_for()


def item(page: Page, control: str) -> Locator:
    """An item of the Plan by its control."""
    return page.locator(f"ol.items > li#{control}")


def deferred(page: Page, control: str, *, until: str, reason: str) -> None:
    """Defers an item of the Plan."""
    acts = item(page, control).locator("details.acts")
    acts.locator("summary").click()
    acts.get_by_label("Until").fill(until)
    acts.get_by_label("Why").fill(reason)
    acts.get_by_role("button", name="Defer").click()
    page.get_by_text("its risk stays").wait_for()


def finding_from_today(page: Page, title: str) -> None:
    """Opens a finding from Today, from its first five or from those that wait."""
    page.goto("/")
    first = page.locator("ol.items > li", has=page.get_by_role("heading", name=title))
    if first.count():
        first.get_by_role("link", name="Start").click()
    else:
        page.locator("details.later summary").click()
        page.locator("details.later").get_by_role("link", name=title, exact=True).click()
    page.wait_for_url("**/findings/f-*")


def handed_out(page: Page) -> Handed:
    """Makes a fix file of the leavers' finding, leaves a member of staff out, reviews the rest and downloads it."""
    finding_from_today(page, LEAVERS)
    finding = page.url
    page.get_by_role("link", name="Fix in bulk").click()
    page.get_by_role("button", name="Show me the rows").click()
    page.wait_for_url("**/fixes/x-*")
    row = page.locator("table.evidence tbody tr").filter(has_not_text="a pupil’s").first
    left_out = row.locator("span.code").inner_text()
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Leave the ticked rows out").click()
    page.get_by_text("1 row left out").wait_for()
    page.get_by_label("I looked at the rows").check()
    page.get_by_role("button", name="Review").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(Path(download.value.path())) as inside:
        assert inside.testzip() is None
        texts = {name: inside.read(name).decode("utf-8-sig") for name in inside.namelist()}
    return Handed(address=page.url, finding=finding, left_out=left_out, texts=texts)


def told(text: str) -> int:
    """The first number in a text."""
    found = re.search(r"\d[\d,]*", text)
    assert found is not None, text
    return int(found[0].replace(",", ""))
