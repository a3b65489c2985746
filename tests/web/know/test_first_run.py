"""The director's first hour, with a real browser and worker: from an empty folder to an assessed district."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from homeroom.apps.manage.setup.queries import LATER_STEPS
from tests.sample_server import generate_exports
from tests.web.browser import (
    CHROMIUM,
    NO_CHROMIUM,
    SampleDistrict,
    create_users,
    find_faults_on_screens,
    open_site,
)

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000
MAX_WORDS, MAX_ACTIONS = 900, 25
COUNT_WORDS = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const words = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const option = parent.closest("option");
    if (option ? !option.selected : parent.closest(".unseen") || !parent.checkVisibility()) continue;
    words.push(...walker.currentNode.textContent.split(/\s+/).filter(word => /[\p{L}\p{N}]/u.test(word)));
  }
  return words.length;
}"""


@dataclass
class CountedVisit:
    """A visit that counts each click and each field, and the most words that each screen showed."""

    page: Page
    actions: list[str] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)

    def read(self) -> None:
        """Count the words of the screen, if it is one of the setup."""
        address = self.page.url.partition("#")[0]
        if "/setup" not in address:
            return
        self.words[address] = max(self.words.get(address, 0), self.page.evaluate(COUNT_WORDS))

    def click(self, target: Locator) -> None:
        """Click, and read the screen that follows."""
        self.actions.append(f"click {target}")
        target.click()
        self.page.wait_for_load_state()
        self.read()

    def follow(self, name: str) -> None:
        """Click a link."""
        self.click(self.page.locator("main").get_by_role("link", name=name, exact=True))

    def press(self, name: str) -> None:
        """Click a button."""
        self.click(self.page.locator("main").get_by_role("button", name=name, exact=True))

    def fill(self, label: str, text: str) -> None:
        """Fill a field."""
        self.actions.append(f"fill {label}")
        self.page.get_by_label(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.actions.append(f"choose {label}")
        self.page.get_by_label(label).select_option(option)

    def upload(self, files: Sequence[Path], *, accepted: int) -> None:
        """Choose files, upload them, and read the answer on the same screen."""
        screen = self.page.url.partition("#")[0]
        self.actions.append("choose files")
        self.page.get_by_label("Files").set_input_files([str(file) for file in files])
        self.press("Upload")
        answer = self.page.locator("#answer")
        expect(answer.get_by_text("Accepted")).to_have_count(accepted, timeout=2 * MINUTE)
        assert self.page.url.partition("#")[0] == screen
        self.read()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample's exports."""
    return generate_exports(tmp_path_factory.mktemp("exports") / "sample")


@pytest.fixture(scope="module")
def page(browser: Browser, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Yield the director's page in a district that several tests share."""
    with open_empty_district(browser, files, tmp_path_factory.mktemp("shared")) as page:
        yield page


def open_empty_district(browser: Browser, files: Path, folder: Path) -> AbstractContextManager[Page]:
    """Serve a district without data, with a worker, and sign the director in."""
    data = folder / "data"
    house = SampleDistrict(data=data, files=files, passphrases=create_users(data))
    return open_site(browser, house, "director", worker=True)


def tick_all(visit: CountedVisit) -> None:
    """Tick every step of a system's exports."""
    for box in visit.page.locator("#main input[name=done]").all():
        with visit.page.expect_response("**/ticks"):
            visit.click(box)


def test_the_first_hour_with_two_systems_is_short_and_ends_with_an_assessed_district(
    browser: Browser, files: Path, tmp_path: Path
) -> None:
    with open_empty_district(browser, files, tmp_path) as page:
        visit = CountedVisit(page)
        reach_first_assessment(visit, files, tmp_path)
        assert len(visit.actions) <= MAX_ACTIONS, visit.actions
        assert len(visit.words) == 7
        read_later_questions(visit)
        assert sum(visit.words.values()) <= MAX_WORDS, visit.words
        page.goto("/setup/exports/google")
        assert all(box.is_checked() for box in page.locator("input[name=done]").all())


def reach_first_assessment(visit: CountedVisit, files: Path, tmp_path: Path) -> None:
    """Go from an empty Today to the first assessed one with Google and a roster."""
    page = visit.page
    page.goto("/")
    visit.follow("Get started")
    visit.follow("Get started")
    expect(page.get_by_text("Step 1 of 5")).to_be_visible()
    visit.fill("District name", "Cedar Falls Schools")
    visit.choose("Time zone", "America/Denver")
    visit.press("Save and continue")
    visit.click(page.get_by_role("checkbox", name="Google Workspace"))
    visit.click(page.get_by_role("checkbox", name="Another SIS (OneRoster)"))
    expect(page.get_by_text("Snipe-IT")).to_be_hidden()
    visit.press("Save and continue")
    expect(page.get_by_role("heading", level=1, name="Google Workspace")).to_be_visible()
    tick_all(visit)
    visit.upload([files / "google" / "users.csv", files / "google" / "chromeosdevices.csv"], accepted=2)
    expect(page.locator("#answer")).to_contain_text("Recognized as Google: Chromebooks")
    visit.follow("Continue")
    tick_all(visit)
    roster = shutil.make_archive(str(tmp_path / "roster"), "zip", files / "oneroster")
    visit.upload([Path(roster)], accepted=1)
    visit.follow("Continue")
    expect(page.get_by_label("Source of truth for students")).to_have_value("oneroster")
    visit.press("Save and continue")
    expect(page.get_by_text("Step 5 of 5")).to_be_visible()
    page.get_by_role("link", name="Go to Today").wait_for(timeout=3 * MINUTE)
    visit.read()
    visit.follow("Go to Today")
    expect(page.locator("ol.items > li")).to_have_count(5)
    expect(page.locator("footer")).to_contain_text("Cedar Falls Schools")


def read_later_questions(visit: CountedVisit) -> None:
    """Read the screens that can wait as well: the budget is for all of them."""
    for step in LATER_STEPS:
        visit.page.goto(f"/setup/{step}")
        visit.read()


def test_a_file_that_does_not_fit_is_refused_where_it_was_dropped(files: Path, page: Page, tmp_path: Path) -> None:
    own_list = tmp_path / "lunches.csv"
    own_list.write_text("Meal,Price\nPizza,3\n", encoding="utf-8")
    page.goto("/setup/exports/google")
    page.get_by_label("Files").set_input_files([str(own_list), str(files / "hr" / "staff.csv")])
    page.get_by_role("button", name="Upload", exact=True).click()
    answer = page.locator("#answer")
    expect(answer.get_by_text("Refused", exact=True)).to_be_visible(timeout=2 * MINUTE)
    expect(answer).to_contain_text("lunches.csv")
    expect(answer).to_contain_text("Expected:")
    expect(answer.get_by_role("link", name="Match its columns")).to_be_visible()
    expect(answer).to_contain_text("(not from Google Workspace)")
    assert page.url.partition("#")[0].endswith("/setup/exports/google")


def test_going_back_keeps_what_was_typed_and_the_keyboard_alone_gets_through(page: Page) -> None:
    page.goto("/setup/systems")
    press_until(page, "input[value=powerschool]")
    page.keyboard.press("Space")
    press_until(page, "button[name=back]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/setup/district")
    press_until(page, "main form .ledge a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/setup/systems")
    assert page.locator("input[value=powerschool]").is_checked()
    press_until(page, "main form button.button:not([name])")
    page.keyboard.press("Enter")
    page.wait_for_url("**/setup/exports/*")
    page.goto("/setup/exports/powerschool")
    press_until(page, "input[name=done]")
    with page.expect_response("**/ticks"):
        page.keyboard.press("Space")
    for place in ("#file", "#files form button", ".more > summary", "main > p.ledge a"):
        press_until(page, place)
    page.keyboard.press("Enter")
    page.wait_for_url("**/setup/people")
    page.goto("/setup/exports/powerschool")
    assert page.locator("input[name=done]").first.is_checked()


def press_until(page: Page, selector: str) -> None:
    """Press the tab key until the first such element has the focus."""
    for _ in range(120):
        if page.locator(selector).first.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not reach {selector}")


def test_every_step_is_accessible_wide_and_on_a_phone(page: Page) -> None:
    page.goto("/setup/systems")
    page.get_by_role("checkbox", name="Google Workspace").check()
    page.get_by_role("button", name="Save and continue").click()
    steps = [
        "", "/district", "/systems", "/systems?from=settings", "/exports", "/exports/google",
        "/exports/activedirectory", "/exports/google/sheet", "/people", "/load", *(f"/{step}" for step in LATER_STEPS),
    ]  # fmt: skip
    faults = [fault for step in steps for fault in find_faults_on_screens(page, f"/setup{step}")]
    assert faults == []


def test_the_page_for_a_colleague_is_one_sheet_without_navigation(page: Page) -> None:
    page.goto("/setup/exports/google")
    page.get_by_role("link", name="Hand this to a colleague").click()
    expect(page.get_by_role("heading", level=1, name="Exports from Google Workspace")).to_be_visible()
    expect(page.get_by_text("/setup/exports/google")).to_be_visible()
    assert page.get_by_role("navigation").count() == 0
    for system in ("google", "microsoft", "powerschool", "infinitecampus", "oneroster", "hr", "snipeit"):
        page.goto(f"/setup/exports/{system}/sheet")
        assert page.pdf(format="Letter").count(b"/Type /Page\n") == 1, system
