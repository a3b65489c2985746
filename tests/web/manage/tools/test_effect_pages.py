"""The pages of effects: a file or a control becomes a stored study, in words that a board can read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.manage.effects.models import StoredStudy
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.posture.models import ControlWeek
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.manage.tools.effect_charts import build_course_chart
from homeroom.web.manage.tools.effects import format_value
from homeroom.web.shared.interval_chart import build_interval_chart
from tests.apps.manage.effects.test_list_studies import AT, STARTS, TODAY, write_lists
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
MONDAY = date(2025, 8, 18)
SCHOOLS = 12


def build_panel(*, effect: float, schools: int = SCHOOLS, name: str = "Help tickets") -> str:
    """Return weeks of schools, half of them starting one after the other; values swing without a drift."""
    rows = ["study,school,week,started,value"]
    for school in range(schools):
        start = MONDAY + timedelta(weeks=6 + school) if school < schools // 2 else None
        for week in range(18):
            day = MONDAY + timedelta(weeks=week)
            value = 40 + school + 2 * math.sin(1.7 * week + 2.3 * school) + (effect if start and day >= start else 0)
            rows.append(f"{name},School {school:02},{day},{start or ''},{value:.3f}")
    return "\n".join(rows) + "\n"


def upload(client: Client, text: str, **fields: str) -> str:
    file = SimpleUploadedFile("panel.csv", text.encode())
    answer = client.post("/tools/effects", {"file": file, **fields}, follow=True)
    return read_words(answer.content.decode())


def read_words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_file_becomes_a_study_with_its_verdict_its_interval_and_its_tables(as_: ClientFactory, cast: Cast) -> None:
    client = as_("technician")
    page = upload(client, build_panel(effect=-12))
    assert "Lower after the start" in page
    assert re.search(r"After the start, values were lower by 1[12]\.?\d* on average \(95% interval: -1\d", page)
    assert "School 00 Sep 29, 2025" in page
    assert "Never" in page
    study = StoredStudy.objects.of(cast.district).get()
    html = client.get(f"/tools/effects/{study.pk}").content.decode()
    assert html.count("<figcaption") == 2
    assert html.count('class="started" points="') == 1
    assert len(study.course) == 18
    assert "Lower after the start" in read_words(client.get("/tools/effects").content.decode())


def test_no_effect_is_not_claimed_and_the_smallest_visible_one_is_named(as_: ClientFactory, cast: Cast) -> None:
    page = upload(as_("technician"), build_panel(effect=0))
    assert "No change was seen. That does not prove that there was none" in page
    assert "would have been seen four times in five" in page


def test_what_cannot_be_told_has_its_reason_in_place_of_a_number(as_: ClientFactory, cast: Cast) -> None:
    page = upload(as_("technician"), build_panel(effect=-12, schools=3))
    assert "Cannot tell whether it changed anything: fewer than 40 orders" in page


def test_a_file_with_a_mistake_is_refused_with_line_and_field_and_nothing_is_stored(
    as_: ClientFactory, cast: Cast
) -> None:
    client = as_("technician")
    text = build_panel(effect=0).replace("School 01,2025-08-25", "School 01,someday", 1)
    page = upload(client, text)
    assert "Nothing was stored" in page
    assert re.search(r"panel\.csv, line \d+, week: is not a day", page)
    assert "Choose a CSV file" in read_words(client.post("/tools/effects").content.decode())
    panels = "".join(build_panel(effect=0, schools=3, name=f"S{n}").partition("\n")[2] for n in range(21))
    assert "has 21 studies" in upload(client, "study,school,week,started,value\n" + panels)
    assert not StoredStudy.objects.of(cast.district).exists()


def test_the_demo_takes_no_files(as_: ClientFactory, cast: Cast, settings: Any) -> None:
    settings.DEMO = True
    assert "The demo takes no files of your own." in upload(as_("technician"), build_panel(effect=0))
    assert not StoredStudy.objects.of(cast.district).exists()


def test_a_control_is_compared_by_the_starts_of_a_file(as_: ClientFactory, cast: Cast) -> None:
    client = as_("technician")
    starts = "school,started\n"
    for number in range(6):
        starts += f"School {number},{MONDAY + timedelta(weeks=6 + number)}\n"
    for week in range(18):
        failing = {
            f"School {n}": 30 + int(4 * math.sin(1.7 * week + 2.3 * n)) - (15 if n < 6 and week >= 6 + n else 0)
            for n in range(SCHOOLS)
        }
        ControlWeek.objects.create(
            district=cast.district,
            week=MONDAY + timedelta(weeks=week),
            control="staff-second-factor",
            schools={school: (100 - count, count) for school, count in failing.items()},
        )
    page = upload(client, starts, act="control", control="staff-second-factor")
    assert "Lower after the start" in page
    assert re.search(r"lower by 1\d\.?\d* points on average", page)
    assert "Use: a school such as School 1" in upload(
        client, "school,started\nSchool 111,2025-10-01\n", act="control", control="staff-second-factor"
    )
    assert "No week of the control" in upload(client, starts, act="control", control="leaver-account")


def test_the_use_of_a_tool_and_tickets_are_compared_by_the_starts_of_a_file(
    as_: ClientFactory, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.DATA = tmp_path
    client = as_("technician")
    starts = "school,started\n" + "".join(f"{school},{day}\n" for school, day in STARTS.items())
    assert "Nothing was loaded yet" in upload(client, starts, act="tickets")
    (folder := tmp_path / "lists").mkdir()
    write_lists(folder)
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    load_files([folder], district=cast.district, store=store, at=AT)
    resolve(district=cast.district, store=store, today=TODAY, at=AT)
    page = client.get("/tools/effects").content.decode()
    assert re.findall(r'<option value="([^"]*)">([^<]*)', page) == [("kami", "Kami"), ("lark-math", "Lark Math")]
    use = upload(client, starts, act="use", tool="kami")
    assert "Use of Kami: people per student" in use
    assert "Higher after the start" in use
    tickets = upload(client, starts, act="tickets")
    assert "Tickets per student" in tickets
    assert "Lower after the start" in tickets
    assert "Kami would fit." in upload(client, starts, act="use", tool="Kamis")
    assert "Use: a school such as School" in upload(client, "school,started\nSchool,\n", act="tickets")
    assert StoredStudy.objects.of(cast.district).count() == 2
    assert "From the use of a tool" not in read_words(as_("auditor").get("/tools/effects").content.decode())


def test_each_study_is_in_the_trail_and_can_be_removed(as_: ClientFactory, cast: Cast) -> None:
    client = as_("director")
    upload(client, build_panel(effect=0))
    number = StoredStudy.objects.of(cast.district).get().pk
    assert client.post(f"/tools/effects/{number}/remove").status_code == 302
    assert client.get(f"/tools/effects/{number}").status_code == 404
    assert client.post(f"/tools/effects/{number}/remove").status_code == 404
    entries = Entry.objects.of(cast.district).filter(subject_kind="study").order_by("at", "pk")
    assert [entry.action for entry in entries] == ["store study", "remove study"]


def test_who_only_reads_adds_nothing_and_the_next_district_sees_nothing(as_: ClientFactory, cast: Cast) -> None:
    upload(as_("technician"), build_panel(effect=0))
    number = StoredStudy.objects.of(cast.district).get().pk
    assert "Add a study" not in read_words(as_("auditor").get("/tools/effects").content.decode())
    assert as_("stranger").get(f"/tools/effects/{number}").status_code == 404
    assert "Help tickets" not in read_words(as_("stranger").get("/tools/effects").content.decode())


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "", ""), (1234567.0, "", "1,230,000"), (0.1234, "%", "12.3%"), (-3.14159, "", "-3.14"), (0.0, "", "0")],
)
def test_values_have_three_digits(value: float | None, unit: str, text: str) -> None:
    assert format_value(value, unit=unit) == text


def test_charts_have_zero_within_and_break_where_a_week_has_no_school() -> None:
    chart = build_interval_chart(2.0, 3.0, 4.0)
    assert chart.zero < chart.low < chart.estimate < chart.high <= chart.width
    assert build_course_chart(()) is None
