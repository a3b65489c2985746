"""A course as a SCORM 1.2 package, played in a page that offers the API of the standard and keeps what it is sent."""

from __future__ import annotations

import io
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Frame, Page
from typer.testing import CliRunner

from homeroom.apps.teach.courses.scorm import build_scorm_package
from homeroom.cli.main import build_app
from homeroom.domain.teach.courses.course import Course
from homeroom.library.teach.courses.course_files import load_courses
from tests.web.browser import CHROMIUM, NO_CHROMIUM, start_browser

COURSES = {course.id: course for course in load_courses()}
COURSE = COURSES["lost-device"]
HERE = Path(__file__).parent
GRAMMAR = etree.RelaxNG(etree.parse(HERE / "manifest.rng"))


def open_package(course: Course) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(build_scorm_package(course)))


@pytest.mark.parametrize("course_id", sorted(COURSES))
def test_the_manifest_is_valid_and_names_each_file(course_id: str) -> None:
    package = open_package(COURSES[course_id])
    manifest = etree.fromstring(package.read("imsmanifest.xml"))
    GRAMMAR.assertValid(manifest)
    names = {"cp": "http://www.imsproject.org/xsd/imscp_rootv1p1p2"}
    files = {str(item.get("href")) for item in manifest.iterfind(".//cp:file", names)}
    assert files | {"imsmanifest.xml"} == set(package.namelist())
    assert package.namelist()[0] == "imsmanifest.xml"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'default="homeroom-lost-device-organization"', b""),
        (b"<schemaversion>1.2</schemaversion>", b""),
        (b"adlcp:scormtype", b"adlcp:scormType"),
        (b'href="index.html" adlcp', b"adlcp"),
        (b"<title>Lost or stolen device</title>", b""),
        (b"masteryscore", b"masteryScore"),
    ],
)
def test_the_grammar_refuses_a_manifest_that_lacks_what_the_standard_requires(before: bytes, after: bytes) -> None:
    text = open_package(COURSE).read("imsmanifest.xml")
    assert before in text
    assert not GRAMMAR.validate(etree.fromstring(text.replace(before, after, 1 if b"title" in before else -1)))


def test_the_same_course_gives_the_same_bytes() -> None:
    assert build_scorm_package(COURSE) == build_scorm_package(COURSE)


def test_the_package_loads_nothing_from_elsewhere_and_runs_no_inline_script() -> None:
    page = etree.fromstring(open_package(COURSE).read("index.html"), etree.HTMLParser())
    loaded = [str(item) for item in page.xpath("//@src | //link/@href")]
    assert loaded
    assert all("/" not in address for address in loaded)
    assert [item.text for item in page.iter("script")] == [None, None]
    assert {item.get("data-part") for item in page.xpath("//section[@data-part]")} == {"en", "es"}


def test_the_command_writes_the_zip_and_refuses_what_is_no_course(tmp_path: Path) -> None:
    target = tmp_path / "course.zip"
    done = CliRunner().invoke(build_app(), ["awareness", "scorm", "lost-device", "--out", str(target), "--json"])
    assert done.exit_code == 0, done.output
    assert target.read_bytes() == build_scorm_package(COURSE)
    refused = CliRunner().invoke(build_app(), ["awareness", "scorm", "lost-devise", "--out", str(target)])
    assert refused.exit_code == 2
    assert "use lost-device" in " ".join(refused.output.split())


# --- in a learning system ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lms_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("lms")
    for name in ("lms.html", "lms.js"):
        shutil.copy(HERE / name, folder / name)
    open_package(COURSE).extractall(folder / "course")
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/lms.html"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Write nothing."""


@pytest.fixture
def page() -> Iterator[Page]:
    if not CHROMIUM:
        pytest.skip(NO_CHROMIUM)
    with start_browser() as browser:
        yield browser.new_page()


HAS_OPEN_SESSION = """() => {
  const calls = JSON.parse(localStorage.getItem("lms") || '{"calls": []}').calls;
  const count = (name) => calls.filter((call) => call === name).length;
  return count("LMSInitialize") === count("LMSFinish") + 1;
}"""


def launch(page: Page, address: str) -> Frame:
    """Open the course in the learning system, and wait until both have begun."""
    page.goto(address)
    page.frame_locator("#sco").locator("h1:visible").wait_for()
    page.wait_for_function(HAS_OPEN_SESSION)
    return page.frames[1]


def read_lms(page: Page) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(page.evaluate("localStorage.getItem('lms')"))
    return record


def answer(frame: Frame, lesson: str, *, right: bool) -> None:
    """Choose an option of each question of a lesson, and check."""
    form = frame.locator(f'form[data-lesson="{lesson}"]:visible')
    for question in form.locator("fieldset").all():
        options = question.locator("input[data-right]" if right else "input:not([data-right])")
        options.first.check()
    form.locator("button[type=submit]").click()
    frame.locator(f'form[data-lesson="{lesson}"][data-answered]:visible').wait_for()


def test_a_learning_system_gets_place_answers_score_and_status_and_resumes(page: Page, lms_address: str) -> None:
    frame = launch(page, lms_address)
    assert read_lms(page)["values"]["cmi.core.lesson_status"] == "incomplete"
    frame.locator('[data-language="es"]').click()
    answer(frame, "first-hour", right=True)
    assert read_lms(page)["values"]["cmi.core.lesson_location"] == "before-it-happens"
    page.goto("about:blank")
    frame = launch(page, lms_address)
    frame.locator("h1:visible", has_text=COURSE.title.es).wait_for()
    form = frame.locator('form[data-lesson="first-hour"]:visible')
    assert form.get_attribute("data-answered") == "yes"
    assert form.locator("[data-reason]:visible").count() == 3
    answer(frame, "before-it-happens", right=True)
    record = read_lms(page)
    assert (record["values"]["cmi.core.lesson_status"], record["values"]["cmi.core.score.raw"]) == ("passed", "100")
    page.goto("about:blank")
    launch(page, lms_address)
    record = read_lms(page)
    assert record["faults"] == []
    assert (record["sessions"], record["calls"].count("LMSFinish")) == (3, 2)
    assert record["values"]["cmi.core.session_time"].startswith("0000:")
    assert record["values"]["cmi.core.entry"] == "resume"


def test_too_few_right_answers_fail_and_a_better_attempt_passes_and_stays(page: Page, lms_address: str) -> None:
    frame = launch(page, lms_address)
    for right, status, score in ((False, "failed", "0"), (True, "passed", "100"), (False, "passed", "100")):
        for lesson in ("first-hour", "before-it-happens"):
            answer(frame, lesson, right=right)
        values = read_lms(page)["values"]
        assert (values["cmi.core.lesson_status"], values["cmi.core.score.raw"]) == (status, score)
        frame.locator("[data-again]:visible").click()
    assert read_lms(page)["faults"] == []


def test_without_a_learning_system_the_course_says_that_nothing_is_recorded(page: Page, lms_address: str) -> None:
    page.goto(lms_address.replace("lms.html", "course/index.html"))
    assert page.locator("[data-alone]:visible").count() == 1
    answer(page.main_frame, "first-hour", right=False)
    assert page.locator("[data-reason]:visible").count() == 6


def test_the_package_works_from_a_folder_without_a_network(page: Page, tmp_path: Path) -> None:
    open_package(COURSE).extractall(tmp_path)
    page.context.set_offline(True)
    page.goto((tmp_path / "index.html").as_uri())
    answer(page.main_frame, "first-hour", right=True)
    assert page.locator("[data-reason]:visible").count() == 3
