"""The walk through the demo that README.md describes, press by press, with a camera that may take pictures.

The labels that are pressed are those that README.md has in bold, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.web.journeys.steps import LEAVERS

Camera = Callable[[Page, str], None]


def take_no_picture(page: Page, name: str) -> None:
    """Take no picture."""


@dataclass
class DemoWalk:
    """A director's page on the demo, the labels that were pressed, and the camera."""

    page: Page
    camera: Camera = take_no_picture
    pressed: list[str] = field(default_factory=list)

    def press(self, label: str, target: Locator) -> None:
        """Press what has a label."""
        expect(target).to_be_visible()
        self.pressed.append(label)
        target.click()

    def press_button(self, label: str) -> None:
        """Press a button."""
        self.press(label, self.page.get_by_role("button", name=label, exact=True))

    def press_link(self, label: str) -> None:
        """Press a link."""
        self.press(label, self.page.get_by_role("link", name=label, exact=True))

    def download(self, label: str, path: Path) -> None:
        """Press a button that downloads a file."""
        with self.page.expect_download() as waiting:
            self.press_button(label)
        waiting.value.save_as(path)


def fix_former_staff(walk: DemoWalk, folder: Path) -> Path:
    """Go from Today to a fix file, and to the exports that the demo's consoles make after it; return their zip."""
    page = walk.page
    page.goto("/")
    walk.camera(page, "today")
    walk.press("Other findings", page.locator("details.later summary", has_text="Other findings"))
    page.locator("details.later").get_by_role("link", name=LEAVERS).click()
    walk.camera(page, "finding")
    walk.press_button("Suspend the users in Google")
    walk.camera(page, "fix-review")
    walk.press(
        "I reviewed the rows, and they are correct", page.get_by_label("I reviewed the rows, and they are correct")
    )
    walk.download("Approve and download", folder / "fix.zip")
    expect(page.get_by_role("button", name="Download again")).to_be_visible()
    walk.press_link("Try a fix in the demo")
    walk.camera(page, "demo-exports")
    walk.download("Download the exports", folder / "exports.zip")
    return folder / "exports.zip"


def upload_exports(walk: DemoWalk, exports: Path) -> None:
    """Upload the exports."""
    walk.press("Sources", walk.page.get_by_role("navigation", name="Main").get_by_role("link", name="Sources"))
    walk.press_link("Upload exports")
    walk.page.get_by_label("Files", exact=True).set_input_files(exports)
    walk.press_button("Upload")


def open_proof(walk: DemoWalk) -> str:
    """Open the fix file with the number of rows that worked, and Today; return the summary of the fix file."""
    page = walk.page
    page.locator("details.menu summary").click()
    walk.press_link("Fix files")
    page.get_by_role("link", name="Suspend the users in Google").click()
    summary = page.locator(".head strong").inner_text()
    walk.camera(page, "fix-confirmed")
    walk.press("Today", page.get_by_role("navigation", name="Main").get_by_role("link", name="Today"))
    walk.camera(page, "today-after")
    return summary
