"""README.md's walk through the demo works as written, and its pictures are there."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from homeroom.evidence.files.data_folder import MARKER_FILE
from homeroom.sample.next_exports import store_exports
from tests.web.browser import CHROMIUM, NO_CHROMIUM, get_sample_district, open_site
from tests.web.journeys.readme.pictures import PICTURES, list_picture_files
from tests.web.journeys.readme.walk import DemoWalk, fix_former_staff, open_proof, upload_exports

ROOT = Path(__file__).resolve().parents[4]
HEADING = "### The demo in five minutes"
MAX_BYTES = 150_000


def read_section() -> str:
    """Return the section of README.md that walks through the demo."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.split(r"^#{2,3} ", text.partition(HEADING)[2], flags=re.MULTILINE)[0]


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
def test_the_walk_of_the_readme_leads_from_a_finding_to_its_proof(browser: Browser, tmp_path: Path) -> None:
    house = get_sample_district()
    demo = house.copy_to(tmp_path / "demo")
    marker = demo.data / MARKER_FILE
    marker.write_text(marker.read_text(encoding="utf-8").replace("real", "demo"), encoding="utf-8")
    store_exports(house.files, demo.data / "demo-exports")
    with open_site(browser, demo, "director", worker=True) as page:
        walk = DemoWalk(page)
        upload_exports(walk, fix_former_staff(walk, tmp_path))
        await_fixed_rows(page)
        summary = open_proof(walk)
        with zipfile.ZipFile(tmp_path / "fix.zip") as archive:
            name = next(name for name in archive.namelist() if name.endswith("fix.csv"))
            rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
        assert summary.startswith(f"{len(rows)} confirmed")
        assert len(rows) > 2
        expect(page.get_by_role("heading", name="Since")).to_be_visible()
    assert walk.pressed == re.findall(r"\*\*(.+?)\*\*", read_section())


def await_fixed_rows(page: Page) -> None:
    """Wait until the scan after the upload is done."""
    address = page.url
    for _ in range(240):
        page.goto("/fixes")
        if page.get_by_text("confirmed").count():
            break
        page.wait_for_timeout(500)
    page.goto(address)


def test_each_picture_is_on_a_page_and_small() -> None:
    files = {path.name: path.stat().st_size for path in list_picture_files()}
    assert set(files) == {f"{name}.webp" for name in PICTURES}
    assert {name: size for name, size in files.items() if size > MAX_BYTES} == {}
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    named = set(re.findall(r"pictures/([\w-]+\.webp)", text))
    assert named == set(files)
    assert set(re.findall(r"\]\(docs/pictures/([\w-]+)\.webp\)", read_section())) <= set(PICTURES)
