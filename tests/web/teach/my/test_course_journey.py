"""A course by keyboard alone with a lost connection, and a teacher's lesson for a class, in a real browser."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from homeroom.apps.platform.outbox.models import OutboxReceipt
from homeroom.apps.teach.courses.commands import assign_course
from homeroom.apps.teach.courses.models import ClassLesson, Completion
from homeroom.domain.teach.courses.course_forms import AssignmentForm
from homeroom.library.teach.courses.course_files import load_courses
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server

ClientFactory = Callable[[str], Client]
AT = datetime(2026, 1, 15, 14, tzinfo=UTC)
COURSE = next(course for course in load_courses() if course.id == "lost-device")
ADDRESS = "/my/courses/lost-device"
CLASS_ADDRESS = "/my/lessons/digital-citizenship-6-8"
VIEWS = {"wide": (1280, 900), "phone": (390, 844)}
pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]


@contextmanager
def open_browser(browser: Browser, client: Client, address: str, view: str = "wide") -> Iterator[BrowserContext]:
    width, height = VIEWS[view]
    with browser.new_context(viewport={"width": width, "height": height}, base_url=address) as context:
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
        yield context
    await_live_server()


def assign(cast: Cast) -> str:
    form = AssignmentForm(subject="lost-device", due_on="2026-02-01")
    return assign_course(district=cast.district, form=form, today=TODAY, actor="director", at=AT)


def save_shot(page: Page, name: str) -> None:
    if folder := os.environ.get("COURSE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def press_until(page: Page, script: str, *, key: str = "Tab", limit: int = 80) -> None:
    """Press a key until a script is true of what has the focus."""
    for _ in range(limit):
        if page.evaluate(f"(() => {{ const it = document.activeElement; return Boolean({script}); }})()"):
            return
        page.keyboard.press(key)
    raise AssertionError(script)


def answer_by_keyboard(page: Page, lesson: str) -> None:
    """Choose the right option of each question of a lesson, and check, by Tab, arrows and Enter."""
    for question in [item for item in COURSE.questions if item.lesson == lesson]:
        right = next(number for number, option in enumerate(question.options) if option.right)
        press_until(page, f"it.name === 'question-{question.id}'")
        page.keyboard.press("Space")
        for _ in range(right):
            page.keyboard.press("ArrowDown")
    press_until(page, f"it.type === 'submit' && it.closest('[data-lesson={lesson}]')")
    page.keyboard.press("Enter")


def await_kept(page: Page, address: str) -> None:
    """Wait until the browser keeps a page."""
    script = "async (address) => Boolean(await caches.match(address, { ignoreVary: true }))"
    deadline = time.monotonic() + 30
    while not page.evaluate(script, address):
        assert time.monotonic() < deadline, address
        page.wait_for_timeout(50)


def test_a_course_is_taken_by_keyboard_with_a_lost_connection_and_counts_once(
    live_server: Any, browser: Browser, teacher: Client, cast: Cast
) -> None:
    assign(cast)
    with open_browser(browser, teacher, live_server.url) as context:
        page = context.new_page()
        page.goto("/my")
        assert not find_faults(page)
        press_until(page, "it.pathname === '/my/courses/lost-device'")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Lost or stolen device", level=1).wait_for()
        await_kept(page, live_server.url + ADDRESS)
        answer_by_keyboard(page, "first-hour")
        page.get_by_text("Sent and saved: answers to 1 lesson.").wait_for()
        context.set_offline(True)
        page.reload()
        page.locator('form[data-lesson="first-hour"][data-answered]').wait_for()
        answer_by_keyboard(page, "before-it-happens")
        page.get_by_text("No connection: answers to 1 lesson wait in this browser").wait_for()
        page.get_by_text("You completed this course.").wait_for()
        assert page.evaluate("'result' in document.activeElement.dataset"), "the focus is on the result"
        save_shot(page, "course-offline")
        assert not find_faults(page)
        assert not Completion.objects.of(cast.district).exists()
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        page.get_by_text("Sent and saved: answers to 1 lesson.").wait_for()
        page.goto("/my")
        page.get_by_text("You finished everything that was assigned to you.").wait_for()
    assert Completion.objects.of(cast.district).get().score == 100
    assert OutboxReceipt.objects.of(cast.district).count() == 2


def test_a_teacher_opens_a_lesson_on_the_board_and_ticks_the_class(
    live_server: Any, browser: Browser, teacher: Client, cast: Cast
) -> None:
    with open_browser(browser, teacher, live_server.url) as context:
        page = context.new_page()
        page.goto("/my/courses")
        page.get_by_role("link", name="Digital citizenship, grades 6-8").click()
        page.get_by_role("listitem").get_by_role("link").first.click()
        page.locator(".board").wait_for()
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.board p')).fontSize)") >= 24
        save_shot(page, "board-wide")
        assert not find_faults(page)
        page.get_by_role("link", name="Done: tick the class").click()
        page.get_by_label("Class or period").fill("Period 3")
        page.get_by_role("button", name="Tick the class").click()
        page.get_by_text("Noted. The class had the lesson.").wait_for()
        save_shot(page, "class-wide")
        assert not find_faults(page)
    assert ClassLesson.objects.of(cast.district).get().class_name == "Period 3"


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_the_pages_have_no_fault_that_axe_finds(
    live_server: Any, browser: Browser, teacher: Client, as_: ClientFactory, cast: Cast, view: str
) -> None:
    public = assign(cast)
    own = ["/my", "/my/courses", ADDRESS, CLASS_ADDRESS]
    office = ["", f"/assignments/{public}", f"/assignments/{public}/sheet", "/policies/new", "/lessons"]
    visits = [(teacher, own), (as_("director"), [f"/awareness/courses{page}" for page in office])]
    for client, pages in visits:
        with open_browser(browser, client, live_server.url, view) as context:
            page = context.new_page()
            for address in pages:
                page.goto(address)
                save_shot(page, f"{view}{address.replace('/', '-')}".replace(public, "assignment"))
                assert not find_faults(page)
